"""`close_when` against boxes: what is ticked, what lacks, and what nobody may decide."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.checklist import read
from automation.completion import Verdict, judge
from automation.model.issue import TaskCounts
from automation.model.policy import AtLeast, CloseWhen, EachReportRule, SectionRule
from automation.model.roster import Report

ANN = Report(id="se-101", username="ann", name="Ann O’Hara", was=("se-7",))
BOB = Report(id="se-102", username="bob")
TWO = AtLeast(at_least=2)


def verdict(close_when: CloseWhen, markdown: str, *reports: Report) -> Verdict:
    checklist = read(markdown)
    return judge(close_when, checklist, checklist.counts(), reports)


def boxes(marks: str) -> str:
    return "".join(f"- [{mark}] secret\n" for mark in marks)


@pytest.mark.parametrize(
    ("rule", "marks", "complete", "summary"),
    [
        ("all", "xx", True, "2 of 2 items are ticked"),
        ("all", "x", True, "1 of 1 item is ticked"),
        ("all", "x ", False, "1 of 2 items is ticked"),
        ("all", "x~~", True, "1 of 1 item is ticked and 2 do not apply"),
        ("all", " ~", False, "0 of 1 item is ticked and 1 does not apply"),
        ("all", "~~", False, "there is no item that could be ticked"),
        ("all", "", False, "there is no item that could be ticked"),
        ("any", "x  ", True, "1 of 3 items is ticked"),
        ("any", "   ", False, "0 of 3 items are ticked, 1 is wanted"),
        ("any", "~ ", False, "0 of 1 item is ticked and 1 does not apply, 1 is wanted"),
        ("any", "~", False, "there is no item that could be ticked"),
        (TWO, "xx ", True, "2 of 3 items are ticked"),
        (TWO, "xxx", True, "3 of 3 items are ticked"),
        (TWO, "x~ ", False, "1 of 2 items is ticked and 1 does not apply, 2 are wanted"),
        (TWO, "x", False, "1 of 1 item is ticked, 2 are wanted"),
    ],
)
def test_a_rule_over_the_whole_issue(rule: CloseWhen, marks: str, complete: bool, summary: str):
    assert verdict(rule, boxes(marks)) == Verdict(complete, summary)


SECTIONS = "# Wins\n{}\n# This week I did\n{}\n# Notes\n{}"


@pytest.mark.parametrize(
    ("rules", "marks", "complete", "summary"),
    [
        (
            [("This week I did", "any")],
            (" ", " x ", ""),
            True,
            "“This week I did”: 1 of 3 items is ticked",
        ),
        (
            [("this  WEEK i did", "any")],
            (" ", "x", ""),
            True,
            "“this WEEK i did”: 1 of 1 item is ticked",
        ),
        (
            [("**This week** I did #", "any")],
            ("", "x", ""),
            True,
            "“**This week** I did #”: 1 of 1 item is ticked",
        ),
        (
            [("This week I did", "any")],
            ("x", "  ", ""),
            False,
            "“This week I did”: 0 of 2 items are ticked, 1 is wanted",
        ),
        (
            [("This week I did", "any")],
            ("x", "", ""),
            False,
            "“This week I did”: no item is to tick, 1 is wanted",
        ),
        (
            [("This week I did", TWO)],
            ("", "x x", ""),
            True,
            "“This week I did”: 2 of 3 items are ticked",
        ),
        (
            [("Wins", "all")],
            ("x~", " ", ""),
            True,
            "“Wins”: 1 of 1 item is ticked and 1 does not apply",
        ),
        (
            [("Wins", "all")],
            ("~", "x", ""),
            True,
            "“Wins”: no item is to tick and 1 does not apply",
        ),
        (
            [("Wins", "all")],
            ("~", " ", ""),
            False,
            "“Wins”: no item is to tick and 1 does not apply, but nothing in the issue is ticked",
        ),
        (
            [("Wins", "all"), ("Notes", "any")],
            ("x", "", "x"),
            True,
            "“Wins”: 1 of 1 item is ticked; “Notes”: 1 of 1 item is ticked",
        ),
        (
            [("Wins", "all"), ("Notes", "any")],
            ("x", "", " "),
            False,
            "“Notes”: 0 of 1 item is ticked, 1 is wanted",
        ),
        (
            [("Wins", "all"), ("Notes", "any")],
            (" ", "", " "),
            False,
            "“Wins”: 0 of 1 item is ticked; “Notes”: 0 of 1 item is ticked, 1 is wanted",
        ),
        ([("Wins", "any")], ("~", "", ""), False, "there is no item that could be ticked"),
    ],
)
def test_rules_by_section(rules, marks, complete: bool, summary: str):
    close_when = tuple(SectionRule(section=name, done=rule) for name, rule in rules)
    text = SECTIONS.format(*map(boxes, marks))
    assert verdict(close_when, text) == Verdict(complete, summary)


@pytest.mark.parametrize(
    ("markdown", "why"),
    [
        ("# Losses\n- [x] secret", "“Wins” is missing"),
        ("> # Wins\n> - [x] secret", "“Wins” is missing"),
        ("# Wins\n\n# Losses\n- [x] secret", "“Wins” has no boxes any more"),
        ("", "“Wins” is missing"),
    ],
)
def test_a_section_without_its_boxes_is_not_decided(markdown: str, why: str):
    assert verdict((SectionRule(section="Wins"),), markdown) == Verdict(False, why, why)


def test_all_that_cannot_be_decided_is_told():
    rules = (SectionRule(section="A"), SectionRule(section="B"))
    assert verdict(rules, "# C\n- [x] secret").unreadable == "“A” is missing; “B” is missing"


def test_sections_with_one_heading_are_taken_together():
    rules = (SectionRule(section="Wins"),)
    assert (
        verdict(rules, "# Wins\n- [x] a\n# wins\n- [ ] b").summary
        == "“Wins”: 1 of 2 items is ticked"
    )
    assert verdict(rules, "# Wins\n- [x] a\n# X\n- [ ] b\n# Wins").complete


def test_a_box_below_two_such_headings_counts_once():
    rules = (SectionRule(section="Wins", done=TWO),)
    assert not verdict(rules, "# Wins\n## Wins\n- [x] a\n").complete
    assert verdict(rules, "# Wins\n## Wins\n|a|b|\n|-|-|\n|[x]|[x]|\n").complete


@pytest.mark.parametrize("rule", ["all", "any", TWO, (SectionRule(section="A"),)])
def test_counts_that_differ_from_gitlabs_decide_nothing(rule: CloseWhen):
    why = "GitLab counts 1 of 1 item as ticked, Drumbeat reads 2 of 3"
    found = judge(rule, read("# A\n- [x] a\n- [x] b\n- [ ] c"), TaskCounts(1, 1), ())
    assert found == Verdict(False, why, why)


def test_a_refused_description_decides_nothing():
    text = "> " * 200 + "- [x] a"
    why = "the description is not read: it has more than 100 quotes inside each other"
    assert judge("all", read(text), TaskCounts(1, 1), ()) == Verdict(False, why, why)


def each(rule) -> CloseWhen:
    return (EachReportRule(each="report", done=rule),)


@pytest.mark.parametrize(
    ("rule", "ann", "bob", "complete", "summary"),
    [
        (TWO, "xx ", "xxx", True, "every report has at least 2 ticked"),
        (TWO, "xx ", "x  ", False, "bob’s section: 1 of 3 items is ticked, 2 are wanted"),
        (
            TWO,
            "x",
            "",
            False,
            "Ann O’Hara’s section: 1 of 1 item is ticked, 2 are wanted; bob’s section: no item is to tick, 2 are wanted",
        ),
        ("any", "x ", " x", True, "every report has at least 1 ticked"),
        ("any", "x ", "  ", False, "bob’s section: 0 of 2 items are ticked, 1 is wanted"),
        ("all", "x~", "~", True, "every report has everything ticked that applies"),
        ("all", "x ", "x", False, "Ann O’Hara’s section: 1 of 2 items is ticked"),
    ],
)
def test_a_rule_for_each_report(rule, ann: str, bob: str, complete: bool, summary: str):
    text = f"# Ann\n## a <!-- drumbeat:for se-101 -->\n{boxes(ann)}\n## @bob\n{boxes(bob)}"
    assert verdict(each(rule), text, ANN, BOB) == Verdict(complete, summary)


@pytest.mark.parametrize(
    "heading",
    [
        "x <!-- drumbeat:for se-101 -->",
        "x <!-- drumbeat:for se-7 -->",
        "ann o’hara",
        "**Ann  O’Hara**",
        "@ann",
        "@Ann",
    ],
)
def test_a_reports_section_is_found(heading: str):
    assert verdict(each("any"), f"## {heading}\n- [x] a", ANN).complete


@pytest.mark.parametrize(
    "heading", ["Ann", "x <!-- drumbeat:for se-102 -->", "@ann <!-- drumbeat:for se-102 -->"]
)
def test_a_section_that_names_no_or_another_report_is_not_theirs(heading: str):
    why = "Ann O’Hara’s section is missing"
    assert verdict(each("any"), f"## {heading}\n- [x] a", ANN) == Verdict(False, why, why)


def test_an_anchor_goes_before_a_name():
    text = "## Ann O’Hara\n- [ ] a\n## x <!-- drumbeat:for se-101 -->\n- [x] a"
    assert verdict(each("all"), text, ANN).complete


def test_a_missing_section_is_told_even_if_another_lacks_ticks():
    found = verdict(each("all"), "## @bob\n- [ ] a", ANN, BOB)
    assert found.unreadable == "Ann O’Hara’s section is missing"


def test_an_emptied_section_is_not_decided():
    found = verdict(each("all"), "## @bob\n\n## @ann\n- [x] a", ANN, BOB)
    assert found.unreadable == "bob’s section has no boxes any more"


def test_a_section_that_two_reports_could_own_is_not_decided():
    twin = Report(id="se-103", username="ann2", name="Ann O’Hara")
    assert verdict(each("any"), "## Ann O’Hara\n- [x] a", ANN, twin).unreadable == (
        "Ann O’Hara’s section could be another report’s as well"
    )


def test_without_reports_nothing_is_missing():
    assert verdict(each("all"), "- [x] a") == Verdict(
        True, "every report has everything ticked that applies"
    )
    assert not verdict(each("all"), "text").complete


def test_rules_of_both_kinds_must_all_hold():
    rules = (SectionRule(section="Wins"), *each("any"))
    assert verdict(rules, "# Wins\n- [x] a\n# @bob\n- [x] a", BOB).complete
    assert not verdict(rules, "# Wins\n- [x] a\n# @bob\n- [ ] a", BOB).complete


CARRIED = "# Wins\n- [{}] a\n## Carried over <!-- drumbeat:for carried-over -->\n- [{}] b\n"


@pytest.mark.parametrize(
    ("own", "carried", "complete", "summary"),
    [
        ("x", " ", True, "1 of 1 item is ticked"),
        (" ", "x", False, "0 of 1 item is ticked"),
        ("~", "x", False, "there is no item that could be ticked"),
    ],
)
def test_what_was_carried_over_is_counted_but_not_asked_for(own, carried, complete, summary):
    assert verdict("all", CARRIED.format(own, carried)) == Verdict(complete, summary)


def test_names_stand_on_one_line():
    odd = Report(id="x", username="x", name="A\n/close")
    assert verdict(each("any"), "- [x] a", odd).unreadable == "A /close’s section is missing"
    rule = SectionRule(section="A\n\n/close")
    assert verdict((rule,), "- [x] a").unreadable == "“A /close” is missing"


MARKS = st.text(alphabet=" xX~", max_size=6)
RULES = st.sampled_from(["all", "any", TWO])


@settings(deadline=None)
@given(MARKS, MARKS, MARKS, RULES, RULES)
def test_a_verdict_never_tells_the_issues_own_words(one, two, three, rule, other):
    text = f"# Wins\n{boxes(one)}\n# secret <!-- drumbeat:for se-101 -->\n{boxes(two)}\n# secret\n{boxes(three)}"
    for close_when in (rule, (SectionRule(section="Wins", done=rule), *each(other))):
        found = verdict(close_when, text, ANN)
        assert "secret" not in found.summary + found.unreadable
        assert found.summary
        assert "\n" not in found.summary


@settings(deadline=None)
@given(MARKS, RULES)
def test_complete_means_that_something_is_ticked_and_more_ticks_keep_it_so(marks, rule):
    found = verdict(rule, boxes(marks))
    if found.complete:
        assert "x" in marks.lower()
        assert verdict(rule, boxes(marks.replace(" ", "x"))).complete

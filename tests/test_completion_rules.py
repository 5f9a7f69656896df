"""`percent`, nested rules, optional boxes and what was carried over: tables of verdicts."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from automation.checklist import read
from automation.completion import Verdict, judge, unreadable_rules
from automation.model.closing import CarriedItems, CloseWhen
from automation.model.issue import TaskCounts
from automation.model.roster import Report
from tests.checklist_cases import DIFFERENT

ANN = Report(id="se-101", username="ann", name="Ann O’Hara")
BOB = Report(id="se-102", username="bob")
ANY_RULE: TypeAdapter[CloseWhen] = TypeAdapter(CloseWhen)
NONE = "there is no item that could be ticked"


def verdict(rule, markdown, *reports, **terms) -> Verdict:
    checklist = read(markdown)
    return judge(ANY_RULE.validate_python(rule), checklist, checklist.counts(), reports, **terms)


def boxes(marks: str, text: str = "secret") -> str:
    return "".join(f"- [{mark}] {text}\n" for mark in marks)


@pytest.mark.parametrize(
    ("percent", "marks", "complete", "summary"),
    [
        (50, "x ", True, "1 of 2 items is ticked (50 %)"),
        (50, "x  ", False, "1 of 3 items is ticked (33 %), 50 % is wanted"),
        (51, "x ", False, "1 of 2 items is ticked (50 %), 51 % is wanted"),
        (66, "xx ", True, "2 of 3 items are ticked (66 %)"),
        (67, "xx ", False, "2 of 3 items are ticked (66 %), 67 % is wanted"),
        (50, "x ~~", True, "1 of 2 items is ticked (50 %) and 2 do not apply"),
        (1, " ", False, "0 of 1 item is ticked (0 %), 1 % is wanted"),
        (1, "x" + " " * 99, True, "1 of 100 items is ticked (1 %)"),
        (1, "x" + " " * 100, False, "1 of 101 items is ticked (0 %), 1 % is wanted"),
        (100, "xx", True, "2 of 2 items are ticked (100 %)"),
        (100, "x ", False, "1 of 2 items is ticked (50 %), 100 % is wanted"),
        (100, "~~", False, NONE),
        (1, "", False, NONE),
    ],
)
def test_a_part_of_what_applies(percent, marks, complete, summary):
    assert verdict({"percent": percent}, boxes(marks)) == Verdict(complete, summary)


def test_a_section_of_which_nothing_applies_holds_when_something_else_is_ticked():
    rule = [{"section": "Wins", "done": {"percent": 50}}]
    told = "“Wins”: no item is to tick and 1 does not apply"
    assert verdict(rule, "# Wins\n- [~] a\n# Notes\n- [x] b") == Verdict(True, told)
    assert verdict(rule, "# Wins\n- [~] a\n# Notes\n- [ ] b") == Verdict(
        False, f"{told}, but nothing in the issue is ticked"
    )


def test_a_part_of_an_emptied_section_is_not_decided():
    why = "“Wins” has no boxes any more"
    found = verdict([{"section": "Wins", "done": {"percent": 1}}], "# Wins\n\n# X\n- [x] b")
    assert found == Verdict(False, why, why)
    assert found.causes == ("emptied wins",)


WINS = {"section": "Wins", "done": "any"}
NOTES = {"section": "Notes", "done": "all"}
TWO_SECTIONS = "# Wins\n{}\n# Notes\n{}\n"
WIN, NO_WIN = "“Wins”: 1 of 1 item is ticked", "“Wins”: 0 of 1 item is ticked, 1 is wanted"
NOTE, NO_NOTE = "“Notes”: 1 of 1 item is ticked", "“Notes”: 0 of 1 item is ticked"


@pytest.mark.parametrize(
    ("rule", "wins", "notes", "complete", "summary"),
    [
        ({"any_of": [WINS, NOTES]}, "x", " ", True, WIN),
        ({"any_of": [WINS, NOTES]}, " ", "x", True, NOTE),
        ({"any_of": [WINS, NOTES]}, "x", "x", True, WIN),
        ({"any_of": [WINS, NOTES]}, " ", " ", False, f"either ({NO_WIN}) or ({NO_NOTE})"),
        ({"any_of": [WINS]}, " ", " ", False, NO_WIN),
        ({"any_of": [WINS, WINS]}, " ", " ", False, NO_WIN),
        ({"all_of": [WINS, NOTES]}, "x", "x", True, f"{WIN}; {NOTE}"),
        ({"all_of": [WINS, NOTES]}, " ", "x", False, NO_WIN),
        ({"all_of": [WINS, NOTES]}, " ", " ", False, f"{NO_WIN}; {NO_NOTE}"),
        ([{"any_of": [WINS, NOTES]}], "x", " ", True, WIN),
        ([{"any_of": [WINS, NOTES]}, NOTES], "x", " ", False, NO_NOTE),
        ([{"all_of": ["any", WINS]}, NOTES], "x", "x", True, f"2 of 2 items are ticked; {WIN}; {NOTE}"),
        ({"any_of": ["all", WINS]}, "x", " ", True, WIN),
        ({"any_of": ["all", {"at_least": 3}, {"percent": 60}]}, "x", " ", False,
         "either (1 of 2 items is ticked) or (1 of 2 items is ticked, 3 are wanted) or (1 of 2 items is ticked (50 %), 60 % is wanted)"),
        ({"any_of": [{"all_of": [WINS, NOTES]}, {"at_least": 2}]}, " ", "x", False,
         f"either ({NO_WIN}) or (1 of 2 items is ticked, 2 are wanted)"),
        ({"all_of": [{"any_of": [WINS, NOTES]}, {"percent": 50}]}, " ", "x", True,
         f"{NOTE}; 1 of 2 items is ticked (50 %)"),
    ],
)  # fmt: skip
def test_rules_inside_each_other(rule, wins, notes, complete, summary):
    text = TWO_SECTIONS.format(boxes(wins), boxes(notes))
    assert verdict(rule, text) == Verdict(complete, summary)


@pytest.mark.parametrize(
    ("done", "marks", "complete", "summary"),
    [
        ({"any_of": ["all", {"at_least": 2}]}, "xx ", True, "“Wins”: 2 of 3 items are ticked"),
        ({"any_of": ["all", {"at_least": 2}]}, "x", True, "“Wins”: 1 of 1 item is ticked"),
        (
            {"all_of": ["any", {"percent": 50}]},
            "x  ",
            False,
            "“Wins”: 1 of 3 items is ticked (33 %), 50 % is wanted",
        ),
        (
            {"all_of": ["any", {"percent": 30}]},
            "x  ",
            True,
            "“Wins”: 1 of 3 items is ticked; “Wins”: 1 of 3 items is ticked (33 %)",
        ),
    ],
)
def test_rules_inside_the_rule_of_a_section(done, marks, complete, summary):
    found = verdict([{"section": "Wins", "done": done}], f"# Wins\n{boxes(marks)}")
    assert found == Verdict(complete, summary)


@pytest.mark.parametrize(
    ("done", "ann", "bob", "complete", "summary"),
    [
        ({"percent": 50}, "x ", "x", True, "every report has 50 % ticked of what applies"),
        ({"percent": 50}, "x  ", "x", False,
         "Ann O’Hara’s section: 1 of 3 items is ticked (33 %), 50 % is wanted"),
        ({"any_of": ["all", {"at_least": 2}]}, "xx ", "x", True,
         "every report has everything ticked that applies or at least 2 ticked"),
        ({"all_of": ["any", {"percent": 50}]}, "x ", "x", True,
         "every report has at least 1 ticked and 50 % ticked of what applies"),
    ],
)  # fmt: skip
def test_rules_for_each_report(done, ann, bob, complete, summary):
    text = f"# Ann O’Hara\n{boxes(ann)}\n# @bob\n{boxes(bob)}"
    found = verdict([{"each": "report", "done": done}], text, ANN, BOB)
    assert found == Verdict(complete, summary)


def test_reports_are_one_of_several_ways():
    rule = {"any_of": [{"each": "report", "done": "any"}, {"section": "Away"}]}
    text = "# @bob\n- [{}] a\n# Away\n- [{}] b"
    assert verdict(rule, text.format("x", " "), BOB).summary == "every report has at least 1 ticked"
    assert verdict(rule, text.format(" ", "x"), BOB).summary == "“Away”: 1 of 1 item is ticked"


def test_nothing_is_complete_without_a_tick_though_nobody_is_left_to_have_one():
    rule = [{"each": "report", "done": {"at_least": 2}}]
    assert verdict(rule, "- [ ] a") == Verdict(False, "nothing in the issue is ticked")
    assert verdict(rule, "- [x] a").complete


# --- What cannot be read -------------------------------------------------------------------


def test_one_way_that_holds_is_enough_whatever_the_others_cannot_read():
    rule = {"any_of": [WINS, NOTES]}
    assert verdict(rule, "# Notes\n- [x] a") == Verdict(True, NOTE)
    found = verdict(rule, "# Notes\n- [ ] a")
    assert found == Verdict(False, "“Wins” is missing", "“Wins” is missing")


def test_all_of_what_is_wanted_must_be_read():
    rule = {"all_of": [{"any_of": [WINS, NOTES]}, {"section": "Calls"}]}
    assert verdict(rule, "# Wins\n- [x] a").unreadable == "“Calls” is missing"
    assert verdict(rule, "# X\n- [x] a").unreadable == (
        "“Wins” is missing; “Notes” is missing; “Calls” is missing"
    )


def test_a_way_that_is_not_needed_keeps_nothing_from_being_decided():
    rule = {"all_of": [{"any_of": [NOTES, WINS]}, {"at_least": 3}]}
    assert verdict(rule, "# Notes\n- [x] a") == Verdict(
        False, "1 of 1 item is ticked, 3 are wanted"
    )


def test_every_rule_is_told_that_cannot_be_read_even_where_another_holds():
    rule = ANY_RULE.validate_python({"any_of": [WINS, {"all_of": [NOTES, "any"]}, "all"]})
    assert unreadable_rules(rule, read("# Wins\n- [x] a"), ()) == "“Notes” is missing"
    assert unreadable_rules(rule, read("- [x] a"), ()) == "“Wins” is missing; “Notes” is missing"
    assert unreadable_rules("all", read(""), ()) == ""


@pytest.mark.parametrize(
    ("rule", "markdown", "causes"),
    [
        ([WINS, NOTES], "# X\n- [ ] a", ("missing notes", "missing wins")),
        ([NOTES], "# Notes\n\n# X\n- [ ] a", ("emptied notes",)),
        ([{"each": "report"}], "- [ ] a", ("missing @se-101", "missing @se-102")),
        ([{"each": "report"}], "# @ann\n\n# @bob\n- [ ] a", ("emptied @se-101",)),
        ("any", "> " * 200, ("it has more than 100 quotes inside each other",)),
        ("any", "- [x] a", ()),
    ],
)
def test_causes_say_what_it_is_about(rule, markdown, causes):
    assert verdict(rule, markdown, ANN, BOB).causes == causes


def test_other_figures_are_no_other_cause():
    found = [judge("all", read("- [x] a\n- [ ] b"), TaskCounts(9, n), ()) for n in (3, 4)]
    assert found[0].unreadable != found[1].unreadable
    assert found[0].causes == found[1].causes == ("counts differ",)


@pytest.mark.parametrize(("markdown", "counts", "why"), DIFFERENT)
def test_where_gitlab_counts_otherwise_nothing_is_decided(markdown, counts, why):
    assert judge("any", read(markdown), TaskCounts(*counts), ()).causes == ("counts differ",), why


# --- Optional boxes --------------------------------------------------------------------------

EXTRA = "- [{}] extra *(Optional)*\n"


@pytest.mark.parametrize(
    ("rule", "own", "extra", "complete", "summary"),
    [
        ("all", "x", " ", True, "1 of 1 item is ticked, and 0 of 1 optional"),
        ("all", "x", "x", True, "1 of 1 item is ticked, and 1 of 1 optional"),
        ("all", "x", "~", True, "1 of 1 item is ticked"),
        ("all", " ", "x", False, "0 of 1 item is ticked, and 1 of 1 optional"),
        ("all", "~", "x", True, "no item is to tick and 1 does not apply, and 1 of 1 optional"),
        ("all", "~", " ", False,
         "no item is to tick and 1 does not apply, and 0 of 1 optional, but nothing in the issue is ticked"),
        ("all", "", "x", True, "no item is to tick, and 1 of 1 optional"),
        ("any", " ", "x", True, "1 of 2 items is ticked"),
        ({"at_least": 2}, "x", "x", True, "2 of 2 items are ticked"),
        ({"percent": 100}, "x", " ", True, "1 of 1 item is ticked (100 %), and 0 of 1 optional"),
        ({"percent": 50}, "  ", "x", False,
         "0 of 2 items are ticked (0 %), and 1 of 1 optional, 50 % is wanted"),
    ],
)  # fmt: skip
def test_an_optional_item_is_not_asked_for(rule, own, extra, complete, summary):
    assert verdict(rule, boxes(own) + EXTRA.format(extra)) == Verdict(complete, summary)


HEADED = "# Tickets\n- [x] a\n# {}\n- [ ] b\n## Deeper\n- [ ] c\n"


@pytest.mark.parametrize(
    ("heading", "optional", "complete"),
    [
        ("Extras (optional)", (), True),
        ("Extras **(OPTIONAL)**", (), True),
        ("Extras", ("extras",), True),
        ("*Extras* for all", ("Extras  for all",), True),
        ("Extras", ("**Extras**",), True),
        ("Extras", ("Tickets",), False),
        ("Optional", (), False),
        ("(optional) Extras", (), False),
        ("Extras", (), False),
    ],
)
def test_an_optional_section_is_not_asked_for(heading, optional, complete):
    assert verdict("all", HEADED.format(heading), optional=optional).complete is complete


def test_a_box_inside_an_optional_one_is_asked_for():
    assert not verdict("all", "- [x] a\n- [ ] b (optional)\n  - [ ] c").complete
    assert verdict("all", "- [x] a\n- [ ] b (optional)\n  - [ ] c (optional)").complete


def test_a_row_is_optional_by_the_end_of_its_last_cell():
    table = "- [x] a\n\n| do | what |\n|---|---|\n| [ ] | b {} |\n"
    assert verdict("all", table.format("(optional)")).complete
    assert not verdict("all", table.format("")).complete


def test_a_section_that_a_rule_names_is_asked_for():
    rule = [{"section": "Extras (optional)"}]
    text = "# Extras (optional)\n- [{}] a\n- [ ] b (optional)\n## More (optional)\n- [ ] c"
    assert verdict(rule, text.format("x")).summary == (
        "“Extras (optional)”: 1 of 1 item is ticked, and 0 of 2 optional"
    )
    assert not verdict(rule, text.format(" ") + "\n# X\n- [x] d").complete


def test_a_section_of_optional_boxes_alone_has_boxes():
    rule = [{"section": "Wins"}]
    assert verdict(rule, "# Wins\n- [ ] a (optional)\n# X\n- [x] b") == Verdict(
        True, "“Wins”: no item is to tick, and 0 of 1 optional"
    )


def test_a_reports_section_has_optional_boxes_too():
    text = "# @bob\n- [x] a\n- [ ] b (optional)\n"
    assert verdict([{"each": "report"}], text, BOB).complete


# --- What was carried over -------------------------------------------------------------------

OLD = "## Carried over <!-- drumbeat:for carried-over -->\n"
FROM = " (from [2026-W47](https://gitlab.example.com/a/b/-/issues/7), carried 2 times)"


@pytest.mark.parametrize(
    ("rule", "own", "old", "complete", "summary"),
    [
        ("all", "x", "x", True, "1 of 1 item is ticked; carried over: 1 of 1 item is ticked"),
        ("all", "x", " ", False, "carried over: 0 of 1 item is ticked"),
        ("all", " ", "x", False, "0 of 1 item is ticked"),
        ("all", "x", "~", True,
         "1 of 1 item is ticked; carried over: no item is to tick and 1 does not apply"),
        ("all", "~", "x", True,
         "no item is to tick and 1 does not apply; carried over: 1 of 1 item is ticked"),
        ("any", "x ", " x", False, "carried over: 1 of 2 items is ticked"),
        ("any", " ", "x", False, "0 of 1 item is ticked, 1 is wanted"),
    ],
)  # fmt: skip
def test_what_was_carried_over_must_be_settled_where_it_is_required(
    rule, own, old, complete, summary
):
    text = boxes(own) + "\n" + OLD + boxes(old, f"old{FROM}")
    assert verdict(rule, text, carried=CarriedItems.REQUIRED) == Verdict(complete, summary)


def test_without_anything_carried_over_nothing_more_is_required():
    for text in ("- [x] a\n", "- [x] a\n\n" + OLD):
        assert verdict("all", text, carried=CarriedItems.REQUIRED) == Verdict(
            True, "1 of 1 item is ticked"
        )


def test_what_was_optional_before_it_was_carried_is_so_still():
    text = "- [x] a\n\n" + OLD + f"- [ ] b (optional){FROM}\n- [x] c{FROM}\n"
    assert verdict("all", text, carried=CarriedItems.REQUIRED) == Verdict(
        True, "1 of 1 item is ticked; carried over: 1 of 1 item is ticked, and 0 of 1 optional"
    )

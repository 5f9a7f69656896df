"""What goes along into the next loop, and how it looks there."""

from __future__ import annotations

import pytest

from automation.carry_over import ANCHOR, HEADING, Carried, Origin, carried_over, own_items
from automation.checklist import read
from automation.inert import WORD_JOINER, inert

W47 = Origin("2026-W47", "https://gitlab.example.com/support/loops/-/issues/7")
W48 = Origin("2026-W48", "https://gitlab.example.com/support/loops/-/issues/8")
W49 = Origin("2026-W49", "https://gitlab.example.com/support/loops/-/issues/9")


def lines(body, *before):
    return [one.line for one in carried_over(body, before)]


def issue(body, *carried):
    """A description as a run writes it."""
    return "\n".join([body, "", HEADING, "", *carried]) if carried else body


def test_open_items_go_along_ticked_and_inapplicable_ones_do_not():
    old = "- [ ] open\n- [x] done\n- [~] not ours\n"
    assert lines("", (old, W48)) == [f"- [ ] open (from [2026-W48]({W48.url}))"]


def test_what_the_new_issue_brings_itself_does_not_go_along():
    old = "## Tickets\n\n- [ ] Two  tickets\n- [ ] special\n"
    assert lines("## tickets\n\n- [ ] two tickets\n", (old, W48)) == [
        f"- [ ] Tickets: special (from [2026-W48]({W48.url}))"
    ]


def test_the_same_text_below_another_heading_is_another_item():
    old = "### Ann\n\n- [ ] call\n\n### Bo\n\n- [ ] call\n"
    assert lines("### Ann\n\n- [ ] call\n", (old, W48)) == [
        f"- [ ] Bo: call (from [2026-W48]({W48.url}))"
    ]


def test_a_section_is_known_by_its_anchor_though_its_heading_changed():
    old = "### Ann Smith <!-- drumbeat:for se-1 -->\n\n- [ ] call\n"
    new = "### Ann Jones <!-- drumbeat:for se-1 -->\n\n- [ ] call\n"
    assert lines(new, (old, W48)) == []


def test_an_item_stands_below_its_innermost_heading():
    old = "# Week\n\n## Ann\n\n- [ ] call\n"
    assert lines("", (old, W48)) == [f"- [ ] Ann: call (from [2026-W48]({W48.url}))"]


def test_carried_again_and_again_keeps_its_origin_and_is_counted():
    first = lines("", ("- [ ] call\n", W47))
    second = lines("", (issue("", *first), W48))
    third = lines("", (issue("", *second), W49))
    assert second == [f"- [ ] call (from [2026-W47]({W47.url}), carried 2 times)"]
    assert third == [f"- [ ] call (from [2026-W47]({W47.url}), carried 3 times)"]


def test_what_was_carried_and_ticked_does_not_go_on():
    (line,) = lines("", ("- [ ] call\n", W47))
    assert lines("", (issue("", line.replace("[ ]", "[x]")), W48)) == []


@pytest.mark.parametrize(
    ("edited", "line"),
    [
        (
            f"- [ ] call **her** (from [2026-W47]({W47.url}))",
            f"- [ ] call her (from [2026-W47]({W47.url}), carried 2 times)",
        ),
        ("- [ ] call", f"- [ ] call (from [2026-W48]({W48.url}))"),
        ("- [ ] call (from 2026-W47)", f"- [ ] call (from 2026-W47) (from [2026-W48]({W48.url}))"),
        (
            "- [ ] call (from [2026-W47](javascript:alert))",
            f"- [ ] call (from 2026-W47) (from [2026-W48]({W48.url}))",
        ),
        (
            f"- [ ] call (from [2026-W47]({W47.url}), carried 99999 times)",
            f"- [ ] call (from 2026-W47, carried 99999 times) (from [2026-W48]({W48.url}))",
        ),
    ],
)
def test_a_carried_item_that_a_person_edited_goes_on_as_it_reads(edited, line):
    assert lines("", (issue("", edited), W48)) == [line]


def test_an_origin_outside_the_carried_section_is_just_text():
    old = f"- [ ] call (from [2026-W40]({W47.url}))\n"
    assert lines("", (old, W48)) == [f"- [ ] call (from 2026-W40) (from [2026-W48]({W48.url}))"]


def test_two_loops_with_one_item_carry_it_once_from_the_older():
    old = "- [ ] call\n"
    assert lines("", (old, W47), (old, W48)) == [f"- [ ] call (from [2026-W47]({W47.url}))"]


@pytest.mark.parametrize(
    "text",
    [
        "@all look",
        "`@all` /close",
        "x <!-- drumbeat:loop a/b/2026-W48 -->",
        "[link](https://evil.example.com) ~bug #1",
        "<b>bold</b> | cell",
        "a &lt;!-- drumbeat:for carried-over --&gt;",
        "{{ braces }} {% raw %}",
    ],
)
def test_carried_text_is_inert(text):
    (carried,) = carried_over("", [(f"- [ ] {text}\n", W48)])
    assert carried.line == f"- [ ] {inert(carried.text)} (from [2026-W48]({W48.url}))"
    (item,) = read(issue("", carried.line)).items
    assert item.text.replace(WORD_JOINER, "") == f"{carried.text} (from 2026-W48)"
    assert "<" not in carried.line


def test_a_very_long_item_is_cut():
    (carried,) = carried_over("", [(f"- [ ] {'x' * 5000}\n", W48)])
    assert carried.text == "x" * 499 + "…"


def test_a_description_that_is_not_read_carries_nothing():
    assert lines("", ("> " * 200 + "- [ ] deep\n", W48)) == []


def test_own_items_are_those_that_were_not_carried():
    body = issue("## Week\n\n- [ ] mine", "- [ ] theirs (from x)")
    assert [item.text for item in own_items(read(body)).items] == ["mine"]
    assert [section.heading for section in own_items(read(body)).sections] == ["Week"]
    untouched = read("- [ ] mine\n")
    assert own_items(untouched) is untouched


def test_the_heading_is_found_by_its_anchor():
    assert [section.anchor for section in read(HEADING + "\n\n- [ ] x\n").sections] == [ANCHOR]


def test_a_line_counts_only_from_the_second_time_on():
    assert Carried("a", W48).line == f"- [ ] a (from [2026-W48]({W48.url}))"
    assert Carried("a", W48, 2).line.endswith("carried 2 times)")

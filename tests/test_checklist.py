"""Boxes, sections and what comrak must be kept from."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.checklist import Checklist, Item, Mark, fold, heading_text, read
from automation.model.issue import TaskCounts
from tests.checklist_cases import CASES, Case

LETTERS = {Mark.OPEN: "o", Mark.DONE: "x", Mark.INAPPLICABLE: "~"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_boxes_are_those_that_gitlab_shows(case: Case):
    checklist = read(case.markdown)
    assert not checklist.refused
    assert "".join(LETTERS[item.mark] for item in checklist.items) == case.marks, case.why
    assert checklist.counts() == TaskCounts(len(case.marks.replace("~", "")), case.marks.count("x"))


def test_case_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES) >= 160


def only(markdown: str) -> Item:
    (item,) = read(markdown).items
    return item


@pytest.mark.parametrize(
    ("markdown", "text", "source"),
    [
        ("- [ ] one", "one", "one"),
        ("- [x]   two  words ", "two words", "two  words"),
        ("- [ ] *a* **b** `c` ~~d~~", "a b c d", "*a* **b** `c` ~~d~~"),
        ("- [ ] [link](u) and ![image](v)", "link and image", "[link](u) and ![image](v)"),
        ("- [ ] a <!-- hidden --> b", "a b", "a <!-- hidden --> b"),
        ("- [ ] a &amp; \\*b\\*", "a & *b*", "a &amp; \\*b\\*"),
        ("- [ ] first\n  second  \n  third", "first second third", "first second third"),
        ("- [ ] first\nlazy", "first lazy", "first lazy"),
        ("> - [ ] first\n>   second", "first second", "first second"),
        ("> > - [ ] first\n> >   second", "first second", "first second"),
        ("- [ ]\n  next line", "next line", "next line"),
        ("- [ ] own\n\n  other paragraph", "own", "own"),
        ("- [ ] öäü 🎉 ende", "öäü 🎉 ende", "öäü 🎉 ende"),
        ("- [ ] a\tb", "a b", "a\tb"),
        ("- [ ] see[^1]\n\n[^1]: x", "see", "see[^1]"),
        ("- [ ] /close\n  /label ~x", "/close /label ~x", "/close /label ~x"),
        ("- [ ]", "", ""),
        ("- [ ]\n\n  ```\n  code\n  ```", "", ""),
        ("| a | b | c |\n|--|--|--|\n| [ ] | do *it* | now |", "do it now", "do *it* now"),
        ("| a |\n|--|\n| [ ] |", "", ""),
    ],
)
def test_an_item_has_its_first_paragraph_on_one_line(markdown: str, text: str, source: str):
    assert (only(markdown).text, only(markdown).source) == (text, source)


def test_nested_boxes_do_not_belong_to_the_text():
    outer, inner = read("- [x] outer\n  - [ ] inner").items
    assert outer == Item("outer", "outer", Mark.DONE, line=1, depth=0)
    assert inner == Item("inner", "inner", Mark.OPEN, line=2, depth=1)


def test_depth_counts_list_items_and_not_quotes():
    text = "> - a\n>   1. [?] b\n>      - [ ] c\n\n- [x] d"
    assert [(item.line, item.depth) for item in read(text).items] == [(3, 2), (5, 0)]


def test_lines_are_those_of_the_boxes():
    text = "# A\r\n\r\n-\r\n  [ ] a\r\n\r\n| a |\n|--|\n| [x] |\n"
    assert [item.line for item in read(text).items] == [4, 8]


def sections(markdown: str) -> list[tuple[str, int, str | None, list[str]]]:
    return [
        (section.heading, section.level, section.anchor, [item.text for item in section.items])
        for section in read(markdown).sections
    ]


def test_items_belong_to_all_headings_above_them():
    text = "- [ ] 0\n# A\n- [ ] 1\n## B\n- [ ] 2\n### C\n- [ ] 3\n## D\n- [ ] 4\n# E\n- [ ] 5"
    assert sections(text) == [
        ("A", 1, None, ["1", "2", "3", "4"]),
        ("B", 2, None, ["2", "3"]),
        ("C", 3, None, ["3"]),
        ("D", 2, None, ["4"]),
        ("E", 1, None, ["5"]),
    ]


def test_a_higher_heading_after_a_deeper_one_closes_it():
    assert sections("### A\n- [ ] 1\n## B\n- [ ] 2") == [
        ("A", 3, None, ["1"]),
        ("B", 2, None, ["2"]),
    ]


@pytest.mark.parametrize(
    ("markdown", "heading", "anchor"),
    [
        ("## This week", "This week", None),
        ("## This   *week* ##", "This week", None),
        ("This\nweek\n===", "This week", None),
        ("## `this` [week](u)", "this week", None),
        ("## @se-101 <!-- drumbeat:for se-101 -->", "@se-101", "se-101"),
        ("## <!--drumbeat:for se-101--> Ann", "Ann", "se-101"),
        ("Ann <!--  drumbeat:for  se-101  -->\n---", "Ann", "se-101"),
        ("## Ann <!-- other --> <!-- drumbeat:for a --> <!-- drumbeat:for b -->", "Ann", "a"),
        ("## Ann <!-- drumbeat:for SE_101 -->", "Ann", None),
        ("## Ann `<!-- drumbeat:for se-101 -->`", "Ann <!-- drumbeat:for se-101 -->", None),
        ("## Ann \\<!-- drumbeat:for se-101 -->", "Ann <!-- drumbeat:for se-101 -->", None),
        ("#", "", None),
    ],
)
def test_a_heading_is_plain_text_with_an_anchor(markdown: str, heading: str, anchor: str | None):
    (section,) = read(markdown).sections
    assert (section.heading, section.anchor) == (heading, anchor)


@pytest.mark.parametrize(
    "markdown",
    [
        "> ## A\n> - [ ] a",
        "- ## A\n  - [ ] a",
        "x[^1]\n\n[^1]: ## A\n    - [ ] a",
        "#A",
        "```\n# A\n```",
    ],
)
def test_only_headings_of_the_document_make_sections(markdown: str):
    assert read(markdown).sections == ()


def test_a_quoted_heading_does_not_end_a_section():
    assert sections("## A\n> # B\n> - [ ] 1\n\n- [x] 2") == [("A", 2, None, ["1", "2"])]


def test_boxes_in_a_footnote_belong_to_no_section():
    text = "# A\nx[^1]\n\n[^1]: - [x] note\n\n# B\n- [ ] b"
    assert sections(text) == [("A", 1, None, []), ("B", 1, None, ["b"])]
    assert read(text).counts() == TaskCounts(2, 1)


def test_counts_leave_out_what_does_not_apply():
    assert read("- [ ] a\n- [x] b\n- [~] c").counts() == TaskCounts(2, 1)
    assert read("- [~] c").counts() == TaskCounts(0, 0)
    assert Checklist().counts() == TaskCounts(0, 0)


def test_spellings_of_a_heading_that_are_the_same():
    assert fold(" This \n WEEK") == fold("this week")
    assert heading_text("**This  week** I\ndid ##") == "This week I did"
    assert heading_text(" ") == ""


MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("> " * (MEGABYTE // 2), "it has more than 100 quotes inside each other"),
        ("> - " * (MEGABYTE // 4), "it has more than 100 quotes inside each other"),
        (
            "*" * MEGABYTE + "a" + "*" * MEGABYTE,
            "it has more than 2000 marks of emphasis with no blank line between",
        ),
        (
            "_a " * 9999 + "b_ " * 9999,
            "it has more than 2000 marks of emphasis with no blank line between",
        ),
        (
            "~~a " * 9999 + "\r~~" * 9999,
            "it has more than 2000 marks of emphasis with no blank line between",
        ),
        ("![" * 501 + "](a)" * 501, "it has more than 500 images with no blank line between"),
        ("[^a] " * 9999 + "\n\n[^a]: x", "it has more than 5000 footnotes"),
    ],
    ids=["quotes", "quotes and lists", "stars", "underscores", "tildes", "images", "footnotes"],
)
def test_what_could_crash_the_parser_is_refused(text: str, reason: str):
    assert read(text) == Checklist(refused=reason)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("> " * 90 + "- [ ] a", 1),
        ("- " * (MEGABYTE // 2) + "[ ] a", 0),
        ("- [ ] a\n" * (MEGABYTE // 8), MEGABYTE // 8),
        ("[" * MEGABYTE, 0),
        ("[]" * (MEGABYTE // 2), 0),
        ("some_snake_case_name " * (MEGABYTE // 21), 0),
        ("<!-- " * (MEGABYTE // 5), 0),
        ("".join("  " * level + "- [ ] a\n" for level in range(1000)), 1000),
        ("# a\n" * (MEGABYTE // 4), 0),
        ("|a|b|\n|-|-|\n" + "|[ ]|x|\n" * 20_000, 20_000),
        (("*a " * 999 + "b* " * 999 + "\n\n") * 100, 0),
    ],
    ids=[
        "quotes",
        "lists",
        "boxes",
        "brackets",
        "pairs",
        "names",
        "comments",
        "deep",
        "headings",
        "table",
        "emphasis",
    ],
)
def test_a_large_text_is_read_in_bounded_time(text: str, count: int):
    began = time.process_time()
    checklist = read(text)
    assert (checklist.refused, checklist.counts()) == ("", TaskCounts(count, 0))
    assert time.process_time() - began < 20  # about 2 seconds on a slow machine


@settings(deadline=None)
@given(st.text(alphabet="-*+ [xX~]>#|\n\t`<!1.)ab:^\\", max_size=80))
def test_any_text_is_read_and_its_counts_agree(text: str):
    checklist = read(text)
    counts = checklist.counts()
    assert not checklist.refused
    assert 0 <= counts.completed <= counts.count <= len(checklist.items)
    assert all("\n" not in item.source + item.text for item in checklist.items)
    lines = text.replace("\r", "\n").split("\n")
    assert all("[" in lines[item.line - 1] for item in checklist.items)


@settings(deadline=None)
@given(st.lists(st.sampled_from(" xX~"), max_size=20))
def test_every_list_of_boxes_is_counted(symbols: list[str]):
    text = "\n".join(f"- [{symbol}] item" for symbol in symbols)
    done = sum(symbol in "xX" for symbol in symbols)
    assert read(text).counts() == TaskCounts(done + symbols.count(" "), done)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_an_items_source_gives_the_same_text_again(text: str):
    for item in read(f"- [ ] {text}").items[:1]:
        assert [again.text for again in read(f"- [ ] {item.source}").items[:1]] == [item.text]

"""What counts as a task, as GitLab's renderer sees it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.sandbox import quick_actions, tasks, title_diff


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (0, 0)),
        ("", (0, 0)),
        ("- [ ] a\n- [x] b\n- [X] c", (3, 2)),
        ("* [ ] a\n+ [x] b\n\n1. [x] c\n\n1) [ ] d", (4, 2)),
        ("- [~] n/a\n- [x] b", (1, 1)),
        ("- [~] only", (0, 0)),
        ("- [?] no box\n- [-] nor this\n- [ ] a", (1, 0)),
        ("- [\u00a0] a\n- [\u2003] b", (2, 0)),
        ("- a\n  - [ ] b\n    - [x] c", (2, 1)),
        ("> - [ ] quoted", (1, 0)),
        (">>>\n- [x] quoted\n>>>", (1, 1)),
        ("```\n- [ ] code\n```", (0, 0)),
        ("~~~\n- [ ] code\n~~~", (0, 0)),
        ("text\n\n    - [ ] indented code", (0, 0)),
        ("<!-- - [ ] hidden -->", (0, 0)),
        ("<!--\n- [ ] hidden\n-->", (0, 0)),
        ("<details>\n\n- [ ] inside\n\n</details>", (1, 0)),
        ("<input type=checkbox>", (0, 0)),
        ('- <input type="checkbox" checked>', (0, 0)),
        ("- [ ]", (1, 0)),
        ("-\n  [x] late", (1, 1)),
        ("[ ] no list", (0, 0)),
        ("- \\[ ] escaped", (0, 0)),
        ("- [x] a\n\n[x]: https://example.com", (0, 0)),
        ("| a | b |\n|---|---|\n| [ ] | [x] |\n| é | [~] |\n| [x] words | |", (2, 1)),
        ("- [x] é\n- [~] ü ö\n- 😀\n  - [~] z", (1, 1)),
        ("\t- [ ] code\n", (0, 0)),
        ("- [ ] a\r\n- [~] b\r- [x] c", (2, 1)),
        ("- [ ] a[^1]\n\n[^1]: note\n\n    - [~] foot", (1, 0)),
    ],
)
def test_count(text, expected):
    assert tasks.count(text) == expected


def test_items_have_their_own_words_only():
    text = "- [ ] **bold** `code` <!-- k=1 -->\n  soft\n  - [x] inner\n- [~] skipped\n- [?] no"
    assert tasks.items(text) == [
        tasks.Item("bold code  k=1  soft", False),
        tasks.Item("inner", True),
        tasks.Item("skipped", None),
    ]


def test_a_table_cells_words():
    assert tasks.items("| a |\n|---|\n| [x] |") == [tasks.Item("", True)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- [ ] a", "- [x] a", [("a", True)]),
        ("- [x] a", "- [ ] a", [("a", False)]),
        ("- [ ] a", "- [x] b", []),
        ("- [ ] a", "- [~] a", []),
        ("- [ ] a\n- [ ] b", "- [ ] a\n- [x] b\n- [x] c", [("b", True)]),
        (None, "- [x] a", []),
    ],
)
def test_toggled(old, new, expected):
    assert [(item.text, item.done) for item in tasks.toggled(old, new)] == expected


def test_a_tick_is_told_with_its_text_escaped():
    # As gitlab.com wrote it about a live issue.
    item = tasks.Item('Close #4: src/x.go says a = "1" — so.  k=4/close-obsolete', True)
    assert tasks.note(item) == (
        'marked the checklist item **Close \\#4: src/x\\.go says a \\= \\"1\\" — so\\.  '
        "k\\=4/close\\-obsolete** as completed"
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "- [ ] a",
                "- [x] é",
                "- [~] z",
                "  - [?] q",
                "> - [~] ü",
                "1. [X] n",
                "",
                "```",
                "| [~] | é |",
                "|---|---|",
                "text",
                "<div>",
                "\t- [~] t",
                "- [\u2003] s",
                "😀",
            ]
        ),
        max_size=12,
    )
)
def test_counting_holds_for_any_mixture(lines):
    count, done = tasks.count("\n".join(lines))
    assert 0 <= done <= count <= len(lines)
    known = [item for item in tasks.items("\n".join(lines)) if item.done is not None]
    assert (count, done) == (len(known), sum(bool(item.done) for item in known))


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("Old", "New", "**{-Old-}** to **{+New+}**"),
        ("A b c", "A x c", "**A {-b-} c** to **A {+x+} c**"),
        ("abc", "abcd", "**abc** to **abc{+d+}**"),
        ("aa", "aaa", "**aa** to **aa{+a+}**"),
    ],
)
def test_title_changes_mark_what_changed(old, new, note):
    assert title_diff.note(old, new) == f"changed title from {note}"


@pytest.mark.parametrize("mark", [">", "> ", "- ", "1. ", "+ "])
def test_a_line_that_nests_without_end_is_plain_text(mark):
    deep = mark * 50_000
    assert tasks.count(f"- [x] first\n\n{deep}\n\n- [ ] last") == (2, 1)
    assert quick_actions.extract(f"{deep}\n\n/close")[1] != []

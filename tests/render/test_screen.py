"""An issue in a terminal: signs in place of marks, and nothing that a terminal obeys."""

from __future__ import annotations

import pytest

from automation.render.screen import obedient, on_screen


def painted(colour: str, text: str) -> str:
    return f"<{colour}>{text}</{colour}>"


LINES = {
    "- [ ] a": "☐ a",
    "  1. [x] **a** b": "  ☑ <bold>a</bold> b",
    "- [~] **a**": "<dim>☒ a</dim>",
    "| [x] | a |": "| [x] | a |",
    "## A \\* b": "<bold>A * b</bold>",
    "### A <!-- drumbeat:for se-1 -->": "<bold>A</bold>",
    "see [a](https://b.c)": "see a (https://b.c)",
    "a &amp; &#91;b\\_c@\u2060d": "a & [b_c@d",
    "`[ ]`": "`[ ]`",
    "<summary>A & b</summary>": "<bold>▸ A & b</bold>",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line(line: str) -> None:
    assert on_screen(line, painted) == LINES[line]


def test_a_table_with_boxes() -> None:
    text = "| a | b |\n| - | - |\n| [x] | c |"
    assert on_screen(text) == "| a | b |\n| - | - |\n| ☑ | c |"


def test_folds_and_what_is_hidden_leave_no_trace() -> None:
    text = "<details open>\n<summary>A</summary>\n\n- [ ] b\n\n</details>\n<!-- c -->"
    assert on_screen(text) == "▸ A\n\n☐ b\n\n"


@pytest.mark.parametrize("marks", ["```", "~~~~"])
def test_code_stays_as_it_is(marks: str) -> None:
    text = f"{marks}md\n- [ ] **a**\n{marks}\n"
    assert on_screen(f"{text}- [ ] b") == f"{text}☐ b"
    inside = f"- {marks}md\n  - [ ] **a**\n  {marks}\n"
    assert on_screen(f"{inside}- [ ] b") == f"{inside}☐ b"


def test_a_shorter_fence_ends_nothing() -> None:
    assert on_screen("````\n```\n- [ ] a\n````") == "````\n```\n- [ ] a\n````"


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a&#27;[31mb", "a\x9b31mb", "a\x07b\x00"])
def test_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = on_screen(text)
    assert not [one for one in shown if ord(one) < 32 or 127 <= ord(one) < 160]


def test_text_for_other_programs_keeps_its_lines() -> None:
    assert obedient("a\tb\r\nc\x1b[0m\ud800") == "a\tb\nc[0m?"

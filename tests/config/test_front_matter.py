"""The front matter of templates."""

from __future__ import annotations

import pytest

from automation.config import read_front_matter
from automation.errors import ConfigError
from automation.model.due import DueRule, DueUnit
from automation.model.policy import LoopDefaults


def faults(text):
    with pytest.raises(ConfigError) as caught:
        read_front_matter(text, "issue_templates/x.md")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "# Hello\n", "---- \nx\n---\n", " ---\n---\n"])
def test_no_front_matter(text):
    assert read_front_matter(text, "x.md") == (LoopDefaults(), text, 1)


def test_front_matter_and_body():
    text = '---\ntitle: "1:1 {{ manager.name }}"\ndue: 2 days\n---\n# Hello\n---\nBye\n'
    defaults, body, line = read_front_matter(text, "x.md")
    assert defaults.title == "1:1 {{ manager.name }}"
    assert defaults.due == DueRule(2, DueUnit.DAYS)
    assert body == "# Hello\n---\nBye\n"
    assert line == 5


@pytest.mark.parametrize(
    "text", ["---\n---\nx", "---\n# only a comment\n---\nx", "--- \r\n---\r\nx"]
)
def test_empty_front_matter(text):
    defaults, body, line = read_front_matter(text, "x.md")
    assert (defaults, body) == (LoopDefaults(), "x")
    assert text.splitlines()[line - 1] == "x"


def test_a_byte_order_mark_does_not_hide_it():
    assert read_front_matter("\ufeff---\ntitle: x\n---\n", "x.md")[0].title == "x"


def test_front_matter_without_end():
    assert faults("---\ntitle: x\n# Hello\n") == [
        (
            "issue_templates/x.md:1:1: the front matter that begins here has no end\n"
            "  Write '---' on a line of its own after it."
        )
    ]


def test_places_are_those_of_the_file():
    assert faults("---\ntitle: x\nlabel: [x]\ndue: [1]\n---\n") == [
        "issue_templates/x.md:3:1: label: unknown key 'label'\n  Did you mean 'labels'?",
        "issue_templates/x.md:4:6: due: should be text, not a list\n  Write one text.",
    ]


def test_yaml_is_as_strict_as_elsewhere():
    assert faults("---\ntitle: {{ period }}\ntitle: x\n---\n") == [
        (
            "issue_templates/x.md:2:9: title: a key should be text, not a mapping\n"
            "  Put text that begins with '{' or '[' in quotes, as in \"{{ manager.username }}\"."
        ),
        (
            "issue_templates/x.md:3:1: title: 'title' is already a key of this mapping, in line 2\n"
            "  Keep one of the two."
        ),
    ]


def test_syntax_errors():
    assert faults("---\ntitle: Weekly: x\n---\n") == [
        (
            "issue_templates/x.md:2:14: a ': ' that cannot stand here\n"
            "  Put text that has ': ' in it in quotes, and check the indentation."
        )
    ]


def test_only_a_mapping():
    assert faults("---\n- title\n---\n") == [
        (
            "issue_templates/x.md:2:1: front matter should be a mapping, not a list\n"
            "  Write lines such as 'title: …'."
        )
    ]


def test_only_one_document():
    assert faults("---\ntitle: x\n...\n--- {title: y}\n---\n") == [
        "issue_templates/x.md:4:5: front matter is one document\n  Remove this one."
    ]


def test_surrogates():
    assert faults("---\ntitle: \ud800\n---\n") == [
        (
            "issue_templates/x.md:2:8: the character U+D800 is not allowed\n"
            "  Remove it; an editor may not show it."
        )
    ]

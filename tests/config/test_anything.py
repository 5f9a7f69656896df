"""Whatever stands in a file: a configuration, or a ConfigError; never another error."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import ErrorDetails

from automation.config import load, read_front_matter
from automation.config.document import Document, Node, Place
from automation.config.schema import KINDS
from automation.config.syntax import syntax_problem
from automation.config.validation import validate
from automation.config.violations import words_for
from automation.config.words import dotted, nearest, quoted, shortened, suggestion
from automation.config.yaml_reader import read_yaml
from automation.errors import ConfigError
from tests.config.design_sample import ORGANISATION, POLICIES, SECOND_MANAGER
from tests.config.samples import write

LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]
PIECES = st.sampled_from(
    [
        *"\n\n\n  -?:,[]{}#&*!|>'\"%@`\\~\t\r0x",
        ": ",
        "- ",
        "---\n",
        "kind: ",
        "<<: ",
        "&a ",
        "*a",
        "!!str ",
        "\\x00",
        "\\ud800",
        "\\UFFFFFFFF",
        "2026-11-01",
        "08:00",
        "%YAML 1.2\n",
        "...\n",
        "cadence",
        "close_when: ",
        "{at_least: 2}",
        "é",
        "🥁",
        "\x85",
        "\u2028",
        "\ufeff",
    ]
)
YAMLISH = st.one_of(st.text(), st.lists(PIECES).map("".join))
WORDS = st.sampled_from(
    [
        "kind",
        "name",
        "close_when",
        "section",
        "each",
        "done",
        "at_least",
        "schedule",
        "<count>",
        "<sections>",
        "[key]",
        "links",
        "managers",
        "reports",
        "away",
        "from",
        "to",
        "all",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), WORDS)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS | st.text(), inner),
    max_leaves=20,
)


def told(read):
    """The faults that a reading tells; anything but a ConfigError escapes."""
    try:
        read()
    except ConfigError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("loader", LOADERS)
@given(text=YAMLISH)
@settings(max_examples=300, deadline=None)
def test_any_text(text, loader):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.config.yaml_reader.LOADER", loader)
        for document in read_yaml(text, "x.yml").documents:
            for model in KINDS.values():
                fact, problems = validate(model, document)
                assert (fact is None) == bool(problems)


@given(text=YAMLISH)
@settings(max_examples=100, deadline=None)
def test_any_front_matter(text):
    problems = told(lambda: read_front_matter(f"---\n{text}\n---\n", "x.md"))
    assert all(problem.file == "x.md" for problem in problems)


@given(raw=st.one_of(st.binary(), YAMLISH.map(lambda text: text.encode(errors="replace"))))
@settings(max_examples=100, deadline=None)
def test_any_bytes(raw, tmp_path_factory):
    with pytest.raises(ConfigError):
        load(write(tmp_path_factory.mktemp("any"), a=raw))


@given(tree=TREES, kind=st.sampled_from(sorted(KINDS)))
@settings(max_examples=200, deadline=None)
def test_any_document(tree, kind):
    text = json.dumps({**tree, "kind": kind} if isinstance(tree, dict) else {"kind": tree})
    for document in read_yaml(text, "x.yml").documents:
        fact, problems = validate(KINDS[kind], document)
        assert (fact is None) == bool(problems)
        assert all(problem.line > 0 and len(str(problem)) < 1000 for problem in problems)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_single_damage_to_a_good_file(data, tmp_path_factory):
    text = POLICIES + "---\n" + ORGANISATION + "---\n" + SECOND_MANAGER
    start = data.draw(st.integers(0, len(text)))
    end = start + data.draw(st.integers(0, 10))
    damaged = text[:start] + data.draw(PIECES | st.just("")) + text[end:]
    root = write(tmp_path_factory.mktemp("any"), a=damaged.encode(errors="replace"))
    assert all(problem.file.startswith("policies") for problem in told(lambda: load(root)))


@pytest.mark.parametrize(
    "text", ["a: [1", "a: {b", "a: 'x", "\ta: b", "a: @x", "a: b: c", "a:\n  b\n c: d", '"\\d"']
)
def test_both_parsers_are_told_in_the_same_words(text, monkeypatch):
    words = []
    for loader in LOADERS:
        monkeypatch.setattr("automation.config.yaml_reader.LOADER", loader)
        words.append([problem.message for problem in read_yaml(text, "x.yml").problems])
    assert words[0] == words[1]
    assert not words[0][0].startswith("YAML")


def test_an_error_that_the_parser_gives_no_place_for():
    assert (
        str(syntax_problem(yaml.YAMLError("odd"), "", "x.yml")) == "x.yml: YAML cannot be read: odd"
    )


def test_an_error_that_is_not_known_yet():
    mark = yaml.Mark("x", 0, 1, 2, None, 0)
    error = yaml.MarkedYAMLError(problem="it is odd", problem_mark=mark)
    assert str(syntax_problem(error, "", "x.yml")) == "x.yml:2:3: YAML cannot be read: it is odd"


def test_a_violation_that_is_not_known_yet():
    node = Node(Place(1, 1), "x", "x")
    error = ErrorDetails(type="brand_new", msg="is odd", loc=(), input="x")
    assert words_for(error, node) == ("'x' is odd", "")


def test_words():
    assert shortened("x" * 61) == "x" * 59 + "…"
    assert quoted("x" * 1000) == "'" + "x" * 58 + "…"
    assert dotted(("a", 1, "b c", "d")) == "a[1]['b c'].d"
    assert nearest("x" * 61, ["x" * 61]) is None
    assert suggestion("x", []) == ""
    assert suggestion("zzz", map(str, range(20))).endswith("and 5 more.")


def test_a_document_knows_its_places():
    document = Document("x.yml", Node(Place(3, 4), {}))
    assert document.where(("gone",)) == "x.yml:3"

"""The reference of every key is what the models say, whole, and in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from automation.config.descriptions import DESCRIPTIONS, description
from automation.config.schema import KINDS, json_schema
from automation.errors import ExitCode
from automation.labels import ATTENTION
from automation.loops import front_matter_fields
from automation.model.base import Fact
from automation.render.reference import reference
from automation.rules.triage.facts import NAMES
from tests.readme.page import DOCS, ROOT, code, column
from tests.readme.running import drumbeat

SCHEMA = json_schema()
PAGE = DOCS["reference"]
MAPPINGS = {name: one for name, one in SCHEMA["$defs"].items() if "properties" in one}


def test_the_page_is_what_the_command_prints() -> None:
    ran = drumbeat("schema", "--format", "markdown")
    assert ran.code == ExitCode.FINE
    assert PAGE.text == ran.out, "docs/reference.md is out of date: make reference"


def test_json_stays_the_default_and_tells_editors_the_same() -> None:
    schema = json.loads(drumbeat("schema").out)
    assert schema == json.loads(json.dumps(SCHEMA))
    place = schema["$defs"]["Escalation"]["properties"]["after_missed"]
    assert place["description"] == "After how many missed loops in a row."


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_key_is_described(name: str) -> None:
    for key, place in MAPPINGS[name]["properties"].items():
        what = f"{name}.{key} in automation/config/descriptions.py"
        assert place["description"], f"{what} has no description"
        assert re.search(r"[.)]$", place["description"]), f"{what} is no sentence"


@pytest.mark.parametrize("model", DESCRIPTIONS, ids=lambda model: model.__name__)
def test_every_description_has_a_key_of_that_class(model: type[Fact]) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert DESCRIPTIONS[model].keys() <= keys


def test_a_key_that_is_inherited_is_described_once() -> None:
    for model, told in DESCRIPTIONS.items():
        for above in model.__mro__[1:]:
            assert told.items().isdisjoint(DESCRIPTIONS.get(above, {}).items())


def test_a_key_that_nobody_described_has_no_words() -> None:
    assert description(Fact, "x") == ""


def known_words() -> Iterator[str]:
    """What descriptions may put into code marks as a name: keys, values, settings of others."""
    for definition in SCHEMA["$defs"].values():
        yield from definition.get("properties", {})
    yield from re.findall(r'"([\w.]+)"', json.dumps(SCHEMA))
    yield from (*NAMES, ATTENTION, "true", "false", "null", "links.name", "group.managers")
    yield from ("none", "any", "upcoming", "started")  # GitLab's words for milestones


def test_descriptions_name_no_key_that_does_not_exist() -> None:
    known = set(known_words())
    for told in DESCRIPTIONS.values():
        for text in told.values():
            named = {one for one in code(text) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", one)}
            assert named <= known, text


def test_every_key_of_every_kind_has_its_line() -> None:
    for kind, model in KINDS.items():
        keys = {key.strip("`") for key in column(PAGE.section(f"## {kind}"), "key")}
        assert keys == {field.alias or name for name, field in model.model_fields.items()}


def test_every_mapping_has_one_section() -> None:
    tables = PAGE.text.count("| key | takes | default | says |")
    assert tables == len(MAPPINGS)


def test_what_a_template_may_set_is_listed() -> None:
    (line,) = re.findall(r"^The front matter of the template may .*$", PAGE.text, flags=re.M)
    assert code(line) == set(front_matter_fields())


def test_no_type_is_told_in_the_words_of_programmers() -> None:
    cells = " ".join(re.findall(r"^\| `\w+` \| (.*?) \| ", PAGE.text, flags=re.M))
    assert not re.search(r"anyOf|\^|\(\?|string|integer|boolean|null", cells)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 9.5}, "a number above 0, up to 9.5"),
        ({"type": "integer", "minimum": 3}, "a whole number, 3 or more"),
        ({"type": "string", "pattern": "^(?:a|b)$"}, "text that matches `a\\|b`"),
        ({"type": "string", "maxLength": 5}, "text, up to 5 characters"),
        ({"enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "a mapping from text to"),
    ],
)
def test_a_place_of_the_schema_in_words(place: dict[str, object], words: str) -> None:
    kind = {"const": "probe", "type": "string", "description": "Kind."}
    about = {**place, "description": "Says.", "default": [1, 2]}
    probe = {"description": "A probe.", "properties": {"kind": kind, "x": about}}
    schema = {"oneOf": [{"$ref": "#/$defs/Probe"}], "$defs": {"Probe": probe}}
    text = reference(schema, ("title",))
    assert f"| `x` | {words}" in text
    assert "| `[1, 2]` | Says. |" in text


def test_the_makefile_renews_it() -> None:
    assert "drumbeat schema --format markdown" in (ROOT / "Makefile").read_text(encoding="utf-8")

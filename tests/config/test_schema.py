"""The JSON Schema: valid itself, and of one mind with the loader."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from automation.config import json_schema
from automation.config.schema import KINDS, keys_at
from automation.config.yaml_reader import read_yaml
from automation.model.policy import Cadence
from tests.config.design_sample import ORGANISATION, POLICIES, SECOND_MANAGER
from tests.config.samples import CADENCE, SETTINGS, triage

SCHEMA = json_schema()


def documents(text):
    """The documents as a JSON Schema validator sees them."""
    found = read_yaml(text, "x.yml").documents
    return [json.loads(json.dumps(document.root.data, default=str)) for document in found]


def complaints(document):
    return list(Draft202012Validator(SCHEMA).iter_errors(document))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in SCHEMA


def test_every_kind_is_titled_and_described():
    for branch in SCHEMA["oneOf"]:
        definition = SCHEMA["$defs"][branch["$ref"].rpartition("/")[2]]
        assert definition["title"]
        assert definition["description"]
        assert definition["required"][0] == "kind"
        assert definition["additionalProperties"] is False
    assert len(SCHEMA["oneOf"]) == len(KINDS)


@pytest.mark.parametrize("text", [POLICIES, ORGANISATION, SECOND_MANAGER])
def test_the_documents_of_the_design_are_valid(text):
    assert [complaints(document) for document in documents(text)] == [[]] * text.count("kind: ")


@pytest.mark.parametrize(
    "text",
    [
        "kind: labels\nlabels: [{name: x, color: '#123abc', description: y}]\n",
        "kind: boards\nboards: [{name: x, project: a/b, lists: [x]}]\n",
        SETTINGS + "links: {handbook: https://example.com}\nbots: [x]\n",
        CADENCE.replace('"}', '", at: 08:00}') + "close_when: {at_least: 2}\ndue: end of period\n",
    ],
)
def test_what_else_is_valid(text):
    assert [complaints(document) for document in documents(text)] == [[]]


@pytest.mark.parametrize(
    "text",
    [
        "name: x\n",
        "kind: x\n",
        CADENCE.replace("kind: cadence\n", ""),
        CADENCE.replace("for_each: manager", "for_each: mgr"),
        CADENCE.replace("one-on-one.md", "../x.md"),
        CADENCE.replace('"}', '", at: 8:00}'),
        CADENCE + "due: friday\n",
        CADENCE + "remind: [tomorrow]\n",
        CADENCE + "close_when: some\n",
        CADENCE + "close_when: [{section: x, done: some}]\n",
        CADENCE + "unknown: 1\n",
        SETTINGS + "fiscal_year_start: 13\n",
        SETTINGS + "drumbeat_users: [a b]\n",
        SETTINGS.replace("support/loops", "/support/loops"),
        triage(action="{label: ''}"),
    ],
)
def test_what_is_not_valid(text):
    assert [bool(complaints(document)) for document in documents(text)] == [True]


def test_the_keys_of_a_place():
    assert keys_at(Cadence, ("schedule",), {}) == ["rrule", "at", "starts", "ends", "except"]
    assert keys_at(Cadence, ("close_when", 0), {"each": "report"}) == ["each", "done"]
    assert keys_at(Cadence, ("close_when", 0), {"section": "x", "x": 1}) == ["section", "done"]
    assert keys_at(Cadence, ("close_when",), {"x": 1}) == ["at_least"]
    assert keys_at(Cadence, ("name",), {}) == []

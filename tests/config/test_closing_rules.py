"""`close_when` in all its forms: what it comes to, and one message for each bad value."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from automation.config import json_schema
from automation.config.yaml_reader import read_yaml
from automation.model.closing import (
    AllOf,
    AllOfBoxes,
    AnyOf,
    AnyOfBoxes,
    AtLeast,
    CarriedItems,
    EachReportRule,
    Percent,
    SectionRule,
    leaves,
)
from tests.config.samples import BERT, CADENCE, SETTINGS, faults, loaded, roster

HALF, TWO = Percent(percent=50), AtLeast(at_least=2)
WINS = SectionRule(section="Wins")
MEMBERS = (
    "  Write all, any, {at_least: 2}, {percent: 50}, {section: …, done: …}, "
    "{each: report, done: …}, {any_of: […]} or {all_of: […]}."
)
VALIDATOR = Draft202012Validator(json_schema())

GOOD = {
    "{percent: 50}": HALF,
    "{any_of: [all, {percent: 50}]}": AnyOf(any_of=("all", HALF)),
    "{all_of: [{section: Wins}, {each: report, done: {percent: 50}}]}": AllOf(
        all_of=(WINS, EachReportRule(each="report", done=HALF))
    ),
    "[{any_of: [{section: Wins}, any]}, {section: Wins}]": (AnyOf(any_of=(WINS, "any")), WINS),
    "[{section: Wins, done: {any_of: [all, {all_of: [{at_least: 2}, {percent: 50}]}]}}]": (
        SectionRule(
            section="Wins", done=AnyOfBoxes(any_of=("all", AllOfBoxes(all_of=(TWO, HALF))))
        ),
    ),
    "{any_of: [{any_of: [{all_of: [{any_of: [{all_of: [any]}]}]}]}]}": AnyOf(
        any_of=(AnyOf(any_of=(AllOf(all_of=(AnyOf(any_of=(AllOf(all_of=("any",)),)),)),)),)
    ),
}


@pytest.mark.parametrize(("text", "rule"), GOOD.items())
def test_what_is_written_is_what_it_comes_to(text, rule, tmp_path):
    policy = f"{CADENCE}close_when: {text}\n"
    people = roster(BERT)
    (cadence,) = loaded(tmp_path, a=SETTINGS, b=people, c=policy).cadences
    assert cadence.close_when == rule
    (document,) = read_yaml(policy, "x.yml").documents
    assert not list(VALIDATOR.iter_errors(document.root.data))


def test_the_rules_inside():
    rule = AnyOf(any_of=("all", AllOf(all_of=(WINS, HALF)), (AnyOf(any_of=(TWO,)))))
    assert list(leaves(rule)) == ["all", WINS, HALF, TWO]
    assert list(leaves((WINS, AllOf(all_of=("any",))))) == [WINS, "any"]
    assert list(leaves("any")) == ["any"]


BAD = {
    "{percent: 0}": (23, "percent: 0 is out of range\n  Write a number of at least 1."),
    "{percent: 101}": (23, "percent: 101 is out of range\n  Write a number of at most 100."),
    "{percent: 12.5}": (
        23,
        "percent: should be a whole number, not the number 12.5\n  Write it in digits, without quotes.",
    ),
    "{percnt: 50}": (14, "percnt: unknown key 'percnt'\n  Did you mean 'percent'?"),
    "{any_off: [all]}": (14, "any_off: unknown key 'any_off'\n  Did you mean 'any_of'?"),
    "{percent: 50, at_least: 2}": (14, "percent: unknown key 'percent'"),
    "{any_of: []}": (22, "any_of: the list is empty\n  Add an entry."),
    "{all_of: all}": (
        22,
        "all_of: should be a list, not the text 'all'\n  Write [one, two], or one '- …' line for each entry.",
    ),
    "{any_of: [some]}": (23, f"any_of[0]: 'some' is not a rule\n{MEMBERS}"),
    "{any_of: [[all]]}": (23, f"any_of[0]: this list is not a rule\n{MEMBERS}"),
    "{any_of: [{x: 1}]}": (23, f"any_of[0]: this mapping is not a rule\n{MEMBERS}"),
    "{any_of: [all, {all_of: [{sektion: A}]}]}": (
        39,
        "any_of[1].all_of[0].sektion: unknown key 'sektion'\n  Did you mean 'section'?",
    ),
    "{any_of: [{section: A, done: {any_of: [{section: B}]}}]}": (
        52,
        "any_of[0].done.any_of[0]: this mapping is not a rule for boxes\n  Write all, any or {at_least: 2}.",
    ),
    f"{{any_of: [{'all, ' * 51}]}}": (22, "any_of: this list has 51 entries\n  Use 50 at most."),
}


@pytest.mark.parametrize(("text", "place"), BAD.items())
def test_a_bad_value_is_told_once(text, place, tmp_path):
    column, message = place
    found = faults(tmp_path, a=SETTINGS, broken=f"{CADENCE}close_when: {text}\n")
    assert found == [f"policies/broken.yml:7:{column}: close_when.{message}"]


@pytest.mark.parametrize(
    "text",
    [
        "{any_of: [" * 6 + "all" + "]}" * 6,
        "{all_of: [" * 20 + "all" + "]}" * 20,
        "{any_of: [{section: A, done: " + "{all_of: [" * 5 + "any" + "]}" * 5 + "}]}",
        "[" + "{any_of: [" * 6 + "{each: report}" + "]}" * 6 + "]",
    ],
)
def test_rules_that_are_too_deep_are_told_once(text, tmp_path):
    found = faults(tmp_path, a=SETTINGS, broken=f"{CADENCE}close_when: {text}\n")
    kind = "list" if text.startswith("[") else "mapping"
    message = f"this {kind} has rules nested more than 5 deep"
    remedy = "Use 5 levels of any_of and all_of at most."
    assert found == [f"policies/broken.yml:7:13: close_when: {message}\n  {remedy}"]


@pytest.mark.parametrize(
    "text", ["{percent: 0}", "{any_of: []}", "{any_of: [some]}", "[all]", "{all_of: [[any]]}"]
)
def test_the_schema_refuses_what_the_loader_does(text):
    (document,) = read_yaml(f"{CADENCE}close_when: {text}\n", "x.yml").documents
    assert list(VALIDATOR.iter_errors(document.root.data))


def test_what_else_a_cadence_says_of_completion(tmp_path):
    policy = f"{CADENCE}optional: [Extras, '**More**']\ncarried_items: required\n"
    (cadence,) = loaded(tmp_path, a=SETTINGS, b=roster(BERT), c=policy).cadences
    assert cadence.optional == ("Extras", "**More**")
    assert cadence.carried_items is CarriedItems.REQUIRED


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "optional: Extras",
            "7:11: optional: should be a list, not the text 'Extras'\n  Write [one, two], or one '- …' line for each entry.",
        ),
        ("optional: ['']", "7:12: optional[0]: the text is empty\n  Write it."),
        (
            "carried_items: always",
            "7:16: carried_items: 'always' is not valid here\n  Valid here: optional, required.",
        ),
    ],
)
def test_what_a_cadence_cannot_say_of_completion(line, told, tmp_path):
    assert faults(tmp_path, a=SETTINGS, broken=f"{CADENCE}{line}\n") == [
        f"policies/broken.yml:{told}"
    ]

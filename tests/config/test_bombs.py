"""Inputs that want to eat the machine are refused, and soon."""

from __future__ import annotations

import time

import pytest
import yaml

from tests.config.samples import CADENCE, SETTINGS, faults, roster

TOO_MANY = (
    "more than 100,000 values in one file, each alias counted in full\n"
    "  Split the file, and use fewer aliases."
)
TOO_DEEP = "nested more than 50 deep\n  Make it flatter."


def laughs(levels: int) -> str:
    """Every line ten times the line before."""
    lines = ["a0: &a0 [lol]\n"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{aliases}]\n")
    return "".join(lines)


def ladder(levels: int) -> str:
    """Every line one level deeper than the line before."""
    return "a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, levels))


BOMBS = {
    "billion laughs": (laughs(12), TOO_MANY),
    "a list of everything": ("a: [" + "1," * 100_001 + "]", TOO_MANY),
    "a ladder of aliases": (ladder(100), TOO_DEEP),
    "brackets": ("[" * 900_000, TOO_DEEP),
    "braces": ("{a: " * 200_000, TOO_DEEP),
    "dashes": ("- " * 400_000, TOO_DEEP),
    "question marks": ("? " * 400_000, TOO_DEEP),
}


@pytest.mark.parametrize(("text", "message"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_seconds(text, message, tmp_path):
    began = time.monotonic()
    (found,) = faults(tmp_path, a=SETTINGS, b=text)
    assert found.partition(": ")[2] == message
    assert time.monotonic() - began < 5


def test_many_small_documents(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b="--- 1\n" * 100_000)
    stop = "policies/b.yml:1001:1: more than 1,000 documents in one file\n  Split the file."
    assert stop in found
    assert len(found) == 1001


def test_a_report_thousands_of_times(tmp_path):
    entry = "      - {id: a, username: a}\n"
    managers = (
        "  - id: mgr-1\n    username: anna\n    director: dir-1\n    reports:\n" + entry * 9000
    )
    found = faults(tmp_path, a=SETTINGS, b=roster(managers))
    assert len(found) == 8999


def test_just_below_the_limits(tmp_path):
    assert TOO_DEEP not in faults(tmp_path, b="a: " + "[" * 49 + "]" * 49)[0]
    assert TOO_DEEP in faults(tmp_path, b="a: " + "[" * 50 + "]" * 50)[0]


def test_a_huge_number_is_text(tmp_path):
    (found,) = faults(tmp_path, a=SETTINGS, b=CADENCE + "about: 0x" + "f" * 90_000 + "\ndue: 9x\n")
    assert "'9x' is not a due date" in found


def test_a_huge_value_is_not_shown_in_full(tmp_path):
    (found,) = faults(tmp_path, a=SETTINGS, b=CADENCE + "due: " + "x" * 500_000 + "\n")
    assert len(found) < 200


@pytest.mark.parametrize("text", [laughs(12), "[" * 900, "- " * 4000], ids=["laughs", "[", "-"])
def test_without_the_parser_in_c(text, tmp_path, monkeypatch):
    monkeypatch.setattr("automation.config.yaml_reader.LOADER", yaml.SafeLoader)
    (found,) = faults(tmp_path, a=SETTINGS, b=text)
    assert found.partition(": ")[2] in {TOO_MANY, TOO_DEEP}

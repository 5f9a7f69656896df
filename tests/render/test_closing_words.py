"""Rules for closing, told to a manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from automation.loops import Loop
from automation.render.closing_words import closes_when
from tests.support.builders import MONDAY, an_org

ALL = "Every box is ticked, or set aside with [~]."
RULES: dict[str, tuple[Any, str]] = {
    "all": ("all", ALL),
    "any": ("any", "One box is ticked."),
    "one": ({"at_least": 1}, "At least 1 box is ticked."),
    "two": ({"at_least": 2}, "At least 2 boxes are ticked."),
    "percent": ({"percent": 50}, "50 % of the boxes that apply are ticked."),
    "sections": (
        [{"section": "A", "done": "any"}, {"section": "B"}],
        "In “A” one box is ticked; and in “B” every box is ticked, or set aside with [~].",
    ),
    "reports": (
        [{"each": "report", "done": {"at_least": 2}}],
        "For each report at least 2 boxes are ticked.",
    ),
    "one of": (
        {"any_of": ["any", {"all_of": [{"at_least": 2}, {"percent": 10}]}]},
        (
            "Either one box is ticked; or at least 2 boxes are ticked; and 10 % of the boxes that "
            "apply are ticked."
        ),
    ),
    "one of one": ({"any_of": ["any"]}, "One box is ticked."),
}


def loop(folder: Path, **facts: Any) -> Loop:
    builder = an_org(folder).with_manager().with_cadence(**facts)
    (found,) = builder.loops().current(MONDAY)
    return found


@pytest.mark.parametrize("name", RULES)
def test_a_rule(tmp_path: Path, name: str) -> None:
    rule, words = RULES[name]
    assert closes_when(loop(tmp_path, close_when=rule)) == words


def test_what_nobody_must_tick_and_what_was_carried(tmp_path: Path) -> None:
    found = loop(tmp_path, optional=["A", "B"], carried_items="required")
    assert closes_when(found) == (
        f"{ALL} Nobody must tick “A”, “B”. What earlier loops left open must be settled, too."
    )

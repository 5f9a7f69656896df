"""What `drumbeat setup` shows of each change: before → after, and no value of a variable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from automation.model.change import (
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    LabelBefore,
    ListMove,
    PrioritizeLabel,
    RemoveLabel,
    ScheduleBefore,
    VariableChange,
)
from automation.plan import Bounds, Plan
from automation.render.markdown import plan_markdown
from automation.render.provision import boards_text, provision_lines
from automation.render.text import plan_text
from automation.rules.provisioning import BoardAddress

SECRET = "glpat-canary"
WAS = LabelBefore(id=4, color="#111111", description="")
BOARD = EnsureBoard(
    key="support: All", reason="", place="support", in_group=True, name="All", labels_group="s"
)
SCHEDULE = EnsureSchedule(
    key="support/drumbeat: Hourly",
    reason="",
    project="support/drumbeat",
    description="Hourly",
    cron="17 * * * *",
    timezone="UTC",
    ref="main",
    active=True,
)
HELD = ScheduleBefore(
    id=1, cron="0 8 * * *", timezone="Europe/Dublin", ref="refs/heads/old", active=False, owner="a"
)


def label(**facts):
    fields = {"key": "b", "reason": "", "group": "s", "name": "b", "color": "#222222"}
    return EnsureLabel(**fields | facts)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (label(), ["+ b  #222222"]),
        (
            label(description="New", before=WAS.model_copy(update={"name": "a"})),
            [
                "~ b  #222222",
                "name: a → b; issues keep it",
                "colour: #111111 → #222222",
                "description: (no description) → “New”",
            ],
        ),
        (
            label(before=WAS.model_copy(update={"name": "a", "color": "#222222"})),
            ["~ b  #222222", "name: a → b; issues keep it"],
        ),
        (
            RemoveLabel(
                key="a", reason="", group="s", name="a",
                before=WAS.model_copy(update={"description": "Old"}),
            ),
            ["- a  #111111 “Old”; issues lose it"],
        ),
        (
            PrioritizeLabel(key="p: a", reason="", project="p", name="a", priority=0),
            ["~ p: a  priority: none → 0"],
        ),
        (
            PrioritizeLabel(key="p: a", reason="", project="p", name="a", priority=2, before=7),
            ["~ p: a  priority: 7 → 2"],
        ),
        (
            BOARD.model_copy(update={"lists_after": ("x", "y"), "only": ("d",)}),
            ["+ support: All  lists: x, y", "only cards with d"],
        ),
        (
            BOARD.model_copy(
                update={
                    "before": 3,
                    "moves": (ListMove(label="x", list_id=1, position=0),),
                    "lists_before": ("y", "x"),
                    "lists_after": ("x", "y"),
                }
            ),
            ["~ support: All", "lists: y, x → x, y"],
        ),
        (
            BOARD.model_copy(update={"before": 3, "missing": ("x",), "lists_after": ("x",)}),
            ["~ support: All", "lists: none → x"],
        ),
        (
            BOARD.model_copy(update={"before": 3, "only": ("d",)}),
            ["~ support: All", "only cards with d"],
        ),
        (SCHEDULE, ["+ support/drumbeat: Hourly  17 * * * * UTC, on main"]),
        (
            SCHEDULE.model_copy(update={"active": False}),
            ["+ support/drumbeat: Hourly  17 * * * * UTC, on main, not active"],
        ),
        (
            SCHEDULE.model_copy(update={"before": HELD, "take_ownership": True}),
            [
                "~ support/drumbeat: Hourly",
                "cron: 0 8 * * * → 17 * * * *",
                "time zone: Europe/Dublin → UTC",
                "ref: refs/heads/old → main",
                "active: no → yes",
                "owner: @a → Drumbeat",
            ],
        ),
        (
            SCHEDULE.model_copy(
                update={
                    "before": ScheduleBefore(
                        id=1, cron="17 * * * *", timezone="UTC", ref="main", active=True
                    ),
                    "take_ownership": True,
                    "variables": (
                        VariableChange(key="NEW", value=SECRET),
                        VariableChange(key="OTHER", value=SECRET, there=True),
                        VariableChange(key="GONE", value=None, there=True),
                    ),
                }
            ),
            [
                "~ support/drumbeat: Hourly",
                "owner: none → Drumbeat",
                "variable added: NEW",
                "variable changed: OTHER",
                "variable removed: GONE",
            ],
        ),
    ],
)  # fmt: skip
def test_a_change_is_told_line_by_line(change, lines):
    assert list(provision_lines(change)) == lines


def test_no_plan_shows_the_value_of_a_variable():
    change = SCHEDULE.model_copy(update={"variables": (VariableChange(key="NEW", value=SECRET),)})
    removed = RemoveLabel(key="a", reason="", group="s", name="a", before=WAS)
    first = PrioritizeLabel(key="p: a", reason="", project="p", name="a", priority=1)
    plan = Plan(
        now=datetime(2026, 11, 23, tzinfo=UTC),
        changes=(removed, first, change),
        bounds=Bounds(create=1, close=1, notes=1, mentions_per_person=1),
    )
    text, markdown = plan_text(plan), plan_markdown(plan)
    assert SECRET not in text + markdown + repr(change)
    assert "NEW" in text
    assert "Schedules (1)" in text
    assert text.endswith("2 labels to change, 1 schedule to make.\n")
    assert "| a | removed |" in markdown
    assert "| p: a | priority 1 |" in markdown


def test_boards_are_listed_with_their_addresses():
    board = BoardAddress("Loops", "support/loops", "/support/loops/-/boards/7", "dir-1")
    assert boards_text([board], "https://gl.example.com") == (
        "\nBoards (1)\n  Loops\n      https://gl.example.com/support/loops/-/boards/7\n"
    )
    assert boards_text([], "https://gl.example.com") == ""

"""A line of the audit trail: what was, what is, and nothing of what is confidential."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from automation.apply.attempts import told
from automation.model.change import (
    Assignee,
    Change,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    IssueBefore,
    LabelBefore,
    MilestoneChoice,
    PrioritizeLabel,
    RemoveLabel,
    ScheduleBefore,
    Status,
    VariableChange,
)
from automation.render.audit import audit_line, job_of
from tests.render.rich_plan import CANARY, CHANGES
from tests.support.changes import opening, transition

TIME = datetime(2026, 11, 23, 9, tzinfo=UTC)
LOOK = LabelBefore(id=1, color="#000000", description="old")


def line(change: Change, status: Status = Status.DONE, **facts: Any) -> dict[str, Any]:
    outcome = told(change, status).model_copy(update=facts)
    text = audit_line(outcome, change, TIME, None)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def states(change: Change) -> tuple[Any, Any]:
    found = line(change)
    return found["before"], found["after"]


def test_a_transition_tells_what_was_and_what_is():
    change = transition(
        add_labels=("loop::missed",),
        remove_labels=("loop::open",),
        close=True,
        say="a word",
        mentions=("anna",),
    ).model_copy(update={"before": IssueBefore(opened=True, labels=("loop::open", "own"))})
    assert states(change) == (
        {"opened": True, "labels": ["loop::open", "own"]},
        {"opened": False, "labels": ["loop::missed", "own"], "said": True, "mentions": ["anna"]},
    )


def test_a_triage_deed_tells_all_that_it_changes():
    change = transition(
        reopen=True,
        assign=Assignee(id=1, username="anna"),
        milestone=MilestoneChoice(id=1, title="Q4"),
        due_date=TIME.date(),
        move_to="support/other",
    )
    assert states(change)[1] == {
        "opened": True,
        "labels": [],
        "assignee": "anna",
        "milestone": "Q4",
        "due_date": "2026-11-23",
        "project": "support/other",
    }


def test_of_a_confidential_issue_only_the_changes_own_labels_are_told():
    change = transition(
        confidential=True, add_labels=("loop::done",), remove_labels=("loop::open",), say=CANARY
    ).model_copy(
        update={"before": IssueBefore(opened=True, labels=("loop::open", CANARY)), "reason": CANARY}
    )
    found = line(change)
    assert (found["before"], found["after"]) == (
        {"opened": True, "labels": ["loop::open"]},
        {"opened": True, "labels": ["loop::done"], "said": True},
    )
    assert found["reason"] == "(confidential)"
    assert CANARY not in json.dumps(found)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.key[:30])
def test_no_line_tells_what_a_confidential_issue_says(change):
    assert CANARY not in json.dumps(line(change))


def test_an_opened_issue_tells_how_it_is_opened():
    secret = opening(title=CANARY, confidential=True, due_date=TIME.date(), assignees=("anna",))
    assert states(opening())[1]["title"] == "t"
    assert states(secret) == (
        None,
        {
            "opened": True,
            "labels": ["drumbeat"],
            "project": "support/loops",
            "title": None,
            "assignees": ["anna"],
            "due_date": "2026-11-23",
            "confidential": True,
        },
    )


LABEL = EnsureLabel(key="l", reason="r", group="g", name="l", color="#FFFFFF", description="new")
BOARD = EnsureBoard(
    key="b", reason="r", place="g", in_group=True, name="b", labels_group="g", lists_after=("x",)
)
SCHEDULE = EnsureSchedule(
    key="s",
    reason="r",
    project="p",
    description="d",
    cron="0 * * * *",
    timezone="UTC",
    ref="main",
    active=True,
    variables=(VariableChange(key="DRUMBEAT_ONLY", value="secret-value"),),
)
WAS = ScheduleBefore(id=3, cron="1 * * * *", timezone="UTC", ref="main", active=False)
NOW = {"cron": "0 * * * *", "timezone": "UTC", "ref": "main", "active": True}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (LABEL, None, {"name": "l", "color": "#FFFFFF", "description": "new"}),
        (
            LABEL.model_copy(update={"before": LOOK}),
            {"id": 1, "name": "", "color": "#000000", "description": "old"},
            {"name": "l", "color": "#FFFFFF", "description": "new"},
        ),
        (
            PrioritizeLabel(key="p", reason="r", project="p", name="l", priority=2, before=1),
            {"priority": 1},
            {"priority": 2},
        ),
        (
            RemoveLabel(key="o", reason="r", group="g", name="o", before=LOOK),
            {"id": 1, "name": "", "color": "#000000", "description": "old"},
            None,
        ),
        (BOARD, None, {"lists": ["x"]}),
        (
            BOARD.model_copy(update={"before": 4, "lists_before": ("y",)}),
            {"board": 4, "lists": ["y"]},
            {"lists": ["x"]},
        ),
        (SCHEDULE, None, {**NOW, "variables": ["DRUMBEAT_ONLY"]}),
        (
            SCHEDULE.model_copy(update={"before": WAS}),
            {**WAS.model_dump()},
            {**NOW, "variables": ["DRUMBEAT_ONLY"]},
        ),
    ],
)
def test_what_a_setup_makes_tells_what_was_and_what_is(change, before, after):
    assert states(change) == (before, after)
    assert "secret-value" not in json.dumps(line(change))


def test_what_did_not_happen_left_nothing_behind():
    change = transition(close=True)
    for status in (Status.FAILED, Status.SKIPPED):
        found = line(change, status)
        assert (found["after"], found["url"]) == (None, "https://x/1")
        assert found["before"] == {"opened": True, "labels": []}
    assert line(change, Status.UNKNOWN)["after"]["opened"] is False
    assert line(change, Status.FAILED, in_part=True)["after"]["opened"] is False
    assert line(opening(), Status.FAILED)["url"] == ""


def test_a_line_says_when_by_which_run_and_why_it_was_allowed():
    change = transition()
    job = job_of({"CI_PIPELINE_URL": "https://x/-/pipelines/1", "CI_JOB_ID": "2"})
    found = json.loads(audit_line(told(change, Status.DONE), change, TIME, job, "why"))
    assert (found["time"], found["run"], found["forced"]) == (
        "2026-11-23T09:00:00+00:00",
        {"pipeline": "https://x/-/pipelines/1", "job": "2"},
        "why",
    )
    assert job_of({}) is None
    gone = json.loads(audit_line(told(change, Status.SKIPPED), None, TIME, None))
    assert (gone["reason"], gone["before"], gone["after"], gone["url"]) == ("", None, None, "")


def test_no_label_breaks_a_line_or_turns_it_round():
    odd = "a\u2028b\u202ec\u0085\n"
    change = transition(add_labels=(odd,))
    text = audit_line(told(change, Status.DONE), change, TIME, None)
    assert text.isascii()
    assert len(text.splitlines()) == 1
    assert odd in json.loads(text)["after"]["labels"]

"""One plan with a change of every kind, hostile names and confidential words in it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from automation.model.change import (
    Assignee,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    Outcome,
    Problem,
    Status,
    Target,
    Transition,
)
from automation.plan import Bounds, Plan

CANARY = "canary-7f3a"
"""Stands in every text that a confidential issue has."""

EVIL = "evil|/close @all <b>#1 ~bug [x](y) `c`"
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Europe/Dublin"))


def target(iid, project="support/loops"):
    url = f"https://gitlab.example.com/{project}/-/issues/{iid}"
    return Target(project_id=7, project=project, iid=iid, web_url=url)


def before(*labels):
    return IssueBefore(opened=True, labels=labels)


CHANGES = (
    EnsureLabel(
        key="loop::open",
        reason="a change needs it",
        group="support",
        name="loop::open",
        color="#428BCA",
    ),
    EnsureLabel(
        key="SGG",
        reason="a `labels` document says how it looks",
        group="support",
        name="SGG",
        color="#1F7E6E",
        before=LabelBefore(id=9, color="#000000", description=""),
    ),
    EnsureBoard(
        key="support/loops: Loops of Dora",
        reason="policies ask for it",
        place="support/loops",
        in_group=False,
        name="Loops of Dora",
        missing=("loop::open", "loop::overdue"),
        labels_group="support",
        lists_after=("loop::open", "loop::overdue"),
    ),
    EnsureBoard(
        key="support: All",
        reason="lacks attention",
        place="support",
        in_group=True,
        name="All",
        missing=("attention",),
        labels_group="support",
        before=3,
        lists_before=("loop::open",),
        lists_after=("loop::open", "attention"),
    ),
    CreateIssue(
        key="ticket-review/mgr-1/2026-W48",
        reason="2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop",
        project_id=7,
        project="support/loops",
        title=f"Review {EVIL}",
        description="- [ ] one",
        labels=("drumbeat", "loop::open"),
        assignee_ids=(1,),
        assignees=("mgr-1",),
        due_date=date(2026, 11, 27),
    ),
    CreateIssue(
        key="one-on-one/mgr-1/2026-W48",
        reason="2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop",
        project_id=8,
        project="support/1-1s/mgr-1",
        title=f"1:1s {CANARY}",
        description=f"- [ ] {CANARY}",
        labels=("drumbeat", "loop::open"),
        confidential=True,
    ),
    Transition(
        key="ticket-review/mgr-1/2026-W47",
        reason="2026-W48 begins",
        to="loop::missed",
        target=target(3),
        add_labels=("loop::missed",),
        remove_labels=("loop::open",),
        close=True,
        say="The next one has begun.",
        marker="<!-- m -->",
        before=before("loop::open"),
    ),
    Transition(
        key="one-on-one/mgr-2/2026-W47",
        reason="4 of 4 items are ticked",
        to="loop::done",
        target=target(4, "support/1-1s/mgr-2"),
        add_labels=("loop::done",),
        close=True,
        say=f"Done: {CANARY}",
        confidential=True,
        before=before(),
    ),
    Transition(
        key="support/sgg/baobab#5",
        reason=f"stale-initiatives/stale: title == '{EVIL}'",
        to="stale",
        target=target(5, "support/sgg/baobab"),
        add_labels=("initiative::stale",),
        remove_labels=("fresh",),
        say="Still on?",
        mentions=("mgr-1", "mgr-2"),
        before=before("SGG", "fresh"),
    ),
    Transition(
        key="support/sgg/baobab#6",
        reason='stale-initiatives/revived: has("initiative::stale")',
        to="revived",
        target=target(6, "support/sgg/baobab"),
        assign=Assignee(id=5, username="mgr-3"),
        before=before(),
    ),
)
PROBLEMS = (
    Problem(
        key="support/closed",
        message="the token's role there is not proven",
        remedy="Give it the role Planner.",
        blocking=True,
    ),
    Problem(
        key=EVIL,
        message=f"its title and its markers name {EVIL}",
        url="https://gitlab.example.com/9",
    ),
)
BOUNDS = Bounds(create=1, close=9, notes=2, mentions_per_person=5)
PLAN = Plan(now=NOW, changes=CHANGES, problems=PROBLEMS, bounds=BOUNDS, only=("manager=mgr-1",))
EMPTY = Plan(now=NOW, bounds=BOUNDS)


def outcome(change, status, detail="", url=""):
    return Outcome(
        change=change.id,
        kind=change.kind,
        key=change.key,
        deed="open",
        status=status,
        detail=detail,
        url=url,
    )


OUTCOMES = (
    outcome(CHANGES[0], Status.DONE, url="https://gitlab.example.com/labels"),
    outcome(CHANGES[4], Status.FAILED, "403 Forbidden"),
    outcome(CHANGES[5], Status.UNKNOWN, "the answer was lost"),
    outcome(CHANGES[6], Status.SKIPPED, "no longer holds"),
    outcome(CHANGES[7], Status.DONE),
)

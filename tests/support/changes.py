"""Changes as a plan holds them, with just enough in them."""

from __future__ import annotations

from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    Target,
    Transition,
)
from automation.plan import Bounds

PLENTY = Bounds(create=100, close=100, notes=100, mentions_per_person=100)


def label(name="loop::open"):
    return EnsureLabel(key=name, reason="r", group="support", name=name, color="#000000")


def board(name="Europe"):
    return EnsureBoard(
        key=name,
        reason="r",
        place="support",
        in_group=True,
        name=name,
        missing=(),
        labels_group="support",
    )


def opening(key="weekly/mgr-1/2026-W48", **facts):
    fields = {"title": "t", "description": "d", "labels": ("drumbeat",)}
    where = {"project_id": 1, "project": "support/loops"}
    return CreateIssue.model_validate({"key": key, "reason": "r"} | where | fields | facts)


def transition(key="weekly/mgr-1/2026-W47", iid=1, **facts):
    return Transition(
        key=key,
        reason="r",
        to="loop::missed",
        target=Target(project_id=1, project="support/loops", iid=iid, web_url="https://x/1"),
        before=IssueBefore(opened=True, labels=()),
        **facts,
    )

"""The audit trail: every change of a run as a line of JSON, for whoever asks later.

A line is whole in itself, so that files can be joined, filtered and kept. What a confidential
issue says is not in it, nor are values of variables. All but ASCII is escaped: no label can
break a line, or turn it round where it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from automation import __version__
from automation.model.base import Fact
from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    Outcome,
    PrioritizeLabel,
    RemoveLabel,
    Transition,
)
from automation.render.text import why

Facts = dict[str, Any]


class Job(Fact):
    """The job of a pipeline that a run is: the address of the pipeline, and the job's id."""

    pipeline: str
    job: str


def job_of(environment: Mapping[str, str]) -> Job | None:
    """The job whose variables these are; None outside of pipelines.

    Source: GitLab's documentation, "Predefined CI/CD variables".
    """
    pipeline = environment.get("CI_PIPELINE_URL", "")
    return Job(pipeline=pipeline, job=environment.get("CI_JOB_ID", "")) if pipeline else None


def audit_line(
    outcome: Outcome, change: Change | None, time: datetime, job: Job | None, force: str = ""
) -> str:
    """What became of a change, as one line.

    `change` is None for one that was reviewed and does not hold any more. `time` is when it
    was known; `force` why the run was allowed past its limits.
    """
    return json.dumps(
        {
            "time": time.isoformat(),
            "run": job.model_dump() if job else None,
            "version": __version__,
            "key": outcome.key,
            "kind": outcome.kind,
            "deed": outcome.deed,
            "reason": why(change) if change else "",
            "status": outcome.status,
            "detail": outcome.detail,
            "before": _before(change) if change else None,
            "after": _after(change) if change and outcome.may_show else None,
            "url": outcome.url or _place(change),
            "request_id": outcome.request_id,
            "forced": force,
            "change": outcome.change,
        }
    )


def _place(change: Change | None) -> str:
    """Where it would show, had it been done."""
    return change.target.web_url if isinstance(change, Transition) else ""


def _before(change: Change) -> object:
    """What was there, as far as it was known when the run was planned; None for nothing."""
    match change:
        case CreateIssue():
            return None
        case Transition():
            labels = (one for one in change.before.labels if _is_told(one, change))
            return {"opened": change.before.opened, "labels": list(labels)}
        case EnsureBoard(before=None):
            return None
        case EnsureBoard():
            return {"board": change.before, "lists": list(change.lists_before)}
        case PrioritizeLabel():
            return {"priority": change.before}
    return change.before.model_dump(mode="json") if change.before else None


def _is_told(label: str, change: Transition) -> bool:
    """Of a confidential issue, only what the change itself takes off: the rest is people's."""
    return not change.confidential or label in change.remove_labels


def _after(change: Change) -> Facts | None:
    """What is there once it is done, by the names that `before` has, and what came with it."""
    match change:
        case CreateIssue():
            return _opened(change)
        case Transition():
            return _moved(change)
        case EnsureLabel():
            return {
                "name": change.name,
                "color": change.color,
                "description": change.description,
            }
        case PrioritizeLabel():
            return {"priority": change.priority}
        case RemoveLabel():
            return None
        case EnsureBoard():
            return {"lists": list(change.lists_after)}
    return _scheduled(change)


def _opened(change: CreateIssue) -> Facts:
    return {
        "opened": True,
        "labels": list(change.labels),
        "project": change.project,
        "title": None if change.confidential else change.title,
        "assignees": list(change.assignees),
        "due_date": change.due_date.isoformat() if change.due_date else None,
        "confidential": change.confidential,
    }


def _moved(change: Transition) -> Facts:
    before = {one for one in change.before.labels if _is_told(one, change)}
    facts: Facts = {
        "opened": change.reopen or (change.before.opened and not change.close),
        "labels": sorted((before - {*change.remove_labels}) | {*change.add_labels}),
        "assignee": change.assign.username if change.assign else None,
        "milestone": change.milestone.title if change.milestone else None,
        "due_date": change.due_date.isoformat() if change.due_date else None,
        "project": change.move_to or None,
        "said": bool(change.say) or None,
        "mentions": list(change.mentions) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _scheduled(change: EnsureSchedule) -> Facts:
    return {
        "cron": change.cron,
        "timezone": change.timezone,
        "ref": change.ref,
        "active": change.active,
        "variables": [one.key for one in change.variables],
    }

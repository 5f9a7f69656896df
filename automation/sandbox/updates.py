"""From what quick actions ask for, by id, to changes of an issue, by row."""

from __future__ import annotations

from typing import Any

from automation.sandbox import labelling
from automation.sandbox.call import Call
from automation.sandbox.issue_edit import Changes
from automation.sandbox.schema import Issue, Label, Milestone, Project, User

_PLAIN = (
    "title", "due_date", "confidential", "discussion_locked", "weight", "time_estimate",
    "issue_type", "severity",
)  # fmt: skip


def to_changes(
    call: Call, project: Project, issue: Issue | None, updates: dict[str, Any]
) -> Changes:
    """Updates (GitLab's ``commands_changes``) as changes to rows."""
    changes: Changes = {}
    if {"label_ids", "add_label_ids", "remove_label_ids"} & set(updates):
        changes["labels"] = _labels(call, project, issue, updates)
    if "assignee_ids" in updates:
        ids = updates["assignee_ids"]
        changes["assignees"] = [call.session.get_one(User, i) for i in ids]
    if "milestone_id" in updates:
        wanted = updates["milestone_id"]
        changes["milestone"] = call.session.get(Milestone, wanted) if wanted else None
    for name in _PLAIN:
        if name in updates:
            changes[name] = updates[name]  # type: ignore[literal-required]
    if "state_event" in updates or "canonical_issue_id" in updates:
        changes["state_event"] = updates.get("state_event", "close")
    return changes


def _labels(
    call: Call, project: Project, issue: Issue | None, updates: dict[str, Any]
) -> list[Label]:
    """Labels that are there, or those that replace them, plus the added, minus the removed."""
    held = list(issue.labels) if issue else []
    if "label_ids" in updates:
        held = labelling.by_ids(call.session, project, updates["label_ids"])
    removed = set(updates.get("remove_label_ids", []))
    held += labelling.by_ids(call.session, project, updates.get("add_label_ids", []))
    return [label for label in held if label.id not in removed]

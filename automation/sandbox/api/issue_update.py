"""Changing an issue, with the quick actions in its new description."""

from __future__ import annotations

from typing import Any

from automation.sandbox import issue_params
from automation.sandbox.api import effects, find
from automation.sandbox.api.issues import editor, owns, present
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, grape, not_found
from automation.sandbox.routing import Router

ROUTES = Router()
_UPDATABLE = (
    "assignee_id", "assignee_ids", "confidential", "created_at", "description",
    "discussion_locked", "due_date", "labels", "add_labels", "remove_labels", "milestone_id",
    "state_event", "title", "issue_type", "weight", "epic_id", "epic_iid",
)  # fmt: skip

# They count as a change too, but GitLab's message does not name them.
_NEWER = ("updated_at", "milestone", "start_date", "severity")


@ROUTES.add("PUT", "/projects/:id/issues/:issue_iid")
def update(call: Call) -> Any:
    """Change an issue; one that moves by a quick action is shown where it is then."""
    project = find.project(call)
    if not call.params.any_of((*_UPDATABLE, *_NEWER)):
        raise grape(f"{', '.join(_UPDATABLE)} are missing, at least one parameter must be provided")
    row = find.issue_row(call, project)
    if row is None:
        raise not_found()
    if not call.access.updates_issue(row):
        raise forbidden()
    changes, meant = issue_params.for_update(call, row)
    when = call.params.time("updated_at") if owns(call, project) else None
    if editor(call, when).edit(row, changes) and when is not None:
        row.updated_at = when
    return present(call, effects.finish(call, row, meant) if meant else row)

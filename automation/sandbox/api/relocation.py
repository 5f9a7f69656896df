"""Moving, cloning and reordering issues (``lib/api/issues.rb``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from automation.sandbox import moving
from automation.sandbox.api import find
from automation.sandbox.api.issues import editor, present
from automation.sandbox.call import Call
from automation.sandbox.errors import ApiError, forbidden, grape, message, not_found
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Project

ROUTES = Router()
ISSUE = "/projects/:id/issues/:issue_iid"


def _target(call: Call) -> tuple[Issue, Project]:
    wanted = call.params.need_int("to_project_id")
    row = find.issue_row(call, find.project(call))
    if row is None:
        raise not_found("Issue")
    target = call.session.get(Project, wanted)
    if target is None:
        raise not_found("Project")
    return row, target


@ROUTES.add("POST", f"{ISSUE}/move")
def move(call: Call) -> Any:
    """Move an issue to another project; the original stays behind, closed."""
    row, target = _target(call)
    access = call.access
    if target.id == row.project_id:
        raise message(400, "Cannot move issue to project it originates from!")
    allowed = access.sets_metadata(row) and access.manages_issues(target)
    if row.moved_to_id is not None or not allowed or not access.uses_issues(target):
        raise message(400, "Cannot move issue due to insufficient permissions!")
    return present(call, move_to(call, row, target))


def move_to(call: Call, row: Issue, target: Project) -> Issue:
    """The copy in the target project, with its history; closes the original."""
    copy = _copy(call, row, target)
    moving.copy_history(call.session, row, copy)
    pen = editor(call)
    pen.system_note(copy, f"moved from {moving.reference(row, target)}")
    pen.system_note(row, f"moved to {moving.reference(copy, row.project)}")
    pen.edit(row, {"state_event": "close"})
    row.moved_to_id = copy.id
    row.updated_at = copy.updated_at = call.now
    call.session.flush()
    return copy


def _copy(call: Call, row: Issue, target: Project) -> Issue:
    changes = moving.carried_over(call.session, row, target)
    iid = target.next_iid
    target.next_iid += 1
    copy = moving.copy_issue(call.session, row, target, changes, iid=iid)
    moving.copy_reactions(call.session, row, copy)
    return copy


@ROUTES.add("POST", f"{ISSUE}/clone")
def clone(call: Call) -> Any:
    """Copy an issue, by default without its notes; the original stays as it is."""
    row, target = _target(call)
    access = call.access
    allowed = access.reads_issue(row) and access.sets_metadata(row)
    if not (allowed and access.manages_issues(target) and access.uses_issues(target)):
        raise message(400, "Cannot clone issue due to insufficient permissions!")
    with_notes = bool(call.params.flag("with_notes", default=False))
    return present(call, clone_to(call, row, target, with_notes=with_notes))


def clone_to(call: Call, row: Issue, target: Project, *, with_notes: bool) -> Issue:
    """An open copy by the caller; the original stays as it is."""
    copy = _copy(call, row, target)
    copy.author, copy.created_at, copy.updated_at = call.me, call.now, call.now
    copy.state, copy.closed_at, copy.closed_by = "opened", None, None
    if with_notes:
        moving.copy_history(call.session, row, copy)
    else:
        copy.notes_count = 0
    pen = editor(call)
    pen.system_note(copy, f"cloned from {moving.reference(row, target)}")
    pen.touch(row, f"cloned to {moving.reference(copy, row.project)}")
    call.session.flush()
    return copy


def _neighbour(call: Call, row: Issue, name: str) -> Issue | None:
    wanted = call.params.integer(name)
    found = call.session.get(Issue, wanted) if wanted else None
    return found if found is not None and found.project_id == row.project_id else None


@ROUTES.add("PUT", f"{ISSUE}/reorder")
def reorder(call: Call) -> Any:
    """Put an issue after one, before another, or between the two."""
    if not call.params.any_of(("move_after_id", "move_before_id")):
        raise grape(
            "move_after_id, move_before_id are missing, at least one parameter must be provided"
        )
    row = find.issue_row(call, find.project(call))
    if row is None:
        raise not_found("Issue")
    if not call.access.updates_issue(row):
        raise forbidden()
    above, below = (_neighbour(call, row, f"move_{side}_id") for side in ("after", "before"))
    if above is None and below is None:
        raise ApiError(422, {"message": {"error": "Unprocessable Entity"}})
    row.relative_position = _between(call, row, above, below)
    return present(call, row)


def _between(call: Call, row: Issue, above: Issue | None, below: Issue | None) -> float:
    """The middle of the two places; without one of them, of the next in that direction."""
    place = moving.PLACE
    others = select(place).where(Issue.project_id == row.project_id, Issue.id != row.id)
    low = moving.place(above) if above is not None else None
    high = moving.place(below) if below is not None else None
    if low is None:
        last = others.where(place < high).with_only_columns(func.max(place))
        low = call.session.scalar(last)
    elif high is None:
        first = others.where(place > low).with_only_columns(func.min(place))
        high = call.session.scalar(first)
    if low is None or high is None:
        return (low or high or 0) + (moving.DISTANCE if high is None else -moving.DISTANCE)
    return (low + high) / 2

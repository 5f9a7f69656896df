"""Deleting and moving groups and projects.

Sources: `lib/api/groups.rb`, `lib/api/projects.rb`. GitLab may wait for some days before it
deletes; here it happens at once, as on a server whose waiting time is nought.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, select

from automation.sandbox.access import MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.groups import owned, path_fault
from automation.sandbox.api.projects import check_path, check_visibility, present
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, message, not_found
from automation.sandbox.moving_places import move_below
from automation.sandbox.paging import paginate
from automation.sandbox.project_filter import below_groups
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Event,
    Issue,
    Label,
    Member,
    Milestone,
    Namespace,
    Project,
    Token,
    at_path,
)
from automation.sandbox.schema_boards import Board
from automation.sandbox.shapes import places

ROUTES = Router()


@ROUTES.add("DELETE", "/groups/:id", status=202)
def remove(call: Call) -> Any:
    """Delete a group with all that is below it, at once."""
    row = owned(call)
    below = list(
        call.session.scalars(select(Namespace.id).where(Namespace.lineage.startswith(row.lineage)))
    )
    inside = list(call.session.scalars(select(Project.id).where(Project.namespace_id.in_(below))))
    wipe_projects(call, inside)
    for column in (Board.group_id, Label.group_id, Milestone.group_id, Member.group_id):
        call.session.execute(delete(column.class_).where(column.in_(below)))
    call.session.execute(delete(Namespace).where(Namespace.id.in_(below)))
    return Reply(202, {"message": "202 Accepted"})


def wipe_projects(call: Call, ids: list[int]) -> None:
    """Delete projects and everything in them."""
    issues = select(Issue.id).where(Issue.project_id.in_(ids))
    call.session.execute(delete(Event).where(Event.issue_id.in_(issues)))
    call.session.execute(delete(Issue).where(Issue.project_id.in_(ids)))
    for column in (
        Board.project_id, Label.project_id, Milestone.project_id, Member.project_id,
        Token.project_id,
    ):  # fmt: skip
        call.session.execute(delete(column.class_).where(column.in_(ids)))
    call.session.execute(delete(Project).where(Project.id.in_(ids)))


@ROUTES.add("DELETE", "/projects/:id", status=202)
def remove_project(call: Call) -> Any:
    """Delete a project, at once."""
    row = find.project(call)
    if call.access.project_level(row) < OWNER:
        raise forbidden()
    wipe_projects(call, [row.id])
    return Reply(202, {"message": "202 Accepted"})


def _target(call: Call, wanted: str) -> Namespace:
    """A group or a namespace to move things into, by number or by path."""
    by_path = at_path(Namespace.full_path, wanted)
    where = Namespace.id == int(wanted) if wanted.isdigit() else by_path
    row = call.session.scalar(select(Namespace).where(where))
    if row is None or not (row.owner_id == call.me.id or call.access.reads_group(row)):
        raise not_found("Namespace")
    return row


@ROUTES.add("PUT", "/projects/:id/transfer", status=200)
def transfer_project(call: Call) -> Any:
    """Move a project into another namespace."""
    row = find.project(call)
    if call.access.project_level(row) < OWNER:
        raise forbidden()
    return _transfer(call, row, _target(call, call.params.need("namespace")))


def _transfer(call: Call, row: Project, space: Namespace) -> Any:
    if call.access.group_level(space) < MAINTAINER or space.id == row.namespace_id:
        raise message(400, "Project could not be transferred")
    check_path(call, row.path, space)
    check_visibility(row.visibility, space)
    row.namespace, row.full_path = space, f"{space.full_path}/{row.path}"
    call.session.flush()
    return present(call, [row])[0]


@ROUTES.add("POST", "/groups/:id/projects/:project_id")
def transfer_into(call: Call) -> Any:
    """Move a project into a group; for administrators."""
    call.admin_only()
    group = find.group(call)
    row = find.project_by(call, call.path["project_id"])
    _transfer(call, row, group)
    return places.group(group, call.base_url)


@ROUTES.add("POST", "/groups/:id/transfer")
def transfer_group(call: Call) -> Any:
    """Move a group below another, or with no ``group_id`` to the top."""
    row, wanted = owned(call), call.params.text("group_id")
    parent = find.group_by(call, wanted) if wanted else None
    if parent is not None and call.access.group_level(parent) < OWNER:
        raise _stuck("You don't have enough permissions.")
    if (parent.id if parent else None) == row.parent_id:
        raise _stuck("Group is already associated to the parent group.")
    if parent is not None and parent.lineage.startswith(row.lineage):
        raise _stuck("Cannot transfer group to one of its subgroup.")
    if wrong := path_fault(call, row.path, parent):
        raise _stuck(f"Path {wrong}")
    row.parent_id = parent.id if parent else None
    move_below(call.session, row, parent)
    return places.group(row, call.base_url)


def _stuck(why: str) -> Exception:
    return message(400, f"Transfer failed: {why}")


@ROUTES.add("GET", "/projects/:id/transfer_locations", login=True)
def project_targets(call: Call) -> Any:
    """The groups that a project could move into."""
    row = find.project(call)
    if call.access.project_level(row) < OWNER:
        raise forbidden()
    return _targets(call, MAINTAINER, Namespace.id != row.namespace_id)


@ROUTES.add("GET", "/groups/:id/transfer_locations", login=True)
def group_targets(call: Call) -> Any:
    """The groups that a group could move into."""
    row = owned(call)
    outside = ~Namespace.lineage.startswith(row.lineage, autoescape=True)
    return _targets(call, OWNER, outside & (Namespace.id != (row.parent_id or 0)))


def _targets(call: Call, least: int, but: ColumnElement[bool]) -> Any:
    wanted = select(Namespace).where(Namespace.kind == "group", but).order_by(Namespace.id)
    if not call.access.admin:
        mine = [i for i, level in call.access.group_roles.items() if level >= least]
        wanted = wanted.where(below_groups(mine))
    if text := call.params.text("search"):
        wanted = wanted.where(Namespace.name.icontains(text, autoescape=True))
    rows = paginate(call, wanted, Namespace.id)
    return [places.group_public(row, call.base_url) for row in rows]

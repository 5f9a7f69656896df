"""Groups and their subgroups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, func, or_, select

from automation.sandbox.access import GUEST, MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.projects import ordered, present
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import bad_request, forbidden, not_found
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.project_filter import VISIBILITIES, below_groups, narrowed, visible
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Board,
    Event,
    Issue,
    Label,
    Member,
    Milestone,
    Namespace,
    Project,
    Token,
)
from automation.sandbox.shapes import places

ROUTES = Router()


def _listed(call: Call, wanted: Select[Namespace]) -> list[dict[str, Any]]:
    params = call.params
    if text := params.text("search"):
        fields = (Namespace.name, Namespace.full_path)
        wanted = wanted.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    if level := params.choice("visibility", VISIBILITIES):
        wanted = wanted.where(Namespace.visibility == level)
    if skipped := params.integers("skip_groups"):
        wanted = wanted.where(Namespace.id.not_in(skipped))
    order = params.choice("order_by", ("name", "path", "id", "similarity"), "name") or "name"
    down = params.choice("sort", ("asc", "desc"), "asc") == "desc"
    column = {"path": Namespace.path, "id": Namespace.id}.get(order, Namespace.name)
    wanted = wanted.order_by(column.desc() if down else column.asc(), Namespace.id)
    if call.access.admin:
        rows = paginate(call, wanted, Namespace.id)
    else:
        seen = [row for row in call.session.scalars(wanted) if call.access.reads_group(row)]
        rows = slice_page(call, seen)
    return [places.group(row, call.base_url) for row in rows]


def _groups() -> Select[Namespace]:
    return select(Namespace).where(Namespace.kind == "group")


@ROUTES.add("GET", "/groups")
def index(call: Call) -> Any:
    """The groups that the caller sees."""
    wanted = _groups()
    if call.params.flag("top_level_only"):
        wanted = wanted.where(Namespace.parent_id.is_(None))
    least = call.params.integer("min_access_level", 0) or 0
    if call.params.flag("owned"):
        least = OWNER
    elif call.params.flag("all_available") is False:
        least = max(least, GUEST)
    if least:
        mine = [i for i, level in call.access.group_roles.items() if level >= least]
        wanted = wanted.where(below_groups(mine))
    return _listed(call, wanted)


@ROUTES.add("GET", "/groups/:id")
def show(call: Call) -> Any:
    """One group, with its projects unless they are declined."""
    row = find.group(call)
    shape = places.group(row, call.base_url) | {"shared_with_groups": []}
    if call.params.flag("with_projects", default=True):
        wanted = visible(call, select(Project).where(Project.namespace_id == row.id))
        rows = list(call.session.scalars(wanted.order_by(Project.id.desc()).limit(100)))
        shape |= {"projects": present(call, rows), "shared_projects": []}
    return shape


@ROUTES.add("GET", "/groups/:id/subgroups")
def subgroups(call: Call) -> Any:
    """The groups one floor below."""
    return _listed(call, _groups().where(Namespace.parent_id == find.group(call).id))


@ROUTES.add("GET", "/groups/:id/descendant_groups")
def descendants(call: Call) -> Any:
    """All the groups below."""
    row = find.group(call)
    below = Namespace.lineage.startswith(row.lineage, autoescape=True)
    return _listed(call, _groups().where(below, Namespace.id != row.id))


@ROUTES.add("GET", "/groups/:id/projects")
def projects(call: Call) -> Any:
    """The projects of a group, and of its subgroups when asked."""
    row, params = find.group(call), call.params
    where = Project.namespace_id == row.id
    if params.flag("include_subgroups"):
        below = select(Namespace.id).where(Namespace.lineage.startswith(row.lineage))
        where = Project.namespace_id.in_(below)
    rows = ordered(call, narrowed(call, select(Project).where(where)))
    return present(call, rows, simple=bool(params.flag("simple")))


@ROUTES.add("POST", "/groups")
def create(call: Call) -> Any:
    """Make a group; its maker owns it."""
    params = call.params
    name, path = params.need("name"), params.need("path")
    parent = _parent(call)
    level = params.choice("visibility", VISIBILITIES, parent.visibility if parent else "private")
    full_path = f"{parent.full_path}/{path}" if parent else path
    if call.session.scalar(
        select(Namespace.id).where(func.lower(Namespace.full_path) == full_path.lower())
    ):
        raise bad_request('Failed to save group {:path=>["has already been taken"]}')
    row = Namespace(
        kind="group", name=name, path=path, full_path=full_path,
        full_name=f"{parent.full_name} / {name}" if parent else name,
        parent_id=parent.id if parent else None, visibility=level or "private",
        description=params.text("description", "") or "", created_at=call.now,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    row.lineage = f"{parent.lineage if parent else '/'}{row.id}/"
    call.session.add(
        Member(user_id=call.me.id, group_id=row.id, access_level=OWNER, created_at=call.now,
               created_by_id=call.me.id)
    )  # fmt: skip
    call.session.flush()
    return places.group(row, call.base_url)


def _parent(call: Call) -> Namespace | None:
    parent_id = call.params.integer("parent_id")
    if parent_id is None:
        if call.me.external:
            raise forbidden()
        return None
    parent = find.group_by(call, str(parent_id))
    if call.access.group_level(parent) < MAINTAINER:
        raise forbidden()
    return parent


@ROUTES.add("PUT", "/groups/:id")
def edit(call: Call) -> Any:
    """Change name, description or visibility."""
    row = _owned(call)
    for field in ("name", "description"):
        if (value := call.params.text(field)) is not None:
            setattr(row, field, value)
    row.visibility = call.params.choice("visibility", VISIBILITIES, row.visibility) or "private"
    return places.group(row, call.base_url)


def _owned(call: Call) -> Namespace:
    row = find.group(call)
    if call.access.group_level(row) < OWNER:
        raise forbidden()
    return row


@ROUTES.add("DELETE", "/groups/:id", status=202)
def remove(call: Call) -> Any:
    """Delete a group with all that is below it, at once."""
    row = _owned(call)
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


@ROUTES.add("GET", "/namespaces/:id", login=True)
def namespace(call: Call) -> Any:
    """A group or a user's own namespace."""
    name = call.path["id"]
    column = Namespace.id if name.isdigit() else Namespace.full_path
    row = call.session.scalar(select(Namespace).where(column == name))
    mine = row is not None and (row.owner_id == call.me.id or call.access.admin)
    if row is None or not (mine or (row.kind == "group" and call.access.reads_group(row))):
        raise not_found("Namespace")
    return places.namespace(row, call.base_url)

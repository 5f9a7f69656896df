"""Namespaces, and who and what is around a project or a group.

Sources: `lib/api/namespaces.rb`, `lib/api/projects.rb`, `lib/api/groups.rb`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select

from automation.sandbox.access import current_members
from automation.sandbox.api import find
from automation.sandbox.api.projects import ordered, present
from automation.sandbox.call import Call
from automation.sandbox.errors import not_found
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.project_filter import narrowed
from automation.sandbox.routing import Router
from automation.sandbox.schema import Member, Namespace, Project, User, at_path
from automation.sandbox.shapes import people, places

ROUTES = Router()


@ROUTES.add("GET", "/namespaces", login=True)
def index(call: Call) -> Any:
    """One's own namespace and the groups that one has a role in; all for administrators."""
    wanted = select(Namespace).order_by(Namespace.id)
    if not call.access.admin or call.params.flag("owned_only"):
        mine = or_(Namespace.owner_id == call.me.id, Namespace.id.in_(call.access.group_roles))
        wanted = wanted.where(mine)
    if text := call.params.text("search"):
        fields = (Namespace.name, Namespace.full_path)
        wanted = wanted.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    if call.params.flag("top_level_only"):
        wanted = wanted.where(Namespace.parent_id.is_(None))
    return [places.namespace(row, call.base_url) for row in paginate(call, wanted, Namespace.id)]


@ROUTES.add("GET", "/namespaces/:id", login=True)
def show(call: Call) -> Any:
    """A group or a user's own namespace."""
    name = call.path["id"]
    where = Namespace.id == int(name) if name.isdigit() else at_path(Namespace.full_path, name)
    row = call.session.scalar(select(Namespace).where(where))
    mine = row is not None and (row.owner_id == call.me.id or call.access.admin)
    if row is None or not (mine or (row.kind == "group" and call.access.reads_group(row))):
        raise not_found("Namespace")
    return places.namespace(row, call.base_url)


@ROUTES.add("GET", "/namespaces/:id/exists", login=True)
def exists(call: Call) -> Any:
    """Whether a path is taken, and what would be free in its place."""
    path, parent = call.path["id"], call.params.integer("parent_id")
    level = Namespace.parent_id == parent if parent else Namespace.parent_id.is_(None)
    taken = set(call.session.scalars(select(func.lower(Namespace.path)).where(level)))
    if path.lower() not in taken:
        return {"exists": False, "suggests": []}
    free = next(n for n in range(1, len(taken) + 2) if f"{path}{n}".lower() not in taken)
    return {"exists": True, "suggests": [f"{path}{free}"]}


@ROUTES.add("GET", "/projects/:id/users")
def users(call: Call) -> Any:
    """Everyone with a role in a project, direct or inherited."""
    project, params = find.project(call), call.params
    groups = project.namespace.lineage_ids if project.namespace.kind == "group" else []
    place = or_(Member.project_id == project.id, Member.group_id.in_(groups))
    inside = select(Member.user_id).where(place, current_members(call.today))
    wanted = select(User).where(User.id.in_(inside), User.state == "active").order_by(User.id)
    if text := params.text("search"):
        fields = (User.username, User.name)
        wanted = wanted.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    if skipped := params.integers("skip_users"):
        wanted = wanted.where(User.id.not_in(skipped))
    return [people.user_basic(row, call.base_url) for row in paginate(call, wanted, User.id)]


@ROUTES.add("GET", "/projects/:id/groups", login=True)
def groups_above(call: Call) -> Any:
    """The groups above a project."""
    project = find.project(call)
    wanted = select(Namespace).where(
        Namespace.id.in_(project.namespace.lineage_ids), Namespace.kind == "group"
    )
    if text := call.params.text("search"):
        wanted = wanted.where(Namespace.name.icontains(text, autoescape=True))
    if skipped := call.params.integers("skip_groups"):
        wanted = wanted.where(Namespace.id.not_in(skipped))
    rows = paginate(call, wanted.order_by(Namespace.id.desc()), Namespace.id)
    return [places.group_public(row, call.base_url) for row in rows]


@ROUTES.add("GET", "/projects/:id/invited_groups", login=True)
def invited_to_project(call: Call) -> Any:
    """The groups that share a project: none, since nothing is shared here."""
    find.project(call)
    return slice_page(call, [])


@ROUTES.add("GET", "/groups/:id/invited_groups", login=True)
@ROUTES.add("GET", "/groups/:id/projects/shared")
@ROUTES.add("GET", "/groups/:id/groups/shared")
def shared_with_group(call: Call) -> Any:
    """What a group shares with others: nothing."""
    find.group(call)
    return slice_page(call, [])


@ROUTES.add("GET", "/users/:id/projects")
def projects_of(call: Call) -> Any:
    """The projects in a user's own namespace, as far as the caller sees them."""
    owner = find.user_by(call, call.path["id"])
    wanted = select(Project).where(Project.namespace_id == owner.namespace_id)
    rows = ordered(call, narrowed(call, wanted), keyed=True)
    return present(call, rows, simple=bool(call.params.flag("simple")))

"""Groups and their subgroups."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import Select, func, or_, select

from automation.sandbox import place_settings
from automation.sandbox.access import GUEST, MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.projects import ordered, present
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, invalid, message
from automation.sandbox.moving_places import move_below
from automation.sandbox.paging import paginate, slice_page, within_reach
from automation.sandbox.project_filter import VISIBILITIES, below_groups, narrowed, visible
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Member,
    Namespace,
    Project,
)
from automation.sandbox.shapes import places

ROUTES = Router()
_PATH = re.compile(r"[a-zA-Z0-9_.][a-zA-Z0-9_\-.]*")
_NAME = re.compile(r"[\w\u00a9-\U0001f9ff][\w\u00a9-\U0001f9ff()\-\u2010-\u2015. ]*")
_NAME_RULE = (
    "can contain only letters, digits, emoji, '_', '.', dash, space, parenthesis. "
    "It must start with letter, digit, emoji or '_'."
)
_PATH_RULE = (
    "can contain only letters, digits, '_', '-' and '.'. "
    "Cannot start with '-' or end in '.', '.git' or '.atom'."
)


def _listed(call: Call, wanted: Select[Namespace], *, below: bool = False) -> list[dict[str, Any]]:
    params = call.params
    wanted = _mine(call, wanted)
    if text := params.text("search"):
        fields = (Namespace.name, Namespace.path if below else Namespace.full_path)
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
    """The groups of the caller; all that they see for administrators and when asked."""
    if call.user is None:
        within_reach(call, "Group")
    wanted = _groups()
    if call.params.flag("top_level_only"):
        wanted = wanted.where(Namespace.parent_id.is_(None))
    return _listed(call, wanted)


def _mine(call: Call, wanted: Select[Namespace]) -> Select[Namespace]:
    """Those of the groups that the caller has to do with, or all, as the request asks."""
    least = call.params.integer("min_access_level", 0) or 0
    if call.params.flag("owned"):
        least = OWNER
    every = call.params.flag("all_available", default=call.access.admin or call.user is None)
    if least:
        mine = [i for i, level in call.access.group_roles.items() if level >= least]
        wanted = wanted.where(below_groups(mine))
    elif not every:
        mine = [i for i, level in call.access.group_roles.items() if level >= GUEST]
        reached = Namespace.id.in_(call.access.reached_groups)
        wanted = wanted.where(or_(below_groups(mine), reached))
    return wanted


@ROUTES.add("GET", "/groups/:id")
def show(call: Call) -> Any:
    """One group, with its projects unless they are declined."""
    return _detail(call, find.group(call), call.params.flag("with_projects", default=True))


def _detail(call: Call, row: Namespace, projects: bool | None = True) -> dict[str, Any]:
    shape = places.group(row, call.base_url) | {"shared_with_groups": []}
    if projects:
        wanted = visible(call, select(Project).where(Project.namespace_id == row.id))
        rows = list(call.session.scalars(wanted.order_by(Project.id.desc()).limit(100)))
        shape |= {"projects": present(call, rows), "shared_projects": []}
    return shape


@ROUTES.add("GET", "/groups/:id/subgroups")
def subgroups(call: Call) -> Any:
    """The groups one floor below."""
    return _listed(call, _groups().where(Namespace.parent_id == find.group(call).id), below=True)


@ROUTES.add("GET", "/groups/:id/descendant_groups")
def descendants(call: Call) -> Any:
    """All the groups below."""
    row = find.group(call)
    inside = Namespace.lineage.startswith(row.lineage, autoescape=True)
    return _listed(call, _groups().where(inside, Namespace.id != row.id), below=True)


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
    if wrong := path_fault(call, path, parent):
        raise message(400, f"Failed to save group {{:path=>[{json.dumps(wrong)}]}}")
    if not _NAME.fullmatch(name):
        raise message(400, f"Failed to save group {{:name=>[{json.dumps(_NAME_RULE)}]}}")
    if parent is not None and (wrong := _too_open(level or "private", parent)):
        raise message(400, f"Failed to save group {{:visibility_level=>[{json.dumps(wrong)}]}}")
    row = Namespace(
        kind="group", name=name, path=path, full_path=full_path,
        full_name=f"{parent.full_name} / {name}" if parent else name,
        parent_id=parent.id if parent else None, visibility=level or "private",
        description=params.text("description", "") or "", created_at=call.now,
        settings=place_settings.read(params, place_settings.GROUP),
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    row.lineage = f"{parent.lineage if parent else '/'}{row.id}/"
    row.shelved = parent is not None and parent.shelved
    call.session.add(
        Member(user_id=call.me.id, group_id=row.id, access_level=OWNER, created_at=call.now,
               created_by_id=call.me.id)
    )  # fmt: skip
    call.session.flush()
    return places.group(row, call.base_url)


def path_fault(call: Call, path: str, parent: Namespace | None, mine: int = 0) -> str | None:
    """What is wrong with a path for a group there, in GitLab's words."""
    if not _PATH.fullmatch(path) or path.endswith((".", ".git", ".atom")):
        return _PATH_RULE
    full_path = f"{parent.full_path}/{path}" if parent else path
    same = select(Namespace.id).where(func.lower(Namespace.full_path) == full_path.lower())
    taken = call.session.scalar(same.where(Namespace.id != mine))
    return "has already been taken" if taken else None


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
    """Change name, path, description, visibility or settings."""
    row, params = owned(call), call.params
    parent = call.session.get(Namespace, row.parent_id) if row.parent_id else None
    path = params.text("path") or row.path
    if wrong := path_fault(call, path, parent, row.id):
        raise invalid({"path": [wrong]})
    name = params.text("name") or row.name
    if name != row.name and not _NAME.fullmatch(name):
        raise invalid({"name": [_NAME_RULE]})
    row.path, row.name = path, name
    move_below(call.session, row, parent)
    row.description = params.text("description", row.description) or ""
    row.settings = row.settings | place_settings.read(params, place_settings.GROUP)
    level = params.choice("visibility", VISIBILITIES, row.visibility) or "private"
    if level != row.visibility:
        _check_visibility(call, row, parent, level)
    row.visibility = level
    return _detail(call, row)


def _too_open(level: str, parent: Namespace) -> str | None:
    """What is wrong with a subgroup more open than the group above it."""
    if VISIBILITIES.index(level) <= VISIBILITIES.index(parent.visibility):
        return None
    above = parent.visibility
    return f"{level} is not allowed since the parent group has a {above} visibility."


def _check_visibility(call: Call, row: Namespace, parent: Namespace | None, level: str) -> None:
    """Refuse a group more open than the one above it, or less open than what is below it."""
    wider = VISIBILITIES[VISIBILITIES.index(level) + 1 :]
    inside = Namespace.lineage.startswith(row.lineage, autoescape=True)
    of_group = Project.namespace_id == row.id
    wrong = _too_open(level, parent) if parent is not None else None
    faults = [wrong] if wrong else []
    if call.session.scalar(select(Project.id).where(of_group, Project.visibility.in_(wider))):
        faults.append(_below(level, "this group contains projects"))
    others = select(Namespace.id).where(inside, Namespace.id != row.id)
    if call.session.scalar(others.where(Namespace.visibility.in_(wider))):
        faults.append(_below(level, "there are sub-groups"))
    if faults:
        raise invalid({"visibility_level": faults})


def _below(level: str, what: str) -> str:
    return f"{level} is not allowed since {what} with higher visibility."


def _archive(call: Call, *, archived: bool) -> Any:
    """Archive a group, or end that; one below an archived group stays as it is.

    Source: ``app/services/namespaces/groups/archive_service.rb`` and its opposite.
    """
    row, word = owned(call), "archive" if archived else "unarchive"
    parent = call.session.get(Namespace, row.parent_id) if row.parent_id else None
    if row.archived == archived:
        raise message(422, f"Group is already {word}d!")
    if parent is not None and parent.shelved:
        already = " already" if archived else ""
        text = f"Cannot {word} group since one of the ancestor groups is{already} archived!"
        raise message(422, text)
    row.archived = archived
    move_below(call.session, row, parent)
    return places.group(row, call.base_url)


@ROUTES.add("POST", "/groups/:id/archive", status=200)
def archive(call: Call) -> Any:
    """Make a group and all that is below it read-only."""
    return _archive(call, archived=True)


@ROUTES.add("POST", "/groups/:id/unarchive", status=200)
def unarchive(call: Call) -> Any:
    """Make an archived group writable again."""
    return _archive(call, archived=False)


def owned(call: Call) -> Namespace:
    """The group of the path, of which the caller must be an Owner."""
    row = find.group(call)
    if call.access.group_level(row) < OWNER:
        raise forbidden()
    return row

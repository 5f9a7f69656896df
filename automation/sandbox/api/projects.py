"""Projects: making, finding and changing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from automation.sandbox import place_settings
from automation.sandbox.access import DEVELOPER, MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import ApiError, forbidden, grape, invalid
from automation.sandbox.paging import pages_by_id, paginate, wants_keyset, within_reach
from automation.sandbox.project_filter import ORDERS, VISIBILITIES, narrowed
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Member, Namespace, Project
from automation.sandbox.shapes import places

ROUTES = Router()
_SLUG = re.compile(r"[^a-z0-9_.]+")
_PATH = re.compile(r"[a-zA-Z0-9_.][a-zA-Z0-9_\-.]*")
_PATH_RULE = (
    "can contain only letters, digits, '_', '-' and '.'. "
    "Cannot start with '-', end in '.git' or end in '.atom'"
)
_CHANGES = (
    "name", "path", "description", "visibility", "issues_enabled", "issues_access_level",
    *place_settings.PROJECT,
)  # fmt: skip
FEATURE_LEVELS = ("disabled", "private", "enabled")


def _open_counts(call: Call, rows: Sequence[Project]) -> dict[int, int]:
    counts = (
        select(Issue.project_id, func.count())
        .where(Issue.project_id.in_([row.id for row in rows]), Issue.state == "opened")
        .group_by(Issue.project_id)
    )
    return dict(call.session.execute(counts).all())


def _permissions(call: Call, row: Project) -> dict[str, Any]:
    def role(level: int) -> dict[str, int] | None:
        return {"access_level": level, "notification_level": 3} if level else None

    access = call.access
    in_group = row.namespace.kind == "group"
    return {
        "project_access": role(access.project_roles.get(row.id, 0)),
        "group_access": role(access.inherited_level(row.namespace) if in_group else 0),
    }


def present(call: Call, rows: Sequence[Project], *, simple: bool = False) -> list[Any]:
    """Projects as the caller gets them: short for the anonymous, else with permissions."""
    if simple or call.user is None:
        return [places.project_basic(row, call.base_url) for row in rows]
    counts = _open_counts(call, rows)
    return [
        places.project(row, call.base_url, counts.get(row.id, 0))
        | {"permissions": _permissions(call, row)}
        for row in rows
    ]


@ROUTES.add("GET", "/projects")
def index(call: Call) -> Any:
    """The projects that the caller sees."""
    rows = ordered(call, narrowed(call, select(Project)), keyed=True)
    return present(call, rows, simple=bool(call.params.flag("simple")))


def ordered(call: Call, wanted: Select[Project], *, keyed: bool = False) -> list[Project]:
    """One page of a query in the order that the request asks for."""
    order = call.params.choice("order_by", ORDERS, "created_at") or "created_at"
    down = call.params.choice("sort", ("asc", "desc"), "desc") == "desc"
    if keyed and wants_keyset(call):
        if order != "id":
            text = "Keyset pagination is not yet available for this type of request"
            raise ApiError(405, {"error": text})
        return pages_by_id(call, wanted, Project.id, down=down)
    if keyed:
        within_reach(call, "Project")
    column = ORDERS[order]
    by = (column.desc(), Project.id.desc()) if down else (column.asc(), Project.id.asc())
    return paginate(call, wanted.order_by(*by), Project.id)


@ROUTES.add("GET", "/projects/:id")
def show(call: Call) -> Any:
    """One project."""
    return present(call, [find.project(call)])[0]


def _feature_level(call: Call, current: str) -> str:
    level = call.params.choice("issues_access_level", FEATURE_LEVELS)
    if level is None and (on := call.params.flag("issues_enabled")) is not None:
        level = "enabled" if on else "disabled"
    return level or current


def check_path(call: Call, path: str, space: Namespace, mine: int = 0) -> None:
    """Refuse a path that a project cannot have there.

    Raises:
        ApiError: 400.
    """
    if not _PATH.fullmatch(path) or path.endswith((".git", ".atom")):
        raise invalid({"path": [_PATH_RULE]})
    full_path = f"{space.full_path}/{path}".lower()
    same = select(Project.id).where(func.lower(Project.full_path) == full_path)
    if call.session.scalar(same.where(Project.id != mine)):
        raise invalid({"path": ["has already been taken"], "name": ["has already been taken"]})


def _space(call: Call) -> Namespace:
    wanted = call.params.integer("namespace_id")
    if wanted is None:
        query = select(Namespace).where(Namespace.kind == "user", Namespace.owner_id == call.me.id)
        return call.session.scalars(query).one()
    row = call.session.get(Namespace, wanted)
    level = call.access.group_level(row) if row is not None else 0
    if row is None or level < DEVELOPER:
        raise invalid({"namespace": ["is not valid"]})
    return row


def check_visibility(level: str, space: Namespace) -> None:
    """Refuse a project that would be more open than its group.

    Raises:
        ApiError: 400.
    """
    if space.kind == "user" or VISIBILITIES.index(level) <= VISIBILITIES.index(space.visibility):
        return
    text = f"{level} is not allowed in a {space.visibility} group."
    raise invalid({"visibility_level": [text]})


@ROUTES.add("POST", "/projects")
def create(call: Call) -> Any:
    """Make a project in a group or in one's own namespace."""
    params = call.params
    name, path = params.text("name"), params.text("path")
    if not (name or path):
        raise grape("name, path are missing, at least one parameter must be provided")
    path = path or _SLUG.sub("-", (name or "").strip().lower()).strip("-")
    space = _space(call)
    level = params.choice("visibility", VISIBILITIES, "private") or "private"
    check_visibility(level, space)
    check_path(call, path, space)
    row = Project(
        namespace_id=space.id, path=path, name=name or path, full_path=f"{space.full_path}/{path}",
        description=params.text("description"), visibility=level,
        issues_access_level=_feature_level(call, "enabled"), creator_id=call.me.id,
        settings=place_settings.read(params, place_settings.PROJECT),
        created_at=call.now, updated_at=call.now, last_activity_at=call.now,
    )  # fmt: skip
    row.namespace = space
    call.session.add(row)
    call.session.flush()
    if space.kind == "user":
        call.session.add(
            Member(user_id=call.me.id, project_id=row.id, access_level=OWNER,
                   created_at=call.now, created_by_id=call.me.id)
        )  # fmt: skip
        call.session.flush()
    return present(call, [row])[0]


def _at_least(call: Call, row: Project, level: int) -> None:
    if call.access.project_level(row) < level:
        raise forbidden()


@ROUTES.add("PUT", "/projects/:id")
def edit(call: Call) -> Any:
    """Change a project's settings."""
    row, params = find.project(call), call.params
    if not params.any_of(_CHANGES):
        names = ", ".join(_CHANGES)
        raise grape(f"{names} are missing, at least one parameter must be provided")
    _at_least(call, row, MAINTAINER)
    if level := params.choice("visibility", VISIBILITIES):
        _at_least(call, row, OWNER)
        check_visibility(level, row.namespace)
        row.visibility = level
    for field in ("name", "description"):
        if (value := params.text(field)) is not None:
            setattr(row, field, value)
    if path := params.text("path"):
        _at_least(call, row, OWNER)
        check_path(call, path, row.namespace, row.id)
        row.path, row.full_path = path, f"{row.namespace.full_path}/{path}"
    row.settings = row.settings | place_settings.read(params, place_settings.PROJECT)
    row.issues_access_level = _feature_level(call, row.issues_access_level)
    row.updated_at = call.now
    return present(call, [row])[0]


def _archive(call: Call, *, archived: bool) -> Any:
    row = find.project(call)
    _at_least(call, row, OWNER)
    row.archived = archived
    return present(call, [row])[0]


@ROUTES.add("POST", "/projects/:id/archive")
def archive(call: Call) -> Any:
    """Make a project read-only."""
    return _archive(call, archived=True)


@ROUTES.add("POST", "/projects/:id/unarchive")
def unarchive(call: Call) -> Any:
    """Make an archived project writable again."""
    return _archive(call, archived=False)

"""The filters and orders of the project lists, and what of them a caller sees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from automation.sandbox.access import GUEST, OWNER
from automation.sandbox.call import Call
from automation.sandbox.schema import Namespace, Project

VISIBILITIES = ("private", "internal", "public")
ORDERS: dict[str, Any] = {
    "id": Project.id,
    "name": Project.name,
    "path": Project.path,
    "created_at": Project.created_at,
    "updated_at": Project.updated_at,
    "last_activity_at": Project.last_activity_at,
    "similarity": Project.name,
    "star_count": Project.id,  # nobody gives stars here
}


def visible(call: Call, wanted: Select[Project]) -> Select[Project]:
    """The projects out of a query that exist for the caller."""
    access = call.access
    if access.admin:
        return wanted
    levels = ["public"]
    if access.user is not None and not access.user.external:
        levels.append("internal")
    return wanted.where(or_(Project.visibility.in_(levels), _with_role(call, GUEST)))


def below_groups(ids: list[int]) -> ColumnElement[bool]:
    """A condition on `Namespace`: one of those groups, or somewhere below one."""
    return or_(false(), *(Namespace.lineage.contains(f"/{i}/") for i in ids))


def _with_role(call: Call, least: int) -> ColumnElement[bool]:
    """A condition: the caller has a role there, direct, inherited or by owning the space."""
    access = call.access
    direct = [i for i, level in access.project_roles.items() if level >= least]
    groups = [i for i, level in access.group_roles.items() if level >= least]
    me = call.user.id if call.user else 0
    own = and_(Namespace.kind == "user", Namespace.owner_id == me)
    spaces = select(Namespace.id).where(or_(own, below_groups(groups)))
    return or_(Project.id.in_(direct), Project.namespace_id.in_(spaces))


def _roles(call: Call) -> list[ColumnElement[bool]]:
    conditions = []
    if call.params.flag("membership"):
        conditions.append(_with_role(call, GUEST))
    if call.params.flag("owned"):
        conditions.append(_with_role(call, OWNER))
    if least := call.params.integer("min_access_level"):
        conditions.append(_with_role(call, least))
    return conditions


def _plain(call: Call) -> list[ColumnElement[bool]]:
    params = call.params
    conditions: list[ColumnElement[bool]] = []
    if (archived := params.flag("archived")) is not None:
        conditions.append(Project.archived == archived)
    if level := params.choice("visibility", VISIBILITIES):
        conditions.append(Project.visibility == level)
    if params.flag("with_issues_enabled"):
        conditions.append(Project.issues_access_level != "disabled")
    if (after := params.integer("id_after")) is not None:
        conditions.append(Project.id > after)
    if (before := params.integer("id_before")) is not None:
        conditions.append(Project.id < before)
    if moment := params.time("last_activity_after"):
        conditions.append(Project.last_activity_at >= moment)
    if moment := params.time("last_activity_before"):
        conditions.append(Project.last_activity_at <= moment)
    if params.flag("starred") or params.strings("topic"):
        conditions.append(false())  # no project here has either
    return conditions


def narrowed(call: Call, wanted: Select[Project]) -> Select[Project]:
    """What the caller sees of a query, narrowed by all that the request asks for."""
    conditions = [*_roles(call), *_plain(call)]
    if text := call.params.text("search"):
        fields = [Project.name, Project.path]
        if call.params.flag("search_namespaces"):
            fields.append(Project.full_path)
        conditions.append(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    return visible(call, wanted).where(*conditions)

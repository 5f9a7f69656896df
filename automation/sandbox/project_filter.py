"""The filters and orders of the project lists, and what of them a caller sees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from automation.sandbox.access import GUEST, OWNER
from automation.sandbox.call import Call
from automation.sandbox.errors import bad_request
from automation.sandbox.schema import Namespace, Project

# What no project here has.
_NOWHERE_SAID = ("with_programming_language", "marked_for_deletion_on", "topic_id")
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


def visible(call: Call, wanted: Select[Any]) -> Select[Any]:
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


def _archived() -> ColumnElement[bool]:
    """A condition: the project, or a group above it, is archived."""
    shelved = select(Namespace.id).where(Namespace.shelved)
    return or_(Project.archived, Project.namespace_id.in_(shelved))


def _plain(call: Call) -> list[ColumnElement[bool]]:
    params = call.params
    conditions: list[ColumnElement[bool]] = []
    if (archived := params.flag("archived")) is not None:
        conditions.append(_archived() if archived else not_(_archived()))
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
    if (active := params.flag("active")) is not None:
        conditions.append(not_(_archived()) if active else _archived())
    for topic in params.strings("topic"):
        topics = func.json_each(Project.settings, "$.topics").table_valued("value")
        conditions.append(select(topics.c.value).where(topics.c.value == topic).exists())
    wanted = [params.flag("starred"), params.flag("imported"), *map(params.text, _NOWHERE_SAID)]
    if any(wanted):
        conditions.append(false())
    return [*conditions, *_updated(call)]


def _updated(call: Call) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("updated_after", "updated_before"):
        if moment := call.params.time(name):
            if call.params.text("order_by") != "updated_at":
                raise bad_request("`updated_at` filter and `updated_at` sorting must be paired")
            late = name == "updated_after"
            where = Project.updated_at >= moment if late else Project.updated_at <= moment
            conditions.append(where)
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

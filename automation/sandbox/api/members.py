"""Members of projects and groups, direct and inherited.

Sources: `lib/api/members.rb`, `lib/api/helpers/members_helpers.rb`, `app/models/member.rb`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select

from automation.sandbox.access import LEVELS, MAINTAINER, MINIMAL, OWNER, current_members
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, grape, invalid, message, not_found
from automation.sandbox.paging import slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, IssueAssignee, Member, Namespace, Project, User
from automation.sandbox.shapes import people

ROUTES = Router()
ROLE_NAMES = {5: "Minimal Access", 10: "Guest", 15: "Planner", 20: "Reporter",
              25: "Security Manager", 30: "Developer", 40: "Maintainer", 50: "Owner"}  # fmt: skip
Place = Project | Namespace


def _place(call: Call, kind: str) -> Place:
    return find.project(call) if kind == "projects" else find.group(call)


def _level(call: Call, place: Place) -> int:
    if isinstance(place, Project):
        return call.access.project_level(place)
    return call.access.group_level(place)


def _admin(call: Call, place: Place) -> int:
    level = _level(call, place)
    if level < (MAINTAINER if isinstance(place, Project) else OWNER):
        raise forbidden()
    return level


def _direct(place: Place) -> Select[Member]:
    column = Member.project_id if isinstance(place, Project) else Member.group_id
    return select(Member).where(column == place.id)


def _all(place: Place) -> Select[Member]:
    if isinstance(place, Project):
        groups = place.namespace.lineage_ids if place.namespace.kind == "group" else []
        where = or_(Member.project_id == place.id, Member.group_id.in_(groups))
    else:
        where = Member.group_id.in_(place.lineage_ids)
    return select(Member).where(where)


def _highest(rows: list[Member]) -> list[Member]:
    best: dict[int, Member] = {}
    for row in rows:
        if row.user_id not in best or row.access_level > best[row.user_id].access_level:
            best[row.user_id] = row
    return sorted(best.values(), key=lambda row: row.user_id)


def _present(call: Call, rows: list[Member]) -> list[dict[str, Any]]:
    ids = {row.created_by_id for row in rows if row.created_by_id is not None}
    makers = {u.id: u for u in call.session.scalars(select(User).where(User.id.in_(ids)))}
    return [people.member(row, call.base_url, makers.get(row.created_by_id or 0)) for row in rows]


def _read(call: Call, kind: str) -> Place:
    """The place of the path, if its members are for the caller to see.

    Members of a subgroup see a private group above it, but not who is in there.
    """
    place = _place(call, kind)
    if isinstance(place, Namespace) and not call.access.sees(
        place.visibility, call.access.group_level(place), MINIMAL
    ):
        raise forbidden()
    return place


def _listed(call: Call, wanted: Select[Member]) -> Any:
    if text := call.params.text("query"):
        wanted = wanted.join(User).where(
            or_(
                User.username.icontains(text, autoescape=True),
                User.name.icontains(text, autoescape=True),
            )
        )
    if ids := call.params.integers("user_ids"):
        wanted = wanted.where(Member.user_id.in_(ids))
    if skipped := call.params.integers("skip_users"):
        wanted = wanted.where(Member.user_id.not_in(skipped))
    wanted = wanted.where(current_members(call.today)).order_by(Member.id)
    rows = _highest(list(call.session.scalars(wanted).unique()))
    return _present(call, slice_page(call, rows))


def _one(call: Call, wanted: Select[Member]) -> Member:
    user_id = call.path["user_id"]
    if user_id.isdigit():
        query = wanted.where(Member.user_id == int(user_id), current_members(call.today))
        if rows := _highest(list(call.session.scalars(query).unique())):
            return rows[0]
    raise not_found()


def _new_members(call: Call) -> list[User]:
    """Whom the request names: by ids or by names, one or several with commas between."""
    params = call.params
    if not params.any_of(("user_id", "username")):
        raise grape("user_id, username are missing, at least one parameter must be provided")
    if params.has("user_id") and params.has("username"):
        raise grape("user_id, username are mutually exclusive")
    names = params.strings("username")
    column: Any = User.username if names else User.id
    wanted = names or params.integers("user_id")
    rows = list(call.session.scalars(select(User).where(column.in_(wanted)).order_by(User.id)))
    if not rows or len(rows) < len(set(wanted)):
        raise not_found("User")
    return rows


def _wanted_level(call: Call) -> int:
    level = call.params.need_int("access_level")
    if level not in LEVELS:
        raise grape("access_level does not have a valid value")
    return level


def _check_inherited(call: Call, place: Place, user: User, level: int) -> None:
    query = _all(place).where(Member.user_id == user.id).order_by(Member.access_level.desc())
    above = [
        row
        for row in call.session.scalars(query).unique()
        if row.group_id is not None and (isinstance(place, Project) or row.group_id != place.id)
    ]
    if above and above[0].access_level > level:
        group = call.session.get_one(Namespace, above[0].group_id)
        text = (
            f"should be greater than or equal to {ROLE_NAMES[above[0].access_level]} "
            f"inherited membership from group {group.name}"
        )
        raise invalid({"access_level": [text]})


def _check_owner(call: Call, place: Place, level: int) -> None:
    if _admin(call, place) < level:
        raise forbidden()


def _add(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    level, until = _wanted_level(call), _expiry(call)
    _check_owner(call, place, level)
    users = _new_members(call)
    if len(users) > 1:
        return _add_all(call, place, users, level, until)
    if call.session.scalar(_direct(place).where(Member.user_id == users[0].id)):
        raise message(409, "Member already exists")
    return _present(call, [_added(call, place, users[0], level, until)])[0]


def _add_all(
    call: Call, place: Place, users: list[User], level: int, until: str | None
) -> dict[str, Any]:
    """Several at once; those who are there already are told of, and the rest comes in."""
    ids = [user.id for user in users]
    there = set(
        call.session.scalars(
            _direct(place).where(Member.user_id.in_(ids)).with_only_columns(Member.user_id)
        )
    )
    for user in users:
        if user.id not in there:
            _added(call, place, user, level, until)
    if not there:
        return {"status": "success"}
    taken = {user.username: "Member already exists" for user in users if user.id in there}
    return {"status": "error", "message": taken}


def _added(call: Call, place: Place, user: User, level: int, until: str | None) -> Member:
    if user.kind == "project_bot":
        raise invalid({"user_id": ["project bots cannot be added to other groups / projects"]})
    _check_inherited(call, place, user, level)
    where = {"project_id" if isinstance(place, Project) else "group_id": place.id}
    row = Member(
        user_id=user.id, access_level=level, expires_at=until, created_at=call.now,
        created_by_id=call.me.id, **where,
    )  # fmt: skip
    row.user = user
    call.session.add(row)
    call.session.flush()
    return row


def _expiry(call: Call) -> str | None:
    until = call.params.date("expires_at")
    if until is not None and until < call.today:
        raise invalid({"expires_at": ["cannot be a date in the past"]})
    return until


def _check_last_owner(call: Call, place: Place, row: Member) -> None:
    """A group keeps its last owner."""
    if isinstance(place, Project) or row.access_level < OWNER:
        return
    others = _direct(place).where(Member.access_level == OWNER, Member.id != row.id)
    if call.session.scalar(others.limit(1)) is None:
        raise forbidden()


def _change(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    level = _wanted_level(call)
    _check_owner(call, place, level)
    row = _one(call, _direct(place))
    _check_owner(call, place, row.access_level)
    _check_inherited(call, place, row.user, level)
    if level < OWNER:
        _check_last_owner(call, place, row)
    row.access_level, row.updated_at = level, call.now
    if call.params.has("expires_at"):
        row.expires_at = _expiry(call)
    return _present(call, [row])[0]


def _remove(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    row = _one(call, _direct(place))
    if row.user_id != call.me.id:
        _check_owner(call, place, row.access_level)
    if row.user.kind == "project_bot" and isinstance(place, Project):
        raise forbidden()
    _check_last_owner(call, place, row)
    call.unchanged(row.updated_at or row.created_at)
    projects = _projects_of(place)
    if isinstance(place, Namespace) and not call.params.flag("skip_subresources"):
        below = select(Namespace.id).where(_within(place))
        inside = or_(Member.group_id.in_(below), Member.project_id.in_(projects))
        call.session.execute(delete(Member).where(Member.user_id == row.user_id, inside))
    else:
        call.session.delete(row)
    if call.params.flag("unassign_issuables"):
        issues = select(Issue.id).where(Issue.project_id.in_(projects))
        mine = IssueAssignee.user_id == row.user_id, IssueAssignee.issue_id.in_(issues)
        call.session.execute(delete(IssueAssignee).where(*mine))


def _within(place: Namespace) -> ColumnElement[bool]:
    return Namespace.lineage.startswith(place.lineage, autoescape=True)


def _projects_of(place: Place) -> Select[Any]:
    if isinstance(place, Project):
        return select(Project.id).where(Project.id == place.id)
    return select(Project.id).join(Namespace).where(_within(place))


def _register(kind: str) -> None:
    def on(method: str, tail: str, act: Callable[[Call], Any]) -> None:
        ROUTES.add(method, f"/{kind}/:id/members{tail}", login=True)(act)

    on("GET", "", lambda call: _listed(call, _direct(_read(call, kind))))
    on("GET", "/all", lambda call: _listed(call, _all(_read(call, kind))))
    on(
        "GET",
        "/:user_id",
        lambda call: _present(call, [_one(call, _direct(_read(call, kind)))])[0],
    )
    on(
        "GET",
        "/all/:user_id",
        lambda call: _present(call, [_one(call, _all(_read(call, kind)))])[0],
    )
    on("POST", "", lambda call: _add(call, kind))
    on("PUT", "/:user_id", lambda call: _change(call, kind))
    on("DELETE", "/:user_id", lambda call: _remove(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

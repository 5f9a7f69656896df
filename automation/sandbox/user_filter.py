"""The filters and orders of the directory of users.

Sources: `lib/api/users.rb`, `app/finders/users_finder.rb`. Blocked and banned users are
there for administrators only, and so is much of what one can ask for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from automation.sandbox.call import Call
from automation.sandbox.schema import Namespace, Project, User

ORDERS: dict[str, Any] = {
    "id": User.id, "name": User.name, "username": User.username,
    "created_at": User.created_at, "updated_at": User.created_at,
}  # fmt: skip
_UNSEEN = ("blocked", "banned")
_AWAKE = and_(User.state == "active", User.kind != "ghost")
_FLAGS: dict[str, ColumnElement[bool]] = {
    "active": _AWAKE,
    "exclude_active": User.state != "active",
    "blocked": User.state == "blocked",
    "external": User.external.is_(True),
    "exclude_external": User.external.is_(False),
    "humans": User.kind == "human",
    "exclude_humans": User.kind != "human",
    "exclude_internal": User.kind != "ghost",
    "without_project_bots": User.kind != "project_bot",
}


def wanted(call: Call) -> list[ColumnElement[bool]]:
    """The conditions that the request and its caller put on the users."""
    params = call.params
    conditions = [where for flag, where in _FLAGS.items() if params.flag(flag)]
    if name := params.text("username"):
        conditions.append(func.lower(User.username) == name.lower())
    if email := params.text("public_email"):
        conditions.append(func.lower(User.public_email) == email.lower())
    if text := params.text("search"):
        conditions.append(_found(text, inside=call.access.admin))
    if call.access.admin:
        return [*conditions, *_for_administrators(call)]
    return [*conditions, User.state.not_in(_UNSEEN)]


def _found(text: str, *, inside: bool) -> ColumnElement[bool]:
    """By part of a name, or by a whole address: the private one for administrators."""
    parts = [field.icontains(text, autoescape=True) for field in (User.username, User.name)]
    whole = [User.public_email, *([User.email] if inside else [])]
    return or_(*parts, *(func.lower(field) == text.lower() for field in whole))


def _for_administrators(call: Call) -> list[ColumnElement[bool]]:
    params = call.params
    conditions: list[ColumnElement[bool]] = []
    if params.flag("admins"):
        conditions.append(User.admin.is_(True))
    if moment := params.time("created_after"):
        conditions.append(User.created_at >= moment)
    if moment := params.time("created_before"):
        conditions.append(User.created_at <= moment)
    if params.flag("without_projects"):
        owners = select(Namespace.owner_id).join(Project).where(Namespace.owner_id.is_not(None))
        conditions.append(User.id.not_in(owners))
    if params.choice("two_factor", ("enabled", "disabled")) == "enabled":
        conditions.append(User.id < 0)  # nobody here has a second factor
    return conditions

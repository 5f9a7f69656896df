"""Users: the caller, the directory, and their administration."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, grape, invalid, message
from automation.sandbox.paging import keyset, paginate, wants_keyset
from automation.sandbox.params import Params
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Event,
    Issue,
    IssueAssignee,
    Namespace,
    Note,
    PipelineSchedule,
    Project,
    User,
)
from automation.sandbox.shapes import people
from automation.sandbox.store import add_user, ghost

ROUTES = Router()
_ORDERS: dict[str, Any] = {
    "id": User.id, "name": User.name, "username": User.username,
    "created_at": User.created_at, "updated_at": User.created_at,
}  # fmt: skip
_FLAGS: dict[str, ColumnElement[bool]] = {
    "active": User.state == "active",
    "exclude_active": User.state != "active",
    "blocked": User.state == "blocked",
    "external": User.external.is_(True),
    "exclude_external": User.external.is_(False),
    "admins": User.admin.is_(True),
    "humans": User.kind == "human",
    "exclude_humans": User.kind != "human",
    "exclude_internal": User.kind != "ghost",
    "without_project_bots": User.kind != "project_bot",
}


@ROUTES.add("GET", "/user", login=True)
def current(call: Call) -> Any:
    """Who the token belongs to."""
    return people.user_self(call.me, call.base_url)


@ROUTES.add("GET", "/users", login=True)
def index(call: Call) -> Any:
    """The directory; administrators see every field."""
    wanted = select(User).where(*_conditions(call.params))
    order = call.params.choice("order_by", _ORDERS, "id") or "id"
    down = call.params.choice("sort", ("asc", "desc"), "desc") == "desc"
    if wants_keyset(call) and order == "id":
        rows = keyset(call, wanted, User.id.expression, User.id, down=down)
    else:
        column = _ORDERS[order]
        by = (column.desc(), User.id.desc()) if down else (column.asc(), User.id.asc())
        rows = paginate(call, wanted.order_by(*by), User.id)
    shape = people.user_for_admin if call.me.admin else people.user_basic
    return [shape(row, call.base_url) for row in rows]


def _conditions(params: Params) -> list[ColumnElement[bool]]:
    conditions = [where for flag, where in _FLAGS.items() if params.flag(flag)]
    if name := params.text("username"):
        conditions.append(func.lower(User.username) == name.lower())
    if text := params.text("search"):
        fields = (User.username, User.name)
        found = [field.icontains(text, autoescape=True) for field in fields]
        conditions.append(or_(*found, func.lower(User.email) == text.lower()))
    if moment := params.time("created_after"):
        conditions.append(User.created_at >= moment)
    if moment := params.time("created_before"):
        conditions.append(User.created_at <= moment)
    return conditions


@ROUTES.add("GET", "/users/:id", login=True)
def show(call: Call) -> Any:
    """One user."""
    row = find.user(call, call.path["id"])
    shape = people.user_for_admin if call.me.admin else people.user_public
    return shape(row, call.base_url)


@ROUTES.add("POST", "/users")
def create(call: Call) -> Any:
    """Make a user; for administrators."""
    call.admin_only()
    params = call.params
    email, name, username = params.need("email"), params.need("name"), params.need("username")
    random = params.flag("force_random_password") or params.flag("reset_password")
    if not (random or params.text("password")):
        raise grape(
            "password, reset_password, force_random_password are missing, "
            "at least one parameter must be provided"
        )
    _check_free(call, email, username)
    user = User(
        username=username, name=name, email=email,
        public_email=params.text("public_email", "") or "",
        kind="service_account" if params.flag("bot") else "human",
        admin=bool(params.flag("admin")), external=bool(params.flag("external")),
        private_profile=bool(params.flag("private_profile")), note=params.text("note"),
        created_at=call.now,
    )  # fmt: skip
    return people.user_for_admin(add_user(call.session, user), call.base_url)


def _check_free(call: Call, email: str, username: str) -> None:
    if call.session.scalar(select(User.id).where(User.email == email)):
        raise message(409, "Email has already been taken")
    taken = select(Namespace.id).where(func.lower(Namespace.full_path) == username.lower())
    if call.session.scalar(taken):
        raise message(409, "Username has already been taken")
    if not username.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise invalid({"username": ["can contain only letters, digits, '_', '-' and '.'"]})


@ROUTES.add("PUT", "/users/:id")
def edit(call: Call) -> Any:
    """Change a user; for administrators."""
    call.admin_only()
    row = find.user(call, call.path["id"])
    for field in ("name", "email", "public_email", "note"):
        if (value := call.params.text(field)) is not None:
            setattr(row, field, value)
    for flag in ("admin", "external", "private_profile"):
        if (on := call.params.flag(flag)) is not None:
            setattr(row, flag, on)
    return people.user_for_admin(row, call.base_url)


def _move(call: Call, wanted: str, allowed: tuple[str, ...]) -> Any:
    call.admin_only()
    row = find.user(call, call.path["id"])
    if row.kind == "ghost":
        raise forbidden(f"An internal user cannot be {wanted}")
    if row.state not in allowed:
        return False
    row.state = wanted
    return True


@ROUTES.add("POST", "/users/:id/block")
def block(call: Call) -> Any:
    """Lock a user out; tokens and pipeline schedules stop working."""
    done = _move(call, "blocked", ("active", "deactivated"))
    if done:
        row = find.user(call, call.path["id"])
        theirs = update(PipelineSchedule).where(PipelineSchedule.owner_id == row.id)
        call.session.execute(theirs.values(active=False))
    return done


@ROUTES.add("POST", "/users/:id/unblock")
def unblock(call: Call) -> Any:
    """Let a blocked user in again."""
    return _move(call, "active", ("blocked",))


@ROUTES.add("POST", "/users/:id/deactivate")
def deactivate(call: Call) -> Any:
    """Put a dormant user to sleep."""
    return _move(call, "deactivated", ("active",))


@ROUTES.add("POST", "/users/:id/activate")
def activate(call: Call) -> Any:
    """Wake a deactivated user."""
    return _move(call, "active", ("deactivated",))


@ROUTES.add("DELETE", "/users/:id")
def remove(call: Call) -> Any:
    """Delete a user; what they wrote goes to Ghost."""
    call.admin_only()
    row = find.user(call, call.path["id"])
    if row.kind == "ghost" or row.id == call.me.id:
        raise forbidden()
    forget(call, row)
    return Reply(204, None)


def forget(call: Call, row: User) -> None:
    """Remove a user and hand over to Ghost what must stay."""
    heir = ghost(call.session, call.now)
    for column in (Issue.author_id, Issue.closed_by_id, Note.author_id, Event.user_id):
        call.session.execute(
            update(column.class_).where(column == row.id).values({column.key: heir.id})
        )
    call.session.execute(delete(IssueAssignee).where(IssueAssignee.user_id == row.id))
    spaces = select(Namespace.id).where(Namespace.owner_id == row.id)
    call.session.execute(delete(Project).where(Project.namespace_id.in_(spaces)))
    call.session.execute(delete(Namespace).where(Namespace.owner_id == row.id))
    call.session.delete(row)


@ROUTES.add("POST", "/service_accounts")
def service_account(call: Call) -> Any:
    """Make a service account for the whole instance; for administrators."""
    call.admin_only()
    fallback = f"service_account_{secrets.token_hex(16)}"
    username = call.params.text("username") or fallback
    email = call.params.text("email") or f"{username}@noreply.example.com"
    _check_free(call, email, username)
    user = User(
        username=username, name=call.params.text("name") or "Service account user",
        email=email, kind="service_account", created_at=call.now,
    )  # fmt: skip
    return people.user_basic(add_user(call.session, user), call.base_url)

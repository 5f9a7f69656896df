"""Access tokens of projects and groups, each with a bot of its own.

Sources: `lib/api/resource_access_tokens.rb`, `app/services/resource_access_tokens/`.
A revoked token's bot goes at once, and what it wrote is Ghost's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, select

from automation.sandbox.access import LEVELS, MAINTAINER, MINIMAL, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.token_making import PLACE_SCOPES, expiry, listed, make, rotate, scopes
from automation.sandbox.api.users import forget
from automation.sandbox.call import Call
from automation.sandbox.errors import bad_request, grape, message, not_found, unauthorized
from automation.sandbox.routing import Router
from automation.sandbox.schema import Member, Namespace, Project, Token, User
from automation.sandbox.shapes import people
from automation.sandbox.store import add_user

ROUTES = Router()
Place = Project | Namespace
_NEEDED = {"project": MAINTAINER, "group": OWNER}
_TOO_HIGH = "Access level of the token can't be greater the access level of the user"


def _place(call: Call, kind: str) -> tuple[Place, int]:
    """The project or group, and the caller's role there."""
    if kind == "project":
        project = find.project(call)
        return project, call.access.project_level(project)
    group = find.group(call)
    return group, call.access.group_level(group)


def _of(kind: str, place: Place) -> ColumnElement[bool]:
    return (Token.project_id if kind == "project" else Token.group_id) == place.id


def _managed(call: Call, kind: str) -> Place:
    place, level = _place(call, kind)
    if level < _NEEDED[kind]:
        raise unauthorized()
    return place


def _token(call: Call, kind: str, place: Place) -> Token | None:
    wanted = call.path["token_id"]
    if not wanted.isdigit():
        return None
    return call.session.scalar(select(Token).where(Token.id == int(wanted), _of(kind, place)))


def _list(call: Call, kind: str) -> Any:
    return listed(call, select(Token).where(_of(kind, _managed(call, kind))))


def _show(call: Call, kind: str) -> Any:
    row = _token(call, kind, _managed(call, kind))
    if row is None:
        raise not_found(f"{kind} Access Token")
    return people.token(row, call.today)


def _create(call: Call, kind: str) -> Any:
    place, mine = _place(call, kind)
    name = call.params.need("name")
    scopes(call, PLACE_SCOPES)
    level = call.params.integer("access_level", MAINTAINER)
    if level not in LEVELS or level == MINIMAL:
        raise grape("access_level does not have a valid value")
    if mine < _NEEDED[kind]:
        raise bad_request(f"User does not have permission to create {kind} access token")
    if level > mine:
        raise bad_request(_TOO_HIGH)
    if wrong := expiry(call, 0)[1]:
        raise bad_request(wrong)
    bot = _bot(call, kind, place, name, level)
    return make(call, bot, PLACE_SCOPES, access_level=level, **{f"{kind}_id": place.id})


def _bot(call: Call, kind: str, place: Place, name: str, level: int) -> User:
    username = f"{kind}_{place.id}_bot_{secrets.token_hex(16)}"
    bot = add_user(
        call.session,
        User(username=username, name=name, kind="project_bot", created_by_id=call.me.id,
             email=f"{username}@noreply.example.com", created_at=call.now),
    )  # fmt: skip
    where = {f"{kind}_id": place.id}
    call.session.add(
        Member(user_id=bot.id, access_level=level, created_at=call.now,
               created_by_id=call.me.id, **where)
    )  # fmt: skip
    return bot


def _rotate_own(call: Call, kind: str) -> Any:
    """A new value for the calling token, if it is one of that project or group."""
    place, row = _place(call, kind)[0], call.token
    if row is None or (row.project_id if kind == "project" else row.group_id) != place.id:
        raise message(405, "405 Method Not Allowed")
    return rotate(call, row)


def _rotate(call: Call, kind: str) -> Any:
    """Only administrators are told that there is no such token."""
    place, level = _place(call, kind)
    row = _token(call, kind, place) if level >= _NEEDED[kind] else None
    if row is None:
        raise message(404, "404 Not Found") if call.me.admin else unauthorized()
    return rotate(call, row)


def _revoke(call: Call, kind: str) -> Any:
    place, level = _place(call, kind)
    row = _token(call, kind, place)
    if row is None:
        raise not_found(f"{kind} Access Token")
    bot = call.session.get_one(User, row.user_id)
    if level < _NEEDED[kind]:
        raise bad_request(f"{call.me.name} cannot delete {bot.name}")
    forget(call, bot)


def _register(kind: str) -> None:
    base = f"/{kind}s/:id/access_tokens"

    def on(
        method: str, tail: str, act: Callable[[Call, str], Any], status: int | None = None
    ) -> None:
        ROUTES.add(method, f"{base}{tail}", status, login=True)(lambda call: act(call, kind))

    on("GET", "", _list)
    on("POST", "", _create)
    on("GET", "/:token_id", _show)
    on("DELETE", "/:token_id", _revoke)
    on("POST", "/:token_id/rotate", _rotate, status=200)
    on("POST", "/self/rotate", _rotate_own, status=200)


for _kind in ("project", "group"):
    _register(_kind)

"""Access tokens: personal ones, and those of projects and groups with their bots."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, not_, or_, select

from automation.sandbox.access import MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.users import forget
from automation.sandbox.call import Call, Reply
from automation.sandbox.clock import stamp
from automation.sandbox.errors import bad_request, forbidden, grape, not_found, unauthorized
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Member, Namespace, Project, Token, User
from automation.sandbox.shapes import people
from automation.sandbox.store import add_user, digest

ROUTES = Router()
SCOPES = ("api", "read_api", "read_user", "sudo", "admin_mode", "self_rotate",
          "read_repository", "write_repository", "create_runner", "manage_runner")  # fmt: skip
_DAYS = 365


def _new_value() -> str:
    return f"glpat-{secrets.token_urlsafe(15)}"


def _scopes(call: Call) -> str:
    scopes = call.params.strings("scopes")
    if not scopes:
        raise grape("scopes is missing" if not call.params.has("scopes") else "scopes is empty")
    if any(scope not in SCOPES for scope in scopes):
        raise grape("scopes does not have a valid value")
    return ",".join(scopes)


def _issue(call: Call, user: User, **more: Any) -> dict[str, Any]:
    value = _new_value()
    default = stamp(call.store.clock.now() + timedelta(days=_DAYS))[:10]
    row = Token(
        user_id=user.id, name=call.params.need("name"),
        description=call.params.text("description"), digest=digest(value),
        scopes=_scopes(call), expires_at=call.params.date("expires_at") or default,
        created_at=call.now, **more,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    return people.token(row, call.today, value)


def _own(call: Call) -> Token:
    if call.token is None:
        raise unauthorized()
    return call.token


@ROUTES.add("GET", "/personal_access_tokens/self", login=True)
def own(call: Call) -> Any:
    """The token that makes this call."""
    return people.token(_own(call), call.today)


@ROUTES.add("POST", "/personal_access_tokens/self/rotate", status=200)
def rotate_own(call: Call) -> Any:
    """A new value for the calling token; the old one dies at once."""
    return _rotate(call, _own(call))


@ROUTES.add("DELETE", "/personal_access_tokens/self")
def revoke_own(call: Call) -> Any:
    """End the calling token."""
    _own(call).revoked = True
    return Reply(204, None)


def _rotate(call: Call, old: Token) -> dict[str, Any]:
    if old.revoked:
        raise bad_request("Token already revoked")
    value = _new_value()
    week = stamp(call.store.clock.now() + timedelta(days=7))[:10]
    row = Token(
        user_id=old.user_id, name=old.name, description=old.description, digest=digest(value),
        scopes=old.scopes, expires_at=call.params.date("expires_at") or week,
        created_at=call.now, project_id=old.project_id, group_id=old.group_id,
        access_level=old.access_level,
    )  # fmt: skip
    old.revoked = True
    call.session.add(row)
    call.session.flush()
    return people.token(row, call.today, value)


@ROUTES.add("GET", "/personal_access_tokens", login=True)
def index(call: Call) -> Any:
    """Tokens: one's own, or, for administrators, everyone's."""
    wanted = select(Token).order_by(Token.id)
    user_id = call.params.integer("user_id")
    if not call.me.admin:
        if user_id not in (None, call.me.id):
            raise unauthorized()
        user_id = call.me.id
    if user_id is not None:
        wanted = wanted.where(Token.user_id == user_id)
    if (revoked := call.params.flag("revoked")) is not None:
        wanted = wanted.where(Token.revoked == revoked)
    if text := call.params.text("search"):
        wanted = wanted.where(Token.name.icontains(text, autoescape=True))
    if state := call.params.choice("state", ("active", "inactive")):
        expired = Token.expires_at <= call.today
        dead = or_(Token.revoked, and_(Token.expires_at.is_not(None), expired))
        wanted = wanted.where(dead if state == "inactive" else not_(dead))
    rows = paginate(call, wanted, Token.id)
    return [people.token(row, call.today) for row in rows]


def _by_id(call: Call) -> Token:
    wanted = call.path["token_id"]
    row = call.session.get(Token, int(wanted)) if wanted.isdigit() else None
    if row is None or not (call.me.admin or row.user_id == call.me.id):
        raise not_found()
    return row


@ROUTES.add("GET", "/personal_access_tokens/:token_id", login=True)
def show(call: Call) -> Any:
    """One token."""
    return people.token(_by_id(call), call.today)


@ROUTES.add("POST", "/personal_access_tokens/:token_id/rotate", status=200)
def rotate(call: Call) -> Any:
    """A new value for a token."""
    return _rotate(call, _by_id(call))


@ROUTES.add("DELETE", "/personal_access_tokens/:token_id")
def revoke(call: Call) -> Any:
    """End a token."""
    _by_id(call).revoked = True
    return Reply(204, None)


@ROUTES.add("POST", "/users/:id/personal_access_tokens")
def create(call: Call) -> Any:
    """A token for any user; for administrators."""
    call.admin_only()
    return _issue(call, find.user(call, call.path["id"]))


def _bot(call: Call, kind: str, place: Project | Namespace, level: int) -> User:
    username = f"{kind}_{place.id}_bot_{secrets.token_hex(16)}"
    bot = add_user(
        call.session,
        User(username=username, name=call.params.need("name"), kind="project_bot",
             email=f"{username}@noreply.example.com", created_at=call.now),
    )  # fmt: skip
    where = {f"{kind}_id": place.id}
    call.session.add(
        Member(user_id=bot.id, access_level=level, created_at=call.now,
               created_by_id=call.me.id, **where)
    )  # fmt: skip
    return bot


def _create_for(call: Call, kind: str, place: Project | Namespace, mine: int) -> Any:
    needed = MAINTAINER if kind == "project" else OWNER
    if mine < needed:
        raise bad_request(f"User does not have permission to create {kind} access token")
    level = call.params.integer("access_level", MAINTAINER) or MAINTAINER
    if level > mine:
        raise bad_request("Access level of the token can't be greater the access level of the user")
    _scopes(call)
    bot = _bot(call, kind, place, level)
    return _issue(call, bot, access_level=level, **{f"{kind}_id": place.id})


@ROUTES.add("POST", "/projects/:id/access_tokens")
def create_for_project(call: Call) -> Any:
    """A token with a bot of its own, member of one project."""
    place = find.project(call)
    return _create_for(call, "project", place, call.access.project_level(place))


@ROUTES.add("POST", "/groups/:id/access_tokens")
def create_for_group(call: Call) -> Any:
    """A token with a bot of its own, member of a group."""
    place = find.group(call)
    return _create_for(call, "group", place, call.access.group_level(place))


def _guard(call: Call, kind: str) -> int:
    if kind == "project":
        project = find.project(call)
        level, place_id, needed = call.access.project_level(project), project.id, MAINTAINER
    else:
        group = find.group(call)
        level, place_id, needed = call.access.group_level(group), group.id, OWNER
    if level < needed:
        raise forbidden()
    return place_id


def _of_place(call: Call, kind: str) -> Any:
    column = Token.project_id if kind == "project" else Token.group_id
    wanted = select(Token).where(column == _guard(call, kind)).order_by(Token.id)
    rows = paginate(call, wanted, Token.id)
    return [people.token(row, call.today) for row in rows]


@ROUTES.add("GET", "/projects/:id/access_tokens", login=True)
def of_project(call: Call) -> Any:
    """The access tokens of a project."""
    return _of_place(call, "project")


@ROUTES.add("GET", "/groups/:id/access_tokens", login=True)
def of_group(call: Call) -> Any:
    """The access tokens of a group."""
    return _of_place(call, "group")


def _token_of_place(call: Call, kind: str) -> Token:
    place_id = _guard(call, kind)
    column = Token.project_id if kind == "project" else Token.group_id
    row = call.session.scalar(
        select(Token).where(Token.id == call.path["token_id"], column == place_id)
    )
    if row is None:
        raise not_found()
    return row


def _revoke_of_place(call: Call, kind: str) -> Any:
    row = _token_of_place(call, kind)
    forget(call, call.session.get_one(User, row.user_id))
    return Reply(204, None)


@ROUTES.add("POST", "/projects/:id/access_tokens/:token_id/rotate", status=200)
def rotate_of_project(call: Call) -> Any:
    """A new value for a project's token; the bot stays."""
    return _rotate(call, _token_of_place(call, "project"))


@ROUTES.add("POST", "/groups/:id/access_tokens/:token_id/rotate", status=200)
def rotate_of_group(call: Call) -> Any:
    """A new value for a group's token; the bot stays."""
    return _rotate(call, _token_of_place(call, "group"))


@ROUTES.add("DELETE", "/projects/:id/access_tokens/:token_id")
def revoke_of_project(call: Call) -> Any:
    """End a project's token; its bot goes, and what it wrote is Ghost's."""
    return _revoke_of_place(call, "project")


@ROUTES.add("DELETE", "/groups/:id/access_tokens/:token_id")
def revoke_of_group(call: Call) -> Any:
    """End a group's token; its bot goes, and what it wrote is Ghost's."""
    return _revoke_of_place(call, "group")

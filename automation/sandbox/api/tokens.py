"""Personal access tokens.

Sources: `lib/api/personal_access_tokens.rb`, `lib/api/personal_access_tokens/self_information.rb`,
`lib/api/users.rb`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from automation.sandbox.api import find
from automation.sandbox.api.token_making import SELF_SCOPES, listed, make, rotate
from automation.sandbox.call import Call
from automation.sandbox.errors import ApiError, bad_request, message, not_found, unauthorized
from automation.sandbox.routing import Router
from automation.sandbox.schema import Token, User
from automation.sandbox.shapes import people

ROUTES = Router()


def _own(call: Call) -> Token:
    token: Token | None = call.token
    return call.session.get_one(Token, token.id if token else 0)


@ROUTES.add("GET", "/personal_access_tokens/self", login=True)
def own(call: Call) -> Any:
    """The token that makes this call."""
    return people.token(_own(call), call.today)


@ROUTES.add("POST", "/personal_access_tokens/self/rotate", status=200)
def rotate_own(call: Call) -> Any:
    """A new value for the calling token; the old one dies at once."""
    return rotate(call, _own(call))


@ROUTES.add("DELETE", "/personal_access_tokens/self")
def revoke_own(call: Call) -> Any:
    """End the calling token."""
    _own(call).revoked = True


@ROUTES.add("GET", "/personal_access_tokens", login=True)
def index(call: Call) -> Any:
    """Tokens: one's own, or, for administrators, everyone's."""
    wanted = select(Token)
    user_id = call.params.integer("user_id")
    if not call.me.admin:
        if user_id not in (None, call.me.id):
            raise unauthorized()
        user_id = call.me.id
    elif call.params.has("user_id") and call.session.get(User, user_id or 0) is None:
        raise message(404, "404 Not Found")
    if user_id is not None:
        wanted = wanted.where(Token.user_id == user_id)
    return listed(call, wanted)


def _missing(call: Call) -> ApiError:
    """Only administrators are told that there is no such token."""
    return message(404, "404 Not Found") if call.me.admin else unauthorized()


def _by_id(call: Call) -> Token:
    wanted = call.path["token_id"]
    row = call.session.get(Token, int(wanted)) if wanted.isdigit() else None
    if row is None or not (call.me.admin or row.user_id == call.me.id):
        raise _missing(call)
    return row


@ROUTES.add("GET", "/personal_access_tokens/:token_id", login=True)
def show(call: Call) -> Any:
    """One token."""
    return people.token(_by_id(call), call.today)


@ROUTES.add("POST", "/personal_access_tokens/:token_id/rotate", status=200)
def rotate_one(call: Call) -> Any:
    """A new value for a token."""
    return rotate(call, _by_id(call))


@ROUTES.add("DELETE", "/personal_access_tokens/:token_id")
def revoke(call: Call) -> Any:
    """End a token."""
    wanted = call.path["token_id"]
    row = call.session.get(Token, int(wanted)) if wanted.isdigit() else None
    if row is None:
        raise not_found()
    if not (call.me.admin or row.user_id == call.me.id):
        raise bad_request("Not permitted to revoke")
    row.revoked = True


@ROUTES.add("POST", "/users/:id/personal_access_tokens")
def create(call: Call) -> Any:
    """A token for any user; for administrators."""
    call.admin_only()
    return make(call, find.user(call, call.path["id"]))


@ROUTES.add("POST", "/user/personal_access_tokens")
def create_own(call: Call) -> Any:
    """A token of one's own, for little more than its own renewal."""
    return make(call, call.me, SELF_SCOPES)

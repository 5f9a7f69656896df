"""Making, renewing and finding access tokens, whoever's they are.

Sources: `lib/api/helpers/personal_access_tokens_helpers.rb`,
`app/services/personal_access_tokens/rotate_service.rb`, `app/models/personal_access_token.rb`.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, not_, or_

from automation.sandbox.auth import revoke_family
from automation.sandbox.call import Call
from automation.sandbox.clock import stamp
from automation.sandbox.errors import bad_request, grape, message
from automation.sandbox.paging import paginate
from automation.sandbox.schema import Token, User
from automation.sandbox.shapes import people
from automation.sandbox.store import digest

SELF_SCOPES = ("k8s_proxy", "self_rotate")
PLACE_SCOPES = (
    "api", "read_api", "create_runner", "manage_runner", "k8s_proxy", "self_rotate",
    "read_repository", "write_repository", "read_registry", "write_registry",
    "read_virtual_registry", "write_virtual_registry", "ai_features",
)  # fmt: skip
SCOPES = (*PLACE_SCOPES, "read_user", "sudo", "admin_mode", "read_service_ping")
_DAYS = 365
_SORTS: dict[str, Any] = {
    "created": Token.created_at, "created_at": Token.created_at, "expires": Token.expires_at,
    "expires_at": Token.expires_at, "last_used": Token.last_used_at,
    "last_used_at": Token.last_used_at, "name": Token.name, "id": Token.id,
}  # fmt: skip


def scopes(call: Call, allowed: tuple[str, ...]) -> str:
    """The scopes that the request asks for, as they are stored.

    Raises:
        ApiError: 400.
    """
    wanted = call.params.strings("scopes")
    if not wanted:
        raise grape("scopes is missing" if not call.params.has("scopes") else "scopes is empty")
    if any(scope not in allowed for scope in wanted):
        raise grape("scopes does not have a valid value")
    return ",".join(wanted)


def _day(call: Call, ahead: int) -> str:
    return stamp(call.store.clock.now() + timedelta(days=ahead))[:10]


def expiry(call: Call, default: int) -> tuple[str, str | None]:
    """When the new token ends, by default so many days ahead; and what is wrong with that."""
    last = _day(call, _DAYS)
    wanted = call.params.date("expires_at") or _day(call, default)
    return wanted, None if wanted <= last else f"Expiration date must be before {last}"


def make(call: Call, user: User, allowed: tuple[str, ...] = SCOPES, **more: Any) -> dict[str, Any]:
    """A new token for a user, with its value.

    Raises:
        ApiError: 400; 422 where it would live too long.
    """
    name, wanted = call.params.need("name"), scopes(call, allowed)
    ends, wrong = expiry(call, _DAYS)
    if wrong:
        raise message(422, wrong)
    row = Token(
        user_id=user.id, name=name, description=call.params.text("description"),
        scopes=wanted, expires_at=ends, created_at=call.now, **more,
    )  # fmt: skip
    return _saved(call, row)


def _saved(call: Call, row: Token) -> dict[str, Any]:
    value = f"glpat-{secrets.token_urlsafe(15)}"
    row.digest = digest(value)
    call.session.add(row)
    call.session.flush()
    return people.token(row, call.today, value)


def rotate(call: Call, old: Token) -> dict[str, Any]:
    """A token in place of an old one, which dies at once.

    Who rotates a dead token may have stolen it: then whatever came of it dies, too.

    Raises:
        ApiError: 400.
    """
    if old.revoked:
        revoke_family(call.session, old)
        raise bad_request("token already revoked")
    ends, wrong = expiry(call, 7)
    if wrong:
        raise bad_request(wrong)
    row = Token(
        user_id=old.user_id, name=old.name, description=old.description, scopes=old.scopes,
        expires_at=ends, created_at=call.now, replaces_id=old.id, project_id=old.project_id,
        group_id=old.group_id, access_level=old.access_level,
    )  # fmt: skip
    old.revoked = True
    return _saved(call, row)


def listed(call: Call, wanted: Select[Token]) -> list[dict[str, Any]]:
    """One page of tokens, narrowed and ordered as the request asks."""
    params = call.params
    if (revoked := params.flag("revoked")) is not None:
        wanted = wanted.where(Token.revoked == revoked)
    if text := params.text("search"):
        wanted = wanted.where(Token.name.icontains(text, autoescape=True))
    if state := params.choice("state", ("active", "inactive")):
        ended = and_(Token.expires_at.is_not(None), Token.expires_at <= call.today)
        dead = or_(Token.revoked, ended)
        wanted = wanted.where(dead if state == "inactive" else not_(dead))
    for name, column in (("created", Token.created_at), ("last_used", Token.last_used_at)):
        if moment := params.time(f"{name}_after"):
            wanted = wanted.where(column >= moment)
        if moment := params.time(f"{name}_before"):
            wanted = wanted.where(column <= moment)
    if day := params.date("expires_after"):
        wanted = wanted.where(Token.expires_at >= day)
    if day := params.date("expires_before"):
        wanted = wanted.where(Token.expires_at <= day)
    rows = paginate(call, _sorted(call, wanted), Token.id)
    return [people.token(row, call.today) for row in rows]


def _sorted(call: Call, wanted: Select[Token]) -> Select[Token]:
    field, _, way = (call.params.text("sort") or "id_asc").rpartition("_")
    column = _SORTS.get(field, Token.id)
    first = column.desc() if way == "desc" else column.asc()
    return wanted.order_by(first.nulls_last(), Token.id)

"""Who is asking, and whether the token's scopes cover the request.

``JOB-TOKEN`` counts for nothing: GitLab takes it at the endpoints that say so, and this
server has none of those. Source: `lib/gitlab/auth/auth_finders.rb`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.sandbox import clock
from automation.sandbox.errors import ApiError, forbidden, not_found, unauthorized
from automation.sandbox.params import Params
from automation.sandbox.schema import Token, User
from automation.sandbox.store import digest

_USE = timedelta(minutes=1)
_EXPIRED = "Token is expired. You can either do re-authorization or token refresh."
_REVOKED = "Token was revoked. You have to re-authorize from the user."
_INSUFFICIENT = "The request requires higher privileges than provided by the access token."
_DEACTIVATED = (
    "Your account has been deactivated by your administrator. "
    "Please log back in from a web browser to reactivate your account"
)


def _sent(headers: Mapping[str, str], params: Params) -> str | None:
    """The token of a request: a private one before one in OAuth's manner."""
    private = params.text("private_token") or headers.get("private-token")
    if private:
        return private
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    return bearer.strip() if kind.lower() == "bearer" else params.text("access_token")


def _dead(description: str) -> ApiError:
    body = {"error": "invalid_token", "error_description": description}
    return ApiError(401, body, {"WWW-Authenticate": _challenge("invalid_token", description)})


def _challenge(error: str, description: str) -> str:
    realm = 'Bearer realm="Protected by OAuth 2.0"'
    return f'{realm}, error="{error}", error_description="{description}"'


def revoke_family(session: Session, old: Token) -> None:
    """End whatever came of a token by rotating, for who rotates a dead one may have stolen it.

    It is saved at once, since the request itself fails.
    Source: `app/services/personal_access_tokens/revoke_token_family_service.rb`.
    """
    heir: Token | None = old
    while heir is not None:
        heir.revoked = True
        heir = session.scalar(select(Token).where(Token.replaces_id == heir.id))
    session.commit()


def identify(
    session: Session, headers: Mapping[str, str], params: Params, now: datetime,
    *, rotates: bool = False,
) -> tuple[User, Token] | tuple[None, None]:  # fmt: skip
    """The user behind the token that was sent; nobody, when none was sent.

    ``rotates`` says that the request is one to rotate a token, where a revoked one takes its
    successors along.

    Raises:
        ApiError: 401 for an unknown, expired or revoked token, 403 for a blocked user.
    """
    value = _sent(headers, params)
    if not value:
        return None, None
    token = session.scalar(select(Token).where(Token.digest == digest(value)))
    if token is None:
        raise unauthorized()
    if token.revoked:
        if rotates:
            revoke_family(session, token)
        raise _dead(_REVOKED)
    if token.expires_at is not None and token.expires_at <= clock.stamp(now)[:10]:
        raise _dead(_EXPIRED)
    user = _awake(session.get_one(User, token.user_id))
    _used(token, now)
    wanted = headers.get("sudo") or params.text("sudo")
    return (_instead(session, user, token, wanted) if wanted else user), token


def _used(token: Token, now: datetime) -> None:
    """Note that it was used, though not more than once a minute."""
    if token.last_used_at is None or token.last_used_at <= clock.stamp(now - _USE):
        token.last_used_at = clock.stamp(now)


def _awake(user: User) -> User:
    if user.state in ("blocked", "banned"):
        raise forbidden("Your account has been blocked.")
    if user.state == "deactivated":
        raise forbidden(_DEACTIVATED)
    return user


def _instead(session: Session, user: User, token: Token, wanted: str) -> User:
    """The user on whose behalf an administrator acts (``Sudo``)."""
    if not user.admin:
        raise forbidden("Must be admin to use sudo")
    if "sudo" not in token.scopes.split(","):
        raise _insufficient({"sudo"})
    where = User.id == int(wanted) if wanted.isdigit() else User.username == wanted
    found = session.scalar(select(User).where(where))
    if found is None:
        raise not_found(f"User with ID or username '{wanted}'")
    return found


def _accepted(method: str, template: str) -> set[str]:
    if template.endswith("/self/rotate"):
        return {"api", "self_rotate"}
    if template.startswith("/personal_access_tokens/self"):
        return {"api", "read_api", "read_user", "self_rotate"}
    if method != "GET":
        return {"api"}
    if template.startswith(("/user", "/version", "/metadata")):
        return {"api", "read_api", "read_user"}
    return {"api", "read_api"}


def check_scopes(token: Token | None, method: str, template: str) -> None:
    """Refuse a token whose scopes do not cover the route.

    Raises:
        ApiError: 403 ``insufficient_scope``.
    """
    accepted = _accepted(method, template)
    if token is None or accepted & set(token.scopes.split(",")):
        return
    raise _insufficient(accepted)


def _insufficient(accepted: set[str]) -> ApiError:
    body = {
        "error": "insufficient_scope",
        "error_description": _INSUFFICIENT,
        "scope": " ".join(sorted(accepted)),
    }
    challenge = _challenge("insufficient_scope", _INSUFFICIENT)
    return ApiError(403, body, {"WWW-Authenticate": challenge})

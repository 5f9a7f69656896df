"""Cookies that only this server can have written: who is signed in, and a word to them.

Nothing is stored: a cookie carries its value and a signature by a key that lives as long
as the server. The token of the forms comes from the session's cookie by the same key, so a
page of another site can neither read nor guess it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

SESSION = "_gitlab_session"
FLASH = "_gitlab_flash"


@dataclass(frozen=True)
class Signer:
    """Writes and reads signed values."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def _signature(self, purpose: str, value: str) -> str:
        return hmac.new(self.key, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()

    def sign(self, purpose: str, value: str) -> str:
        """The value as a cookie can carry it."""
        return f"{quote(value, safe='')}.{self._signature(purpose, value)}"

    def read(self, purpose: str, signed: str | None) -> str | None:
        """The value, or `None` when nobody here signed it for that purpose."""
        text, _, signature = (signed or "").rpartition(".")
        value = unquote(text)
        if hmac.compare_digest(signature.encode(), self._signature(purpose, value).encode()):
            return value
        return None

    def form_token(self, session: str) -> str:
        """What the forms of a session send along."""
        return self._signature("form", session)

    def fits(self, session: str, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())


@dataclass(frozen=True)
class Session:
    """A browser's session: ``user_id`` is `None` before it is signed in."""

    value: str
    user_id: int | None


def begin(user_id: int | None = None) -> Session:
    """A new session, which no other one resembles."""
    value = f"{'' if user_id is None else user_id}:{secrets.token_urlsafe(16)}"
    return Session(value, user_id)


def resume(signer: Signer, cookie: str | None) -> Session | None:
    """The session of a cookie, if this server began it."""
    value = signer.read(SESSION, cookie)
    if value is None:
        return None
    number = value.partition(":")[0]
    return Session(value, int(number) if number else None)


def cookie(name: str, value: str) -> str:
    """A ``Set-Cookie`` that scripts and other sites' forms do not get at."""
    ends = "" if value else "; Max-Age=0"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{ends}"

"""What a handler is given: who asks, for what, and the means to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy.orm import Session

from automation.sandbox.access import Access
from automation.sandbox.clock import stamp
from automation.sandbox.errors import forbidden, message, unauthorized
from automation.sandbox.params import Params
from automation.sandbox.schema import Token, User
from automation.sandbox.store import Store


@dataclass
class Reply:
    """An answer whose status or headers differ from the route's own."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request while it is being answered; ``headers`` go out with the answer."""

    store: Store
    session: Session
    base_url: str
    url_path: str
    query: list[tuple[str, str]]
    path: dict[str, str]
    params: Params
    user: User | None
    token: Token | None
    access: Access
    headers: dict[str, str] = field(default_factory=dict)
    unmodified_since: str = ""

    @property
    def me(self) -> User:
        """The caller, who must have logged in."""
        if self.user is None:
            raise unauthorized()
        return self.user

    @property
    def now(self) -> str:
        """The time of this request, as text."""
        return self.store.clock.stamp()

    @property
    def today(self) -> str:
        """The date of this request, ``YYYY-MM-DD``."""
        return self.store.clock.today()

    @property
    def premium(self) -> bool:
        """Whether the server plays a paid tier."""
        return self.store.tier != "free"

    def unchanged(self, updated_at: str) -> None:
        """Refuse to delete what has changed since the request's ``If-Unmodified-Since``.

        Raises:
            ApiError: 412.
        """
        try:
            since = parsedate_to_datetime(self.unmodified_since)
        except ValueError:
            return
        if updated_at > stamp(since):
            raise message(412, "412 Precondition Failed")

    def admin_only(self) -> None:
        """Refuse everyone but administrators."""
        if not self.me.admin:
            raise forbidden()

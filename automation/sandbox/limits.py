"""Rate limits: GitLab's headers on every answer, and 429 when told to enforce them.

Windows are whole minutes of the sandbox's clock, and each user has their own; `window_seconds`
makes them shorter, so that a test of how a client keeps to limits need not last for minutes.
The limits on single actions (creating issues and notes, listing all members, reading one user)
do not show in the headers, as on gitlab.com. New issues are counted for each user in each
project, the rest for each user. Source: GitLab's `app/services/issues/create_service.rb` and
`lib/api/notes.rb`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from automation.sandbox.errors import ApiError, bad_request

SHOWN_LIMIT = 2000
_TEXT = "Retry later\n"
_JSON = {"message": {"error": "This endpoint has been requested too many times. Try again later."}}
_ACTIONS = {
    ("POST", "/projects/:id/issues"): "issues_per_minute",
    ("POST", "/projects/:id/issues/:issue_iid/notes"): "notes_per_minute",
    ("POST", "/projects/:id/issues/:issue_iid/discussions"): "notes_per_minute",
    ("GET", "/projects/:id/members/all"): "members_per_minute",
    ("GET", "/groups/:id/members/all"): "members_per_minute",
    ("GET", "/users/:id"): "users_per_minute",
}
_BY_PROJECT = "issues_per_minute"
_NUMBERS = ("requests_per_minute", *dict.fromkeys(_ACTIONS.values()))
_NAMES = (*_NUMBERS, "body", "retry_after", "window_seconds")


@dataclass
class Limits:
    """What is enforced (`None`: nothing) and what this minute has seen."""

    requests_per_minute: int | None = None
    issues_per_minute: int | None = None
    notes_per_minute: int | None = None
    members_per_minute: int | None = None
    users_per_minute: int | None = None
    body: str | None = None
    retry_after: bool = True
    window_seconds: int = 60
    _window: int = -1
    _seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def configure(self, data: dict[str, Any]) -> None:
        """Change some limits; null lifts one.

        Raises:
            ApiError: 400 for unknown keys.
        """
        if unknown := sorted(set(data) - set(_NAMES)):
            raise bad_request(f"unknown limits: {', '.join(unknown)}")
        for name in _NUMBERS:
            if not isinstance(data.get(name), int | None):
                raise bad_request(f"{name} is a whole number or null")
        if data.get("body") not in (None, "text", "json"):
            raise bad_request("body is text or json")
        seconds = data.get("window_seconds", self.window_seconds)
        if not isinstance(seconds, int) or seconds < 1:
            raise bad_request("window_seconds is a whole number from 1")
        for name, value in data.items():
            setattr(self, name, value)
        self._seen.clear()

    def as_json(self) -> dict[str, Any]:
        """What is enforced."""
        return {name: getattr(self, name) for name in _NAMES}

    def _count(self, who: str, what: str, now: datetime, within: str = "") -> int:
        window = int(now.timestamp()) // self.window_seconds
        if window != self._window:
            self._window = window
            self._seen.clear()
        self._seen[who, what, within] += 1
        return self._seen[who, what, within]

    def request(self, who: str, now: datetime, headers: dict[str, str]) -> None:
        """Count a request and write the headers.

        Raises:
            ApiError: 429.
        """
        seen = self._count(who, "requests", now)
        limit = SHOWN_LIMIT if self.requests_per_minute is None else self.requests_per_minute
        reset = (int(now.timestamp()) // self.window_seconds + 1) * self.window_seconds
        headers |= {
            "RateLimit-Limit": str(limit),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(seen),
            "RateLimit-Remaining": str(max(0, limit - seen)),
            "RateLimit-Reset": str(reset),
        }
        if self.requests_per_minute is not None and seen > limit:
            moment = datetime.fromtimestamp(reset, UTC)
            headers["RateLimit-ResetTime"] = format_datetime(moment, usegmt=True)
            raise self._refusal("text", now, headers)

    def action(
        self, who: str, method: str, template: str, now: datetime, project: Callable[[], str]
    ) -> None:
        """Count what has a limit of its own, such as the creation of an issue or a note.

        `project` tells the one project that the request is about; it is asked only where that
        matters.

        Raises:
            ApiError: 429.
        """
        name = _ACTIONS.get((method, template))
        if name is None:
            return
        within = project() if name == _BY_PROJECT else ""
        seen, limit = self._count(who, name, now, within), getattr(self, name)
        if limit is not None and seen > limit:
            raise self._refusal("json", now, {})

    def _refusal(self, usual: str, now: datetime, headers: dict[str, str]) -> ApiError:
        body = _TEXT if (self.body or usual) == "text" else _JSON
        wait = self.window_seconds - int(now.timestamp()) % self.window_seconds
        extra = {"Retry-After": str(wait)} if self.retry_after else {}
        return ApiError(429, body, headers | extra)

"""What GitLab lets one user do in a time, and which limit a request counts for.

GitLab tells its limit on all requests in headers. Some actions have limits of their own, of
which no header tells; here is what is known about those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit


class Kind(StrEnum):
    """What a request counts as; all count as requests, too."""

    READ = "read"
    WRITE = "write"
    CREATE_ISSUE = "create-issue"
    CREATE_NOTE = "create-note"
    LIST_MEMBERS = "list-members"
    READ_USER = "read-user"


@dataclass(frozen=True)
class Rate:
    """At most `count` in each `seconds`; None where there is no limit or none is known."""

    count: int | None = None
    seconds: float = 60.0


@dataclass(frozen=True)
class Limits:
    """The limits of which no header tells. What is unknown is learnt from a refusal.

    An own GitLab has the limits on issues switched off unless its administrator sets them.
    Source: GitLab's documentation, "Rate limits on issue, epic, and note creation".
    """

    rates: dict[Kind, Rate] = field(default_factory=dict)

    def rate(self, kind: Kind) -> Rate | None:
        """The limit of its own that the kind has; None where it only is a request."""
        return None if kind in (Kind.READ, Kind.WRITE) else self.rates.get(kind, _UNKNOWN[kind])


_UNKNOWN = {
    Kind.CREATE_ISSUE: Rate(),
    Kind.CREATE_NOTE: Rate(),
    Kind.LIST_MEMBERS: Rate(),
    Kind.READ_USER: Rate(None, 600.0),
}
GITLAB_COM = Limits(
    {
        Kind.CREATE_ISSUE: Rate(200),
        Kind.CREATE_NOTE: Rate(60),
        Kind.LIST_MEMBERS: Rate(200),
        Kind.READ_USER: Rate(300, 600.0),
    }
)
"""Source: GitLab's documentation, "GitLab.com settings", rate limits."""


def limits_of(url: str) -> Limits:
    """What is known about the GitLab at an address before it was asked anything."""
    return GITLAB_COM if urlsplit(url).hostname == "gitlab.com" else Limits()


_KINDS = {
    ("POST", "issues"): Kind.CREATE_ISSUE,
    ("POST", "notes"): Kind.CREATE_NOTE,
    ("POST", "discussions"): Kind.CREATE_NOTE,
    ("GET", "members/all"): Kind.LIST_MEMBERS,
    ("GET", "users"): Kind.READ_USER,
}
_PATHS = re.compile(
    r"/projects/(?P<project>[^/]+)/(?P<issue>issues)"
    r"|/projects/[^/]+/issues/\d+/(?P<said>notes|discussions)"
    r"|/(?:projects|groups)/[^/]+/(?P<members>members/all)"
    r"|/(?P<user>users)/\d+"
)


def kind_of(verb: str, path: str) -> tuple[Kind, str]:
    """What a request counts as, and within what: new issues are counted by project.

    Source: GitLab's `app/services/issues/create_service.rb` (`rate_limit … scope`), its
    `lib/gitlab/application_rate_limiter.rb` and `lib/api/notes.rb`.
    """
    plain = Kind.READ if verb == "GET" else Kind.WRITE
    found = _PATHS.fullmatch(path)
    if found is None:
        return plain, ""
    counted = found["issue"] or found["said"] or found["members"] or found["user"]
    return _KINDS.get((verb, counted), plain), found["project"] or ""

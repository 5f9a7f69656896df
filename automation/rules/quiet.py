"""How long nobody did anything on an issue: quiet time by human action (law 6).

Quiet time is first known only within bounds: it is at least as long as since the
issue's last update of any kind, and at most as long as since the last human action
found so far. Streams of history are read one by one only while the bounds leave an
answer open, so untouched issues cost no request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from automation.identity import GHOST, Trust
from automation.model.issue import Event, EventKind, Issue, Note, User
from automation.model.snapshot import Snapshot

# How GitLab itself names the users of project and group tokens, and service accounts.
_TOKEN_BOT = re.compile(
    r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?\d*"
    r"|service_account_(?:(?:group|project)_\d+_)?[0-9a-f]{12,}"
)
_MENTIONED_ELSEWHERE = re.compile(r"mentioned in (?!commit |merge request )", re.IGNORECASE)
_LOCKED = re.compile(r"(?:un)?locked (?:this|the) ", re.IGNORECASE)


@dataclass(frozen=True)
class Humans:
    """Tells humans from bots."""

    trust: Trust
    patterns: tuple[str, ...] = ()

    def is_human(self, user: User | None) -> bool:
        """Whether the user is proven to be a person."""
        if user is None or user.bot or self.trust.is_drumbeat(user):
            return False
        name = user.username.casefold()
        if name == GHOST or _TOKEN_BOT.fullmatch(name):
            return False
        return not any(fnmatchcase(name, pattern.casefold()) for pattern in self.patterns)

    def acted(self, entry: Note | Event) -> bool:
        """Whether the entry is a human action that counts."""
        if isinstance(entry, Event):
            return self.is_human(entry.user)
        if entry.system and (_MENTIONED_ELSEWHERE.match(entry.body) or _LOCKED.match(entry.body)):
            return False
        return self.is_human(entry.author)


@dataclass(frozen=True)
class Quiet:
    """Bounds of the quiet time; equal once everything was read."""

    at_least: timedelta
    at_most: timedelta

    @property
    def exact(self) -> bool:
        """Whether the quiet time itself is known."""
        return self.at_least == self.at_most

    @property
    def days(self) -> int:
        """Whole days for which it has been quiet, for certain."""
        return self.at_least.days


def narrowed(issue: Issue, snapshot: Snapshot, humans: Humans, now: datetime) -> Iterator[Quiet]:
    """The quiet time in ever closer bounds; the last one is exact.

    Reading on raises Missing where the snapshot does not hold the next stream.
    """
    proven = issue.created_at
    yield _between(now, issue.updated_at, proven)
    for read in _streams(issue, snapshot):
        proven = max([proven, *(e.created_at for e in read() if humans.acted(e))])
        yield _between(now, issue.updated_at, proven)
    yield _between(now, proven, proven)


def _between(now: datetime, latest: datetime, earliest: datetime) -> Quiet:
    zero = timedelta(0)
    at_most = max(zero, now - earliest)
    return Quiet(min(at_most, max(zero, now - latest)), at_most)


def _streams(
    issue: Issue, snapshot: Snapshot
) -> Iterator[Callable[[], tuple[Note, ...] | tuple[Event, ...]]]:
    yield lambda: snapshot.notes(issue.ref)
    for kind in EventKind:
        yield lambda kind=kind: snapshot.events(issue.ref, kind)  # type: ignore[misc]

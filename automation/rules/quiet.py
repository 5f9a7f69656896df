"""How long nobody did anything on an issue: quiet time by human action (law 6).

Quiet time is first known only within bounds: it is at least as long as since the
issue's last update of any kind, and at most as long as since the last human action
found so far. Streams of history are read one by one, newest first, only while the bounds
leave an answer open, so untouched issues cost no request. Where several issues of a project leave
it open, the comments in the project are looked at first: they prove that people are there, for
all of these issues at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from automation.model.issue import Event, EventKind, Issue, IssueRef, Note
from automation.model.snapshot import Snapshot
from automation.rules.activity import reads_events, reads_notes
from automation.rules.heard import heard, in_project, project_pages
from automation.rules.humans import Humans as Humans
from automation.rules.humans import actor

Entries = tuple[Note, ...] | tuple[Event, ...]


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

    Reading on raises Missing where the snapshot does not hold the next page, or does not
    know whether somebody is a bot.
    """
    proven = issue.created_at
    yield _between(now, issue.updated_at, proven)
    for pages in _streams(issue, snapshot, humans, now):
        before = proven
        while before == proven < issue.updated_at and (entries := next(pages, None)) is not None:
            for later in _later(entries, before, humans, snapshot):
                proven = later
                yield _between(now, issue.updated_at, proven)
            if any(entry.created_at <= before for entry in entries):
                break
    yield _between(now, proven, proven)


def _between(now: datetime, latest: datetime, earliest: datetime) -> Quiet:
    zero = timedelta(0)
    at_most = max(zero, now - earliest)
    return Quiet(min(at_most, max(zero, now - latest)), at_most)


def _later(
    entries: Entries, since: datetime, humans: Humans, snapshot: Snapshot
) -> Iterator[datetime]:
    """The last human action on a page, where it is later than `since`.

    Before GitLab is asked about somebody, what those did who are known is given: that may
    be enough.
    """
    acts = [e for e in entries if e.created_at > since and humans.acted(e)]
    acts.sort(key=lambda act: act.created_at, reverse=True)
    known = [act.created_at for act in acts if not _in_doubt(act, humans)]
    yield from known[:1]
    proven = (act.created_at for act in acts if humans.proven(actor(act), snapshot))
    yield from islice(proven, 1)


def _in_doubt(act: Note | Event, humans: Humans) -> bool:
    user = actor(act)
    return user is not None and humans.in_doubt(user)


def _streams(
    issue: Issue, snapshot: Snapshot, humans: Humans, now: datetime
) -> Iterator[Iterator[Entries]]:
    """The streams that count, the cheapest first; what the tier lacks is not asked for.

    What lists tell that were read for others as well comes before them: it costs nothing.
    """
    yield iter((heard(issue.ref, in_project(issue, now), snapshot),))
    if reads_notes(humans.activity):
        yield _note_pages(issue, snapshot, now)
    for kind in EventKind:
        lacks = (kind is EventKind.WEIGHT and not issue.has_weight) or (
            kind is EventKind.ITERATION and not issue.has_iteration
        )
        if reads_events(kind, humans.activity) and not lacks:
            yield _event_pages(issue.ref, kind, snapshot)


def _note_pages(issue: Issue, snapshot: Snapshot, now: datetime) -> Iterator[tuple[Note, ...]]:
    """An issue's notes; the comments in its project may tell enough."""
    lists = project_pages(issue, snapshot, now)
    number, more = 1, True
    while more:
        page = snapshot.notes_page(issue.ref, number, lists if number == 1 else ())
        yield page.entries
        number, more = number + 1, page.more


def _event_pages(ref: IssueRef, kind: EventKind, snapshot: Snapshot) -> Iterator[tuple[Event, ...]]:
    """A stream's pages, the last first; GitLab has the oldest events on the first."""
    first = snapshot.events_page(ref, kind, 1)
    if first.more and first.pages is None:
        yield snapshot.events(ref, kind)
        return
    for number in range(first.pages or 1, 1, -1):
        yield snapshot.events_page(ref, kind, number).entries
    yield first.entries

"""The loops that exist: which issue holds which key.

The lists that are read here are the whole cost of a run in which nothing is to do.
Loops are found by when they were created, not by their label, so that an issue whose
labels, title or body a person changed is still found (law 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from automation.identity import NOTHING, Claim, Trust, claim, read_markers
from automation.labels import DRUMBEAT, ENDED, cadence_label, states
from automation.loops import CLOCK_MARGIN, Loop, Loops
from automation.model.issue import Issue, IssueQuery
from automation.model.key import LoopKey
from automation.model.organisation import Subject
from automation.model.period import PeriodKind
from automation.model.policy import Cadence
from automation.model.snapshot import Snapshot
from automation.templates import RenderError

SHORT = frozenset({PeriodKind.DAY, PeriodKind.WEEK})
_MARK_HOURS = 12
_MARK = timedelta(hours=_MARK_HOURS)


@dataclass(frozen=True)
class Held:
    """An issue that holds a key."""

    key: LoopKey
    issue: Issue
    conflict: str = ""


@dataclass(frozen=True)
class Stock:
    """All issues that hold keys, oldest first, and whose word counts."""

    loops: Loops
    trust: Trust
    held: tuple[Held, ...]
    names: Names

    @classmethod
    def of(cls, loops: Loops, trust: Trust, now: datetime, issues: Iterable[Issue]) -> Stock:
        """The loops among the issues."""
        names = Names(loops, now)
        return cls(loops, trust, tuple(names.recognised(issues, trust)), names)

    def recognised(self, issues: Iterable[Issue]) -> Iterator[Held]:
        """The loops among more issues."""
        return self.names.recognised(issues, self.trust)

    @cached_property
    def by_key(self) -> Mapping[LoopKey, tuple[Held, ...]]:
        """The issues of each key, oldest first."""
        found: dict[LoopKey, list[Held]] = defaultdict(list)
        for held in self.held:
            found[held.key].append(held)
        return {key: tuple(issues) for key, issues in found.items()}

    @cached_property
    def _by_pair(self) -> Mapping[tuple[str, str], tuple[Held, ...]]:
        found: dict[tuple[str, str], list[Held]] = defaultdict(list)
        for held in self.held:
            found[held.key.cadence, held.key.subject].append(held)
        return {pair: tuple(issues) for pair, issues in found.items()}

    def exists(self, key: LoopKey) -> bool:
        """Whether any issue holds the key."""
        return key in self.by_key

    def of_pair(self, key: LoopKey) -> tuple[Held, ...]:
        """All loops of the same cadence and subject, oldest first; none that conflicts."""
        loops = self._by_pair.get((key.cadence, key.subject), ())
        return tuple(held for held in loops if not held.conflict)

    def others_still_on(self, key: LoopKey) -> tuple[Held, ...]:
        """The loops of the same cadence and subject that are on, of other periods, oldest first.

        One that bears the label of an end is not: a person reopened or waived it.
        """
        return tuple(
            held
            for held in self.of_pair(key)
            if held.key != key and held.issue.opened and not states(held.issue.labels) & ENDED
        )


def take_stock(loops: Loops, snapshot: Snapshot, now: datetime) -> Stock:
    """Read the lists and recognise the loops in them.

    Raises Missing while the snapshot lacks a list, NotReadable when one cannot be had:
    then nothing at all may be created.
    """
    return snapshot.once(("stock", id(loops), now), lambda: _counted(loops, snapshot, now))


def _counted(loops: Loops, snapshot: Snapshot, now: datetime) -> Stock:
    identity = snapshot.identity()
    settings = loops.organisation.settings
    trust = Trust.of(identity.user, settings.drumbeat_users)
    lists = _queries(loops, now, identity.server_time, identity.user.username)
    queries = (*lists, *_adopted_queries(loops, now))
    return Stock.of(loops, trust, now, snapshot.all_issues(queries))


def _queries(
    loops: Loops, now: datetime, server_time: datetime | None, me: str
) -> Iterator[IssueQuery]:
    group = loops.organisation.settings.loops_group
    recent, long_ago = _windows(loops, now)
    if server_time is not None and server_time < now - CLOCK_MARGIN:
        # `now` was moved ahead of GitLab's clock: what an earlier run opened bears a date
        # that says nothing about its period. Only the whole list is safe.
        yield IssueQuery(group)
        return
    yield IssueQuery(group, created_after=recent)
    if long_ago < recent:
        shorter = tuple(cadence_label(cadence.name) for cadence in _short(loops))
        yield IssueQuery(
            group, created_after=long_ago, created_before=recent, without=tuple(sorted(shorter))
        )
    yield IssueQuery(group, state="opened", author=me, created_before=recent)
    yield IssueQuery(
        group, state="opened", labels=(DRUMBEAT,), not_author=me, created_before=recent
    )
    yield IssueQuery(
        group,
        state="closed",
        labels=(DRUMBEAT,),
        without=tuple(sorted(ENDED)),
        created_before=recent,
    )


def _adopted_queries(loops: Loops, now: datetime) -> Iterator[IssueQuery]:
    """The issues that people opened themselves for loops that are due, by project."""
    due = {loop.key for loop in loops.due(now)} if loops.organisation.adopted else set()
    iids: dict[str, list[int]] = defaultdict(list)
    for key, issue in loops.organisation.adopted.items():
        if key in due:
            iids[issue.project].append(issue.iid)
    for project, numbers in sorted(iids.items()):
        yield IssueQuery(project, in_group=False, iids=tuple(sorted(numbers)))


def _short(loops: Loops) -> Iterator[Cadence]:
    return (cadence for cadence in loops.organisation.cadences if cadence.period in SHORT)


def _windows(loops: Loops, now: datetime) -> tuple[datetime, datetime]:
    """Since when the loops that are due of short and of all cadences may have been created.

    Since their periods began: the schedule may have been another one then.
    """
    recent, long_ago = now, now
    for loop in loops.due(now):
        midnight = datetime.combine(loop.occurrence.period.start, time.min, loop.subject.zone)
        begin = min(midnight, loop.occurrence.opens_at).astimezone(UTC)
        long_ago = min(long_ago, begin)
        if loop.cadence.period in SHORT:
            recent = min(recent, begin)
    return recent - CLOCK_MARGIN, long_ago - CLOCK_MARGIN


class Names:
    """Recognises the key of an issue by its marker and by its title."""

    def __init__(self, loops: Loops, now: datetime) -> None:
        self._loops = loops.unscoped
        self._now = now
        self._titles: dict[LoopKey, str] = {}
        self._marks: dict[datetime, Mapping[str, list[tuple[Cadence, Subject]]]] = {}
        self._adopted = {
            (one.project.casefold(), one.iid): self._renamed(key)
            for key, one in loops.organisation.adopted.items()
        }

    def recognised(self, issues: Iterable[Issue], trust: Trust) -> Iterator[Held]:
        """The loops among the issues; whose word counts decides `trust`."""
        for issue in issues:
            key = self._adopted.get((issue.project.casefold(), issue.ref.iid))
            if key is not None:
                yield Held(key, issue)
            elif trust.wrote(issue):
                found = self.claim(issue)
                for key in sorted(found.keys):
                    yield Held(key, issue, found.conflict)

    def claim(self, issue: Issue) -> Claim:
        """The key or keys that the issue carries."""
        marked = read_markers(issue.description, self._renamed)
        if len(marked) == 1 and self._has_the_title_of(issue, next(iter(marked))):
            return Claim(marked)
        return claim(marked, self._key_by_title(issue)) if issue.title else NOTHING

    def _renamed(self, key: LoopKey) -> LoopKey:
        today = self._loops.organisation.former_ids
        return LoopKey(key.cadence, today.get(key.subject, key.subject), key.period)

    def former(self, key: LoopKey) -> Iterator[LoopKey]:
        """What the key was by the ids that its subject had before."""
        for former, today in self._loops.organisation.former_ids.items():
            if today == key.subject:
                yield LoopKey(key.cadence, former, key.period)

    def _has_the_title_of(self, issue: Issue, key: LoopKey) -> bool:
        return any(
            self._title(loop) == issue.title
            for cadence, subject in self._pair(key)
            for loop in self._around(cadence, subject, issue)
            if loop.key == key
        )

    def _pair(self, key: LoopKey) -> Iterator[tuple[Cadence, Subject]]:
        cadence = self._loops.organisation.cadence(key.cadence)
        if cadence is not None:
            subject = self._loops.organisation.subject(cadence.for_each, key.subject)
            if subject is not None:
                yield cadence, subject

    def _key_by_title(self, issue: Issue) -> LoopKey | None:
        for cadence, subject in self._pairs_with_the_title_of(issue):
            for loop in self._around(cadence, subject, issue):
                if self._title(loop) == issue.title:
                    return loop.key
        return None

    def _pairs_with_the_title_of(self, issue: Issue) -> Iterator[tuple[Cadence, Subject]]:
        """The pairs one of whose loops has the title at a mark near the issue's creation, or now.

        No loop comes twice between two marks, since none opens more than once a day.
        """
        first = issue.created_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        first -= timedelta(hours=first.hour % _MARK_HOURS)
        marks = [first + _MARK * n for n in range(CLOCK_MARGIN // _MARK + 2)]
        found = (
            pair
            for mark in (*marks, self._now)
            for pair in self._at_mark(mark).get(issue.title, ())
        )
        seen: set[tuple[str, str]] = set()
        for cadence, subject in found:
            if (cadence.name, subject.id) not in seen:
                seen.add((cadence.name, subject.id))
                yield cadence, subject

    def _at_mark(self, mark: datetime) -> Mapping[str, list[tuple[Cadence, Subject]]]:
        """The pairs by the titles of their loops at an instant."""
        if mark not in self._marks:
            by_title: dict[str, list[tuple[Cadence, Subject]]] = defaultdict(list)
            for pair in self._loops.pairs():
                for loop in self._loops.recent(*pair, mark):
                    by_title[self._title(loop)].append(pair)
            self._marks[mark] = by_title
        return self._marks[mark]

    def _around(self, cadence: Cadence, subject: Subject, issue: Issue) -> Iterator[Loop]:
        """The loops that may have been due when the issue was created."""
        for instant in (issue.created_at, issue.created_at + CLOCK_MARGIN, self._now):
            yield from self._loops.recent(cadence, subject, instant)

    def _title(self, loop: Loop) -> str:
        if loop.key not in self._titles:
            try:
                self._titles[loop.key] = loop.title
            except RenderError:
                self._titles[loop.key] = ""
        return self._titles[loop.key]

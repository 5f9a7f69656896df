"""The loops of the last weeks, as GitLab has them: whose they are and how they went.

One list tells it. Keys come from the hidden markers alone, which costs nothing; an issue that
has lost its marker is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from automation.identity import Trust, read_markers
from automation.labels import ATTENTION, DRUMBEAT, ENDED, State, states
from automation.loops import Loops
from automation.model.issue import Issue, IssueQuery
from automation.model.key import LoopKey
from automation.model.organisation import Organisation, Subject
from automation.model.policy import SubjectKind
from automation.model.questions import IssuesOf, WhoAmI
from automation.model.snapshot import Snapshot
from automation.model.subject import ORGANISATION
from automation.report.weeks import monday, shown
from automation.rules.rollup import end_of

ZONES = timedelta(days=1)
"""No time zone is further than this from UTC."""


@dataclass(frozen=True)
class Entry:
    """One loop. Weeks are Mondays in the subject's zone; `manager` and `director` are ids.

    `ended_in` is None while the loop is open.
    """

    key: LoopKey
    state: State
    manager: str | None
    director: str | None
    opened_in: date
    ended_in: date | None = None
    attention: bool = False


@dataclass(frozen=True)
class Late:
    """A loop that is overdue now; `title` and `web_url` are empty for a confidential one."""

    manager: str | None
    due: date | None = None
    title: str = ""
    web_url: str = ""


@dataclass(frozen=True)
class History:
    """All loops of the weeks that are shown, oldest first, and those that are late now."""

    entries: tuple[Entry, ...] = ()
    late: tuple[Late, ...] = ()


def history_of(loops: Loops, snapshot: Snapshot, now: datetime) -> History:
    """What became of the loops; Missing where the list is not read yet."""
    weeks = shown(now)
    since = datetime.combine(weeks[0], time.min, UTC) - ZONES
    group = loops.organisation.settings.loops_group
    query = IssueQuery(group, labels=(DRUMBEAT,), created_after=since)
    snapshot.require([WhoAmI(), IssuesOf(query)])
    register = Register(loops.organisation, snapshot)
    entries, late = [], []
    for key, issue in register.keyed(snapshot.all_issues((query,))):
        entry = register.entry(key, issue)
        if entry.opened_in in weeks and _in_scope(entry, loops, now.astimezone(UTC).date()):
            entries.append(entry)
            if entry.state is State.OVERDUE:
                late.append(_late(entry, issue, loops))
    return History(tuple(entries), tuple(sorted(late, key=lambda one: one.due or date.max)))


def _in_scope(entry: Entry, loops: Loops, today: date) -> bool:
    """Whether the pages count the loop: by its subject as it is today, or who had it."""
    organisation, key = loops.organisation, entry.key
    cadence = organisation.cadence(key.cadence)
    around = [
        (cadence.for_each if cadence else None, key.subject),
        (SubjectKind.MANAGER, entry.manager),
        (SubjectKind.DIRECTOR, entry.director),
    ]
    found = (organisation.subject(kind, who, today) for kind, who in around if kind and who)
    subject = next((one for one in found if one is not None), ORGANISATION)
    admitted = loops.scope.admits_policy("cadence", key.cadence)
    return admitted and loops.scope.admits(subject)


def _late(entry: Entry, issue: Issue, loops: Loops) -> Late:
    if _is_secret(entry.key, issue, loops):
        return Late(entry.manager, issue.due_date)
    return Late(entry.manager, issue.due_date, issue.title, issue.web_url)


def _is_secret(key: LoopKey, issue: Issue, loops: Loops) -> bool:
    """Whether the issue or its policy is confidential, or nobody can tell any more."""
    if issue.confidential:
        return True
    loop = loops.for_key(key, issue.created_at)
    return loop is None or loop.confidential


@dataclass
class Register:
    """Recognises loops and tells whose they are."""

    organisation: Organisation
    snapshot: Snapshot
    _kinds: Mapping[str, SubjectKind] = field(init=False)
    _adopted: Mapping[tuple[str, int], LoopKey] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = {one.name: one.for_each for one in self.organisation.cadences}
        self._adopted = {
            (place.project.lower(), place.iid): key
            for key, place in self.organisation.adopted.items()
        }

    def keyed(self, issues: tuple[Issue, ...]) -> Iterator[tuple[LoopKey, Issue]]:
        """The loops among the issues, with their keys: of several for one key, the oldest."""
        drumbeat = self.organisation.settings.drumbeat_users
        trust = Trust.of(self.snapshot.identity().user, drumbeat)
        found: set[LoopKey] = set()
        for issue in issues:
            key = self._key(issue, trust) if issue.moved_to_id is None else None
            if key is not None and key not in found:
                found.add(key)
                yield key, issue

    def _key(self, issue: Issue, trust: Trust) -> LoopKey | None:
        marked = read_markers(issue.description, self._renamed) if trust.wrote(issue) else ()
        if len(marked) == 1:
            return next(iter(marked))
        return self._adopted.get((issue.project.lower(), issue.ref.iid))

    def _renamed(self, key: LoopKey) -> LoopKey:
        today = self.organisation.former_ids
        return LoopKey(key.cadence, today.get(key.subject, key.subject), key.period)

    def entry(self, key: LoopKey, issue: Issue) -> Entry:
        """Whose loop it is, and how it went."""
        subject = self._subject(key, issue.created_at.date())
        zone = subject.zone if subject else UTC
        manager = subject.manager if subject else None
        director = subject.director if subject else None
        closed = issue.closed_at if not issue.opened else None
        return Entry(
            key=key,
            state=_state(issue),
            manager=manager.id if manager else _labelled("manager", issue),
            director=director.id if director else _labelled("director", issue),
            opened_in=monday(issue.created_at.astimezone(zone).date()),
            ended_in=monday(closed.astimezone(zone).date()) if closed else None,
            attention=ATTENTION in issue.labels,
        )

    def _subject(self, key: LoopKey, day: date) -> Subject | None:
        kind = self._kinds.get(key.cadence)
        return self.organisation.subject(kind, key.subject, day) if kind else None


def _state(issue: Issue) -> State:
    """How the loop stands. One that a person reopened counts as open."""
    if not issue.opened:
        return end_of(issue)
    found = states(issue.labels)
    return State.OVERDUE if State.OVERDUE in found and not found & ENDED else State.OPEN


def _labelled(scope: str, issue: Issue) -> str | None:
    """Whose loop it was by its labels, where its policy or subject is gone."""
    names = (one.removeprefix(f"{scope}::") for one in issue.labels if one.startswith(f"{scope}::"))
    return min(names, default=None)

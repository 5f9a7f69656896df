"""What a director reads once a week: counts for each manager, never what stands in a loop.

Two lists tell it: the loops that are open, and those that were closed lately.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, time, timedelta

from automation.inert import Markdown
from automation.labels import ATTENTION, DRUMBEAT, State
from automation.loop import Loop
from automation.model.issue import Issue, IssueQuery
from automation.model.roster import Group, Manager
from automation.model.snapshot import Snapshot
from automation.rules.health import Health, initiatives_of
from automation.rules.provisioning import board_addresses as addresses
from automation.widgets import json_table, pie

WEEK = timedelta(days=7)
QUIET = (Health.STALE, Health.NEEDS_MANAGER)


@dataclass(frozen=True)
class Counts:
    """How many loops: opened, done, missed and waived in the week; late and wanted now."""

    opened: int = 0
    done: int = 0
    missed: int = 0
    waived: int = 0
    overdue: int = 0
    attention: int = 0


@dataclass(frozen=True)
class ManagerLine:
    """One manager's counts."""

    manager: Manager
    counts: Counts


@dataclass(frozen=True)
class GroupLine:
    """One group's initiatives: how many are open, and how many of them went quiet."""

    group: Group
    open: int
    quiet: int


@dataclass(frozen=True)
class Rollup:
    """A director's week, which ended as the loop's period began."""

    managers: tuple[ManagerLine, ...] = ()
    groups: tuple[GroupLine, ...] = ()
    complete: bool = True

    @property
    def total(self) -> Counts:
        """All managers together."""
        sums = {
            one.name: sum(getattr(line.counts, one.name) for line in self.managers)
            for one in fields(Counts)
        }
        return Counts(**sums)

    @property
    def worth_a_look(self) -> tuple[ManagerLine, ...]:
        """The managers with loops that are late, missed or bear `attention`, most first."""
        found = [line for line in self.managers if _weight(line.counts)]
        return tuple(sorted(found, key=lambda line: -_weight(line.counts)))

    @property
    def table(self) -> Markdown:
        """The managers' counts as a table that people sort and filter."""
        columns = {"manager": "Manager", **{one.name: one.name for one in fields(Counts)}}
        rows = [
            {"manager": line.manager.display_name, **asdict(line.counts)} for line in self.managers
        ]
        return json_table(columns, rows)

    @property
    def chart(self) -> Markdown:
        """How the week's loops ended, as a pie."""
        total = self.total
        parts = {"done": total.done, "missed": total.missed, "waived": total.waived}
        return pie("How loops ended", parts)


@dataclass(frozen=True)
class BoardLink:
    """A board and where it is, with its filter."""

    name: str
    url: str


def _weight(counts: Counts) -> int:
    return counts.overdue + counts.missed + counts.attention


def rollup_of(loop: Loop, snapshot: Snapshot, now: datetime) -> Rollup:
    """The week before the loop's, for its director; Missing where lists are not read yet."""
    director = loop.subject.director
    if director is None:
        return Rollup()
    organisation = loop.organisation
    end = _start(loop)
    loops = snapshot.all_issues(_queries(organisation.settings.loops_group, end - WEEK))
    day = loop.occurrence.day
    team = [
        manager
        for manager in organisation.managers.values()
        if manager.director == director.id and manager.is_active(day)
    ]
    lines = tuple(ManagerLine(one, _counts(_of(one, loops), end - WEEK, end)) for one in team)
    groups = _groups(loop, team, snapshot, now)
    access = snapshot.access(organisation.settings.loops_group)
    return Rollup(lines, groups, complete=organisation.settings.default_project in access.projects)


def boards_of(loop: Loop, snapshot: Snapshot) -> tuple[BoardLink, ...]:
    """The director's own boards, as far as they exist; Missing where they are not read yet.

    GitLab's address is taken from one of its issues: without any there is nothing to see.
    """
    organisation, day = loop.organisation, loop.occurrence.day
    group = organisation.settings.loops_group
    start = _start(loop)
    some = next(iter(snapshot.all_issues(_queries(group, start - WEEK))), None)
    if some is None:
        return ()
    base = some.web_url.partition(f"/{some.project}/-/")[0]
    found = addresses(organisation, snapshot, day, loop.subject)
    return tuple(BoardLink(one.name, f"{base}{one.path}") for one in found)


def _start(loop: Loop) -> datetime:
    """When the loop's period begins for its director."""
    midnight = datetime.combine(loop.occurrence.period.start, time.min, loop.subject.zone)
    return midnight.astimezone(UTC)


def _queries(group: str, since: datetime) -> tuple[IssueQuery, IssueQuery]:
    """GitLab has no filter by closing date: what was closed since was touched since."""
    return (
        IssueQuery(group, state="opened", labels=(DRUMBEAT,)),
        IssueQuery(group, state="closed", labels=(DRUMBEAT,), updated_after=since),
    )


def _of(manager: Manager, loops: Iterable[Issue]) -> list[Issue]:
    return [issue for issue in loops if f"manager::{manager.id}" in issue.labels]


def _counts(loops: list[Issue], start: datetime, end: datetime) -> Counts:
    closed = [one for one in loops if one.closed_at is not None and start <= one.closed_at < end]
    ended = Counter(end_of(one) for one in closed)
    return Counts(
        opened=sum(start <= one.created_at < end for one in loops),
        done=ended[State.DONE],
        missed=ended[State.MISSED],
        waived=ended[State.WAIVED],
        overdue=_open_with(State.OVERDUE, loops),
        attention=_open_with(ATTENTION, loops),
    )


def _open_with(label: str, loops: list[Issue]) -> int:
    return sum(one.opened and label in one.labels for one in loops)


def end_of(issue: Issue) -> State:
    """How a closed loop ended; a person may have closed it before Drumbeat told how."""
    ends = (State.DONE, State.MISSED)
    return next((state for state in ends if state in issue.labels), State.WAIVED)


def _groups(
    loop: Loop, team: list[Manager], snapshot: Snapshot, now: datetime
) -> tuple[GroupLine, ...]:
    """The groups that the director's managers sponsor."""
    ids = {manager.id for manager in team}
    settings = loop.organisation.settings
    lines = []
    for group in loop.organisation.groups.values():
        if group.sponsor in ids and group.is_active(loop.occurrence.day):
            found = initiatives_of(group, settings, snapshot, now)
            quiet = sum(one.health in QUIET for one in found.open)
            lines.append(GroupLine(group, found.count, quiet))
    return tuple(lines)


def made_up(loop: Loop) -> Rollup:
    """A week as it might be, for verbs that work offline."""
    director = loop.subject.director
    organisation = loop.organisation
    team = [
        one
        for one in organisation.managers.values()
        if director is not None and one.director == director.id
    ]
    lines = tuple(
        ManagerLine(one, Counts(5, 4 - at % 2, at % 2, 0, at % 3, at % 2))
        for at, one in enumerate(team)
    )
    groups = tuple(
        GroupLine(one, 6, 1)
        for one in organisation.groups.values()
        if one.sponsor in {manager.id for manager in team}
    )
    return Rollup(lines, groups)


def made_up_boards(loop: Loop) -> tuple[BoardLink, ...]:
    """Links as they might be, for verbs that work offline."""
    return (BoardLink(f"{loop.subject.name}: by state", "https://gitlab.example.com/-/boards/1"),)

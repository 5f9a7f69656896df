"""What stands on each page: the facts cut to one manager, director, group or all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from urllib.parse import urlsplit

from automation.inert import plain
from automation.model.policy import SubjectKind
from automation.model.roster import Director, Group, Manager, RosterEntry
from automation.report.figures import Grid, Tally, added, by_week, grid, tally
from automation.report.gathering import Facts
from automation.report.history import Entry, Late
from automation.report.weeks import shown

LATELY = 4
"""How many of the last weeks the share of done loops is told for."""


@dataclass(frozen=True)
class Link:
    """Something to read, and where it leads: an address, or a file of the site."""

    text: str
    to: str = ""


@dataclass(frozen=True)
class HeatRow:
    """One row of a heat map. `above` is whom the manager answers to, where that is shown."""

    head: Link
    cells: Sequence[Tally]
    above: str = ""


@dataclass(frozen=True)
class LateRow:
    """A loop that is overdue, or how many confidential ones a manager has that are."""

    manager: Link
    loop: Link
    due: date | None = None


@dataclass(frozen=True)
class Sum:
    """The figures at the top of a page, of somebody's loops."""

    now: Tally
    lately: Tally


@dataclass(frozen=True)
class PersonRow:
    """A line of a table of managers or directors."""

    head: Link
    sum: Sum
    above: str = ""


@dataclass(frozen=True)
class GroupRow:
    """A line of a table of groups; `counts` by health is None where GitLab shows none."""

    head: Link
    sponsor: Link
    counts: Sequence[int] | None


@dataclass
class Views:
    """Cuts the facts for pages. `gitlab` is the address that paths of boards follow."""

    facts: Facts
    gitlab: str = ""

    @cached_property
    def today(self) -> date:
        """The date in UTC."""
        return self.facts.now.astimezone(UTC).date()

    @cached_property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of the weeks that are shown."""
        return shown(self.facts.now)

    @cached_property
    def managers(self) -> dict[str, Manager]:
        """Managers who are there today, or who had loops; by director and name."""
        busy = {one.manager for one in self.facts.history.entries}
        everybody = self.facts.organisation.managers.values()
        there = [one for one in everybody if one.id in busy or one.is_active(self.today)]
        found = [one for one in there if self.facts.shows(SubjectKind.MANAGER, one.id)]
        return {one.id: one for one in sorted(found, key=lambda one: (one.director, name_of(one)))}

    @cached_property
    def directors(self) -> dict[str, Director]:
        """Directors who are there today, or whose managers are shown."""
        above = {one.director for one in self.managers.values()}
        everybody = self.facts.organisation.directors.values()
        there = [one for one in everybody if one.id in above or one.is_active(self.today)]
        return {one.id: one for one in there if self.facts.shows(SubjectKind.DIRECTOR, one.id)}

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Groups that are there today."""
        known = self.facts.organisation.groups
        return {group: known[group] for group in self.facts.groups}

    @cached_property
    def by_manager(self) -> dict[str | None, list[Entry]]:
        """The loops of each manager; of None those that are nobody's."""
        found: dict[str | None, list[Entry]] = defaultdict(list)
        for entry in self.facts.history.entries:
            found[entry.manager].append(entry)
        return found

    @cached_property
    def _grid(self) -> Grid:
        return grid(self.facts.history.entries, self.weeks, lambda one: one.manager)

    def team(self, director: str) -> list[str]:
        """The ids of the director's managers."""
        return [one.id for one in self.managers.values() if one.director == director]

    def entries(self, managers: Iterable[str]) -> list[Entry]:
        """The loops of all these managers."""
        return [entry for one in managers for entry in self.by_manager[one]]

    def own(self, director: str) -> list[Entry]:
        """The loops that are a director's own."""
        return [one for one in self.by_manager[None] if one.director == director]

    def heat(self, managers: Iterable[str], *, above: bool = False) -> list[HeatRow]:
        """One row for each manager."""
        empty = (Tally(),) * len(self.weeks)
        return [
            HeatRow(
                self.manager_link(one),
                self._grid.get(one, empty),
                self.above(one) if above else "",
            )
            for one in managers
        ]

    def by_cadence(self, entries: Iterable[Entry]) -> list[HeatRow]:
        """One row for each cadence."""
        rows = grid(entries, self.weeks, lambda one: one.key.cadence)
        return [HeatRow(Link(name), rows[name]) for name in sorted(rows)]

    def sum(self, entries: Sequence[Entry]) -> Sum:
        """The figures at the top of a page."""
        weeks = by_week(entries, self.weeks)
        return Sum(now=tally(entries), lately=added(weeks[-LATELY:]))

    def people(self, managers: Iterable[str]) -> list[PersonRow]:
        """A table of managers."""
        return [
            PersonRow(self.manager_link(one), self.sum(self.by_manager[one]), self.above(one))
            for one in managers
        ]

    def leaders(self) -> list[PersonRow]:
        """A table of directors, with the loops of their managers."""
        return [
            PersonRow(
                Link(name_of(one), f"directors/{one.id}.html"),
                self.sum(self.entries(self.team(one.id))),
            )
            for one in self.directors.values()
        ]

    def late(self, managers: Iterable[str] | None = None) -> list[LateRow]:
        """What is overdue now, of these managers or all, and of confidential loops the number."""
        wanted = None if managers is None else set(managers)
        found = [one for one in self.facts.history.late if wanted is None or one.manager in wanted]
        secret = Counter(one.manager for one in found if not one.title)
        shown = [LateRow(self._whose(one), _loop(one), one.due) for one in found if one.title]
        return shown + [
            LateRow(self.manager_link(manager), Link(f"{count} confidential"))
            for manager, count in secret.items()
        ]

    def _whose(self, late: Late) -> Link:
        return self.manager_link(late.manager)

    def group_rows(self, sponsors: Iterable[str] | None = None) -> list[GroupRow]:
        """A table of groups, of these sponsors or all."""
        wanted = None if sponsors is None else set(sponsors)
        rows = []
        for group in self.groups.values():
            if wanted is None or group.sponsor in wanted:
                found = self.facts.groups[group.id]
                counts = None if found is None else [one.count for one in found.states]
                head = Link(name_of(group), f"groups/{group.id}.html")
                rows.append(GroupRow(head, self.manager_link(group.sponsor), counts))
        return rows

    def manager_link(self, id: str | None) -> Link:
        """A manager's name, and their page if they have one."""
        if id in self.managers:
            return Link(name_of(self.managers[id]), f"managers/{id}.html")
        return Link(id or "nobody")

    def above(self, manager: str) -> str:
        """The name of a manager's director."""
        director = self.directors.get(self.managers[manager].director)
        return name_of(director) if director else ""

    def boards(self, *subjects: str) -> list[Link]:
        """Where the boards for these subjects are."""
        found = [one for subject in subjects for one in self.facts.boards_of(subject)]
        return [Link(plain(one.name), web_address(self.gitlab + one.path)) for one in found]


def _loop(late: Late) -> Link:
    return Link(plain(late.title), web_address(late.web_url))


def name_of(entry: RosterEntry) -> str:
    """The name to show, in one line: the roster's, or the id."""
    return plain(entry.name or getattr(entry, "username", "") or entry.id)


def web_address(text: str) -> str:
    """The address if a browser may follow it; else none."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""

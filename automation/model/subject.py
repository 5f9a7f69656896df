"""Who a loop is for on which day: subjects, looked up by id and date.

The roster may have several entries for one id, each for days of its own. A subject is
one of them with the people around it; all of its versions together are its timeline.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from automation.model.policy import SubjectKind
from automation.model.roster import (
    Absence,
    Director,
    Group,
    Manager,
    Person,
    Report,
    Roster,
    RosterEntry,
)

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Subject:
    """Who or what a loop is for, with the people around them.

    `owner` is the person whose holidays and absences count and who is assigned the
    loop; None for the organisation.
    """

    kind: SubjectKind
    id: str
    name: str
    zone: ZoneInfo
    owner: Person | None = None
    manager: Manager | None = None
    director: Director | None = None
    report: Report | None = None
    group: Group | None = None

    @property
    def holidays(self) -> str | None:
        """The country (and subdivision, `DE-BY`) whose public holidays count."""
        return self.owner.holidays if self.owner else None

    @property
    def away(self) -> tuple[Absence, ...]:
        """The days on which nothing is due from the owner."""
        return self.owner.away if self.owner else ()

    @property
    def entry(self) -> RosterEntry | None:
        """The subject's own entry in the roster; None for the organisation."""
        entries: dict[SubjectKind, RosterEntry | None] = {
            SubjectKind.DIRECTOR: self.director,
            SubjectKind.MANAGER: self.manager,
            SubjectKind.REPORT: self.report,
            SubjectKind.GROUP: self.group,
        }
        return entries.get(self.kind)

    @property
    def stays(self) -> tuple[RosterEntry, ...]:
        """The entries that must hold for the subject to be there: a report needs a manager."""
        around = self.manager if self.kind is SubjectKind.REPORT else None
        return tuple(entry for entry in (self.entry, around) if entry is not None)

    def is_active(self, day: date) -> bool:
        """Whether the subject is there on that day."""
        return all(entry.is_active(day) for entry in self.stays)


T = TypeVar("T")


@dataclass(frozen=True)
class Term(Generic[T]):
    """What holds from a day on, until another of the same id takes over."""

    what: T
    first: date

    @classmethod
    def of(cls, what: T, *entries: RosterEntry) -> Term[T]:
        """From the day on which all the entries hold."""
        return cls(what, max(entry.joined or date.min for entry in entries))


def holding(terms: Sequence[Term[T]], day: date) -> T:
    """What holds on the day; else what held last before it, or else what comes first."""
    begun = [term for term in terms if term.first <= day]
    if begun:
        return max(begun, key=lambda term: term.first).what
    return min(terms, key=lambda term: term.first).what


ORGANISATION = Subject(SubjectKind.ORGANISATION, "organisation", "the organisation", UTC)


@dataclass(frozen=True)
class Timeline:
    """A subject through time: `versions[n]` holds until the day before `changes[n]`."""

    changes: tuple[date, ...]
    versions: tuple[Subject, ...]

    def on(self, day: date) -> Subject:
        """The subject as it is on the day."""
        return self.versions[bisect_right(self.changes, day)]


class Directory:
    """People, groups and subjects of a roster, by id and day.

    `directors`, `managers` and `groups` are all entries of each id.
    """

    def __init__(self, roster: Roster) -> None:
        united = roster.united()
        self.directors = _by_id((one.id, Term.of(one, one)) for one in united.directors)
        self.managers = _by_id((one.id, Term.of(one, one)) for one in united.managers)
        self.groups = _by_id((one.id, Term.of(one, one)) for one in united.groups)
        self._reports = _by_id(
            (report.id, Term.of((report, manager), report, manager))
            for manager in united.managers
            for report in manager.reports
        )

    def director(self, id: str, day: date = date.max) -> Director | None:
        """The director with this id, as the roster has them on the day or nearest to it."""
        return holding(self.directors[id], day) if id in self.directors else None

    def manager(self, id: str, day: date = date.max) -> Manager | None:
        """The manager with this id, as the roster has them on the day or nearest to it."""
        return holding(self.managers[id], day) if id in self.managers else None

    def person(self, id: str, day: date = date.max) -> Person | None:
        """Anybody with this id, as the roster has them on the day or nearest to it."""
        if id in self._reports:
            return holding(self._reports[id], day)[0]
        return self.manager(id, day) or self.director(id, day)

    def subject(self, kind: SubjectKind, id: str, day: date = date.max) -> Subject | None:
        """The subject with this id, as it is on the day or nearest to it."""
        found = self.timelines[kind].get(id)
        return found.on(day) if found else None

    @cached_property
    def timelines(self) -> Mapping[SubjectKind, Mapping[str, Timeline]]:
        """Every subject through time, in the roster's order."""
        return {
            kind: {name: self._timeline(kind, name) for name in terms}
            for kind, terms in self._terms.items()
        }

    @cached_property
    def _terms(self) -> Mapping[SubjectKind, Mapping[str, Sequence[Term[Any]]]]:
        return {
            SubjectKind.DIRECTOR: self.directors,
            SubjectKind.MANAGER: self.managers,
            SubjectKind.REPORT: self._reports,
            SubjectKind.GROUP: self.groups,
            SubjectKind.ORGANISATION: {ORGANISATION.id: ()},
        }

    @cached_property
    def _leaders(self) -> frozenset[date]:
        """The days on which something about a manager or director changes.

        A leader with one entry is always the same: the nearest entry is that one.
        """
        directors = (day for terms in self.directors.values() for day in _bounds(terms))
        managers = (day for terms in self.managers.values() for day in _bounds(terms))
        return frozenset((*directors, *managers))

    def _timeline(self, kind: SubjectKind, id: str) -> Timeline:
        changes = tuple(sorted({*self._leaders, *_bounds(self._terms[kind][id])}))
        versions = (self._build(kind, id, day) for day in (date.min, *changes))
        return Timeline(changes, tuple(versions))

    def _build(self, kind: SubjectKind, id: str, day: date) -> Subject:
        match kind:
            case SubjectKind.DIRECTOR:
                director = holding(self.directors[id], day)
                return _subject(kind, director, director, None, director)
            case SubjectKind.MANAGER:
                manager = holding(self.managers[id], day)
                return _subject(kind, manager, manager, manager, self._above(manager, day))
            case SubjectKind.REPORT:
                report, manager = holding(self._reports[id], day)
                above = self._above(manager, day)
                return _subject(kind, report, manager, manager, above, report=report)
            case SubjectKind.GROUP:
                group = holding(self.groups[id], day)
                sponsor = self.manager(group.sponsor, day)
                above = self._above(sponsor, day)
                return _subject(kind, group, sponsor, sponsor, above, group=group)
        return ORGANISATION

    def _above(self, manager: Manager | None, day: date) -> Director | None:
        return self.director(manager.director, day) if manager else None


def _by_id(terms: Iterable[tuple[str, Term[T]]]) -> dict[str, list[Term[T]]]:
    found: dict[str, list[Term[T]]] = {}
    for name, term in terms:
        found.setdefault(name, []).append(term)
    return found


def _bounds(terms: Sequence[Term[Any]]) -> list[date]:
    """The days on which one entry takes over from another."""
    return sorted(term.first for term in terms)[1:]


def _subject(
    kind: SubjectKind,
    entry: Person | Group,
    owner: Person | None,
    manager: Manager | None,
    director: Director | None,
    *,
    report: Report | None = None,
    group: Group | None = None,
) -> Subject:
    return Subject(
        kind, entry.id, entry.display_name, entry.zone, owner, manager, director, report, group
    )

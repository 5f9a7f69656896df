"""The whole configuration as one frozen fact, and the subjects that it knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from automation.errors import ConfigProblem
from automation.model.policy import (
    BoardSpec,
    Cadence,
    LabelSpec,
    Settings,
    SubjectKind,
    TriagePolicy,
)
from automation.model.roster import Absence, Director, Group, Manager, Person, Report, Roster

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


@dataclass(frozen=True)
class Place:
    """Where a policy stands: its file, and the lines and columns of its fields."""

    file: str = "policies"
    line: int = 0
    column: int = 0
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def problem(self, message: str, remedy: str = "", at: str = "") -> ConfigProblem:
        """A fault of this policy, placed at one of its fields where that is known."""
        line, column = self.fields.get(at, (self.line, self.column))
        return ConfigProblem(self.file, line, column, at, message, remedy)


NOWHERE = Place()


@dataclass(frozen=True)
class Organisation:
    """Everything that the files under `policies/` say.

    `places` tells where a policy stands, by kind and name.
    """

    settings: Settings
    roster: Roster
    cadences: tuple[Cadence, ...] = ()
    triages: tuple[TriagePolicy, ...] = ()
    labels: tuple[LabelSpec, ...] = ()
    boards: tuple[BoardSpec, ...] = ()
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict, compare=False)

    def place(self, kind: str, name: str) -> Place:
        """Where a policy stands in the files."""
        return self.places.get((kind, name), NOWHERE)

    @cached_property
    def directors(self) -> dict[str, Director]:
        """Directors by id."""
        return {director.id: director for director in self.roster.directors}

    @cached_property
    def managers(self) -> dict[str, Manager]:
        """Managers by id."""
        return {manager.id: manager for manager in self.roster.managers}

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Groups by id."""
        return {group.id: group for group in self.roster.groups}

    @cached_property
    def former_ids(self) -> dict[str, str]:
        """Ids of former days (`was:`) and what they are called now."""
        roster = self.roster
        reports = tuple(report for manager in roster.managers for report in manager.reports)
        entries: tuple[Person | Group, ...] = (
            *roster.directors,
            *roster.managers,
            *reports,
            *roster.groups,
        )
        return {former: entry.id for entry in entries for former in entry.was}

    def cadence(self, name: str) -> Cadence | None:
        """The cadence with this name, if there is one."""
        return next((cadence for cadence in self.cadences if cadence.name == name), None)

    def subjects(self, kind: SubjectKind) -> tuple[Subject, ...]:
        """All subjects of a kind, in the roster's order."""
        return self._subjects[kind]

    def subject(self, kind: SubjectKind, id: str) -> Subject | None:
        """The subject with this id, today's or a former one."""
        wanted = self.former_ids.get(id, id)
        return next((subject for subject in self.subjects(kind) if subject.id == wanted), None)

    @cached_property
    def _subjects(self) -> dict[SubjectKind, tuple[Subject, ...]]:
        return {
            SubjectKind.DIRECTOR: tuple(self._directors()),
            SubjectKind.MANAGER: tuple(self._managers()),
            SubjectKind.REPORT: tuple(self._reports()),
            SubjectKind.GROUP: tuple(self._groups()),
            SubjectKind.ORGANISATION: (
                Subject(SubjectKind.ORGANISATION, "organisation", "the organisation", UTC),
            ),
        }

    def _directors(self) -> Iterator[Subject]:
        for director in self.roster.directors:
            yield Subject(
                SubjectKind.DIRECTOR,
                director.id,
                director.display_name,
                director.zone,
                owner=director,
                director=director,
            )

    def _managers(self) -> Iterator[Subject]:
        for manager in self.roster.managers:
            yield Subject(
                SubjectKind.MANAGER,
                manager.id,
                manager.display_name,
                manager.zone,
                owner=manager,
                manager=manager,
                director=self.directors.get(manager.director),
            )

    def _reports(self) -> Iterator[Subject]:
        for manager in self.roster.managers:
            for report in manager.reports:
                yield Subject(
                    SubjectKind.REPORT,
                    report.id,
                    report.display_name,
                    report.zone,
                    owner=manager,
                    manager=manager,
                    director=self.directors.get(manager.director),
                    report=report,
                )

    def _groups(self) -> Iterator[Subject]:
        for group in self.roster.groups:
            sponsor = self.managers.get(group.sponsor)
            yield Subject(
                SubjectKind.GROUP,
                group.id,
                group.display_name,
                group.zone,
                owner=sponsor,
                manager=sponsor,
                director=self.directors.get(sponsor.director) if sponsor else None,
                group=group,
            )

"""The whole configuration as one frozen fact, and the subjects that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from automation.errors import ConfigProblem
from automation.model.key import LoopKey
from automation.model.metrics import MetricsPolicy
from automation.model.policy import AdoptedIssue, Cadence, Settings, SubjectKind
from automation.model.provision import BoardSpec, LabelSpec, ScheduleSpec
from automation.model.roster import Director, Group, Manager, Person, Roster
from automation.model.subject import Directory, Subject, holding
from automation.model.triage import TriagePolicy

__all__ = ["NOWHERE", "Organisation", "Place", "Subject"]


@dataclass(frozen=True)
class Place:
    """Where a policy stands: its file, and the lines and columns of its fields.

    Fields are named by their path, such as `due` or `rules[0].when`.
    """

    file: str = "policies"
    line: int = 0
    column: int = 0
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def problem(self, message: str, remedy: str = "", at: str = "") -> ConfigProblem:
        """A fault of this policy, placed at one of its fields where that is known."""
        line, column = self.fields.get(self._known(at), (self.line, self.column))
        return ConfigProblem(self.file, line, column, at, message, remedy)

    def _known(self, at: str) -> str:
        """The field, or the innermost one around it whose place is known."""
        while at and at not in self.fields:
            at = at[: max(at.rfind("."), at.rfind("["), 0)]
        return at


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
    schedules: tuple[ScheduleSpec, ...] = ()
    metrics: tuple[MetricsPolicy, ...] = ()
    adopted: Mapping[LoopKey, AdoptedIssue] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict, compare=False)

    def place(self, kind: str, name: str) -> Place:
        """Where a policy stands in the files."""
        return self.places.get((kind, name), NOWHERE)

    @cached_property
    def directory(self) -> Directory:
        """Everybody and every group, by id and day."""
        return Directory(self.roster)

    # These three know no day. Of several entries with one id they have the latest, even
    # where it is yet to begin: who matters for a date is asked for with that date.

    @cached_property
    def directors(self) -> dict[str, Director]:
        """Directors by id, each as the latest of their entries has them."""
        return {name: holding(terms, date.max) for name, terms in self.directory.directors.items()}

    @cached_property
    def managers(self) -> dict[str, Manager]:
        """Managers by id, each as the latest of their entries has them."""
        return {name: holding(terms, date.max) for name, terms in self.directory.managers.items()}

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Groups by id, each as the latest of its entries has it."""
        return {name: holding(terms, date.max) for name, terms in self.directory.groups.items()}

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

    @property
    def policy_names(self) -> frozenset[str]:
        """What policies are called: they share their names."""
        return frozenset(
            (
                *(one.name for one in self.cadences),
                *(one.name for one in self.triages),
                *(one.name for one in self.metrics),
            )
        )

    def cadence(self, name: str) -> Cadence | None:
        """The cadence with this name, if there is one."""
        return next((cadence for cadence in self.cadences if cadence.name == name), None)

    def subjects(self, kind: SubjectKind, day: date = date.max) -> tuple[Subject, ...]:
        """All subjects of a kind, in the roster's order, each once.

        Each is as the roster has it on the day or nearest to it; without a day, as the
        latest of its entries has it.
        """
        return tuple(timeline.on(day) for timeline in self.directory.timelines[kind].values())

    def subject(self, kind: SubjectKind, id: str, day: date = date.max) -> Subject | None:
        """The subject with this id, today's or a former one, on the day or nearest to it."""
        return self.directory.subject(kind, self.former_ids.get(id, id), day)

    def versions(self, kind: SubjectKind, id: str) -> tuple[Subject, ...]:
        """The subject through time: all that it is, was and will be."""
        timeline = self.directory.timelines[kind].get(self.former_ids.get(id, id))
        return timeline.versions if timeline else ()

    def person(self, id: str, day: date) -> Person | None:
        """Anybody with this id, on the day or nearest to it."""
        return self.directory.person(self.former_ids.get(id, id), day)

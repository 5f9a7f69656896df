"""All documents of all files, for the checks that look across them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from automation.config.document import Document
from automation.config.schema import KINDS
from automation.config.words import Path
from automation.errors import ConfigProblem
from automation.model.base import Fact
from automation.model.metrics import MetricsPolicy
from automation.model.policy import Cadence, Settings
from automation.model.roster import Director, Group, Manager, Report, Roster
from automation.model.triage import TriagePolicy

F = TypeVar("F", bound=Fact)
G = TypeVar("G", bound=Fact)


@dataclass(frozen=True)
class Entry(Generic[F]):
    """A fact, and where it was written."""

    fact: F
    document: Document
    path: Path = ()

    def problem(self, path: Path, message: str, remedy: str = "") -> ConfigProblem:
        """A fault at a place within the fact."""
        return self.document.problem((*self.path, *path), message, remedy)

    def where(self, path: Path = ()) -> str:
        """The file and line of a place within the fact."""
        return self.document.where((*self.path, *path))

    def inner(self, fact: G, *path: str | int) -> Entry[G]:
        """A fact within this one."""
        return Entry(fact, self.document, (*self.path, *path))


Anybody = Entry[Director] | Entry[Manager] | Entry[Report]


@dataclass(frozen=True)
class Corpus:
    """The documents that are valid by themselves.

    `faulty` are the kinds of which some document is not valid; all of them, where a file
    could not be read. What such documents would define is not known.
    """

    entries: tuple[Entry[Fact], ...]
    faulty: frozenset[str] = frozenset()

    def of(self, model: type[F]) -> Iterator[Entry[F]]:
        """All documents of a kind, in the order of the files."""
        for entry in self.entries:
            if isinstance(entry.fact, model):
                yield Entry(entry.fact, entry.document)

    def knows_all(self, *models: type[Fact]) -> bool:
        """Whether every document of these kinds is valid, so that names can be looked up."""
        kinds = {kind for kind, model in KINDS.items() if model in models}
        return not kinds & self.faulty

    @property
    def settings(self) -> Settings | None:
        """The settings, where there are any."""
        return next((entry.fact for entry in self.of(Settings)), None)

    def directors(self) -> Iterator[Entry[Director]]:
        """The directors of all rosters."""
        for roster in self.of(Roster):
            for index, director in enumerate(roster.fact.directors):
                yield roster.inner(director, "directors", index)

    def managers(self) -> Iterator[Entry[Manager]]:
        """The managers of all rosters."""
        for roster in self.of(Roster):
            for index, manager in enumerate(roster.fact.managers):
                yield roster.inner(manager, "managers", index)

    def reports(self) -> Iterator[tuple[Entry[Manager], Entry[Report]]]:
        """The reports of all managers."""
        for manager in self.managers():
            for index, report in enumerate(manager.fact.reports):
                yield manager, manager.inner(report, "reports", index)

    def groups(self) -> Iterator[Entry[Group]]:
        """The groups of all rosters."""
        for roster in self.of(Roster):
            for index, group in enumerate(roster.fact.groups):
                yield roster.inner(group, "groups", index)

    def people(self) -> Iterator[Anybody]:
        """Everybody, from director to report."""
        yield from self.directors()
        yield from self.managers()
        yield from (report for _, report in self.reports())

    def policies(self) -> Iterator[Entry[Cadence] | Entry[TriagePolicy] | Entry[MetricsPolicy]]:
        """Cadences, triage and metrics policies, which share their names."""
        yield from self.of(Cadence)
        yield from self.of(TriagePolicy)
        yield from self.of(MetricsPolicy)

"""Which loops there shall be at a time: every cadence with each of its subjects.

Periods come from the calendar, never from what is there, so that any run at any time
finds the same loops (law 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from automation.loop import (
    DEFAULT_DUE,
    MAX_DESCRIPTION,
    MAX_TITLE,
    Loop,
    as_config_error,
    as_problem,
    front_matter_fields,
)
from automation.model.key import LoopKey
from automation.model.organisation import Organisation, Subject
from automation.model.policy import MAX_BACKFILL, Cadence
from automation.model.scope import EVERYTHING, Scope
from automation.periods import Occurrence, Zone, between, current, period_of, preceding
from automation.templates import Library

__all__ = [
    "CLOCK_MARGIN",
    "DEFAULT_DUE",
    "MAX_DESCRIPTION",
    "MAX_TITLE",
    "Loop",
    "Loops",
    "as_config_error",
    "as_problem",
    "front_matter_fields",
]

CLOCK_MARGIN = timedelta(days=1)
"""How far the clocks of GitLab and of the runner may be apart, at the most."""


@dataclass(frozen=True)
class Loops:
    """All loops that the configuration can ask for, by calendar."""

    organisation: Organisation
    library: Library
    scope: Scope = EVERYTHING
    _known: dict[tuple[str, str, Occurrence], Loop] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _current: dict[tuple[str, str, datetime], tuple[Cadence, Loop | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was asked for before, so that what is derived of it is derived once."""

    @cached_property
    def unscoped(self) -> Loops:
        """The same, for everybody."""
        return replace(self, scope=EVERYTHING) if self.scope != EVERYTHING else self

    def pairs(self) -> Iterator[tuple[Cadence, Subject]]:
        """Every enabled cadence with each of its subjects, as far as they are in scope.

        A subject is in scope if it ever was or will be: its loops are asked one by one.
        """
        for cadence in self.organisation.cadences:
            if cadence.enabled:
                for subject in self.organisation.subjects(cadence.for_each):
                    versions = self.organisation.versions(cadence.for_each, subject.id)
                    if any(self.in_scope(cadence, version) for version in versions):
                        yield cadence, subject

    def in_scope(self, cadence: Cadence, subject: Subject) -> bool:
        """Whether this run works for the subject's loops of the cadence."""
        return (
            self.scope.keeps(cadence.name, subject.id)
            and self.scope.admits_policy("cadence", cadence.name)
            and self.scope.admits(subject)
        )

    def at(self, cadence: Cadence, subject: Subject, now: datetime) -> Loop | None:
        """The loop that is current for the subject at that instant, if there is one.

        That it is skipped makes no difference here; that the subject is not there does.
        """
        known = self._current.get((cadence.name, subject.id, now))
        if known is not None and known[0] is cadence:
            return known[1]
        zone = self._zone(cadence, subject)
        occurrence = current(cadence.schedule, cadence.period, zone, now, self._fiscal_year_start)
        loop = next(self._there(cadence, subject, (occurrence,)), None) if occurrence else None
        self._current[cadence.name, subject.id, now] = cadence, loop
        return loop

    def recent(
        self, cadence: Cadence, subject: Subject, now: datetime, backfill: int | None = None
    ) -> Iterator[Loop]:
        """The loop that is current at that instant, and those before it, as many as back-filled.

        The current one comes first. `backfill` counts for the cadence's own.
        """
        loop = self.at(cadence, subject, now)
        if loop is None:
            return
        yield loop
        count = cadence.backfill if backfill is None else backfill
        if count:
            before = preceding(
                cadence.schedule,
                cadence.period,
                self._zone(cadence, subject),
                loop.occurrence.opens_at,
                self._fiscal_year_start,
                count,
            )
            yield from self._there(cadence, subject, before)

    def coming(
        self, cadence: Cadence, subject: Subject, start: datetime, end: datetime
    ) -> Iterator[Loop]:
        """The loops of all occurrences from start to end, both included, in order.

        Those that do not open are among them: see `Loop.skipped`.
        """
        schedule = cadence.schedule.model_copy(update={"excluded": ()})
        zone = self._zone(cadence, subject)
        for occurrence in between(
            schedule, cadence.period, zone, start, end, self._fiscal_year_start
        ):
            yield self.of(cadence, subject, occurrence)

    def of(self, cadence: Cadence, subject: Subject, occurrence: Occurrence) -> Loop:
        """The loop for an occurrence, with the subject as it is on that day."""
        known = self._known.get((cadence.name, subject.id, occurrence))
        if known is not None and known.cadence is cadence:
            return known
        template = self.library.get(cadence.template)
        on_that_day = self.organisation.subject(cadence.for_each, subject.id, occurrence.day)
        loop = Loop(cadence, template, on_that_day or subject, occurrence, self.organisation)
        self._known[cadence.name, subject.id, occurrence] = loop
        return loop

    def for_key(self, key: LoopKey, created_at: datetime) -> Loop | None:
        """The loop of an issue that holds the key, None once its policy or subject is gone.

        Where the schedule has changed since, the day on which the issue was created
        stands for the day on which the loop opened.
        """
        cadence = self.organisation.cadence(key.cadence)
        subject = self.organisation.subject(cadence.for_each, key.subject) if cadence else None
        if cadence is None or subject is None:
            return None
        for instant in (created_at, created_at + CLOCK_MARGIN):
            for loop in self.recent(cadence, subject, instant, MAX_BACKFILL):
                if loop.key == key:
                    return loop
        that_day = self.organisation.subject(cadence.for_each, subject.id, created_at.date())
        local = created_at.astimezone((that_day or subject).zone)
        period = period_of(local.date(), cadence.period, self._fiscal_year_start)
        return self.of(cadence, subject, Occurrence(local, local.date(), period))

    def current(self, now: datetime) -> Iterator[Loop]:
        """Every loop that is current at that instant."""
        for cadence, subject in self.pairs():
            loop = self.at(cadence, subject, now)
            if loop is not None and self.in_scope(cadence, loop.subject):
                yield loop

    def due(self, now: datetime) -> Iterator[Loop]:
        """Every loop that shall exist at that instant: the current ones, and the back-filled."""
        for cadence, subject in self.pairs():
            for loop in self.recent(cadence, subject, now):
                if self.in_scope(cadence, loop.subject):
                    yield loop

    @property
    def _fiscal_year_start(self) -> int:
        return self.organisation.settings.fiscal_year_start

    def _zone(self, cadence: Cadence, subject: Subject) -> Zone:
        """The subject's zone, by date where it moves."""
        kind, versions = cadence.for_each, self.organisation.versions(cadence.for_each, subject.id)
        if len({version.zone for version in versions}) <= 1:
            return subject.zone
        return lambda day: (self.organisation.subject(kind, subject.id, day) or subject).zone

    def _there(
        self, cadence: Cadence, subject: Subject, occurrences: Iterable[Occurrence]
    ) -> Iterator[Loop]:
        """The loops of the occurrences on whose day the subject is there."""
        for occurrence in occurrences:
            loop = self.of(cadence, subject, occurrence)
            if loop.subject.is_active(occurrence.day):
                yield loop

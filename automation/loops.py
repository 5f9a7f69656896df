"""What a loop shall look like: cadence, template and subject brought together.

Everything that an issue is opened with, and the rules by which it is judged later, is
derived here and nowhere else, from the configuration and an occurrence alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from automation import labels
from automation.errors import ConfigError, ConfigProblem
from automation.model.base import is_full_path, is_username
from automation.model.due import DueRule, DueUnit, ReminderRule
from automation.model.key import LoopKey
from automation.model.organisation import Organisation, Subject
from automation.model.policy import Cadence, CloseWhen, LoopDefaults, WhenPreviousOpen
from automation.model.roster import Report
from automation.model.scope import EVERYTHING, Scope
from automation.periods import Occurrence, WorkingCalendar, current, due_date, period_of
from automation.templates import Library, LoopTemplate, RenderError, render_field

MAX_TITLE = 255
MAX_DESCRIPTION = 1_048_576
CLOCK_MARGIN = timedelta(days=1)
"""How far the clocks of GitLab and of the runner may be apart, at the most."""

DEFAULT_DUE = DueRule(0, DueUnit.END_OF_PERIOD)


@dataclass(frozen=True)
class Loop:
    """One cadence × subject × occurrence, before any of it is rendered."""

    cadence: Cadence
    template: LoopTemplate
    subject: Subject
    occurrence: Occurrence
    organisation: Organisation

    @property
    def key(self) -> LoopKey:
        """The key that no other issue may have."""
        return LoopKey(self.cadence.name, self.subject.id, self.occurrence.period.label)

    @property
    def team(self) -> tuple[Report, ...]:
        """The reports who were on the manager's team when the loop opened."""
        if self.subject.report is not None:
            return (self.subject.report,)
        manager = self.subject.manager
        return manager.team(self.occurrence.day) if manager else ()

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of the loop's owner."""
        return WorkingCalendar(self.subject.holidays, self.subject.away)

    @property
    def due(self) -> date:
        """The day on which the loop is due, in the subject's zone."""
        rule = self._setting("due") or DEFAULT_DUE
        return due_date(rule, self.occurrence, self.calendar)

    @property
    def confidential(self) -> bool:
        """Whether only members with Planner or above, and the assignee, may read it."""
        return bool(self._setting("confidential"))

    @property
    def close_when(self) -> CloseWhen:
        """The rule by which the checklist counts as done."""
        rule: CloseWhen | None = self._setting("close_when")
        return "all" if rule is None else rule

    @property
    def remind(self) -> tuple[ReminderRule, ...]:
        """When the owner is reminded, beside the overdue reminder that always comes."""
        return self._setting("remind") or ()

    @property
    def when_previous_open(self) -> WhenPreviousOpen:
        """What becomes of the loop before, when it is still open."""
        return self._setting("when_previous_open") or WhenPreviousOpen.CARRY_OVER

    @property
    def title(self) -> str:
        """The exact title: the second carrier of the key."""
        return self._field("title")

    @property
    def project(self) -> str:
        """The full path of the project in which the loop is opened."""
        if self._setting("project") is None:
            return self.organisation.settings.default_project
        path = self._field("project")
        if not is_full_path(path):
            raise RenderError(f"`project` came out as {path!r}, which is not a full path")
        return path

    @property
    def assignee(self) -> str | None:
        """The user name of whoever is assigned; None for nobody."""
        if self._setting("assignee") is not None:
            name = self._field("assignee").removeprefix("@")
            if name and not is_username(name):
                raise RenderError(f"`assignee` came out as {name!r}, which is not a user name")
            return name or None
        return self.subject.owner.username if self.subject.owner else None

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels of the loop but its state's, in a fixed order."""
        own = labels.of_loop(self.cadence, self.subject)
        written = self.cadence.labels + self.template.defaults.labels
        extra = tuple(render_field(text, self.context) for text in written)
        if any("," in label or not label for label in extra):
            raise RenderError(f"`labels` came out as {extra!r}: a label is not empty and no comma")
        return tuple(dict.fromkeys(own + extra))

    @property
    def body(self) -> str:
        """The template's Markdown for this subject and period."""
        return self.template.render(self.context)

    @property
    def context(self) -> Mapping[str, Any]:
        """The names that a template or an expression may use."""
        subject = self.subject
        people = {
            "manager": subject.manager,
            "director": subject.director,
            "report": subject.report,
            "group": subject.group,
        }
        return {
            "cadence": self.cadence,
            "subject": subject,
            "period": self.occurrence.period,
            "day": self.occurrence.day,
            "due": self.due,
            "team": self.team,
            "links": self.organisation.settings.links,
            **{name: person for name, person in people.items() if person is not None},
        }

    def _setting(self, name: str) -> Any:
        own = getattr(self.cadence, name)
        return getattr(self.template.defaults, name) if own is None else own

    def _field(self, name: str) -> str:
        expression = self._setting(name)
        if expression is None:
            raise RenderError(f"`{name}` is set neither in the cadence nor in its template")
        text = render_field(expression, self.context)
        if name == "title" and not 0 < len(text) <= MAX_TITLE:
            raise RenderError(f"`title` comes out {len(text)} characters long, not 1 to 255")
        return text


@dataclass(frozen=True)
class Loops:
    """All loops that the configuration can ask for, by calendar."""

    organisation: Organisation
    library: Library
    scope: Scope = EVERYTHING

    def pairs(self) -> Iterator[tuple[Cadence, Subject]]:
        """Every enabled cadence with each of its subjects, as far as they are in scope."""
        for cadence in self.organisation.cadences:
            if cadence.enabled:
                for subject in self.organisation.subjects(cadence.for_each):
                    if self.in_scope(cadence, subject):
                        yield cadence, subject

    def in_scope(self, cadence: Cadence, subject: Subject) -> bool:
        """Whether this run works for the subject's loops of the cadence."""
        return self.scope.admits_policy("cadence", cadence.name) and self.scope.admits(subject)

    def at(self, cadence: Cadence, subject: Subject, now: datetime) -> Loop | None:
        """The loop that is current for the subject at that instant, if there is one."""
        occurrence = current(
            cadence.schedule,
            cadence.period,
            subject.zone,
            now,
            self.organisation.settings.fiscal_year_start,
        )
        if occurrence is None or not _belongs(subject, occurrence.day):
            return None
        return self.of(cadence, subject, occurrence)

    def of(self, cadence: Cadence, subject: Subject, occurrence: Occurrence) -> Loop:
        """The loop for an occurrence."""
        template = self.library.get(cadence.template)
        return Loop(cadence, template, subject, occurrence, self.organisation)

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
            loop = self.at(cadence, subject, instant)
            if loop is not None and loop.key == key:
                return loop
        local = created_at.astimezone(subject.zone)
        period = period_of(
            local.date(), cadence.period, self.organisation.settings.fiscal_year_start
        )
        return self.of(cadence, subject, Occurrence(local, local.date(), period))

    def current(self, now: datetime) -> Iterator[Loop]:
        """Every loop that is current at that instant."""
        for cadence, subject in self.pairs():
            loop = self.at(cadence, subject, now)
            if loop is not None:
                yield loop


def _belongs(subject: Subject, day: date) -> bool:
    return subject.report is None or subject.report.is_active(day)


def as_config_error(loop: Loop, error: RenderError) -> ConfigError:
    """The render error, told with the template's place and the loop it was meant for."""
    message = f"{error.message} (for {loop.key})"
    file = loop.template.file
    return ConfigError([ConfigProblem(file, error.line, int(error.line > 0), "", message)])


def front_matter_fields() -> tuple[str, ...]:
    """What the front matter of a template may set."""
    return tuple(LoopDefaults.model_fields)

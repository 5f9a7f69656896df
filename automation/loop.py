"""What a loop shall look like: cadence, template and subject brought together.

Everything that an issue is opened with, and the rules by which it is judged later, is
derived here and nowhere else, from the configuration and an occurrence alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from automation import labels
from automation.errors import ConfigError, ConfigProblem
from automation.model.base import is_full_path, is_username
from automation.model.due import DueRule, DueUnit, ReminderRule
from automation.model.key import LoopKey
from automation.model.organisation import Organisation, Place, Subject
from automation.model.policy import (
    Cadence,
    CarriedItems,
    CloseWhen,
    LoopDefaults,
    SubjectKind,
    WhenPreviousOpen,
)
from automation.model.roster import Person, Report
from automation.periods import Occurrence, WorkingCalendar, due_date
from automation.templates import LoopTemplate, RenderError, render_field, render_title
from automation.turns import Turn, calendar_of, turn_of

MAX_TITLE = 255
MAX_DESCRIPTION = 1_048_576
DEFAULT_DUE = DueRule(0, DueUnit.END_OF_PERIOD)


@dataclass(frozen=True)
class Loop:
    """One cadence × subject × occurrence, before any of it is rendered.

    `gathered` are facts from GitLab that its template uses, by name.
    """

    cadence: Cadence
    template: LoopTemplate
    subject: Subject
    occurrence: Occurrence
    organisation: Organisation
    gathered: Mapping[str, object] = field(default_factory=dict, compare=False)

    @cached_property
    def key(self) -> LoopKey:
        """The key that no other issue may have."""
        return LoopKey(self.cadence.name, self.subject.id, self.occurrence.period.label)

    @cached_property
    def team(self) -> tuple[Report, ...]:
        """The reports who were on the manager's team when the loop opened."""
        if self.subject.report is not None:
            return (self.subject.report,)
        manager = self.subject.manager
        return manager.team(self.occurrence.day) if manager else ()

    def team_left(self, day: date) -> tuple[Report, ...]:
        """Those of the loop's team who are still on the manager's team on a later day."""
        manager = self.subject.manager
        if manager is None:
            return ()
        today = self.organisation.subject(SubjectKind.MANAGER, manager.id, day)
        there = today.manager.team(day) if today and today.manager else ()
        ids = {report.id for report in there}
        return tuple(report for report in self.team if report.id in ids)

    @cached_property
    def turn(self) -> Turn:
        """Who takes the loop, or why it does not open: by roster and calendar alone."""
        return turn_of(
            self.cadence, self.subject, self.occurrence, self._due_rule, self.organisation
        )

    @property
    def owner(self) -> Person | None:
        """Who is assigned, and whose working days count: the subject's owner, or a substitute."""
        return self.turn.owner

    @property
    def substitute_for(self) -> Person | None:
        """For whom the owner stands in; None where nobody is away."""
        return self.turn.substitute_for

    def owner_on(self, day: date) -> Person | None:
        """Whose it is on a later day: who took the subject over; a substitute keeps it."""
        if self.substitute_for is not None:
            return self.owner
        then = self.organisation.subject(self.subject.kind, self.subject.id, day)
        return then.owner if then is not None and then.is_active(day) else self.owner

    @property
    def skipped(self) -> str:
        """Why the loop does not open, in a sentence without full stop; empty where it does.

        It says nothing about a loop that has an issue: that one is kept as any other.
        """
        return self.turn.skipped

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of the loop's owner."""
        return calendar_of(self.owner)

    @cached_property
    def due(self) -> date:
        """The day on which the loop is due, in the subject's zone."""
        return due_date(self._due_rule, self.occurrence, self.calendar)

    @property
    def _due_rule(self) -> DueRule:
        return self._setting("due") or DEFAULT_DUE

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
    def optional(self) -> tuple[str, ...]:
        """The headings of the sections that nobody must tick, beside those that say so."""
        return self._setting("optional") or ()

    @property
    def carried_items(self) -> CarriedItems:
        """Whether items that were carried into the loop must be settled."""
        return self._setting("carried_items") or CarriedItems.OPTIONAL

    @property
    def remind(self) -> tuple[ReminderRule, ...]:
        """When the owner is reminded, beside the overdue reminder that always comes."""
        return self._setting("remind") or ()

    @property
    def when_previous_open(self) -> WhenPreviousOpen:
        """What becomes of the loop before, when it is still open."""
        return self._setting("when_previous_open") or WhenPreviousOpen.CARRY_OVER

    @property
    def carries_over(self) -> bool:
        """Whether a loop that is still open goes along into the next one."""
        return self.when_previous_open is WhenPreviousOpen.CARRY_OVER

    @cached_property
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
            raise self._fault("project", f"comes out as {path!r}, which is not a full path")
        return path

    @property
    def assignee(self) -> str | None:
        """The user name of whoever is assigned; None for nobody."""
        if self._setting("assignee") is not None:
            name = self._field("assignee").removeprefix("@")
            if name and not is_username(name):
                raise self._fault("assignee", f"comes out as {name!r}, which is not a user name")
            return name or None
        return self.owner.username if self.owner else None

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels of the loop but its state's, in a fixed order."""
        own = labels.of_loop(self.cadence, self.subject)
        ours = self._labels(self.cadence.labels, self._policy)
        theirs = self._labels(self.template.defaults.labels, self.template.place)
        return tuple(dict.fromkeys((*own, *ours, *theirs)))

    def _labels(self, written: tuple[str, ...], place: Place) -> Iterator[str]:
        for index, text in enumerate(written):
            name = f"labels[{index}]"
            label = self._rendered(name, text, place)
            if not label or "," in label:
                reason = f"comes out as {label!r}; a label has no comma and is not empty"
                raise RenderError(reason, field=name, place=place)
            yield label

    @property
    def body(self) -> str:
        """The template's Markdown for this subject and period."""
        return self.template.render({**self.context, **self.gathered})

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
            "owner": self.owner,
            "substitute_for": self.substitute_for,
            "links": self.organisation.settings.links,
            "channels": self.organisation.settings.channels,
            "off": self.organisation.settings.off,
            **self._calendar,
            **{name: person for name, person in people.items() if person is not None},
        }

    @property
    def _calendar(self) -> Mapping[str, Any]:
        """Which turn of the month and of the quarter this is, for sections that come seldom."""
        month = self.occurrence.day.replace(day=1)
        first = self.organisation.settings.fiscal_year_start
        turn = (self.occurrence.day - month).days // 7 + 1
        begins = (month.month - first) % 3 == 0
        return {"week_of_month": turn, "quarter_begins": begins and turn == 1}

    def _setting(self, name: str) -> Any:
        own = getattr(self.cadence, name)
        return getattr(self.template.defaults, name) if own is None else own

    def _field(self, name: str) -> str:
        expression = self._setting(name)
        if expression is None:
            remedy = f"Begin {self.template.file} with '---', '{name}: …' and '---'."
            raise self._fault(name, "is set neither in the cadence nor in its template", remedy)
        text = self._rendered(name, expression, self.place_of(name))
        if name == "title" and not 0 < len(text) <= MAX_TITLE:
            raise self._fault(name, f"comes out {len(text)} characters long, not 1 to 255")
        return text

    def _rendered(self, name: str, expression: str, place: Place) -> str:
        render = render_title if name == "title" else render_field
        try:
            return render(expression, self.context)
        except RenderError as error:
            raise RenderError(error.reason, remedy=error.remedy, field=name, place=place) from error

    def _fault(self, name: str, reason: str, remedy: str = "") -> RenderError:
        return RenderError(reason, remedy=remedy, field=name, place=self.place_of(name))

    @property
    def _policy(self) -> Place:
        return self.organisation.place("cadence", self.cadence.name)

    def place_of(self, name: str) -> Place:
        """The cadence or the template, whichever sets the field."""
        own, theirs = getattr(self.cadence, name), getattr(self.template.defaults, name)
        return self.template.place if own is None and theirs is not None else self._policy


def as_config_error(loop: Loop, error: RenderError) -> ConfigError:
    """The render error, told with the template's place and the loop it was meant for."""
    return ConfigError([as_problem(loop, error)])


def as_problem(loop: Loop, error: RenderError) -> ConfigProblem:
    """The render error at the line of the template, or at the field, that made it."""
    about = f" (for {loop.key})"
    if error.field:
        return error.problem(about)
    line = error.line or 1
    return ConfigProblem(loop.template.file, line, 1, "", error.reason + about, error.remedy)


def front_matter_fields() -> tuple[str, ...]:
    """What the front matter of a template may set."""
    return tuple(LoopDefaults.model_fields)

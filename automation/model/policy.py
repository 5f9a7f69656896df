"""What an operations person writes in `policies/`, one class per `kind`.

The classes are the schema: `drumbeat schema` prints them as JSON Schema, and
`config.py` gives every violation its place in the file.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from automation.model.base import Fact, FullPath, LabelName, Name, Username
from automation.model.due import Due, Reminder

Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Text that may hold `{{ … }}`, evaluated in the sandbox for every subject."""


class SubjectKind(StrEnum):
    """Who or what a loop is for."""

    MANAGER = "manager"
    REPORT = "report"
    GROUP = "group"
    DIRECTOR = "director"
    ORGANISATION = "organisation"


class PeriodKind(StrEnum):
    """The calendar bucket that names a loop's key."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    FISCAL_QUARTER = "fiscal-quarter"
    FISCAL_YEAR = "fiscal-year"


class WhenPreviousOpen(StrEnum):
    """What becomes of the loop before, when it is still open as the next one is due."""

    CARRY_OVER = "carry_over"
    WAIT = "wait"
    KEEP_BOTH = "keep_both"


class Schedule(Fact):
    """When a cadence's periods open: an RFC 5545 rule in the subject's own time zone."""

    rrule: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    at: time = time(8, 0)
    starts: date | None = None

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise ValueError("`at` is a local time such as 08:00, with no zone and no seconds")
        return self


class AtLeast(Fact):
    """A rule that wants a number of `[x]`."""

    at_least: int = Field(ge=1, le=1000)


Rule = Literal["all", "any"] | AtLeast
"""How many boxes must be ticked: `all` settled, `any` one, or `at_least` n."""


class SectionRule(Fact):
    """A rule over the boxes below the headings with this text."""

    section: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    done: Rule = "all"


class EachReportRule(Fact):
    """A rule over the section of every direct report."""

    each: Literal["report"]
    done: Rule = "all"


CloseWhen = Rule | Annotated[
    tuple[SectionRule | EachReportRule, ...], Field(min_length=1, max_length=50)
]


class Escalation(Fact):
    """Who is told after how many missed loops in a row."""

    after_missed: int = Field(ge=1, le=52)
    to: Literal["director"] = "director"


class LoopDefaults(Fact):
    """What a cadence, or the front matter of its template, may say of a loop."""

    title: Expression | None = None
    labels: tuple[Expression, ...] = ()
    project: Expression | None = None
    assignee: Expression | None = None
    due: Due | None = None
    confidential: bool | None = None
    close_when: CloseWhen | None = None
    remind: tuple[Reminder, ...] | None = None
    when_previous_open: WhenPreviousOpen | None = None


class Cadence(LoopDefaults):
    """A policy that opens one loop per subject and period."""

    kind: Literal["cadence"] = "cadence"
    name: Name
    about: str = ""
    for_each: SubjectKind
    template: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*\.md$")]
    period: PeriodKind
    schedule: Schedule
    escalate: Escalation | None = None
    enabled: bool = True


class Where(Fact):
    """Which issues a triage policy looks at; all of it is filtered by GitLab."""

    group: FullPath | None = None
    project: FullPath | None = None
    state: Literal["opened", "closed", "all"] = "opened"
    labels: tuple[LabelName, ...] = ()
    without: tuple[LabelName, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.group is None) == (self.project is None):
            raise ValueError("say either `group` or `project`")
        return self


class TriageAction(Fact):
    """What a triage rule does with an issue."""

    label: LabelName | None = None
    unlabel: LabelName | None = None
    comment: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*\.md$")] | (
        None
    ) = None
    mention: tuple[Literal["group.managers", "group.sponsor", "assignees", "author"], ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.label or self.unlabel or self.comment):
            raise ValueError("do at least one of label, unlabel, comment")
        if self.mention and not self.comment:
            raise ValueError("`mention` needs a `comment` to stand in")
        if self.comment and not (self.label or self.unlabel):
            raise ValueError("a `comment` needs a label or unlabel, or it would be said every run")
        return self


class TriageRule(Fact):
    """When an expression holds, do something."""

    name: Name
    when: Expression
    do: TriageAction


class TriagePolicy(Fact):
    """A rule over existing issues: where → when → do."""

    kind: Literal["triage"] = "triage"
    name: Name
    about: str = ""
    where: Where
    rules: Annotated[tuple[TriageRule, ...], Field(min_length=1)]
    enabled: bool = True


def _color(text: str) -> str:
    return text.upper()


class LabelSpec(Fact):
    """A label as it shall be in the loops' group."""

    name: LabelName
    color: Annotated[
        str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$"), AfterValidator(_color)
    ] = "#6699CC"
    description: Annotated[str, StringConstraints(max_length=512)] = ""


class LabelSet(Fact):
    """Labels that `drumbeat setup` makes beside those that loops need anyway."""

    kind: Literal["labels"] = "labels"
    labels: tuple[LabelSpec, ...]


class BoardSpec(Fact):
    """An issue board, for each director or once, with a list per label in this order.

    A project has as many boards as it wants; a group has one on GitLab Free.
    """

    name: Expression
    for_each: Literal["director", "organisation"] = "director"
    project: FullPath | None = None
    group: FullPath | None = None
    lists: Annotated[tuple[LabelName, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.group is None) == (self.project is None):
            raise ValueError("say either `group` or `project`")
        return self


class BoardSet(Fact):
    """Boards that `drumbeat setup` makes."""

    kind: Literal["boards"] = "boards"
    boards: tuple[BoardSpec, ...]


class Limits(Fact):
    """How much one run may do before it is refused (law 8).

    `create` and `close` are factors of what the roster and the cadences can ask for
    in one period; `notes` and `mentions_per_person` are plain numbers.
    """

    create: float = Field(default=1.2, gt=0, le=100)
    close: float = Field(default=1.2, gt=0, le=100)
    notes: int = Field(default=200, ge=0)
    mentions_per_person: int = Field(default=5, ge=0)


class Settings(Fact):
    """What holds for the whole organisation."""

    kind: Literal["settings"] = "settings"
    loops_group: FullPath
    default_project: FullPath
    fiscal_year_start: int = Field(default=2, ge=1, le=12)
    drumbeat_users: tuple[Username, ...] = ()
    bots: tuple[Annotated[str, StringConstraints(min_length=1, max_length=255)], ...] = ()
    links: dict[Name, str] = Field(default_factory=dict)
    limits: Limits = Limits()


Document = Annotated[
    Settings | Cadence | TriagePolicy | LabelSet | BoardSet, Field(discriminator="kind")
]
"""What a YAML document in `policies/` may be, beside a roster."""

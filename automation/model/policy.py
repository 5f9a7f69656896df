"""What an operations person writes in `policies/`, one class per `kind`.

The classes are the schema: `drumbeat schema` prints them as JSON Schema, and
`config.py` gives every violation its place in the file.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from automation.model.base import Fact, FullPath, LabelName, Matching, Name, Unfit, Username
from automation.model.closing import AtLeast as AtLeast
from automation.model.closing import CarriedItems as CarriedItems
from automation.model.closing import CloseWhen as CloseWhen
from automation.model.closing import EachReportRule as EachReportRule
from automation.model.closing import Heading
from automation.model.closing import Rule as Rule
from automation.model.closing import SectionRule as SectionRule
from automation.model.due import Due, Reminder
from automation.model.span import Pause

LoopKeyText = Annotated[
    str,
    Matching(
        r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*/[A-Z0-9-]+",
        "is not the key of a loop",
        "Write cadence/subject/period, such as one-on-one/mgr-emea-1/2026-W48.",
    ),
]
"""The key of a loop as text."""

Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Text that may hold `{{ … }}`, evaluated in the sandbox for every subject."""

TemplatePath = Annotated[
    str,
    Matching(
        r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.md",
        "is not the path of a template",
        "Write it as it stands below issue_templates/, such as one-on-one.md.",
    ),
]
"""A Markdown file below `issue_templates/`."""


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


class WhenAway(StrEnum):
    """What becomes of a loop whose owner is away until it is due."""

    COVER = "cover"
    SKIP = "skip"
    OPEN = "open"


def _local(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise Unfit("is not a local time", "Write it as hours and minutes, such as 08:00.")
    return at


LocalTime = Annotated[
    time,
    AfterValidator(_local),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$"}),
]


class Schedule(Fact):
    """When a cadence's periods open: an RFC 5545 rule in the subject's own time zone.

    Nothing opens before `starts`, after `ends`, nor on the days of `except` (EXDATE).
    """

    rrule: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    at: LocalTime = Field(default=time(8, 0), json_schema_extra={"default": "08:00"})
    starts: date | None = None
    ends: date | None = None
    excluded: Annotated[tuple[date, ...], Field(max_length=500)] = Field(default=(), alias="except")


class Escalation(Fact):
    """Who is told after how many missed loops in a row."""

    after_missed: int = Field(ge=1, le=52)
    to: Literal["director"] = "director"


class CadencePause(Pause):
    """Days on which a cadence opens nothing, for all subjects or for these."""

    subjects: Annotated[tuple[Name, ...], Field(min_length=1)] = ()


MAX_BACKFILL = 12


class LoopDefaults(Fact):
    """What a cadence, or the front matter of its template, may say of a loop."""

    title: Expression | None = None
    labels: tuple[Expression, ...] = ()
    project: Expression | None = None
    assignee: Expression | None = None
    due: Due | None = None
    confidential: bool | None = None
    close_when: CloseWhen | None = None
    optional: tuple[Heading, ...] | None = None
    carried_items: CarriedItems | None = None
    remind: tuple[Reminder, ...] | None = None
    when_previous_open: WhenPreviousOpen | None = None


class Cadence(LoopDefaults):
    """A policy that opens one loop per subject and period."""

    kind: Literal["cadence"] = "cadence"
    name: Name
    about: str = ""
    for_each: SubjectKind
    template: TemplatePath
    period: PeriodKind
    schedule: Schedule
    backfill: int = Field(default=0, ge=0, le=MAX_BACKFILL)
    pauses: tuple[CadencePause, ...] = ()
    only_when: Literal["on_call"] | None = None
    when_away: WhenAway = WhenAway.COVER
    escalate: Escalation | None = None
    enabled: bool = True


def _one_of_two(group: str | None, project: str | None) -> None:
    if group is None and project is None:
        raise Unfit("has neither 'group' nor 'project'", "Give one of them.")
    if group is not None and project is not None:
        raise Unfit("has both 'group' and 'project'", "Give one of them.")


class Where(Fact):
    """Which issues a triage policy looks at; all of it is filtered by GitLab."""

    group: FullPath | None = None
    project: FullPath | None = None
    state: Literal["opened", "closed", "all"] = "opened"
    labels: tuple[LabelName, ...] = ()
    without: tuple[LabelName, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        _one_of_two(self.group, self.project)
        return self


class TriageAction(Fact):
    """What a triage rule does with an issue."""

    label: LabelName | None = None
    unlabel: LabelName | None = None
    comment: TemplatePath | None = None
    mention: tuple[Literal["group.managers", "group.sponsor", "assignees", "author"], ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.label or self.unlabel or self.comment):
            raise Unfit("does nothing", "Give at least one of label, unlabel and comment.")
        if self.mention and not self.comment:
            raise Unfit("has 'mention' without 'comment'", "Give the comment that mentions them.")
        if self.comment and not (self.label or self.unlabel):
            raise Unfit(
                "has 'comment' without 'label' or 'unlabel'",
                "Give one of them, or the comment would be made on every run.",
            )
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


class LabelSpec(Fact):
    """A label as it shall be in the loops' group."""

    name: LabelName
    color: Annotated[
        str,
        Matching(r"#[0-9A-Fa-f]{6}", "is not a colour", "Write it in quotes, such as '#6699CC'."),
        AfterValidator(str.upper),
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
        _one_of_two(self.group, self.project)
        return self


class BoardSet(Fact):
    """Boards that `drumbeat setup` makes."""

    kind: Literal["boards"] = "boards"
    boards: tuple[BoardSpec, ...]


class Limits(Fact):
    """How much one run may do before it is refused (law 8).

    `create` and `close` are factors of what the roster and the cadences can ask for
    in one period; `notes` and `mentions_per_person` are plain numbers. The latter is by
    default what the loops of the busiest manager or director can ask for, 5 at least.
    """

    create: float = Field(default=1.2, gt=0, le=100)
    close: float = Field(default=1.2, gt=0, le=100)
    notes: int = Field(default=200, ge=0)
    mentions_per_person: int | None = Field(default=None, ge=0)


class Settings(Fact):
    """What holds for the whole organisation."""

    kind: Literal["settings"] = "settings"
    loops_group: FullPath
    default_project: FullPath
    fiscal_year_start: int = Field(default=2, ge=1, le=12)
    drumbeat_users: tuple[Username, ...] = ()
    confidential_readers: tuple[Username, ...] = ()
    bots: tuple[Annotated[str, StringConstraints(min_length=1, max_length=255)], ...] = ()
    links: dict[Name, str] = Field(default_factory=dict)
    limits: Limits = Limits()


class AdoptedIssue(Fact):
    """An issue that a person opened and that is a loop."""

    project: FullPath
    iid: int = Field(ge=1)


class Adopted(Fact):
    """Issues that hold keys although Drumbeat did not open them; see `drumbeat adopt`."""

    kind: Literal["adopted"] = "adopted"
    loops: dict[LoopKeyText, AdoptedIssue]


Document = Annotated[
    Settings | Cadence | TriagePolicy | LabelSet | BoardSet | Adopted, Field(discriminator="kind")
]
"""What a YAML document in `policies/` may be, beside a roster."""

"""What an operations person writes in `policies/`, one class per `kind`.

The classes are the schema: `drumbeat schema` prints them as JSON Schema, and
`config.py` gives every violation its place in the file.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from automation.model.base import Fact, FullPath, LabelName, Matching, Name, Unfit, Username
from automation.model.closing import AtLeast as AtLeast
from automation.model.closing import CarriedItems as CarriedItems
from automation.model.closing import CloseWhen as CloseWhen
from automation.model.closing import EachReportRule as EachReportRule
from automation.model.closing import Heading
from automation.model.closing import Rule as Rule
from automation.model.closing import SectionRule as SectionRule
from automation.model.due import Due, Reminder
from automation.model.metrics import MetricsPolicy
from automation.model.period import PeriodKind
from automation.model.provision import BoardSet, LabelSet, ScheduleSet
from automation.model.span import Pause
from automation.model.text import Expression, TemplatePath
from automation.model.triage import TriagePolicy

LoopKeyText = Annotated[
    str,
    Matching(
        r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*/[A-Z0-9-]+",
        "is not the key of a loop",
        "Write cadence/subject/period, such as one-on-one/mgr-emea-1/2026-W48.",
    ),
]
"""The key of a loop as text."""


class SubjectKind(StrEnum):
    """Who or what a loop is for."""

    MANAGER = "manager"
    REPORT = "report"
    GROUP = "group"
    DIRECTOR = "director"
    ORGANISATION = "organisation"


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


class Limits(Fact):
    """How much one run may do before it is refused (law 8).

    `create` and `close` are factors of what the roster and the cadences can ask for
    in one period; `notes`, `triage` and `mentions_per_person` are plain numbers. `triage` is
    how many issues triage policies may open, and how many they may close, beside the loops;
    `notes` is by default what closing that many loops and issues can say, 200 at least;
    `mentions_per_person` is by default what the loops of the busiest manager or director can
    ask for, 5 at least.
    """

    create: float = Field(default=1.2, gt=0, le=100)
    close: float = Field(default=1.2, gt=0, le=100)
    notes: int | None = Field(default=None, ge=0)
    triage: int = Field(default=50, ge=0)
    mentions_per_person: int | None = Field(default=None, ge=0)


class Activity(Fact):
    """Which human actions end an issue's quiet time (law 6); each can be switched off.

    `references` are mentions from commits and merge requests; `other` is everything else that
    a person did and that GitLab wrote into the issue's history.
    """

    comments: bool = True
    edits: bool = True
    ticks: bool = True
    labels: bool = True
    state: bool = True
    milestone: bool = True
    assignees: bool = True
    dates: bool = True
    weight: bool = True
    iteration: bool = True
    time_spent: bool = True
    references: bool = True
    other: bool = True


WebAddress = Annotated[
    str,
    StringConstraints(max_length=2000),
    Matching(
        r"https://[^\s/?#@]+(?:[/?#]\S*)?|http://(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/\S*)?",
        "is not an https address",
        "Write it whole, such as https://watchdog.example.com/ping/drumbeat.",
    ),
]
"""An address to ask for over the network; without TLS on this machine only."""


LinkName = Annotated[
    str,
    StringConstraints(max_length=64),
    Matching(
        r"[a-z0-9][a-z0-9_-]*",
        "is not fit to be the name of a link",
        "Use lower-case letters, digits and '_', so that templates can say links.week_in_review.",
    ),
]
"""What templates call an address."""


class Settings(Fact):
    """What holds for the whole organisation.

    `off` names policies, or sections of templates, that the organisation does without;
    `channels` are the chat channels that matter. `heartbeat_url` is asked for after every run
    that went well; the variable DRUMBEAT_HEARTBEAT_URL takes its place.
    """

    kind: Literal["settings"] = "settings"
    loops_group: FullPath
    default_project: FullPath
    fiscal_year_start: int = Field(default=2, ge=1, le=12)
    drumbeat_users: tuple[Username, ...] = ()
    confidential_readers: tuple[Username, ...] = ()
    bots: tuple[Annotated[str, StringConstraints(min_length=1, max_length=255)], ...] = ()
    bot_flags: bool = True
    activity: Activity = Activity()
    initiative_labels: tuple[LabelName, ...] = ("SGG",)
    heartbeat_url: WebAddress | None = None
    off: tuple[Name, ...] = ()
    channels: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = ()
    links: dict[LinkName, str] = Field(default_factory=dict)
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
    Settings | Cadence | TriagePolicy | LabelSet | BoardSet | ScheduleSet | MetricsPolicy | Adopted,
    Field(discriminator="kind"),
]
"""What a YAML document in `policies/` may be, beside a roster."""

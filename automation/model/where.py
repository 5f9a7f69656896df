"""Which issues a triage policy looks at, as people write it: GitLab filters all of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from math import prod
from typing import Annotated, Any, Literal, Self

import bracex
from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import core_schema

from automation.model.base import Fact, FullPath, LabelName, Unfit, Username

MAX_DAYS = 3660
"""The longest span of time that a policy may name: ten years."""


def _one_or_more(value: Any) -> Any:
    """A list's items; a text as the only item of one; anything else as it is."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class _OneOrMore:
    """Annotates a list of which the only item may stand by itself."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_one_or_more, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


LabelNames = Annotated[tuple[LabelName, ...], _OneOrMore()]
"""One label, or a list of them."""

MAX_EXPANSIONS = 20
"""As many lists of issues may a policy ask for, one for each choice of labels."""

_LABEL = TypeAdapter(LabelName)


def expanded(pattern: str) -> tuple[str, ...]:
    """What the braces in a text stand for: `a::{b,c}` is `a::b` and `a::c`.

    Raises Unfit for more than 20.
    """
    try:
        return tuple(dict.fromkeys(bracex.expand(pattern, limit=MAX_EXPANSIONS)))
    except bracex.ExpansionLimitException:
        message = f"stands for more than {MAX_EXPANSIONS} texts"
        raise Unfit(message, "Use fewer braces, or several policies.") from None


def _pattern(text: str) -> str:
    for label in expanded(text):
        try:
            _LABEL.validate_python(label)
        except ValidationError as error:
            raise error.errors()[0].get("ctx", {}).get("error") or Unfit("is too long") from None
    return text


LabelPattern = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_pattern)
]
"""A label's name, in which braces stand for one of several: `team::{a,b}`."""

LabelPatterns = Annotated[tuple[LabelPattern, ...], _OneOrMore()]
"""One pattern of labels, or a list of them."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@dataclass(frozen=True)
class Since:
    """The beginning of a day in UTC: a date, or so many days before the run."""

    day: date | None = None
    days_ago: int = 0

    def at(self, now: datetime) -> datetime:
        """The instant, for a run at `now`; whole days, so that two runs of a day ask the same."""
        day = self.day or now.astimezone(UTC).date() - timedelta(days=self.days_ago)
        return datetime.combine(day, time.min, UTC)

    def __str__(self) -> str:
        return str(self.day) if self.day else f"{self.days_ago} days ago"


_DAYS_AGO = re.compile(r"(\d{1,4}) days? ago")


def _since(value: Any) -> Since:
    if isinstance(value, Since):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return Since(day=value)
    text = " ".join(str(value).split())
    found = _DAYS_AGO.fullmatch(text)
    if found and int(found[1]) <= MAX_DAYS:
        return Since(days_ago=int(found[1]))
    try:
        return Since(day=date.fromisoformat(text))
    except ValueError:
        remedy = "Write a date such as 2026-11-01, or a time such as 90 days ago."
        raise Unfit("is not a day", remedy) from None


Day = Annotated[
    Since,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(
            _since, serialization=core_schema.to_string_ser_schema()
        ),
        lambda _core, _handler: {
            "type": "string",
            "pattern": rf"^(?:\d{{4}}-\d\d-\d\d|{_DAYS_AGO.pattern})$",
        },
    ),
]
"""A day as people write it."""


class Window(Fact):
    """Days between which something happened, `after` included and `before` not."""

    after: Day | None = None
    before: Day | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.after is None and self.before is None:
            raise Unfit("has neither 'after' nor 'before'", "Give one of them, or both.")
        return self


def one_place(group: str | None, project: str | None) -> None:
    """Raise Unfit unless exactly one of the two is given."""
    if group is None and project is None:
        raise Unfit("has neither 'group' nor 'project'", "Give one of them.")
    if group is not None and project is not None:
        raise Unfit("has both 'group' and 'project'", "Give one of them.")


class WhereNot(Fact):
    """What takes an issue out of a policy."""

    labels: LabelPatterns = ()
    author: Username | None = None
    assignee: Username | None = None
    milestone: Title | None = None


IssueType = Literal["issue", "incident", "task", "test_case"]


class Where(Fact):
    """Which issues a triage policy looks at; all of it is filtered by GitLab.

    A group's subgroups are included. An issue bears all of `labels` and none of `without`,
    which is short for `not: {labels: …}`; braces in `labels` stand for one of several.
    `assignee` and `milestone` are a name, `none` or `any`; a milestone may be `upcoming` or
    `started`. `due` is one of GitLab's words, by GitLab's clock.
    """

    group: FullPath | None = None
    project: FullPath | None = None
    state: Literal["opened", "closed", "all"] = "opened"
    labels: LabelPatterns = ()
    without: LabelPatterns = ()
    excluded: WhereNot = Field(default=WhereNot(), alias="not")
    author: Username | None = None
    assignee: Username | None = None
    milestone: Title | None = None
    type: IssueType | None = None
    confidential: bool | None = None
    created: Window | None = None
    updated: Window | None = None
    due: Literal["none", "any", "overdue", "today", "tomorrow", "week", "month"] | None = None

    @property
    def label_sets(self) -> tuple[tuple[str, ...], ...]:
        """The choices of labels: an issue bears all labels of one of them."""
        return tuple(product(*map(expanded, self.labels)))

    @property
    def unwanted(self) -> tuple[str, ...]:
        """The labels of which an issue bears none."""
        patterns = (*self.without, *self.excluded.labels)
        return tuple(dict.fromkeys(label for one in patterns for label in expanded(one)))

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        one_place(self.group, self.project)
        if prod(len(expanded(one)) for one in self.labels) > MAX_EXPANSIONS:
            message = f"has labels that stand for more than {MAX_EXPANSIONS} choices"
            raise Unfit(message, "Use fewer braces, or several policies.")
        return self

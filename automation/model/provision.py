"""What `drumbeat setup` makes in GitLab, as people write it: labels, boards, schedules."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from automation.model.base import Fact, FullPath, LabelName, Matching, Unfit
from automation.model.cron import CRON_REMEDY, cron_fault
from automation.model.roster import Timezone
from automation.model.text import Expression
from automation.model.where import LabelNames, one_place


class LabelSpec(Fact):
    """A label as it shall be in the loops' group.

    `was` are names that it had: the label is renamed. `priority` is its place in lists sorted
    by priority, 0 before 1, in the projects directly in that group. `prune: true` says that
    there shall be no such label.
    """

    name: LabelName
    color: Annotated[
        str,
        Matching(r"#[0-9A-Fa-f]{6}", "is not a colour", "Write it in quotes, such as '#6699CC'."),
        AfterValidator(str.upper),
    ] = "#6699CC"
    description: Annotated[str, StringConstraints(max_length=512)] = ""
    was: LabelNames = ()
    priority: Annotated[int, Field(ge=0, le=10_000)] | None = None
    prune: bool = False


class LabelSet(Fact):
    """Labels that `drumbeat setup` makes beside those that loops need anyway."""

    kind: Literal["labels"] = "labels"
    labels: tuple[LabelSpec, ...]


class BoardSpec(Fact):
    """An issue board, once or for each subject of a kind, with a list per label in this order.

    A project has as many boards as it wants; a group has one on GitLab Free. `only` are
    labels that a card must bear: the board's own scope where the tier has it, else a filter
    in the board's address.
    """

    name: Expression
    for_each: Literal["director", "manager", "group", "organisation"] = "director"
    project: Expression | None = None
    group: FullPath | None = None
    lists: Annotated[tuple[Expression, ...], Field(min_length=1)]
    only: tuple[Expression, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        one_place(self.group, self.project)
        return self


class BoardSet(Fact):
    """Boards that `drumbeat setup` makes."""

    kind: Literal["boards"] = "boards"
    boards: tuple[BoardSpec, ...]


def _cron(text: str) -> str:
    fault = cron_fault(text)
    if fault:
        raise Unfit(f"is no cron expression: {fault}", CRON_REMEDY)
    return " ".join(text.split())


Variable = Annotated[
    str,
    StringConstraints(max_length=255),
    Matching(
        r"[A-Za-z_][A-Za-z0-9_]*",
        "is not fit to be a variable's name",
        "Use letters, digits and '_', and begin with a letter.",
    ),
]
"""The name of a CI/CD variable."""


class ScheduleSpec(Fact):
    """A pipeline schedule of the project that runs Drumbeat, known by its description.

    `cron` has five fields, in the time zone `timezone`; `ref` is a branch or tag, by default
    the default branch. Of variables only those named here are touched; null: there shall be
    none of that name.
    """

    description: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    cron: Annotated[str, AfterValidator(_cron)]
    timezone: Timezone = "UTC"
    project: FullPath
    ref: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    variables: dict[Variable, str | None] = Field(default_factory=dict)
    active: bool = True


class ScheduleSet(Fact):
    """Pipeline schedules that `drumbeat setup` makes."""

    kind: Literal["schedules"] = "schedules"
    schedules: Annotated[tuple[ScheduleSpec, ...], Field(min_length=1)]

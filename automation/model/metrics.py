"""Where numbers about reports' work come from, as people write it, and the numbers themselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from automation.model.base import Fact, Matching, Name, Unfit

DataFile = Annotated[
    str,
    Matching(
        r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_*][A-Za-z0-9_.*-]*\.(?:csv|json)",
        "is not the path of a CSV or JSON file",
        "Write it from the repository's top, such as metrics/*.csv; `*` stands for any characters.",
    ),
]
"""A file, or several by a pattern, below the repository's top."""

Heading = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0)]


class Columns(Fact):
    """What the columns of a CSV file, or the keys of a JSON file, are called.

    `week` holds an ISO week such as 2026-W47 or any day of the week; `person` a user name, an
    id of the roster, or a name that only one person has.
    """

    person: Heading = "person"
    week: Heading = "week"
    solved: Heading = "solved"
    public_replies: Heading = "public replies"
    own_replies: Heading = "replies on own tickets"
    internal_notes: Heading = "internal notes"
    ticket_type: Heading | None = "ticket type"


class Band(Fact):
    """Percent of public replies on tickets of one's own, both ends included."""

    low: int = Field(default=50, ge=0, le=100)
    high: int = Field(default=60, ge=0, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high < self.low:
            raise Unfit(f"ends at {self.high}, below its beginning {self.low}", "Swap the two.")
        return self


class Baseline(Fact):
    """What somebody with tickets of one type does in a week, seen over several."""

    solved: Count | None = None
    public_replies: Count | None = None
    internal_notes: Count | None = None


class MetricsPolicy(Fact):
    """A source of numbers for the 1:1: a conversation aid, never a score across people.

    `source` is `file`, or `gitlab` for the issues and merge requests that GitLab counts.
    `baselines` are by ticket type; `any` stands for types that have none of their own.
    `late_after` days after a week's end, numbers that are not there are told to be late.
    """

    kind: Literal["metrics"] = "metrics"
    name: Name
    about: str = ""
    source: Literal["file", "gitlab"] = "file"
    file: DataFile | None = None
    columns: Columns = Columns()
    own_replies: Band = Band()
    baselines: dict[Heading, Baseline] = Field(default_factory=dict)
    late_after: int = Field(default=3, ge=0, le=60)
    enabled: bool = True

    @model_validator(mode="after")
    def _knows_where(self) -> Self:
        if self.source == "file" and self.file is None:
            raise Unfit("has no 'file'", "Name the file, such as metrics/*.csv.")
        if self.source == "gitlab" and self.file is not None:
            raise Unfit("has a 'file', and its source is GitLab", "Leave one of them out.")
        return self


@dataclass(frozen=True)
class Numbers:
    """What one person did in one week with tickets of one type."""

    solved: int = 0
    public_replies: int = 0
    own_replies: int = 0
    internal_notes: int = 0
    ticket_type: str = ""


@dataclass
class Table:
    """Numbers by person, folded, and week; `faults` tell what could not be read."""

    rows: dict[tuple[str, str], list[Numbers]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def of(self, person: str, week: str) -> tuple[Numbers, ...]:
        """What is known of a person's week, one entry for each row."""
        return tuple(self.rows.get((person.casefold(), week), ()))

    @property
    def weeks(self) -> frozenset[str]:
        """The weeks about which anything is known."""
        return frozenset(week for _, week in self.rows)

    def add(self, other: Table) -> None:
        """Take in another file's rows."""
        for key, rows in other.rows.items():
            self.rows[key].extend(rows)
        self.faults += other.faults


@dataclass(frozen=True)
class Activity:
    """What GitLab counted of one person in a span of days."""

    issues_opened: int = 0
    issues_closed: int = 0
    merge_requests_opened: int = 0
    merge_requests_merged: int = 0
    merge_requests_reviewed: int = 0

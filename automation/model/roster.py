"""Who there is: directors, their managers, the managers' reports, and the groups."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, model_validator

from automation.model.base import Fact, FullPath, Name, Unfit, Username


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unfit(
            "is not a time zone of the IANA database",
            "Write one such as Europe/Dublin, America/New_York or UTC.",
            available_timezones(),
        ) from error
    return text


Timezone = Annotated[str, AfterValidator(_zone)]


class Span(Fact):
    """Days from `from` to `to`, both included."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise Unfit(f"ends on {self.end}, before it begins on {self.start}")
        return self

    def covers(self, day: date) -> bool:
        """Whether the day lies in the span."""
        return self.start <= day <= self.end


class Absence(Span):
    """Days on which a person is away, and who stands in."""

    cover: Name | None = None


class Person(Fact):
    """Somebody whom a loop may be for. `id` is permanent; `username` is today's."""

    id: Name
    username: Username
    name: str = ""
    timezone: Timezone = "UTC"
    holidays: str | None = None
    away: tuple[Absence, ...] = ()
    was: tuple[Name, ...] = ()

    @property
    def display_name(self) -> str:
        """The name to show: the full name where the roster has one."""
        return self.name or self.username

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(self.timezone)


class Director(Person):
    """Leads managers and follows their loops."""


class Report(Person):
    """A direct report; counts from `from` up to and including `until`."""

    joined: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.joined and self.until and self.until < self.joined:
            raise Unfit(f"ends on {self.until}, before it begins on {self.joined}")
        return self

    def is_active(self, day: date) -> bool:
        """Whether the report is on the team on that day."""
        return (self.joined is None or self.joined <= day) and (
            self.until is None or day <= self.until
        )


class Manager(Person):
    """Holds the loops. `director` is the id of a director of the roster."""

    director: Name
    on_call: tuple[Span, ...] = ()
    reports: tuple[Report, ...] = ()

    def team(self, day: date) -> tuple[Report, ...]:
        """The reports who are on the team on that day, in the roster's order."""
        return tuple(report for report in self.reports if report.is_active(day))


class Group(Fact):
    """A global group (SGG) whose initiatives live as issues in `project`."""

    id: Name
    name: str = ""
    project: FullPath
    sponsor: Name
    managers: tuple[Name, ...] = ()
    timezone: Timezone = "UTC"
    was: tuple[Name, ...] = ()

    @property
    def display_name(self) -> str:
        """The name to show."""
        return self.name or self.id

    @property
    def zone(self) -> ZoneInfo:
        """The group's time zone."""
        return ZoneInfo(self.timezone)


class Roster(Fact):
    """The people and groups of one `kind: roster` document."""

    kind: Literal["roster"] = "roster"
    directors: tuple[Director, ...] = ()
    managers: tuple[Manager, ...] = ()
    groups: tuple[Group, ...] = ()

    def merged(self, other: Roster) -> Roster:
        """Both rosters as one, in order."""
        return Roster(
            directors=self.directors + other.directors,
            managers=self.managers + other.managers,
            groups=self.groups + other.groups,
        )

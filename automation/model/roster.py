"""Who there is: directors, their managers, the managers' reports, and the groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, model_validator

from automation.model.base import Fact, FullPath, Name, Unfit, Username
from automation.model.span import Pause, check_order
from automation.model.span import Span as Span


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


class Absence(Span):
    """Days on which a person is away, and who stands in."""

    cover: Name | None = None


class RosterEntry(Fact):
    """Somebody or something of the roster. `id` is permanent.

    The entry holds from `from` up to and including `until`, either of which may be open.
    An id may have several entries whose days do not overlap: so somebody changes time
    zone, team or manager at a date.
    """

    id: Name
    name: str = ""
    timezone: Timezone = "UTC"
    joined: date | None = Field(default=None, alias="from")
    until: date | None = None
    paused: tuple[Pause, ...] = ()
    was: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.joined, self.until)
        return self

    def is_active(self, day: date) -> bool:
        """Whether the entry holds on that day."""
        return (self.joined is None or self.joined <= day) and (
            self.until is None or day <= self.until
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


class Person(RosterEntry):
    """Somebody whom a loop may be for. `id` is permanent; `username` is today's."""

    username: Username
    holidays: str | None = None
    away: tuple[Absence, ...] = ()

    @property
    def display_name(self) -> str:
        """The name to show: the full name where the roster has one."""
        return self.name or self.username


class Director(Person):
    """Leads managers and follows their loops."""


class Report(Person):
    """A direct report; on the team from `from` up to and including `until`."""


class Manager(Person):
    """Holds the loops. `director` is the id of a director of the roster."""

    director: Name
    on_call: tuple[Span, ...] = ()
    reports: tuple[Report, ...] = ()

    def team(self, day: date) -> tuple[Report, ...]:
        """The reports who are on the team on that day, in the roster's order."""
        return tuple(report for report in self.reports if report.is_active(day))


class Group(RosterEntry):
    """A global group (SGG) whose initiatives live as issues in `project`."""

    project: FullPath
    sponsor: Name
    managers: tuple[Name, ...] = ()

    @property
    def display_name(self) -> str:
        """The name to show."""
        return self.name or self.id


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

    def united(self) -> Roster:
        """The same roster, where what is said of a person in one entry holds in all of them.

        Absences, on-call days and pauses have days of their own: in which of somebody's
        entries they are written makes no difference.
        """
        reports = _shared(report for manager in self.managers for report in manager.reports)
        managers = (
            manager.model_copy(update={"reports": _updated(manager.reports, reports)})
            for manager in _updated(self.managers, _shared(self.managers))
        )
        return Roster(
            directors=_updated(self.directors, _shared(self.directors)),
            managers=tuple(managers),
            groups=_updated(self.groups, _shared(self.groups)),
        )


E = TypeVar("E", bound=RosterEntry)
_SHARED = ("away", "on_call", "paused")


def _shared(entries: Iterable[RosterEntry]) -> dict[str, dict[str, Any]]:
    """For every id with several entries, what holds in all of them."""
    by_id: dict[str, list[RosterEntry]] = defaultdict(list)
    for entry in entries:
        by_id[entry.id].append(entry)
    return {name: _union(same) for name, same in by_id.items() if len(same) > 1}


def _union(entries: list[RosterEntry]) -> dict[str, Any]:
    return {
        field: tuple(dict.fromkeys(one for entry in entries for one in getattr(entry, field)))
        for field in _SHARED
        if field in type(entries[0]).model_fields
    }


def _updated(entries: tuple[E, ...], shared: dict[str, dict[str, Any]]) -> tuple[E, ...]:
    return tuple(
        entry.model_copy(update=shared[entry.id]) if entry.id in shared else entry
        for entry in entries
    )

"""The calendar that the sample organisation is held against, written out by hand.

Nothing here comes from Drumbeat, python-dateutil or a time zone database: Mondays are
counted in sevens, weeks by how many a year has, and clocks by the days on which they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

LIVE = date(2026, 11, 23)
"""The Monday on which the weekly cadences begin: week 48."""

WEEKS_IN = {2026: 53, 2027: 52, 2028: 52, 2029: 52}

QUARTERS = (
    (date(2026, 11, 1), "FY27-Q4"),
    (date(2027, 2, 1), "FY28-Q1"),
    (date(2027, 5, 1), "FY28-Q2"),
    (date(2027, 8, 1), "FY28-Q3"),
    (date(2027, 11, 1), "FY28-Q4"),
    (date(2028, 2, 1), "FY29-Q1"),
    (date(2028, 5, 1), "FY29-Q2"),
    (date(2028, 8, 1), "FY29-Q3"),
    (date(2028, 11, 1), "FY29-Q4"),
    (date(2029, 2, 1), "FY30-Q1"),
    (date(2029, 5, 1), "FY30-Q2"),
    (date(2029, 8, 1), "FY30-Q3"),
    (date(2029, 11, 1), "FY30-Q4"),
)

AMERICA = (
    ((2027, 3, 14), (2027, 11, 7)),
    ((2028, 3, 12), (2028, 11, 5)),
    ((2029, 3, 11), (2029, 11, 4)),
)
EUROPE = (
    ((2027, 3, 28), (2027, 10, 31)),
    ((2028, 3, 26), (2028, 10, 29)),
    ((2029, 3, 25), (2029, 10, 28)),
)
SYDNEY = (
    ((2026, 10, 4), (2027, 4, 4)),
    ((2027, 10, 3), (2028, 4, 2)),
    ((2028, 10, 1), (2029, 4, 1)),
    ((2029, 10, 7), (2030, 4, 7)),
)
"""First day of summer time, first day without it."""

CLOCKS = {
    "America/Denver": (timedelta(hours=-7), AMERICA),
    "America/New_York": (timedelta(hours=-5), AMERICA),
    "America/Sao_Paulo": (timedelta(hours=-3), ()),
    "Europe/Dublin": (timedelta(0), EUROPE),
    "Europe/Berlin": (timedelta(hours=1), EUROPE),
    "Asia/Kolkata": (timedelta(hours=5, minutes=30), ()),
    "Asia/Tokyo": (timedelta(hours=9), ()),
    "Australia/Sydney": (timedelta(hours=10), SYDNEY),
}
"""Hours ahead of UTC in winter, and the summers."""

ALWAYS = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Stay:
    """A manager, from a day on until another, and the zone they live in."""

    id: str
    zone: str
    first: date = ALWAYS[0]
    last: date = ALWAYS[1]


STAYS = (
    Stay("mgr-amer-1", "America/Denver"),
    Stay("mgr-amer-2", "America/Sao_Paulo"),
    Stay("mgr-emea-1", "Europe/Dublin"),
    Stay("mgr-emea-2", "Europe/Berlin"),
    Stay("mgr-apac-1", "Asia/Kolkata"),
    Stay("mgr-apac-2", "Australia/Sydney", last=date(2028, 3, 7)),
    # Later, as the simulation's roster changes have it:
    Stay("mgr-apac-2", "Asia/Tokyo", first=date(2028, 3, 8)),
    Stay("mgr-amer-3", "America/New_York", first=date(2027, 9, 1), last=date(2028, 6, 30)),
)

TEAMS = {
    "mgr-amer-1": ("se-101", "se-102", "se-103", "se-104", "se-105"),
    "mgr-amer-2": ("se-201", "se-202", "se-203", "se-204"),
    "mgr-emea-1": ("se-301", "se-302", "se-303", "se-304", "se-305"),
    "mgr-emea-2": ("se-401", "se-402", "se-403", "se-404", "se-405"),
    "mgr-apac-1": ("se-501", "se-502", "se-503", "se-504", "se-505"),
    "mgr-apac-2": ("se-601", "se-602", "se-603", "se-604", "se-605"),
    "mgr-amer-3": (),
}
CHANGES_OF_TEAM = (
    (date(2027, 1, 1), "se-305", "mgr-emea-1", None),
    (date(2027, 1, 11), "se-306", None, "mgr-emea-1"),
    (date(2027, 3, 1), "se-405", "mgr-emea-2", "mgr-emea-1"),
    (date(2027, 9, 1), "se-104", "mgr-amer-1", "mgr-amer-3"),
    (date(2027, 9, 1), "se-105", "mgr-amer-1", "mgr-amer-3"),
    (date(2028, 7, 1), "se-104", "mgr-amer-3", "mgr-amer-1"),
    (date(2028, 7, 1), "se-105", "mgr-amer-3", "mgr-amer-1"),
    (date(2029, 3, 14), "se-502", "mgr-apac-1", None),
)
"""On which day who went from whose team to whose."""

AWAY = {
    ("mgr-apac-2", date(2026, 12, 7)): "mgr-apac-1",
    ("mgr-emea-1", date(2026, 12, 21)): "mgr-emea-2",
    ("mgr-emea-1", date(2026, 12, 28)): "mgr-emea-2",
    ("mgr-amer-1", date(2026, 12, 28)): "mgr-amer-2",
}
"""Whole working weeks that the shipped roster has somebody away in, by Monday; who stands in."""


def ahead(zone: str, day: date) -> timedelta:
    """By how much the zone's clocks are ahead of UTC on the morning of a day."""
    winter, summers = CLOCKS[zone]
    in_summer = any(date(*begin) <= day < date(*end) for begin, end in summers)
    return winter + timedelta(hours=1) if in_summer else winter


@cache
def eight_o_clock(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(8), UTC) - ahead(zone, day)


def week_label(monday: date) -> str:
    """Counted from the first Monday: 2026 has 53 weeks."""
    year, week = 2026, 48 + (monday - LIVE).days // 7
    while week > WEEKS_IN[year]:
        week -= WEEKS_IN[year]
        year += 1
    return f"{year}-W{week:02}"


def team_on(manager: str, day: date) -> set[str]:
    team = set(TEAMS[manager])
    for since, report, before, after in CHANGES_OF_TEAM:
        if since <= day:
            team -= {report} if before == manager else set()
            team |= {report} if after == manager else set()
    return team


Key = tuple[str, str, str]
"""Cadence, manager and period."""


@dataclass(frozen=True)
class Expected:
    """A loop that a run at some time must find or open."""

    key: Key
    day: date
    owner: str


@dataclass
class Calendar:
    """The shipped calendar and the absences that the simulation adds."""

    away: dict[tuple[str, date], str | None] = field(default_factory=lambda: dict(AWAY))

    def due(self, instant: datetime) -> Iterator[Expected]:
        """The loops that are current at an instant, but for those that nobody takes."""
        for stay in STAYS:
            monday = self._monday(stay, instant)
            if monday is not None:
                yield from self._weekly(stay.id, monday)
            begun = [one for one in QUARTERS if eight_o_clock(stay.zone, one[0]) <= instant]
            if begun and stay.first <= begun[-1][0] <= stay.last:
                day, label = begun[-1]
                yield Expected(("career-talk", stay.id, label), day, stay.id)

    def _monday(self, stay: Stay, instant: datetime) -> date | None:
        """The Monday whose loops are on, if the manager was there on it."""
        weeks = (instant.date() - LIVE).days // 7 + 1
        monday = LIVE + timedelta(weeks=weeks)
        while eight_o_clock(stay.zone, monday) > instant:
            monday -= timedelta(weeks=1)
        return monday if monday >= LIVE and stay.first <= monday <= stay.last else None

    def _weekly(self, manager: str, monday: date) -> Iterator[Expected]:
        label, owner = week_label(monday), manager
        if (manager, monday) in self.away:
            cover = self.away[manager, monday]
            if cover is None or (cover, monday) in self.away:
                return
            owner = cover
        else:
            yield Expected(("one-on-one", manager, label), monday, manager)
        for cadence in ("customer-interaction", "ticket-review"):
            yield Expected((cadence, manager, label), monday, owner)

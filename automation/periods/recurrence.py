"""When a cadence's periods open: rules expanded on local dates, then placed in a zone.

Rules are expanded by python-dateutil on naive dates, and each date gets the schedule's
`at:` in the subject's zone afterwards, so a zone's changes never shift a day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from automation.model.period import PeriodKind
from automation.model.policy import Schedule
from automation.periods.buckets import Period, period_of
from automation.periods.rule import Rule, read_rule

ANCHOR = date(2024, 1, 1)
"""Where a rule without `starts:` begins.

It must be fixed, or INTERVAL would count from elsewhere in every run. A Monday, a first
of the month and a first of the year: so WEEKLY alone means Mondays, MONTHLY alone the
first, and YEARLY alone New Year.
"""

_CYCLE = 7600
"""Years by which dates are moved ahead for python-dateutil, and back again.

A rule that never matches keeps python-dateutil counting to the year 9999. The Gregorian
calendar repeats every 400 years, weekdays included, so an expansion 19 cycles ahead is
the same, and its end of time is the year 2399: centuries less to burn.
"""

LAST_YEAR = 9999 - _CYCLE
_REACH = timedelta(days=2)
"""How far a zone's date may lie from that of UTC: by the day, and a gap over midnight."""
_FAR = 100
"""Years ahead in which `following` looks before it says that there is none."""


Zone = ZoneInfo | Callable[[date], ZoneInfo]
"""The subject's zone, or the zone for each of the rule's dates, where the subject moves."""


@dataclass(frozen=True)
class Occurrence:
    """One time at which a loop opens, and the bucket of its date.

    `opens_at` is aware, in the subject's zone; `day` is the rule's date, of which that is
    the time. They differ only where a clock change swallows the time past midnight. Compare
    `opens_at` in UTC: Python compares times of one zone by the clock on the wall.
    """

    opens_at: datetime
    day: date
    period: Period


def current(
    schedule: Schedule, kind: PeriodKind, zone: Zone, now: datetime, fiscal_year_start: int
) -> Occurrence | None:
    """The latest occurrence at or before now, while the rule's next one has not come.

    UNTIL, COUNT, `ends` and `except` do not prolong it: it ends when the next one would have
    come without them. None before the first. ValueError for a rule with problems or a
    naive time.
    """
    series = _Series(schedule, kind, zone, fiscal_year_start)
    instant, day = _place(now)
    for index, occurrence in series.back_from(day):
        if occurrence.opens_at <= instant:
            return occurrence if series.has(index, occurrence) else None
    return None


def preceding(
    schedule: Schedule,
    kind: PeriodKind,
    zone: Zone,
    before: datetime,
    fiscal_year_start: int,
    count: int,
) -> tuple[Occurrence, ...]:
    """The last `count` occurrences strictly before a time, or as many as there are, in order."""
    series = _Series(schedule, kind, zone, fiscal_year_start)
    instant, day = _place(before)
    found = (
        occurrence
        for index, occurrence in series.back_from(day)
        if occurrence.opens_at < instant and series.has(index, occurrence)
    )
    return tuple(islice(found, count))[::-1]


def following(
    schedule: Schedule, kind: PeriodKind, zone: Zone, after: datetime, fiscal_year_start: int
) -> Occurrence | None:
    """The first occurrence strictly after a time; None where none comes in a century."""
    series = _Series(schedule, kind, zone, fiscal_year_start)
    instant, day = _place(after)
    year = max(day.year, series.starts.year)
    for through in (year + 1, year + _FAR):
        for index, occurrence in series.since(day, through):
            if not series.allows(index, occurrence):
                return None
            if occurrence.opens_at > instant and not series.leaves_out(occurrence):
                return occurrence
    return None


def between(
    schedule: Schedule,
    kind: PeriodKind,
    zone: Zone,
    start: datetime,
    end: datetime,
    fiscal_year_start: int,
) -> Iterator[Occurrence]:
    """The occurrences from start to end, both included, in order."""
    series = _Series(schedule, kind, zone, fiscal_year_start)
    first, day = _place(start)
    last, last_day = _place(end)
    for index, occurrence in series.since(day, last_day.year + 1):
        if occurrence.opens_at > last or not series.allows(index, occurrence):
            return
        if occurrence.opens_at >= first and not series.leaves_out(occurrence):
            yield occurrence


@dataclass(frozen=True)
class _Series:
    """A schedule's endless row of dates, and what each of them means for a subject."""

    schedule: Schedule
    kind: PeriodKind
    zone: Zone
    fiscal_year_start: int

    @property
    def starts(self) -> date:
        return self.schedule.starts or ANCHOR

    @property
    def rule(self) -> Rule:
        return read_rule(self.schedule.rrule)

    def days(self, through: int) -> tuple[date, ...]:
        return expand(self.rule.endless, self.starts, min(through, LAST_YEAR))

    def since(self, day: date, through: int) -> Iterator[tuple[int, Occurrence]]:
        """Occurrences with their index, from a day of UTC on, and a little before it."""
        days = self.days(through)
        for index in range(bisect_left(days, day - _REACH), len(days)):
            yield index, self.occurrence(days[index])

    def back_from(self, day: date) -> Iterator[tuple[int, Occurrence]]:
        """Occurrences with their index, latest first, from a day of UTC, and a little after it."""
        days = self.days(day.year + 1)
        for index in range(bisect_right(days, day + _REACH) - 1, -1, -1):
            yield index, self.occurrence(days[index])

    def occurrence(self, day: date) -> Occurrence:
        zone = self.zone if isinstance(self.zone, ZoneInfo) else self.zone(day)
        return _occurrence(day, self.schedule.at, zone, self.kind, self.fiscal_year_start)

    def has(self, index: int, occurrence: Occurrence) -> bool:
        return self.allows(index, occurrence) and not self.leaves_out(occurrence)

    def allows(self, index: int, occurrence: Occurrence) -> bool:
        """Whether the series has not ended before the occurrence."""
        ends = self.schedule.ends
        if ends is not None and occurrence.day > ends:
            return False
        return self.rule.allows(index, occurrence.day, occurrence.opens_at)

    def leaves_out(self, occurrence: Occurrence) -> bool:
        """Whether the schedule takes the occurrence out of the series, which goes on after it."""
        return occurrence.day in self.schedule.excluded


@lru_cache(maxsize=4096)
def expand(endless: str, starts: date, through: int) -> tuple[date, ...]:
    """The dates of a rule without UNTIL and COUNT, from `starts` to the end of a year.

    Each call begins at `starts`, so a date's index is its number in the series.
    """
    if starts.year > through:
        return ()
    return tuple(takewhile(date(through, 12, 31).__ge__, dates(endless, starts)))


def dates(endless: str, starts: date) -> Iterator[date]:
    """The dates of a rule without UNTIL and COUNT, up to the year 2399, as one takes them."""
    ahead = starts.replace(year=starts.year + _CYCLE)
    for found in rrulestr(endless, dtstart=datetime.combine(ahead, time.min)):
        yield found.date().replace(year=found.year - _CYCLE)


def _place(moment: datetime) -> tuple[datetime, date]:
    """The instant in UTC, and its date."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    instant = moment.astimezone(UTC)
    return instant, instant.date()


@lru_cache(maxsize=65536)
def _occurrence(
    day: date, at: time, zone: ZoneInfo, kind: PeriodKind, fiscal_year_start: int
) -> Occurrence:
    """The occurrence of a date.

    With fold=0 Python reads a time in a gap with the offset before it and takes the first
    of a time that comes twice (PEP 495). Going through UTC turns a time that does not exist
    into the one on the wall at that instant.
    """
    nominal = datetime.combine(day, at.replace(fold=0), zone)
    opens_at = nominal.astimezone(UTC).astimezone(zone)
    return Occurrence(opens_at, day, period_of(day, kind, fiscal_year_start))

"""The calendar buckets that name a loop's key: days, ISO weeks, months, fiscal quarters, years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from automation.model.period import PeriodKind


@dataclass(frozen=True, order=True)
class Period:
    """One bucket of the calendar, from `start` to `end`, both included."""

    kind: PeriodKind
    label: str
    start: date
    end: date


def period_of(day: date, kind: PeriodKind, fiscal_year_start: int) -> Period:
    """The bucket in which the day lies.

    Labels: `2026-11-23`, `2026-W48` (ISO 8601: the year is that of the week's Thursday),
    `2026-11`, `FY27-Q4`, `FY27`. `fiscal_year_start` is a month, 1 to 12; a fiscal year is
    named by the year in which it ends.
    """
    if kind is PeriodKind.DAY:
        return Period(kind, day.isoformat(), day, day)
    if kind is PeriodKind.WEEK:
        return _week(day)
    if kind is PeriodKind.MONTH:
        return _months(kind, f"{day:%Y-%m}", day.replace(day=1), 1)
    return _fiscal(day, kind, fiscal_year_start)


def _week(day: date) -> Period:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    label = f"{year:04}-W{week:02}"
    return Period(PeriodKind.WEEK, label, monday, monday + timedelta(days=6))


def _fiscal(day: date, kind: PeriodKind, fiscal_year_start: int) -> Period:
    passed = (day.month - fiscal_year_start) % 12
    first = _add_months(day.replace(day=1), -passed)
    name = f"FY{_add_months(first, 11).year % 100:02}"
    if kind is PeriodKind.FISCAL_YEAR:
        return _months(kind, name, first, 12)
    quarter = passed // 3
    return _months(kind, f"{name}-Q{quarter + 1}", _add_months(first, 3 * quarter), 3)


def _months(kind: PeriodKind, label: str, first: date, count: int) -> Period:
    return Period(kind, label, first, _add_months(first, count) - timedelta(days=1))


def _add_months(first: date, count: int) -> date:
    """The first of the month that is `count` months away from a first of a month."""
    years, month = divmod(first.month - 1 + count, 12)
    return date(first.year + years, month + 1, 1)

"""The calendar buckets that name periods."""

from __future__ import annotations

from enum import StrEnum


class PeriodKind(StrEnum):
    """The calendar bucket that names a loop's key."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    FISCAL_QUARTER = "fiscal-quarter"
    FISCAL_YEAR = "fiscal-year"

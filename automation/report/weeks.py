"""The weeks that the pages show, each known by its Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

SHOWN = 52
"""How many weeks the pages look back, the present one included."""


def monday(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def shown(now: datetime) -> tuple[date, ...]:
    """The Mondays of all weeks that are shown, the oldest first."""
    last = monday(now.astimezone(UTC).date())
    return tuple(last - timedelta(weeks=back) for back in reversed(range(SHOWN)))


def label(week: date) -> str:
    """`2026-W48`."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02}"

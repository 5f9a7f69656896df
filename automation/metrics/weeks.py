"""ISO weeks by their labels, such as 2026-W47."""

from __future__ import annotations

import re
from datetime import date, timedelta

_LABEL = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


def week_of(day: date) -> str:
    """The label of the week in which a day lies."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def read_week(text: str) -> str:
    """The label of a week written as one, or as any of its days; ValueError otherwise."""
    found = _LABEL.fullmatch(text.strip())
    if found:
        return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    return week_of(date.fromisoformat(text.strip()[:10]))


def weeks_before(day: date, count: int) -> tuple[str, ...]:
    """The labels of so many whole weeks before the week of a day, the oldest first."""
    return tuple(week_of(day - timedelta(weeks=back)) for back in range(count, 0, -1))


def monday(label: str) -> date:
    """The first day of a week."""
    year, _, week = label.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)

"""The loops to come, as a person reads them and as a program does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from automation.agenda import Appointment
from automation.render.counts import counted
from automation.render.text import Paint, unpainted


def calendar_text(
    appointments: tuple[Appointment, ...], start: datetime, end: datetime, paint: Paint = unpainted
) -> str:
    """A line for each loop, by day and hour of UTC, with the local time beside it."""
    span = (
        f"{start.astimezone(UTC):%a %Y-%m-%d %H:%M} to {end.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"
    )
    opening = sum(not one.skipped for one in appointments)
    lines = [paint("bold", f"What opens from {span}")]
    widths = _widths(appointments)
    for day, of_day in groupby(appointments, key=lambda one: _utc(one).date()):
        lines += ["", paint("bold", f"{day:%a %Y-%m-%d}")]
        lines += [_line(one, widths, paint) for one in of_day]
    total = f"{counted(opening, 'loop')} will open, {len(appointments) - opening} will not."
    return "\n".join([*lines, "", total]) + "\n"


def calendar_json(appointments: tuple[Appointment, ...], start: datetime, end: datetime) -> str:
    """The same as JSON: times in ISO 8601, `why_not` null where the loop opens."""
    document = {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "loops": [_object(one) for one in appointments],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _utc(one: Appointment) -> datetime:
    return one.opens_at.astimezone(UTC)


_COLUMNS: tuple[Callable[[Appointment], str], ...] = (
    lambda one: f"{_utc(one):%H:%M} UTC",
    lambda one: f"{one.opens_at:%a %H:%M} {getattr(one.opens_at.tzinfo, 'key', 'UTC')}",
    lambda one: str(one.key),
)


def _widths(appointments: tuple[Appointment, ...]) -> list[int]:
    return [max(map(len, map(column, appointments)), default=0) for column in _COLUMNS]


def _line(one: Appointment, widths: list[int], paint: Paint) -> str:
    cells = [column(one).ljust(width) for column, width in zip(_COLUMNS, widths, strict=True)]
    if one.skipped:
        return paint("dim", "  - " + "  ".join([*cells, f"will not: {one.skipped}"]))
    who = f"@{one.assignee}" if one.assignee else "nobody"
    instead = f" instead of {one.instead_of}" if one.instead_of else ""
    return "  + " + "  ".join([*cells, f"for {who}{instead}, due {one.due:%a %Y-%m-%d}"])


def _object(one: Appointment) -> dict[str, Any]:
    opens = not one.skipped
    return {
        "key": str(one.key),
        "cadence": one.key.cadence,
        "subject": one.key.subject,
        "name": one.subject,
        "period": one.key.period,
        "opens_at": one.opens_at.isoformat(),
        "opens_at_utc": _utc(one).isoformat(),
        "timezone": str(one.opens_at.tzinfo),
        "opens": opens,
        "why_not": one.skipped or None,
        "assignee": one.assignee if opens else None,
        "instead_of": one.instead_of,
        "due": one.due.isoformat() if opens else None,
    }

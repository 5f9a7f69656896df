"""When a pipeline schedule runs next, as GitLab reckons it.

GitLab takes the cron expression's next time, and from there the next time at which its own
worker comes round (`CronSchedulable#calculate_next_run_at` and the default cron of
`pipeline_schedule_worker`). Time zones are IANA names; Rails' own names are not known here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

WORKER = "3-59/10 * * * *"
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_DAYS_AHEAD = 366 * 8
_Fields = list[set[int]]


def next_run(cron: str, zone: str, now: datetime) -> datetime | None:
    """When the schedule's pipeline is made next, in UTC; None for never.

    Raises:
        ValueError: the expression or the zone is none.
    """
    ideal = _next(cron, zone, now)
    if ideal is None or ideal == _next(WORKER, "UTC", now):
        return ideal
    return _next(WORKER, "UTC", ideal)


def _next(cron: str, zone: str, after: datetime) -> datetime | None:
    fields = _parsed(cron)
    place = ZoneInfo(zone)
    first = after.astimezone(place).date()
    for ahead in range(_DAYS_AHEAD):
        day = first + timedelta(days=ahead)
        if _on(day, fields, cron):
            for hour, minute in product(sorted(fields[1]), sorted(fields[0])):
                local = datetime.combine(day, time(hour, minute), place)
                moment = local.astimezone(UTC)
                exists = moment.astimezone(place).replace(tzinfo=None) == local.replace(tzinfo=None)
                if exists and moment > after:
                    return moment
    return None


def _on(day: date, fields: _Fields, cron: str) -> bool:
    """Whether it runs on the day; where both kinds of day are given, either is enough."""
    in_month, in_week = day.day in fields[2], day.isoweekday() % 7 in fields[4]
    both_given = "*" not in (cron.split()[2], cron.split()[4])
    days = in_month or in_week if both_given else in_month and in_week
    return day.month in fields[3] and days


def _parsed(cron: str) -> _Fields:
    parts = cron.split()
    if len(parts) != len(_BOUNDS):
        raise ValueError(cron)
    fields = [_field(part, *bounds) for part, bounds in zip(parts, _BOUNDS, strict=True)]
    fields[4] = {day % 7 for day in fields[4]}
    return fields


def _field(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        start, stop = int(first), int(last or (high if step else first))
        if not low <= start <= stop <= high:
            raise ValueError(text)
        found |= set(range(start, stop + 1, int(step or 1)))
    return found

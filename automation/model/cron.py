"""Cron expressions as GitLab's pipeline schedules take them: five fields.

What is accepted here is understood by every cron; GitLab's own parser, Fugit, takes more.
"""

from __future__ import annotations

import re

CRON_REMEDY = (
    "Write minute, hour, day of the month, month and day of the week, such as '17 * * * *' or "
    "'0 8 * * MON-FRI'."
)

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,4}))?")


def cron_fault(text: str) -> str:
    """What is wrong with a cron expression; empty where nothing is."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields, not {len(_FIELDS)}"
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, low, high, names) for part in field.split(",")):
            return f"{field} is no {name}"
    return ""


def _fits(part: str, low: int, high: int, names: dict[str, int]) -> bool:
    found = _PART.fullmatch(part)
    if found is None or found["step"] == "0":
        return False
    if found["first"] is None:
        return True
    first = _number(found["first"], names)
    last = first if found["last"] is None else _number(found["last"], names)
    return first is not None and last is not None and low <= first <= last <= high


def _number(text: str, names: dict[str, int]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 2:
        return int(text)
    return names.get(text.upper())

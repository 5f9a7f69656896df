"""Working time as people write it: ``1w 2d 3h30m``, eight hours a day and five days a week.

GitLab reads and prints it with the chronic_duration gem
(``lib/gitlab/time_tracking_formatter.rb``): four weeks are a month, a bare number is hours.
"""

from __future__ import annotations

import re

MINUTE, HOUR = 60, 3600
DAY = 8 * HOUR
WEEK = 5 * DAY
MONTH = 4 * WEEK
_UNITS = {
    "mo": MONTH, "month": MONTH, "w": WEEK, "week": WEEK, "wk": WEEK, "d": DAY, "day": DAY,
    "h": HOUR, "hr": HOUR, "hour": HOUR, "m": MINUTE, "min": MINUTE, "minute": MINUTE,
    "s": 1, "sec": 1, "second": 1, "": HOUR,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_ALL = re.compile(rf"-?(?:\s*(?:{_PART.pattern})(?:,|\s+and\b)?)+\s*")
_SHORT = (("mo", MONTH), ("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1))


def parse(text: str) -> int | None:
    """Seconds, negative after a minus sign; `None` for what is no duration."""
    text = text.strip().lower()
    if not _ALL.fullmatch(text):
        return None
    total = 0.0
    for number, unit in _PART.findall(text):
        seconds = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        if seconds is None:
            return None
        total += float(number) * seconds
    return int(-total if text.startswith("-") else total)


def spoken(seconds: int) -> str | None:
    """``1w 2d 3h``; `None` for nothing."""
    sign, rest, parts = "-" if seconds < 0 else "", abs(seconds), []
    for unit, size in _SHORT:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + " ".join(parts) if parts else None

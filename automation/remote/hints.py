"""When GitLab says to come back: the headers that speak of time and of limits.

GitLab's clock and ours may differ, so moments are measured from the answer's own `Date`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LIMIT = "RateLimit-Limit"
OBSERVED = "RateLimit-Observed"
REMAINING = "RateLimit-Remaining"
RESET = "RateLimit-Reset"


def number(headers: Mapping[str, str], name: str) -> int | None:
    """The header as a whole number from 0; None where it is none."""
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that `Retry-After` asks for, be it a number or a date; None without."""
    seconds = number(headers, "Retry-After")
    moment = _moment(headers, "Retry-After")
    if seconds is not None or moment is None:
        return seconds
    return max(0.0, moment - server_time(headers, now))


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds until the limit starts anew; None where that is unknown or past.

    At most one second too long, because `Date` is in whole seconds; never too short.
    """
    moment: float | None = number(headers, RESET)
    if moment is None:
        moment = _moment(headers, "RateLimit-ResetTime")
    if moment is None:
        return None
    left = moment - server_time(headers, now)
    return left if left > 0 else None


def server_time(headers: Mapping[str, str], now: float) -> float:
    """GitLab's time in seconds since 1970; ours, where the answer does not tell it."""
    moment = _moment(headers, "Date")
    return now if moment is None else moment


def date(headers: Mapping[str, str], name: str = "Date") -> datetime | None:
    """The HTTP date, in whole seconds; None where it is none."""
    try:
        moment = parsedate_to_datetime(headers.get(name, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(headers: Mapping[str, str], name: str) -> float | None:
    """The HTTP date as seconds since 1970; None where it is none."""
    moment = date(headers, name)
    return None if moment is None else moment.timestamp()

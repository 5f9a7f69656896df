"""The one source of time, so that a whole quarter can pass in a second.

With no fixed time the clock is the machine's. With one it stands still, except that each
write request moves it by a millisecond: what happened later also says so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

TICK = timedelta(milliseconds=1)


def stamp(moment: datetime) -> str:
    """The moment as GitLab prints it and as it is stored: UTC, milliseconds, ``Z``."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def parse(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is UTC.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Clock:
    """Real time, or a time that only moves when told to."""

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now

    @property
    def fixed(self) -> bool:
        """Whether the time was set by hand."""
        return self._fixed is not None

    def now(self) -> datetime:
        """The present moment, zone-aware."""
        return self._fixed if self._fixed is not None else datetime.now(UTC)

    def stamp(self) -> str:
        """The present moment as text, see `stamp`."""
        return stamp(self.now())

    def today(self) -> str:
        """The present UTC date, ``YYYY-MM-DD``."""
        return self.stamp()[:10]

    def tick(self) -> None:
        """A write begins."""
        if self._fixed is not None:
            self._fixed += TICK

    def set(self, now: datetime | None, *, reset: bool = False) -> None:
        """Move a fixed clock, or let it run (``None``).

        Raises:
            ValueError: the new time is earlier, and ``reset`` is not set.
        """
        if now is not None and self._fixed is not None and now < self._fixed and not reset:
            raise ValueError("the clock moves forward only; send reset: true to set it back")
        self._fixed = now

"""The key of a loop: cadence × subject × period. At most one issue per key, ever."""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = re.compile(
    r"(?P<cadence>[a-z0-9][a-z0-9-]*)/(?P<subject>[a-z0-9][a-z0-9-]*)/(?P<period>[A-Z0-9-]+)"
)


@dataclass(frozen=True, order=True)
class LoopKey:
    """Permanent ids only: `one-on-one/mgr-emea-1/2026-W48`."""

    cadence: str
    subject: str
    period: str

    def __str__(self) -> str:
        return f"{self.cadence}/{self.subject}/{self.period}"

    @classmethod
    def parse(cls, text: str) -> LoopKey | None:
        """The key that the text spells, or None when it spells none."""
        found = _KEY.fullmatch(text)
        return cls(**found.groupdict()) if found else None

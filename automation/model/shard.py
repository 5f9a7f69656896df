"""Which part of the work a job does, where several jobs share one run.

What a name belongs to follows from the name and the number of parts alone: whatever else
changes in the roster, it stays where it is. So each key is in exactly one part (law 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from automation.errors import UsageError

MOST = 200
"""GitLab runs a job at most this often in parallel."""

_FORM = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """One of `total` parts, counted from 1; the part 0 of 0 is the rest that needs the whole."""

    index: int
    total: int

    @classmethod
    def read(cls, text: str, source: str = "--shard") -> Shard:
        """What people and GitLab write: `2/4`, or `rest`. UsageError for anything else."""
        if text == "rest":
            return REST
        found = _FORM.fullmatch(text)
        if found is None:
            raise UsageError(f"{source} {text!r} is not I/N", _REMEDY)
        index, total = int(found[1]), int(found[2])
        if not 1 <= total <= MOST:
            raise UsageError(f"{source} {text!r}: there are 1 to {MOST} shards", _REMEDY)
        if not 1 <= index <= total:
            raise UsageError(f"{source} {text!r}: there is no shard {index} of {total}", _REMEDY)
        return cls(index, total)

    @property
    def is_rest(self) -> bool:
        """Whether it does what is left over once all the parts are done."""
        return self.total == 0

    @property
    def share(self) -> float:
        """Its part of what all that run at the same time may do together."""
        return 1.0 if self.is_rest else 1 / self.total

    def holds(self, name: str | None) -> bool:
        """Whether a subject or an issue, by its lasting name, belongs to this part.

        None: it needs the whole, and belongs to the rest.
        """
        if name is None or self.is_rest:
            return name is None and self.is_rest
        return place_of(name, self.total) == self.index

    def __str__(self) -> str:
        return "rest" if self.is_rest else f"{self.index}/{self.total}"

    @property
    def words(self) -> str:
        """What it is, for people."""
        if self.is_rest:
            return "The rest, after all shards: what needs the whole"
        return f"Shard {self.index} of {self.total}; what needs the whole is left to `rest`"


REST = Shard(0, 0)

_REMEDY = (
    "Write it like --shard 2/4: part 2 of 4, counted from 1. After all the parts comes "
    "--shard rest."
)


def place_of(name: str, total: int) -> int:
    """The part to which a name belongs, from 1 to `total`; the same on every machine."""
    return 1 + int.from_bytes(sha256(name.encode()).digest()[:8]) % total

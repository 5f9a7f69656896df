"""How the shards of a run went, from the outcomes that each of them wrote.

The rest of a run speaks for all of it: only it can tell the watchdog that all went well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from automation.errors import UsageError
from automation.model.change import Outcome, Problem, Status
from automation.model.shard import Shard

BAD = frozenset({Status.FAILED, Status.UNKNOWN})


class Told(BaseModel):
    """What a file of outcomes tells of one shard."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    shard: str
    interrupted: bool
    problems: tuple[Problem, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def well(self) -> bool:
        """Whether all was done and nothing stood in the way."""
        bad = any(one.status in BAD for one in self.outcomes)
        return not (bad or self.interrupted or any(one.blocking for one in self.problems))


def troubles(folder: Path) -> tuple[str, ...]:
    """What did not go well in the shards whose outcomes (`*.json`) are in the folder, in words."""
    found: dict[Shard, Told] = {}
    unread = []
    for file in sorted(folder.glob("*.json")):
        try:
            told = Told.model_validate_json(file.read_bytes())
            found[Shard.read(told.shard)] = told
        except (OSError, ValidationError, UsageError):
            unread.append(f"{file} has no outcomes of a shard: it did not finish.")
    return (*unread, *_amiss(found))


def _amiss(found: Mapping[Shard, Told]) -> Iterator[str]:
    total = max((shard.total for shard in found), default=0)
    if not total:
        yield "There are no outcomes of any shard."
    for index in range(1, total + 1):
        told = found.get(Shard(index, total))
        if told is None:
            yield f"There are no outcomes of shard {index}/{total}."
        elif not told.well:
            yield f"Shard {index}/{total} did not go well."

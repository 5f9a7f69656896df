"""Names that may stand once only."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from automation.config.corpus import Entry
from automation.config.words import Path
from automation.errors import ConfigProblem


@dataclass(frozen=True)
class Use:
    """A name in use: `name` as it is compared, at `path` in the entry.

    Uses with the same `owner` do not disturb each other.
    """

    name: Hashable
    entry: Entry[Any]
    path: Path
    owner: Hashable = None


def taken_twice(uses: Iterable[Use], what: str, remedy: str) -> Iterator[ConfigProblem]:
    """A problem for every use of a name that another owner used before."""
    first: dict[Hashable, Use] = {}
    for use in uses:
        before = first.setdefault(use.name, use)
        if before is use or (use.owner is not None and use.owner == before.owner):
            continue
        shown = use.entry.document.node((*use.entry.path, *use.path)).shown
        message = f"{what} {shown} is taken: {before.entry.where(before.path)} has it too"
        yield use.entry.problem(use.path, message, remedy)

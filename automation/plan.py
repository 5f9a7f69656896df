"""The plan of one run: ordered, counted, bounded changes, and what cannot be done.

A plan is data. It is shown by a renderer, written to a file for review, or applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from automation.errors import UnsafePlan
from automation.model.base import Fact
from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    Problem,
    RemoveLabel,
    Transition,
)

ORDER = (
    EnsureLabel,
    PrioritizeLabel,
    EnsureBoard,
    EnsureSchedule,
    RemoveLabel,
    CreateIssue,
    Transition,
)
"""Labels stand before what bears them; a new loop before the old one is closed."""


class Bounds(Fact):
    """How much a plan may do (law 8), as plain numbers."""

    create: int
    close: int
    notes: int
    mentions_per_person: int


class Plan(Fact):
    """All changes of one run, in the order in which they are done; of one shard, if it says so."""

    now: datetime
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    bounds: Bounds
    only: tuple[str, ...] = ()
    shard: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    @property
    def blocked(self) -> bool:
        """Whether something that policies ask for cannot be done."""
        return any(problem.blocking for problem in self.problems)

    def excesses(self) -> tuple[str, ...]:
        """What is past the bounds, each with both numbers."""
        return tuple(_excesses(self.changes, self.bounds))

    def raise_if_unsafe(self, force: str = "") -> None:
        """Raise UnsafePlan when the plan is past its bounds and nobody said why it may be."""
        excesses = self.excesses()
        if excesses and not force:
            raise UnsafePlan(
                "The plan is past its safety limits; nothing was done:\n"
                + "\n".join(f"  {excess}" for excess in excesses),
                'If that is right, say why: --force "the reason" (it is recorded). Or raise '
                "`limits` in the settings.",
            )


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes in the order in which they are done; for one key, in the order found."""
    return tuple(
        sorted(dict.fromkeys(changes), key=lambda change: (ORDER.index(type(change)), change.key))
    )


def _excesses(changes: Iterable[Change], bounds: Bounds) -> Iterator[str]:
    counts: Counter[str] = Counter()
    mentioned: Counter[str] = Counter()
    for change in changes:
        if isinstance(change, CreateIssue):
            counts["create"] += 1
            mentioned.update(set(change.mentions))
        if isinstance(change, Transition):
            counts["close"] += change.close
            counts["notes"] += bool(change.say)
            mentioned.update(set(change.mentions))
    for what, words in _WORDS.items():
        if counts[what] > getattr(bounds, what):
            yield f"{counts[what]} {words}, the limit is {getattr(bounds, what)}"
    for name, count in sorted(mentioned.items()):
        if count > bounds.mentions_per_person:
            yield f"{count} mentions of @{name}, the limit is {bounds.mentions_per_person}"


_WORDS = {"create": "issues to open", "close": "issues to close", "notes": "notes to write"}

"""Whether a rule's condition holds for a draft, with as few questions as that takes.

A condition is decided as soon as its answer is the same at every quiet time that is still
possible; only where it is not, more of the issue's history is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from automation.expressions import (
    Answer,
    Condition,
    Leaf,
    Unknown,
    check_names,
    condition,
    only_compares,
)
from automation.model.snapshot import Missing, NotReadable
from automation.rules.quiet import Quiet, narrowed
from automation.rules.triage.facts import COSTS, NAMES, View, value
from automation.templates import RenderError

TICK = timedelta(microseconds=1)
_SHARED = 0.0
_READING_ON = 1.5
_NEVER = float("inf")


class Inexact(Exception):
    """The quiet time is known within bounds only, and that is not enough."""


def holds(when: str, view: View) -> tuple[bool, Quiet | None]:
    """Whether a condition holds, and the quiet time as far as it had to be known.

    Raises Missing, NotReadable or RenderError for a part on which the answer depends.
    """
    wanted = condition(when)
    for leaf in wanted.leaves:
        check_names(leaf, NAMES)
    if "quiet_for" not in wanted.names:
        return _settled((_at(wanted, view, None),)), None
    desk = view.desk
    bounds = narrowed(view.draft.issue, desk.snapshot, desk.humans, desk.now)
    quiet = next(bounds)
    answers = _over(wanted, view, quiet)
    while not quiet.exact and _must_read_on(answers):
        quiet = next(bounds)
        answers = _over(wanted, view, quiet)
    return _settled(answers), quiet


def _must_read_on(answers: Iterable[Answer]) -> bool:
    """Whether a closer look at the quiet time may tell, or spare a question."""
    unknown = [one for one in answers if isinstance(one, Unknown)]
    if any(one.cost <= _SHARED for one in unknown):
        return False
    known = {one for one in answers if not isinstance(one, Unknown)}
    kinds = len(known) + bool(unknown)
    return kinds > 1 or any(isinstance(one.why, Inexact) for one in unknown)


def _settled(answers: Iterable[Answer]) -> bool:
    """The only answer there is; of what is not known, the cheapest is raised."""
    unknown = [one for one in answers if isinstance(one, Unknown)]
    if unknown:
        raise min(unknown, key=lambda one: one.cost).why
    (only,) = set(answers)
    return bool(only)


def _over(wanted: Condition, view: View, quiet: Quiet) -> list[Answer]:
    """The condition's answers over all quiet times within the bounds.

    A part that only compares the quiet time changes nowhere but at what it compares it
    with: these edges are noted while it is evaluated, and both sides of them tried.
    """
    edges: set[timedelta] = set()
    tried: dict[timedelta, Answer] = {}
    times = {quiet.at_least, quiet.at_most}
    while times:
        tried |= {time: _at(wanted, view, Trial(time, edges, quiet.exact)) for time in times}
        inside = [edge for edge in edges if quiet.at_least <= edge <= quiet.at_most]
        near = {edge + step for edge in inside for step in (-TICK, 0 * TICK, TICK)}
        times = {time for time in near if quiet.at_least < time < quiet.at_most} - tried.keys()
    return list(tried.values())


@dataclass(frozen=True)
class Trial:
    """A quiet time that is tried out; `edges` notes what it is compared with."""

    time: timedelta
    edges: set[timedelta]
    exact: bool

    def view(self, leaf: Leaf, view: View) -> View:
        """What a part of the condition sees; Inexact where it must know the time itself."""
        if self.exact:
            return replace(view, quiet_for=self.time)
        if not only_compares(leaf, "quiet_for"):
            raise Inexact
        return replace(view, quiet_for=Compared(self.time, self.edges))


def _at(wanted: Condition, view: View, trial: Trial | None) -> Answer:
    def ask(leaf: Leaf) -> Answer:
        try:
            seen = trial.view(leaf, view) if trial and "quiet_for" in leaf.names else view
            return leaf.holds({name: value(name, seen) for name in leaf.names})
        except Inexact as error:
            return Unknown(error, _READING_ON)
        except Missing as error:
            return Unknown(error, max(COSTS.get(name, 0.0) for name in leaf.names))
        except (NotReadable, RenderError) as error:
            return Unknown(error, _NEVER)

    return wanted.answer(ask)


class Compared(timedelta):
    """A duration that notes what it is compared with."""

    edges: set[timedelta]

    def __new__(cls, value: timedelta, edges: set[timedelta]) -> Self:
        """The value again; `edges` is where it notes."""
        made = super().__new__(cls, value.days, value.seconds, value.microseconds)
        made.edges = edges
        return made

    def _noted(self, other: object) -> timedelta:
        if isinstance(other, timedelta):
            self.edges.add(timedelta(other.days, other.seconds, other.microseconds))
        return timedelta(self.days, self.seconds, self.microseconds)

    def __lt__(self, other: timedelta) -> bool:
        return self._noted(other) < other

    def __le__(self, other: timedelta) -> bool:
        return self._noted(other) <= other

    def __gt__(self, other: timedelta) -> bool:
        return self._noted(other) > other

    def __ge__(self, other: timedelta) -> bool:
        return self._noted(other) >= other

    def __eq__(self, other: object) -> bool:
        return self._noted(other) == other

    def __ne__(self, other: object) -> bool:
        return self._noted(other) != other

    __hash__ = timedelta.__hash__

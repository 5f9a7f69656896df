"""What the template of a loop gathers: facts from GitLab that its text names.

They are read when the loop is about to open, and only those that the template uses. Offline,
made-up ones stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from automation.loop import Loop
from automation.model.policy import SubjectKind
from automation.model.snapshot import Snapshot
from automation.rules import health, rollup
from automation.rules.numbers import TeamNumbers, made_up, team_numbers


@dataclass(frozen=True)
class Source:
    """Something that templates may gather.

    `serves` tells for which loops; `gather` finds it out, and raises Missing where the snapshot
    does not hold it yet; `samples` are values for verbs that work offline, the first of them
    the one to show. `needs_all`: it tells of everybody's loops, whatever shard they are in.
    """

    serves: Callable[[Loop], bool]
    gather: Callable[[Loop, Snapshot, datetime], object]
    samples: Callable[[Loop], tuple[object, ...]]
    needs_all: bool = False


def _initiatives(loop: Loop, snapshot: Snapshot, now: datetime) -> object:
    group = loop.subject.group
    return group and health.initiatives_of(group, loop.organisation.settings, snapshot, now)


SOURCES: Mapping[str, Source] = {
    "initiatives": Source(
        serves=lambda loop: loop.subject.group is not None,
        gather=_initiatives,
        samples=lambda loop: (health.made_up(loop.occurrence.day), health.Initiatives()),
    ),
    "rollup": Source(
        serves=lambda loop: loop.subject.kind is SubjectKind.DIRECTOR,
        gather=rollup.rollup_of,
        samples=lambda loop: (rollup.made_up(loop), rollup.Rollup()),
        needs_all=True,
    ),
    "boards": Source(
        serves=lambda loop: loop.subject.kind is SubjectKind.DIRECTOR,
        gather=lambda loop, snapshot, _now: rollup.boards_of(loop, snapshot),
        samples=lambda loop: (rollup.made_up_boards(loop), ()),
    ),
    "numbers": Source(
        serves=lambda loop: loop.subject.manager is not None,
        gather=lambda loop, snapshot, now: team_numbers(loop, snapshot, now.date()),
        samples=lambda loop: (made_up(loop), TeamNumbers()),
    ),
}
"""What can be gathered, by the name under which templates know it."""


def gathered(loop: Loop, snapshot: Snapshot, now: datetime) -> Loop:
    """The loop with all that its template gathers; Missing where that is not read yet."""
    found = {name: source.gather(loop, snapshot, now) for name, source in _used(loop)}
    return replace(loop, gathered=found) if found else loop


def sampled(loop: Loop) -> tuple[Loop, ...]:
    """The loop with made-up facts, in several ways where its template gathers any."""
    used = {name: source.samples(loop) for name, source in _used(loop)}
    ways = max(map(len, used.values()), default=0)
    if not ways:
        return (loop,)
    return tuple(
        replace(loop, gathered={name: values[way % len(values)] for name, values in used.items()})
        for way in range(ways)
    )


def _used(loop: Loop) -> Iterator[tuple[str, Source]]:
    names = loop.template.undeclared()
    return ((name, one) for name, one in SOURCES.items() if name in names and one.serves(loop))

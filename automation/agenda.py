"""What the next weeks bring: which loops will open, when and for whom, and which will not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from automation.loops import Loop, Loops, as_config_error
from automation.model.key import LoopKey
from automation.templates import RenderError


@dataclass(frozen=True)
class Appointment:
    """One loop to come. `opens_at` is aware, in the subject's zone.

    Where `skipped` is not empty the loop does not open, and it says why. `assignee` is a
    user name, `instead_of` the id of whoever the assignee stands in for.
    """

    key: LoopKey
    subject: str
    opens_at: datetime
    due: date
    assignee: str | None = None
    instead_of: str | None = None
    skipped: str = ""


def agenda(loops: Loops, start: datetime, end: datetime) -> tuple[Appointment, ...]:
    """All loops in scope that open from start to end, both included, in order of time.

    Raises ConfigError where an assignee cannot be rendered.
    """
    found = (_appointment(loop) for loop in _coming(loops, start, end))
    return tuple(sorted(found, key=lambda one: (one.opens_at.astimezone(UTC), one.key)))


def _coming(loops: Loops, start: datetime, end: datetime) -> Iterator[Loop]:
    for cadence, subject in loops.pairs():
        for loop in loops.coming(cadence, subject, start, end):
            if loops.in_scope(cadence, loop.subject) and _of_interest(loop, start, end):
                yield loop


def _of_interest(loop: Loop, start: datetime, end: datetime) -> bool:
    """Whether the subject is there on any day: who left long ago is no news."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    return all(
        (stay.joined is None or stay.joined <= last) and (stay.until is None or first <= stay.until)
        for stay in loop.subject.stays
    )


def _appointment(loop: Loop) -> Appointment:
    instead_of = loop.substitute_for
    try:
        return Appointment(
            key=loop.key,
            subject=loop.subject.name,
            opens_at=loop.occurrence.opens_at,
            due=loop.due,
            assignee=loop.assignee,
            instead_of=instead_of.id if instead_of else None,
            skipped=loop.skipped,
        )
    except RenderError as error:
        raise as_config_error(loop, error) from error

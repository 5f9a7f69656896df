"""Why somebody has no loop of a cadence at a time: by roster, calendar and settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.loops import Loop, Loops
from automation.model.organisation import Subject
from automation.model.policy import Cadence, SubjectKind

AHEAD = timedelta(days=400)
"""How far ahead the next loop is looked for: a little more than the longest period."""


@dataclass(frozen=True)
class Silent:
    """A cadence that has no loop for a subject, and why, in words without full stop.

    `who` is the subject's name, or empty for all of them.
    """

    cadence: str
    subject: str
    who: str
    why: str


def silent(loops: Loops, now: datetime) -> Iterator[Silent]:
    """Every cadence and subject in scope for which nothing is current at that instant.

    A loop that is current and does not open is no such case: it says why itself. Of cadences
    that are switched off there is word where the scope names them.
    """
    for cadence in loops.organisation.cadences:
        if not cadence.enabled and cadence.name in loops.scope.names.get("cadence", ()):
            yield Silent(cadence.name, "", "", "it is switched off")
    for cadence, subject in loops.pairs():
        loop = loops.at(cadence, subject, now)
        if loop is None:
            yield _none(cadence, subject, _why(loops, cadence, subject, now))
        elif not loops.in_scope(cadence, loop.subject):
            yield _none(cadence, loop.subject, _other(loop))


def _none(cadence: Cadence, subject: Subject, why: str) -> Silent:
    return Silent(cadence.name, subject.id, subject.name, why)


def _why(loops: Loops, cadence: Cadence, subject: Subject, now: datetime) -> str:
    today = now.astimezone(subject.zone).date()
    for entry in subject.stays:
        if entry.until is not None and entry.until < today:
            return f"left on {entry.until}"
    ahead = loops.coming(cadence, subject, now, now + AHEAD)
    later = next((one for one in ahead if not one.skipped), None)
    if later is None:
        return f"none comes before {(now + AHEAD).date()}"
    return f"the first opens on {later.occurrence.opens_at:%a %Y-%m-%d}"


def _other(loop: Loop) -> str:
    """The subject is somebody else's by then."""
    subject = loop.subject
    above = subject.director if subject.kind is SubjectKind.MANAGER else subject.manager
    return f"with {above.id if above else 'somebody else'} on {loop.occurrence.day}"

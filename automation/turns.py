"""Whose turn it is: who takes an occurrence of a cadence, or why nobody does.

Judged by calendar and roster alone, for the occurrence's own days, so that every run at
any time comes to the same answer (law 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from automation.model.due import DueRule
from automation.model.organisation import Organisation, Subject
from automation.model.policy import Cadence, WhenAway
from automation.model.roster import Absence, Person, RosterEntry
from automation.periods import Occurrence, WorkingCalendar, due_date


@dataclass(frozen=True)
class Turn:
    """Who owns a loop; for whom they stand in; and, in a sentence, why it does not open.

    `skipped` has no full stop, and is empty where the loop opens. Names stand in it as the
    roster has them: make them inert before use.
    """

    owner: Person | None
    substitute_for: Person | None = None
    skipped: str = ""


def turn_of(
    cadence: Cadence,
    subject: Subject,
    occurrence: Occurrence,
    due: DueRule,
    organisation: Organisation,
) -> Turn:
    """Who takes the loop of a subject; `subject` is as on the occurrence's day."""
    owner = subject.owner
    reason = next(_obstacles(cadence, subject, occurrence), "")
    if reason or owner is None or cadence.when_away is WhenAway.OPEN:
        return Turn(owner, skipped=reason)
    absences = _absences(owner, occurrence, due)
    if not absences:
        return Turn(owner)
    away = f"{owner.display_name} is away until {max(absence.end for absence in absences)}"
    if cadence.when_away is WhenAway.SKIP:
        return Turn(owner, skipped=away)
    return _covered(owner, absences, away, occurrence, due, organisation)


def calendar_of(person: Person | None) -> WorkingCalendar:
    """A person's working days; Monday to Friday for nobody in particular."""
    return WorkingCalendar(person.holidays, person.away) if person else WorkingCalendar()


def _obstacles(cadence: Cadence, subject: Subject, occurrence: Occurrence) -> Iterator[str]:
    """Why the loop does not open, whoever is away."""
    day, period = occurrence.day, occurrence.period
    yield from (_elsewhere(entry, day) for entry in subject.stays if not entry.is_active(day))
    if subject.owner is not None and not subject.owner.is_active(day):
        yield f"{subject.owner.display_name} {_elsewhere(subject.owner, day)}"
    if day in cadence.schedule.excluded:
        yield "left out by the schedule’s `except`"
    for pause in cadence.pauses:
        if pause.covers(day) and (not pause.subjects or subject.id in pause.subjects):
            yield str(pause)
    paused = subject.entry.paused if subject.entry else ()
    yield from (str(pause) for pause in paused if pause.covers(day))
    on_call = subject.manager.on_call if subject.manager else ()
    if cadence.only_when and not any(span.touches(period.start, period.end) for span in on_call):
        yield f"not on call in {period.label}"


def _elsewhere(entry: RosterEntry, day: date) -> str:
    if entry.joined is not None and day < entry.joined:
        return f"joins on {entry.joined}"
    return f"left on {entry.until}"


def _absences(person: Person, occurrence: Occurrence, due: DueRule) -> tuple[Absence, ...]:
    """The absences that leave no working day until the due date as it would be without them.

    Empty where at least one working day is left.
    """
    if not person.away:
        return ()
    last = due_date(due, occurrence, WorkingCalendar(person.holidays))
    days = (last - occurrence.day).days + 1
    calendar = calendar_of(person)
    if any(calendar.is_working(occurrence.day + timedelta(days=n)) for n in range(days)):
        return ()
    found = (absence for absence in person.away if absence.touches(occurrence.day, last))
    return tuple(sorted(found, key=lambda absence: absence.start))


def _covered(
    owner: Person,
    absences: tuple[Absence, ...],
    away: str,
    occurrence: Occurrence,
    due: DueRule,
    organisation: Organisation,
) -> Turn:
    """The first who stands in and is there; whoever stands in for them is not asked."""
    names = dict.fromkeys(absence.cover for absence in absences if absence.cover)
    people = [organisation.person(name, occurrence.day) for name in names]
    covers = [person for person in people if person is not None]
    for person in covers:
        if person.is_active(occurrence.day) and not _absences(person, occurrence, due):
            return Turn(person, substitute_for=owner)
    if not covers:
        return Turn(owner, skipped=f"{away} and nobody covers")
    listed = " and ".join(person.display_name for person in covers)
    return Turn(owner, skipped=f"{away} and {listed}, who would cover, cannot either")

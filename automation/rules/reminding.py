"""What the due date brings: reminders, and the state overdue.

Drumbeat speaks on working days of the loop's owner. A loop is overdue as soon as the day
after its due date begins; where that is a day off, the label comes at once, and the word
on the next working day, from the hour at which the loops open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from automation.inert import inert
from automation.labels import SNOOZED, State
from automation.rules.case import Case
from automation.rules.finding import Finding
from automation.rules.past import Words


def by_due_date(case: Case) -> Iterator[Finding]:
    """What a loop that is on needs today; nothing while it is snoozed or has no due date."""
    due = case.issue.due_date
    if due is None or SNOOZED in case.issue.labels:
        return
    if case.today > due:
        # A loop that opened late may be due before it was there: it gets the day.
        if not case.opened_today:
            yield from _overdue(case, due)
        return
    if case.states - {State.OPEN} and not case.past.reopened_by_a_person():
        yield case.move(State.OPEN, f"its due date is now {due}")
    yield from _reminders(case, due)


def _overdue(case: Case, due: date) -> Iterator[Finding]:
    if (case.today - due).days > 1 and case.works_today and not _hour_has_come(case):
        return  # the next loop may open at that hour, and has a word of its own
    words = _overdue_words(case, due)
    reason = f"it was due on {due}"
    owed = case.works_today and (
        State.OVERDUE not in case.states or _label_came_on_a_day_off(case, due)
    )
    first = owed and not case.past.said(words)
    if case.states == {State.OVERDUE}:
        if first:
            yield from case.say(words, reason)
    elif owed:
        yield from case.speak(State.OVERDUE, words, reason)
    elif not case.past.reopened_by_a_person():
        yield case.move(State.OVERDUE, reason)
    if not first:
        yield from _reminders(case, due)


def _label_came_on_a_day_off(case: Case, due: date) -> bool:
    """Whether today is the first working day after the due date, and not the day after it."""
    first = case.loop.calendar.add(due, 1)
    return case.today == first and (first - due).days > 1


def _overdue_words(case: Case, due: date) -> Words:
    until = " until the next one opens" if case.loop.carries_over else ""
    text = (
        f"this was due on {due:%A, %-d %B}: {inert(case.verdict().summary)}. Tick what is done, "
        "and mark with `[~]` what does not apply. A later due date, or the label `snoozed`, gives "
        f"more time{until}; the label `loop::waived` closes it as not needed."
    )
    return case.addressed(_for_due("overdue", case, due), text)


def _for_due(what: str, case: Case, due: date) -> str:
    """What the words are about: a due date that a person moved is another matter."""
    return what if due == case.loop.due else f"{what}-{due}"


def _hour_has_come(case: Case) -> bool:
    """Whether it is late enough to speak: the hour at which the loops open."""
    local = case.now.astimezone(case.loop.subject.zone)
    return local.time() >= case.loop.cadence.schedule.at


def _reminders(case: Case, due: date) -> Iterator[Finding]:
    """The reminder whose day and hour have come, unless Drumbeat spoke here today."""
    if not _hour_has_come(case) or not case.works_today:
        return
    for rule in case.loop.remind:
        day = case.loop.calendar.add(due, rule.offset) if rule.offset else due
        if day == case.today and not case.spoke_today():
            text = f"a reminder: this {_when(case.today, due)}; {inert(case.verdict().summary)}."
            words = case.addressed(_for_due(f"reminder{rule.offset:+d}", case, due), text)
            yield from case.say(words, f"reminder: {rule}")
            return


def _when(today: date, due: date) -> str:
    if today == due:
        return "is due today"
    return f"{'is' if today < due else 'was'} due on {due:%A, %-d %B}"

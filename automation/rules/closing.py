"""Moves loops from state to state: done, overdue, missed, waived; heals duplicates.

The table in the design is the whole story. A label tells the state, and a person's word
always wins.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime

from automation.carry_over import placed
from automation.checklist import Mark
from automation.completion import Verdict
from automation.inert import inert
from automation.labels import ENDED, State
from automation.loops import Loop
from automation.model.change import NEXT_URL, Transition
from automation.model.snapshot import Snapshot
from automation.rules.adopting import welcomed
from automation.rules.case import Case, problem
from automation.rules.finding import Finding, settle
from automation.rules.past import Words
from automation.rules.reassigning import reassigned
from automation.rules.reminding import by_due_date
from automation.stock import Held, Stock


def close_loops(
    stock: Stock, snapshot: Snapshot, now: datetime, opening: Container[str] = ()
) -> Iterator[Finding]:
    """What becomes of every loop that exists, knowing which keys this run opens."""
    for held in stock.held:
        if not stock.loops.scope.keeps(held.key.cadence, held.key.subject):
            continue
        yield from settle(str(held.key), _look_at(held, stock, snapshot, now, opening))


def _look_at(
    held: Held, stock: Stock, snapshot: Snapshot, now: datetime, opening: Container[str]
) -> Iterator[Finding]:
    issue = held.issue
    if issue.moved_to_id is not None:
        return
    if held.conflict:
        yield problem(held, f"{held.conflict}: nothing is done to it", _MEND_CARRIERS)
        return
    loop = stock.loops.for_key(held.key, issue.created_at)
    if loop is None:
        if issue.opened:
            yield problem(held, "its policy or subject is gone: it is left alone", _CLOSE_IT)
        return
    if stock.loops.in_scope(loop.cadence, loop.subject):
        yield from _decide(Case(held, loop, stock, snapshot, now, opening))


def _decide(case: Case) -> Iterator[Finding]:
    if not case.issue.opened:
        yield from _closed(case)
    elif case.states & ENDED:
        yield from _waived_or_reopened(case)
    elif case.older is not None:
        yield from _duplicate(case, case.older)
    else:
        yield from _on(case)


_MEND_CARRIERS = "Restore its title, or close it and let Drumbeat open a new one."
_CLOSE_IT = "Close it by hand, or bring the policy or the roster entry back."
_MEND_LIST = "Mend the checklist in the issue: what a rule cannot read, it does not judge."


def _duplicate(case: Case, older: Held) -> Iterator[Finding]:
    """Two overlapping runs opened one key twice: the older issue stays."""
    ticked = [
        f"{section.heading}: {item.text}" if section else item.text
        for item, section in placed(case.checklist)
        if item.mark is Mark.DONE
    ]
    told = "".join(f"\n- {inert(text)}" for text in ticked)
    link = f"[{inert(older.issue.reference)}]({older.issue.web_url})"
    text = (
        f"This loop was opened twice; {link} is the one to use. "
        f"{'Ticked here:' if ticked else 'Nothing was ticked here.'}\n{told}"
    )
    reason = f"duplicate of {older.issue.reference}, which is older"
    yield from case.speak(State.WAIVED, Words("duplicate", text.strip()), reason, close=True)


def _closed(case: Case) -> Iterator[Finding]:
    """The label tells how it stood; nothing is said.

    Where Drumbeat's own word closed it and its label got lost, the word counts.
    """
    if case.states & ENDED:
        return
    if case.past.closed_as_missed():
        yield case.move(State.MISSED, "it was closed as missed, and its label got lost")
        return
    verdict = case.verdict()
    if verdict.unreadable:
        yield problem(case.held, verdict.unreadable, _MEND_LIST)
    elif verdict.complete:
        yield case.move(State.DONE, f"a person closed it and {verdict.summary}")
    else:
        yield case.move(State.WAIVED, f"a person closed it although {verdict.summary}")


def _waived_or_reopened(case: Case) -> Iterator[Finding]:
    """A person set `loop::waived` on it, or reopened it: only the former is acted on."""
    if case.states & {State.DONE, State.MISSED}:
        return
    if not case.past.reopened_after(State.WAIVED):
        text = (
            "Closed: the label `loop::waived` says that it is not needed. Reopen this if it is: "
            "then it is left alone."
        )
        words = Words("waived", text)
        reason = "a person marked it as not needed"
        yield case.move(State.WAIVED, reason, None if case.past.said(words) else words, close=True)


def _on(case: Case) -> Iterator[Finding]:
    """It is on: unreadable, done, missed, overdue, or just as it should be.

    What nobody has touched since it opened cannot be done: its text is read only where there is
    something to say.
    """
    newer = case.next_loop()
    if newer is None and case.untouched and not any(_goes_on(case)):
        return
    verdict = case.verdict()
    if verdict.unreadable:
        yield from _unreadable(case, verdict)
    elif verdict.complete:
        text = f"Done: {inert(verdict.summary)}. Reopen this if it is not: then it is left alone."
        yield from case.speak(State.DONE, Words("done", text), verdict.summary, close=True)
    elif newer is not None:
        yield from _missed(case, newer, verdict.summary)
    else:
        yield from _goes_on(case)


def _goes_on(case: Case) -> Iterator[Finding]:
    """What a loop that is neither done nor missed needs today."""
    yield from welcomed(case)
    given = tuple(reassigned(case))
    yield from given
    to = next((one.assign for one in given if isinstance(one, Transition)), None)
    yield from by_due_date(replace(case, given=to))


def _unreadable(case: Case, verdict: Verdict) -> Iterator[Finding]:
    """Say once what cannot be read, and wait for a person to mend it.

    Other figures are no other reason; something else that cannot be read is one.
    """
    why = verdict.unreadable
    yield problem(case.held, why, _MEND_LIST)
    text = (
        f"This checklist cannot be judged: {inert(why)}. Nothing was changed. Mend it, or close "
        "this issue by hand."
    )
    words = replace(case.addressed("unreadable", text), causes=verdict.causes)
    yield from case.say(words, why)


def _missed(case: Case, newer: Held | Loop, summary: str) -> Iterator[Finding]:
    """The next period's loop is there, or comes in this run, and took the open items along."""
    exists = isinstance(newer, Held)
    period, url = newer.key.period, newer.issue.web_url if isinstance(newer, Held) else NEXT_URL
    text = (
        f"The next loop is on: [{period}]({url}). Here, {inert(summary)}; what is still open "
        "goes on there."
    )
    yield from case.speak(
        State.MISSED,
        Words("missed", text),
        f"{period} has begun and {summary}",
        close=True,
        follows="" if exists else str(newer.key),
    )

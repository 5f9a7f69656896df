"""Moves loops from state to state: done, overdue, missed, waived; heals duplicates.

The table in the design is the whole story. A label tells the state, a person's word
always wins, and nothing is said twice: before speaking, the issue's notes are searched
for the marker of what is about to be said.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from automation.checklist import Checklist, Mark, read
from automation.completion import Verdict, judge
from automation.identity import said_marker
from automation.inert import inert, mention
from automation.labels import ENDED, SNOOZED, State, states
from automation.loops import Loop
from automation.model.change import NEXT_URL, IssueBefore, Problem, Target, Transition
from automation.model.issue import EventKind, Issue, Note
from automation.model.policy import WhenPreviousOpen
from automation.model.snapshot import Snapshot
from automation.rules.finding import Finding, settle
from automation.stock import Held, Stock


def close_loops(
    stock: Stock, snapshot: Snapshot, now: datetime, opening: Container[str] = ()
) -> Iterator[Finding]:
    """What becomes of every loop that exists, knowing which keys this run opens."""
    for held in stock.held:
        yield from settle(str(held.key), _look_at(held, stock, snapshot, now, opening))


def _look_at(
    held: Held, stock: Stock, snapshot: Snapshot, now: datetime, opening: Container[str]
) -> Iterator[Finding]:
    issue = held.issue
    if issue.moved_to_id is not None:
        return
    if held.conflict:
        yield _problem(held, f"{held.conflict}: nothing is done to it", _MEND_CARRIERS)
        return
    loop = stock.loops.for_key(held.key, issue.created_at)
    if loop is None:
        if issue.opened:
            yield _problem(held, "its policy or subject is gone: it is left alone", _CLOSE_IT)
        return
    if not stock.loops.in_scope(loop.cadence, loop.subject):
        return
    case = Case(held, loop, stock, snapshot, now, opening)
    if case.older is not None:
        yield from case.as_duplicate()
    elif not issue.opened:
        yield from case.as_closed()
    elif case.states & ENDED:
        yield from case.as_waived_or_reopened()
    else:
        yield from case.as_open()


_MEND_CARRIERS = "Restore its title, or close it and let Drumbeat open a new one."
_CLOSE_IT = "Close it by hand, or bring the policy or the roster entry back."
_ASK_OR_MEND = "Mend the checklist in the issue; what a rule cannot read, it does not judge."


@dataclass(frozen=True)
class Case:
    """One loop that exists, with all that is needed to decide on it."""

    held: Held
    loop: Loop
    stock: Stock
    snapshot: Snapshot
    now: datetime
    opening: Container[str]

    @property
    def issue(self) -> Issue:
        """The loop's issue."""
        return self.held.issue

    @property
    def states(self) -> frozenset[State]:
        """The state labels that the issue bears."""
        return states(self.issue.labels)

    @property
    def today(self) -> date:
        """The date where the subject is."""
        return self.now.astimezone(self.loop.subject.zone).date()

    @property
    def older(self) -> Held | None:
        """The older issue with the same key, if this one is its duplicate."""
        rivals = [
            held
            for held in self.stock.by_key[self.held.key]
            if held.issue.moved_to_id is None and not held.conflict
        ]
        return None if rivals[0] is self.held else rivals[0]

    @property
    def checklist(self) -> Checklist:
        """The boxes in the issue's description."""
        return read(self.issue.description)

    def verdict(self) -> Verdict:
        """Whether the checklist is complete, by the cadence's rule."""
        team = tuple(report for report in self.loop.team if report.is_active(self.today))
        return judge(self.loop.close_when, self.checklist, self.issue.tasks, team)

    # --- One method per row of the table ------------------------------------------

    def as_duplicate(self) -> Iterator[Finding]:
        """Two overlapping runs opened one key twice: the older issue stays."""
        if not self.issue.opened or self.states & ENDED or self.older is None:
            return
        ticked = [item.text for item in self.checklist.items if item.mark is Mark.DONE]
        told = "".join(f"\n- {inert(text)}" for text in ticked)
        older = self.older.issue
        say = (
            f"This loop was opened twice; [{inert(older.reference)}]({older.web_url}) is the one "
            f"to use. {'Ticked here:' if ticked else 'Nothing was ticked here.'}\n{told}"
        )
        reason = f"duplicate of {older.reference}, which is older"
        yield from self._speak("duplicate", State.WAIVED, say.strip(), reason, close=True)

    def as_closed(self) -> Iterator[Finding]:
        """A person closed it: the label tells how it stood."""
        if self.states & ENDED:
            return
        verdict = self.verdict()
        if verdict.unreadable:
            yield _problem(self.held, verdict.unreadable, _ASK_OR_MEND)
        elif verdict.complete:
            yield self._move(State.DONE, f"a person closed it and {verdict.summary}")
        else:
            yield self._move(State.WAIVED, f"a person closed it although {verdict.summary}")

    def as_waived_or_reopened(self) -> Iterator[Finding]:
        """A person set `loop::waived` on it, or reopened it: only the former is acted on."""
        if self.states & {State.DONE, State.MISSED}:
            return
        if self.states == {State.WAIVED} and self._was_closed():
            return
        yield self._move(State.WAIVED, "a person marked it as not needed", close=True)

    def as_open(self) -> Iterator[Finding]:
        """It is on: done, missed, overdue, or just as it should be."""
        verdict = self.verdict()
        newer = self._next_loop()
        if verdict.unreadable:
            yield _problem(self.held, verdict.unreadable, _ASK_OR_MEND)
        elif verdict.complete:
            say = f"Done: {inert(verdict.summary)}. Reopen this if it is not, and it is left alone."
            yield from self._speak("done", State.DONE, say, verdict.summary, close=True)
        elif newer is not None:
            url = newer.issue.web_url if isinstance(newer, Held) else NEXT_URL
            period = newer.key.period
            say = (
                f"The next loop is on: [{period}]({url}). Here, {inert(verdict.summary)}; what is "
                "still open goes on there."
            )
            follows = "" if isinstance(newer, Held) else str(newer.key)
            reason = f"{period} has begun and {verdict.summary}"
            yield from self._speak("missed", State.MISSED, say, reason, close=True, follows=follows)
        else:
            yield from self._by_due_date(verdict)

    def _by_due_date(self, verdict: Verdict) -> Iterator[Finding]:
        due = self.issue.due_date
        if SNOOZED in self.issue.labels or due is None:
            return
        if self.today <= due:
            if self.states - {State.OPEN}:
                yield self._move(State.OPEN, f"its due date is now {due}")
            else:
                yield from self._reminder(due, verdict)
        elif State.OVERDUE not in self.states:
            say = (
                f"{self._addressed()}this was due on {due:%A, %-d %B}: "
                f"{inert(verdict.summary)}. Tick what is done and mark with `[~]` what does not "
                "apply. A later due date, or the "
                "label `snoozed`, gives more time; `loop::waived` closes it as not needed."
            )
            yield from self._speak("overdue", State.OVERDUE, say, f"it was due on {due}")
        elif self.states != {State.OVERDUE}:
            yield self._move(State.OVERDUE, f"it was due on {due}")
        else:
            yield from self._reminder(due, verdict)

    def _reminder(self, due: date, verdict: Verdict) -> Iterator[Finding]:
        local = self.now.astimezone(self.loop.subject.zone)
        if local.time() < self.loop.cadence.schedule.at:
            return
        for rule in self.loop.remind:
            day = self.loop.calendar.add(due, rule.offset) if rule.offset else due
            if day == self.today and not self._spoke_today():
                when = "is due today" if day == due else f"{_tense(rule.offset)} {due:%A, %-d %B}"
                say = f"{self._addressed()}a reminder: this {when}; {inert(verdict.summary)}."
                mark = said_marker(f"reminder{rule.offset:+d}", str(self.held.key))
                yield self._change(
                    "reminder", (), (), f"reminder: {rule}", say=say, mark=mark, close=False
                )
                return

    # --- Words and deeds -------------------------------------------------------------

    def _speak(
        self,
        what: str,
        to: State,
        say: str,
        reason: str,
        *,
        close: bool = False,
        follows: str = "",
    ) -> Iterator[Finding]:
        """Say it with the transition; make the transition alone if it was said before.

        A note and its quick actions are not one transaction: where the note is there and
        its effect is not, either the effect got lost or a person undid it.
        """
        mark = said_marker(what, str(self.held.key))
        said = self._said(mark)
        if said is None:
            add, remove = self._labels_for(to)
            yield self._change(
                to, add, remove, reason, say=say, mark=mark, close=close, follows=follows
            )
        elif not (close and self._was_closed()):
            yield self._move(to, f"{reason} (said before, not yet done)", close=close)

    def _move(self, to: State, reason: str, *, close: bool = False) -> Transition:
        add, remove = self._labels_for(to)
        return self._change(to, add, remove, reason, close=close)

    def _labels_for(self, to: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
        add = () if to in self.states else (to.value,)
        return add, tuple(sorted(state.value for state in self.states - {to}))

    def _change(
        self,
        to: str,
        add: tuple[str, ...],
        remove: tuple[str, ...],
        reason: str,
        *,
        say: str = "",
        mark: str = "",
        close: bool,
        follows: str = "",
    ) -> Transition:
        return Transition(
            key=str(self.held.key),
            reason=reason,
            to=str(to),
            target=target(self.issue),
            add_labels=add,
            remove_labels=remove,
            close=close and self.issue.opened,
            say=say,
            marker=mark,
            mentions=tuple(user.username for user in self.issue.assignees)
            if say.startswith("@")
            else (),
            confidential=self.issue.confidential,
            follows=follows,
            before=IssueBefore(opened=self.issue.opened, labels=tuple(sorted(self.issue.labels))),
        )

    def _addressed(self) -> str:
        names = " ".join(mention(user.username) for user in self.issue.assignees)
        return f"{names} " if names else ""

    # --- What has to be asked --------------------------------------------------------

    def _said(self, mark: str) -> Note | None:
        notes = self.snapshot.notes(self.issue.ref)
        return next((note for note in notes if self.stock.trust.said(note, mark)), None)

    def _spoke_today(self) -> bool:
        zone = self.loop.subject.zone
        return any(
            self.stock.trust.said(note, "<!-- drumbeat:said ")
            and note.created_at.astimezone(zone).date() == self.today
            for note in self.snapshot.notes(self.issue.ref)
        )

    def _was_closed(self) -> bool:
        events = self.snapshot.events(self.issue.ref, EventKind.STATE)
        return any(event.action == "closed" for event in events)

    def _next_loop(self) -> Held | Loop | None:
        """The loop that took over or is about to, where the policy carries over."""
        if self.loop.when_previous_open is not WhenPreviousOpen.CARRY_OVER:
            return None
        current = self.stock.loops.at(self.loop.cadence, self.loop.subject, self.now)
        if current is None or current.key.period <= self.held.key.period:
            return None
        there = self.stock.by_key.get(current.key, ())
        if there:
            return there[0]
        return current if str(current.key) in self.opening else None


def target(issue: Issue) -> Target:
    """Where a transition writes."""
    return Target(
        project_id=issue.ref.project_id,
        project=issue.project,
        iid=issue.ref.iid,
        web_url=issue.web_url,
    )


def _tense(offset: int) -> str:
    return "is due on" if offset < 0 else "was due on"


def _problem(held: Held, message: str, remedy: str) -> Problem:
    return Problem(key=str(held.key), message=message, remedy=remedy, url=held.issue.web_url)

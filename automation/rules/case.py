"""One loop that exists, with all that is needed to decide on it and to act on it.

What it takes to know what happened to the issue before stands in `past`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from automation.checklist import Checklist, read
from automation.completion import Verdict, judge
from automation.identity import said_marker
from automation.inert import mention
from automation.labels import State, states
from automation.loops import Loop
from automation.model.change import Assignee, IssueBefore, Problem, Target, Transition
from automation.model.issue import Issue
from automation.model.policy import WhenPreviousOpen
from automation.model.snapshot import Snapshot
from automation.rules.finding import Finding
from automation.rules.past import Past, Words
from automation.stock import Held, Stock


@dataclass(frozen=True)
class Case:
    """A loop's issue, the loop it is, and what is known now; `opening` are this run's new keys.

    `given` is who gets it in this run.
    """

    held: Held
    loop: Loop
    stock: Stock
    snapshot: Snapshot
    now: datetime
    opening: Container[str]
    given: Assignee | None = None

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
        """The older issue with the same key, if this one is its duplicate.

        What a person closed unfinished takes nothing over: then this one is the loop.
        """
        before = takewhile(lambda held: held is not self.held, self.stock.by_key[self.held.key])
        return next((held for held in before if self._yields_to(held)), None)

    def _yields_to(self, rival: Held) -> bool:
        if rival.conflict or rival.issue.moved_to_id is not None:
            return False
        other = replace(self, held=rival)
        if rival.issue.opened or other.states & {State.DONE, State.MISSED}:
            return True
        return State.WAIVED not in other.states and other.verdict().complete

    @property
    def ends_now(self) -> bool:
        """Whether this run closes it, whatever opens: it is complete, or a duplicate."""
        return self.verdict().complete or self.older is not None

    @property
    def checklist(self) -> Checklist:
        """The boxes in the issue's description."""
        return read(self.issue.description)

    def verdict(self) -> Verdict:
        """Whether the checklist is complete, by the cadence's rule."""
        what = ("verdict", self.held.key, self.issue.ref, self.today)
        return self.snapshot.once(what, self._judged)

    def _judged(self) -> Verdict:
        team = self.loop.team_left(self.today)
        return judge(
            self.loop.close_when,
            self.checklist,
            self.issue.tasks,
            team,
            optional=self.loop.optional,
            carried=self.loop.carried_items,
        )

    @property
    def untouched(self) -> bool:
        """Whether nothing happened to the issue since it was opened, with nothing ticked."""
        issue = self.issue
        return issue.updated_at <= issue.created_at and not issue.tasks.completed

    @property
    def adopted(self) -> bool:
        """Whether a person opened the issue, and `policies/adopted.yml` names it."""
        return self.held.key in self.loop.organisation.adopted

    @property
    def works_today(self) -> bool:
        """Whether it is a working day of the loop's owner: on others, nothing is said."""
        return self.loop.calendar.is_working(self.today)

    @property
    def opened_today(self) -> bool:
        """Whether its issue was created today, where the subject is."""
        return self.issue.created_at.astimezone(self.loop.subject.zone).date() == self.today

    # --- Deeds -----------------------------------------------------------------------

    def speak(self, to: State, words: Words, reason: str, **how: Any) -> Iterator[Finding]:
        """Say it with the transition; make the transition alone if it was said before.

        A note and its quick actions are not one transaction: where the note is there and
        its effect is not, either the effect got lost or a person undid it.
        """
        said = self.past.said(words)
        if self.past.reopened_by_a_person():
            return
        if not said:
            yield self.move(to, reason, words, **how)
        else:
            yield self.move(to, f"{reason} (said before, not yet done)", close=how.get("close"))

    def say(self, words: Words, reason: str, add: tuple[str, ...] = ()) -> Iterator[Finding]:
        """Say it, once, without a change of state; `add` are plain labels to go with it."""
        if not self.past.said(words) and not self.past.reopened_by_a_person():
            yield self._transition(words.what, reason, words, add=add)

    def label(self, add: tuple[str, ...], reason: str) -> Transition:
        """Add labels, and nothing else."""
        return self._transition("labelled", reason, None, add=add)

    def give(self, to: Assignee, words: Words) -> Iterator[Finding]:
        """Assign somebody else, and say it; never again once it was said."""
        if not self.past.said(words) and not self.past.reopened_by_a_person():
            yield self._transition("reassigned", words.text, words, assign=to)

    def move(self, to: State, reason: str, words: Words | None = None, **how: Any) -> Transition:
        """Change the state, and nothing else unless there are words."""
        add = () if to in self.states else (to.value,)
        remove = tuple(sorted(state.value for state in self.states - {to}))
        return self._transition(to.value, reason, words, add=add, remove=remove, **how)

    def _transition(
        self,
        to: str,
        reason: str,
        words: Words | None,
        *,
        add: tuple[str, ...] = (),
        remove: tuple[str, ...] = (),
        close: bool | None = False,
        follows: str = "",
        assign: Assignee | None = None,
    ) -> Transition:
        return Transition(
            key=str(self.held.key),
            reason=reason,
            to=to,
            target=target(self.issue),
            add_labels=add,
            remove_labels=remove,
            close=bool(close) and self.issue.opened,
            say=words.text if words else "",
            marker=" ".join(self._markers(words)) if words else "",
            mentions=words.mentions if words else (),
            confidential=self.issue.confidential,
            follows=follows,
            assign=assign,
            before=IssueBefore(opened=self.issue.opened, labels=tuple(sorted(self.issue.labels))),
        )

    def addressed(self, what: str, text: str, also: tuple[str, ...] = ()) -> Words:
        """Words to the assignees, and to others by user name."""
        assigned = (self.given,) if self.given else self.issue.assignees
        names = (*(one.username for one in assigned), *also)
        called = " ".join(mention(name) for name in names)
        return Words(what, f"{called} {text}" if called else text, names)

    def _markers(self, words: Words) -> tuple[str, ...]:
        return tuple(said_marker(mark, str(self.held.key)) for mark in words.marks)

    # --- What is asked of others -----------------------------------------------------

    @property
    def past(self) -> Past:
        """What was said and done on the issue before."""
        return Past(self.held, self.loop, self.stock, self.snapshot, self.now)

    def spoke_today(self) -> bool:
        """Whether Drumbeat said anything on the issue today, where the subject is.

        The issue itself is the first thing that it says.
        """
        return self.opened_today or bool(self.given) or self.past.spoke_today()

    def next_loop(self) -> Held | Loop | None:
        """The loop that took over or is about to, where the policy carries over.

        What was waived took nothing over: it was not needed, or opened by mistake.
        """
        if self.loop.when_previous_open is not WhenPreviousOpen.CARRY_OVER:
            return None
        current = self.stock.loops.at(self.loop.cadence, self.loop.subject, self.now)
        if current is None or not self._is_later(current):
            return None
        there = self.stock.by_key.get(current.key, ())
        if there:
            return next((held for held in there if not _is_waived(held.issue)), None)
        return current if str(current.key) in self.opening else None

    def _is_later(self, current: Loop) -> bool:
        """Whether the period comes after this one's; the cadence's kind of period may differ."""
        new, old = current.key.period, self.held.key.period
        if _shape(new) == _shape(old):
            return new > old
        return current.occurrence.opens_at > self.issue.created_at


def _is_waived(issue: Issue) -> bool:
    return not issue.opened and State.WAIVED in issue.labels


def _shape(period: str) -> str:
    return re.sub(r"\d", "0", period)


def target(issue: Issue) -> Target:
    """Where a transition writes."""
    return Target(
        project_id=issue.ref.project_id,
        project=issue.project,
        iid=issue.ref.iid,
        web_url=issue.web_url,
    )


def problem(held: Held, message: str, remedy: str) -> Problem:
    """Something about a loop that a person should know."""
    return Problem(key=str(held.key), message=message, remedy=remedy, url=held.issue.web_url)

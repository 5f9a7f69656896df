"""What Drumbeat would say on a loop in the course of its life, rehearsed on a made-up issue.

The rules that speak in a run are asked here with the days on which they do: nothing is worded
a second time.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

from automation.checklist import read
from automation.identity import Trust, marker
from automation.labels import State
from automation.loops import Loop, Loops
from automation.model.change import Transition
from automation.model.issue import Issue, IssueRef, Role, User
from automation.model.questions import Question, RoleOf, UserNamed
from automation.model.snapshot import Missing, Snapshot
from automation.rules.closing import close_loops
from automation.rules.escalating import Told, escalated
from automation.rules.finding import Finding
from automation.rules.gathering import sampled
from automation.rules.imagined import imagined
from automation.stock import Held, Names, Stock

DRUMBEAT_USER = User(1, "drumbeat", "Drumbeat", bot=True)
_YEARS = timedelta(days=800)
"""Within which the next loop of any cadence comes."""
_IN_A_ROW = "it was missed {} times in a row: on the next one"


@dataclass(frozen=True)
class Spoken:
    """Something said: why, on which day in the subject's zone, in Markdown."""

    why: str
    day: date
    text: str


def rehearsed(loop: Loop, loops: Loops) -> tuple[Spoken, ...]:
    """All that would be said on the loop, if things went that way, by day.

    Reminders, the word that it is overdue, that it is done, that the next one came first, and
    what a director is told on that next one. Raises RenderError where a template cannot be.
    """
    return tuple(_Rehearsal(loop, loops.unscoped).all())


@dataclass(frozen=True)
class _Rehearsal:
    loop: Loop
    loops: Loops

    def all(self) -> Iterator[Spoken]:
        """Everything, by day."""
        issue, calendar, due = self._issue(self.loop), self.loop.calendar, self.loop.due
        overdue = replace(issue, labels=issue.labels - {State.OPEN} | {State.OVERDUE})
        offsets = sorted({rule.offset for rule in self.loop.remind})
        days = {offset: calendar.add(due, offset) if offset else due for offset in offsets}
        for offset in (one for one in offsets if one <= 0):
            yield from self._said("a reminder", self._morning(days[offset]), issue)
        yield from self._said("it is overdue", self._morning(calendar.add(due, 1)), issue)
        for offset in (one for one in offsets if one > 1):
            yield from self._said("a reminder", self._morning(days[offset]), overdue)
        done = _with(issue, issue.description.replace("[ ]", "[x]"))
        yield from self._said("every box is ticked", self._morning(due), done)
        yield from self._next(issue)

    def _next(self, issue: Issue) -> Iterator[Spoken]:
        """What comes with the next loops, where each takes over from the one before."""
        following = [*islice(self._following(), max(1, self._limit))]
        if not following or not self.loop.carries_over:
            return
        opens = following[0].occurrence.opens_at
        yield from self._said("the next one opens first", opens, issue, {str(following[0].key)})
        if self._limit and len(following) == self._limit:
            told = self._told([self.loop, *following])
            if told:
                day = following[-1].occurrence.day
                yield Spoken(_IN_A_ROW.format(self._limit), day, told.text)

    def _following(self) -> Iterator[Loop]:
        """The loops after this one that open."""
        start = self.loop.occurrence.opens_at
        coming = self.loops.coming(self.loop.cadence, self.loop.subject, start, start + _YEARS)
        return (one for one in coming if one.key != self.loop.key and not one.skipped)

    @property
    def _limit(self) -> int:
        rule = self.loop.cadence.escalate
        return rule.after_missed if rule else 0

    def _told(self, chain: Sequence[Loop]) -> Told | None:
        """What the director is told on the last of the loops, all others being missed."""
        *missed, before, last = (self._issue(loop, n) for n, loop in enumerate(chain, 1))
        ended = tuple(
            replace(one, opened=False, labels=one.labels | {State.MISSED}) for one in missed
        )
        held = Held(chain[-2].key, before)
        stock = self._stock(held, last.created_at)

        def think(snapshot: Snapshot) -> Told | None:
            return escalated(chain[-1], (held,), stock, snapshot)

        return imagined(think, lambda _question: ended)

    def _said(
        self, why: str, now: datetime, issue: Issue, opening: Container[str] = ()
    ) -> Iterator[Spoken]:
        """What is said at that time on the issue."""
        stock = self._stock(Held(self.loop.key, issue), now)

        def think(snapshot: Snapshot) -> tuple[Finding, ...]:
            found = tuple(close_loops(stock, snapshot, now, opening))
            if asked := [one for one in found if isinstance(one, Question)]:
                raise Missing(*asked)
            return found

        for one in imagined(think, self._answer):
            if isinstance(one, Transition) and one.say:
                yield Spoken(why, now.astimezone(self.loop.subject.zone).date(), one.say)

    def _morning(self, day: date) -> datetime:
        """The hour of that day at which loops open."""
        at = self.loop.cadence.schedule.at
        return datetime.combine(day, at, self.loop.subject.zone)

    def _stock(self, held: Held, now: datetime) -> Stock:
        trust = Trust.of(DRUMBEAT_USER, ())
        return Stock(self.loops, trust, (held,), Names(self.loops, now))

    def _issue(self, loop: Loop, number: int = 1) -> Issue:
        """The issue of a loop as it was opened, in time."""
        opened = loop.occurrence.opens_at
        who = (User(number + 1, loop.assignee, loop.assignee),) if loop.assignee else ()
        bare = Issue(
            id=number,
            ref=IssueRef(1, number),
            project=loop.project,
            title=loop.title,
            description="",
            opened=True,
            labels=frozenset((*loop.labels, State.OPEN)),
            author=DRUMBEAT_USER,
            created_at=opened,
            updated_at=opened,
            web_url=f"https://gitlab.example.com/{loop.project}/-/issues/{number}",
            assignees=who,
            confidential=loop.confidential,
            due_date=loop.due,
        )
        return _with(bare, f"{sampled(loop)[0].body}\n\n{marker(loop.key)}\n")

    def _answer(self, question: Question) -> object:
        """Nobody said or did anything, and everybody is a member."""
        match question:
            case UserNamed(username=name):
                return User(1, name, name)
            case RoleOf():
                return Role.PLANNER
        return ()


def _with(issue: Issue, description: str) -> Issue:
    return replace(issue, description=description, tasks=read(description).counts())

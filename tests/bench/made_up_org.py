"""An organisation of any size, and how often the real planner asks GitLab for it.

Each manager has five loops: three a week, one a month and one a quarter. 1:1s lie in a project
of each manager's own, the others in one project. On a Monday nine of ten loops of the week
before were done and are closed; the others are carried over, which is told in a note.
"""

from __future__ import annotations

import math
import tempfile
import time
import tracemalloc
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from automation.apply import apply
from automation.loops import Loops
from automation.model.change import Change, CreateIssue, Transition
from automation.model.issue import Access
from automation.model.questions import AccessTo, IssuesOf, LabelsOf, Question
from automation.model.shard import Shard
from automation.planner import make_plan
from automation.remote.limits import Kind
from automation.rules.whole import in_shard
from tests.support.builders import ALL_BOXES, an_org
from tests.support.fake_gitlab import FakeGitLab

MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
FRIDAY = timedelta(days=4)
DIRECTED = 20
"""So many managers have one director."""
PER_PAGE = 100
OWN = "own"
"""Stands for a project that no other issue of the run goes to."""

WEEKLY: dict[str, Any] = {
    "period": "week",
    "schedule": {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00"},
}
MONTHLY: dict[str, Any] = {
    "period": "month",
    "schedule": {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1", "at": "08:00"},
}
QUARTERLY: dict[str, Any] = {
    "period": "fiscal-quarter",
    "schedule": {"rrule": "FREQ=MONTHLY;BYMONTH=2,5,8,11;BYMONTHDAY=1", "at": "08:00"},
}
ROLL_UP = ALL_BOXES + "{{ rollup.total.opened }}\n"
Block = tuple[Kind, str, int]
"""So many requests of a kind in a row, and the project within which GitLab counts them."""


@dataclass(frozen=True)
class Profile:
    """What a run asks and writes: pages of lists, single things, writes in the order of the plan.

    `cpu` are the seconds of planning.
    """

    lists: int
    single: int
    writes: tuple[Block, ...] = ()
    cpu: float = 0.0

    @property
    def requests(self) -> int:
        """How many requests it takes."""
        return self.lists + self.single + sum(count for _, _, count in self.writes)

    @property
    def reads(self) -> tuple[Block, ...]:
        """What comes before the plan."""
        return ((Kind.READ, "", self.lists + self.single),)

    def times(self, factor: float) -> Profile:
        """The same for so many times the managers: all of it grows with them."""
        return Profile(
            math.ceil(self.lists * factor),
            math.ceil(self.single * factor),
            tuple((kind, scope, math.ceil(n * factor)) for kind, scope, n in self.writes),
            self.cpu * factor,
        )


def an_organisation(folder: Path, managers: int) -> Loops:
    """So many managers with five cadences each, and the directors' roll-up."""
    org = an_org(folder)
    for number in range(managers):
        org.with_manager(f"mgr-{number}", reports=0, director=f"dir-{number // DIRECTED}")
    private: dict[str, Any] = {
        "project": "support/1-1s/{{ manager.username }}",
        "confidential": True,
    }
    org.with_cadence("one-on-one", **WEEKLY, **private)
    org.with_cadence("customer-interaction", **WEEKLY)
    org.with_cadence("ticket-review", **WEEKLY)
    org.with_cadence("career-talk", **MONTHLY, due="18 working days")
    org.with_cadence("compensation", **QUARTERLY, due="40 working days")
    org.with_cadence("roll-up", ROLL_UP, for_each="director", **WEEKLY)
    return org.loops()


@dataclass
class Counting:
    """A reader that counts what the real one would have sent for each answer."""

    gitlab: FakeGitLab
    lists: int = 0
    single: int = 0
    cpu: float = 0.0

    def answer(self, questions: Collection[Question]) -> Mapping[Question, object]:
        """The fake's answers, as copies: a real reader makes its own."""
        began = time.process_time()
        answers = self.gitlab.answer(questions)
        for question, answer in answers.items():
            if isinstance(question, IssuesOf | LabelsOf | AccessTo):
                self.lists += pages(_entries(answer))
            else:
                self.single += 1
        copies = {question: deepcopy(answer) for question, answer in answers.items()}
        self.cpu += time.process_time() - began
        return copies


def _entries(answer: object) -> int:
    if isinstance(answer, Access):
        return len(answer.projects)
    return len(answer) if isinstance(answer, tuple) else 1


def pages(entries: int) -> int:
    """How many requests a list of so many entries takes."""
    return max(1, math.ceil(entries / PER_PAGE))


@dataclass(frozen=True)
class Measured:
    """What the real planner asked for an organisation of so many managers."""

    managers: int
    loops: int
    idle: Profile
    monday: Profile
    shards: Mapping[int, Profile]
    """The first of so many shards, on Monday."""


def measured(managers: int, shards: tuple[int, ...] = ()) -> Measured:
    """Let the organisation live for two weeks, and count in the second one."""
    with tempfile.TemporaryDirectory() as folder:
        loops = an_organisation(Path(folder), managers)
        gitlab = _gitlab(loops)
        _a_week(loops, gitlab, MONDAY)
        second = MONDAY + WEEK
        parts = {total: planned(loops, gitlab, second, Shard(1, total)) for total in shards}
        monday = planned(loops, gitlab, second)
        _a_week(loops, gitlab, second)
        idle = planned(loops, gitlab, second + FRIDAY)
        opened = sum(issue.opened for issue in gitlab.issues.values())
    assert not idle.writes
    return Measured(managers, opened + _weekly_done(gitlab), idle, monday, parts)


def _weekly_done(gitlab: FakeGitLab) -> int:
    """The week's loops that were open on Monday and are closed by now."""
    since = MONDAY + WEEK
    return sum(not one.opened and one.created_at >= since for one in gitlab.issues.values())


def _gitlab(loops: Loops) -> FakeGitLab:
    gitlab = FakeGitLab(MONDAY)
    gitlab.with_project("support/loops")
    for loop in loops.current(MONDAY):
        gitlab.with_project(loop.project)
        if loop.owner is not None:
            gitlab.with_user(loop.owner.username)
    return gitlab


def _a_week(loops: Loops, gitlab: FakeGitLab, monday: datetime) -> None:
    """Loops open, nine of ten of the week's are done by Friday, and closed."""
    _run(loops, gitlab, monday)
    person = gitlab.with_user("mgr-0")
    weekly = [one for one in gitlab.issues.values() if one.opened and _is_weekly(one.title)]
    for number, issue in enumerate(weekly):
        if number % 10 and issue.tasks is not None:
            gitlab.tick(issue, person, *range(1, issue.tasks.count + 1))
    _run(loops, gitlab, monday + FRIDAY - timedelta(hours=1))


def _run(loops: Loops, gitlab: FakeGitLab, now: datetime) -> None:
    gitlab.set_clock(now)
    for _ in apply(make_plan(loops, gitlab, now), gitlab):
        pass


def planned(loops: Loops, gitlab: FakeGitLab, now: datetime, shard: Shard | None = None) -> Profile:
    """What the real planner asks, and what apply would then write."""
    reader = Counting(gitlab)
    gitlab.set_clock(now)
    fresh = Loops(loops.organisation, loops.library)
    part = in_shard(fresh, shard) if shard else fresh
    began = time.process_time()
    plan = make_plan(part, reader, now)
    cpu = time.process_time() - began - reader.cpu
    return Profile(reader.lists, reader.single, tuple(_blocks(plan.changes)), cpu)


def memory_for(managers: int) -> float:
    """Bytes that the plan of an idle run takes for each open loop, without the issues' texts."""
    with tempfile.TemporaryDirectory() as folder:
        loops = an_organisation(Path(folder), managers)
        gitlab = _gitlab(loops)
        _a_week(loops, gitlab, MONDAY)
        tracemalloc.start()
        planned(loops, gitlab, MONDAY + FRIDAY)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / len(gitlab.issues)


def _is_weekly(title: str) -> bool:
    return ", 2026-W" in title


def _blocks(changes: tuple[Change, ...]) -> Iterator[Block]:
    for (kind, scope), group in groupby(changes, _counted):
        yield kind, scope, sum(1 for _ in group)


def _counted(change: Change) -> tuple[Kind, str]:
    """What the request that does a change counts as, and within which project."""
    if isinstance(change, CreateIssue):
        return Kind.CREATE_ISSUE, change.project if change.project.endswith("/loops") else OWN
    if isinstance(change, Transition) and change.say:
        return Kind.CREATE_NOTE, ""
    return Kind.WRITE, ""

"""Policies against what is there: labels, boards, schedules, and loops left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed
from automation.labels import ENDED, states
from automation.model.change import (
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    Problem,
    Provision,
    RemoveLabel,
)
from automation.model.questions import Question
from automation.model.snapshot import Missing
from automation.rules.provisioning import set_up

MEND = "Look at `drumbeat setup`, then run `drumbeat setup --yes`."


def provisions(exam: Exam) -> Iterator[Finding]:
    """What `drumbeat setup` would make or mend: labels, boards, pipeline schedules."""
    found = tuple(set_up(exam.loops.organisation, exam.snapshot, exam.today))
    questions = [one for one in found if isinstance(one, Question)]
    if questions:
        raise Missing(*questions)
    for part in _PARTS:
        keys = [one.key for one in found if isinstance(one, Provision) and part.covers(one)]
        if keys:
            yield part.finding(keys)
    yield from (_unseen(one) for one in found if isinstance(one, Problem))


@dataclass(frozen=True)
class _Part:
    """A kind of thing that `drumbeat setup` keeps, and what it is when it is not kept."""

    key: str
    covers: Callable[[Provision], bool]
    title: str
    cause: str
    consequence: str

    def finding(self, keys: list[str]) -> Finding:
        """What is wrong with the things that go by these keys."""
        return Finding(
            key=self.key,
            severity=Severity.WARNING,
            title=f"{self.title}: {len(keys)}",
            cause=self.cause.format(listed(keys)),
            consequence=self.consequence,
            remedy=MEND,
        )


def _lacks_lists(found: Provision) -> bool:
    return isinstance(found, EnsureBoard) and (found.before is None or bool(found.missing))


def _lacks_label(found: Provision) -> bool:
    return isinstance(found, EnsureLabel) and found.before is None


_PARTS = (
    _Part(
        "labels-lacking",
        _lacks_label,
        "Labels are lacking",
        "Policies use them, and the loops' group has none: {}.",
        "Boards and filters show less than they should until a run makes them.",
    ),
    _Part(
        "labels-drifted",
        lambda one: (
            isinstance(one, EnsureLabel | PrioritizeLabel | RemoveLabel) and not _lacks_label(one)
        ),
        "Labels are not as policies say",
        "Name, colour, description or priority differ, or they should be gone: {}.",
        "People see something else than the policies describe.",
    ),
    _Part(
        "boards-lacking",
        _lacks_lists,
        "Boards, or lists on them, are lacking",
        "Policies ask for them: {}.",
        "Directors do not see all that they follow.",
    ),
    _Part(
        "boards-drifted",
        lambda one: isinstance(one, EnsureBoard) and not _lacks_lists(one),
        "Boards are not as policies say",
        "The order of their lists, or their scope, differs: {}.",
        "People look for things where they are not.",
    ),
    _Part(
        "schedules-drifted",
        lambda one: isinstance(one, EnsureSchedule),
        "Pipeline schedules are not as policies say",
        "They are lacking, differ, or belong to nobody who is active: {}.",
        "Runs come at other times than planned, or not at all.",
    ),
)


def _unseen(problem: Problem) -> Finding:
    return Finding(
        key=f"setup-blocked:{problem.key}",
        severity=Severity.WARNING,
        title=f"It cannot be told whether {problem.key} is set up",
        cause=problem.message,
        consequence="`drumbeat setup` cannot make it either.",
        remedy=problem.remedy or "Run `drumbeat lint`, then `drumbeat setup`.",
    )


def leftovers(exam: Exam) -> Iterator[Finding]:
    """Open loops whose cadence or subject the policies no longer have."""
    left = [
        held
        for held in exam.stock.held
        if held.issue.opened
        and not held.conflict
        and not states(held.issue.labels) & ENDED
        and exam.loops.for_key(held.key, held.issue.created_at) is None
    ]
    if left:
        names = (f"{held.key} ({held.issue.reference})" for held in left)
        yield Finding(
            key="loops-left-over",
            severity=Severity.WARNING,
            title=f"Open loops belong to no policy any more: {len(left)}",
            cause=f"Their cadence or subject is gone: {listed(names)}.",
            consequence="Nobody is reminded of them, and nothing closes them.",
            remedy="Close them by hand; if the subject has a new id, name the old one in `was:`.",
        )

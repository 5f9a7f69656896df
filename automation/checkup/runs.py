"""Whether runs come, and come at the right time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed
from automation.model.change import CreateIssue
from automation.model.questions import Question
from automation.model.snapshot import Missing
from automation.rules.opening import open_loops

SKEW = timedelta(minutes=2)
"""GitLab tells its time in whole seconds, and an answer takes a while."""
LATE = timedelta(days=1)
"""Schedules may run late or be skipped; for so long it is no sign of anything."""


def clock(exam: Exam) -> Iterator[Finding]:
    """This machine's clock against GitLab's."""
    theirs = exam.snapshot.identity().server_time
    if exam.clock is None or theirs is None or abs(exam.clock - theirs) <= SKEW:
        return
    minutes = round(abs(exam.clock - theirs) / timedelta(minutes=1))
    side = "ahead of" if exam.clock > theirs else "behind"
    yield Finding(
        key="clock-skew",
        severity=Severity.WARNING,
        title=f"This machine's clock is {minutes} minutes {side} GitLab's",
        cause="One of the two is not kept right by a time server.",
        consequence="Loops open, remind and fall overdue at the wrong time.",
        remedy="Set this machine's clock by NTP; if it is right, tell GitLab's administrator.",
    )


def overdue(exam: Exam) -> Iterator[Finding]:
    """Loops that the next run would open, and that should have been open for a day."""
    since = {
        str(loop.key): loop.occurrence.opens_at
        for loop in exam.running.due(exam.now)
        if loop.occurrence.opens_at <= exam.now - LATE
        and not exam.stock.exists(loop.key)
        and not loop.skipped
    }
    if not since:
        return
    found = tuple(open_loops(exam.stock, exam.snapshot, exam.now))
    questions = [one for one in found if isinstance(one, Question)]
    if questions:
        raise Missing(*questions)
    late = [one.key for one in found if isinstance(one, CreateIssue) and one.key in since]
    if late:
        first = min(since[key] for key in late)
        yield Finding(
            key="runs-missing",
            severity=Severity.ERROR,
            title=f"No run has opened loops that are due since {first:%a %Y-%m-%d %H:%M %Z}",
            cause=f"They have no issue: {listed(late)}.",
            consequence="People miss their loops; a run that does not come reminds of nothing.",
            remedy="Look at Build > Pipeline schedules: is it active, is its owner blocked, did "
            "its last pipeline fail? `drumbeat apply` opens them now.",
        )

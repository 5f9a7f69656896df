"""What is wrong around Drumbeat, what comes of it, and how it is mended.

Pure checks over configuration and snapshot, one file for each thing that is looked at. A
check asks the snapshot as rules do; what GitLab will not show becomes a finding itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from automation.checkup import people, pipelines, places, policies, publishing, runs, token, triage
from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, unreachable, unread
from automation.loops import Loops
from automation.model.questions import Question
from automation.model.snapshot import Missing, NotReadable, Snapshot

__all__ = ["Finding", "Severity", "examine", "unreachable"]

Check = Callable[[Exam], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    runs.clock,
    token.rights,
    token.owner,
    places.roles,
    places.readers,
    places.owners,
    places.hidden,
    people.accounts,
    policies.provisions,
    policies.leftovers,
    triage.matches,
    runs.overdue,
    pipelines.schedules,
    pipelines.variable,
    publishing.pages,
)
"""Everything that is looked at."""


def examine(
    loops: Loops,
    snapshot: Snapshot,
    now: datetime,
    clock: datetime | None = None,
    project: str = "",
) -> tuple[Finding, ...]:
    """All findings, the worst first; the scope of `loops` counts for what runs should have done.

    `clock` is what this machine's clock says, if it counts; `project` the path of the one
    whose pipelines run Drumbeat, if it is to be looked at. Raises Missing with everything that
    the checks still need to know.
    """
    exam = Exam(loops.unscoped, loops, snapshot, now, clock, project)
    snapshot.identity()  # without a token in order, nothing below can be read
    found: dict[Finding, None] = {}
    questions: dict[Question, None] = {}
    for check in CHECKS:
        try:
            found |= dict.fromkeys(check(exam))
        except Missing as missing:
            questions |= dict.fromkeys(missing.questions)
        except NotReadable as why:
            found[unread(why)] = None
    if questions:
        raise Missing(*questions)
    return tuple(sorted(found, key=lambda one: (list(Severity).index(one.severity), one.key)))

"""Policies against what is there: labels and boards, loops left over, rules without issues."""

from __future__ import annotations

from collections.abc import Iterator

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed, unread
from automation.labels import ENDED, states
from automation.model.change import EnsureBoard, EnsureLabel, Problem
from automation.model.snapshot import IssuesOf, Missing, NotReadable, Question
from automation.model.triage import TriagePolicy
from automation.rules.provisioning import set_up
from automation.rules.triage import query_for

MEND = "Look at `drumbeat setup`, then run `drumbeat setup --yes`."


def provisions(exam: Exam) -> Iterator[Finding]:
    """Labels and boards that policies ask for and GitLab lacks, or shows otherwise."""
    found = tuple(set_up(exam.loops.organisation, exam.snapshot))
    questions = [one for one in found if isinstance(one, Question)]
    if questions:
        raise Missing(*questions)
    labels = [one for one in found if isinstance(one, EnsureLabel)]
    yield from _labels_lacking([one.name for one in labels if one.before is None])
    yield from _labels_drifted([one.name for one in labels if one.before is not None])
    yield from _boards([one.key for one in found if isinstance(one, EnsureBoard)])
    yield from (_unseen(one) for one in found if isinstance(one, Problem))


def _labels_lacking(names: list[str]) -> Iterator[Finding]:
    if names:
        yield Finding(
            key="labels-lacking",
            severity=Severity.WARNING,
            title=f"Labels are lacking: {len(names)}",
            cause=f"Policies use them, and the loops' group has none: {listed(names)}.",
            consequence="Boards and filters show less than they should until a run makes them.",
            remedy=MEND,
        )


def _labels_drifted(names: list[str]) -> Iterator[Finding]:
    if names:
        yield Finding(
            key="labels-drifted",
            severity=Severity.WARNING,
            title=f"Labels look different from what policies say: {len(names)}",
            cause=f"Somebody changed colour or description of {listed(names)}.",
            consequence="People see another look than the policies describe.",
            remedy=MEND,
        )


def _boards(keys: list[str]) -> Iterator[Finding]:
    if keys:
        yield Finding(
            key="boards-lacking",
            severity=Severity.WARNING,
            title=f"Boards, or lists on them, are lacking: {len(keys)}",
            cause=f"Policies ask for them: {listed(keys)}.",
            consequence="Directors do not see all that they follow.",
            remedy=MEND,
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


def idle_triage(exam: Exam) -> Iterator[Finding]:
    """Triage policies that match no issue."""
    policies = [one for one in exam.loops.organisation.triages if one.enabled]
    exam.snapshot.require(IssuesOf(query_for(one.where)) for one in policies)
    for policy in policies:
        try:
            matched = exam.snapshot.issues(query_for(policy.where))
        except NotReadable as why:
            about = f"the issues of the triage policy {policy.name}"
            yield unread(why, about, "The policy does nothing.", Severity.ERROR)
        else:
            yield from () if matched else (_idle(policy),)


def _idle(policy: TriagePolicy) -> Finding:
    where = policy.where
    kind = "issue" if where.state == "all" else f"{where.state} issue"
    labels = f" with the labels {listed(where.labels)}" if where.labels else ""
    return Finding(
        key=f"triage-idle:{policy.name}",
        severity=Severity.HINT,
        title=f"The triage policy {policy.name} matches no issue",
        cause=f"There is no {kind}{labels} in {where.group or where.project}.",
        consequence="Its rules do nothing.",
        remedy="If there should be some, mend its `where`.",
    )

"""Triage policies: those that match nothing for long, and what the tier does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed, unread
from automation.expressions import condition
from automation.model.issue import Issue, IssueQuery
from automation.model.questions import IssuesOf
from automation.model.snapshot import NotReadable
from automation.model.triage import TriagePolicy
from automation.rules.triage import queries

LONG = 90
"""Days for which a policy may match nothing before that is worth a word."""
PAID = {"weight": "has_weight", "iteration": "has_iteration"}
"""Facts that only paid tiers have, and how a listed issue shows that it has them."""


def matches(exam: Exam) -> Iterator[Finding]:
    """Every enabled policy against the issues that GitLab lists for it."""
    policies = [one for one in exam.loops.organisation.triages if one.enabled]
    lists = {one.name: queries(one.where, exam.now) for one in policies}
    exam.snapshot.require(IssuesOf(query) for one in lists.values() for query in one)
    for policy in policies:
        try:
            matched = exam.snapshot.all_issues(lists[policy.name])
            idle = not matched and _nothing_lately(exam, lists[policy.name])
        except NotReadable as why:
            about = f"the issues of the triage policy {policy.name}"
            yield unread(why, about, "The policy does nothing.", Severity.ERROR)
        else:
            yield from (_idle(policy),) if idle else _beyond_the_tier(policy, matched)


def _nothing_lately(exam: Exam, lists: tuple[IssueQuery, ...]) -> bool:
    """Whether nothing that the policy could ever match was touched for long.

    A scoped label tells a state, which may just not occur; so only the plain ones count.
    """
    day = exam.today - timedelta(days=LONG)
    since = datetime.combine(day, time.min, UTC)
    wider = dict.fromkeys(
        IssueQuery(
            one.place,
            one.in_group,
            labels=tuple(label for label in one.labels if "::" not in label),
            updated_after=since,
        )
        for one in lists
    )
    return not exam.snapshot.all_issues(wider)


def _idle(policy: TriagePolicy) -> Finding:
    where = policy.where
    labels = [label for label in where.labels if "::" not in label]
    bearing = f" with the labels {listed(labels)}" if labels else ""
    return Finding(
        key=f"triage-idle:{policy.name}",
        severity=Severity.HINT,
        title=f"The triage policy {policy.name} has matched nothing for long",
        cause=f"No issue{bearing} in {where.group or where.project} was touched for {LONG} days.",
        consequence="Its rules do nothing.",
        remedy="If there should be some, mend its `where`; else switch it off: `enabled: false`.",
    )


def _beyond_the_tier(policy: TriagePolicy, matched: tuple[Issue, ...]) -> Iterator[Finding]:
    used = {name for rule in policy.rules for name in condition(rule.when).names}
    lacking = [
        name
        for name, sign in PAID.items()
        if name in used and matched and not any(getattr(issue, sign) for issue in matched)
    ]
    if lacking:
        yield Finding(
            key=f"tier:{policy.name}",
            severity=Severity.WARNING,
            title=f"The triage policy {policy.name} asks for what this tier does not have",
            cause=f"Its conditions use {listed(lacking)}, and GitLab shows none on issues here.",
            consequence="These parts of its conditions never hold.",
            remedy="Leave them out, or use a label in their place.",
        )

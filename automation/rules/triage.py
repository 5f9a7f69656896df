"""Triage policies: where → when → do, over issues that people wrote.

A rule is decided as soon as its condition is the same at every quiet time that is still
possible; only where it is not, more of the issue's history is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Self

from automation.expressions import DURATIONS, evaluate, names_in, only_compares
from automation.identity import said_marker
from automation.inert import Markdown, mention
from automation.model.change import IssueBefore, Problem, Transition
from automation.model.issue import EventKind, Issue, IssueQuery
from automation.model.organisation import Organisation, Subject
from automation.model.policy import SubjectKind
from automation.model.snapshot import Snapshot
from automation.model.triage import TriagePolicy, TriageRule, Where
from automation.rules.case import target
from automation.rules.finding import Finding, settle
from automation.rules.quiet import Humans, Quiet, narrowed
from automation.stock import Stock

TICK = timedelta(microseconds=1)


def triage(stock: Stock, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """What the triage policies do to the issues they match."""
    organisation = stock.loops.organisation
    for policy in organisation.triages:
        if policy.enabled and stock.loops.scope.admits_policy("triage", policy.name):
            yield from settle(policy.name, _policy(policy, stock, snapshot, now))


def _policy(
    policy: TriagePolicy, stock: Stock, snapshot: Snapshot, now: datetime
) -> Iterator[Finding]:
    organisation = stock.loops.organisation
    humans = Humans(stock.trust, organisation.settings.bots)
    for issue in snapshot.issues(query_for(policy.where)):
        group = group_of(issue, organisation)
        if not _in_scope(group, stock):
            continue
        match = Match(policy, issue, group, stock, snapshot, humans, now)
        yield from settle(issue.reference, match.decide())


def query_for(where: Where) -> IssueQuery:
    """The list that GitLab filters for a policy."""
    return IssueQuery(
        place=where.group or where.project or "",
        in_group=where.group is not None,
        state=where.state,
        labels=where.labels,
        without=where.without,
    )


def group_of(issue: Issue, organisation: Organisation) -> Subject | None:
    """The group in whose project the issue lies."""
    subjects = organisation.subjects(SubjectKind.GROUP)
    return next((s for s in subjects if s.group and s.group.project == issue.project), None)


def _in_scope(group: Subject | None, stock: Stock) -> bool:
    return stock.loops.scope.admits(group) if group else not stock.loops.scope


@dataclass(frozen=True)
class Match:
    """A policy held against one issue."""

    policy: TriagePolicy
    issue: Issue
    group: Subject | None
    stock: Stock
    snapshot: Snapshot
    humans: Humans
    now: datetime

    def decide(self) -> Iterator[Finding]:
        """The changes of the rules that hold, each seeing the labels that went before."""
        labels = self.issue.labels
        changes: list[Finding] = []
        for rule in self.policy.rules:
            holds, quiet = self._holds(rule, labels)
            if holds:
                wanted = (labels | set(rule.do.label)) - set(rule.do.unlabel)
                if wanted != labels:
                    changes += self._transition(rule, labels, wanted, quiet)
                    labels = wanted
        if changes and labels == self.issue.labels:
            yield Problem(
                key=self.issue.reference,
                message=f"the rules of {self.policy.name} undo each other on it: nothing is done",
                remedy="Let their conditions exclude each other.",
                url=self.issue.web_url,
            )
        else:
            yield from changes

    # --- Whether a rule holds --------------------------------------------------------

    def _holds(self, rule: TriageRule, labels: frozenset[str]) -> tuple[bool, Quiet | None]:
        if "quiet_for" not in names_in(rule.when):
            return self._at(rule, labels, None), None
        decided = (
            (answers.pop(), quiet)
            for quiet in narrowed(self.issue, self.snapshot, self.humans, self.now)
            if len(answers := self._over(rule, labels, quiet)) == 1
        )
        return next(decided)

    def _over(self, rule: TriageRule, labels: frozenset[str], quiet: Quiet) -> set[bool]:
        """The condition's values over all quiet times within the bounds.

        A condition that only compares the quiet time changes nowhere but at what it compares
        it with: these edges are noted while it is evaluated, and both sides of them tried.
        """
        if not quiet.exact and not only_compares(rule.when, "quiet_for"):
            return {True, False}
        edges: set[timedelta] = set()
        tried: dict[timedelta, bool] = {}
        times = {quiet.at_least, quiet.at_most}
        while times:
            tried |= {time: self._at(rule, labels, Compared(time, edges)) for time in times}
            inside = [edge for edge in edges if quiet.at_least <= edge <= quiet.at_most]
            near = {edge + step for edge in inside for step in (-TICK, 0 * TICK, TICK)}
            times = {time for time in near if quiet.at_least < time < quiet.at_most} - tried.keys()
        return set(tried.values())

    def _at(self, rule: TriageRule, labels: frozenset[str], quiet_for: timedelta | None) -> bool:
        functions = {**DURATIONS, "has": lambda pattern: _has(labels, pattern)}
        return evaluate(rule.when, facts(self.issue, labels, quiet_for, self.now), functions)

    # --- What it does ----------------------------------------------------------------

    def _transition(
        self, rule: TriageRule, before: frozenset[str], after: frozenset[str], quiet: Quiet | None
    ) -> Iterator[Finding]:
        mentions = self.mentions(rule)
        what = f"{self.policy.name}/{rule.name}"
        mark = said_marker(what, f"{self.issue.ref.project_id}/{self.issue.ref.iid}")
        say = self._comment(rule, mentions, quiet)
        if say and self._said_since_last_unlabelled(mark, rule):
            say, mark, mentions = "", "", ()
        yield Transition(
            key=self.issue.reference,
            reason=f"{what}: {_because(rule, quiet)}",
            to=rule.name,
            target=target(self.issue),
            add_labels=tuple(sorted(after - before)),
            remove_labels=tuple(sorted(before - after)),
            say=say,
            marker=mark if say else "",
            mentions=mentions if say else (),
            confidential=self.issue.confidential,
            before=IssueBefore(opened=self.issue.opened, labels=tuple(sorted(before))),
        )

    def _said_since_last_unlabelled(self, mark: str, rule: TriageRule) -> bool:
        """Whether the comment stands there and its label has not been taken away since."""
        notes = [n for n in self.snapshot.notes(self.issue.ref) if self.stock.trust.said(n, mark)]
        if not notes:
            return False
        events = self.snapshot.events(self.issue.ref, EventKind.LABEL)
        spoken = max(note.created_at for note in notes)
        its = {*rule.do.label, *rule.do.unlabel}
        return not any(e.label in its and e.created_at >= spoken for e in events)

    def mentions(self, rule: TriageRule) -> tuple[str, ...]:
        """The user names that the rule addresses on this issue."""
        people: list[str] = []
        organisation = self.stock.loops.organisation
        for who in rule.do.mention:
            if who == "assignees":
                people += [user.username for user in self.issue.assignees]
            elif who == "author":
                people += [self.issue.author.username]
            elif self.group is not None and self.group.group is not None:
                group = self.group.group
                ids = (
                    (group.sponsor,) if who == "group.sponsor" else (group.sponsor, *group.managers)
                )
                people += [organisation.managers[name].username for name in ids]
        return tuple(dict.fromkeys(people))

    def _comment(self, rule: TriageRule, mentions: tuple[str, ...], quiet: Quiet | None) -> str:
        if rule.do.comment is None:
            return ""
        template = self.stock.loops.library.get(rule.do.comment)
        context = comment_context(self.issue, self.policy, rule, self.group, mentions, quiet)
        return template.render(context).strip()


def comment_context(
    issue: Issue,
    policy: TriagePolicy,
    rule: TriageRule,
    group: Subject | None,
    mentions: tuple[str, ...],
    quiet: Quiet | None,
) -> dict[str, Any]:
    """The names that a comment's template may use."""
    return {
        "issue": issue,
        "policy": policy,
        "rule": rule,
        "mentions": Markdown(" ".join(mention(name) for name in mentions)),
        "quiet_days": quiet.days if quiet else 0,
        **({"group": group.group} if group else {}),
    }


def facts(
    issue: Issue, labels: frozenset[str], quiet_for: timedelta | None, now: datetime
) -> dict[str, Any]:
    """The values that a condition may use."""
    return {
        "quiet_for": quiet_for,
        "age": now - issue.created_at,
        "labels": sorted(labels),
        "title": issue.title,
        "author": issue.author.username,
        "assignees": [user.username for user in issue.assignees],
        "confidential": issue.confidential,
        "open_boxes": issue.tasks.count - issue.tasks.completed,
    }


def _has(labels: frozenset[str], pattern: str) -> bool:
    return any(fnmatchcase(label, pattern) for label in labels)


class Compared(timedelta):
    """A duration that notes what it is compared with."""

    edges: set[timedelta]

    def __new__(cls, value: timedelta, edges: set[timedelta]) -> Self:
        """The value again; `edges` is where it notes."""
        made = super().__new__(cls, value.days, value.seconds, value.microseconds)
        made.edges = edges
        return made

    def _noted(self, other: object) -> timedelta:
        if isinstance(other, timedelta):
            self.edges.add(timedelta(other.days, other.seconds, other.microseconds))
        return timedelta(self.days, self.seconds, self.microseconds)

    def __lt__(self, other: timedelta) -> bool:
        return self._noted(other) < other

    def __le__(self, other: timedelta) -> bool:
        return self._noted(other) <= other

    def __gt__(self, other: timedelta) -> bool:
        return self._noted(other) > other

    def __ge__(self, other: timedelta) -> bool:
        return self._noted(other) >= other

    def __eq__(self, other: object) -> bool:
        return self._noted(other) == other

    def __ne__(self, other: object) -> bool:
        return self._noted(other) != other

    __hash__ = timedelta.__hash__


def _because(rule: TriageRule, quiet: Quiet | None) -> str:
    if quiet is None:
        return rule.when
    return f"{rule.when} (quiet for {'' if quiet.exact else 'at least '}{quiet.days} days)"

"""Runs triage policies and their rules in order, each on what those before it leave.

A rule looks at all its issues before it acts, so that limits can choose among the matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from automation.model.change import CreateIssue, Problem
from automation.model.issue import IssueRef
from automation.model.snapshot import Missing, NotReadable, Snapshot
from automation.model.triage import TriagePolicy, TriageRule
from automation.rules.finding import Finding, settle
from automation.rules.humans import Humans
from automation.rules.triage.conditions import holds
from automation.rules.triage.deeds import Impossible, altered
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft, Step
from automation.rules.triage.facts import View
from automation.rules.triage.issues import follow_up, summary, summary_is_there
from automation.rules.triage.limits import Quota, candidates
from automation.rules.triage.matching import admits, queries
from automation.rules.triage.speech import Said
from automation.stock import Stock
from automation.templates import RenderError

Result = TypeVar("Result")


def triage(stock: Stock, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """What the triage policies do to the issues they match."""
    organisation = stock.loops.organisation
    humans = Humans.of(organisation, stock.trust)
    table = Table(Desk(stock, snapshot, humans, now))
    for policy in organisation.triages:
        if policy.enabled and stock.loops.scope.admits_policy("triage", policy.name):
            yield from settle(policy.name, _listed(policy, table))
    for draft in table.drafts.values():
        yield from draft.result()


def _listed(policy: TriagePolicy, table: Table) -> Iterator[Finding]:
    """Read the policy's lists, and run its rules over them."""
    issues = table.desk.snapshot.all_issues(queries(policy.where, table.desk.now))
    listed = frozenset(issue.ref for issue in issues if issue.moved_to_id is None)
    for issue in issues:
        group = table.desk.group_of(issue)
        if issue.ref in listed and issue.ref not in table.drafts and table.desk.in_scope(group):
            table.drafts[issue.ref] = Draft.of(issue, group)
    yield from Round(policy, table, listed).run()


@dataclass
class Table:
    """All drafts of a run, and those about which something has to be asked first."""

    desk: Desk
    drafts: dict[IssueRef, Draft] = field(default_factory=dict)
    pending: set[IssueRef] = field(default_factory=set)


@dataclass
class Round:
    """One policy with the issues it looks at, and what it finds beside its drafts.

    A draft that cannot be judged is set back to what it was before the policy.
    """

    policy: TriagePolicy
    table: Table
    listed: frozenset[IssueRef]
    found: list[Finding] = field(default_factory=list)
    followers: list[tuple[IssueRef, CreateIssue]] = field(default_factory=list)
    failed: set[IssueRef] = field(default_factory=set)
    before: dict[IssueRef, Draft] = field(default_factory=dict)

    def run(self) -> Iterator[Finding]:
        """All rules in order."""
        self.before = dict(self.table.drafts)
        for rule in self.policy.rules:
            self._rule(rule)
        yield from self.found
        yield from (one for _, one in self.followers)

    def _rule(self, rule: TriageRule) -> None:
        listing = self._wants_summary(rule)
        if not (listing or _acts(rule)):
            return
        matches = self._matches(rule)
        if listing and matches:
            self._summarise(rule, [said.draft for said in matches])
        if not _acts(rule):
            return
        if rule.limits.choose and self._waits():
            # Who is chosen is not known before all matches are.
            self.table.pending |= {said.draft.issue.ref for said in matches}
            return
        quota = Quota(rule.limits)
        oldest = min((said.draft.issue.created_at for said in matches), default=None)
        for said in candidates(rule.limits, matches):
            if quota.spent:
                break
            if oldest is not None and quota.affords(said.mentions):
                self._act(said, quota, oldest)

    # --- Whom a rule is about --------------------------------------------------------

    def _matches(self, rule: TriageRule) -> list[Said]:
        """The issues for which the rule holds, oldest first."""
        desk = self.table.desk
        found: list[Said] = []
        for ref, draft in sorted(self.table.drafts.items(), key=_age):
            if ref in self.failed or ref in self.table.pending or not self._looks_at(ref, draft):
                continue
            answer = self._tried(ref, lambda draft=draft: holds(rule.when, View(draft, desk)))  # type: ignore[misc]
            if answer is not None and answer[0]:
                found.append(Said(self.policy, rule, draft, desk, answer[1]))
        return found

    def _waits(self) -> bool:
        """Whether one of the issues that the policy looks at may match, or may not."""
        drafts = self.table.drafts
        return any(self._looks_at(ref, drafts[ref]) for ref in self.table.pending)

    def _looks_at(self, ref: IssueRef, draft: Draft) -> bool:
        where, now = self.policy.where, self.table.desk.now
        return admits(where, draft.issue, draft.seen, listed=ref in self.listed, now=now)

    def _tried(self, ref: IssueRef, work: Callable[[], Result]) -> Result | None:
        """The result; None where the issue has to wait, or cannot be judged at all."""
        try:
            return work()
        except Missing as missing:
            self.found += missing.questions
            self.table.pending.add(ref)
        except NotReadable as unread:
            self._fail(ref, unread.why.reason, unread.why.remedy)
        except RenderError as error:
            self._fail(ref, error.message, "Run `drumbeat lint`: it names the file and the line.")
        except Impossible as impossible:
            self._give_up(ref, impossible.problem)
        return None

    def _fail(self, ref: IssueRef, message: str, remedy: str) -> None:
        key = self.table.drafts[ref].issue.reference
        self._give_up(ref, Problem(key=key, message=message, remedy=remedy, blocking=True))

    def _give_up(self, ref: IssueRef, problem: Problem) -> None:
        self.followers = [(other, one) for other, one in self.followers if other != ref]
        self.found.append(problem)
        self.failed.add(ref)
        self.table.drafts[ref] = self.before[ref]

    # --- What it does ----------------------------------------------------------------

    def _act(self, said: Said, quota: Quota, oldest: datetime) -> None:
        ref = said.draft.issue.ref
        done = self._tried(ref, lambda: _acted(said, oldest))
        if done is None:
            # Until it is known, it may be one of those that the limit allows.
            if ref in self.table.pending:
                quota.spend(said.mentions)
            return
        draft, follower = done
        if draft is not said.draft or follower is not None:
            words = draft.steps[-1].words if draft is not said.draft else None
            quota.spend(words.mentions if words else ())
            self.table.drafts[ref] = draft
            self.followers += [(ref, follower)] if follower is not None else []

    # --- Summaries -------------------------------------------------------------------

    def _wants_summary(self, rule: TriageRule) -> bool:
        """Whether the rule's summary of this period is not there yet."""
        wanted, desk = rule.do.summary, self.table.desk
        if wanted is None:
            return False
        there = self._settled(rule, lambda: summary_is_there(self.policy, rule, wanted, desk))
        return there is False

    def _summarise(self, rule: TriageRule, matches: list[Draft]) -> None:
        wanted, desk = rule.do.summary, self.table.desk
        if wanted is not None and not self._waits():
            made = self._settled(
                rule, lambda: list(summary(self.policy, rule, wanted, matches, desk))
            )
            self.found += made or []

    def _settled(self, rule: TriageRule, work: Callable[[], Result]) -> Result | None:
        """What concerns the rule as a whole; None where it has to wait, or cannot be done."""
        results: list[Result] = []

        def run() -> Iterator[Finding]:
            results.append(work())
            yield from ()

        self.found += settle(f"{self.policy.name}/{rule.name}", run())
        return results[0] if results else None


def _age(item: tuple[IssueRef, Draft]) -> tuple[datetime, int]:
    issue = item[1].issue
    return issue.created_at, issue.id


def _acts(rule: TriageRule) -> bool:
    """Whether it does anything beside a summary."""
    do = rule.do
    return do.changes_the_issue or do.comment is not None or do.issue is not None


def _acted(said: Said, oldest: datetime) -> tuple[Draft, CreateIssue | None]:
    """The draft once the rule is done, and the issue that follows it; the same if nothing is."""
    do = said.rule.do
    draft = altered(do, said.draft, said.desk)
    changed = draft is not said.draft
    words = said.words(altered=changed)
    follower = follow_up(said, do.issue, oldest) if do.issue else None
    if changed or words:
        step = Step(said.policy.name, said.rule.name, said.reason, words, changed)
        draft = replace(draft, steps=(*draft.steps, step))
    return draft, follower

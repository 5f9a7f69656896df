"""Runs triage policies and their rules in order, each on what those before it leave.

A rule looks at all its issues before it acts, so that limits can choose among the matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from automation.model.change import CreateIssue, Problem
from automation.model.issue import Issue, IssueRef
from automation.model.scope import Scope
from automation.model.snapshot import Missing, NotReadable, Snapshot
from automation.model.triage import Summary, TriagePolicy, TriageRule
from automation.rules.finding import Finding, settle
from automation.rules.humans import Humans
from automation.rules.triage.conditions import holds
from automation.rules.triage.deeds import Impossible, altered
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft, Step
from automation.rules.triage.facts import View
from automation.rules.triage.issues import follow_up, summaries, summary
from automation.rules.triage.limits import Quota, candidates
from automation.rules.triage.made import followed_by, merged, opened_by
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
        if policy.enabled and _in_scope(policy, stock.loops.scope):
            yield from settle(policy.name, _listed(policy, table))
    for draft in table.drafts.values():
        yield from draft.result()


def _in_scope(policy: TriagePolicy, scope: Scope) -> bool:
    return scope.admits_policy("triage", policy.name) and scope.runs(policy.name)


def _listed(policy: TriagePolicy, table: Table) -> Iterator[Finding]:
    """Read the policy's lists, and run its rules over them."""
    issues = table.desk.snapshot.all_issues(queries(policy.where, table.desk.now))
    listed = frozenset(issue.ref for issue in issues if issue.moved_to_id is None)
    for issue in issues:
        if issue.ref in listed and issue.ref not in table.drafts:
            group = table.desk.group_of(issue)
            if table.desk.in_scope(group) and _is_kept(policy, issue, table.desk):
                table.drafts[issue.ref] = Draft.of(issue, group)
    yield from Round(policy, table, listed).run()


def _is_kept(policy: TriagePolicy, issue: Issue, desk: Desk) -> bool:
    """Whether the issue is one for this shard."""
    scope = desk.stock.loops.scope
    return scope.shard is None or scope.keeps(policy.name, followed_by(issue, desk))


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
        wanted = self._wanted_summary(rule)
        if not (wanted or _acts(rule)):
            return
        matches = self._matches(rule)
        if wanted and not self._waits():
            self._summarise(rule, wanted, self._to_list(rule, matches))
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
        """Whether it is one of the policy's issues; what its own rules opened is not."""
        where, now = self.policy.where, self.table.desk.now
        if opened_by(draft.issue, self.table.desk) == self.policy.name:
            return False
        return admits(where, draft.issue, draft.seen, listed=ref in self.listed, now=now)

    def _tried(self, ref: IssueRef, work: Callable[[], Result]) -> Result | None:
        """The result; None where the issue has to wait, or cannot be judged at all."""
        try:
            return work()
        except Missing as missing:
            self.found += missing.wanted
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
        draft, follows = done
        opens = isinstance(follows, CreateIssue)
        if draft is not said.draft or opens:
            words = draft.steps[-1].words if draft is not said.draft else None
            quota.spend(words.mentions if words else ())
            self.table.drafts[ref] = draft
        if isinstance(follows, CreateIssue):
            self.followers.append((ref, follows))
        else:
            self._merge(said.rule, follows)

    def _merge(self, rule: TriageRule, twins: tuple[Issue, ...]) -> None:
        """Close all but the oldest of the issues that overlapping runs opened for one thing."""
        desk, drafts = self.table.desk, self.table.drafts
        for twin in twins[1:]:
            ref, older = twin.ref, twins[0]
            draft = drafts.setdefault(ref, Draft.of(twin, desk.group_of(twin)))
            self.before.setdefault(ref, draft)
            reason = f"{self.policy.name}/{rule.name}: duplicate of {older.reference}, older"
            step = Step(self.policy.name, rule.name, reason)
            drafts[ref] = self._tried(ref, partial(merged, draft, older, step, desk)) or draft

    # --- Summaries -------------------------------------------------------------------

    def _wanted_summary(self, rule: TriageRule) -> Summary | None:
        """The rule's summary where this period has none yet."""
        wanted, desk = rule.do.summary, self.table.desk
        if wanted is None:
            return None
        there: list[tuple[Issue, ...] | None] = []
        self._settled(rule, lambda: there.append(summaries(self.policy, rule, wanted, desk)))
        for found in there:
            self._merge(rule, found or ())
        return wanted if there == [None] else None

    def _to_list(self, rule: TriageRule, matches: list[Said]) -> list[Draft]:
        """Every issue for which the rule holds, also where another rule could not judge it.

        Nothing while it is not known of one of them: a period's summary is written once.
        """
        found = {said.draft.issue.ref: said.draft for said in matches}
        for ref in self.failed:
            draft = self.table.drafts[ref]
            try:
                if self._looks_at(ref, draft) and holds(rule.when, View(draft, self.table.desk))[0]:
                    found[ref] = draft
            except Missing as missing:
                self.found += missing.wanted
                return []
            except NotReadable:
                return []
            except RenderError:
                continue  # told already, and no later run will know it
        return [draft for _, draft in sorted(found.items(), key=_age)]

    def _summarise(self, rule: TriageRule, wanted: Summary, matches: list[Draft]) -> None:
        if not matches:
            return
        desk = self.table.desk
        made = self._settled(rule, lambda: list(summary(self.policy, rule, wanted, matches, desk)))
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


def _acted(said: Said, oldest: datetime) -> tuple[Draft, CreateIssue | tuple[Issue, ...]]:
    """The draft once the rule is done, the same if nothing is; and what follows it."""
    do = said.rule.do
    draft = altered(do, said.draft, said.desk)
    changed = draft is not said.draft
    words = said.words(draft)
    follows = follow_up(said, do.issue, oldest) if do.issue else ()
    if changed or words:
        step = Step(said.policy.name, said.rule.name, said.reason, words, changed)
        draft = replace(draft, steps=(*draft.steps, step))
    return draft, follows

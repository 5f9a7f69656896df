"""Tries triage policies on issues and answers that are made up, as lint does.

Every part of every condition is tried on issues that have nothing and on issues that have
everything; every template is rendered for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from automation.errors import ConfigProblem
from automation.expressions import check_names, condition
from automation.identity import Trust, read_markers
from automation.loops import Loops
from automation.model.issue import Issue, IssueRef, Link, Member, Note, Role, TaskCounts, User
from automation.model.organisation import Place
from automation.model.questions import (
    EventsOf,
    GroupMembersOf,
    LinksOf,
    NotesOf,
    Question,
    ThreadsOf,
    UserAt,
)
from automation.model.snapshot import Snapshot
from automation.model.triage import FollowUp, Summary, TriagePolicy, TriageRule
from automation.periods import period_of
from automation.rules.humans import Humans
from automation.rules.imagined import imagined
from automation.rules.quiet import Quiet
from automation.rules.templating import first_of_each, template_faults, unknown_names
from automation.rules.triage.desk import UTC, Desk
from automation.rules.triage.draft import Draft
from automation.rules.triage.facts import NAMES, View, value
from automation.rules.triage.issues import follow_context, summary_context, titled
from automation.rules.triage.speech import Said
from automation.stock import Stock
from automation.templates import LoopTemplate, RenderError

QUIET = timedelta(days=30)
"""How long the made-up issues have been quiet."""

GROUP_NAMES = frozenset(("issue", "policy", "rule", "quiet_days", "group"))
COMMENT_NAMES = GROUP_NAMES | {"mentions", "last_word", "open_items"}
SUMMARY_NAMES = frozenset(("policy", "rule", "period", "matches"))

SOMEBODY = User(1, "somebody", "Somebody", bot=False)
Result = TypeVar("Result")


def faults(policy: TriagePolicy, loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    """All faults of a policy that only show when it is tried."""
    for index in range(len(policy.rules)):
        trial = Trial(policy, index, loops, now)
        yield from trial.condition()
        yield from first_of_each(trial.words())


@dataclass(frozen=True)
class Trial:
    """One rule of a policy, by its index."""

    policy: TriagePolicy
    index: int
    loops: Loops
    now: datetime

    @property
    def rule(self) -> TriageRule:
        """The rule."""
        return self.policy.rules[self.index]

    @property
    def place(self) -> Place:
        """Where the policy stands."""
        return self.loops.organisation.place("triage", self.policy.name)

    def desk(self, snapshot: Snapshot) -> Desk:
        """A run in which GitLab answers what is made up here."""
        trust = Trust(0, frozenset())
        stock = Stock.of(self.loops, trust, self.now, ())
        return Desk(stock, snapshot, Humans.of(self.loops.organisation, trust), self.now)

    def drafts(self) -> Iterator[Draft]:
        """Issues of all kinds: bare and rich, open and closed, in a group and in none."""
        organisation = self.loops.organisation
        desk = self.desk(Snapshot())
        bare = _bare(self.policy, self.now)
        rich = _rich(bare, self.now)
        below = (one.project for one in organisation.roster.groups)
        inside = (path for path in below if f"{path}/".startswith(f"{bare.project}/"))
        for issue in (bare, rich, *(replace(rich, project=path) for path in inside)):
            yield Draft.of(issue, desk.group_of(issue))

    # --- Conditions ------------------------------------------------------------------

    def condition(self) -> Iterator[ConfigProblem]:
        """The first part of the condition that cannot be evaluated."""
        try:
            for leaf in condition(self.rule.when).leaves:
                check_names(leaf, NAMES)
                for draft in self.drafts():
                    self._evaluated(leaf.names, leaf.holds, draft)
        except RenderError as error:
            yield self.place.problem(error.reason, error.remedy, at=f"rules[{self.index}].when")

    def _evaluated(
        self, names: Set[str], holds: Callable[[dict[str, Any]], bool], draft: Draft
    ) -> bool:
        def think(snapshot: Snapshot) -> bool:
            view = View(draft, self.desk(snapshot), QUIET)
            return holds({name: value(name, view) for name in names})

        return thought(think)

    # --- Templates -------------------------------------------------------------------

    def words(self) -> Iterator[ConfigProblem]:
        """Faults of the rule's templates and titles."""
        do, at = self.rule.do, f"rules[{self.index}].do"
        if do.comment:
            yield from self._template(do.comment, f"{at}.comment", COMMENT_NAMES, self._comment)
        if do.issue:
            yield from self._template(
                do.issue.template, f"{at}.issue.template", GROUP_NAMES, self._follow_up
            )
            yield from self._titles(do.issue, f"{at}.issue.title")
        if do.summary:
            yield from self._template(
                do.summary.template,
                f"{at}.summary.template",
                SUMMARY_NAMES,
                partial(self._summary, do.summary),
            )
            yield from self._periods(do.summary, f"{at}.summary.title")

    def _template(
        self,
        name: str,
        at: str,
        names: Set[str],
        contexts: Callable[[LoopTemplate], Iterator[dict[str, Any]]],
    ) -> Iterator[ConfigProblem]:
        missing = tuple(template_faults(name, self.loops.library, self.place, at))
        yield from missing
        if missing:
            return
        template, texts = self.loops.library.get(name), []
        try:
            texts = [template.render(context).strip() for context in contexts(template)]
        except RenderError as error:
            yield ConfigProblem(template.file, error.line or 1, 1, "", error.reason, error.remedy)
        else:
            yield from _spoken(template, texts)
        yield from unknown_names(template, names)

    def _said(self, draft: Draft, snapshot: Snapshot) -> Said:
        return Said(self.policy, self.rule, draft, self.desk(snapshot), Quiet(QUIET, QUIET))

    def _comment(self, template: LoopTemplate) -> Iterator[dict[str, Any]]:
        used = template.undeclared()
        for draft in self.drafts():
            yield thought(lambda snapshot, one=draft: self._said(one, snapshot).context(used))  # type: ignore[misc]

    def _follow_up(self, _template: LoopTemplate) -> Iterator[dict[str, Any]]:
        return (follow_context(self._said(draft, Snapshot())) for draft in self.drafts())

    def _summary(self, wanted: Summary, _template: LoopTemplate) -> Iterator[dict[str, Any]]:
        yield self._summarised(wanted, self.now)

    def _summarised(self, wanted: Summary, moment: datetime) -> dict[str, Any]:
        start = self.loops.organisation.settings.fiscal_year_start
        period = period_of(moment.date(), wanted.period, start)
        matches = tuple(draft.seen for draft in self.drafts())
        return summary_context(self.policy, self.rule, period, matches)

    def _titles(self, follow: FollowUp, at: str) -> Iterator[ConfigProblem]:
        for draft in self.drafts():
            try:
                titled(follow.title, follow_context(self._said(draft, Snapshot())))
            except RenderError as error:
                yield self.place.problem(error.reason, error.remedy, at=at)

    def _periods(self, wanted: Summary, at: str) -> Iterator[ConfigProblem]:
        """The title is how a summary is known again: each period has one of its own."""
        try:
            this, other = (
                titled(wanted.title, self._summarised(wanted, moment))
                for moment in (self.now, self.now + timedelta(days=400))
            )
        except RenderError as error:
            yield self.place.problem(error.reason, error.remedy, at=at)
            return
        if this == other:
            message = "is the same in every period"
            yield self.place.problem(message, "Put {{ period }} into the title.", at=at)


def _spoken(template: LoopTemplate, texts: list[str]) -> Iterator[ConfigProblem]:
    if not any(texts):
        yield ConfigProblem(template.file, 1, 1, "", "comes out empty: nothing would be said")
    if any(read_markers(text, lambda key: key) for text in texts):
        message = "writes a marker of a loop"
        yield ConfigProblem(template.file, 1, 1, "", message, "Drumbeat does that; leave it.")


def thought(think: Callable[[Snapshot], Result]) -> Result:
    """What a thought comes to where GitLab answers what is made up."""
    return imagined(think, lambda question: _MADE_UP[type(question)])


_MADE_UP: Mapping[type[Question], object] = {
    NotesOf: (Note(1, SOMEBODY, "A word", datetime(2026, 1, 1, tzinfo=UTC)),),
    LinksOf: (Link("support/other#1", opened=True, kind="relates_to"),),
    GroupMembersOf: (Member(SOMEBODY, Role.DEVELOPER),),
    ThreadsOf: 1,
    EventsOf: (),
    UserAt: SOMEBODY,
}


def _bare(policy: TriagePolicy, now: datetime) -> Issue:
    """An issue that has nothing but what every issue has."""
    where = policy.where
    return Issue(
        id=1,
        ref=IssueRef(1, 1),
        project=where.group or where.project or "",
        title="An initiative",
        description="",
        opened=where.state != "closed",
        labels=frozenset(where.label_sets[0]),
        author=SOMEBODY,
        created_at=now - 2 * QUIET,
        updated_at=now - QUIET,
        web_url="https://gitlab.example.com/-/issues/1",
    )


def _rich(bare: Issue, now: datetime) -> Issue:
    """The same issue with everything that an issue can have."""
    return replace(
        bare,
        opened=not bare.opened,
        assignees=(SOMEBODY,),
        due_date=now.date(),
        closed_at=now - QUIET,
        description="- [x] Plan\n- [ ] Draft\n- [ ] Tell",
        tasks=TaskCounts(3, 1),
        milestone="17.7",
        weight=3,
        iteration="Sprint 1",
        health="on_track",
        comments=3,
        upvotes=2,
        downvotes=1,
    )

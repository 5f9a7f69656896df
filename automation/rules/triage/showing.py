"""What triage policies would write, shown on an issue that is made up as lint makes it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from automation.loops import Loops
from automation.model.issue import TaskCounts
from automation.model.snapshot import Snapshot
from automation.model.triage import TriagePolicy, TriageRule
from automation.periods import period_of
from automation.rules.quiet import Quiet
from automation.rules.triage.draft import Draft
from automation.rules.triage.issues import follow_context, summary_context, titled
from automation.rules.triage.speech import Said
from automation.rules.triage.trial import QUIET, Trial, thought
from automation.templates import LoopTemplate


@dataclass(frozen=True)
class Shown:
    """What one rule writes, in Markdown, by which template, and on which issue.

    `kind` is comment, issue or summary; `title` is that of the issue on which it is written,
    or of the one that it opens; `where` is a project, or empty for the issue's own.
    """

    policy: TriagePolicy
    rule: TriageRule
    kind: str
    template: str
    title: str
    text: str
    where: str = ""


def shown(policy: TriagePolicy, loops: Loops, now: datetime) -> Iterator[Shown]:
    """Everything that the policy's rules write, for one of the groups in scope, if any is.

    Raises RenderError where a template cannot be rendered.
    """
    for index in range(len(policy.rules)):
        trial = Trial(policy, index, loops, now)
        draft = _draft(trial)
        if draft is not None:
            yield from _written(trial, draft)


def _draft(trial: Trial) -> Draft | None:
    """An issue with everything, of the kind that the policy looks at; None out of scope."""
    scope = trial.loops.scope
    drafts = list(trial.drafts())
    inside = [one for one in drafts if one.group is not None]
    wanted = [one for one in inside if one.group is not None and scope.admits(one.group)]
    if inside and not wanted:
        return None
    issue = (wanted or drafts[1:])[0].issue
    opened = replace(issue, opened=drafts[0].issue.opened, tasks=TaskCounts(3, 1))
    return Draft.of(opened, wanted[0].group if wanted else None)


def _written(trial: Trial, draft: Draft) -> Iterator[Shown]:
    policy, rule, do = trial.policy, trial.rule, trial.rule.do
    library = trial.loops.library
    if do.comment:
        template = library.get(do.comment)
        text = thought(lambda snapshot: _comment(trial, draft, template, snapshot))
        yield Shown(policy, rule, "comment", do.comment, draft.issue.title, text)
    if do.issue:
        follow = do.issue
        context = thought(lambda snapshot: follow_context(_said(trial, draft, snapshot)))
        text = library.get(follow.template).render(context)
        title = titled(follow.title, context)
        yield Shown(policy, rule, "issue", follow.template, title, text, follow.project or "")
    if do.summary:
        wanted = do.summary
        start = trial.loops.organisation.settings.fiscal_year_start
        period = period_of(trial.now.date(), wanted.period, start)
        context = summary_context(policy, rule, period, (draft.seen,))
        text = library.get(wanted.template).render(context)
        title = titled(wanted.title, context)
        yield Shown(policy, rule, "summary", wanted.template, title, text, wanted.project)


def _said(trial: Trial, draft: Draft, snapshot: Snapshot) -> Said:
    return Said(trial.policy, trial.rule, draft, trial.desk(snapshot), Quiet(QUIET, QUIET))


def _comment(trial: Trial, draft: Draft, template: LoopTemplate, snapshot: Snapshot) -> str:
    context = _said(trial, draft, snapshot).context(template.undeclared())
    return template.render(context).strip()

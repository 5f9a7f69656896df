"""Checks that need templates and calendar together: everything is rendered once.

What passes here renders in a run: every template for every subject, in its current
period and the two that follow, with unique titles, readable rules and valid fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from automation.checklist import Checklist, read
from automation.completion import judge
from automation.errors import ConfigError, ConfigProblem
from automation.expressions import DURATIONS, evaluate
from automation.identity import Trust
from automation.loops import MAX_DESCRIPTION, Loop, Loops
from automation.model.issue import Issue, IssueRef, User
from automation.model.organisation import Subject
from automation.model.policy import (
    Cadence,
    SubjectKind,
    TriagePolicy,
    TriageRule,
)
from automation.model.snapshot import Snapshot
from automation.periods import between
from automation.rules.provisioning import board_name
from automation.rules.quiet import Humans, Quiet
from automation.rules.triage import Match, comment_context, facts, group_of
from automation.stock import Stock
from automation.templates import RenderError

AHEAD = 3
"""Periods that are rendered for every subject."""

HORIZON = timedelta(days=800)
"""Long enough for three periods of a yearly cadence."""


def lint(loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    """All faults that only show when templates meet subjects and calendar."""
    titles: dict[str, Loop] = {}
    for cadence in loops.organisation.cadences:
        yield from _first_of_each(_cadence(cadence, loops, now, titles))
    for policy in loops.organisation.triages:
        yield from _triage(policy, loops, now)
    for spec in loops.organisation.boards:
        for subject in loops.organisation.subjects(SubjectKind(spec.for_each)):
            try:
                board_name(spec, subject)
            except RenderError as error:
                yield loops.organisation.place("boards", spec.name).problem(error.message)
                break


def _first_of_each(problems: Iterator[ConfigProblem]) -> Iterator[ConfigProblem]:
    """One problem per place: thirty subjects need not tell the same thing thirty times."""
    seen: set[tuple[str, int, str]] = set()
    for problem in problems:
        place = (problem.file, problem.line, problem.message.split(" (for ")[0])
        if place not in seen:
            seen.add(place)
            yield problem


def _cadence(
    cadence: Cadence, loops: Loops, now: datetime, titles: dict[str, Loop]
) -> Iterator[ConfigProblem]:
    try:
        loops.library.get(cadence.template)
    except ConfigError as error:
        yield from error.problems
        return
    for subject in loops.organisation.subjects(cadence.for_each):
        for loop in _upcoming(cadence, subject, loops, now):
            yield from _loop(loop, titles)


def _upcoming(cadence: Cadence, subject: Subject, loops: Loops, now: datetime) -> Iterator[Loop]:
    current = loops.at(cadence, subject, now)
    if current is not None:
        yield current
    months = loops.organisation.settings.fiscal_year_start
    zone, schedule = subject.zone, cadence.schedule
    start = max(now, datetime.combine(schedule.starts or date.min, schedule.at, UTC))
    coming = between(schedule, cadence.period, zone, start, start + HORIZON, months)
    for occurrence in islice(coming, AHEAD):
        yield loops.of(cadence, subject, occurrence)


def _loop(loop: Loop, titles: dict[str, Loop]) -> Iterator[ConfigProblem]:
    place = loop.organisation.place("cadence", loop.cadence.name)
    about = f" (for {loop.key})"
    try:
        body, project = loop.body, loop.project
        _ = loop.assignee, loop.labels, loop.due
        title = loop.title
    except RenderError as error:
        line = error.line
        if line:
            yield ConfigProblem(loop.template.file, line, 1, "", error.message + about)
        else:
            yield place.problem(error.message + about)
        return
    group = loop.organisation.settings.loops_group
    if not project.startswith(f"{group}/"):
        yield place.problem(f"`project` {project} does not lie below {group}{about}", at="project")
    if len(body) > MAX_DESCRIPTION // 2:
        yield ConfigProblem(loop.template.file, 1, 1, "", f"renders {len(body)} characters{about}")
    other = titles.setdefault(title, loop)
    if other.key != loop.key:
        message = f"the title {title!r} is the same for {other.key} and {loop.key}"
        remedy = "Put {{ subject.name }} or {{ period.label }} into the title."
        yield ConfigProblem(loop.template.file, 1, 1, "title", message, remedy)
    yield from _rule(loop, read(body))


def _rule(loop: Loop, checklist: Checklist) -> Iterator[ConfigProblem]:
    """Whether the completion rule can be read from what the template renders."""
    file, about = loop.template.file, f" (for {loop.key})"
    verdict = judge(loop.close_when, checklist, checklist.counts(), loop.team)
    if not checklist.items:
        remedy = "Give it a `- [ ]` item."
        yield ConfigProblem(file, 1, 1, "", f"has no box to tick: never done{about}", remedy)
    elif verdict.unreadable:
        headings = ", ".join(sorted({section.heading for section in checklist.sections}))
        remedy = f"Headings in the template: {headings or 'none'}."
        yield ConfigProblem(file, 1, 1, "", f"{verdict.unreadable}{about}", remedy)
    elif verdict.complete:
        yield ConfigProblem(file, 1, 1, "", f"is complete as soon as it opens{about}")


def _triage(policy: TriagePolicy, loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    place = loops.organisation.place("triage", policy.name)
    for rule in policy.rules:
        try:
            _try_rule(policy, rule, loops, now)
        except RenderError as error:
            if error.line and rule.do.comment:
                yield ConfigProblem(
                    f"issue_templates/{rule.do.comment}", error.line, 1, "", error.message
                )
            else:
                yield place.problem(f"rule {rule.name!r}: {error.message}", at="rules")
        except ConfigError as error:
            yield from error.problems


def _try_rule(policy: TriagePolicy, rule: TriageRule, loops: Loops, now: datetime) -> None:
    """Evaluate the condition and render the comment for an issue made up for the purpose."""
    issue = _sample_issue(policy, now)
    quiet = timedelta(days=30)
    has = {"has": lambda _pattern: True}
    values = facts(issue, frozenset(policy.where.labels), quiet, now)
    evaluate(rule.when, values, {**DURATIONS, **has})
    if rule.do.comment:
        template = loops.library.get(rule.do.comment)
        group = group_of(issue, loops.organisation)
        match = _sample_match(policy, issue, group, loops, now)
        mentions = match.mentions(rule)
        template.render(comment_context(issue, policy, rule, group, mentions, Quiet(quiet, quiet)))


def _sample_match(
    policy: TriagePolicy, issue: Issue, group: Subject | None, loops: Loops, now: datetime
) -> Match:
    trust = Trust.of(issue.author, ())
    stock = Stock(loops, trust, ())
    return Match(policy, issue, group, stock, Snapshot(), Humans(trust), now)


def _sample_issue(policy: TriagePolicy, now: datetime) -> Issue:
    place = policy.where.group or policy.where.project or ""
    return Issue(
        id=1,
        ref=IssueRef(1, 1),
        project=place,
        title="An initiative",
        description="",
        opened=True,
        labels=frozenset(policy.where.labels),
        author=User(1, "somebody"),
        created_at=now - timedelta(days=60),
        updated_at=now - timedelta(days=30),
        web_url="https://gitlab.example.com/-/issues/1",
    )

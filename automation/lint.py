"""Checks that need templates and calendar together: everything is rendered once.

What passes here renders in a run: every template for every subject, in its current
period and the two that follow, with unique titles, readable rules and valid fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from automation.carry_over import HEADING, carried_items
from automation.checklist import Checklist, Mark, fold, heading_text, read
from automation.completion import judge, unreadable_rules
from automation.config.words import quoted, suggestion
from automation.errors import ConfigError, ConfigProblem
from automation.expressions import DURATIONS, evaluate
from automation.identity import Trust, read_markers
from automation.labels import states
from automation.loops import MAX_DESCRIPTION, Loop, Loops, as_problem
from automation.model.issue import Issue, IssueRef, TaskCounts, User
from automation.model.organisation import Organisation, Place, Subject
from automation.model.policy import Cadence, SubjectKind
from automation.model.provision import BoardSpec
from automation.model.snapshot import Snapshot
from automation.model.triage import TriagePolicy, TriageRule
from automation.rules.provisioning import board_name
from automation.rules.quiet import Humans, Quiet
from automation.rules.triage import Match, comment_context, facts, group_of
from automation.stock import Stock
from automation.templates import Library, LoopTemplate, RenderError

AHEAD = 3
"""Periods that are rendered for every subject."""

HORIZON = timedelta(days=800)
"""Long enough for three periods of a yearly cadence."""

QUIET = timedelta(days=30)
"""How long the issues that are made up for conditions and comments have been quiet."""

AROUND = frozenset(("manager", "director", "report", "group"))
"""Names that the template of a loop may use, depending on what the loop is for."""

COMMENT_NAMES = frozenset(("issue", "policy", "rule", "mentions", "quiet_days", "group"))
"""Names that the template of a comment may use; `group` where the issue lies in one."""


def lint(loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    """All faults that only show when templates meet subjects and calendar."""
    titles: dict[str, Loop] = {}
    for cadence in loops.organisation.cadences:
        yield from _first_of_each(_cadence(cadence, loops, now, titles))
    for policy in loops.organisation.triages:
        yield from _triage(policy, loops, now)
    for spec in loops.organisation.boards:
        yield from _board(spec, loops.organisation)


def _first_of_each(problems: Iterator[ConfigProblem]) -> Iterator[ConfigProblem]:
    """One problem per place: thirty subjects need not tell the same thing thirty times."""
    seen: set[tuple[str, int, str]] = set()
    for problem in problems:
        what = problem.path or problem.message.split(" (for ")[0]
        place = (problem.file, problem.line, what)
        if place not in seen:
            seen.add(place)
            yield problem


# --- Cadences --------------------------------------------------------------------------


def _cadence(
    cadence: Cadence, loops: Loops, now: datetime, titles: dict[str, Loop]
) -> Iterator[ConfigProblem]:
    place = loops.organisation.place("cadence", cadence.name)
    faults = tuple(_template_faults(cadence.template, loops.library, place, "template"))
    yield from faults
    if faults:
        return
    names: set[str] = set()
    rendered: list[tuple[Loop, Checklist]] = []
    for subject in loops.organisation.subjects(cadence.for_each):
        for loop in _upcoming(cadence, subject, loops, now):
            yield from _loop(loop, titles, rendered)
            names.update(loop.context)
    yield from _unknown_headings(rendered)
    if names:
        yield from _unknown_names(loops.library.get(cadence.template), AROUND | names)


def _unknown_names(template: LoopTemplate, names: Set[str]) -> Iterator[ConfigProblem]:
    """Names that nothing defines, in parts that no subject of today has rendered, too."""
    for name, line in template.undeclared().items():
        if name not in names:
            remedy = suggestion(name, names)
            yield ConfigProblem(template.file, line, 1, "", f"{name!r} is undefined", remedy)


def _template_faults(name: str, library: Library, place: Place, at: str) -> Iterator[ConfigProblem]:
    names = library.names()
    if name not in names:
        remedy = suggestion(name, names) or "There are no templates at all."
        yield place.problem(f"there is no template {quoted(name)}", remedy, at=at)
        return
    try:
        library.get(name)
    except ConfigError as error:
        yield from error.problems


def _upcoming(cadence: Cadence, subject: Subject, loops: Loops, now: datetime) -> Iterator[Loop]:
    current = loops.at(cadence, subject, now)
    if current is not None:
        yield current
    schedule = cadence.schedule
    start = max(now, datetime.combine(schedule.starts or date.min, schedule.at, UTC))
    coming = loops.coming(cadence, subject, start, start + HORIZON)
    there = (loop for loop in coming if loop.subject.is_active(loop.occurrence.day))
    yield from islice(there, AHEAD)


def _loop(
    loop: Loop, titles: dict[str, Loop], rendered: list[tuple[Loop, Checklist]]
) -> Iterator[ConfigProblem]:
    """Every part of a loop, each judged by itself."""
    for part in (_title(loop, titles), _project(loop), _people(loop), _body(loop, rendered)):
        try:
            yield from part
        except RenderError as error:
            yield as_problem(loop, error)


def _unknown_headings(rendered: list[tuple[Loop, Checklist]]) -> Iterator[ConfigProblem]:
    """Headings that are called optional and stand in no loop: one of the two was changed."""
    headings = {section.heading for _, checklist in rendered for section in checklist.sections}
    known = {fold(heading) for heading in headings}
    for loop, _ in rendered[:1]:
        for index, name in enumerate(loop.optional):
            if fold(heading_text(name)) not in known:
                message = f"there is no heading {quoted(name)} in {loop.template.file}"
                remedy = suggestion(name, headings) or "There are no headings at all."
                place = loop.place_of("optional")
                yield place.problem(message, remedy, at=f"optional[{index}]")


def _title(loop: Loop, titles: dict[str, Loop]) -> Iterator[ConfigProblem]:
    title = loop.title
    other = titles.setdefault(title, loop)
    if other.key != loop.key:
        message = f"{quoted(title)} is the title of {other.key} as well (for {loop.key})"
        remedy = "Put {{ subject.name }} or {{ period.label }} into the title."
        yield loop.place_of("title").problem(message, remedy, at="title")


def _project(loop: Loop) -> Iterator[ConfigProblem]:
    project, group = loop.project, loop.organisation.settings.loops_group
    if not project.lower().startswith(f"{group.lower()}/"):
        about = f"(for {loop.key})"
        message = f"comes out as {quoted(project)}, not below the loops' group {group!r} {about}"
        remedy = "Loops need the labels of that group; move one of them."
        yield loop.place_of("project").problem(message, remedy, at="project")


def _people(loop: Loop) -> Iterator[ConfigProblem]:
    _ = loop.assignee
    wrong = sorted(states(loop.labels))
    if wrong:
        message = f"has the label {wrong[0]}, which tells how a loop stands (for {loop.key})"
        yield loop.place_of("labels").problem(message, "Leave it out.", at="labels")


def _body(loop: Loop, rendered: list[tuple[Loop, Checklist]]) -> Iterator[ConfigProblem]:
    body = loop.body
    if len(body) > MAX_DESCRIPTION // 2:
        message = f"comes out {len(body):,} characters long (for {loop.key})"
        remedy = f"Use {MAX_DESCRIPTION // 2:,} at most: carried items need room, too."
        yield ConfigProblem(loop.template.file, 1, 1, "", message, remedy)
    if read_markers(body, lambda key: key):
        message = f"writes a marker of a loop (for {loop.key})"
        yield ConfigProblem(loop.template.file, 1, 1, "", message, "Drumbeat does that; leave it.")
    if not carried_items(read(f"{body}\n\n{HEADING}\n\n- [ ] x\n")):
        message = f"leaves a block open at its end, which swallows what follows (for {loop.key})"
        remedy = "Close the code block, quote or HTML element that is still open."
        yield ConfigProblem(loop.template.file, 1, 1, "", message, remedy)
    checklist = read(body)
    rendered.append((loop, checklist))
    yield from _rule(loop, checklist)


def _can_be_done(loop: Loop, checklist: Checklist) -> bool:
    """Whether the loop is complete once every box is ticked."""
    done = {id(item): replace(item, mark=Mark.DONE) for item in checklist.items}
    sections = (
        replace(section, items=tuple(done[id(item)] for item in section.items))
        for section in checklist.sections
    )
    ticked = replace(checklist, items=tuple(done.values()), sections=tuple(sections))
    optional = loop.optional
    return judge(loop.close_when, ticked, ticked.counts(), loop.team, optional=optional).complete


def _rule(loop: Loop, checklist: Checklist) -> Iterator[ConfigProblem]:
    """Whether the completion rule can be read from what the template renders."""
    file, about = loop.template.file, f" (for {loop.key})"
    rule, counts, team = loop.close_when, checklist.counts(), loop.team
    verdict = judge(rule, checklist, counts, team, optional=loop.optional)
    unreadable = (
        verdict.unreadable if checklist.refused else unreadable_rules(rule, checklist, team)
    )
    if not checklist.items and not checklist.refused:
        if loop.subject.manager is not None and not team:
            return  # a template with a section per report has none for a manager without reports
        remedy = "Give it a `- [ ]` item."
        yield ConfigProblem(file, 1, 1, "", f"has no box to tick: never done{about}", remedy)
    elif unreadable:
        headings = ", ".join(dict.fromkeys(section.heading for section in checklist.sections))
        message = f"{unreadable} in {file}{about}"
        remedy = f"Headings there: {headings or 'none'}."
        yield loop.place_of("close_when").problem(message, remedy, at="close_when")
    elif not _can_be_done(loop, checklist):
        message = f"asks for more than {file} has boxes{about}"
        yield loop.place_of("close_when").problem(message, "Ask for less.", at="close_when")
    elif verdict.complete:
        remedy = "Write its boxes as `- [ ]`."
        yield ConfigProblem(file, 1, 1, "", f"is complete as soon as it opens{about}", remedy)


# --- Triage policies and boards ----------------------------------------------------------


def _triage(policy: TriagePolicy, loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    for index, rule in enumerate(policy.rules):
        yield from _condition(policy, index, loops, now)
        if rule.do.comment:
            yield from _first_of_each(_comment(policy, index, rule.do.comment, loops, now))


def _condition(
    policy: TriagePolicy, index: int, loops: Loops, now: datetime
) -> Iterator[ConfigProblem]:
    """Try the condition on an issue made up for the purpose."""
    issue = _plain_issue(policy, now)
    values = facts(issue, issue.labels, QUIET, now)
    try:
        evaluate(policy.rules[index].when, values, {**DURATIONS, "has": lambda _pattern: True})
    except RenderError as error:
        place = loops.organisation.place("triage", policy.name)
        yield place.problem(error.reason, error.remedy, at=f"rules[{index}].when")


def _comment(
    policy: TriagePolicy, index: int, name: str, loops: Loops, now: datetime
) -> Iterator[ConfigProblem]:
    """Render the comment for issues of all kinds: bare and rich, in a group and in none."""
    place = loops.organisation.place("triage", policy.name)
    faults = tuple(_template_faults(name, loops.library, place, f"rules[{index}].do.comment"))
    yield from faults
    if faults:
        return
    template, says = loops.library.get(name), False
    for issue in _issues(policy, loops.organisation, now):
        try:
            text = template.render(_context(issue, policy, policy.rules[index], loops, now))
            says = says or bool(text.strip())
        except RenderError as error:
            yield ConfigProblem(template.file, error.line or 1, 1, "", error.reason, error.remedy)
            says = True
    yield from _unknown_names(template, COMMENT_NAMES)
    if not says:
        yield ConfigProblem(template.file, 1, 1, "", "comes out empty: nothing would be said")


def _context(
    issue: Issue, policy: TriagePolicy, rule: TriageRule, loops: Loops, now: datetime
) -> dict[str, Any]:
    group = group_of(issue, loops.organisation)
    trust = Trust.of(issue.author, ())
    stock = Stock.of(loops, trust, now, ())
    match = Match(policy, issue, group, stock, Snapshot(), Humans(trust), now)
    quiet = Quiet(QUIET, QUIET)
    return comment_context(issue, policy, rule, group, match.mentions(rule), quiet)


def _issues(policy: TriagePolicy, organisation: Organisation, now: datetime) -> Iterator[Issue]:
    plain = _plain_issue(policy, now)
    rich = replace(plain, tasks=TaskCounts(3, 1), assignees=(plain.author,), due_date=now.date())
    yield plain
    yield rich
    for group in organisation.roster.groups:
        if f"{group.project}/".startswith(f"{plain.project}/"):
            yield replace(rich, project=group.project)


def _plain_issue(policy: TriagePolicy, now: datetime) -> Issue:
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
        created_at=now - 2 * QUIET,
        updated_at=now - QUIET,
        web_url="https://gitlab.example.com/-/issues/1",
    )


def _board(spec: BoardSpec, organisation: Organisation) -> Iterator[ConfigProblem]:
    names: dict[str, str] = {}
    place = organisation.place("boards", spec.name)
    for subject in organisation.subjects(SubjectKind(spec.for_each)):
        try:
            name = board_name(spec, subject)
        except RenderError as error:
            yield place.problem(f"{error.reason} (for {subject.id})", error.remedy, at="name")
            return
        other = names.setdefault(name, subject.id)
        if other != subject.id:
            message = f"{quoted(name)} is the board of {other} as well (for {subject.id})"
            yield place.problem(message, "Put {{ director.name }} into the name.", at="name")
            return

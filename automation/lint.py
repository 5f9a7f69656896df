"""Checks that need templates and calendar together: everything is rendered once.

What passes here renders in a run: every template for every subject, in its current
period and the two that follow, with unique titles, readable rules and valid fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from automation.carry_over import HEADING, carried_items
from automation.checklist import Checklist, Mark, fold, heading_text, read
from automation.completion import judge, unreadable_rules
from automation.config.words import quoted, suggestion
from automation.errors import ConfigError, ConfigProblem
from automation.identity import read_markers
from automation.labels import states, wanted
from automation.loops import MAX_DESCRIPTION, Loop, Loops, as_problem
from automation.model.organisation import Organisation, Subject
from automation.model.policy import Cadence, SubjectKind
from automation.model.provision import BoardSpec
from automation.rules.gathering import SOURCES, sampled
from automation.rules.provisioning import board_for
from automation.rules.templating import first_of_each, template_faults, unknown_names
from automation.rules.triage.trial import faults as triage_faults
from automation.templates import RenderError

AHEAD = 3
"""Periods that are rendered for every subject."""

HORIZON = timedelta(days=800)
"""Long enough for three periods of a yearly cadence."""

AROUND = frozenset(("manager", "director", "report", "group"))
"""Names that the template of a loop may use, depending on what the loop is for."""


def lint(loops: Loops, now: datetime) -> Iterator[ConfigProblem]:
    """All faults that only show when templates meet subjects and calendar."""
    titles: dict[str, Loop] = {}
    for cadence in loops.organisation.cadences:
        yield from first_of_each(_cadence(cadence, loops, now, titles))
    for policy in loops.organisation.triages:
        yield from triage_faults(policy, loops, now)
    for spec in loops.organisation.boards:
        yield from _board(spec, loops.organisation)
    yield from _off(loops)


def _off(loops: Loops) -> Iterator[ConfigProblem]:
    """What is switched off and is neither a policy nor a section of a template."""
    organisation = loops.organisation
    sections: set[str] = set()
    for cadence in organisation.cadences:
        with suppress(ConfigError):  # told with the cadence
            sections |= loops.library.get(cadence.template).sections
    known = sections | organisation.policy_names
    for index, name in enumerate(organisation.settings.off):
        if name not in known:
            message = f"there is no policy and no section {quoted(name)}"
            place = organisation.place("settings", "")
            yield place.problem(message, suggestion(name, known), at=f"off[{index}]")


# --- Cadences --------------------------------------------------------------------------


def _cadence(
    cadence: Cadence, loops: Loops, now: datetime, titles: dict[str, Loop]
) -> Iterator[ConfigProblem]:
    place = loops.organisation.place("cadence", cadence.name)
    faults = tuple(template_faults(cadence.template, loops.library, place, "template"))
    yield from faults
    if faults:
        return
    names: set[str] = set()
    rendered: list[tuple[Loop, Checklist]] = []
    for subject in loops.organisation.subjects(cadence.for_each):
        for loop in _upcoming(cadence, subject, loops, now):
            for sample in sampled(loop):
                yield from _loop(sample, titles, rendered)
            names.update(loop.context)
    yield from _unknown_headings(rendered)
    if names:
        known = AROUND | SOURCES.keys() | names
        yield from unknown_names(loops.library.get(cadence.template), known)


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


# --- Boards ----------------------------------------------------------------------------


def _board(spec: BoardSpec, organisation: Organisation) -> Iterator[ConfigProblem]:
    names: dict[tuple[str, str], str] = {}
    labels = wanted(organisation)
    place = organisation.place("boards", spec.name)
    for subject in organisation.subjects(SubjectKind(spec.for_each)):
        about = f"(for {subject.id})"
        try:
            board = board_for(spec, subject)
        except RenderError as error:
            yield place.problem(f"{error.reason} {about}", error.remedy, at=error.field)
            return
        other = names.setdefault((board.place, board.name), subject.id)
        if other != subject.id:
            message = f"{quoted(board.name)} is the board of {other} as well {about}"
            remedy = f"Put {{{{ {spec.for_each}.name }}}} into the name."
            yield place.problem(message, remedy, at="name")
            return
        for field, index, label in board.labels:
            if label not in labels:
                message, remedy = (
                    f"there is no label {quoted(label)} {about}",
                    suggestion(label, labels),
                )
                yield place.problem(message, remedy, at=f"{field}[{index}]")
                return

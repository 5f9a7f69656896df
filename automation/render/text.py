"""A plan as a person reads it in a terminal or a job log."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from automation.inert import plain
from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureSchedule,
    Outcome,
    Problem,
    Provision,
    Status,
    Transition,
)
from automation.plan import Plan
from automation.render.counts import LABELS, result, sentence
from automation.render.provision import provision_lines

MAX_LINE = 10_000

Paint = Callable[[str, str], str]
"""Colours a text: `paint("green", text)`."""


def unpainted(_colour: str, text: str) -> str:
    """Leaves the text as it is."""
    return text


GROUPS: tuple[tuple[str, Callable[[Change], bool]], ...] = (
    ("Labels", lambda change: isinstance(change, LABELS)),
    ("Boards", lambda change: isinstance(change, EnsureBoard)),
    ("Schedules", lambda change: isinstance(change, EnsureSchedule)),
    ("Open", lambda change: isinstance(change, CreateIssue)),
    ("Close", lambda change: isinstance(change, Transition) and change.close),
    ("Label and remind", lambda change: isinstance(change, Transition) and not change.close),
)


def plan_text(plan: Plan, paint: Paint = unpainted) -> str:
    """The whole plan with its reasons, problems and totals."""
    only = f", only {' '.join(plan.only)}" if plan.only else ""
    shard = f", shard {plan.shard}" if plan.shard else ""
    lines = [paint("bold", f"Plan for {plan.now:%a %Y-%m-%d %H:%M %Z}{shard}{only}"), ""]
    for title, belongs in GROUPS:
        changes = [change for change in plan.changes if belongs(change)]
        if changes:
            lines += [paint("bold", f"{title} ({len(changes)})")]
            lines += [line for change in changes for line in _change(change, paint)]
            lines += [""]
    if plan.problems:
        lines += [*problems(plan.problems, paint), ""]
    lines += [paint("red", f"Past the limit: {excess}") for excess in plan.excesses()]
    return "\n".join([*lines, sentence(plan.changes)]) + "\n"


def problems(found: tuple[Problem, ...], paint: Paint = unpainted) -> Iterator[str]:
    """What is left alone or cannot be done, and what to do about it."""
    yield paint("bold", f"Needs a person ({len(found)})")
    for problem in found:
        colour = "red" if problem.blocking else "yellow"
        yield paint(colour, f"  ! {problem.key}: {_line(problem.message)}")
        if problem.remedy:
            yield f"      {problem.remedy}"
        if problem.url:
            yield f"      {problem.url}"


def _change(change: Change, paint: Paint) -> Iterator[str]:
    if isinstance(change, Provision):
        first, *more = provision_lines(change)
        yield paint("green", f"  {first}")
        yield from (f"      {line}" for line in more)
    elif isinstance(change, CreateIssue):
        yield paint("green", f"  + {change.key}")
        yield f"      {_issue(change)}"
    else:
        sign = "✓" if change.close else "~"
        where = "" if change.key == change.target.reference else f"  {change.target.reference}"
        yield paint("cyan", f"  {sign} {change.key}{where}  → {change.to}")
        yield from _deeds(change)
    yield paint("dim", f"      because {why(change)}")


def why(change: Change) -> str:
    """The reason, but for what it tells of a confidential issue."""
    hidden = isinstance(change, Transition) and change.confidential
    return "(confidential)" if hidden else change.reason


def _issue(change: CreateIssue) -> str:
    title = "(confidential)" if change.confidential else f"“{change.title}”"
    assignees = ", ".join(f"@{name}" for name in change.assignees) or "nobody"
    due = f", due {change.due_date}" if change.due_date else ""
    return f"{title} in {change.project}, for {assignees}{due}"


def _line(text: str) -> str:
    """What GitLab calls something, as one line in which a terminal obeys nothing."""
    return plain(text, MAX_LINE)


def _deeds(change: Transition) -> Iterator[str]:
    signs = [f"+{_line(label)}" for label in change.add_labels]
    signs += [f"-{_line(label)}" for label in change.remove_labels]
    if change.assign:
        signs.append(f"for @{change.assign.username}")
    if change.milestone:
        signs.append(f"in %{_line(change.milestone.title)}")
    if change.due_date:
        signs.append(f"due {change.due_date}")
    if change.reopen:
        signs.append("reopened")
    if change.move_to:
        signs.append(f"to {change.move_to}")
    if change.say:
        signs.append("with a note" + (f" to {_names(change.mentions)}" if change.mentions else ""))
    if signs:
        yield f"      {'  '.join(signs)}"


def _names(usernames: tuple[str, ...]) -> str:
    return ", ".join(f"@{name}" for name in usernames)


SIGNS = {
    Status.DONE: ("green", "done"),
    Status.SKIPPED: ("dim", "skipped"),
    Status.FAILED: ("red", "FAILED"),
    Status.UNKNOWN: ("red", "UNKNOWN"),
}


def outcome_text(outcome: Outcome, paint: Paint = unpainted) -> str:
    """One line for what became of a change."""
    colour, word = SIGNS[outcome.status]
    tail = outcome.detail or outcome.url
    return f"{paint(colour, f'{word:>8}')}  {outcome.deed:<9} {outcome.key}  {tail}".rstrip()


def outcomes_text(outcomes: tuple[Outcome, ...], paint: Paint = unpainted) -> str:
    """What became of every change, and the totals."""
    lines = [outcome_text(outcome, paint) for outcome in outcomes]
    return "\n".join([*lines, result(outcomes)]) + "\n"

"""A plan as Markdown, for a merge request's note or a job's artifact."""

from __future__ import annotations

from collections.abc import Iterator

from automation.inert import inert
from automation.model.change import (
    Change,
    CreateIssue,
    PrioritizeLabel,
    Problem,
    RemoveLabel,
    Transition,
)
from automation.plan import Plan
from automation.render.counts import sentence
from automation.render.text import GROUPS, why


def plan_markdown(plan: Plan) -> str:
    """The plan with a table for each kind of change."""
    lines = [f"## Drumbeat's plan for {plan.now:%a %Y-%m-%d %H:%M %Z}", ""]
    if plan.shard:
        lines += [f"Shard {plan.shard}.", ""]
    if plan.only:
        lines += [f"Only {inert(' '.join(plan.only))}.", ""]
    lines += [sentence(plan.changes), ""]
    lines += [f"**Past the limit:** {inert(excess)}.\n" for excess in plan.excesses()]
    if plan.problems:
        lines += ["### Needs a person", "", *map(_problem, plan.problems), ""]
    for title, belongs in GROUPS:
        changes = [change for change in plan.changes if belongs(change)]
        if changes:
            lines += _table(title, changes)
    return "\n".join(lines).rstrip() + "\n"


def _table(title: str, changes: list[Change]) -> Iterator[str]:
    yield f"<details><summary>{title} ({len(changes)})</summary>"
    yield from ("", "| what | how | why |", "| --- | --- | --- |")
    for change in changes:
        yield f"| {_what(change)} | {inert(_how(change))} | {inert(why(change))} |"
    yield from ("", "</details>", "")


def _what(change: Change) -> str:
    if isinstance(change, Transition):
        return f"[{inert(change.key)}]({change.target.web_url})"
    return inert(change.key)


def _how(change: Change) -> str:
    match change:
        case CreateIssue():
            title = "confidential" if change.confidential else change.title
            due = f", due {change.due_date}" if change.due_date else ""
            return f"{title}; in {change.project}{due}"
        case Transition():
            assign = f", for {change.assign.username}" if change.assign else ""
            moved = f", moved to {change.move_to}" if change.move_to else ""
            return f"to {change.to}{assign}{moved}" + (", with a note" if change.say else "")
        case RemoveLabel():
            return "removed"
        case PrioritizeLabel():
            return f"priority {change.priority}"
        case _:
            return "new" if change.before is None else "changed"


def _problem(problem: Problem) -> str:
    where = f" [see it]({problem.url})" if problem.url else ""
    remedy = f" {inert(problem.remedy)}" if problem.remedy else ""
    return f"- **{inert(problem.key)}**: {inert(problem.message)}.{remedy}{where}"

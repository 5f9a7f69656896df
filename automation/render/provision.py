"""What `drumbeat setup` does, in lines: the thing, and what it was before → what it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automation.model.change import (
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    LabelBefore,
    PrioritizeLabel,
    Provision,
    RemoveLabel,
    VariableChange,
)
from automation.rules.provisioning import BoardAddress


def provision_lines(change: Provision) -> Iterator[str]:
    """A line that names the thing after a sign (+ new, ~ changed, - gone), then its details."""
    match change:
        case EnsureLabel():
            yield from _label(change)
        case PrioritizeLabel():
            yield f"~ {change.key}  priority: {_arrow(change.before, change.priority)}"
        case RemoveLabel():
            yield f"- {change.name}  {_look(change.before)}; issues lose it"
        case EnsureBoard():
            yield from _board(change)
        case _:
            yield from _schedule(change)


def boards_text(boards: Iterable[BoardAddress], base_url: str) -> str:
    """Where the boards are, each by its name."""
    lines = [f"  {one.name}\n      {base_url}{one.path}" for one in boards]
    return "\n".join(["", f"Boards ({len(lines)})", *lines]) + "\n" if lines else ""


def _arrow(before: object, after: object) -> str:
    return f"{'none' if before is None else before} → {after}"


def _look(before: LabelBefore) -> str:
    return f"{before.color} {_quoted(before.description)}"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "(no description)"


def _label(change: EnsureLabel) -> Iterator[str]:
    before = change.before
    if before is None:
        yield f"+ {change.name}  {change.color}"
        return
    yield f"~ {change.name}  {change.color}"
    if before.name:
        yield f"name: {before.name} → {change.name}; issues keep it"
    if before.color != change.color:
        yield f"colour: {before.color} → {change.color}"
    if before.description != change.description:
        yield f"description: {_quoted(before.description)} → {_quoted(change.description)}"


def _board(change: EnsureBoard) -> Iterator[str]:
    if change.before is None:
        yield f"+ {change.key}  lists: {', '.join(change.lists_after)}"
    else:
        yield f"~ {change.key}"
        lists = (", ".join(one) or "none" for one in (change.lists_before, change.lists_after))
        if change.missing or change.moves:
            yield f"lists: {' → '.join(lists)}"
    if change.only:
        yield f"only cards with {', '.join(change.only)}"


def _schedule(change: EnsureSchedule) -> Iterator[str]:
    before = change.before
    if before is None:
        state = "" if change.active else ", not active"
        when = f"{change.cron} {change.timezone}"
        yield f"+ {change.key}  {when}, on {change.ref}{state}"
    else:
        yield f"~ {change.key}"
        compared = (
            ("cron", before.cron, change.cron),
            ("time zone", before.timezone, change.timezone),
            ("ref", before.ref, change.ref),
            ("active", _yes(before.active), _yes(change.active)),
        )
        yield from (f"{what}: {was} → {now}" for what, was, now in compared if was != now)
    if change.take_ownership:
        owner = f"@{before.owner}" if before and before.owner else None
        yield f"owner: {_arrow(owner, 'Drumbeat')}"
    # Values of variables may be secrets, and job logs have many readers.
    yield from (f"variable {_deed(one)}: {one.key}" for one in change.variables)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _deed(variable: VariableChange) -> str:
    if variable.value is None:
        return "removed"
    return "changed" if variable.there else "added"

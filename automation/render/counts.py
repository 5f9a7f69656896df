"""The numbers that sum up a plan or what became of it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    Outcome,
    PrioritizeLabel,
    RemoveLabel,
    Status,
    Transition,
)

LABELS = (EnsureLabel, PrioritizeLabel, RemoveLabel)
"""Changes that are about labels."""


def counted(number: int, thing: str) -> str:
    """`1 label`, `2 labels`, `3 boxes`."""
    plural = f"{thing}es" if thing.endswith(("x", "s")) else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def tally(changes: Iterable[Change]) -> dict[str, int]:
    """How many of each: labels, boards, schedules, open, close, move, notes."""
    counts: Counter[str] = Counter()
    for change in changes:
        counts[_kind(change)] += 1
        counts["notes"] += isinstance(change, Transition) and bool(change.say)
    keys = ("labels", "boards", "schedules", "open", "close", "move", "notes")
    return {key: counts[key] for key in keys}


def _kind(change: Change) -> str:
    match change:
        case EnsureBoard():
            return "boards"
        case EnsureSchedule():
            return "schedules"
        case CreateIssue():
            return "open"
        case Transition():
            return "close" if change.close else "move"
    return "labels"


def sentence(changes: tuple[Change, ...]) -> str:
    """What the changes come to, in one sentence."""
    if not changes:
        return "Nothing to do."
    counts = tally(changes)
    words = {
        "labels": _provided(changes, "label", *LABELS),
        "boards": _provided(changes, "board", EnsureBoard),
        "schedules": _provided(changes, "schedule", EnsureSchedule),
        "open": f"{counted(counts['open'], 'issue')} to open",
        "close": f"{counts['close']} to close",
        "move": f"{counts['move']} to label or remind",
    }
    notes = f" ({counted(counts['notes'], 'note')} among them)" if counts["notes"] else ""
    return ", ".join(text for key, text in words.items() if counts[key]) + notes + "."


def _provided(changes: tuple[Change, ...], thing: str, *kinds: type) -> str:
    """`3 labels to make`, `1 board to change`, `2 labels to make or change`."""
    found = [one for one in changes if isinstance(one, kinds)]
    new = sum(_is_new(one) for one in found)
    deeds = [deed for deed, some in (("make", new), ("change", len(found) - new)) if some]
    return f"{counted(len(found), thing)} to {' or '.join(deeds)}"


def _is_new(change: Change) -> bool:
    return isinstance(change, EnsureLabel | EnsureBoard | EnsureSchedule) and change.before is None


def result(outcomes: Iterable[Outcome]) -> str:
    """What became of the changes, in one sentence."""
    counts = Counter(outcome.status for outcome in outcomes)
    if not counts:
        return "Nothing was to be done."
    words = {
        Status.DONE: "done",
        Status.SKIPPED: "skipped",
        Status.FAILED: "failed",
        Status.UNKNOWN: "with unknown outcome (the next run looks)",
    }
    return ", ".join(f"{counts[status]} {text}" for status, text in words.items() if counts[status])

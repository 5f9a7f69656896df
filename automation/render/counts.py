"""The numbers that sum up a plan or what became of it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    Outcome,
    Status,
)


def counted(number: int, thing: str) -> str:
    """`1 label`, `2 labels`, `3 boxes`."""
    plural = f"{thing}es" if thing.endswith(("x", "s")) else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def tally(changes: Iterable[Change]) -> dict[str, int]:
    """How many of each: labels, boards, open, close, note, relabel."""
    counts: Counter[str] = Counter()
    for change in changes:
        match change:
            case EnsureLabel():
                counts["labels"] += 1
            case EnsureBoard():
                counts["boards"] += 1
            case CreateIssue():
                counts["open"] += 1
            case _:
                counts["close" if change.close else "move"] += 1
                counts["notes"] += bool(change.say)
    keys = ("labels", "boards", "open", "close", "move", "notes")
    return {key: counts[key] for key in keys}


def sentence(changes: tuple[Change, ...]) -> str:
    """What the changes come to, in one sentence."""
    if not changes:
        return "Nothing to do."
    counts = tally(changes)
    words = {
        "labels": f"{counted(counts['labels'], 'label')} to make",
        "boards": f"{counted(counts['boards'], 'board')} to make",
        "open": f"{counted(counts['open'], 'issue')} to open",
        "close": f"{counts['close']} to close",
        "move": f"{counts['move']} to label or remind",
    }
    notes = f" ({counted(counts['notes'], 'note')} among them)" if counts["notes"] else ""
    return ", ".join(text for key, text in words.items() if counts[key]) + notes + "."


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

"""Thinks a thought to its end where no GitLab answers: what is made up answers instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from automation.model.questions import Question
from automation.model.snapshot import Missing, Snapshot

Result = TypeVar("Result")


def imagined(think: Callable[[Snapshot], Result], answer: Callable[[Question], object]) -> Result:
    """What a thought comes to, with each question that it asks answered once."""
    snapshot = Snapshot()
    while True:
        try:
            return think(snapshot)
        except Missing as missing:
            snapshot = snapshot.knowing({one: answer(one) for one in missing.questions})

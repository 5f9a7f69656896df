"""The two doors to GitLab: one that only reads, one that only writes.

Planning is given a Reader, `apply` alone a Writer; tests give either of them a fake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    RemoveLabel,
    Transition,
)
from automation.model.questions import Question


class Reader(Protocol):
    """Answers questions about GitLab's present state."""

    def answer(self, questions: Collection[Question]) -> Mapping[Question, object]:
        """Read the answers; each question gets its answer or an `Unreadable`.

        Raises RemoteError when no answer at all can be had (no connection, bad token).
        """
        ...


class Writer(Protocol):
    """Does changes, one method per kind; each answers with the URL where it shows.

    Raises Refused or Unreachable where provably nothing happened, OutcomeUnknown
    where the answer was lost. May be called from several threads at once; who calls sees to
    it that no two calls are about the same thing. Whoever wants to know what GitLab called the
    requests asks for `receipts`.
    """

    def create_issue(self, change: CreateIssue) -> str:
        """Open an issue."""
        ...

    def transition(self, change: Transition) -> str:
        """Change labels and state, with a note where there is something to say."""
        ...

    def ensure_label(self, change: EnsureLabel) -> str:
        """Create a label of a group, or update it, its name too."""
        ...

    def prioritize_label(self, change: PrioritizeLabel) -> str:
        """Give a label its priority in a project."""
        ...

    def remove_label(self, change: RemoveLabel) -> str:
        """Delete a label of a group."""
        ...

    def ensure_board(self, change: EnsureBoard) -> str:
        """Create a board, the lists that it lacks and its scope, and put its lists in order."""
        ...

    def ensure_schedule(self, change: EnsureSchedule) -> str:
        """Create a pipeline schedule, or take it over and change what differs."""
        ...


@dataclass
class Receipts:
    """What stands on GitLab's answers to writes: its ids of them, and its time at the last."""

    request_ids: list[str] = field(default_factory=list)
    at: datetime | None = None


_receipts: ContextVar[Receipts | None] = ContextVar("_receipts", default=None)


@contextmanager
def receipts() -> Iterator[Receipts]:
    """Collects what stands on the answers to whatever this thread writes meanwhile.

    Refusals are answers, too. So a Writer's methods need not tell of it, and no error need.
    """
    collected = Receipts()
    token = _receipts.set(collected)
    try:
        yield collected
    finally:
        _receipts.reset(token)


def receive(request_id: str, at: datetime | None) -> None:
    """Hand over what stands on an answer, for whoever collects it."""
    collected = _receipts.get()
    if collected is not None:
        collected.request_ids += [request_id] if request_id else []
        collected.at = at or collected.at

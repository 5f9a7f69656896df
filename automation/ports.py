"""The two doors to GitLab: one that only reads, one that only writes.

Planning is given a Reader, `apply` alone a Writer; tests give either of them a fake.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    where the answer was lost.
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

"""Time spent on an issue, and the notes that it leaves."""

from __future__ import annotations

from automation.sandbox import durations
from automation.sandbox.errors import invalid
from automation.sandbox.issue_edit import Editor
from automation.sandbox.schema import Issue


def spend(pen: Editor, issue: Issue, seconds: int, day: str | None = None) -> None:
    """Add time, or take some away; ``day`` is told when it is not the present one.

    Raises:
        ApiError: 400, when more would be taken away than was spent.
    """
    if issue.time_spent + seconds < 0:
        raise invalid({"base": ["Time to subtract exceeds the total time spent"]})
    if not seconds:
        return
    issue.time_spent += seconds
    word = "added" if seconds > 0 else "subtracted"
    told = f"{word} {durations.spoken(abs(seconds))} of time spent"
    pen.touch(issue, told if day in (None, pen.now[:10]) else f"{told} at {day}")


def forget(pen: Editor, issue: Issue) -> None:
    """Forget all time spent."""
    if issue.time_spent:
        issue.time_spent = 0
        pen.touch(issue, "removed time spent")

"""Whether a person undid what Drumbeat did before: then it is not done again (law 5).

Asked only when the deed is due once more. Drumbeat's own deeds are known by GitLab's system
notes and events that bear a Drumbeat user's name. Sources of the notes' words: in GitLab's
`app/services/system_notes/`, `change_start_date_or_due_date` of `time_tracking_service.rb`,
`change_issuable_assignees` and `noteable_moved` of `issuables_service.rb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from automation.model.issue import Event, EventKind, Issue
from automation.rules.triage.desk import Desk

_DUE = re.compile(r"(?:.+ and )?changed due date to ")
_ASSIGNED = re.compile(r"assigned to ")
_MOVED = re.compile(r"moved from (\S*)#(\d+)")


def closed_in_vain(desk: Desk, issue: Issue) -> bool:
    """Whether somebody else opened the issue again after Drumbeat closed it."""
    return _answered(desk, issue, "closed", "reopened")


def reopened_in_vain(desk: Desk, issue: Issue) -> bool:
    """Whether somebody else closed the issue again after Drumbeat reopened it."""
    return _answered(desk, issue, "reopened", "closed")


def _answered(desk: Desk, issue: Issue, ours: str, theirs: str) -> bool:
    trust, did = desk.stock.trust, False
    for event in sorted(desk.snapshot.events(issue.ref, EventKind.STATE), key=_when):
        by_us = event.user is not None and trust.is_drumbeat(event.user)
        if event.action == ours and by_us:
            did = True
        elif event.action == theirs and did and not by_us:
            return True
    return False


def _when(event: Event) -> datetime:
    return event.created_at


def had_milestone(desk: Desk, issue: Issue) -> bool:
    """Whether Drumbeat gave the issue a milestone before."""
    events = desk.snapshot.events(issue.ref, EventKind.MILESTONE)
    trust = desk.stock.trust
    return any(
        one.action == "add" and one.user is not None and trust.is_drumbeat(one.user)
        for one in events
    )


def had_due_date(desk: Desk, issue: Issue) -> bool:
    """Whether Drumbeat gave the issue a due date before."""
    return _noted(desk, issue, _DUE)


def was_assigned(desk: Desk, issue: Issue) -> bool:
    """Whether Drumbeat assigned the issue before."""
    return _noted(desk, issue, _ASSIGNED)


def was_moved(desk: Desk, issue: Issue) -> bool:
    """Whether Drumbeat moved the issue before."""
    return _noted(desk, issue, _MOVED)


def moved_from(desk: Desk, issue: Issue) -> Iterator[tuple[str, int]]:
    """The paths of projects and the numbers that the issue had before moves, the latest first.

    A reference within a namespace is short there, hence the way back step by step.
    """
    path = issue.project
    notes = sorted(desk.snapshot.notes(issue.ref), key=lambda one: (one.created_at, one.id))
    for note in reversed(notes):
        found = _MOVED.match(note.body) if note.system else None
        if found is not None:
            short = "/" not in found[1]
            path = f"{path.rpartition('/')[0]}/{found[1]}" if short else found[1]
            yield path, int(found[2])


def _noted(desk: Desk, issue: Issue, words: re.Pattern[str]) -> bool:
    return any(
        note.system and words.match(note.body) and desk.stock.trust.is_drumbeat(note.author)
        for note in desk.snapshot.notes(issue.ref)
    )

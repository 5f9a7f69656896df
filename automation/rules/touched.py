"""Whether anybody but Drumbeat did something to an issue since a moment.

Stricter than quiet time: other bots count like people, and so does somebody who is gone, and
every kind of action does, whatever the settings say. Only what GitLab writes into an issue
because it was mentioned elsewhere, or locked, is no touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from automation.identity import Trust
from automation.model.issue import Event, EventKind, Issue, IssueRef, Note
from automation.model.questions import EventsOf, NotesOf
from automation.model.snapshot import Snapshot
from automation.rules.activity import kind_of
from automation.rules.humans import actor

_WORDS = {
    "comments": "commented on it",
    "edits": "changed its text or title",
    "ticks": "ticked in it",
    "labels": "changed its labels",
    "state": "closed or reopened it",
    "assignees": "changed who is assigned",
    "milestone": "changed its milestone",
    "dates": "changed a date of it",
    "references": "worked on it in a commit or merge request",
}


def touched(issue: Issue, snapshot: Snapshot, trust: Trust, since: datetime | None = None) -> str:
    """What somebody did first, in words that follow "somebody"; empty where nobody did anything.

    Without `since` since it was opened: what was not touched since then costs no request. Raises
    Missing while its history is not read.
    """
    if since is None and issue.updated_at <= issue.created_at:
        return ""
    acts = [
        entry
        for entry in _history(issue, snapshot)
        if kind_of(entry) and not _is_ours(entry, trust) and _is_since(entry, since)
    ]
    first = min(acts, key=lambda entry: entry.created_at, default=None)
    return _WORDS.get(kind_of(first), "changed it") if first else ""


def _is_ours(entry: Note | Event, trust: Trust) -> bool:
    user = actor(entry)
    return user is not None and trust.is_drumbeat(user)


def _is_since(entry: Note | Event, since: datetime | None) -> bool:
    return since is None or entry.created_at >= since


def _history(issue: Issue, snapshot: Snapshot) -> Iterator[Note | Event]:
    kinds = tuple(_streams(issue))
    snapshot.require(questions(issue.ref, kinds))
    yield from snapshot.notes(issue.ref)
    for kind in kinds:
        yield from snapshot.events(issue.ref, kind)


def questions(ref: IssueRef, kinds: tuple[EventKind, ...]) -> tuple[NotesOf | EventsOf, ...]:
    """All that tells of an issue's history."""
    return NotesOf(ref), *(EventsOf(ref, kind) for kind in kinds)


def _streams(issue: Issue) -> Iterator[EventKind]:
    """What is recorded of it; what the tier lacks is not asked for."""
    lacking = {
        EventKind.WEIGHT: not issue.has_weight,
        EventKind.ITERATION: not issue.has_iteration,
    }
    return (kind for kind in EventKind if not lacking.get(kind, False))

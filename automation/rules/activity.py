"""Which kind of action an entry of an issue's history tells of (law 6).

What GitLab's system notes say is told by their text, which is always English: their actions
are not in the API. Sources: GitLab's `app/services/system_notes/issuables_service.rb` and
`time_tracking_service.rb` there, and `ee/app/services/ee/system_notes/issuables_service.rb`.
"""

from __future__ import annotations

import re

from automation.model.issue import Event, EventKind, Note
from automation.model.policy import Activity

_NEVER = ""

# The first that fits counts. Labels, states, milestones, weights and iterations stand in notes
# on issues that are older than GitLab's resource events.
_SYSTEM_NOTES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("references", r"mentioned in (?:commit|merge request) "),
        (_NEVER, r"mentioned in |(?:un)?locked (?:this|the) "),
        ("ticks", r"marked the (?:checklist item|task) "),
        ("edits", r"changed (?:the description|(?:the )?title )"),
        ("assignees", r"(?:un)?assigned |(?:removed|changed) (?:all )?assignee"),
        ("dates", r"(?:changed|removed) (?:start|due) date"),
        ("time_spent", r"(?:added|subtracted|deleted|removed) .*\b(?:time spent|spent time)\b"),
        ("time_spent", r"(?:added|changed|removed) time (?:estimate|spent)\b"),
        ("weight", r"(?:changed|set|removed) (?:the )?weight\b"),
        ("milestone", r"(?:changed|removed) milestone\b"),
        ("iteration", r"(?:changed|removed) iteration\b"),
        ("labels", r"(?:added|removed) ~"),
        ("state", r"(?:closed|reopened)(?: via .*)?$"),
    )
)
_STREAMS = {
    EventKind.LABEL: "labels",
    EventKind.STATE: "state",
    EventKind.MILESTONE: "milestone",
    EventKind.WEIGHT: "weight",
    EventKind.ITERATION: "iteration",
}
_IN_NOTES = frozenset(Activity.model_fields) - frozenset(_STREAMS.values())


def kind_of(entry: Note | Event) -> str:
    """The name of the entry's switch in `settings.activity`; empty for what never counts."""
    if isinstance(entry, Event):
        return _STREAMS[entry.kind]
    if not entry.system:
        return "comments"
    kinds = (kind for kind, pattern in _SYSTEM_NOTES if pattern.match(entry.body))
    return next(kinds, "other")


def counts(entry: Note | Event, activity: Activity) -> bool:
    """Whether such an action of a person ends the quiet time."""
    kind = kind_of(entry)
    return kind != _NEVER and bool(getattr(activity, kind))


def reads_notes(activity: Activity) -> bool:
    """Whether anything that is written into notes counts."""
    return any(getattr(activity, kind) for kind in _IN_NOTES)


def reads_events(kind: EventKind, activity: Activity) -> bool:
    """Whether the stream of events counts."""
    return bool(getattr(activity, _STREAMS[kind]))

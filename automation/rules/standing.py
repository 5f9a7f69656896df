"""Whether what a run did to an issue still stands there as the run left it.

GitLab's history tells: the last event of a label, or of the state, has to be the run's own, and
nobody may have touched the issue since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.identity import Trust
from automation.model.change import Did
from automation.model.issue import Event, EventKind, Issue
from automation.model.snapshot import Snapshot
from automation.rules.touched import touched

_WHOLE_SECONDS = timedelta(seconds=1)
"""By how much what GitLab did may be later than its answer's time, which has no fractions."""


@dataclass(frozen=True)
class Deed:
    """What was done to an issue, as GitLab's history has it; `label` is None for its state."""

    action: str
    label: str | None = None

    @property
    def kind(self) -> EventKind:
        """The stream of events that tells of it."""
        return EventKind.STATE if self.label is None else EventKind.LABEL

    def stands(self, issue: Issue) -> bool:
        """Whether the issue still is as it was then."""
        if self.label is None:
            return issue.opened is (self.action == "reopened")
        return (self.label in issue.labels) is (self.action == "add")

    def is_told_by(self, event: Event) -> bool:
        """Whether the event, one of its stream, is of such a deed."""
        return (event.action, event.label) == (self.action, self.label)


def deeds_of(did: Did) -> tuple[Deed, ...]:
    """All that a change did to an issue and that can be taken back."""
    return (
        *(Deed("add", label) for label in did.add_labels),
        *(Deed("remove", label) for label in did.remove_labels),
        *((Deed("closed"),) if did.close else ()),
        *((Deed("reopened"),) if did.reopen else ()),
    )


def doubt(
    issue: Issue, deeds: Iterable[Deed], at: datetime | None, snapshot: Snapshot, trust: Trust
) -> str:
    """Why it is not clear that deeds which stand are the run's, and nobody's since; or empty.

    `at` is GitLab's time as it answered the run. Raises Missing while history is not read.
    """
    moments = []
    for deed in deeds:
        events = snapshot.events(issue.ref, deed.kind)
        about = [one for one in events if one.label == deed.label]
        latest = max(about, key=lambda one: one.created_at, default=None)
        did = _event(deed, about, at, trust)
        if did is None:
            return "its history does not tell which run did it"
        if did != latest:
            return "it was done again since"
        moments.append(did.created_at)
    touch = touched(issue, snapshot, trust, min(moments))
    return f"somebody {touch} since" if touch else ""


def _event(deed: Deed, about: list[Event], at: datetime | None, trust: Trust) -> Event | None:
    """The event of the deed: the last one before GitLab's answer, or the only one."""
    ours = [
        event
        for event in about
        if deed.is_told_by(event)
        and event.user is not None
        and trust.is_drumbeat(event.user)
        and (at is None or event.created_at <= at + _WHOLE_SECONDS)
    ]
    if at is None and len(ours) != 1:
        return None
    return max(ours, key=lambda one: one.created_at, default=None)

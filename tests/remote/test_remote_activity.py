"""What the events of a user come to."""

from __future__ import annotations

from typing import Any

from automation.model.metrics import Activity
from automation.remote import convert
from automation.remote.fields import Fields


def event(action: str, target: str | None, number: int = 1, note: Any = None) -> Fields:
    data = {"action_name": action, "target_type": target, "target_id": number, "note": note}
    return Fields(data, "an event")


def on(number: int, kind: str | None = "MergeRequest") -> dict[str, Any]:
    return {"noteable_type": kind, "noteable_id": number}


def test_issues_are_counted_as_work_items_too() -> None:
    events = [event("opened", "Issue"), event("opened", "WorkItem"), event("closed", "WorkItem")]
    assert convert.activity(events) == Activity(issues_opened=2, issues_closed=1)


def test_a_merge_request_of_others_is_reviewed_once() -> None:
    events = [
        event("opened", "MergeRequest", 1),
        event("commented on", "DiffNote", 50, on(1)),
        event("commented on", "DiffNote", 51, on(2)),
        event("commented on", "Note", 52, on(2)),
        event("approved", "MergeRequest", 3),
        event("accepted", "MergeRequest", 3),
        event("commented on", "Note", 53, on(9, "Issue")),
        event("commented on", "Note", 54, on(9, None)),
        event("pushed to", None),
    ]
    assert convert.activity(events) == Activity(
        merge_requests_opened=1, merge_requests_merged=1, merge_requests_reviewed=2
    )

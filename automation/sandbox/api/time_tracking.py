"""Estimates and time spent (``lib/api/time_tracking_endpoints.rb``)."""

from __future__ import annotations

from typing import Any

from automation.sandbox import durations, effort
from automation.sandbox.api import find
from automation.sandbox.api.issues import editor
from automation.sandbox.call import Call
from automation.sandbox.errors import bad_request, forbidden, invalid
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue
from automation.sandbox.shapes.issues import time_stats

ROUTES = Router()
ISSUE = "/projects/:id/issues/:issue_iid"


def _issue(call: Call) -> Issue:
    row = find.issue(call)
    if not call.access.sets_metadata(row):
        raise forbidden()
    return row


@ROUTES.add("POST", f"{ISSUE}/time_estimate", status=200)
def estimate(call: Call) -> Any:
    """Set how long an issue will take."""
    text = call.params.need("duration")
    row = _issue(call)
    seconds = durations.parse(text)
    if seconds is None or seconds < 0:
        raise bad_request(
            "Time estimate must have a valid format and be greater than or equal to zero."
        )
    editor(call).edit(row, {"time_estimate": seconds})
    return time_stats(row)


@ROUTES.add("POST", f"{ISSUE}/reset_time_estimate", status=200)
def reset_estimate(call: Call) -> Any:
    """Forget how long an issue will take."""
    row = _issue(call)
    editor(call).edit(row, {"time_estimate": 0})
    return time_stats(row)


@ROUTES.add("POST", f"{ISSUE}/add_spent_time")
def add_spent(call: Call) -> Any:
    """Add time spent, or with a minus sign take some away."""
    text = call.params.need("duration")
    row = _issue(call)
    seconds = durations.parse(text)
    if seconds is None:
        raise invalid({"timelogs": ["is invalid"]})
    effort.spend(editor(call), row, seconds)
    return time_stats(row)


@ROUTES.add("POST", f"{ISSUE}/reset_spent_time", status=200)
def reset_spent(call: Call) -> Any:
    """Forget all time spent."""
    row = _issue(call)
    effort.forget(editor(call), row)
    return time_stats(row)


@ROUTES.add("GET", f"{ISSUE}/time_stats")
def show(call: Call) -> Any:
    """Estimate and time spent."""
    return time_stats(find.issue(call))

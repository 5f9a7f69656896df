"""Resource events: changes of label, state, milestone, weight, which are not in the notes.

Weights are for paid tiers (``ee/lib/api/resource_weight_events.rb``): elsewhere their issue is
said not to be found. Iterations are too, and no issue here has one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Event, Issue
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
PAID = ("weight", "iteration")


def _issue(call: Call, kind: str) -> Issue:
    issue = find.issue(call, "Issue")
    if kind in PAID and not call.premium:
        raise not_found()
    return issue


def _list(call: Call, kind: str) -> Any:
    issue = _issue(call, kind)
    wanted = select(Event).where(Event.issue_id == issue.id, Event.kind == kind)
    rows = paginate(call, wanted.order_by(Event.id), Event.id)
    return [shapes.event(row, issue, call.base_url, call.today) for row in rows]


def _show(call: Call, kind: str) -> Any:
    issue = _issue(call, kind)
    wanted = call.path["event_id"]
    row = call.session.get(Event, int(wanted)) if wanted.isdigit() else None
    if row is None or row.issue_id != issue.id or row.kind != kind:
        raise not_found()
    return shapes.event(row, issue, call.base_url, call.today)


def _register(kind: str) -> None:
    base = f"/projects/:id/issues/:issue_iid/resource_{kind}_events"
    ROUTES.add("GET", base)(lambda call: _list(call, kind))
    ROUTES.add("GET", f"{base}/:event_id")(lambda call: _show(call, kind))


for _kind in ("label", "state", "milestone", *PAID):
    _register(_kind)

"""Resource events: changes of label, state and milestone, which are not in the notes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Event
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()


def _list(call: Call, kind: str) -> Any:
    issue = find.issue(call, "Issue")
    wanted = select(Event).where(Event.issue_id == issue.id, Event.kind == kind)
    rows = paginate(call, wanted.order_by(Event.id), Event.id)
    return [shapes.event(row, issue, call.base_url, call.today) for row in rows]


def _show(call: Call, kind: str) -> Any:
    issue = find.issue(call, "Issue")
    wanted = call.path["event_id"]
    row = call.session.get(Event, int(wanted)) if wanted.isdigit() else None
    if row is None or row.issue_id != issue.id or row.kind != kind:
        raise not_found()
    return shapes.event(row, issue, call.base_url, call.today)


def _register(kind: str) -> None:
    base = f"/projects/:id/issues/:issue_iid/resource_{kind}_events"
    ROUTES.add("GET", base)(lambda call: _list(call, kind))
    ROUTES.add("GET", f"{base}/:event_id")(lambda call: _show(call, kind))


for _kind in ("label", "state", "milestone"):
    _register(_kind)

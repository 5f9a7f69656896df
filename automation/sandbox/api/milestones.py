"""Milestones, as far as issues need them: make, list, look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, invalid, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Milestone, Namespace, Project
from automation.sandbox.shapes import places

ROUTES = Router()


def _place(call: Call, kind: str) -> Project | Namespace:
    return find.project(call) if kind == "projects" else find.group(call)


def _of(place: Project | Namespace) -> Any:
    column = Milestone.project_id if isinstance(place, Project) else Milestone.group_id
    return column == place.id


def _present(call: Call, place: Project | Namespace, row: Milestone) -> dict[str, Any]:
    return places.milestone(row, place.full_path, call.base_url, call.today)


def _list(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    wanted = select(Milestone).where(_of(place)).order_by(Milestone.id.desc())
    if title := params.text("title"):
        wanted = wanted.where(Milestone.title == title)
    if state := params.choice("state", ("active", "closed")):
        wanted = wanted.where(Milestone.state == state)
    return [_present(call, place, row) for row in paginate(call, wanted, Milestone.id)]


def _show(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    row = call.session.scalar(
        select(Milestone).where(_of(place), Milestone.id == call.path["milestone_id"])
    )
    if row is None:
        raise not_found()
    return _present(call, place, row)


def _create(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    if isinstance(place, Project):
        allowed, where = call.access.manages_issues(place), {"project_id": place.id}
    else:
        allowed, where = call.access.group_level(place) >= PLANNER, {"group_id": place.id}
    if not allowed:
        raise forbidden()
    title = params.need("title")
    if call.session.scalar(select(Milestone.id).where(_of(place), Milestone.title == title)):
        raise invalid({"title": ["has already been taken"]})
    last = call.session.scalar(select(func.max(Milestone.iid)).where(_of(place))) or 0
    row = Milestone(
        iid=last + 1, title=title, description=params.text("description", "") or "",
        start_date=params.date("start_date"), due_date=params.date("due_date"),
        created_at=call.now, updated_at=call.now, **where,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    return _present(call, place, row)


def _register(kind: str) -> None:
    base = f"/{kind}/:id/milestones"
    ROUTES.add("GET", base)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", f"{base}/:milestone_id")(lambda call: _show(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

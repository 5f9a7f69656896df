"""Milestones of projects and groups (``lib/api/milestone_responses.rb`` and its neighbours)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select

from automation.sandbox import milestone_edit
from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.api.issue_list import below, readable
from automation.sandbox.api.issues import editor
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import ApiError, forbidden, grape, not_found
from automation.sandbox.milestone_edit import Place
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Milestone, Project
from automation.sandbox.shapes import issues as issue_shapes
from automation.sandbox.shapes import places

ROUTES = Router()
_FIELDS = ("title", "description", "start_date", "due_date", "state_event")


def _place(call: Call, kind: str) -> Place:
    return find.project(call) if kind == "projects" else find.group(call)


def _manages(call: Call, place: Place) -> bool:
    if isinstance(place, Project):
        return call.access.manages_issues(place)
    return call.access.group_level(place) >= PLANNER


def _managed(call: Call, kind: str) -> Place:
    place = _place(call, kind)
    if not _manages(call, place):
        raise forbidden()
    return place


def _present(call: Call, place: Place, row: Milestone) -> dict[str, Any] | None:
    return places.milestone_seen_from(row, place, call.base_url, call.today)


def _with_ancestors(place: Place) -> Any:
    group = place.namespace if isinstance(place, Project) else place
    return or_(milestone_edit.of(place), Milestone.group_id.in_(group.lineage_ids))


def _narrowed(call: Call, wanted: Select[Milestone]) -> Select[Milestone]:
    params = call.params
    if params.has("iids"):
        wanted = wanted.where(Milestone.iid.in_(params.integers("iids")))
    state = params.choice("state", ("active", "closed", "all"), "all")
    if state != "all":
        wanted = wanted.where(Milestone.state == state)
    if title := params.text("title"):
        wanted = wanted.where(Milestone.title == title)
    for word in (params.text("search") or "").split():
        found = (
            c.icontains(word, autoescape=True) for c in (Milestone.title, Milestone.description)
        )
        wanted = wanted.where(or_(*found))
    if after := params.time("updated_after"):
        wanted = wanted.where(Milestone.updated_at >= after)
    if before := params.time("updated_before"):
        wanted = wanted.where(Milestone.updated_at <= before)
    return wanted


def _list(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    above = params.flag("include_ancestors") or params.flag("include_parent_milestones")
    where = _with_ancestors(place) if above else milestone_edit.of(place)
    wanted = _narrowed(call, select(Milestone).where(where))
    # The soonest due first; without a date, last (`MilestonesFinder`).
    order = (Milestone.due_date.asc().nulls_last(), Milestone.id)
    rows = paginate(call, wanted.order_by(*order), Milestone.id)
    return [_present(call, place, row) for row in rows]


def _row(call: Call, place: Place) -> Milestone:
    row = call.session.get(Milestone, find.number(call, "milestone_id"))
    if row is None:
        raise not_found()
    parent = row.project_id if isinstance(place, Project) else row.group_id
    if parent != place.id:
        raise not_found()
    return row


def _show(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    return _present(call, place, _row(call, place))


def _create(call: Call, kind: str) -> Any:
    place, params = _managed(call, kind), call.params
    title = params.need("title")
    where = {"project_id" if isinstance(place, Project) else "group_id": place.id}
    last = call.session.scalar(select(func.max(Milestone.iid)).where(milestone_edit.of(place)))
    row = Milestone(
        iid=(last or 0) + 1, title="", description="", created_at=call.now, updated_at=call.now,
        **where,
    )  # fmt: skip
    changes = milestone_edit.Wanted(
        title=title, description=params.text("description", "") or "",
        start_date=params.date("start_date"), due_date=params.date("due_date"),
    )  # fmt: skip
    milestone_edit.change(call.session, place, row, changes, "create")
    call.session.add(row)
    call.session.flush()
    return _present(call, place, row)


def _update(call: Call, kind: str) -> Any:
    place, params = _managed(call, kind), call.params
    if not params.any_of(_FIELDS):
        fields = ", ".join(_FIELDS)
        raise grape(f"{fields} are missing, at least one parameter must be provided")
    event = params.choice("state_event", ("close", "activate"))
    row = _row(call, place)
    changes = milestone_edit.Wanted()
    if params.has("title"):
        changes["title"] = params.text("title") or ""
    if params.has("description"):
        changes["description"] = params.text("description", "") or ""
    for name in ("start_date", "due_date"):
        if params.has(name):
            changes[name] = params.date(name)
    milestone_edit.change(call.session, place, row, changes, "update")
    if event is not None:
        row.state = "closed" if event == "close" else "active"
    row.updated_at = call.now
    return _present(call, place, row)


def _delete(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    row = _row(call, place)
    call.unchanged(row.updated_at)
    pen = editor(call)
    wanted = select(Issue).where(Issue.milestone_id == row.id).options(*find.ISSUE_PARTS)
    for issue in list(call.session.scalars(wanted)):
        pen.edit(issue, {"milestone": None})
    call.session.delete(row)
    return Reply(204, None)


def _issues(call: Call, kind: str) -> Any:
    """The issues of a milestone, also in projects below its group."""
    place = _place(call, kind)
    row = _row(call, place)
    projects = [place] if isinstance(place, Project) else below(call, place)
    titled = select(Milestone.id).where(Milestone.title == row.title)
    wanted = select(Issue).where(readable(call, projects), Issue.milestone_id.in_(titled))
    ordered = wanted.options(*find.ISSUE_PARTS).order_by(Issue.id.desc())
    return [
        issue_shapes.issue_basic(issue, call.base_url, call.today, premium=call.premium)
        for issue in paginate(call, ordered, Issue.id)
    ]


def _merge_requests(call: Call, kind: str) -> Any:
    _row(call, _place(call, kind))
    return slice_page(call, [])


@ROUTES.add("POST", "/projects/:id/milestones/:milestone_id/promote", status=200)
def promote(call: Call) -> Any:
    """Make a project's milestone its group's, and those of that title in the group's projects."""
    place = _managed(call, "projects")
    group = place.namespace if isinstance(place, Project) else place
    if group.kind != "group":
        words = "Promotion failed - Project does not belong to a group."
        raise ApiError(400, {"message": words})
    if not _manages(call, group):
        raise forbidden()
    milestone_edit.promote(call.session, group, _row(call, place), call.now)
    return None


def _register(kind: str) -> None:
    base = f"/{kind}/:id/milestones"
    one = f"{base}/:milestone_id"
    ROUTES.add("GET", base, login=True)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one, login=True)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _update(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))
    ROUTES.add("GET", f"{one}/issues", login=True)(lambda call: _issues(call, kind))
    ROUTES.add("GET", f"{one}/merge_requests", login=True)(lambda call: _merge_requests(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

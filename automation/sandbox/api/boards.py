"""Issue boards of projects and groups (``lib/api/boards_responses.rb`` and its ``ee`` half)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from automation.sandbox import labelling
from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, invalid, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Label, Milestone, Namespace, Project, User
from automation.sandbox.schema_boards import Board
from automation.sandbox.shapes import boards as shapes

ROUTES = Router()
Place = Project | Namespace


def place_of(call: Call, kind: str) -> Place:
    """The project or group, whose boards the caller may see."""
    place = find.project(call) if kind == "projects" else find.group(call)
    if isinstance(place, Project) and not call.access.uses_issues(place):
        raise forbidden()
    return place


def managed(call: Call, kind: str) -> Place:
    """The project or group, whose boards the caller may change."""
    place = place_of(call, kind)
    if isinstance(place, Project):
        allowed = call.access.manages_issues(place)
    else:
        allowed = call.access.group_level(place) >= PLANNER
    if not allowed:
        raise forbidden()
    return place


def _of(place: Place) -> Any:
    return (Board.project_id if isinstance(place, Project) else Board.group_id) == place.id


def _present(call: Call, place: Place, row: Board) -> dict[str, Any]:
    return shapes.board(row, place, call.base_url, call.today, premium=call.premium)


def _list(call: Call, kind: str) -> Any:
    place = place_of(call, kind)
    wanted = select(Board).where(_of(place)).order_by(func.lower(Board.name), Board.id)
    return [_present(call, place, row) for row in paginate(call, wanted, Board.id)]


def board(call: Call, place: Place) -> Board:
    """The board that the path names, else 404."""
    wanted = find.number(call, "board_id")
    row = call.session.scalar(select(Board).where(_of(place), Board.id == wanted))
    if row is None:
        raise not_found()
    return row


def _show(call: Call, kind: str) -> Any:
    place = place_of(call, kind)
    return _present(call, place, board(call, place))


def _create(call: Call, kind: str) -> Any:
    place = managed(call, kind)
    name = call.params.need("name")
    if isinstance(place, Namespace) and not call.premium:
        held = call.session.scalar(select(func.count()).where(_of(place)))
        if held:
            raise forbidden()
    if not name.strip():
        raise invalid({"name": ["can't be blank"]})
    where = {"project_id" if kind == "projects" else "group_id": place.id}
    row = Board(name=name, updated_at=call.now, **where)
    call.session.add(row)
    call.session.flush()
    call.session.refresh(row)
    return _present(call, place, row)


def _update(call: Call, kind: str) -> Any:
    place = managed(call, kind)
    row = board(call, place)
    if name := call.params.text("name"):
        row.name = name
    for flag in ("hide_backlog_list", "hide_closed_list"):
        if (on := call.params.flag(flag)) is not None:
            setattr(row, flag, on)
    if call.premium:
        _narrow(call, place, row)
    row.updated_at = call.now
    return _present(call, place, row)


def known_milestone(call: Call, place: Place, wanted: int) -> Milestone | None:
    """A milestone of the place or of a group above it."""
    group = place.namespace if isinstance(place, Project) else place
    near: ColumnElement[bool] = Milestone.group_id.in_(group.lineage_ids)
    if isinstance(place, Project):
        near = or_(near, Milestone.project_id == place.id)
    return call.session.scalar(select(Milestone).where(near, Milestone.id == wanted))


def _narrow(call: Call, place: Place, row: Board) -> None:
    """Set what the board shows only: by milestone, assignee, labels, weight."""
    params = call.params
    if params.has("milestone_id"):
        row.milestone = known_milestone(call, place, params.integer("milestone_id") or 0)
    if params.has("assignee_id"):
        row.assignee = call.session.get(User, params.integer("assignee_id") or 0)
    if params.has("weight"):
        row.weight = params.integer("weight")
    if params.has("labels"):
        titles = params.strings("labels")
        wanted = select(Label).where(labelling.known_to(place), Label.title.in_(titles))
        row.labels = list(call.session.scalars(wanted.order_by(Label.title)))
    call.session.flush()


def _delete(call: Call, kind: str) -> Any:
    place = managed(call, kind)
    row = board(call, place)
    call.unchanged(row.updated_at)
    call.session.delete(row)
    return Reply(204, None)


def _register(kind: str) -> None:
    base = f"/{kind}/:id/boards"
    one = f"{base}/:board_id"
    ROUTES.add("GET", base, login=True)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one, login=True)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _update(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

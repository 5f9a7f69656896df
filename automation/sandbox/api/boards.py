"""Issue boards of projects and groups, and their lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from automation.sandbox import labelling
from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, invalid, nested_error, not_found
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Board, BoardList, Label, Namespace, Project
from automation.sandbox.shapes import places

ROUTES = Router()
Place = Project | Namespace


def _place(call: Call, kind: str) -> Place:
    place = find.project(call) if kind == "projects" else find.group(call)
    if isinstance(place, Project) and not call.access.uses_issues(place):
        raise forbidden()
    return place


def _managed(call: Call, kind: str) -> Place:
    place = _place(call, kind)
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
    return places.board(row, place, call.base_url, premium=call.premium)


def _list(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    wanted = select(Board).where(_of(place)).order_by(func.lower(Board.name), Board.id)
    return [_present(call, place, row) for row in paginate(call, wanted, Board.id)]


def _board(call: Call, place: Place) -> Board:
    wanted = call.path["board_id"]
    row = (
        call.session.scalar(select(Board).where(_of(place), Board.id == int(wanted)))
        if wanted.isdigit()
        else None
    )
    if row is None:
        raise not_found()
    return row


def _show(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    return _present(call, place, _board(call, place))


def _create(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    name = call.params.need("name")
    if isinstance(place, Namespace) and not call.premium:
        held = call.session.scalar(select(func.count()).where(_of(place)))
        if held:
            raise forbidden()
    if not name.strip():
        raise invalid({"name": ["can't be blank"]})
    where = {"project_id" if kind == "projects" else "group_id": place.id}
    row = Board(name=name, **where)
    call.session.add(row)
    call.session.flush()
    return _present(call, place, row)


def _update(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    row = _board(call, place)
    if name := call.params.text("name"):
        row.name = name
    for flag in ("hide_backlog_list", "hide_closed_list"):
        if (on := call.params.flag(flag)) is not None:
            setattr(row, flag, on)
    return _present(call, place, row)


def _delete(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    call.session.delete(_board(call, place))
    return Reply(204, None)


def _lists(call: Call, kind: str) -> Any:
    row = _board(call, _place(call, kind))
    return [places.board_list(item, premium=call.premium) for item in slice_page(call, row.lists)]


def _column(call: Call, board: Board) -> BoardList:
    for item in board.lists:
        if str(item.id) == call.path["list_id"]:
            return item
    raise not_found()


def _show_list(call: Call, kind: str) -> Any:
    item = _column(call, _board(call, _place(call, kind)))
    return places.board_list(item, premium=call.premium)


def _create_list(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    label_id = call.params.need_int("label_id")
    board = _board(call, place)
    known = select(Label).where(labelling.known_to(place), Label.id == label_id)
    label = call.session.scalar(known)
    if label is None:
        raise nested_error("Label not found!")
    if any(item.label_id == label_id for item in board.lists):
        raise invalid({"label_id": ["has already been taken"]})
    item = BoardList(board_id=board.id, label_id=label.id, position=len(board.lists))
    item.label = label
    board.lists.append(item)
    call.session.flush()
    return places.board_list(item, premium=call.premium)


def _renumber(items: list[BoardList]) -> None:
    for position, item in enumerate(items):
        item.position = position


def _move_list(call: Call, kind: str) -> Any:
    board = _board(call, _managed(call, kind))
    item = _column(call, board)
    position = call.params.need_int("position")
    if not 0 <= position < len(board.lists):
        raise nested_error("List could not be moved!")
    others = [other for other in board.lists if other is not item]
    others.insert(position, item)
    _renumber(others)
    return places.board_list(item, premium=call.premium)


def _delete_list(call: Call, kind: str) -> Any:
    board = _board(call, _managed(call, kind))
    item = _column(call, board)
    _renumber([other for other in board.lists if other is not item])
    call.session.delete(item)
    return Reply(204, None)


def _register(kind: str) -> None:
    base = f"/{kind}/:id/boards"
    one, lists = f"{base}/:board_id", f"{base}/:board_id/lists"
    ROUTES.add("GET", base, login=True)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one, login=True)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _update(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))
    ROUTES.add("GET", lists, login=True)(lambda call: _lists(call, kind))
    ROUTES.add("POST", lists)(lambda call: _create_list(call, kind))
    ROUTES.add("GET", f"{lists}/:list_id", login=True)(lambda call: _show_list(call, kind))
    ROUTES.add("PUT", f"{lists}/:list_id")(lambda call: _move_list(call, kind))
    ROUTES.add("DELETE", f"{lists}/:list_id")(lambda call: _delete_list(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

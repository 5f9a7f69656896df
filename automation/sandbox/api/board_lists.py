"""The lists of a board: by label, and on paid tiers by assignee or milestone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from automation.sandbox import labelling
from automation.sandbox.access import Access
from automation.sandbox.api import find
from automation.sandbox.api.boards import Place, board, known_milestone, managed, place_of
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import grape, invalid, nested_error, not_found
from automation.sandbox.paging import slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Label, Project, User
from automation.sandbox.schema_boards import Board, BoardList
from automation.sandbox.shapes import boards as shapes

ROUTES = Router()
_KINDS = ("label_id", "milestone_id", "assignee_id")


def _present(call: Call, place: Place, item: BoardList) -> dict[str, Any]:
    return shapes.board_list(item, place, call.base_url, call.today, premium=call.premium)


def _shown(call: Call, row: Board) -> list[BoardList]:
    """What was made on a paid tier is out of sight without it."""
    return [item for item in row.lists if call.premium or item.label is not None]


def _list(call: Call, kind: str) -> Any:
    place = place_of(call, kind)
    items = slice_page(call, _shown(call, board(call, place)))
    return [_present(call, place, item) for item in items]


def _column(call: Call, row: Board) -> BoardList:
    wanted = find.number(call, "list_id")
    for item in _shown(call, row):
        if item.id == wanted:
            return item
    raise not_found()


def _show(call: Call, kind: str) -> Any:
    place = place_of(call, kind)
    return _present(call, place, _column(call, board(call, place)))


def _wanted(call: Call) -> str:
    """Which kind of list the request asks for."""
    if not call.premium:
        call.params.need_int("label_id")
        return "label_id"
    call.params.exclusive(*_KINDS)
    for name in _KINDS:
        if call.params.has(name):
            return name
    raise grape(f"{', '.join(_KINDS)} are missing, exactly one parameter must be provided")


def _label(call: Call, place: Place, wanted: int) -> Label:
    known = select(Label).where(labelling.known_to(place), Label.id == wanted)
    label = call.session.scalar(known)
    if label is None:
        raise nested_error("Label not found!")
    return label


def _member(call: Call, place: Place, wanted: int) -> User:
    user = call.session.get(User, wanted)
    access = Access(call.session, user, call.today)
    level = access.project_level(place) if isinstance(place, Project) else access.group_level(place)
    if user is None or not level:
        raise nested_error("User not found!")
    return user


def _new(call: Call, place: Place, row: Board) -> BoardList:
    item = BoardList(board_id=row.id, position=len(row.lists))
    item.label = item.user = item.milestone = None
    name = _wanted(call)
    wanted = call.params.need_int(name)
    if name == "label_id":
        item.label = _label(call, place, wanted)
    elif name == "assignee_id":
        item.user = _member(call, place, wanted)
    else:
        item.milestone = known_milestone(call, place, wanted)
        if item.milestone is None:
            raise nested_error("Milestone not found!")
    held = "user_id" if name == "assignee_id" else name
    if any(getattr(other, held) == wanted for other in row.lists):
        raise invalid({held: ["has already been taken"]})
    return item


def _create(call: Call, kind: str) -> Any:
    place = managed(call, kind)
    row = board(call, place)
    item = _new(call, place, row)
    row.lists.append(item)
    call.session.flush()
    return _present(call, place, item)


def _renumber(items: list[BoardList]) -> None:
    for position, item in enumerate(items):
        item.position = position


def _move(call: Call, kind: str) -> Any:
    place = managed(call, kind)
    row = board(call, place)
    item = _column(call, row)
    position = call.params.need_int("position")
    if not 0 <= position < len(row.lists):
        raise nested_error("List could not be moved!")
    others = [other for other in row.lists if other is not item]
    others.insert(position, item)
    _renumber(others)
    return _present(call, place, item)


def _delete(call: Call, kind: str) -> Any:
    row = board(call, managed(call, kind))
    item = _column(call, row)
    _renumber([other for other in row.lists if other is not item])
    call.session.delete(item)
    return Reply(204, None)


def _register(kind: str) -> None:
    base = f"/{kind}/:id/boards/:board_id/lists"
    one = f"{base}/:list_id"
    ROUTES.add("GET", base, login=True)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one, login=True)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _move(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind)

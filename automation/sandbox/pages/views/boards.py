"""A board: a list for each label between Open and Closed, and moving cards between them.

What a list shows is `app/services/boards/base_items_list_service.rb` of GitLab: Open has
the open issues with none of the board's labels, Closed all closed ones. What a move does
is `app/services/boards/base_item_move_service.rb`.
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.api import find
from automation.sandbox.errors import ApiError, bad_request, forbidden, not_found
from automation.sandbox.pages.views.issues import asked, chosen
from automation.sandbox.pages.visit import Page, Redirect, Visit, query_of, url_of, words_of
from automation.sandbox.routing import Router
from automation.sandbox.schema import Project

ROUTES = Router()
OPEN, CLOSED = "backlog", "closed"


def _board(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = visit.api("GET", "boards/:board_id")
    return found


def _columns(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The lists from left to right, with what each asks of its issues."""
    lists = sorted(board["lists"], key=lambda one: one["position"])
    titles = [one["label"]["name"] for one in lists]
    columns: list[dict[str, Any]] = []
    if not board["hide_backlog_list"]:
        asks = {"state": "opened", "not": {"labels": titles}}
        columns.append({"id": OPEN, "name": "Open", "label": None, "asks": asks})
    for one, title in zip(lists, titles, strict=True):
        columns.append({
            "id": str(one["id"]), "name": title, "label": one["label"],
            "asks": {"state": "opened", "with": title},
        })  # fmt: skip
    if not board["hide_closed_list"]:
        columns.append({"id": CLOSED, "name": "Closed", "label": None,
                        "asks": {"state": "closed"}})  # fmt: skip
    return columns


def _filled(visit: Visit, column: dict[str, Any], filters: dict[str, Any]) -> dict[str, Any]:
    """The column with its first hundred cards, and how many there are."""
    asks = dict(column["asks"])
    own = asks.pop("with", None)
    labels = [*filters["label_name[]"], *([own] if own else [])]
    wanted = asked(filters | {"label_name[]": labels}) | asks | {"per_page": 100}
    issues, headers = visit.ask("GET", "issues", wanted)
    return column | {"issues": issues, "total": headers.get("X-Total", "many")}


@ROUTES.add("GET", "/boards/:board_id")
def show(visit: Visit) -> Page:
    """The board, narrowed by the filters of the address."""
    board, filters = _board(visit), chosen(visit)
    columns = [_filled(visit, column, filters) for column in _columns(board)]
    ids = {issue["project_id"] for column in columns for issue in column["issues"]}
    projects = [visit.database.get_one(Project, number) for number in ids]
    movable = {one.id for one in projects if visit.access.manages_issues(one)}
    values = {
        "board": board, "columns": columns, "filters": filters, "movable": movable,
        "paths": {one.id: one.full_path for one in projects},
    }  # fmt: skip
    return Page("board.html", values)


def _column(columns: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    for column in columns:
        if column["id"] == name:
            return column
    raise bad_request("there is no such list on this board")


def _changes(columns: list[dict[str, Any]], start: str | None, end: str | None) -> dict[str, str]:
    """What moving a card from one list to another asks of the API."""
    come_from, go_to = _column(columns, start), _column(columns, end)
    on_board = [one["name"] for one in columns if one["label"]]
    changes = {}
    if go_to["label"]:
        changes["add_labels"] = go_to["name"]
        if come_from["label"]:
            changes["remove_labels"] = come_from["name"]
    else:
        changes["remove_labels"] = ",".join(on_board)
    if start == CLOSED:
        changes["state_event"] = "reopen"
    elif end == CLOSED:
        changes["state_event"] = "close"
    return changes


def _move(visit: Visit) -> None:
    params = visit.params
    columns = _columns(_board(visit))
    start, end = params.text("from"), params.text("to")
    path = {"id": params.need("project_id"), "issue_iid": params.need("iid")}
    issue = find.issue(visit.call(path, {}), "Issue")
    if not visit.access.sets_metadata(issue):
        raise forbidden()
    if start != end:
        changes = _changes(columns, start, end)
        visit.api("PUT", "/projects/:id/issues/:issue_iid", changes, **path)


@ROUTES.add("POST", "/boards/:board_id/move")
def move(visit: Visit) -> Redirect:
    """Move a card to another list, and look at the board again."""
    query = query_of(chosen(visit))
    board = url_of(visit.here, f"boards/{visit.path['board_id']}") + (f"?{query}" if query else "")
    try:
        _move(visit)
    except ApiError as error:
        if error.status == not_found().status:
            raise
        visit.database.rollback()
        return Redirect(board, words_of(error))
    return Redirect(board)

"""Boards of projects and of groups, and their lists."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites, sandbox_only

DOCS = "doc/api/boards.md"


@pytest.fixture
def board(fresh):
    return fresh.root.made(f"{fresh.path}/boards", name="Board")


def at(place, board, tail: str = "") -> str:
    return f"{place.path}/boards/{board['id']}{tail}"


def positions(place, board) -> dict[str, int]:
    lists = place.root.get(at(place, board, "/lists")).json()
    return {one["label"]["name"]: one["position"] for one in lists}


@cites(DOCS, "Create an issue board, example response")
def test_a_new_board_in_full(fresh):
    made = fresh.root.made(f"{fresh.path}/boards", name="newboard")
    assert {"id", "name", "hide_backlog_list", "hide_closed_list", "project", "lists"} <= set(made)
    assert (made["name"], made["lists"]) == ("newboard", [])
    assert (made["hide_backlog_list"], made["hide_closed_list"]) == (False, False)
    assert made["project"]["id"] == fresh.project["id"]


@cites("ee/lib/ee/api/entities/board.rb", "group")
def test_a_board_of_a_project_has_no_group(fresh, board):
    if not fresh.root.get("/metadata").json()["enterprise"]:
        pytest.skip("the community edition does not tell a board's group")
    assert (board["group"], board["project"]["id"]) == (None, fresh.project["id"])


@cites(DOCS, "List project issue boards", laws=10)
def test_a_project_begins_without_a_board(fresh):
    assert fresh.root.get(f"{fresh.path}/boards").json() == []


@cites("doc/user/project/issue_board.md", "Multiple issue boards per project")
def test_a_project_may_have_several_boards(fresh):
    for name in ("one", "two"):
        fresh.root.made(f"{fresh.path}/boards", name=name)
    assert {one["name"] for one in fresh.root.get(f"{fresh.path}/boards").json()} == {"one", "two"}


@cites(DOCS, "Update an issue board")
def test_a_board_can_be_renamed_and_its_ends_hidden(fresh, board):
    body = {"name": "Renamed", "hide_backlog_list": True, "hide_closed_list": True}
    after = fresh.root.put(at(fresh, board), body).json()
    assert {name: after[name] for name in body} == body


@cites(DOCS, "Delete an issue board")
def test_a_board_can_be_deleted(fresh, board):
    assert fresh.root.delete(at(fresh, board)).status_code == 204
    answer = fresh.root.get(at(fresh, board))
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


@cites(DOCS, "Create a board list, example response")
def test_a_new_list_in_full(fresh, board):
    label = fresh.label("Doing")
    made = fresh.root.made(at(fresh, board, "/lists"), label_id=label["id"])
    assert (made["label"]["name"], made["position"]) == ("Doing", 0)
    assert made["label"]["color"] == label["color"]


@cites("lib/api/boards_responses.rb", "list_creation_params", laws=10)
def test_lists_come_one_after_the_other(fresh, board):
    for name in ("one", "two", "three"):
        fresh.root.made(at(fresh, board, "/lists"), label_id=fresh.label(name)["id"])
    assert positions(fresh, board) == {"one": 0, "two": 1, "three": 2}


@pytest.mark.parametrize(
    ("moved", "to", "order"),
    [
        ("one", 2, ["two", "three", "one"]),
        ("three", 0, ["three", "one", "two"]),
        ("two", 0, ["two", "one", "three"]),
    ],
)
@cites("lib/api/boards_responses.rb", "move_list")
def test_a_list_can_be_moved(fresh, board, moved, to, order):
    made = {
        name: fresh.root.made(at(fresh, board, "/lists"), label_id=fresh.label(name)["id"])
        for name in ("one", "two", "three")
    }
    answer = fresh.root.put(at(fresh, board, f"/lists/{made[moved]['id']}"), {"position": to})
    assert answer.status_code == 200
    assert positions(fresh, board) == {name: n for n, name in enumerate(order)}


@cites("lib/api/boards_responses.rb", "destroy_list")
def test_lists_close_ranks_behind_a_deleted_one(fresh, board):
    made = [
        fresh.root.made(at(fresh, board, "/lists"), label_id=fresh.label(name)["id"])
        for name in ("one", "two", "three")
    ]
    assert fresh.root.delete(at(fresh, board, f"/lists/{made[0]['id']}")).status_code == 204
    assert positions(fresh, board) == {"two": 0, "three": 1}


@cites("lib/api/boards_responses.rb", "create_list, render_validation_error!", laws=10)
def test_a_label_has_one_list_on_a_board(fresh, board):
    label = fresh.label("Doing")
    fresh.root.made(at(fresh, board, "/lists"), label_id=label["id"])
    answer = fresh.root.post(at(fresh, board, "/lists"), {"label_id": label["id"]})
    assert answer.status_code == 400
    assert positions(fresh, board) == {"Doing": 0}


@cites("lib/api/boards_responses.rb", "authorize_list_type_resource!", laws=9)
def test_a_list_of_a_label_that_is_not_there(fresh, board):
    answer = fresh.root.post(at(fresh, board, "/lists"), {"label_id": 999_999_999})
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": {"error": "Label not found!"}},
    )


@cites(DOCS, "List board lists: open and closed are not among them")
def test_the_ends_of_a_board_are_not_listed(fresh, board):
    assert fresh.root.get(at(fresh, board, "/lists")).json() == []


@cites("lib/api/boards_responses.rb", "before authenticate!", laws=9)
def test_nobody_reads_boards(fresh, nobody):
    answer = nobody.get(f"{fresh.path}/boards")
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


def group_board(place, name: str = "Group board"):
    answer = place.root.post(f"{place.group_path}/boards", {"name": name})
    if answer.status_code in (404, 405):
        pytest.skip("the community edition makes group boards in its pages only")
    assert answer.status_code == 201, answer.text
    return answer.json()


@cites("lib/api/group_boards.rb", "boards of a group")
def test_a_group_board_takes_group_labels_only(fresh):
    board = group_board(fresh)
    assert (board["project"], board["group"]["id"]) == (None, fresh.group["id"])
    lists = f"{fresh.group_path}/boards/{board['id']}/lists"
    above = fresh.label("above", where="group")
    assert fresh.root.post(lists, {"label_id": above["id"]}).status_code == 201
    below = fresh.label("below")
    answer = fresh.root.post(lists, {"label_id": below["id"]})
    assert answer.status_code in (400, 404)


@sandbox_only("a tier that it can play")
@cites("doc/user/project/issue_board.md", "Summary of features per tier", laws=9)
def test_one_group_board_on_the_free_tier(apart):
    group_board(apart)
    answer = apart.root.post(f"{apart.group_path}/boards", {"name": "second"})
    assert answer.status_code == 403
    assert len(apart.root.get(f"{apart.group_path}/boards").json()) == 1


@sandbox_only("a tier that it can play")
@cites("doc/user/project/issue_board.md", "Summary of features per tier")
def test_several_group_boards_on_paid_tiers(premium):
    for name in ("one", "two"):
        group_board(premium, name)
    assert len(premium.root.get(f"{premium.group_path}/boards").json()) == 2

"""What a board's lists show, and what moving a card does."""

from __future__ import annotations

import re

import pytest

from tests.pages.people import page_of, words


@pytest.fixture
def board(space):
    made = space.root.made(f"{space.path}/boards", name="Flow")
    for name in ("todo", "doing"):
        label = space.label(name)
        space.root.made(f"{space.path}/boards/{made['id']}/lists", label_id=label["id"])
    space.label("other")
    return f"{page_of(space, 'boards')}/{made['id']}"


def lists(answer):
    """The titles of the cards by list, and each list's id."""
    found, ids = {}, {}
    for part in answer.text.split('<section class="column"')[1:]:
        (name,) = re.findall(r'data-name="([^"]*)"', part)
        (ids[name],) = re.findall(r'data-list="([^"]*)"', part)
        found[name] = re.findall(r'data-title="([^"]*)"', part)
    return found, ids


def test_lists_in_order_between_open_and_closed(space, board, visit):
    space.issue("Plain")
    space.issue("Both", labels="todo,doing")
    closed = space.issue("Gone", labels="todo")
    space.root.put(space.at(closed), {"state_event": "close"})
    visitor = visit(space.root)
    found, _ = lists(visitor.see(board))
    assert found == {"Open": ["Plain"], "todo": ["Both"], "doing": ["Both"], "Closed": ["Gone"]}
    assert list(found) == ["Open", "todo", "doing", "Closed"]
    assert "Flow todo doing" in words(visitor.see(page_of(space, "boards")))


def test_lists_can_be_hidden(space, board, visit):
    number = board.rpartition("/")[2]
    hidden = {"hide_backlog_list": True, "hide_closed_list": True}
    space.root.put(f"{space.path}/boards/{number}", hidden)
    found, _ = lists(visit(space.root).see(board))
    assert list(found) == ["todo", "doing"]


def test_filters_narrow_the_cards(space, board, visit):
    space.issue("One", labels="todo,other")
    space.issue("Two", labels="todo")
    space.issue("Three")
    visitor = visit(space.root)
    found, _ = lists(visitor.see(f"{board}?label_name[]=other"))
    assert found["todo"] == ["One"]
    assert found["Open"] == []
    found, _ = lists(visitor.see(f"{board}?search=Two"))
    assert (found["todo"], found["Open"]) == (["Two"], [])


@pytest.mark.parametrize(
    ("start", "labels", "end", "after", "state"),
    [
        ("todo", "todo,other", "doing", ["doing", "other"], "opened"),
        ("Open", "other", "doing", ["doing", "other"], "opened"),
        ("todo", "todo,doing,other", "Open", ["other"], "opened"),
        ("todo", "todo,doing,other", "Closed", ["other"], "closed"),
        ("Closed", "other,todo", "doing", ["doing", "other", "todo"], "opened"),
        ("Closed", "other,todo", "Open", ["other"], "opened"),
        ("todo", "todo,other", "todo", ["other", "todo"], "opened"),
    ],
)
def test_what_a_move_does(space, board, visit, start, labels, end, after, state):
    issue = space.issue("Card", labels=labels)
    if start == "Closed":
        space.root.put(space.at(issue), {"state_event": "close"})
    visitor = visit(space.member("planner"))
    _, ids = lists(visitor.see(board))
    form = {"project_id": issue["project_id"], "iid": issue["iid"],
            "from": ids[start], "to": ids[end]}  # fmt: skip
    page = visitor.send(f"{board}/move?label_name[]=other", form)
    assert page.url.endswith(f"{board}?label_name%5B%5D=other")
    moved = space.again(issue)
    assert (moved["labels"], moved["state"]) == (after, state)


def test_a_guest_moves_nothing_not_even_their_own(space, board, visit):
    guest = space.member("guest")
    own = space.issue("Own", by=guest)
    visitor = visit(guest)
    page = visitor.see(board)
    _, ids = lists(page)
    assert "draggable" not in page.text.replace('draggable="false"', "")
    form = {"project_id": own["project_id"], "iid": own["iid"], "from": "backlog",
            "to": ids["doing"]}  # fmt: skip
    assert "403 Forbidden" in words(visitor.send(f"{board}/move", form))
    assert space.again(own)["labels"] == []


def test_moves_that_cannot_be(space, board, visit):
    issue = space.issue()
    visitor = visit(space.root)
    form = {"project_id": issue["project_id"], "iid": issue["iid"], "from": "backlog"}
    page = visitor.send(f"{board}/move", form | {"to": "nowhere"})
    assert "there is no such list on this board" in words(page)
    page = visitor.send(f"{board}/move", form | {"to": "closed", "iid": 99})
    assert page.status_code == 404
    page = visitor.send(f"{board}/move", {"from": "backlog", "to": "closed"})
    assert "project_id is missing" in words(page)
    assert space.again(issue)["state"] == "opened"


def test_a_groups_board_has_the_cards_of_all_its_projects(space, visit):
    group = f"/groups/{space.group['id']}"
    other = space.root.made("/projects", name="Second", namespace_id=space.group["id"])
    made = space.root.made(f"{group}/boards", name="All of us")
    label = space.label("todo", where="group")
    space.root.made(f"{group}/boards/{made['id']}/lists", label_id=label["id"])
    issue = space.issue("Here")
    space.root.made(f"/projects/{other['id']}/issues", title="There", labels="todo")
    visitor = visit(space.root)
    where = f"/groups/{space.group['full_path']}/-/boards/{made['id']}"
    found, ids = lists(visitor.see(where))
    assert found == {"Open": ["Here"], "todo": ["There"], "Closed": []}
    form = {"project_id": issue["project_id"], "iid": issue["iid"], "from": "backlog",
            "to": ids["todo"]}  # fmt: skip
    assert visitor.send(f"{where}/move", form).url.endswith(where)
    assert space.again(issue)["labels"] == ["todo"]
    assert "All of us" in words(visitor.see(f"/groups/{space.group['full_path']}/-/boards"))

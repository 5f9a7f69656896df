"""What boards have on paid tiers: ``ee/lib/ee/api/boards_responses.rb``, ``entities/board.rb``."""

from __future__ import annotations

import pytest

SCOPE = ["milestone", "assignee", "labels", "weight"]


@pytest.fixture
def base(premium):
    return f"{premium.path}/boards"


def test_a_board_narrowed(premium, base):
    board = premium.root.made(base, name="B")
    assert [board[name] for name in SCOPE] == [None, None, [], None]
    label = premium.label("mine")
    milestone = premium.root.made(f"{premium.path}/milestones", title="M")
    body = {
        "milestone_id": milestone["id"],
        "assignee_id": 1,
        "labels": "mine,unknown",
        "weight": 3,
    }
    at = f"{base}/{board['id']}"
    changed = premium.root.put(at, body).json()
    assert changed["milestone"] == milestone
    assert changed["assignee"]["username"] == "root"
    assert [one["id"] for one in changed["labels"]] == [label["id"]]
    assert changed["weight"] == 3
    assert premium.root.get(at).json() == changed
    assert premium.root.put(at, {"name": "C"}).json()["weight"] == 3
    empty = {"milestone_id": None, "assignee_id": None, "labels": "", "weight": None}
    cleared = premium.root.put(at, empty).json()
    assert [cleared[name] for name in SCOPE] == [None, None, [], None]


def test_without_the_tier_nothing_is_narrowed(premium, base):
    board = premium.root.made(base, name="B")
    at = f"{base}/{board['id']}"
    lists = f"{at}/lists"
    premium.root.made(lists, assignee_id=1)
    premium.root.made(lists, label_id=premium.label("a")["id"])
    premium.root.put("/sandbox/tier", {"tier": "free"})
    shown = premium.root.put(at, {"weight": 3}).json()
    assert not set(SCOPE) & set(shown)
    assert [one["label"]["name"] for one in shown["lists"]] == ["a"]
    assert len(premium.root.get(lists).json()) == 1
    assert premium.root.post(lists, {"assignee_id": 1}).json() == {"error": "label_id is missing"}
    premium.root.put("/sandbox/tier", {"tier": "premium"})
    assert premium.root.get(at).json()["weight"] is None


def test_lists_by_assignee_and_milestone(premium, base):
    board = premium.root.made(base, name="B")
    lists = f"{base}/{board['id']}/lists"
    planner = premium.member("planner")
    milestone = premium.root.made(f"/groups/{premium.group['id']}/milestones", title="M")
    person = premium.root.made(lists, assignee_id=planner.user["id"])
    assert (person["label"], person["position"]) == (None, 0)
    assert person["assignee"]["username"] == planner.user["username"]
    assert "milestone" not in person
    timed = premium.root.made(lists, milestone_id=milestone["id"])
    assert timed["milestone"] == milestone
    assert "assignee" not in timed
    moved = premium.root.put(f"{lists}/{timed['id']}", {"position": 0}).json()
    assert moved["position"] == 0
    ids = [one["id"] for one in premium.root.get(lists).json()]
    assert ids == [timed["id"], person["id"]]
    assert premium.root.delete(f"{lists}/{timed['id']}").status_code == 204


def test_what_lists_refuse(premium, base):
    board = premium.root.made(base, name="B")
    lists = f"{base}/{board['id']}/lists"
    stranger = premium.someone()

    def why(**body):
        answer = premium.root.post(lists, body)
        assert answer.status_code == 400
        return answer.json()

    assert why() == {
        "error": "label_id, milestone_id, assignee_id are missing, "
        "exactly one parameter must be provided"
    }
    assert why(label_id=1, assignee_id=1) == {
        "error": "label_id, assignee_id are mutually exclusive"
    }
    assert why(milestone_id=99) == {"message": {"error": "Milestone not found!"}}
    assert why(assignee_id=99) == {"message": {"error": "User not found!"}}
    assert why(assignee_id=stranger.user["id"]) == {"message": {"error": "User not found!"}}
    assert why(label_id=99) == {"message": {"error": "Label not found!"}}
    premium.root.made(lists, assignee_id=1)
    assert why(assignee_id=1) == {"message": {"user_id": ["has already been taken"]}}


def test_a_group_board_has_lists_by_member(premium):
    base = f"/groups/{premium.group['id']}/boards"
    board = premium.root.made(base, name="B")
    made = premium.root.made(f"{base}/{board['id']}/lists", assignee_id=1)
    assert made["assignee"]["username"] == "root"
    milestone = premium.root.made(f"/groups/{premium.group['id']}/milestones", title="M")
    timed = premium.root.made(f"{base}/{board['id']}/lists", milestone_id=milestone["id"])
    assert timed["milestone"] == milestone

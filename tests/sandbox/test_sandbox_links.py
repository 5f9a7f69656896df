"""Issue links: GitLab's ``doc/api/issue_links.md`` and ``lib/api/issue_links.rb``."""

from __future__ import annotations

import pytest


def relate(space, one, other, by=None, **more):
    body = {"target_project_id": other["project_id"], "target_issue_iid": other["iid"], **more}
    return (by or space.root).post(space.at(one, "/links"), json=body)


def test_relating_two_issues(space):
    one, other = space.issue("one"), space.issue("other")
    made = relate(space, one, other)
    assert made.status_code == 201
    shape = made.json()
    assert list(shape) == ["source_issue", "target_issue", "link_type"]
    assert (shape["source_issue"]["id"], shape["target_issue"]["id"]) == (one["id"], other["id"])
    assert shape["link_type"] == "relates_to"
    assert "_links" not in shape["source_issue"]
    assert space.notes(one) == ["marked this issue as related to #2"]
    assert space.notes(other) == ["marked this issue as related to #1"]
    assert space.again(one)["updated_at"] > one["updated_at"]


def test_the_list_shows_the_other_end(space):
    one, other = space.issue("one"), space.issue("other")
    relate(space, one, other)
    for here, there in ((one, other), (other, one)):
        (shown,) = space.root.get(space.at(here, "/links")).json()
        assert shown["id"] == there["id"]
        assert list(shown)[-4:] == [
            "issue_link_id",
            "link_type",
            "link_created_at",
            "link_updated_at",
        ]
        assert "subscribed" not in shown
        at = space.at(here, f"/links/{shown['issue_link_id']}")
        assert space.root.get(at).json()["target_issue"]["id"] == other["id"]


def test_parting(space):
    one, other = space.issue("one"), space.issue("other")
    relate(space, one, other)
    (shown,) = space.root.get(space.at(other, "/links")).json()
    at = space.at(other, f"/links/{shown['issue_link_id']}")
    gone = space.root.delete(at)
    assert (gone.status_code, gone.json()["source_issue"]["id"]) == (200, one["id"])
    assert space.root.get(at).json() == {"message": "404 Not found"}
    assert space.root.get(space.at(one, "/links")).json() == []
    assert space.notes(one)[-1] == "removed the relation with #2"
    assert space.notes(other)[-1] == "removed the relation with #1"


def test_across_projects_the_path_is_told(new):
    one, other = new(), new()
    here, there = one.issue(), other.issue()
    relate(one, here, there)
    assert one.notes(here) == [
        f"marked this issue as related to {other.project['path_with_namespace']}#1"
    ]
    (shown,) = one.root.get(one.at(here, "/links")).json()
    assert shown["references"]["relative"] == shown["references"]["full"]


def test_what_is_refused(space):
    one, other = space.issue("one"), space.issue("other")
    at = space.at(one, "/links")
    assert space.root.post(at, {}).json() == {"error": "target_project_id is missing"}
    assert space.root.post(at, {"target_project_id": 1}).json() == {
        "error": "target_issue_iid is missing"
    }
    unknown = relate(space, one, {**other, "iid": 99})
    assert (unknown.status_code, unknown.json()) == (404, {"message": "404 Not found"})
    wordy = relate(space, one, {**other, "iid": "abc"})
    assert wordy.status_code == 404
    nowhere = relate(space, one, {**other, "project_id": 99999})
    assert nowhere.json() == {"message": "404 Project Not Found"}
    wrong = relate(space, one, other, link_type="likes")
    assert wrong.json() == {"error": "link_type does not have a valid value"}
    itself = relate(space, one, one)
    assert (itself.status_code, itself.json()) == (
        422,
        {"message": "#1 cannot be added: cannot be related to itself"},
    )
    relate(space, one, other)
    for here, there in ((one, other), (other, one)):
        twice = relate(space, here, there)
        assert (twice.status_code, twice.json()) == (
            409,
            {"message": "Issue(s) already assigned"},
        )
    assert space.root.get(f"{at}/x").status_code == 404


def test_no_more_than_a_hundred(space, monkeypatch):
    monkeypatch.setattr("automation.sandbox.linking.MOST", 1)
    one, other, third = space.issue(), space.issue(), space.issue()
    relate(space, one, other)
    full = relate(space, third, one)
    assert full.status_code == 422
    assert "would exceed the maximum number of linked issues (1)." in full.json()["message"]


def test_who_may_relate(new):
    space = new(visibility="public")
    one, other = space.issue(), space.issue()
    guest, stranger = space.member("guest"), space.someone()
    refused = relate(space, one, other, by=stranger)
    assert (refused.status_code, refused.json()) == (
        403,
        {
            "message": "Couldn't link issues. You must have at least the Guest role in both "
            "issue's projects."
        },
    )
    assert relate(space, one, other, by=guest).status_code == 201
    (shown,) = stranger.get(space.at(one, "/links")).json()
    gone = stranger.delete(space.at(one, f"/links/{shown['issue_link_id']}"))
    assert (gone.status_code, gone.json()) == (404, {"message": "No Issue Link found"})


def test_what_one_may_not_see_is_not_listed(space):
    one, secret = space.issue(), space.issue(confidential=True)
    relate(space, one, secret)
    (shown,) = space.root.get(space.at(one, "/links")).json()
    guest = space.member("guest")
    assert guest.get(space.at(one, "/links")).json() == []
    assert guest.get(space.at(one, f"/links/{shown['issue_link_id']}")).status_code == 404


def test_blocking_is_for_paid_tiers(space):
    refused = relate(space, space.issue(), space.issue(), link_type="blocks")
    assert (refused.status_code, refused.json()) == (
        403,
        {"message": "Blocked issues not available for current license"},
    )


@pytest.mark.parametrize("said", ["blocks", "is_blocked_by"])
def test_blocking(premium, said):
    one, other = premium.issue("one"), premium.issue("other")
    blocker, blocked = (one, other) if said == "blocks" else (other, one)
    made = relate(premium, one, other, link_type=said).json()
    assert (made["source_issue"]["id"], made["link_type"]) == (blocker["id"], "blocks")
    kinds = [
        premium.root.get(premium.at(row, "/links")).json()[0]["link_type"]
        for row in (blocker, blocked)
    ]
    assert kinds == ["blocks", "is_blocked_by"]
    number = f"#{blocked['iid']}", f"#{blocker['iid']}"
    assert premium.notes(blocker) == [f"marked this issue as blocking {number[0]}"]
    assert premium.notes(blocked) == [f"marked this issue as blocked by {number[1]}"]

    def blocking():
        return premium.again(blocker)["blocking_issues_count"]

    assert blocking() == 1
    premium.root.put(premium.at(blocked), {"state_event": "close"})
    assert blocking() == 0
    premium.root.put(premium.at(blocked), {"state_event": "reopen"})
    assert blocking() == 1
    (shown,) = premium.root.get(premium.at(blocker, "/links")).json()
    premium.root.delete(premium.at(blocker, f"/links/{shown['issue_link_id']}"))
    assert blocking() == 0


def test_a_duplicate_of_a_related_issue_is_related_once(space):
    one, other = space.issue(), space.issue()
    relate(space, one, other)
    space.root.made(space.at(one, "/notes"), body="/duplicate #2")
    assert len(space.root.get(space.at(one, "/links")).json()) == 1

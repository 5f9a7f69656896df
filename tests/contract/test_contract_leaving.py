"""Issues that are deleted, moved elsewhere, or put in order by hand."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites


@cites("doc/api/issues.md", "Delete an issue", laws=1)
def test_a_deleted_issue_is_gone_and_its_iid_is_not_used_again(place):
    issue = place.issue("gone")
    answer = place.root.delete(place.at(issue))
    assert (answer.status_code, answer.text) == (204, "")
    assert place.root.get(place.at(issue)).status_code == 404
    again = place.root.delete(place.at(issue))
    assert (again.status_code, again.json()) == (404, {"message": "404 Issue Not Found"})
    assert place.issue("next")["iid"] > issue["iid"]


@pytest.fixture(scope="module")
def other(place):
    """A second project beside the first."""
    return place.root.made("/projects", name="other", path="other", namespace_id=place.group["id"])


@cites("app/services/work_items/data_sync/move_service.rb", "transaction_callback", laws=1)
def test_a_moved_issue_leaves_a_closed_original_that_names_its_new_place(place, other):
    issue = place.issue("moving", labels="a", description="- [x] kept")
    moved = place.root.made(place.at(issue, "/move"), to_project_id=other["id"])
    assert (moved["project_id"], moved["title"], moved["state"]) == (
        other["id"],
        "moving",
        "opened",
    )
    assert moved["task_completion_status"]["completed_count"] == 1
    left = place.again(issue)
    assert (left["state"], left["moved_to_id"]) == ("closed", moved["id"])
    assert place.notes(issue)[-1] == f"moved to other#{moved['iid']}"
    assert place.notes(moved)[-1] == f"moved from project#{issue['iid']}"


@pytest.mark.parametrize("where", ["same", "nowhere"])
@cites("doc/api/issues.md", "Move an issue", laws=9)
def test_what_a_move_is_refused_for(place, where):
    issue = place.issue("staying")
    target = place.project["id"] if where == "same" else 999_999_999
    answer = place.root.post(place.at(issue, "/move"), {"to_project_id": target})
    assert answer.status_code == (400 if where == "same" else 404)
    if where == "nowhere":
        assert answer.json() == {"message": "404 Project Not Found"}
    assert place.again(issue)["state"] == "opened"


@cites("doc/api/issues.md", "Reorder an issue, 200 and 404")
def test_issues_can_be_put_in_order_by_hand(place):
    one, two = place.issue("one"), place.issue("two")
    answer = place.root.put(place.at(one, "/reorder"), {"move_after_id": two["id"]})
    assert answer.status_code == 200
    empty = place.root.put(place.at(one, "/reorder"), {})
    assert empty.status_code == 400

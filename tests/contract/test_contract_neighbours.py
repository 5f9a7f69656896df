"""What stands beside an issue: milestones, relations, threads, to-do items, time."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import unique

MILESTONES = "lib/api/milestone_responses.rb"


@cites("lib/api/entities/milestone.rb", "Milestone")
def test_a_new_milestone_in_full(place):
    title = unique("m")
    body = {"title": title, "due_date": "2026-12-24", "start_date": "2026-12-01"}
    made = place.root.made(f"{place.path}/milestones", **body)
    assert {name: made[name] for name in body} == body
    assert (made["state"], made["project_id"]) == ("active", place.project["id"])
    assert type(made["expired"]) is bool
    assert "group_id" not in made


@cites("lib/api/entities/milestone.rb", "group_id")
def test_a_groups_milestone_serves_its_projects(place):
    made = place.root.made(f"{place.group_path}/milestones", title=unique("g"))
    assert (made["group_id"], "project_id" in made) == (place.group["id"], False)
    issue = place.issue("planned", milestone_id=made["id"])
    assert issue["milestone"]["id"] == made["id"]
    own = place.root.get(f"{place.path}/milestones", {"title": made["title"]}).json()
    assert own == []
    query = {"title": made["title"], "include_ancestors": "true"}
    (found,) = place.root.get(f"{place.path}/milestones", query).json()
    assert found["id"] == made["id"]


@cites(MILESTONES, "update_params, state_event")
def test_a_milestone_can_be_closed_and_opened(place):
    made = place.root.made(f"{place.path}/milestones", title=unique("m"))
    one = f"{place.path}/milestones/{made['id']}"
    assert place.root.put(one, {"state_event": "close"}).json()["state"] == "closed"
    assert place.root.put(one, {"state_event": "activate"}).json()["state"] == "active"
    answer = place.root.put(one, {"state_event": "reopen"})
    assert answer.json() == {"error": "state_event does not have a valid value"}


@cites(MILESTONES, "create_milestone_for, errors", laws=(9, 10))
def test_a_title_is_taken_once(place):
    title = unique("m")
    place.root.made(f"{place.path}/milestones", title=title)
    answer = place.root.post(f"{place.path}/milestones", {"title": title})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Failed to create milestone")


@cites("doc/api/milestones.md", "List all issues for a milestone")
def test_the_issues_of_a_milestone(place):
    made = place.root.made(f"{place.path}/milestones", title=unique("m"))
    issue = place.issue("planned", milestone_id=made["id"])
    found = place.root.get(f"{place.path}/milestones/{made['id']}/issues").json()
    assert [one["id"] for one in found] == [issue["id"]]


@cites("lib/api/project_milestones.rb", "delete")
def test_a_deleted_milestone_leaves_its_issues(place):
    made = place.root.made(f"{place.path}/milestones", title=unique("m"))
    issue = place.issue("planned", milestone_id=made["id"])
    assert place.root.delete(f"{place.path}/milestones/{made['id']}").status_code == 204
    assert place.again(issue)["milestone"] is None


def linked(place, one, two, **more):
    body = {"target_project_id": place.project["id"], "target_issue_iid": two["iid"]} | more
    return place.root.post(place.at(one, "/links"), body)


@cites("doc/api/issue_links.md", "Create an issue link, example response")
def test_a_relation_in_full(place):
    one, two = place.issue("one"), place.issue("two")
    made = linked(place, one, two)
    assert made.status_code == 201
    assert made.json()["link_type"] == "relates_to"
    assert made.json()["source_issue"]["id"] == one["id"]
    assert made.json()["target_issue"]["id"] == two["id"]
    (seen,) = place.root.get(place.at(two, "/links")).json()
    assert (seen["id"], seen["link_type"]) == (one["id"], "relates_to")
    assert type(seen["issue_link_id"]) is int


@cites("app/services/issuable_links/create_service.rb", "render_conflict_error?", laws=(2, 10))
def test_a_relation_twice(place):
    one, two = place.issue("one"), place.issue("two")
    linked(place, one, two)
    answer = linked(place, one, two)
    assert (answer.status_code, answer.json()) == (409, {"message": "Issue(s) already assigned"})


@cites("lib/api/issue_links.rb", "requires target_project_id and target_issue_iid", laws=9)
def test_a_relation_to_nothing(place):
    one = place.issue("one")
    answer = linked(place, one, {"iid": 44444})
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})
    assert place.root.post(place.at(one, "/links"), {}).status_code == 400


@cites("lib/api/issue_links.rb", "delete")
def test_a_relation_can_be_ended_from_either_side(place):
    one, two = place.issue("one"), place.issue("two")
    linked(place, one, two)
    (seen,) = place.root.get(place.at(two, "/links")).json()
    answer = place.root.delete(place.at(two, f"/links/{seen['issue_link_id']}"))
    assert (answer.status_code, answer.json()["link_type"]) == (200, "relates_to")
    assert place.root.get(place.at(one, "/links")).json() == []


@sandbox_only("a tier that it can play")
@pytest.mark.parametrize(
    ("kind", "back"), [("blocks", "is_blocked_by"), ("is_blocked_by", "blocks")]
)
@cites("doc/api/issue_links.md", "Create an issue link, link_type")
def test_issues_block_each_other_on_paid_tiers(premium, kind, back):
    one, two = premium.issue("one"), premium.issue("two")
    assert linked(premium, one, two, link_type=kind).status_code == 201
    (here,) = premium.root.get(premium.at(one, "/links")).json()
    (there,) = premium.root.get(premium.at(two, "/links")).json()
    assert (here["link_type"], there["link_type"]) == (kind, back)


@cites("doc/api/discussions.md", "List project issue discussion items")
def test_a_note_alone_and_a_thread(place):
    issue = place.issue("discussed")
    alone = place.say(issue, "alone").json()
    thread = place.root.made(place.at(issue, "/discussions"), body="first")
    place.root.made(place.at(issue, f"/discussions/{thread['id']}/notes"), body="second")
    found = place.root.get(place.at(issue, "/discussions")).json()
    assert [(one["individual_note"], [n["body"] for n in one["notes"]]) for one in found] == [
        (True, ["alone"]),
        (False, ["first", "second"]),
    ]
    assert found[0]["notes"][0]["id"] == alone["id"]
    assert {note["type"] for note in found[1]["notes"]} == {"DiscussionNote"}
    assert type(found[0]["id"]) is str


@cites("doc/api/discussions.md", "Add note to existing issue thread")
def test_a_reply_makes_a_note_a_thread(place):
    issue = place.issue("discussed")
    place.say(issue, "alone")
    (one,) = place.root.get(place.at(issue, "/discussions")).json()
    place.root.made(place.at(issue, f"/discussions/{one['id']}/notes"), body="reply")
    (one,) = place.root.get(place.at(issue, "/discussions")).json()
    assert (one["individual_note"], len(one["notes"])) == (False, 2)


@cites("lib/api/subscriptions.rb", "issues, not_modified!", laws=10)
def test_following_an_issue_twice_changes_nothing(place):
    issue = place.issue("followed")
    person = place.member("reporter")
    assert person.get(place.at(issue)).json()["subscribed"] is False
    first = person.post(place.at(issue, "/subscribe"))
    assert (first.status_code, first.json()["subscribed"]) == (201, True)
    assert person.post(place.at(issue, "/subscribe")).status_code == 304
    assert person.post(place.at(issue, "/unsubscribe")).json()["subscribed"] is False
    assert person.post(place.at(issue, "/unsubscribe")).status_code == 304


@cites("lib/api/todos.rb", "issues todo, not_modified!", laws=10)
def test_a_to_do_item_is_made_once(place):
    issue = place.issue("to do")
    first = place.root.post(place.at(issue, "/todo"))
    assert (first.status_code, first.json()["target"]["id"]) == (201, issue["id"])
    assert (first.json()["state"], first.json()["target_type"]) == ("pending", "Issue")
    assert place.root.post(place.at(issue, "/todo")).status_code == 304
    done = place.root.post(f"/todos/{first.json()['id']}/mark_as_done")
    assert done.json()["state"] == "done"


@pytest.mark.parametrize(
    ("tail", "status"),
    [("time_estimate", 200), ("add_spent_time", 201), ("reset_time_estimate", 200)],
)
@cites("lib/api/time_tracking_endpoints.rb", "status :ok")
def test_time_tracking_answers_with_the_sums(place, tail, status):
    answer = place.root.post(place.at(place.issue("timed"), f"/{tail}"), {"duration": "1h30m"})
    assert answer.status_code == status
    assert set(answer.json()) == {
        "time_estimate", "total_time_spent", "human_time_estimate", "human_total_time_spent",
    }  # fmt: skip


@cites("lib/api/issues.rb", "participants")
def test_participants_are_who_took_part(place):
    person = place.member("reporter")
    issue = place.issue("shared", assignee_ids=[person.user["id"]])
    found = place.root.get(place.at(issue, "/participants")).json()
    assert {user["id"] for user in found} == {place.root.user["id"], person.user["id"]}

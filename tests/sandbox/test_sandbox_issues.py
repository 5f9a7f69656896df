"""Issues over HTTP: shapes, creating, changing, who may, and what each change leaves behind."""

from __future__ import annotations

import pytest

FIELDS = [
    "id",
    "iid",
    "project_id",
    "title",
    "description",
    "state",
    "created_at",
    "updated_at",
    "closed_at",
    "closed_by",
    "labels",
    "milestone",
    "assignees",
    "author",
    "type",
    "assignee",
    "user_notes_count",
    "merge_requests_count",
    "upvotes",
    "downvotes",
    "start_date",
    "due_date",
    "confidential",
    "discussion_locked",
    "issue_type",
    "web_url",
    "time_stats",
    "task_completion_status",
    "blocking_issues_count",
    "has_tasks",
    "task_status",
    "_links",
    "references",
    "severity",
    "moved_to_id",
    "imported",
    "imported_from",
    "service_desk_reply_to",
    "subscribed",
]


def test_an_issue_has_gitlabs_fields_in_gitlabs_order(space):
    issue = space.issue("Hello", description="- [ ] a\n- [x] b")
    assert list(issue) == FIELDS
    path = space.project["path_with_namespace"]
    assert issue["state"] == "opened"
    assert issue["type"] == "ISSUE"
    assert issue["author"]["username"] == "root"
    assert issue["task_completion_status"] == {"count": 2, "completed_count": 1}
    assert issue["task_status"] == "1 of 2 checklist items completed"
    assert issue["references"] == {"short": "#1", "relative": "#1", "full": f"{path}#1"}
    assert issue["web_url"] == f"{space.root.url}/{path}/-/issues/1"
    assert issue["_links"]["self"] == f"{space.root.url}/api/v4{space.path}/issues/1"
    assert issue["created_at"].endswith("Z")
    assert len(issue["created_at"]) == 24


def test_an_issue_without_tasks_has_no_task_status(space):
    issue = space.issue()
    assert issue["has_tasks"] is False
    assert "task_status" not in issue
    assert issue["description"] is None


def test_iids_count_per_project_and_ids_globally(new):
    one, other = new(), new()
    a, b, c = one.issue(), one.issue(), other.issue()
    assert [a["iid"], b["iid"], c["iid"]] == [1, 2, 1]
    assert len({a["id"], b["id"], c["id"]}) == 3


def test_a_deleted_iid_is_not_used_again(space):
    first = space.issue()
    assert space.root.delete(space.at(first)).status_code == 204
    assert space.root.get(space.at(first)).status_code == 404
    assert space.issue()["iid"] == 2


def test_owners_choose_iid_and_creation_time(space):
    owner = space.member("owner")
    made = space.issue(by=owner, iid=41, created_at="2026-01-02T03:04:05+01:00")
    assert made["iid"] == 41
    assert made["created_at"] == "2026-01-02T02:04:05.000Z"
    assert made["updated_at"] > "2026-01-03"
    taken = owner.post(f"{space.path}/issues", json={"title": "x", "iid": 41})
    assert (taken.status_code, taken.json()) == (409, {"message": "Duplicated issue"})
    assert space.issue()["iid"] == 42


def test_others_may_not_choose_them(space):
    made = space.issue(by=space.member("maintainer"), iid=41, created_at="2020-01-01T00:00:00Z")
    assert made["iid"] == 1
    assert made["created_at"] > "2026"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, {"error": "title is missing"}),
        ({"title": "  "}, {"message": {"title": ["can't be blank"]}}),
        ({"title": "x" * 256}, {"message": {"title": ["is too long (maximum is 255 characters)"]}}),
        (
            {"title": "x", "description": "y" * 1_048_577},
            {"message": {"description": ["is too long (maximum is 1048576 characters)"]}},
        ),
        ({"title": "x", "confidential": "maybe"}, {"error": "confidential is invalid"}),
        ({"title": "x", "assignee_ids": ["a"]}, {"error": "assignee_ids is invalid"}),
        (
            {"title": "x", "issue_type": "party"},
            {"error": "issue_type does not have a valid value"},
        ),
        ({"title": ["x"]}, {"error": "title is invalid"}),
        ({"title": "x", "created_at": "soon"}, {"error": "created_at is invalid"}),
        ({"title": "x", "milestone_id": "m"}, {"error": "milestone_id is invalid"}),
    ],
)
def test_what_gitlab_refuses_to_create(space, body, answer):
    refused = space.root.post(f"{space.path}/issues", json=body)
    assert (refused.status_code, refused.json()) == (400, answer)
    assert space.root.get(f"{space.path}/issues").json() == []


def test_unknown_labels_become_project_labels(space):
    space.label("known", where="group")
    made = space.issue(labels="known, brand new")
    assert made["labels"] == ["brand new", "known"]
    labels = space.root.get(f"{space.path}/labels").json()
    assert [(x["name"], x["is_project_label"], x["color"]) for x in labels] == [
        ("brand new", True, "#6699cc"),
        ("known", False, "#428BCA"),
    ]


def test_a_guests_unknown_labels_are_left_out(space):
    space.label("known")
    made = space.issue(by=space.member("guest"), labels=["known", "new"])
    assert made["labels"] == ["known"]


def test_an_outsiders_labels_are_left_out_altogether(new):
    space = new(visibility="public")
    space.label("known")
    assert space.issue(by=space.someone(), labels=["known"])["labels"] == []


def test_labels_are_replaced_added_and_removed(space):
    issue = space.issue(labels=["a", "b"])
    at = space.at(issue)
    put = space.root.put
    assert put(at, {"add_labels": "c,d"}).json()["labels"] == ["a", "b", "c", "d"]
    assert put(at, {"remove_labels": ["a", "zzz"]}).json()["labels"] == ["b", "c", "d"]
    assert put(at, {"add_labels": "e", "remove_labels": "b"}).json()["labels"] == ["c", "d", "e"]
    assert put(at, {"labels": "x"}).json()["labels"] == ["x"]
    assert put(at, {"labels": ""}).json()["labels"] == []


def test_label_changes_leave_events_and_no_notes(space):
    issue = space.issue(labels="a")
    space.root.put(space.at(issue), {"labels": "b"})
    assert space.notes(issue) == []
    events = space.events(issue, "label")
    assert [(e["action"], e["label"]["name"]) for e in events] == [
        ("add", "a"),
        ("add", "b"),
        ("remove", "a"),
    ]
    assert set(events[0]) == {
        "id",
        "user",
        "created_at",
        "resource_type",
        "resource_id",
        "label",
        "action",
    }
    assert events[0]["resource_type"] == "Issue"
    assert events[0]["resource_id"] == issue["id"]
    one = space.root.get(space.at(issue, f"/resource_label_events/{events[0]['id']}"))
    assert one.json() == events[0]
    for wrong in ("0", "x"):
        gone = space.root.get(space.at(issue, f"/resource_label_events/{wrong}"))
        assert gone.status_code == 404


def test_a_deleted_label_leaves_its_events_without_it(space):
    issue = space.issue(labels="a")
    space.root.delete(f"{space.path}/labels/a")
    assert space.events(issue, "label")[0]["label"] is None
    assert space.again(issue)["labels"] == []


def test_closing_and_reopening(space):
    issue = space.issue()
    closed = space.root.put(space.at(issue), {"state_event": "close"}).json()
    assert closed["state"] == "closed"
    assert closed["closed_by"]["username"] == "root"
    assert closed["closed_at"] == closed["updated_at"]
    again = space.root.put(space.at(issue), {"state_event": "close"}).json()
    assert again["updated_at"] == closed["updated_at"]
    opened = space.root.put(space.at(issue), {"state_event": "reopen"}).json()
    assert (opened["state"], opened["closed_at"], opened["closed_by"]) == ("opened", None, None)
    assert [e["state"] for e in space.events(issue, "state")] == ["closed", "reopened"]
    assert space.notes(issue) == []
    wrong = space.root.put(space.at(issue), {"state_event": "burn"})
    assert wrong.json() == {"error": "state_event does not have a valid value"}


def test_an_update_needs_something_to_update(space):
    issue = space.issue()
    answer = space.root.put(space.at(issue), {"nonsense": 1})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("are missing, at least one parameter must be provided")
    assert space.root.put(f"{space.path}/issues/999", {"title": "x"}).status_code == 404


def test_every_other_change_leaves_a_system_note(space):
    ann = space.member("planner")
    bob = space.member("reporter")
    issue = space.issue("Old title here")
    at = space.at(issue)
    a, b = ann.user, bob.user
    for change in (
        {"title": "New title here"},
        {"description": "words"},
        {"due_date": "2026-11-05"},
        {"due_date": ""},
        {"confidential": True},
        {"confidential": False},
        {"assignee_ids": [a["id"]]},
        {"assignee_ids": [b["id"]]},
        {"assignee_id": 0},
        {"discussion_locked": True},
        {"discussion_locked": False},
    ):
        assert space.root.put(at, change).status_code == 200
    assert space.notes(issue) == [
        "changed title from **{-Old-} title here** to **{+New+} title here**",
        "changed the description",
        "changed due date to November 5, 2026",
        "removed due date November 5, 2026",
        "made the issue confidential",
        "made the issue visible to everyone",
        f"assigned to @{a['username']}",
        f"assigned to @{b['username']} and unassigned @{a['username']}",
        f"unassigned @{b['username']}",
        "locked the discussion in this issue",
        "unlocked the discussion in this issue",
    ]
    assert space.again(issue)["user_notes_count"] == 0


def test_a_change_that_changes_nothing_touches_nothing(space):
    issue = space.issue("T", description="d", labels="a")
    same = {"title": "T", "description": "d", "labels": "a", "confidential": False}
    after = space.root.put(space.at(issue), same).json()
    assert after["updated_at"] == issue["updated_at"]
    assert space.notes(issue) == []


def test_ticks_are_told_one_by_one(space):
    before = "- [ ] call Ann & Bob\n- [ ] write\n- [x] plan"
    issue = space.issue(description=before)
    after = before.replace("- [ ] call", "- [x] call").replace("- [x] plan", "- [ ] plan")
    answer = space.root.put(space.at(issue), {"description": after}).json()
    assert answer["task_completion_status"] == {"count": 3, "completed_count": 1}
    assert space.notes(issue) == [
        "marked the checklist item **call Ann \\& Bob** as completed",
        "marked the checklist item **plan** as incomplete",
    ]


def test_free_takes_one_assignee(space):
    people = [space.member("reporter") for _ in range(2)]
    issue = space.issue(assignee_ids=[p.user["id"] for p in people])
    assert [u["id"] for u in issue["assignees"]] == [people[0].user["id"]]
    assert issue["assignee"]["id"] == people[0].user["id"]
    assert space.notes(issue) == [f"assigned to @{people[0].user['username']}"]


def test_who_cannot_see_the_project_cannot_be_assigned(space):
    issue = space.issue(assignee_ids=[space.someone().user["id"], 99999])
    assert issue["assignees"] == []


def test_premium_takes_several_assignees_and_weight(premium):
    people = [premium.member("reporter") for _ in range(3)]
    issue = premium.issue(assignee_ids=[p.user["id"] for p in people], weight=3)
    assert len(issue["assignees"]) == 3
    assert issue["weight"] == 3
    names = [f"@{p.user['username']}" for p in people]
    assert premium.notes(issue) == [f"assigned to {names[0]}, {names[1]}, and {names[2]}"]
    changed = premium.root.put(premium.at(issue), {"weight": 5, "issue_type": "incident"}).json()
    assert (changed["weight"], changed["type"]) == (5, "INCIDENT")


def test_scoped_labels_are_exclusive_on_premium_only(premium, space):
    for where, expected in (
        (premium, ["a::2", "b::1", "x"]),
        (space, ["a::1", "a::2", "b::1", "x"]),
    ):
        issue = where.issue(labels=["a::1", "b::1", "x"])
        after = where.root.put(where.at(issue), {"add_labels": "a::2"}).json()
        assert after["labels"] == expected


def test_milestones_leave_events(space):
    first = space.root.made(f"{space.path}/milestones", title="One", due_date="2026-12-01")
    second = space.root.made(f"/groups/{space.group['id']}/milestones", title="Two")
    issue = space.issue(milestone_id=first["id"])
    assert issue["milestone"]["title"] == "One"
    moved = space.root.put(space.at(issue), {"milestone_id": second["id"]}).json()
    assert moved["milestone"]["group_id"] == space.group["id"]
    path = space.group["path"]
    assert moved["milestone"]["web_url"] == f"{space.root.url}/groups/{path}/-/milestones/1"
    assert space.root.put(space.at(issue), {"milestone_id": 0}).json()["milestone"] is None
    events = space.events(issue, "milestone")
    assert [(e["action"], e["milestone"]["title"]) for e in events] == [
        ("add", "One"),
        ("remove", "One"),
        ("add", "Two"),
        ("remove", "Two"),
    ]


def test_a_milestone_from_elsewhere_is_ignored(new):
    one, other = new(), new()
    foreign = other.root.made(f"{other.path}/milestones", title="M")
    assert one.issue(milestone_id=foreign["id"])["milestone"] is None


def test_milestone_endpoints(space):
    base = f"{space.path}/milestones"
    made = space.root.made(base, title="M", start_date="2026-01-01")
    assert space.root.get(f"{base}/{made['id']}").json() == made
    assert space.root.get(base, {"title": "M", "state": "active"}).json() == [made]
    assert space.root.get(base, {"state": "closed"}).json() == []
    assert space.root.get(f"{base}/0").status_code == 404
    assert space.member("guest").post(base, {"title": "N"}).status_code == 403


def test_owners_may_set_updated_at(space):
    issue = space.issue()
    body = {"title": "new", "updated_at": "2027-01-01T00:00:00Z"}
    assert space.root.put(space.at(issue), body).json()["updated_at"] == "2027-01-01T00:00:00.000Z"
    other = space.issue()
    planner = space.member("planner")
    assert planner.put(space.at(other), body).json()["updated_at"] < "2027"


def test_moving(new):
    one, other = new(), new()
    reporter = one.member("reporter")
    other.label("kept", where="group")
    other.root.made(f"/groups/{other.group['id']}/milestones", title="M")
    here = one.root.made(f"{one.path}/milestones", title="M")
    issue = one.issue(
        "Move me",
        description="- [x] a",
        labels="kept,lost",
        by=reporter,
        milestone_id=here["id"],
        due_date="2026-12-01",
    )
    one.root.made(one.at(issue, "/notes"), body="a comment")
    moved = one.root.made(one.at(issue, "/move"), to_project_id=other.project["id"])
    assert moved["project_id"] == other.project["id"]
    assert moved["labels"] == ["kept"]
    assert moved["milestone"]["title"] == "M"
    assert moved["author"]["id"] == reporter.user["id"]
    assert moved["created_at"] == issue["created_at"]
    assert moved["due_date"] == "2026-12-01"
    assert moved["task_completion_status"] == {"count": 1, "completed_count": 1}
    assert other.notes(moved)[-2:] == [
        "a comment",
        f"moved from {one.project['path_with_namespace']}#1",
    ]
    left = one.again(issue)
    assert (left["state"], left["moved_to_id"]) == ("closed", moved["id"])
    assert one.notes(issue)[-1] == f"moved to {other.project['path_with_namespace']}#1"
    assert [e["state"] for e in one.events(issue, "state")] == ["closed"]
    assert [e["label"]["name"] for e in other.events(moved, "label")] == ["kept", "lost"]


def test_moving_within_a_group_is_told_briefly(space):
    target = space.root.made("/projects", name="t", path="t", namespace_id=space.group["id"])
    issue = space.issue()
    space.root.made(space.at(issue, "/move"), to_project_id=target["id"])
    assert space.notes(issue) == ["moved to t#1"]


def test_what_cannot_be_moved(space):
    issue = space.issue()
    at = space.at(issue, "/move")
    post = space.root.post
    assert post(at, {"to_project_id": space.project["id"]}).json() == {
        "message": "Cannot move issue to project it originates from!"
    }
    assert post(at, {"to_project_id": 99999}).json() == {"message": "404 Project Not Found"}
    assert post(f"{space.path}/issues/99/move", {"to_project_id": 1}).json() == {
        "message": "404 Issue Not Found"
    }
    assert post(at, {}).json() == {"error": "to_project_id is missing"}
    target = space.root.made("/projects", name="t", path="t", namespace_id=space.group["id"])
    refused = space.member("reporter").post(at, {"to_project_id": target["id"]})
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": "Cannot move issue due to insufficient permissions!"},
    )


def test_by_global_id_for_administrators(space):
    issue = space.issue()
    assert space.root.get(f"/issues/{issue['id']}").json()["title"] == "An issue"
    assert space.root.get("/issues/999999").json() == {"message": "404 Issue Not Found"}
    assert space.root.get("/issues/x").status_code == 404
    assert space.member("owner").get(f"/issues/{issue['id']}").status_code == 403


def test_small_things_of_an_issue(space):
    reporter = space.member("reporter")
    issue = space.issue(assignee_ids=[reporter.user["id"]])
    people = space.root.get(space.at(issue, "/participants")).json()
    assert [p["username"] for p in people] == ["root", reporter.user["username"]]
    stats = space.root.get(space.at(issue, "/time_stats")).json()
    assert stats["time_estimate"] == 0
    space.root.put(space.at(issue), {"state_event": "close"})
    counts = space.root.get(f"{space.path}/issues_statistics").json()
    assert counts == {"statistics": {"counts": {"all": 1, "closed": 1, "opened": 0}}}
    wordy = f"{space.path}/issues/abc"
    for answer in (space.root.get(wordy), space.root.put(wordy, {"title": "x"})):
        assert (answer.status_code, answer.json()) == (400, {"error": "issue_iid is invalid"})

"""Cloning and reordering issues, and what stands around them: ``lib/api/issues.rb``."""

from __future__ import annotations


def test_cloning(new):
    one, other = new(), new()
    one.label("lost")
    other.label("kept")
    issue = one.issue("Again", labels="kept,lost", description="- [x] a", due_date="2026-12-01")
    one.root.made(one.at(issue, "/notes"), body="a comment")
    one.root.post(one.at(issue, "/award_emoji"), {"name": "thumbsup"})
    one.root.put(one.at(issue), {"state_event": "close"})
    made = one.root.made(one.at(issue, "/clone"), to_project_id=other.project["id"])
    assert (made["title"], made["labels"], made["state"]) == ("Again", ["kept"], "opened")
    assert (made["due_date"], made["upvotes"], made["user_notes_count"]) == ("2026-12-01", 1, 0)
    assert made["task_completion_status"] == {"count": 1, "completed_count": 1}
    assert made["created_at"] > issue["created_at"]
    assert one.notes(made) == [f"cloned from {one.project['path_with_namespace']}#1"]
    assert one.notes(issue)[-1] == f"cloned to {other.project['path_with_namespace']}#1"
    assert one.again(issue)["moved_to_id"] is None


def test_cloning_beside_itself_with_notes(space):
    issue = space.issue()
    space.root.made(space.at(issue, "/notes"), body="a comment")
    made = space.root.made(
        space.at(issue, "/clone"), to_project_id=space.project["id"], with_notes=True
    )
    assert made["iid"] == 2
    assert made["user_notes_count"] == 1
    assert space.notes(made) == ["a comment", "cloned from #1"]


def test_what_cannot_be_cloned(space):
    issue = space.issue()
    at = space.at(issue, "/clone")
    body = {"to_project_id": space.project["id"]}
    refused = space.member("guest").post(at, body)
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": "Cannot clone issue due to insufficient permissions!"},
    )
    assert space.root.post(at, {}).json() == {"error": "to_project_id is missing"}
    assert space.root.post(at, {"to_project_id": 99999}).json() == {
        "message": "404 Project Not Found"
    }


def by_hand(space):
    answer = space.root.get(
        f"{space.path}/issues", {"order_by": "relative_position", "sort": "asc"}
    )
    return [issue["title"] for issue in answer.json()]


def test_reordering(space):
    a, b, c, d = (space.issue(title) for title in "abcd")

    def move(issue, **where):
        answer = space.root.put(space.at(issue, "/reorder"), where)
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == issue["id"]
        return "".join(by_hand(space))

    assert "".join(by_hand(space)) == "abcd"
    assert move(d, move_after_id=a["id"], move_before_id=b["id"]) == "adbc"
    assert move(c, move_after_id=a["id"]) == "acdb"
    assert move(b, move_before_id=a["id"]) == "bacd"
    assert move(a, move_after_id=d["id"]) == "bcda"
    assert move(a, move_before_id=c["id"]) == "bacd"


def test_what_cannot_be_reordered(space):
    issue = space.issue()
    at = space.at(issue, "/reorder")
    assert space.root.put(at, {}).json() == {
        "error": "move_after_id, move_before_id are missing, at least one parameter must be provided"
    }
    nowhere = space.root.put(at, {"move_after_id": 99999})
    assert (nowhere.status_code, nowhere.json()) == (
        422,
        {"message": {"error": "Unprocessable Entity"}},
    )
    assert space.member("guest").put(at, {"move_after_id": 1}).status_code == 403
    unknown = space.root.put(f"{space.path}/issues/99/reorder", {"move_after_id": 1})
    assert unknown.json() == {"message": "404 Issue Not Found"}


def test_there_are_no_merge_requests(space):
    issue = space.issue()
    for name in ("related_merge_requests", "closed_by"):
        answer = space.root.get(space.at(issue, f"/{name}"))
        assert (answer.status_code, answer.json()) == (200, [])
        assert answer.headers["X-Total"] == "0"
        assert space.root.get(f"{space.path}/issues/99/{name}").status_code == 404


def test_nobody_knows_the_user_agent(space):
    at = space.at(space.issue(), "/user_agent_detail")
    assert space.root.get(at).json() == {"message": "404 UserAgentDetail Not Found"}
    assert space.member("owner").get(at).status_code == 403


def test_start_dates_and_severities(space):
    issue = space.issue(start_date="2026-11-01", issue_type="incident", severity="high")
    assert (issue["start_date"], issue["severity"]) == ("2026-11-01", "HIGH")
    body = {"start_date": "2026-11-02", "due_date": "2026-11-30"}
    assert space.root.put(space.at(issue), body).json()["start_date"] == "2026-11-02"
    assert space.root.put(space.at(issue), {"severity": "low"}).json()["severity"] == "LOW"
    assert space.root.put(space.at(issue), {"start_date": None}).json()["start_date"] is None
    assert space.notes(issue) == [
        "changed start date to November 1, 2026",
        "changed start date to November 2, 2026 and changed due date to November 30, 2026",
        "changed the severity to **Low - S4**",
        "removed start date November 2, 2026",
    ]
    wrong = space.root.put(space.at(issue), {"severity": "dire"})
    assert wrong.json() == {"error": "severity does not have a valid value"}
    plain = space.issue(severity="high")
    assert plain["severity"] == "UNKNOWN"


def test_what_paid_tiers_add_to_an_issue(premium):
    issue = premium.issue(weight=3)
    added = {"weight": 3, "epic_iid": None, "epic": None, "iteration": None}
    assert {name: issue[name] for name in added} == added
    assert "health_status" not in issue
    wrong = premium.root.put(premium.at(issue), {"weight": -1})
    assert wrong.json() == {"message": {"weight": ["must be greater than or equal to 0"]}}


def test_weight_events(premium):
    issue = premium.issue(weight=3)
    premium.root.put(premium.at(issue), {"weight": None})
    premium.root.put(premium.at(issue), {"weight": None})
    events = premium.events(issue, "weight")
    assert [event["weight"] for event in events] == [3, None]
    assert list(events[0]) == ["id", "user", "created_at", "issue_id", "weight"]
    at = premium.at(issue, f"/resource_weight_events/{events[1]['id']}")
    assert premium.root.get(at).json() == events[1]
    assert premium.events(issue, "iteration") == []


def test_weight_events_are_for_paid_tiers(space):
    issue = space.issue(weight=3)
    for kind in ("weight", "iteration"):
        answer = space.root.get(space.at(issue, f"/resource_{kind}_events"))
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


def test_events_come_in_pages_with_labels_in_detail(space):
    issue = space.issue(labels="a,b,c")
    answer = space.root.get(space.at(issue, "/resource_label_events"), {"per_page": 2, "page": 2})
    (event,) = answer.json()
    assert answer.headers["X-Total"] == "3"
    assert list(event) == [
        "id", "user", "created_at", "resource_type", "resource_id", "label", "action",
    ]  # fmt: skip
    assert (event["label"]["name"], event["label"]["color"]) == ("c", "#6699cc")


def test_a_state_event_has_gitlabs_fields(space):
    issue = space.issue()
    space.root.put(space.at(issue), {"state_event": "close"})
    (event,) = space.events(issue, "state")
    assert list(event) == [
        "id", "user", "created_at", "resource_type", "resource_id", "source_commit",
        "source_merge_request_id", "state",
    ]  # fmt: skip

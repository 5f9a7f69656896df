"""Events of users and projects: `lib/api/events.rb`, `app/finders/events_finder.rb`."""

from __future__ import annotations

import pytest

from tests.sandbox.world import new_space


@pytest.fixture
def office(fixed):
    """A project on a server whose clock is moved."""
    space = new_space(fixed)
    yield space
    space.close()


def at(space, moment):
    assert space.root.put("/sandbox/clock", json={"now": moment}).status_code == 200


def told(answer):
    return [(one["action_name"], one["target_type"], one["target_title"]) for one in answer.json()]


def events(person, reader, **query):
    return reader.get(f"/users/{person.user['id']}/events", query)


def a_week(space, person):
    """Somebody opens, comments on, closes and reopens an issue, one step a day."""
    at(space, "2027-02-01T10:00:00Z")
    issue = space.issue("Broken", by=person)
    at(space, "2027-02-02T10:00:00Z")
    person.made(space.at(issue, "/notes"), body="Looking")
    at(space, "2027-02-03T10:00:00Z")
    person.put(space.at(issue), json={"state_event": "close"})
    at(space, "2027-02-04T10:00:00Z")
    person.put(space.at(issue), json={"state_event": "reopen"})
    return issue


def test_what_somebody_did_the_newest_first(office):
    """GitLab says `opened` of a reopening, too: `spec/models/event_spec.rb`."""
    person, colleague = office.member("planner"), office.member("reporter")
    a_week(office, person)
    assert told(events(person, colleague)) == [
        ("opened", "Issue", "Broken"),
        ("closed", "Issue", "Broken"),
        ("commented on", "Note", "Broken"),
        ("opened", "Issue", "Broken"),
    ]
    assert events(colleague, person).json() == []


def test_the_shape_of_an_event(office):
    person = office.member("planner")
    issue = a_week(office, person)
    first, said = events(person, person, sort="asc").json()[:2]
    ids = [one["id"] for one in events(person, person).json()]
    assert len(set(ids)) == 4
    assert first == {
        "id": first["id"],
        "project_id": office.project["id"],
        "action_name": "opened",
        "target_id": issue["id"],
        "target_iid": issue["iid"],
        "target_type": "Issue",
        "author_id": person.user["id"],
        "target_title": "Broken",
        "created_at": issue["created_at"],
        "author": issue["author"],
        "imported": False,
        "imported_from": "none",
        "author_username": person.user["username"],
    }
    note = said["note"]
    assert (said["target_id"], said["target_iid"]) == (note["id"], note["id"])
    assert (note["body"], note["noteable_type"]) == ("Looking", "Issue")


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"action": "created"}, [1]),
        ({"action": "closed"}, [3]),
        ({"action": "reopened"}, [4]),
        ({"action": "commented"}, [2]),
        ({"action": "merged"}, []),
        ({"target_type": "note"}, [2]),
        ({"target_type": "issue"}, [1, 3, 4]),
        ({"target_type": "merge_request"}, []),
        ({"after": "2027-02-01", "before": "2027-02-04"}, [2, 3]),
        ({"after": "2027-02-04"}, []),
        ({"before": ""}, [1, 2, 3, 4]),
    ],
)
def test_filters_leave_both_days_out(office, query, days):
    person = office.member("planner")
    a_week(office, person)
    found = events(person, person, sort="asc", **query).json()
    assert [int(one["created_at"][8:10]) for one in found] == days


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"action": "sang"}, "action does not have a valid value"),
        ({"target_type": "Issue"}, "target_type does not have a valid value"),
        ({"sort": "up"}, "sort does not have a valid value"),
        ({"before": "tomorrow"}, "before is invalid"),
    ],
)
def test_what_cannot_be_asked_for(office, query, error):
    answer = events(office.member("planner"), office.root, **query)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_replies_in_threads_have_a_type_of_their_own(office):
    person = office.member("planner")
    issue = office.issue(by=person)
    person.made(office.at(issue, "/discussions"), body="A thread")
    assert [one[1] for one in told(events(person, person))] == ["DiscussionNote", "Issue"]
    assert events(person, person, target_type="note").json() == []


def test_pages_have_gaps_where_issues_are_hidden(office):
    """The finder cuts the page first, and looks at each event afterwards."""
    person, guest = office.member("planner"), office.member("guest")
    at(office, "2027-02-01T10:00:00Z")
    office.issue("Open", by=person)
    at(office, "2027-02-02T10:00:00Z")
    hidden = office.issue("Secret", by=person, confidential=True)
    person.made(office.at(hidden, "/notes"), body="Secret words")
    first = events(person, guest, per_page=2)
    assert (first.json(), first.headers["X-Total"], first.headers["X-Next-Page"]) == ([], "3", "2")
    assert told(events(person, guest, per_page=2, page=2)) == [("opened", "Issue", "Open")]
    assert len(events(person, person).json()) == 3


def test_internal_notes_are_for_planners(office):
    person, guest = office.member("planner"), office.member("guest")
    issue = office.issue(by=person)
    person.made(office.at(issue, "/notes"), body="Between us", internal=True)
    assert [one[0] for one in told(events(person, guest))] == ["opened"]
    assert [one[0] for one in told(events(person, person))] == ["commented on", "opened"]


def test_projects_out_of_reach_are_not_even_counted(office):
    person, stranger = office.member("planner"), office.someone()
    office.issue(by=person)
    answer = events(person, stranger)
    assert (answer.json(), answer.headers["X-Total"]) == ([], "0")


def test_what_the_system_writes_is_no_event(office):
    person = office.member("planner")
    issue = office.issue(by=person)
    person.put(office.at(issue), json={"title": "Renamed"})
    assert [one[0] for one in told(events(person, person))] == ["opened"]


def test_a_private_profile_is_for_its_user_and_administrators(office, client):
    person, colleague = office.member("planner"), office.member("planner")
    office.issue(by=person)
    office.root.put(f"/users/{person.user['id']}", json={"private_profile": True})
    anonymous = client(None).get(f"{office.root.url}/api/v4/users/{person.user['id']}/events")
    assert anonymous.json() == events(person, colleague).json() == []
    assert len(events(person, person).json()) == len(events(person, office.root).json()) == 1


def test_a_user_by_name_and_one_that_is_not_there(office):
    person = office.member("planner")
    office.issue(by=person)
    assert len(person.get(f"/users/{person.user['username']}/events").json()) == 1
    missing = person.get("/users/999999/events")
    assert (missing.status_code, missing.json()) == (404, {"message": "404 User Not Found"})


def test_ones_own_events_and_those_of_ones_projects(office, client):
    person, colleague = office.member("planner"), office.member("planner")
    office.issue("Mine", by=person)
    office.issue("Theirs", by=colleague)
    other = new_space(office.root)
    other.issue("Elsewhere")
    assert told(person.get("/events")) == [("opened", "Issue", "Mine")]
    everything = {one[2] for one in told(person.get("/events", {"scope": "all"}))}
    assert everything == {"Mine", "Theirs"}
    assert client(None).get(f"{office.root.url}/api/v4/events").status_code == 401


def test_what_happened_in_a_project(office):
    person, colleague = office.member("planner"), office.member("planner")
    office.issue("Mine", by=person)
    office.issue("Theirs", by=colleague)
    found = person.get(f"{office.path}/events", {"sort": "asc"})
    assert [one[2] for one in told(found)] == ["Mine", "Theirs"]
    assert office.someone().get(f"{office.path}/events").status_code == 404

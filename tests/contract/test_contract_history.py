"""What an issue remembers: who did what and when, and what leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import Place

SYSTEM = "app/services/system_notes/issuables_service.rb"


def told(place: Place, issue: dict[str, Any]) -> list[str]:
    return place.notes(issue, activity_filter="only_activity")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"description": "new"}, "changed the description"),
        ({"confidential": True}, "made the issue confidential"),
        ({"discussion_locked": True}, "locked the discussion in this issue"),
    ],
)
@cites(SYSTEM, "change_description, change_issue_confidentiality, discussion_lock", laws=6)
def test_what_the_system_writes(place, change, text):
    issue = place.issue("busy")
    place.root.put(place.at(issue), change)
    assert told(place, issue) == [text]


@cites(SYSTEM, "change_title", laws=6)
def test_a_new_title_is_told_with_the_old_one(place):
    issue = place.issue("Old words")
    place.root.put(place.at(issue), {"title": "New words"})
    (note,) = told(place, issue)
    assert note.startswith("changed title from **")
    assert "** to **" in note


@cites(SYSTEM, "change_issuable_assignees", laws=6)
def test_assignees_are_told_by_their_names(place):
    issue = place.issue("given")
    me = place.root.user
    place.root.put(place.at(issue), {"assignee_ids": [me["id"]]})
    place.root.put(place.at(issue), {"assignee_ids": []})
    assert told(place, issue) == [
        f"assigned to @{me['username']}",
        f"unassigned @{me['username']}",
    ]


@cites("app/services/system_notes/time_tracking_service.rb", "change_due_date", laws=6)
def test_due_dates_are_told(place):
    issue = place.issue("due")
    place.root.put(place.at(issue), {"due_date": "2026-09-20"})
    place.root.put(place.at(issue), {"due_date": ""})
    first, second = told(place, issue)
    assert first == "changed due date to September 20, 2026"
    assert second.startswith("removed due date")


@pytest.mark.parametrize(
    ("tail", "body", "text"),
    [
        ("/time_estimate", {"duration": "3h"}, "changed time estimate to 3h"),
        ("/add_spent_time", {"duration": "2h30m"}, "added 2h 30m of time spent"),
    ],
)
@cites("app/services/system_notes/time_tracking_service.rb", "estimate and time spent", laws=6)
def test_time_tracking_is_told(place, tail, body, text):
    issue = place.issue("timed")
    assert place.root.post(place.at(issue, tail), body).ok
    (note,) = told(place, issue)
    assert note.startswith(text)


@cites("lib/api/entities/note.rb", "author, system", laws=6)
def test_what_the_system_wrote_bears_who_made_it_do_so(place):
    issue = place.issue("busy")
    person = place.member("reporter")
    person.put(place.at(issue), {"title": "busier"})
    (note,) = place.root.get(place.at(issue, "/notes")).json()
    assert (note["system"], note["author"]["id"]) == (True, person.user["id"])
    assert (note["noteable_type"], note["noteable_iid"]) == ("Issue", issue["iid"])


@pytest.mark.parametrize(
    "change",
    [
        {"add_labels": "x"},
        {"remove_labels": "a"},
        {"state_event": "close"},
        {"milestone_id": "of the place"},
    ],
)
@cites("doc/api/notes.md", "Resource events", laws=6)
def test_changes_that_are_events_are_not_notes(place, change):
    issue = place.issue("busy", labels="a")
    if "milestone_id" in change:
        made = place.root.made(f"{place.path}/milestones", title=f"m{issue['id']}")
        change = {"milestone_id": made["id"]}
    assert place.root.put(place.at(issue), change).status_code == 200
    assert place.notes(issue) == []


@cites("doc/api/resource_label_events.md", "List project issue label events", laws=6)
def test_label_events_say_who_what_and_when(place):
    issue = place.issue("labelled", labels="a")
    person = place.member("reporter")
    person.put(place.at(issue), {"add_labels": "b", "remove_labels": "a"})
    events = place.events(issue, "label")
    seen = {(e["action"], e["label"]["name"], e["user"]["id"]) for e in events}
    root = place.root.user["id"]
    assert seen == {("add", "a", root), ("add", "b", person.user["id"]),
                    ("remove", "a", person.user["id"])}  # fmt: skip
    assert {(e["resource_type"], e["resource_id"]) for e in events} == {("Issue", issue["id"])}
    one = place.root.get(place.at(issue, f"/resource_label_events/{events[0]['id']}")).json()
    assert one == events[0]


@cites("lib/api/resource_label_events.rb", "paginate, oldest first", laws=6)
def test_events_come_in_the_order_in_which_they_happened(place):
    issue = place.issue("labelled")
    for name in ("one", "two", "three"):
        place.root.put(place.at(issue), {"add_labels": name})
    events = place.root.get(place.at(issue, "/resource_label_events"), {"per_page": 2})
    assert [event["label"]["name"] for event in events.json()] == ["one", "two"]
    assert events.headers["X-Total"] == "3"


@cites("lib/api/labels.rb", "delete; label events keep a null label", laws=6)
def test_the_event_of_a_deleted_label_has_none(place):
    label = place.label("short-lived")
    issue = place.issue("labelled", labels="short-lived")
    place.root.delete(f"{place.path}/labels/{label['id']}")
    (event,) = place.events(issue, "label")
    assert event["label"] is None


@cites("lib/api/entities/resource_state_event.rb", "state, user", laws=(5, 6))
def test_state_events_say_who_closed_and_who_reopened(place):
    issue = place.issue("back and forth")
    person = place.member("reporter")
    place.root.put(place.at(issue), {"state_event": "close"})
    person.put(place.at(issue), {"state_event": "reopen"})
    events = place.events(issue, "state")
    assert [(event["state"], event["user"]["id"]) for event in events] == [
        ("closed", place.root.user["id"]),
        ("reopened", person.user["id"]),
    ]
    assert {event["source_commit"] for event in events} == {None}


@cites("lib/api/entities/issue_basic.rb", "closed_at, closed_by", laws=5)
def test_a_closed_issue_says_by_whom(place):
    issue = place.issue("shut")
    person = place.member("reporter")
    closed = person.put(place.at(issue), {"state_event": "close"}).json()
    assert (closed["state"], closed["closed_by"]["id"]) == ("closed", person.user["id"])
    assert closed["closed_at"] == closed["updated_at"]
    opened = place.root.put(place.at(issue), {"state_event": "reopen"}).json()
    assert (opened["closed_at"], opened["closed_by"]) == (None, None)


@cites("app/models/resource_state_event.rb", "reopened", laws=5)
def test_a_quick_action_leaves_the_same_events_as_a_change(place):
    issue = place.issue("shut")
    person = place.member("reporter")
    place.say(issue, "bye\n/close", by=person)
    (event,) = place.events(issue, "state")
    assert (event["state"], event["user"]["id"]) == ("closed", person.user["id"])
    assert place.again(issue)["closed_by"]["id"] == person.user["id"]


HANDS = {
    "by hand": lambda p, i, c, e: c.put(p.at(i), {"state_event": e}),
    "by a note": lambda p, i, c, e: p.say(i, f"words\n/{e}", by=c),
}


@pytest.mark.parametrize("how", HANDS)
@pytest.mark.parametrize("last", ["close", "reopen"])
@cites("lib/api/entities/resource_state_event.rb", "state, user, created_at", laws=5)
def test_the_last_word_is_told_whoever_had_it(place, how, last):
    """What a person did after Drumbeat shows as theirs, and as later."""
    issue = place.issue("contested")
    person = place.member("planner")
    first = {"close": ["close", "reopen"], "reopen": ["close"]}[last]
    for event in first:
        place.root.put(place.at(issue), {"state_event": event})
    assert HANDS[how](place, issue, person, last).ok
    *earlier, latest = place.events(issue, "state")
    assert latest["user"]["id"] == person.user["id"]
    assert latest["state"] == {"close": "closed", "reopen": "reopened"}[last]
    assert all(event["created_at"] < latest["created_at"] for event in earlier)
    assert {event["user"]["id"] for event in earlier} == {place.root.user["id"]}


@cites("doc/api/issues.md", "List issues, closed_at and closed_by", laws=5)
def test_lists_say_who_closed(place):
    issue = place.issue("shut")
    person = place.member("planner")
    person.put(place.at(issue), {"state_event": "close"})
    (listed,) = place.root.get(f"{place.path}/issues", {"iids[]": issue["iid"]}).json()
    assert listed["closed_by"]["id"] == person.user["id"]
    assert listed["closed_at"] is not None


@cites("app/services/issues/close_service.rb", "close_issue; labels are left alone", laws=5)
def test_closing_and_opening_leave_the_labels(place):
    issue = place.issue("kept", labels="loop::open,attention")
    for event in ("close", "reopen"):
        after = place.root.put(place.at(issue), {"state_event": event}).json()
        assert after["labels"] == ["attention", "loop::open"]


@cites("lib/api/milestone_responses.rb", "milestones; resource_milestone_events", laws=6)
def test_milestone_events_say_which_one(place):
    issue = place.issue("planned")
    made = place.root.made(f"{place.path}/milestones", title=f"m{issue['id']}")
    place.root.put(place.at(issue), {"milestone_id": made["id"]})
    place.root.put(place.at(issue), {"milestone_id": 0})
    events = place.events(issue, "milestone")
    assert [event["action"] for event in events] == ["add", "remove"]
    assert {event["milestone"]["id"] for event in events} == {made["id"]}


BUMPS: dict[str, Callable[[Place, dict[str, Any]], Any]] = {
    "a comment": lambda p, i: p.say(i, "words"),
    "a label": lambda p, i: p.root.put(p.at(i), {"add_labels": "x"}),
    "a title": lambda p, i: p.root.put(p.at(i), {"title": "y"}),
    "a tick": lambda p, i: p.root.put(p.at(i), {"description": "- [x] a"}),
    "a closure": lambda p, i: p.root.put(p.at(i), {"state_event": "close"}),
    "a due date": lambda p, i: p.root.put(p.at(i), {"due_date": "2027-01-01"}),
    "an assignee": lambda p, i: p.root.put(p.at(i), {"assignee_ids": [p.root.user["id"]]}),
    "a command": lambda p, i: p.say(i, "/close"),
}


@pytest.mark.parametrize("what", BUMPS)
@cites("spec/requests/api/issues/put_projects_issues_spec.rb", "touches the record", laws=(6, 10))
def test_what_counts_as_an_update(place, what):
    issue = place.issue("touched", description="- [ ] a")
    assert BUMPS[what](place, issue).ok
    assert place.again(issue)["updated_at"] > issue["updated_at"]


IDLE: dict[str, Callable[[Place, dict[str, Any]], Any]] = {
    "reading": lambda p, i: p.root.get(p.at(i)),
    "reading its notes": lambda p, i: p.root.get(p.at(i, "/notes")),
    "listing": lambda p, i: p.root.get(f"{p.path}/issues"),
    "the same title": lambda p, i: p.root.put(p.at(i), {"title": i["title"]}),
    "a label that it bears": lambda p, i: p.root.put(p.at(i), {"add_labels": "a"}),
    "a label that it does not bear": lambda p, i: p.root.put(p.at(i), {"remove_labels": "z"}),
    "opening what is open": lambda p, i: p.root.put(p.at(i), {"state_event": "reopen"}),
    "the same description": lambda p, i: p.root.put(p.at(i), {"description": i["description"]}),
}


@pytest.mark.parametrize("what", IDLE)
@cites(
    "app/services/issues/close_service.rb", "handle_closing_issue!; no change, no trace", laws=10
)
def test_what_leaves_no_trace(place, what):
    issue = place.issue("idle", labels="a", description="words")
    assert IDLE[what](place, issue).ok
    after = place.again(issue)
    assert after["updated_at"] == issue["updated_at"]
    assert place.notes(issue) == []
    assert place.events(issue, "state") == []
    assert len(place.events(issue, "label")) == 1


@cites("lib/api/award_emoji.rb", "create", laws=6)
def test_a_reaction_is_neither_note_nor_event(place):
    issue = place.issue("liked")
    made = place.root.made(place.at(issue, "/award_emoji"), name="thumbsup")
    assert (made["name"], made["awardable_type"]) == ("thumbsup", "Issue")
    assert place.again(issue)["upvotes"] == 1
    assert place.notes(issue) == []
    assert [award["id"] for award in place.root.get(place.at(issue, "/award_emoji")).json()] == [
        made["id"]
    ]


@cites("app/services/issuable_links/create_service.rb", "create_notes", laws=6)
def test_a_relation_is_told_on_both_issues(place):
    one, two = place.issue("one"), place.issue("two")
    body = {"target_project_id": place.project["id"], "target_issue_iid": two["iid"]}
    assert place.root.post(place.at(one, "/links"), body).status_code == 201
    assert told(place, one) == [f"marked this issue as related to #{two['iid']}"]
    assert told(place, two) == [f"marked this issue as related to #{one['iid']}"]


@cites("app/services/users/migrate_records_to_ghost_user_service.rb", "migrate_issues", laws=(1, 6))
def test_what_a_deleted_user_wrote_goes_to_ghost(place, admin):
    person = place.member("reporter")
    issue = place.issue("orphan", by=person, labels="a")
    person.post(place.at(issue, "/notes"), {"body": "words"})
    answer = admin.delete(f"/users/{person.user['id']}")
    if answer.status_code != 204 or admin.get(f"/users/{person.user['id']}").ok:
        pytest.skip("users are deleted in the background here")
    after = place.again(issue)
    assert after["author"]["username"] == "ghost"
    (note,) = place.root.get(place.at(issue, "/notes")).json()
    assert note["author"]["username"] == "ghost"
    (event,) = place.events(issue, "label")
    assert event["user"]["username"] == "ghost"


@cites("doc/user/profile/account/delete_account.md", "Delete user and contributions", laws=1)
def test_a_hard_deletion_takes_the_issues_along(place, admin):
    person = place.someone()
    member = {"user_id": person.user["id"], "access_level": 20}
    place.root.made(f"{place.path}/members", **member)
    issue = place.issue("orphan", by=person)
    assert admin.delete(f"/users/{person.user['id']}?hard_delete=true").status_code == 204
    assert place.root.get(place.at(issue)).status_code == 404


@sandbox_only("a clock that stands still")
@cites("lib/api/entities/issue_basic.rb", "created_at", laws=10)
def test_times_are_in_utc_with_milliseconds(apart):
    made = apart.issue("timed")
    assert made["created_at"].startswith("2026-11-23T08:00:00.")
    assert made["created_at"].endswith("Z")
    assert len(made["created_at"]) == len("2026-11-23T08:00:00.000Z")

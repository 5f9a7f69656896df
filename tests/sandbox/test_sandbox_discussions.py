"""Discussions: GitLab's ``doc/api/discussions.md`` and ``lib/api/discussions.rb``."""

from __future__ import annotations

import re


def thread(space, issue, body="a thread", by=None, **more):
    return (by or space.root).made(space.at(issue, "/discussions"), body=body, **more)


def test_a_note_by_itself_is_a_discussion_of_one(space):
    issue = space.issue()
    note = space.root.made(space.at(issue, "/notes"), body="alone")
    (found,) = space.root.get(space.at(issue, "/discussions")).json()
    assert list(found) == ["id", "individual_note", "notes"]
    assert re.fullmatch("[0-9a-f]{40}", found["id"])
    assert found["individual_note"] is True
    assert found["notes"] == [note]
    assert (note["type"], note["resolvable"]) == (None, False)


def test_a_thread_and_its_replies(space):
    issue = space.issue()
    made = thread(space, issue)
    assert made["individual_note"] is False
    (first,) = made["notes"]
    assert (first["type"], first["resolvable"], first["resolved"]) == (
        "DiscussionNote",
        True,
        False,
    )
    assert (first["resolved_by"], first["resolved_at"]) == (None, None)
    at = space.at(issue, f"/discussions/{made['id']}")
    reply = space.root.made(f"{at}/notes", body="a reply")
    assert reply["type"] == "DiscussionNote"
    bodies = [note["body"] for note in space.root.get(at).json()["notes"]]
    assert bodies == ["a thread", "a reply"]
    assert [n["body"] for n in space.root.get(f"{at}/notes").json()] == bodies
    one = f"{at}/notes/{reply['id']}"
    assert space.root.get(one).json() == reply
    assert space.root.put(one, {"body": "changed"}).json()["body"] == "changed"
    assert space.root.delete(one).status_code == 204
    assert space.again(issue)["user_notes_count"] == 1


def test_a_reply_makes_a_lone_note_a_thread(space):
    issue = space.issue()
    space.root.made(space.at(issue, "/notes"), body="alone")
    (found,) = space.root.get(space.at(issue, "/discussions")).json()
    space.root.made(space.at(issue, f"/discussions/{found['id']}/notes"), body="no more")
    (after,) = space.root.get(space.at(issue, "/discussions")).json()
    assert after["individual_note"] is False
    assert [note["type"] for note in after["notes"]] == ["DiscussionNote"] * 2


def test_discussions_come_oldest_first_by_pages(space):
    issue = space.issue()
    made = [thread(space, issue, f"t{number}")["id"] for number in range(3)]
    space.root.made(space.at(issue, f"/discussions/{made[0]}/notes"), body="late")
    answer = space.root.get(space.at(issue, "/discussions"), {"per_page": 2})
    assert [one["id"] for one in answer.json()] == made[:2]
    assert (answer.headers["X-Total"], answer.headers["X-Next-Page"]) == ("3", "2")


def test_resolving(space):
    issue = space.issue()
    made = thread(space, issue)
    at = space.at(issue, f"/discussions/{made['id']}")
    done = space.root.put(at, {"resolved": True}).json()
    assert done["notes"][0]["resolved"] is True
    assert done["notes"][0]["resolved_by"]["username"] == "root"
    again = space.root.put(at, {"resolved": True}).json()
    assert again["notes"][0]["resolved_at"] == done["notes"][0]["resolved_at"]
    one = f"{at}/notes/{made['notes'][0]['id']}"
    assert space.root.put(one, {"resolved": False}).json()["resolved"] is False
    assert space.root.put(at, {}).json() == {"error": "resolved is missing"}
    assert space.member("guest").put(at, {"resolved": True}).status_code == 403
    assert space.root.put(one, {}).json() == {
        "error": "body, resolved are missing, exactly one parameter must be provided"
    }
    both = space.root.put(one, {"body": "x", "resolved": True})
    assert both.json() == {"error": "body, resolved are mutually exclusive"}


def test_who_wrote_the_issue_resolves_too_but_not_what_stands_alone(space):
    guest = space.member("guest")
    issue = space.issue(by=guest)
    lone = space.root.made(space.at(issue, "/notes"), body="alone")
    (found,) = guest.get(space.at(issue, "/discussions")).json()
    at = space.at(issue, f"/discussions/{found['id']}/notes/{lone['id']}")
    assert guest.put(at, {"resolved": True}).json() == lone


def test_internal_threads_are_for_planners_and_above(space):
    issue = space.issue()
    made = thread(space, issue, internal=True)
    at = space.at(issue, f"/discussions/{made['id']}")
    assert space.root.made(f"{at}/notes", body="also secret")["internal"] is True
    guest = space.member("guest")
    assert guest.get(space.at(issue, "/discussions")).json() == []
    assert guest.get(at).json() == {"message": "404 Discussion Not Found"}
    assert guest.get(f"{at}/notes").json() == {"message": "404 Notes Not Found"}
    assert guest.post(f"{at}/notes", {"body": "x"}).status_code == 404


def test_what_is_refused(space):
    issue = space.issue()
    space.root.put(space.at(issue), {"title": "b"})
    (system,) = space.root.get(space.at(issue, "/discussions")).json()
    at = space.at(issue, f"/discussions/{system['id']}/notes")
    assert space.root.post(at, {"body": "x"}).json() == {
        "message": "400 Bad request - Discussion can not be replied to."
    }
    assert space.root.post(at, {}).json() == {"error": "body is missing"}
    unknown = space.at(issue, "/discussions/0000")
    assert space.root.get(unknown).json() == {"message": "404 Discussion Not Found"}
    assert space.root.get(f"{space.path}/issues/99/discussions").json() == {
        "message": "404 Issue Not Found"
    }


def test_quick_actions_in_a_thread(space):
    issue = space.issue()
    at = space.at(issue, "/discussions")
    only = space.root.post(at, {"body": "/close"})
    assert (only.status_code, only.json()["summary"]) == (202, ["Closed this issue."])
    assert space.root.get(at).json() == []
    thread(space, issue, "done\n/reopen")
    assert space.again(issue)["state"] == "opened"


def test_threads_move_along_as_threads(new):
    one, other = new(), new()
    issue = one.issue()
    made = thread(one, issue)
    one.root.made(one.at(issue, f"/discussions/{made['id']}/notes"), body="a reply")
    moved = one.root.made(one.at(issue, "/move"), to_project_id=other.project["id"])
    first, told = one.root.get(one.at(moved, "/discussions")).json()
    assert [note["body"] for note in first["notes"]] == ["a thread", "a reply"]
    assert first["id"] != made["id"]
    assert told["individual_note"] is True

"""Quick actions that move, clone, or make something else of an issue."""

from __future__ import annotations

import pytest


def say(space, issue, body, by=None):
    return (by or space.root).post(space.at(issue, "/notes"), {"body": body})


def summary(space, issue, body, by=None):
    answer = say(space, issue, body, by)
    assert answer.status_code == 202, answer.text
    return answer.json()["summary"]


def of(space):
    return space.root.get(f"{space.path}/issues", {"sort": "asc"}).json()


def test_moving_by_a_note(new):
    one, other = new(), new()
    issue = one.issue("Goes")
    path = other.project["path_with_namespace"]
    answer = say(one, issue, f"bye\n/move {path.upper()}\n/label ~x")
    assert (answer.status_code, answer.json()["body"]) == (201, "bye")
    (moved,) = of(other)
    left = one.again(issue)
    assert (left["state"], left["moved_to_id"]) == ("closed", moved["id"])
    assert other.notes(moved) == ["bye", f"moved from {one.project['path_with_namespace']}#1"]
    assert summary(one, issue, f"/move {path}") == [f"Moved this item to {path}."]
    assert len(of(other)) == 1


def test_moving_by_a_description_shows_where_it_is_then(new):
    one, other = new(), new()
    issue = one.issue("Goes")
    body = {"description": f"text\n\n/move {other.project['path_with_namespace']}"}
    shown = one.root.put(one.at(issue), body).json()
    assert (shown["project_id"], shown["description"]) == (other.project["id"], "text")


def test_what_moves_nowhere(new):
    one, other = new(), new()
    issue, home = one.issue(), one.project["path_with_namespace"]
    planner, there = one.member("planner"), other.project["path_with_namespace"]
    assert summary(one, issue, "/move no/where") == [
        "Unable to move. Target project or group doesn't exist or doesn't support this item type."
    ]
    assert summary(one, issue, f"/move {there}", planner) == [
        "Unable to move. Insufficient permissions."
    ]
    assert summary(one, issue, f"/move {home}") == [f"Moved this item to {home}."]
    assert say(one, issue, "/move").json() == {
        "message": "400 Bad request - Failed to apply commands."
    }
    assert one.again(issue)["moved_to_id"] is None


@pytest.mark.parametrize(
    ("flag", "notes"), [("", ["cloned from #1"]), (" --with_notes", ["word", "cloned from #1"])]
)
def test_cloning(space, flag, notes):
    issue = space.issue("Twice")
    say(space, issue, "word")
    home = space.project["path_with_namespace"]
    answer = say(space, issue, f"/clone{flag}").json()
    assert answer == {
        "commands_changes": {"clone_with_notes": bool(flag)},
        "summary": [f"Cloned this item to {home}."],
    }
    assert [(made["title"], made["iid"]) for made in of(space)] == [("Twice", 1), ("Twice", 2)]
    assert space.notes(of(space)[1]) == notes


def test_what_cannot_be_cloned(space):
    issue = space.issue()
    assert summary(space, issue, "/clone a b") == ["Failed to clone this item: wrong parameters."]
    assert summary(space, issue, "/clone no/where")[0].startswith("Unable to clone. Target")
    guest = space.member("guest")
    assert summary(space, issue, "/clone", guest) == ["Could not apply clone command."]
    assert len(of(space)) == 1


def test_severities_are_of_incidents(space):
    issue = space.issue(issue_type="incident", description="/severity S1")
    assert issue["severity"] == "CRITICAL"
    assert space.issue(description="/severity S1")["severity"] == "UNKNOWN"
    assert summary(space, issue, "/severity low") == ["Severity updated to Low."]
    assert summary(space, issue, "/severity dire") == ["No severity matches the provided parameter"]
    assert say(space, issue, "/severity").status_code == 400
    guest = space.member("guest")
    assert summary(space, issue, "/severity 1", guest) == ["Severity updated to Critical."]
    assert space.again(issue)["severity"] == "LOW"
    assert space.notes(issue) == ["changed the severity to **Low - S4**"]


def test_promoting_to_an_incident(space):
    assert space.issue(description="/promote_to_incident")["type"] == "INCIDENT"
    issue = space.issue()
    assert summary(space, issue, "/promote_to_incident") == ["Issue has been promoted to incident"]
    assert space.again(issue)["issue_type"] == "incident"
    assert space.notes(issue) == ["changed type from issue to incident"]
    again = ["Could not apply promote_to_incident command."]
    assert summary(space, issue, "/promote_to_incident") == again


def test_a_description_does_all_that_a_note_does(space):
    first, issue = space.issue(), space.issue()
    text = "text\n\n/spend 1h\n/react :tada:\n/duplicate #1\n/todo"
    shown = space.root.put(space.at(issue), {"description": text}).json()
    assert (shown["state"], shown["time_stats"]["total_time_spent"]) == ("closed", 3600)
    assert "marked this issue as a duplicate of #1" in space.notes(issue)
    assert "marked #2 as a duplicate of this issue" in space.notes(first)
    awards = space.root.get(space.at(issue, "/award_emoji")).json()
    assert [award["name"] for award in awards] == ["tada"]

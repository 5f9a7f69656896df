"""Subscriptions, to-do items, participants: ``lib/api/subscriptions.rb``, ``lib/api/todos.rb``."""

from __future__ import annotations


def test_subscribing(space):
    guest, issue = space.member("guest"), space.issue()
    at = space.at(issue)
    assert guest.get(at).json()["subscribed"] is False
    made = guest.post(f"{at}/subscribe")
    assert (made.status_code, made.json()["subscribed"]) == (201, True)
    again = guest.post(f"{at}/subscribe")
    assert (again.status_code, again.content) == (304, b"")
    gone = guest.post(f"{at}/unsubscribe")
    assert (gone.status_code, gone.json()["subscribed"]) == (201, False)
    assert guest.post(f"{at}/unsubscribe").status_code == 304
    assert guest.post(f"{space.path}/issues/99/subscribe").status_code == 404


def test_who_takes_part_is_subscribed_until_they_say_no(space):
    guest = space.member("guest")
    issue = space.issue(by=guest)
    assert guest.post(space.at(issue, "/unsubscribe")).json()["subscribed"] is False
    other = space.issue()
    guest.made(space.at(other, "/notes"), body="a word")
    assert guest.get(space.at(other)).json()["subscribed"] is True
    assert space.member("guest").get(space.at(other)).json()["subscribed"] is False


def test_quick_actions_about_oneself(space):
    guest, issue = space.member("guest"), space.issue()
    guest.made(space.at(issue, "/notes"), body="/subscribe\n/todo")
    assert guest.get(space.at(issue)).json()["subscribed"] is True
    assert len(guest.get("/todos").json()) == 1
    guest.made(space.at(issue, "/notes"), body="/unsubscribe\n/done")
    assert guest.get(space.at(issue)).json()["subscribed"] is False
    assert guest.get("/todos").json() == []


def test_participants(space):
    writer, assignee, talker, named = (space.member("reporter") for _ in range(4))
    stranger, hidden = space.someone(), space.member("guest")
    issue = space.issue(
        by=writer,
        description=f"cc @{named.user['username']}, @{stranger.user['username']} and @nobody.",
        assignee_ids=[assignee.user["id"]],
    )
    talker.made(space.at(issue, "/notes"), body="a word")
    space.root.made(space.at(issue, "/notes"), body=f"@{hidden.user['username']}", internal=True)
    at = space.at(issue, "/participants")
    names = [person["id"] for person in hidden.get(at).json()]
    assert names == [x.user["id"] for x in (writer, assignee, talker, named)]
    assert hidden.user["id"] in [person["id"] for person in space.root.get(at).json()]
    assert space.root.get(at, {"per_page": 1}).headers["X-Next-Page"] == "2"


def test_to_do_items(space):
    guest, issue = space.member("guest"), space.issue("Do it")
    made = guest.post(space.at(issue, "/todo"))
    assert made.status_code == 201
    todo = made.json()
    assert list(todo) == [
        "id", "project", "author", "action_name", "target_type", "target", "target_url", "body",
        "state", "created_at", "updated_at",
    ]  # fmt: skip
    assert todo["project"]["path_with_namespace"] == space.project["path_with_namespace"]
    assert (todo["action_name"], todo["target_type"], todo["body"]) == ("marked", "Issue", "Do it")
    assert (todo["target"]["id"], todo["state"]) == (issue["id"], "pending")
    assert guest.post(space.at(issue, "/todo")).status_code == 304
    assert guest.get("/todos").json() == [todo]
    assert space.someone().get("/todos").json() == []
    done = guest.post(f"/todos/{todo['id']}/mark_as_done")
    assert (done.status_code, done.json()["state"]) == (201, "done")
    assert guest.get("/todos").json() == []
    assert [one["id"] for one in guest.get("/todos", {"state": "done"}).json()] == [todo["id"]]
    assert space.root.post(f"/todos/{todo['id']}/mark_as_done").status_code == 404
    assert guest.post("/todos/x/mark_as_done").json() == {"error": "id is invalid"}


def test_to_do_lists_are_filtered_and_emptied(space):
    guest = space.member("guest")
    for title in ("a", "b"):
        guest.post(space.at(space.issue(title), "/todo"))

    def count(**query):
        return len(guest.get("/todos", query).json())

    assert count() == count(project_id=space.project["id"]) == 2
    assert count(group_id=space.group["id"]) == count(author_id=guest.user["id"]) == 2
    assert count(type="Issue", action="marked") == 2
    assert count(project_id=99999) == count(group_id=99999) == count(author_id=1) == 0
    assert count(type="MergeRequest") == count(action="assigned") == 0
    assert guest.post("/todos/mark_as_done").status_code == 204
    assert count() == 0

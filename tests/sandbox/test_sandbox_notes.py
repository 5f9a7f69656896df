"""Notes: shape, order, who sees and changes what."""

from __future__ import annotations

FIELDS = [
    "id",
    "type",
    "body",
    "author",
    "created_at",
    "updated_at",
    "system",
    "noteable_id",
    "noteable_type",
    "project_id",
    "resolvable",
    "confidential",
    "internal",
    "imported",
    "imported_from",
    "noteable_iid",
    "commands_changes",
]


def test_a_note_has_gitlabs_fields(space):
    issue = space.issue()
    note = space.root.made(space.at(issue, "/notes"), body="Hello  \n")
    assert list(note) == FIELDS
    assert note["body"] == "Hello"
    assert (note["type"], note["system"], note["noteable_type"]) == (None, False, "Issue")
    assert (note["noteable_id"], note["noteable_iid"]) == (issue["id"], issue["iid"])
    after = space.again(issue)
    assert after["user_notes_count"] == 1
    assert after["updated_at"] >= note["created_at"]


def test_listing_orders_and_filters(space):
    issue = space.issue("a")
    at = space.at(issue, "/notes")
    first = space.root.made(at, body="one")
    space.root.put(space.at(issue), {"title": "b"})
    space.root.made(at, body="two")
    space.root.put(f"{at}/{first['id']}", {"body": "one, edited"})
    title = "changed title from **{-a-}** to **{+b+}**"

    def bodies(**params):
        return [note["body"] for note in space.root.get(at, params).json()]

    assert bodies() == ["two", title, "one, edited"]
    assert bodies(sort="asc") == ["one, edited", title, "two"]
    assert bodies(order_by="updated_at") == ["one, edited", "two", title]
    assert bodies(activity_filter="only_comments") == ["two", "one, edited"]
    assert bodies(activity_filter="only_activity") == [title]
    wrong = space.root.get(at, {"activity_filter": "gossip"})
    assert wrong.json() == {"error": "activity_filter does not have a valid value"}


def test_owners_choose_the_time_of_a_note(space):
    issue = space.issue()
    body = {"body": "old", "created_at": "2020-01-01T00:00:00Z"}
    assert space.root.made(space.at(issue, "/notes"), **body)["created_at"].startswith("2020")
    guest = space.member("guest")
    assert guest.made(space.at(issue, "/notes"), **body)["created_at"] > "2026"


def test_internal_notes_are_for_planners_and_above(space):
    issue = space.issue()
    at = space.at(issue, "/notes")
    note = space.root.made(at, body="secret", internal=True)
    assert (note["internal"], note["confidential"]) == (True, True)
    planner, guest = space.member("planner"), space.member("guest")
    assert [n["body"] for n in planner.get(at).json()] == ["secret"]
    assert planner.get(f"{at}/{note['id']}").status_code == 200
    assert guest.get(at).json() == []
    assert guest.get(f"{at}/{note['id']}").json() == {"message": "404 Note Not Found"}
    assert guest.post(at, {"body": "psst", "confidential": True}).status_code == 403


def test_who_changes_notes(space):
    issue = space.issue()
    guest, other, maintainer = (space.member(r) for r in ("guest", "developer", "maintainer"))
    at = space.at(issue, "/notes")
    mine = f"{at}/{guest.made(at, body='mine')['id']}"
    assert other.put(mine, {"body": "x"}).status_code == 403
    assert other.delete(mine).status_code == 403
    assert guest.put(mine, {"body": "changed"}).json()["body"] == "changed"
    assert maintainer.put(mine, {"body": "moderated"}).json()["body"] == "moderated"
    assert guest.put(mine, {}).json()["body"] == "moderated"
    assert guest.put(mine, {"body": " "}).json() == {"error": "body is empty"}
    assert guest.delete(mine).status_code == 204
    assert space.again(issue)["user_notes_count"] == 0


def test_nobody_changes_system_notes(space):
    issue = space.issue()
    space.root.put(space.at(issue), {"title": "b"})
    note = space.root.get(space.at(issue, "/notes")).json()[0]
    assert note["system"] is True
    at = space.at(issue, f"/notes/{note['id']}")
    assert space.root.put(at, {"body": "x"}).status_code == 403
    assert space.root.delete(at).status_code == 403


def test_refusals(space):
    issue = space.issue()
    at = space.at(issue, "/notes")
    assert space.root.post(at, {}).json() == {"error": "body is missing"}
    assert space.root.post(at, {"body": ""}).json() == {
        "message": '400 Bad request - Note {:note=>["can\'t be blank"]}'
    }
    long = space.root.post(at, {"body": "x" * 1_000_001})
    assert "is too long" in long.json()["message"]
    assert space.root.get(f"{at}/x").json() == {"error": "note_id is invalid"}
    other = space.root.made(space.at(space.issue(), "/notes"), body="elsewhere")
    assert space.root.get(f"{at}/{other['id']}").json() == {"message": "404 Not found"}
    assert space.root.get(f"{space.path}/issues/77/notes").json() == {
        "message": "404 Issue Not Found"
    }


def test_a_locked_discussion_is_for_members(new):
    space = new(visibility="public")
    issue = space.issue(discussion_locked=True)
    at = space.at(issue, "/notes")
    assert space.someone().post(at, {"body": "x"}).status_code == 403
    assert space.member("guest").post(at, {"body": "x"}).status_code == 201

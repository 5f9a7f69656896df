"""Archived groups, paths in any case, visibility below a parent, and reused tokens."""

from __future__ import annotations

import pytest

OLD = {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}


def test_what_is_below_an_archived_group_is_read_only(space):
    group = f"/groups/{space.group['id']}"
    issue = space.issue()
    sub = space.root.made("/groups", name="sub", path="sub", parent_id=space.group["id"])
    below = f"/groups/{sub['id']}"
    shelved = space.root.post(f"{group}/archive")
    assert (shelved.status_code, shelved.json()["archived"]) == (200, True)
    later = space.root.made("/groups", name="new", path="new", parent_id=sub["id"])
    for where in (below, f"/groups/{later['id']}"):
        assert space.root.post(f"{where}/archive").json() == {
            "message": "Cannot archive group since one of the ancestor groups is already archived!"
        }
    assert space.root.put(space.at(issue), {"title": "x"}).status_code == 403
    for archived, found in (("true", 1), ("false", 0)):
        assert len(space.root.get(f"{group}/projects", {"archived": archived}).json()) == found
        active = "false" if archived == "true" else "true"
        assert len(space.root.get(f"{group}/projects", {"active": active}).json()) == found
    assert space.root.get(f"{group}/issues").json() == []
    assert space.root.post(f"{group}/unarchive").json()["archived"] is False
    assert space.root.put(space.at(issue), {"title": "x"}).status_code == 200


def test_a_group_archived_below_an_archived_one_stays(space):
    sub = space.root.made("/groups", name="sub", path="sub", parent_id=space.group["id"])
    below, above = f"/groups/{sub['id']}", f"/groups/{space.group['id']}"
    assert space.root.post(f"{below}/unarchive").status_code == 422
    assert space.root.post(f"{below}/archive").status_code == 200
    assert space.root.post(f"{above}/archive").status_code == 200
    assert space.root.post(f"{below}/unarchive").json() == {
        "message": "Cannot unarchive group since one of the ancestor groups is archived!"
    }


def test_only_owners_archive_groups(space):
    person, group = space.someone(), f"/groups/{space.group['id']}"
    space.root.made(f"{group}/members", user_id=person.user["id"], access_level=40)
    assert person.post(f"{group}/archive").status_code == 403


def test_paths_are_found_in_any_case(space):
    project = space.project["path_with_namespace"].upper().replace("/", "%2F")
    group = space.group["full_path"].upper()
    assert space.root.get(f"/projects/{project}").json()["id"] == space.project["id"]
    for kind in ("groups", "namespaces"):
        assert space.root.get(f"/{kind}/{group}").json()["id"] == space.group["id"]


@pytest.mark.parametrize("level", ["internal", "public"])
def test_a_subgroup_is_not_more_open_than_its_parent(space, level):
    words = f"{level} is not allowed since the parent group has a private visibility."
    body = {"name": "s", "path": "s", "parent_id": space.group["id"]}
    refused = space.root.post("/groups", body | {"visibility": level})
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": f'Failed to save group {{:visibility_level=>["{words}"]}}'},
    )
    made = space.root.made("/groups", **body)
    refused = space.root.put(f"/groups/{made['id']}", {"visibility": level})
    assert refused.json() == {"message": {"visibility_level": [words]}}


def _rotated(space, client):
    person = space.someone()
    new = person.post("/personal_access_tokens/self/rotate").json()
    return person, client(new["token"])


def test_a_rotated_token_that_rotates_again_ends_its_successor(space, client):
    person, heir = _rotated(space, client)
    assert person.get("/user").status_code == 401
    assert heir.get("/user").status_code == 200
    assert person.post("/personal_access_tokens/self/rotate").status_code == 401
    assert heir.get("/user").status_code == 401


def test_a_token_in_the_query_comes_first(space, root):
    person = space.someone()
    seen = root.get("/user", {"private_token": person.token}).json()
    assert seen["username"] == person.user["username"]


@pytest.mark.parametrize("tail", ["notes", "discussions"])
def test_a_notes_issue_is_a_number(space, tail):
    answer = space.root.get(f"{space.path}/issues/x/{tail}")
    assert (answer.status_code, answer.json()) == (400, {"error": "noteable_id is invalid"})


def test_what_changed_since_is_not_deleted(space):
    milestone = space.root.made(f"{space.path}/milestones", title="M")
    board = space.root.made(f"{space.path}/boards", name="B")
    person = space.member("guest")
    member = f"{space.path}/members/{person.user['id']}"
    ats = [
        member,
        f"{space.path}/milestones/{milestone['id']}",
        f"{space.path}/boards/{board['id']}",
    ]
    space.root.put(member, {"access_level": 20})
    for at in ats:
        refused = space.root.delete(at, headers=OLD)
        assert (refused.status_code, refused.json()) == (
            412,
            {"message": "412 Precondition Failed"},
        )
        assert space.root.delete(at).status_code == 204


def test_a_group_is_not_less_open_than_its_projects(new):
    space = new(visibility="public")
    refused = space.root.put(f"/groups/{space.group['id']}", {"visibility": "private"})
    words = "private is not allowed since this group contains projects with higher visibility."
    assert refused.json() == {"message": {"visibility_level": [words]}}

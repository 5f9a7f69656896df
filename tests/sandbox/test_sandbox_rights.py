"""Who may do what: one table of roles and deeds, and what hides behind each 404."""

from __future__ import annotations

from collections.abc import Callable

import pytest

ROLES = ("guest", "planner", "reporter", "developer", "maintainer", "owner")
DEEDS: dict[str, Callable] = {
    "read": lambda c, s, i: c.get(s.at(i)),
    "comment": lambda c, s, i: c.post(s.at(i, "/notes"), {"body": "x"}),
    "create": lambda c, s, i: c.post(f"{s.path}/issues", {"title": "x"}),
    "edit": lambda c, s, i: c.put(s.at(i), {"title": "y"}),
    "label": lambda c, s, i: c.put(s.at(i), {"add_labels": "x"}),
    "close": lambda c, s, i: c.put(s.at(i), {"state_event": "close"}),
    "new label": lambda c, s, i: c.post(f"{s.path}/labels", {"name": "n", "color": "#fff"}),
    "board": lambda c, s, i: c.post(f"{s.path}/boards", {"name": "b"}),
    "member": lambda c, s, i: c.delete(f"{s.path}/members/{i['colleague']}"),
    "settings": lambda c, s, i: c.put(s.path, {"description": "d"}),
    "archive": lambda c, s, i: c.post(f"{s.path}/archive"),
    "delete": lambda c, s, i: c.delete(s.at(i)),
}
ALLOWED = {
    "guest": {"read", "comment", "create"},
    "planner": {
        "read",
        "comment",
        "create",
        "edit",
        "label",
        "close",
        "new label",
        "board",
        "delete",
    },
    "reporter": {"read", "comment", "create", "edit", "label", "close", "new label", "board"},
    "developer": {"read", "comment", "create", "edit", "label", "close", "new label", "board"},
    "maintainer": {
        "read",
        "comment",
        "create",
        "edit",
        "label",
        "close",
        "new label",
        "board",
        "member",
        "settings",
    },
    "owner": set(DEEDS),
}


@pytest.mark.parametrize("role", ROLES)
def test_the_table_of_rights(space, role):
    colleague = space.member("developer").user["id"]
    person = space.member(role)
    done = set()
    for name, deed in DEEDS.items():
        answer = deed(person, space, space.issue() | {"colleague": colleague})
        space.root.post(f"{space.path}/unarchive")
        if answer.ok:
            done.add(name)
        else:
            assert answer.status_code == 403, (name, answer.text)
            assert answer.json() == {"message": "403 Forbidden"}
    assert done == ALLOWED[role]


def test_guests_keep_what_is_theirs(space):
    guest = space.member("guest")
    mine = space.issue(by=guest)
    assert (
        guest.put(space.at(mine), {"title": "t", "state_event": "close"}).json()["state"]
        == "closed"
    )
    ignored = guest.put(
        space.at(mine), {"labels": "x", "confidential": True, "due_date": "2026-01-01"}
    )
    assert ignored.status_code == 200
    assert (ignored.json()["labels"], ignored.json()["confidential"]) == ([], False)
    assigned = space.issue(assignee_ids=[guest.user["id"]])
    assert guest.put(space.at(assigned), {"description": "d"}).status_code == 200
    assert guest.delete(space.at(assigned)).status_code == 403
    assert guest.delete(space.at(mine)).status_code == 204
    assert guest.delete(space.at(mine)).json() == {"message": "404 Issue Not Found"}


@pytest.mark.parametrize("role", ["planner", "reporter", "owner"])
def test_planners_and_above_see_every_confidential_issue(space, role):
    secret = space.issue(confidential=True)
    person = space.member(role)
    assert person.get(space.at(secret)).status_code == 200
    assert [i["iid"] for i in person.get(f"{space.path}/issues").json()] == [secret["iid"]]
    of_group = person.get(f"/groups/{space.group['id']}/issues").json()
    assert [i["iid"] for i in of_group] == [secret["iid"]]


def test_guests_see_those_that_they_wrote_or_are_assigned_to(space):
    guest = space.member("guest")
    hidden = space.issue(confidential=True)
    mine = space.issue(by=guest, confidential=True)
    given = space.issue(confidential=True, assignee_ids=[guest.user["id"]])
    plain = space.issue()
    listed = guest.get(f"{space.path}/issues", {"sort": "asc"})
    assert [i["iid"] for i in listed.json()] == [i["iid"] for i in (mine, given, plain)]
    assert listed.headers["X-Total"] == "3"
    everywhere = guest.get("/issues", {"scope": "all", "sort": "asc", "search": "An issue"}).json()
    everywhere = [i for i in everywhere if i["project_id"] == space.project["id"]]
    assert [i["iid"] for i in everywhere] == [i["iid"] for i in (mine, given, plain)]
    assert guest.get(space.at(hidden)).json() == {"message": "404 Not found"}
    assert guest.get(space.at(hidden, "/notes")).json() == {"message": "404 Issue Not Found"}
    assert guest.put(space.at(hidden), {"title": "x"}).status_code == 403
    assert guest.delete(space.at(hidden)).status_code == 403
    assert guest.get(space.at(mine)).status_code == 200
    assert guest.get(space.at(given)).status_code == 200


def test_a_private_project_does_not_exist_for_others(space, client):
    issue = space.issue()
    for stranger in (space.someone(), client(None)):
        for path in (space.path, space.at(issue)):
            answer = stranger.get(path)
            assert (answer.status_code, answer.json()) == (
                404,
                {"message": "404 Project Not Found"},
            )
        assert stranger.get(f"/groups/{space.group['id']}").json() == {
            "message": "404 Group Not Found"
        }
        assert stranger.get("/projects", {"search": space.project["path"]}).json() == []
    for path in (f"{space.path}/labels", f"{space.path}/members"):
        # `lib/api/labels.rb` and `lib/api/members.rb` want a login before anything else.
        assert client(None).get(path).status_code == 401
        assert space.someone().get(path).json() == {"message": "404 Project Not Found"}
    assert space.someone().post(f"{space.path}/issues", {"title": "x"}).status_code == 404
    assert client(None).post(f"{space.path}/issues", {"title": "x"}).status_code == 401


def test_minimal_access_to_a_group_shows_no_project(space):
    person = space.someone()
    space.root.made(
        f"/groups/{space.group['id']}/members", user_id=person.user["id"], access_level=5
    )
    assert person.get(f"/groups/{space.group['id']}").status_code == 200
    assert person.get(space.path).status_code == 404


def test_a_public_project_is_open_to_all(new, client):
    space = new(visibility="public")
    issue = space.issue()
    secret = space.issue(confidential=True)
    nobody, someone = client(None), space.someone()
    assert nobody.get(space.path).json()["path"] == space.project["path"]
    assert "permissions" not in nobody.get(space.path).json()
    assert nobody.get(space.at(issue)).json()["subscribed"] is False
    assert nobody.get(space.at(issue, "/notes")).json() == []
    assert nobody.get(space.at(secret)).status_code == 404
    assert len(nobody.get(f"{space.path}/issues").json()) == 1
    assert nobody.post(space.at(issue, "/notes"), {"body": "x"}).status_code == 401
    assert nobody.get("/issues").status_code == 401
    assert nobody.get("/issues", {"scope": "all", "search": "no such words"}).json() == []
    assert nobody.get(f"{space.path}/issues", {"scope": "assigned_to_me"}).json() == []
    mine = space.issue(by=someone)
    assert someone.put(space.at(mine), {"title": "t"}).status_code == 200
    assert someone.put(space.at(issue), {"title": "t"}).status_code == 403
    assert someone.post(f"{space.path}/boards", {"name": "b"}).status_code == 403


def test_an_internal_project_is_open_to_users_but_not_external_ones(new, client):
    space = new(visibility="internal")
    assert space.someone().get(space.path).status_code == 200
    assert space.someone(external=True).get(space.path).status_code == 404
    assert client(None).get(space.path).status_code == 404


def test_issues_switched_off(new):
    space = new(issues_enabled=False)
    assert space.project["issues_enabled"] is False
    assert space.project["issues_access_level"] == "disabled"
    assert "issues" not in space.project["_links"]
    assert space.root.post(f"{space.path}/issues", {"title": "x"}).status_code == 403
    assert space.root.get(f"{space.path}/issues").json() == []
    assert space.root.get(f"{space.path}/boards").status_code == 403
    space.root.put(space.path, {"issues_access_level": "enabled"})
    issue = space.issue()
    space.root.put(space.path, {"issues_enabled": False})
    assert space.root.get(space.at(issue)).status_code == 404
    assert space.root.get(space.at(issue, "/notes")).status_code == 404
    assert space.root.put(space.at(issue), {"title": "x"}).status_code == 403
    assert space.root.get(f"/groups/{space.group['id']}/issues").json() == []


def test_issues_for_members_only(new):
    space = new(visibility="public", issues_access_level="private")
    space.issue()
    assert space.someone().get(f"{space.path}/issues").json() == []
    assert len(space.member("guest").get(f"{space.path}/issues").json()) == 1


def test_an_archived_project_is_read_only(space):
    owner = space.member("owner")
    issue = space.issue()
    assert owner.post(f"{space.path}/archive").json()["archived"] is True
    assert owner.get(space.at(issue)).status_code == 200
    assert len(owner.get(f"{space.path}/issues").json()) == 1
    group = f"/groups/{space.group['id']}/issues"
    assert space.root.get(group).json() == []
    assert len(space.root.get(group, {"non_archived": "false"}).json()) == 1
    for answer in (
        owner.post(f"{space.path}/issues", {"title": "x"}),
        owner.put(space.at(issue), {"title": "x"}),
        owner.post(space.at(issue, "/notes"), {"body": "x"}),
        owner.post(f"{space.path}/labels", {"name": "n", "color": "#fff"}),
        owner.delete(space.at(issue)),
    ):
        assert answer.status_code == 403
    assert owner.post(f"{space.path}/unarchive").json()["archived"] is False
    assert owner.put(space.at(issue), {"title": "x"}).status_code == 200


def test_roles_are_inherited_from_groups(space):
    person = space.someone()
    sub = space.root.made("/groups", name="sub", path="sub", parent_id=space.group["id"])
    below = space.root.made("/projects", name="p", path="p", namespace_id=sub["id"])
    space.root.made(
        f"/groups/{space.group['id']}/members", user_id=person.user["id"], access_level=20
    )
    permissions = person.get(f"/projects/{below['id']}").json()["permissions"]
    assert permissions == {
        "project_access": None,
        "group_access": {"access_level": 20, "notification_level": 3},
    }
    space.root.made(f"/projects/{below['id']}/members", user_id=person.user["id"], access_level=30)
    both = person.get(f"/projects/{below['id']}").json()["permissions"]
    assert both["project_access"]["access_level"] == 30
    assert person.post(f"/projects/{below['id']}/labels", {"name": "x", "color": "#fff"}).ok


def test_a_member_of_a_project_sees_the_groups_above(space):
    person = space.member("guest")
    assert person.get(f"/groups/{space.group['id']}").status_code == 200
    found = person.get("/groups", {"search": space.group["path"]})
    assert [g["id"] for g in found.json()] == [space.group["id"]]
    assert (
        person.post(
            f"/groups/{space.group['id']}/labels", {"name": "x", "color": "#fff"}
        ).status_code
        == 403
    )
    assert person.put(f"/groups/{space.group['id']}", {"name": "x"}).status_code == 403
    assert person.delete(f"/groups/{space.group['id']}").status_code == 403
    assert person.delete(space.path).status_code == 403

"""What labels can do beside being made: be archived, promoted, followed, counted.

Sources: `lib/api/labels.rb`, `lib/api/group_labels.rb`, `lib/api/helpers/label_helpers.rb`,
`lib/api/subscriptions.rb`, `app/services/labels/promote_service.rb`.
"""

from __future__ import annotations

import pytest

from automation.sandbox.colors import hexadecimal


def names(client, path, **query):
    return [label["name"] for label in client.get(path, query).json()]


def group_of(space):
    return f"/groups/{space.group['id']}"


def test_labels_want_a_login(space, client):
    for at in (space.path, group_of(space)):
        assert client(None).get(f"{at}/labels").status_code == 401
        assert client(None).get(f"{at}/labels/x").status_code == 401


def test_a_label_is_archived_and_found_by_it(space, root):
    at = f"{space.path}/labels"
    space.label("old")
    assert space.label("gone", archived=True)["archived"] is True
    assert root.put(f"{at}/old", {"archived": True}).json()["archived"] is True
    assert names(root, at, archived=True) == ["gone", "old"]
    assert root.put(f"{at}/old", {"archived": False}).json()["archived"] is False
    assert names(root, at, archived=False) == ["old"]
    assert names(root, at) == ["gone", "old"]


def test_labels_are_found_by_title_and_description(space, root):
    space.label("bug", description="it is broken")
    space.label("100%")
    at = f"{space.path}/labels"
    assert names(root, at, search="BROKEN") == ["bug"]
    assert names(root, at, search="0%") == ["100%"]
    assert root.get(f"{at}/bug", {"include_ancestor_groups": False}).json()["name"] == "bug"


def test_labels_of_projects_show_in_their_group_when_asked(space, root):
    space.label("above", where="group")
    space.label("inside")
    at = f"{group_of(space)}/labels"
    assert names(root, at) == ["above"]
    assert names(root, at, only_group_labels=False) == ["above", "inside"]
    sub = root.made("/groups", name="s", path="s", parent_id=space.group["id"])
    deep = root.made("/projects", name="d", namespace_id=sub["id"])
    root.made(f"/projects/{deep['id']}/labels", name="deep", color="#fff")
    all_of = {"only_group_labels": False, "include_descendant_groups": True}
    assert names(root, at, **all_of) == ["above", "deep", "inside"]
    outsider = space.someone()
    root.made(f"/projects/{deep['id']}/members", user_id=outsider.user["id"], access_level=10)
    assert names(outsider, at, **all_of) == ["above", "deep"]


def test_a_group_label_has_a_priority_in_each_project(space, root):
    space.label("above", where="group")
    at = f"{space.path}/labels/above"
    changed = root.put(at, {"priority": 1})
    assert (changed.json()["priority"], changed.json()["is_project_label"]) == (1, False)
    other = root.made("/projects", name="other", namespace_id=space.group["id"])
    assert root.get(f"/projects/{other['id']}/labels/above").json()["priority"] is None
    assert root.put(at, {"priority": None}).json()["priority"] is None
    planner = space.member("planner")
    assert planner.put(at, {"color": "#000"}).status_code == 403
    refused = root.put(f"{at}/promote")
    assert refused.json() == {"message": "Failed to promote project label to group label"}
    group = root.put(f"{group_of(space)}/labels/above", {})
    assert group.json()["error"].startswith("new_name, color, description, archived are missing")


def test_counts_are_of_the_labels_own_floor_and_what_the_caller_sees(space, root):
    space.label("above", where="group")
    space.label("inside")
    other = root.made("/projects", name="other", namespace_id=space.group["id"])
    root.made(f"/projects/{other['id']}/issues", title="x", labels="above")
    space.issue(labels="above,inside")
    space.issue(labels="inside", confidential=True)
    root.put(space.at(space.issue(labels="inside")), {"state_event": "close"})
    at, asked = f"{space.path}/labels", {"with_counts": True}

    def counts(client):
        return {
            label["name"]: (label["open_issues_count"], label["closed_issues_count"])
            for label in client.get(at, asked).json()
        }

    assert counts(root) == {"above": (2, 0), "inside": (2, 1)}
    assert counts(space.member("guest")) == {"above": (1, 0), "inside": (1, 1)}
    assert "open_issues_count" not in root.get(at).json()[0]


def test_promotion_gathers_the_labels_of_all_projects(space, root):
    other = root.made("/projects", name="other", namespace_id=space.group["id"])
    mine = space.label("bug", description="d", priority=3)
    root.made(f"/projects/{other['id']}/labels", name="bug", color="#fff")
    issue = space.issue(labels="bug")
    theirs = root.made(f"/projects/{other['id']}/issues", title="x", labels="bug")
    board = root.made(f"{space.path}/boards", name="b")
    root.made(f"{space.path}/boards/{board['id']}/lists", label_id=mine["id"])
    answer = root.put(f"{space.path}/labels/bug/promote")
    assert answer.status_code == 200
    risen = answer.json()
    assert (risen["name"], risen["description"]) == ("bug", "d")
    assert "is_project_label" not in risen
    assert names(root, f"{group_of(space)}/labels") == ["bug"]
    (shown,) = root.get(f"{space.path}/labels").json()
    assert (shown["id"], shown["is_project_label"], shown["priority"]) == (risen["id"], False, 3)
    assert space.again(issue)["labels"] == space.again(theirs)["labels"] == ["bug"]
    lists = root.get(f"{space.path}/boards/{board['id']}/lists").json()
    assert [item["label"]["id"] for item in lists] == [risen["id"]]
    assert space.events(issue, "label")[0]["label"]["id"] == risen["id"]


def test_promotion_into_a_group_label_that_is_there(space, root):
    space.label("bug")
    above = space.label("bug", where="group")
    old_form = root.put(f"{space.path}/labels/promote", {"name": "bug"})
    assert old_form.json()["id"] == above["id"]
    assert root.put(f"{space.path}/labels/promote", {}).json() == {"error": "name is missing"}


def test_what_cannot_be_promoted(space):
    space.label("bug")
    assert space.member("maintainer").put(f"{space.path}/labels/bug/promote").status_code == 403
    person = space.someone()
    own = person.made("/projects", name="own")
    person.made(f"/projects/{own['id']}/labels", name="bug", color="#fff")
    refused = person.put(f"/projects/{own['id']}/labels/bug/promote")
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": "Failed to promote project label to group label"},
    )


@pytest.mark.parametrize("where", ["project", "group"])
def test_labels_are_followed_and_left(space, where):
    space.label("bug", where=where)
    at = f"{space.path if where == 'project' else group_of(space)}/labels/bug"
    guest = space.member("guest")
    followed = guest.post(f"{at}/subscribe")
    assert (followed.status_code, followed.json()["subscribed"]) == (201, True)
    again = guest.post(f"{at}/subscribe")
    assert (again.status_code, again.content) == (304, b"")
    assert guest.get(at).json()["subscribed"] is True
    assert guest.get(f"{space.path}/labels/bug").json()["subscribed"] is True
    assert space.root.get(at).json()["subscribed"] is False
    assert guest.post(f"{at}/unsubscribe").json()["subscribed"] is False
    assert guest.post(f"{at}/unsubscribe").status_code == 304


@pytest.mark.parametrize(
    ("text", "color"),
    [("Red", "#ff0000"), (" rebeccapurple ", "#663399"), ("#FFF", "#FFF"), ("mauvish", None)],
)
def test_colors_by_name(text, color):
    assert hexadecimal(text) == color

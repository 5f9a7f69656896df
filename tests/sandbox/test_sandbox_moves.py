"""Groups and projects: settings, new paths, moves, and who and what is around them.

Sources: `lib/api/groups.rb`, `lib/api/projects.rb`, `lib/api/namespaces.rb`.
"""

from __future__ import annotations

import pytest


def group_of(space):
    return f"/groups/{space.group['id']}"


def test_settings_are_kept_and_shown(space, root):
    wanted = {
        "topics": ["a", "b"],
        "wiki_enabled": False,
        "merge_method": "ff",
        "build_timeout": 60,
    }
    changed = root.put(space.path, wanted).json()
    assert {name: changed[name] for name in wanted} == wanted
    assert changed["tag_list"] == ["a", "b"]
    assert root.put(space.path, {"emails_enabled": "false"}).json()["emails_disabled"] is True
    assert root.put(space.path, {"build_timeout": "soon"}).json() == {
        "error": "build_timeout is invalid"
    }
    made = root.made(
        "/projects", name="New", namespace_id=space.group["id"], default_branch="trunk"
    )
    assert made["default_branch"] == "trunk"
    group = root.put(group_of(space), {"lfs_enabled": False, "project_creation_level": "owner"})
    assert (group.json()["lfs_enabled"], group.json()["project_creation_level"]) == (False, "owner")


def test_projects_are_found_by_what_they_have(space, root):
    root.put(space.path, {"topics": ["loops"]})
    at = f"{group_of(space)}/projects"

    def found(**query):
        return [project["id"] for project in root.get(at, query).json()]

    mine = [space.project["id"]]
    assert found(topic="loops") == found(active=True) == found(simple=True) == mine
    assert found(topic="loops,other") == found(topic="other") == []
    for nothing in (
        {"starred": True},
        {"imported": True},
        {"with_programming_language": "ruby"},
        {"updated_after": "2099-01-01", "order_by": "updated_at"},
    ):
        assert found(**nothing) == []
    assert found(updated_before="2099-01-01", order_by="updated_at") == mine
    unpaired = root.get(at, {"updated_after": "2020-01-01"})
    assert unpaired.json() == {
        "message": "400 Bad request - `updated_at` filter and `updated_at` sorting must be paired"
    }


@pytest.mark.parametrize("path", ["-x", "a b", "x.git"])
def test_paths_that_cannot_be(space, root, path):
    project = root.post("/projects", {"path": path, "namespace_id": space.group["id"]})
    assert project.json()["message"]["path"][0].startswith("can contain only letters")
    group = root.post("/groups", {"name": "x", "path": path})
    assert group.json()["message"].startswith("Failed to save group")
    changed = root.put(group_of(space), {"path": path})
    assert changed.json()["message"]["path"][0].startswith("can contain only letters")


def test_a_name_becomes_a_path(space, root):
    made = root.made("/projects", name="My (new) Thing!", namespace_id=space.group["id"])
    assert made["path"] == "my-new-thing"


def test_a_group_of_another_path_takes_everything_along(space, root):
    sub = root.made("/groups", name="Sub", path="sub", parent_id=space.group["id"])
    low = root.made("/projects", name="low", namespace_id=sub["id"])
    new = f"new-{space.group['path']}"
    changed = root.put(group_of(space), {"path": new, "name": "New"}).json()
    assert (changed["full_path"], changed["name"]) == (new, "New")
    assert root.get(f"/groups/{sub['id']}").json()["full_name"] == "New / Sub"
    assert root.get(f"/projects/{low['id']}").json()["path_with_namespace"] == f"{new}/sub/low"
    taken = root.put(f"/groups/{sub['id']}", {"path": "sub"})
    assert taken.status_code == 200


def test_a_group_is_moved_below_another_and_back(space, new, root):
    other = new()
    at = group_of(other)
    moved = root.post(f"{at}/transfer", {"group_id": space.group["id"]})
    assert moved.status_code == 201
    full_path = f"{space.group['path']}/{other.group['path']}"
    assert moved.json()["full_path"] == full_path
    project = root.get(other.path).json()["path_with_namespace"]
    assert project == f"{full_path}/{other.project['path']}"
    below = root.get(f"{group_of(space)}/descendant_groups").json()
    assert [group["id"] for group in below] == [other.group["id"]]

    def refused(where, body):
        return root.post(f"{where}/transfer", body).json()["message"]

    assert refused(at, {"group_id": space.group["id"]}) == (
        "Transfer failed: Group is already associated to the parent group."
    )
    assert refused(group_of(space), {"group_id": other.group["id"]}) == (
        "Transfer failed: Cannot transfer group to one of its subgroup."
    )
    assert root.post(f"{at}/transfer", {}).json()["full_path"] == other.group["path"]
    root.made("/groups", name="x", path=other.group["path"], parent_id=space.group["id"])
    assert refused(at, {"group_id": space.group["id"]}) == (
        "Transfer failed: Path has already been taken"
    )
    owner = space.someone()
    root.made(f"{at}/members", user_id=owner.user["id"], access_level=50)
    root.made(f"{group_of(space)}/members", user_id=owner.user["id"], access_level=40)
    stopped = owner.post(f"{at}/transfer", {"group_id": space.group["id"]})
    assert stopped.json() == {"message": "Transfer failed: You don't have enough permissions."}


def test_a_project_is_moved(space, new, root):
    other = new()
    moved = root.put(f"{space.path}/transfer", {"namespace": other.group["path"]})
    assert moved.json()["namespace"]["id"] == other.group["id"]
    again = root.put(f"{space.path}/transfer", {"namespace": other.group["id"]})
    assert again.json() == {"message": "Project could not be transferred"}
    missing = root.put(f"{space.path}/transfer", {"namespace": "nowhere"})
    assert missing.json() == {"message": "404 Namespace Not Found"}
    back = root.post(f"{group_of(space)}/projects/{space.project['id']}")
    assert back.json()["id"] == space.group["id"]
    assert root.get(space.path).json()["namespace"]["id"] == space.group["id"]
    maintainer = space.member("maintainer")
    assert maintainer.put(f"{space.path}/transfer", {"namespace": 1}).status_code == 403
    assert maintainer.get(f"{space.path}/transfer_locations").status_code == 403
    assert maintainer.post(f"{group_of(space)}/projects/1").status_code == 403


def test_where_things_can_be_moved(space, new, root):
    other = new()
    sub = root.made("/groups", name="Sub", path="sub", parent_id=space.group["id"])
    search = {"search": other.group["name"]}
    listed = root.get(f"{space.path}/transfer_locations", search).json()
    assert [group["full_path"] for group in listed if group["id"] == other.group["id"]]
    targets = root.get(f"{group_of(space)}/transfer_locations", {"per_page": 100}).json()
    ids = {group["id"] for group in targets}
    assert not ids & {space.group["id"], sub["id"]}
    owner = space.someone()
    for group in (space.group, other.group):
        root.made(f"/groups/{group['id']}/members", user_id=owner.user["id"], access_level=50)
    mine = owner.get(f"{space.path}/transfer_locations").json()
    assert [group["id"] for group in mine] == [sub["id"], other.group["id"]] or (
        {group["id"] for group in mine} == {sub["id"], other.group["id"]}
    )


def test_a_list_of_groups_is_of_ones_own(space, new, root, client):
    public = new(visibility="public")
    person = space.member("developer")
    assert [group["id"] for group in person.get("/groups").json()] == [space.group["id"]]
    every = {"all_available": True, "per_page": 100}
    assert public.group["id"] in [group["id"] for group in person.get("/groups", every).json()]
    shown = client(None).get("/groups", {"per_page": 100}).json()
    assert public.group["id"] in [group["id"] for group in shown]


def test_namespaces_are_listed_and_looked_up(space, root):
    person = space.someone()
    name = person.user["username"]
    assert [one["kind"] for one in person.get("/namespaces").json()] == ["user"]
    found = root.get("/namespaces", {"search": space.group["path"], "top_level_only": True})
    assert space.group["id"] in [one["id"] for one in found.json()]
    assert root.get("/namespaces", {"owned_only": True, "per_page": 100}).json()
    taken = person.get(f"/namespaces/{name}/exists").json()
    assert taken == {"exists": True, "suggests": [f"{name}1"]}
    below = person.get(f"/namespaces/{name}/exists", {"parent_id": space.group["id"]}).json()
    assert below == {"exists": False, "suggests": []}


def test_who_is_in_a_project(space, root):
    person = space.member("guest")
    at = f"{space.path}/users"
    ids = [user["id"] for user in root.get(at).json()]
    assert ids == [1, person.user["id"]]
    assert [u["id"] for u in root.get(at, {"search": person.user["username"]}).json()] == ids[1:]
    assert [u["id"] for u in root.get(at, {"skip_users": "1"}).json()] == ids[1:]
    own = person.made("/projects", name="own")
    assert [u["id"] for u in person.get(f"/projects/{own['id']}/users").json()] == ids[1:]


def test_what_is_around_a_project(space, root):
    at = f"{space.path}/groups"
    (above,) = root.get(at, {"search": space.group["name"]}).json()
    assert (above["id"], above["full_path"]) == (space.group["id"], space.group["path"])
    assert root.get(at, {"skip_groups": str(space.group["id"])}).json() == []
    for empty in (
        f"{space.path}/invited_groups",
        f"{group_of(space)}/invited_groups",
        f"{group_of(space)}/projects/shared",
        f"{group_of(space)}/groups/shared",
    ):
        assert root.get(empty).json() == []


def test_a_users_projects(space, root):
    person = space.someone()
    own = person.made("/projects", name="own")
    for name in (person.user["username"], person.user["id"]):
        listed = root.get(f"/users/{name}/projects", {"simple": True}).json()
        assert [project["id"] for project in listed] == [own["id"]]
    assert space.someone().get(f"/users/{person.user['id']}/projects").json() == []

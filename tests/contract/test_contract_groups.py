"""Groups: making, finding, changing and ending them."""

from __future__ import annotations

import re

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import group_in, ids, unique

GROUPS = "spec/requests/api/groups_spec.rb"


@cites(GROUPS, "POST /groups, creates a nested group")
def test_a_new_subgroup_in_full(place):
    made = group_in(place, description="below")
    assert made["full_path"] == f"{place.group['full_path']}/{made['path']}"
    assert made["full_name"] == f"{place.group['full_name']} / {made['name']}"
    assert (made["parent_id"], made["description"]) == (place.group["id"], "below")
    assert {"id", "web_url", "visibility", "created_at", "avatar_url"} <= set(made)


@pytest.mark.parametrize("missing", ["name", "path"])
@cites(GROUPS, "POST /groups, 400 if name or path not given", laws=9)
def test_what_a_group_needs(place, missing):
    body = {"name": "n", "path": unique("n"), "parent_id": place.group["id"]}
    del body[missing]
    answer = place.root.post("/groups", body)
    assert (answer.status_code, answer.json()) == (400, {"error": f"{missing} is missing"})


@cites("lib/api/groups.rb", "Create a group, render_api_error!", laws=(2, 9, 10))
def test_a_path_of_a_group_is_taken_once(place):
    made = group_in(place)
    answer = place.root.post(
        "/groups", {"name": "other", "path": made["path"], "parent_id": place.group["id"]}
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Failed to save group {")
    assert "has already been taken" in answer.json()["message"]


@cites(GROUPS, "POST /groups, malicious group name", laws=(7, 9))
def test_a_name_of_a_group_is_no_markup(place):
    body = {"name": "<SCRIPT>alert()</SCRIPT>", "path": unique("g"), "parent_id": place.group["id"]}
    assert place.root.post("/groups", body).status_code == 400
    assert place.root.put(place.group_path, {"name": body["name"]}).status_code == 400


@cites(GROUPS, "PUT /groups/:id")
def test_a_group_can_be_changed(place):
    made = group_in(place)
    body = {"name": unique("renamed"), "description": "told"}
    after = place.root.put(f"/groups/{made['id']}", body).json()
    assert {name: after[name] for name in body} == body
    assert (after["path"], after["projects"]) == (made["path"], [])


@pytest.mark.parametrize(("role", "status"), [("guest", 403), ("maintainer", 403), ("owner", 200)])
@cites(GROUPS, "PUT /groups/:id, as others", laws=9)
def test_who_changes_a_group(place, role, status):
    group = group_in(place)
    person = place.someone()
    level = {"guest": 10, "maintainer": 40, "owner": 50}[role]
    body = {"user_id": person.user["id"], "access_level": level}
    place.root.made(f"/groups/{group['id']}/members", **body)
    answer = person.put(f"/groups/{group['id']}", {"description": role})
    assert answer.status_code == status


@cites(GROUPS, "PUT /groups/:id, prevents making private a group containing public subgroups")
def test_a_group_is_no_less_open_than_its_subgroups(admin, top):
    name = unique("open")
    above = admin.made("/groups", name=name, path=name, visibility="public")
    admin.made("/groups", name="sub", path="sub", parent_id=above["id"], visibility="public")
    answer = admin.put(f"/groups/{above['id']}", {"visibility": "private"})
    admin.delete(f"/groups/{above['id']}")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "message": {
                "visibility_level": [
                    "private is not allowed since there are sub-groups with higher visibility."
                ]
            }
        },
    )


@cites(GROUPS, "GET /groups/:id, with_projects option is set to false")
def test_a_group_tells_its_projects_unless_told_not_to(place):
    full = place.root.get(place.group_path).json()
    assert place.project["id"] in [one["id"] for one in full["projects"]]
    short = place.root.get(place.group_path, {"with_projects": "false"}).json()
    assert (short.get("projects"), short.get("shared_projects")) == (None, None)


@cites(GROUPS, "GET /groups/:id, using group path in URL", laws=1)
def test_a_group_by_its_path(place):
    path = place.group["full_path"].replace("/", "%2F")
    assert place.root.get(f"/groups/{path}").json()["id"] == place.group["id"]
    answer = place.root.get(f"/groups/{path}%2Fno-such-group")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Group Not Found"})


@cites(GROUPS, "GET /groups/:id, does not return a group not attached", laws=9)
def test_a_private_group_is_not_there_for_others(place, nobody):
    for person in (nobody, place.someone()):
        assert person.get(place.group_path).status_code == 404


@cites(GROUPS, "GET /groups, top_level_only", laws=1)
def test_top_level_groups_only(place):
    found = place.root.get("/groups", {"top_level_only": "true", "per_page": 100}).json()
    assert {one["parent_id"] for one in found} == {None}


@cites(GROUPS, "GET /groups, skip_groups")
def test_groups_can_be_left_out(place):
    one, two = group_in(place), group_in(place)
    at = f"{place.group_path}/subgroups"
    assert {one["id"], two["id"]} <= set(ids(place.root.get(at, {"per_page": 100})))
    query = {"per_page": 100, "skip_groups[]": one["id"]}
    assert one["id"] not in ids(place.root.get(at, query))


@pytest.mark.parametrize(
    ("query", "down"),
    [({}, False), ({"sort": "desc"}, True), ({"order_by": "path"}, False)],
)
@cites(GROUPS, "GET /groups, sorting", laws=1)
def test_groups_come_by_name(fresh, query, down):
    for name in ("bb", "aa", "cc"):
        group_in(fresh, name=name, path=name)
    found = fresh.root.get(f"{fresh.group_path}/subgroups", query).json()
    assert [one["name"] for one in found] == sorted(("aa", "bb", "cc"), reverse=down)


@pytest.mark.parametrize("sort", ["asc", "desc"])
@cites(GROUPS, "GET /groups, sorts identical keys by id for good pagination", laws=1)
def test_groups_of_one_name_come_by_id(fresh, sort):
    made = [group_in(fresh, name="same")["id"] for _ in range(3)]
    assert ids(fresh.root.get(f"{fresh.group_path}/subgroups", {"sort": sort})) == made


@cites(GROUPS, "GET /groups, unknown visibility param", laws=9)
def test_groups_of_an_unknown_visibility(place):
    answer = place.root.get("/groups", {"visibility": "something"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "visibility does not have a valid value"},
    )


@cites(GROUPS, "GET /groups, beyond the allowed offset pagination threshold", laws=(1, 8))
def test_strangers_do_not_leaf_through_all_groups(nobody):
    answer = nobody.get("/groups", {"page": 3000, "per_page": 25})
    assert answer.status_code == 405
    assert re.fullmatch(
        r"Offset pagination has a maximum allowed offset of \d+ for requests that return objects "
        r"of type Group\. Remaining records can be retrieved using keyset pagination\.",
        answer.json()["error"],
    )


@cites(GROUPS, "GET /groups, min_access_level and owned", laws=1)
def test_groups_by_role(place):
    person, found = place.someone(), {}
    for level in (20, 40, 50):
        made = group_in(place)
        body = {"user_id": person.user["id"], "access_level": level}
        place.root.made(f"/groups/{made['id']}/members", **body)
        found[level] = made["id"]
    assert set(ids(person.get("/groups"))) >= set(found.values())
    assert set(ids(person.get("/groups", {"min_access_level": 40}))) == {found[40], found[50]}
    assert ids(person.get("/groups", {"owned": "true"})) == [found[50]]


@cites(GROUPS, "GET /groups, searching full path", laws=1)
def test_groups_are_found_by_their_full_path(place):
    sub = group_in(place)
    assert set(ids(place.root.get("/groups", {"search": place.group["path"]}))) >= {
        place.group["id"],
        sub["id"],
    }


@pytest.mark.parametrize("tail", ["subgroups", "descendant_groups"])
@cites(GROUPS, "subgroups and descendants, skips searching in full path")
def test_subgroups_are_not_found_by_their_full_path(fresh, tail):
    own = group_in(fresh, path=f"{fresh.group['path']}-sub")
    group_in(fresh, path="another")
    query = {"search": fresh.group["path"]}
    assert ids(fresh.root.get(f"{fresh.group_path}/{tail}", query)) == [own["id"]]


@cites(GROUPS, "GET /groups/:id/descendant_groups", laws=1)
def test_subgroups_and_all_below(fresh):
    child = group_in(fresh)
    grandchild = group_in(fresh, parent_id=child["id"])
    assert ids(fresh.root.get(f"{fresh.group_path}/subgroups")) == [child["id"]]
    found = set(ids(fresh.root.get(f"{fresh.group_path}/descendant_groups")))
    assert found == {child["id"], grandchild["id"]}


@sandbox_only("public groups that strangers see")
@pytest.mark.parametrize("tail", ["subgroups", "descendant_groups"])
@cites(GROUPS, "subgroups, user is not member of a public group")
def test_strangers_ask_for_all_subgroups(admin, place, tail):
    name = unique("open")
    above = admin.made("/groups", name=name, path=name, visibility="public")
    made = admin.made("/groups", name="aa", path="aa", parent_id=above["id"], visibility="public")
    hidden = admin.made(
        "/groups", name="bb", path="bb", parent_id=above["id"], visibility="private"
    )
    person, at = place.someone(), f"/groups/{above['id']}/{tail}"
    assert ids(person.get(at)) == []
    assert ids(person.get(at, {"all_available": "true"})) == [made["id"]]
    body = {"user_id": person.user["id"], "access_level": 10}
    admin.made(f"/groups/{above['id']}/members", **body)
    assert ids(person.get(at)) == [made["id"], hidden["id"]]
    admin.delete(f"/groups/{above['id']}")


@cites("lib/api/groups.rb", "Remove a group, accepted!")
def test_a_group_is_removed_in_its_own_time(place):
    made = group_in(place)
    answer = place.root.delete(f"/groups/{made['id']}")
    assert (answer.status_code, answer.json()) == (202, {"message": "202 Accepted"})


@cites(GROUPS, "POST /groups/:id/archive", laws=10)
def test_a_group_is_archived_once(place):
    made = group_in(place)
    for tail, archived in (("archive", True), ("unarchive", False)):
        at = f"/groups/{made['id']}/{tail}"
        answer = place.root.post(at)
        if answer.status_code == 404:
            pytest.skip("this GitLab is older than archived groups")
        assert answer.status_code == 200
        assert (answer.json()["id"], answer.json()["archived"]) == (made["id"], archived)
        again = place.root.post(at)
        words = f"Group is already {tail}d!"
        assert (again.status_code, again.json()) == (422, {"message": words})

"""Users, and the members of groups and projects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import soon, unique

USERS = "lib/api/users.rb"
MEMBERS = "lib/api/members.rb"


def person(**more: Any) -> dict[str, Any]:
    name = unique("person")
    return {
        "username": name, "name": "A Person", "email": f"{name}@example.com",
        "force_random_password": True, "skip_confirmation": True,
    } | more  # fmt: skip


@cites(USERS, "create, UserWithAdmin")
def test_an_administrator_makes_a_user(admin):
    body = person()
    made = admin.made("/users", **body)
    assert (made["username"], made["email"], made["state"]) == (
        body["username"],
        body["email"],
        "active",
    )
    assert made["bot"] is False
    assert admin.delete(f"/users/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    ("same", "words"),
    [
        ("email", "Email has already been taken"),
        ("username", "Username has already been taken"),
    ],
)
@cites(USERS, "create, conflict!", laws=9)
def test_names_and_addresses_are_taken_once(admin, same, words):
    first, second = person(), person()
    made = admin.made("/users", **first)
    answer = admin.post("/users", second | {same: first[same]})
    admin.delete(f"/users/{made['id']}")
    assert (answer.status_code, answer.json()) == (409, {"message": words})


@cites(USERS, "create, at_least_one_of password", laws=9)
def test_a_user_needs_a_password_or_a_way_to_one(admin):
    body = person()
    del body["force_random_password"]
    answer = admin.post("/users", body)
    assert answer.json() == {
        "error": "password, reset_password, force_random_password are missing, "
        "at least one parameter must be provided"
    }


@cites(USERS, "authenticated_as_admin!", laws=9)
def test_others_make_no_users(place):
    answer = place.member("maintainer").post("/users", person())
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})


@cites(USERS, "index, username is required without a user", laws=9)
def test_nobody_lists_users(nobody):
    answer = nobody.get("/users")
    assert (answer.status_code, answer.json()) == (
        403,
        {"message": "403 Forbidden - Not authorized to access /api/v4/users"},
    )


@cites(USERS, "show, forbidden!", laws=9)
def test_nobody_reads_a_user(root, nobody):
    answer = nobody.get(f"/users/{root.user['id']}")
    assert (answer.status_code, answer.json()) == (
        403,
        {"message": "403 Forbidden - Not authorized!"},
    )


@cites(USERS, "show, not_found!('User')", laws=9)
def test_a_user_who_never_was(root):
    answer = root.get("/users/999999999")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 User Not Found"})


@cites(USERS, "index, username", laws=6)
def test_a_user_by_name_whatever_its_case(place):
    user = place.member("reporter").user
    for name in (user["username"], user["username"].upper()):
        found = place.root.get("/users", {"username": name}).json()
        assert [one["id"] for one in found] == [user["id"]]


@cites(USERS, "index, without_project_bots", laws=6)
def test_lists_of_users_can_leave_bots_out(place):
    body = {"name": "t", "scopes": ["api"], "expires_at": soon(place.root)}
    made = place.root.post(f"{place.path}/access_tokens", body)
    if not made.ok:
        pytest.skip(f"project access tokens cannot be made there: {made.text}")
    bot = place.root.get(f"/users/{made.json()['user_id']}").json()["username"]
    query = {"username": bot}
    assert len(place.root.get("/users", query).json()) == 1
    assert place.root.get("/users", query | {"without_project_bots": "true"}).json() == []


@cites("lib/api/entities/user.rb", "bot", laws=6)
def test_members_do_not_tell_who_is_a_bot(place):
    for member in place.root.get(f"{place.path}/members/all").json():
        assert "bot" not in member


@cites("doc/api/members.md", "List all members of a group or project")
def test_members_of_a_project_are_direct_ones(place):
    someone = place.member("reporter")
    (found,) = place.root.get(f"{place.path}/members", {"user_ids[]": someone.user["id"]}).json()
    assert (found["id"], found["access_level"]) == (someone.user["id"], 20)
    assert {"username", "name", "state", "web_url", "created_at", "expires_at"} <= set(found)
    own = place.root.get(f"{place.path}/members").json()
    everyone = place.root.get(f"{place.path}/members/all").json()
    assert {one["id"] for one in own} <= {one["id"] for one in everyone}


@cites("doc/api/members.md", "List all members, including inherited", laws=1)
def test_all_members_count_each_with_the_highest_role(fresh):
    someone = fresh.someone()
    for path, level in ((fresh.group_path, 20), (fresh.path, 30)):
        body = {"user_id": someone.user["id"], "access_level": level}
        fresh.root.made(f"{path}/members", **body)
    query = {"user_ids[]": someone.user["id"]}
    (found,) = fresh.root.get(f"{fresh.path}/members/all", query).json()
    assert found["access_level"] == 30


@cites("doc/api/members.md", "Get a member, including inherited", laws=1)
def test_an_inherited_member_is_found_with_all_only(fresh):
    someone = fresh.someone()
    body = {"user_id": someone.user["id"], "access_level": 15}
    fresh.root.made(f"{fresh.group_path}/members", **body)
    tail = someone.user["id"]
    assert fresh.root.get(f"{fresh.path}/members/{tail}").status_code == 404
    found = fresh.root.get(f"{fresh.path}/members/all/{tail}")
    assert found.json()["access_level"] == 15


@cites(MEMBERS, "create, conflict!", laws=(9, 10))
def test_a_member_is_added_once(place):
    someone = place.someone()
    body = {"user_id": someone.user["id"], "access_level": 20}
    assert place.root.post(f"{place.path}/members", body).status_code == 201
    answer = place.root.post(f"{place.path}/members", body)
    assert (answer.status_code, answer.json()) == (409, {"message": "Member already exists"})


@pytest.mark.parametrize("level", [5, 10, 15, 20, 30, 40, 50])
@cites("doc/api/members.md", "Roles", laws=1)
def test_roles_are_numbers(fresh, level):
    someone = fresh.someone()
    body = {"user_id": someone.user["id"], "access_level": level}
    made = fresh.root.post(f"{fresh.group_path}/members", body)
    if level == 5 and not made.ok:
        pytest.skip("minimal access is for paid tiers")
    assert (made.status_code, made.json()["access_level"]) == (201, level)


@cites(MEMBERS, "update and delete")
def test_a_members_role_can_be_changed_and_ended(place):
    someone = place.someone()
    body = {"user_id": someone.user["id"], "access_level": 20}
    place.root.made(f"{place.path}/members", **body)
    at = f"{place.path}/members/{someone.user['id']}"
    assert place.root.put(at, {"access_level": 15}).json()["access_level"] == 15
    assert place.root.delete(at).status_code == 204
    assert place.root.get(at).status_code == 404


@cites(MEMBERS, "create, not_found!('User')", laws=9)
def test_a_member_who_never_was(place):
    body = {"user_id": 999_999_999, "access_level": 20}
    answer = place.root.post(f"{place.path}/members", body)
    assert (answer.status_code, answer.json()) == (404, {"message": "404 User Not Found"})


@sandbox_only("its clock")
@cites("doc/api/members.md", "expires_at", laws=1)
def test_a_membership_ends_on_its_day(apart):
    someone = apart.someone()
    body = {"user_id": someone.user["id"], "access_level": 20, "expires_at": "2026-11-25"}
    assert apart.root.made(f"{apart.path}/members", **body)["expires_at"] == "2026-11-25"
    assert someone.get(apart.path).status_code == 200
    apart.root.put("/sandbox/clock", {"now": "2026-11-25T00:00:01Z"})
    assert someone.get(apart.path).status_code == 404

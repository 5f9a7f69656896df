"""Who joins and leaves groups and projects, and what is refused."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import Place, soon, unique
from tests.sandbox.world import LEVELS, Client

SPEC = "spec/requests/api/members_spec.rb"
NOWHERE = 999_999_999


def members_of(place: Place, kind: str) -> str:
    return f"{place.path if kind == 'project' else place.group_path}/members"


def joined(place: Place, person, level: int, kind: str = "project", **more):
    body = {"user_id": person.user["id"], "access_level": level} | more
    return place.root.post(members_of(place, kind), body)


@pytest.mark.parametrize("kind", ["project", "group"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"access_level": 20}, "at least one parameter must be provided"),
        ({"user_id": 1}, "access_level is missing"),
        ({"user_id": 1, "access_level": 25_000}, "access_level does not have a valid value"),
        ({"user_id": 1, "username": "x", "access_level": 20}, "are mutually exclusive"),
    ],
)
@cites(SPEC, "POST members, 400 answers", laws=9)
def test_what_a_member_needs(place, kind, body, words):
    answer = place.root.post(members_of(place, kind), body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@cites(SPEC, "POST /projects/:id/members, allows adding by username")
def test_a_member_by_name(fresh):
    person = fresh.someone()
    body = {"username": person.user["username"], "access_level": 20}
    assert fresh.root.made(f"{fresh.path}/members", **body)["id"] == person.user["id"]


@pytest.mark.parametrize("by", ["user_id", "username"])
@cites(SPEC, "POST members, multiple user_ids and usernames")
def test_several_members_at_once(fresh, by):
    people = [fresh.someone(), fresh.someone()]
    field = "id" if by == "user_id" else by
    names = ",".join(str(person.user[field]) for person in people)
    answer = fresh.root.post(f"{fresh.path}/members", {by: names, "access_level": 20})
    assert (answer.status_code, answer.json()) == (201, {"status": "success"})
    found = {one["id"] for one in fresh.root.get(f"{fresh.path}/members").json()}
    assert {person.user["id"] for person in people} <= found


@pytest.mark.parametrize("kind", ["project", "group"])
@pytest.mark.parametrize(
    ("role", "status"), [("developer", 403), ("maintainer", 0), ("owner", 201)]
)
@cites(SPEC, "POST members, insufficient membership management rights", laws=9)
def test_who_adds_members(fresh, kind, role, status):
    person = fresh.someone()
    assert joined(fresh, person, LEVELS[role], kind).status_code == 201
    body = {"user_id": fresh.someone().user["id"], "access_level": 20}
    answer = person.post(members_of(fresh, kind), body)
    assert answer.status_code == (status or {"project": 201, "group": 403}[kind])


@cites(SPEC, "POST members, a higher access level", laws=9)
def test_nobody_raises_another_above_themselves(fresh):
    person = fresh.someone()
    joined(fresh, person, LEVELS["maintainer"])
    body = {"user_id": fresh.someone().user["id"], "access_level": LEVELS["owner"]}
    assert person.post(f"{fresh.path}/members", body).status_code == 403


@cites(SPEC, "PUT and DELETE members, with higher access level", laws=9)
def test_nobody_changes_who_stands_above_them(fresh):
    person, owner = fresh.someone(), fresh.someone()
    joined(fresh, person, LEVELS["maintainer"])
    joined(fresh, owner, LEVELS["owner"])
    at = f"{fresh.path}/members/{owner.user['id']}"
    assert person.put(at, {"access_level": 20}).status_code == 403
    assert person.delete(at).status_code == 403


@cites(SPEC, "POST members, does not create the member if group level is higher", laws=1)
def test_a_role_is_no_lower_than_the_inherited_one(fresh):
    person = fresh.someone()
    joined(fresh, person, LEVELS["developer"], "group")
    answer = joined(fresh, person, LEVELS["reporter"])
    name = fresh.group["name"]
    words = f"should be greater than or equal to Developer inherited membership from group {name}"
    assert (answer.status_code, answer.json()) == (400, {"message": {"access_level": [words]}})
    assert joined(fresh, person, LEVELS["maintainer"]).status_code == 201


@pytest.mark.parametrize("kind", ["project", "group"])
@cites(SPEC, "access expiry date, set to a date in the past", laws=9)
def test_a_membership_does_not_end_in_the_past(fresh, kind):
    answer = joined(fresh, fresh.someone(), 20, kind, expires_at="2020-01-01")
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": {"expires_at": ["cannot be a date in the past"]}},
    )


@pytest.mark.parametrize("kind", ["project", "group"])
@cites(SPEC, "DELETE members, deleting themself")
def test_members_may_leave(fresh, kind):
    person = fresh.someone()
    joined(fresh, person, LEVELS["developer"], kind)
    at = f"{members_of(fresh, kind)}/{person.user['id']}"
    assert person.delete(at).status_code == 204
    assert fresh.root.get(at).status_code == 404


@pytest.mark.parametrize("kind", ["project", "group"])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
@cites(SPEC, "member does not exist, 404", laws=9)
def test_members_who_never_were(place, kind, method):
    at = f"{members_of(place, kind)}/{NOWHERE}"
    body = {"json": {"access_level": 20}} if method == "put" else {}
    assert place.root.send(method.upper(), at, **body).status_code == 404


@pytest.mark.parametrize(("skip", "left"), [("true", True), ("false", False)])
@cites(SPEC, "DELETE /groups/:id/members/:user_id, skip_subresources", laws=1)
def test_who_leaves_a_group_leaves_what_is_in_it(fresh, skip, left):
    person = fresh.someone()
    for kind in ("group", "project"):
        joined(fresh, person, LEVELS["developer"], kind)
    tail = f"/members/{person.user['id']}"
    answer = fresh.root.delete(f"{fresh.group_path}{tail}", params={"skip_subresources": skip})
    assert answer.status_code == 204
    assert fresh.root.get(f"{fresh.path}{tail}").ok is left


@pytest.mark.parametrize("tail", ["", "/all"])
@cites(SPEC, "GET members, query and user_ids", laws=1)
def test_members_by_name_and_number(fresh, tail):
    people = [fresh.someone() for _ in range(3)]
    for person in people[:2]:
        joined(fresh, person, 20)
    at = f"{fresh.path}/members{tail}"
    first = people[0].user
    by_name = fresh.root.get(at, {"query": first["username"]}).json()
    assert [one["id"] for one in by_name] == [first["id"]]
    numbers = [person.user["id"] for person in people]
    found = fresh.root.get(at, {"user_ids[]": numbers}).json()
    assert {one["id"] for one in found} == set(numbers[:2])
    assert len(fresh.root.get(at, {"query": ""}).json()) >= 2


@cites(SPEC, "GET members, created_by")
def test_members_tell_who_brought_them(fresh):
    person = fresh.someone()
    joined(fresh, person, 20)
    (found,) = fresh.root.get(f"{fresh.path}/members", {"user_ids[]": person.user["id"]}).json()
    assert found["created_by"]["id"] == fresh.root.user["id"]


@sandbox_only("people without a role, whom an administrator made")
@cites(SPEC, "GET members/all, subgroup member cannot get parent group members list", laws=9)
def test_members_below_do_not_see_who_is_above(fresh):
    name = unique("sub")
    below = fresh.root.made("/groups", name=name, path=name, parent_id=fresh.group["id"])
    person = fresh.someone()
    body = {"user_id": person.user["id"], "access_level": 30}
    fresh.root.made(f"/groups/{below['id']}/members", **body)
    for tail in ("", "/all", f"/all/{fresh.root.user['id']}"):
        assert person.get(f"{fresh.group_path}/members{tail}").status_code == 403
    assert person.get(f"/groups/{below['id']}/members/all").status_code == 200


def bot_of(place: Place) -> int:
    body = {"name": "bot", "scopes": ["api"], "expires_at": soon(place.root)}
    answer = place.root.post(f"{place.path}/access_tokens", body)
    if not answer.ok:
        pytest.skip(f"project access tokens cannot be made there: {answer.text}")
    return answer.json()["user_id"]


@cites(SPEC, "adding project bot", laws=(6, 9))
def test_a_tokens_bot_joins_nothing_else(place, fresh):
    body = {"user_id": bot_of(place), "access_level": 20}
    answer = fresh.root.post(f"{fresh.path}/members", body)
    words = "project bots cannot be added to other groups / projects"
    assert answer.status_code == 400
    assert words in answer.json()["message"]["user_id"]


@cites(SPEC, "remove bot from project", laws=(6, 9))
def test_a_tokens_bot_leaves_with_its_token_only(fresh):
    at = f"{fresh.path}/members/{bot_of(fresh)}"
    assert fresh.root.delete(at).status_code == 403
    assert fresh.root.get(at).status_code == 200


GROUP_TOKENS = "doc/api/group_access_tokens.md"


@pytest.fixture
def group_token(fresh):
    body = {"name": "g", "scopes": ["api"], "access_level": 20, "expires_at": soon(fresh.root)}
    answer = fresh.root.post(f"{fresh.group_path}/access_tokens", body)
    if not answer.ok:
        pytest.skip(f"group access tokens cannot be made there: {answer.text}")
    return answer.json()


@cites(GROUP_TOKENS, "Create a group access token, example response", laws=6)
def test_a_group_token_is_a_bot_of_the_group(fresh, group_token):
    assert {
        "id", "name", "revoked", "created_at", "description", "scopes", "user_id", "last_used_at",
        "active", "expires_at", "access_level", "token",
    } <= set(group_token)  # fmt: skip
    assert (group_token["scopes"], group_token["access_level"]) == (["api"], 20)
    member = fresh.root.get(f"{fresh.group_path}/members/{group_token['user_id']}").json()
    assert member["access_level"] == 20


@cites(GROUP_TOKENS, "List all group access tokens", laws=1)
def test_group_tokens_are_listed_without_their_values(fresh, group_token):
    (listed,) = fresh.root.get(f"{fresh.group_path}/access_tokens").json()
    assert listed["id"] == group_token["id"]
    assert "token" not in listed
    inactive = fresh.root.get(f"{fresh.group_path}/access_tokens", {"state": "inactive"})
    assert inactive.json() == []


@cites(GROUP_TOKENS, "Rotate a group access token")
def test_a_group_token_can_be_rotated(fresh, group_token):
    at = f"{fresh.group_path}/access_tokens/{group_token['id']}"
    answer = fresh.root.post(f"{at}/rotate")
    assert (answer.status_code, answer.json()["user_id"]) == (200, group_token["user_id"])
    assert answer.json()["id"] != group_token["id"]
    assert fresh.root.get(at).json()["revoked"] is True


@cites(GROUP_TOKENS, "Revoke a group access token")
def test_a_group_token_can_be_revoked(fresh, group_token):
    at = f"{fresh.group_path}/access_tokens/{group_token['id']}"
    with closing(Client(fresh.root.url, group_token["token"])) as bot:
        assert bot.get(fresh.path).status_code == 200
        assert fresh.root.delete(at).status_code == 204
        assert bot.get(fresh.path).status_code == 401


@cites(GROUP_TOKENS, "Create a group access token, Owner role", laws=9)
def test_who_makes_group_tokens(fresh):
    person = fresh.someone()
    joined(fresh, person, LEVELS["maintainer"], "group")
    body = {"name": "g", "scopes": ["api"], "expires_at": soon(fresh.root)}
    refused = person.post(f"{fresh.group_path}/access_tokens", body)
    assert refused.status_code in (400, 401, 403)

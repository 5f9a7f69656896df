"""Users, tokens, bots and members."""

from __future__ import annotations

import pytest

from tests.sandbox.world import new_space


def test_administrators_make_users(root, space, client):
    person = space.someone(admin=False, note="n", bio="b", job_title="SE", organization="Acme")
    assert person.user["bot"] is False
    assert (person.user["note"], person.user["bio"]) == ("n", "b")
    assert person.user["work_information"] == "SE at Acme"
    assert person.user["created_by"]["username"] == "root"
    assert person.user["is_admin"] is False
    name = person.user["username"]
    body = {"username": name, "name": "x", "email": "new@example.com", "password": "longenough"}
    taken = root.post("/users", body)
    assert (taken.status_code, taken.json()) == (
        409,
        {"message": "Username has already been taken"},
    )
    email = root.post("/users", body | {"username": "fresh", "email": person.user["email"]})
    assert email.json() == {"message": "Email has already been taken"}
    odd = root.post("/users", body | {"username": "a b"})
    assert odd.status_code == 400
    missing = root.post("/users", {"username": "q", "name": "q", "email": "q@example.com"})
    assert missing.json()["error"].startswith("password, reset_password")
    assert person.post("/users", body).status_code == 403


def test_the_directory(root, space):
    a, b = space.someone("zed"), space.someone("zed")
    listed = root.get("/users", {"search": "zed-", "per_page": 1})
    assert listed.json()[0]["id"] == b.user["id"]
    assert listed.json()[0]["email"] == b.user["email"]
    assert "email" not in a.get("/users", {"username": "root"}).json()[0]
    assert a.get("/users", {"username": b.user["username"].upper()}).json()[0]["id"] == b.user["id"]
    assert a.get("/users/1").json()["bot"] is False
    assert a.get("/users/999999").json() == {"message": "404 User Not Found"}
    assert a.get("/users/x").status_code == 404
    keyed = root.get(
        "/users", {"pagination": "keyset", "per_page": 1, "sort": "asc", "order_by": "id"}
    )
    assert keyed.json()[0]["id"] == 1
    assert root.get(keyed.links["next"]["url"]).json()[0]["id"] > 1
    assert root.get("/users", {"humans": True, "exclude_internal": True, "username": "root"}).json()


def test_directory_filters(root, space):
    person, other = space.someone("flt_x"), space.someone("fltyx", external=True)
    ids = {person.user["id"], other.user["id"]}

    def found(**query):
        listed = root.get("/users", {"search": "flt", "per_page": 100, **query}).json()
        return ids & {user["id"] for user in listed}

    assert found() == found(humans=True) == found(created_after="2020-01-01") == ids
    assert found(external=True) == {other.user["id"]}
    assert found(exclude_external=True) == {person.user["id"]}
    assert found(admins=True) == found(exclude_humans=True) == found(exclude_active=True) == set()
    assert found(created_before="2020-01-01") == set()
    assert found(search="flt_") == {person.user["id"]}
    by_name = root.get("/users", {"search": "flt", "order_by": "username", "sort": "asc"}).json()
    assert [u["username"] for u in by_name] == sorted(u["username"] for u in by_name)


def test_token_filters(root, space):
    person = space.someone()
    path = f"/users/{person.user['id']}/personal_access_tokens"
    old = root.made(path, name="old", scopes=["api"], expires_at="2020-01-01")
    gone = root.made(path, name="gone", scopes=["api"])
    root.delete(f"/personal_access_tokens/{gone['id']}")

    def names(**query):
        return [t["name"] for t in person.get("/personal_access_tokens", query).json()]

    assert names() == ["t", "old", "gone"]
    assert names(state="active") == ["t"]
    assert names(state="inactive") == ["old", "gone"]
    assert names(revoked=True) == names(search="GON") == ["gone"]
    assert names(expires_before="2020-12-31") == ["old"]
    assert names(expires_after="2020-12-31") == ["t", "gone"]
    assert names(created_after=old["created_at"]) == ["old", "gone"]
    assert names(created_before="2020-01-01") == []
    assert names(last_used_after="2020-01-01") == ["t"]
    assert names(last_used_before="2020-01-01") == []
    assert names(sort="name_desc") == ["t", "old", "gone"]
    assert names(sort="expires_asc")[0] == "old"
    assert names(sort="moon_asc") == ["t", "old", "gone"]


def test_oneself(root, space):
    me = space.someone().get("/user").json()
    assert "is_admin" not in me
    assert root.get("/user").json()["is_admin"] is True


def test_users_can_be_changed(root, space):
    person = space.someone()
    at = f"/users/{person.user['id']}"
    changed = root.put(at, {"name": "New Name", "external": True, "admin": True}).json()
    assert (changed["name"], changed["external"], changed["is_admin"]) == ("New Name", True, True)
    assert space.someone().put(at, {"name": "x"}).status_code == 403
    assert (
        space.someone(external=True).post("/groups", {"name": "x", "path": "x"}).status_code == 403
    )


def test_a_deleted_users_work_goes_to_ghost(root, space):
    person = space.member("reporter")
    issue = space.issue(by=person, assignee_ids=[person.user["id"]])
    note = person.made(space.at(issue, "/notes"), body="mine")
    person.put(space.at(issue), {"state_event": "close"})
    own = person.made("/projects", name="own")
    assert root.delete(f"/users/{person.user['id']}").status_code == 204
    after = space.again(issue)
    assert after["author"]["username"] == after["closed_by"]["username"] == "ghost"
    assert after["assignees"] == []
    assert root.get(space.at(issue, f"/notes/{note['id']}")).json()["author"]["username"] == "ghost"
    assert space.events(issue, "state")[0]["user"]["username"] == "ghost"
    assert person.get("/user").status_code == 401
    assert root.get(f"/projects/{own['id']}").status_code == 404
    ghost = after["author"]["id"]
    assert root.delete(f"/users/{ghost}").status_code == 403
    assert root.post(f"/users/{ghost}/block").status_code == 403
    assert root.delete("/users/1").status_code == 403


def test_service_accounts(root, space):
    made = root.made("/service_accounts")
    assert made["username"].startswith("service_account_")
    assert root.get(f"/users/{made['id']}").json()["bot"] is True
    assert space.someone().post("/service_accounts", {}).status_code == 403


def test_a_token_knows_itself_and_rotates(space, client):
    person = space.someone()
    mine = person.get("/personal_access_tokens/self").json()
    assert mine["user_id"] == person.user["id"]
    assert mine["scopes"] == ["api"]
    assert (mine["active"], mine["revoked"]) == (True, False)
    assert len(mine["expires_at"]) == 10
    assert "token" not in mine
    late = person.post("/personal_access_tokens/self/rotate", {"expires_at": "2099-01-01"})
    assert late.status_code == 400
    assert "Expiration date must be before" in late.json()["message"]
    new = person.post("/personal_access_tokens/self/rotate", {"expires_at": mine["expires_at"]})
    assert new.status_code == 200
    assert new.json()["expires_at"] == mine["expires_at"]
    assert person.get("/user").status_code == 401
    fresh = client(new.json()["token"])
    assert fresh.get("/user").json()["id"] == person.user["id"]
    listed = fresh.get("/personal_access_tokens").json()
    assert [t["revoked"] for t in listed] == [True, False]
    assert fresh.get(f"/personal_access_tokens/{listed[1]['id']}").json()["active"] is True
    assert fresh.get("/personal_access_tokens", {"user_id": 1}).status_code == 401
    assert fresh.get("/personal_access_tokens/1").json() == {"message": "401 Unauthorized"}
    refused = fresh.delete("/personal_access_tokens/1")
    assert refused.json() == {"message": "400 Bad request - Not permitted to revoke"}
    assert fresh.delete(f"/personal_access_tokens/{listed[1]['id']}").status_code == 204
    assert fresh.get("/user").status_code == 401


def test_who_rotates_a_dead_token_kills_what_came_of_it(space, client, root):
    person = space.someone()
    first = person.get("/personal_access_tokens/self").json()["id"]
    second = person.post(f"/personal_access_tokens/{first}/rotate").json()
    again = root.post(f"/personal_access_tokens/{first}/rotate")
    assert (again.status_code, again.json()) == (
        400,
        {"message": "400 Bad request - token already revoked"},
    )
    assert client(second["token"]).get("/user").status_code == 401


def test_tokens_that_are_not_there(space, root):
    missing = {"message": "404 Not Found"}
    assert root.get("/personal_access_tokens/999999").json() == missing
    assert root.get("/personal_access_tokens", {"user_id": 999999}).json() == missing
    assert root.delete("/personal_access_tokens/x").json() == {"message": "404 Not found"}
    for base in (f"{space.path}/access_tokens", f"/groups/{space.group['id']}/access_tokens"):
        kind = "project" if "projects" in base else "group"
        named = {"message": f"404 {kind} Access Token Not Found"}
        assert root.get(f"{base}/9999").json() == root.delete(f"{base}/x").json() == named
        assert root.post(f"{base}/9999/rotate").json() == missing


def test_a_token_of_ones_own_is_for_little(space):
    person = space.someone()
    made = person.made("/user/personal_access_tokens", name="x", scopes=["self_rotate"])
    assert made["user_id"] == person.user["id"]
    refused = person.post("/user/personal_access_tokens", {"name": "x", "scopes": ["api"]})
    assert refused.json() == {"error": "scopes does not have a valid value"}


def test_a_token_does_not_live_too_long(root):
    body = {"name": "x", "scopes": ["api"], "expires_at": "2099-01-01"}
    refused = root.post("/users/1/personal_access_tokens", body)
    assert refused.status_code == 422
    assert refused.json()["message"].startswith("Expiration date must be before 20")


def test_everyones_tokens_for_administrators(root, space):
    person = space.someone()
    listed = root.get("/personal_access_tokens", {"user_id": person.user["id"]}).json()
    assert [t["name"] for t in listed] == ["t"]
    for sort, owner in (("id_asc", 1), ("id_desc", person.user["id"])):
        everyones = root.get("/personal_access_tokens", {"sort": sort, "per_page": 100}).json()
        assert owner in {token["user_id"] for token in everyones}
    assert person.delete("/personal_access_tokens/self").status_code == 204
    assert person.get("/user").status_code == 401


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "x"}, "scopes is missing"),
        ({"name": "x", "scopes": []}, "scopes is empty"),
        ({"name": "x", "scopes": ["everything"]}, "scopes does not have a valid value"),
        ({"scopes": ["api"]}, "name is missing"),
    ],
)
def test_what_a_token_needs(root, body, error):
    assert root.post("/users/1/personal_access_tokens", body).json() == {"error": error}


@pytest.mark.parametrize("kind", ["projects", "groups"])
def test_tokens_of_places_have_bots(space, client, root, kind):
    place = space.project if kind == "projects" else space.group
    base = f"/{kind}/{place['id']}/access_tokens"
    made = root.made(base, name="Robot", scopes=["api"], access_level=30)
    assert made["access_level"] == 30
    bot = client(made["token"])
    me = bot.get("/user").json()
    assert me["username"].startswith(f"{kind[:-1]}_{place['id']}_bot_")
    assert (me["bot"], me["name"]) == (True, "Robot")
    member = root.get(f"/{kind}/{place['id']}/members/{me['id']}").json()
    assert member["access_level"] == 30
    issue = bot.made(f"{space.path}/issues", title="by a bot")
    assert [t["id"] for t in root.get(base).json()] == [made["id"]]
    assert root.get(f"{base}/{made['id']}").json()["resource_type"] == kind[:-1]
    turned = root.post(f"{base}/{made['id']}/rotate").json()
    assert turned["user_id"] == me["id"]
    assert bot.get("/user").status_code == 401
    assert root.delete(f"{base}/{turned['id']}").status_code == 204
    assert client(turned["token"]).get("/user").status_code == 401
    assert space.again(issue)["author"]["username"] == "ghost"
    assert root.delete(f"{base}/{turned['id']}").status_code == 404


@pytest.mark.parametrize("kind", ["projects", "groups"])
def test_who_makes_tokens_of_places(space, kind):
    place = space.project if kind == "projects" else space.group
    base = f"/{kind}/{place['id']}/access_tokens"
    developer, maintainer = space.member("developer"), space.member("maintainer")
    body = {"name": "x", "scopes": ["api"]}
    assert developer.post(base, body).status_code == 400
    assert developer.get(base).status_code == 401
    made = space.root.made(base, **body)
    refused = developer.delete(f"{base}/{made['id']}")
    assert refused.json() == {"message": "400 Bad request - Developer cannot delete x"}
    assert developer.post(f"{base}/{made['id']}/rotate").status_code == 401
    for wrong in ({"access_level": 7}, {"access_level": 5}):
        assert maintainer.post(base, body | wrong).json() == {
            "error": "access_level does not have a valid value"
        }
    late = space.root.post(base, body | {"expires_at": "2099-01-01"})
    assert late.status_code == 400
    high = maintainer.post(base, body | {"access_level": 50})
    assert high.status_code == 400


def test_members_direct_and_inherited(space, root):
    person = space.someone()
    group = f"/groups/{space.group['id']}/members"
    late = root.post(
        group, {"user_id": person.user["id"], "access_level": 20, "expires_at": "2020-01-01"}
    )
    assert late.json() == {"message": {"expires_at": ["cannot be a date in the past"]}}
    added = root.made(group, user_id=person.user["id"], access_level=20, expires_at="2099-01-01")
    assert list(added) == [
        "id",
        "username",
        "name",
        "state",
        "locked",
        "avatar_url",
        "web_url",
        "access_level",
        "created_at",
        "expires_at",
        "created_by",
        "membership_state",
    ]
    assert added["created_by"]["username"] == "root"
    project = f"{space.path}/members"
    assert root.get(project).json() == []
    assert [m["access_level"] for m in root.get(f"{project}/all").json()] == [50, 20]
    me = person.user["id"]
    assert root.get(f"{project}/{me}").json() == {"message": "404 Not found"}
    assert root.get(f"{project}/all/{me}").json()["access_level"] == 20
    assert root.get(f"{project}/x").status_code == 404
    low = root.post(project, {"user_id": me, "access_level": 10})
    assert low.json() == {
        "message": {
            "access_level": [
                f"should be greater than or equal to Reporter inherited membership from group {space.group['name']}"
            ]
        }
    }
    root.made(project, user_id=me, access_level=30)
    assert root.get(f"{project}/all/{me}").json()["access_level"] == 30
    again = root.post(project, {"user_id": me, "access_level": 30})
    assert (again.status_code, again.json()) == (409, {"message": "Member already exists"})
    changed = root.put(f"{project}/{me}", {"access_level": 40, "expires_at": ""})
    assert changed.json()["access_level"] == 40
    assert root.put(f"{group}/{me}", {"access_level": 30}).json()["expires_at"] == "2099-01-01"
    found = root.get(f"{project}/all", {"query": person.user["username"], "user_ids[]": me}).json()
    assert [m["id"] for m in found] == [me]
    assert me not in [m["id"] for m in root.get(f"{project}/all", {"skip_users[]": me}).json()]
    assert root.delete(f"{project}/{me}").status_code == 204
    assert person.delete(f"{group}/{me}").status_code == 204
    assert person.get(space.path).status_code == 404


def test_a_membership_ends_on_its_day(fixed):
    space, root = new_space(fixed), fixed
    person = space.someone()
    body = {"user_id": person.user["id"], "access_level": 20, "expires_at": "2026-11-24"}
    root.made(f"{space.path}/members", **body)
    assert person.get(space.path).status_code == 200
    past = root.put(
        f"{space.path}/members/{person.user['id']}", body | {"expires_at": "2026-11-22"}
    )
    assert past.json() == {"message": {"expires_at": ["cannot be a date in the past"]}}
    root.put("/sandbox/clock", {"now": "2026-11-24T00:00:00Z"})
    assert person.get(space.path).status_code == 404
    assert root.get(f"{space.path}/members").json() == []
    assert root.get(f"{space.path}/members/{person.user['id']}").status_code == 404
    space.close()


def test_members_by_name(space, root):
    person = space.someone()
    made = root.made(f"{space.path}/members", username=person.user["username"], access_level=15)
    assert made["access_level"] == 15


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({"user_id": 1}, 400, {"error": "access_level is missing"}),
        (
            {"user_id": 1, "access_level": 7},
            400,
            {"error": "access_level does not have a valid value"},
        ),
        (
            {"access_level": 10},
            400,
            {"error": "user_id, username are missing, at least one parameter must be provided"},
        ),
        ({"user_id": 999999, "access_level": 10}, 404, {"message": "404 User Not Found"}),
        (
            {"user_id": 1, "username": "root", "access_level": 10},
            400,
            {"error": "user_id, username are mutually exclusive"},
        ),
    ],
)
def test_what_a_member_needs(space, root, body, status, answer):
    refused = root.post(f"{space.path}/members", body)
    assert (refused.status_code, refused.json()) == (status, answer)


def test_maintainers_make_no_owners(space):
    maintainer, owner = space.member("maintainer"), space.member("owner")
    other = space.someone().user["id"]
    base = f"{space.path}/members"
    assert maintainer.post(base, {"user_id": other, "access_level": 50}).status_code == 403
    assert maintainer.post(base, {"user_id": other, "access_level": 30}).status_code == 201
    assert maintainer.put(f"{base}/{owner.user['id']}", {"access_level": 10}).status_code == 403
    assert maintainer.delete(f"{base}/{owner.user['id']}").status_code == 403
    assert (
        space.member("developer").post(base, {"user_id": other, "access_level": 10}).status_code
        == 403
    )


@pytest.mark.parametrize("kind", ["projects", "groups"])
def test_a_places_token_rotates_itself(space, client, root, kind):
    place = space.project if kind == "projects" else space.group
    at = f"/{kind}/{place['id']}/access_tokens"
    bot = client(root.made(at, name="r", scopes=["self_rotate", "read_api"])["token"])
    turned = bot.post(f"{at}/self/rotate")
    assert (turned.status_code, turned.json()["name"]) == (200, "r")
    assert bot.get("/user").status_code == 401
    refused = root.post(f"{at}/self/rotate")
    assert refused.json() == {"message": "405 Method Not Allowed"}


def test_several_members_at_once(space, root):
    people = [space.someone() for _ in range(3)]
    ids = [str(person.user["id"]) for person in people]
    at = f"{space.path}/members"
    first = root.post(at, {"user_id": ",".join(ids[:2]), "access_level": 20})
    assert (first.status_code, first.json()) == (201, {"status": "success"})
    names = ",".join(person.user["username"] for person in people)
    again = root.post(at, {"username": names, "access_level": 20}).json()
    assert again["status"] == "error"
    assert list(again["message"].values()) == ["Member already exists"] * 2
    assert [str(m["id"]) for m in root.get(at).json()] == ids


def test_who_leaves_a_group_leaves_what_is_below(space, root):
    person = space.someone()
    me = person.user["id"]
    group = f"/groups/{space.group['id']}/members"
    for at in (group, f"{space.path}/members"):
        root.made(at, user_id=me, access_level=30)
    issue = space.issue(assignee_ids=[me])
    kept = {"skip_subresources": True}
    assert root.delete(f"{group}/{me}", params=kept).status_code == 204
    assert root.get(f"{space.path}/members/{me}").status_code == 200
    root.made(group, user_id=me, access_level=30)
    assert root.delete(f"{group}/{me}", params={"unassign_issuables": True}).status_code == 204
    assert root.get(f"{space.path}/members/{me}").status_code == 404
    assert space.again(issue)["assignees"] == []


def test_a_member_of_a_project_is_unassigned_when_asked(space, root):
    person = space.member("developer")
    issue = space.issue(assignee_ids=[person.user["id"]])
    gone = root.delete(
        f"{space.path}/members/{person.user['id']}", params={"unassign_issuables": True}
    )
    assert gone.status_code == 204
    assert space.again(issue)["assignees"] == []


def test_a_group_keeps_its_last_owner(space, root):
    at = f"/groups/{space.group['id']}/members"
    assert root.delete(f"{at}/1").status_code == 403
    assert root.put(f"{at}/1", {"access_level": 40}).status_code == 403
    other = space.someone()
    root.made(at, user_id=other.user["id"], access_level=50)
    assert root.put(f"{at}/1", {"access_level": 40}).json()["access_level"] == 40
    assert root.put(f"{at}/1", {"access_level": 50}).json()["access_level"] == 50
    assert root.delete(f"{at}/1").status_code == 204

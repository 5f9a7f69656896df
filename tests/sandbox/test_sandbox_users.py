"""Users: who sees whom, what administrators do to them, and what belongs to one of them.

Sources: `lib/api/users.rb`, `app/finders/users_finder.rb`, `app/services/users/`.
"""

from __future__ import annotations

import pytest

from tests.sandbox.world import new_space


def test_the_directory_without_a_login_needs_a_name(space, client):
    person = space.someone()
    nobody = client(None)
    refused = nobody.get("/users")
    assert (refused.status_code, refused.json()) == (
        403,
        {"message": "403 Forbidden - Not authorized to access /api/v4/users"},
    )
    found = nobody.get("/users", {"username": person.user["username"]}).json()
    assert [user["id"] for user in found] == [person.user["id"]]
    one = nobody.get(f"/users/{person.user['id']}")
    assert one.json() == {"message": "403 Forbidden - Not authorized!"}


def test_only_administrators_find_the_blocked_and_sort(space, root):
    person, other = space.someone("hidden"), space.someone()
    root.post(f"/users/{person.user['id']}/block")
    named = {"username": person.user["username"]}
    assert other.get("/users", named).json() == []
    assert [u["state"] for u in root.get("/users", named | {"blocked": True}).json()] == ["blocked"]
    asked = {"order_by": "username", "sort": "asc", "created_before": "2020-01-01"}
    ids = [user["id"] for user in other.get("/users", asked | {"per_page": 100}).json()]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) > 1


def test_more_filters_for_the_directory(space, root):
    person = space.someone("filters", public_email="shown@example.com")
    person.made("/projects", name="own")
    mine = person.user["id"]

    def found(client=root, **query):
        return [user["id"] for user in client.get("/users", {"per_page": 100, **query}).json()]

    assert found(public_email="SHOWN@example.com") == found(search="shown@example.com") == [mine]
    assert found(search=person.user["email"]) == [mine]
    assert found(person, search=person.user["email"]) == []
    assert mine not in found(without_projects=True)
    assert mine not in found(two_factor="enabled")
    assert mine in found(two_factor="disabled", active=True, without_project_bots=True)
    bot = root.made(f"{space.path}/access_tokens", name="b", scopes=["api"])["user_id"]
    assert bot in found(exclude_humans=True)
    assert bot not in found(without_project_bots=True)
    assert 1 in found(admins=True)


def test_a_user_is_renamed_with_what_is_theirs(space, root):
    person, other = space.someone(), space.someone()
    project = person.made("/projects", name="own")
    at = f"/users/{person.user['id']}"
    new = f"new-{person.user['username']}"
    changed = root.put(at, {"username": new, "email": f"{new}@example.com", "bio": "b"}).json()
    assert (changed["username"], changed["email"], changed["bio"]) == (
        new,
        f"{new}@example.com",
        "b",
    )
    assert changed["namespace_id"] == person.user["namespace_id"]
    assert root.get(f"/projects/{new}%2Fown").json()["id"] == project["id"]
    for field in ("username", "email"):
        taken = root.put(at, {field: other.user[field]})
        assert (taken.status_code, taken.json()) == (
            409,
            {"message": f"{field.title()} has already been taken"},
        )


def test_one_user_in_full(space, root):
    person = space.member("maintainer")
    shown = root.get(f"/users/{person.user['id']}").json()
    assert (shown["highest_role"], shown["sign_in_count"]) == (40, 0)
    public = person.get(f"/users/{person.user['id']}").json()
    assert "email" not in public
    assert public["pronouns"] is None


def test_states_of_users(space, root):
    person = space.someone()
    at = f"/users/{person.user['id']}"
    said = lambda verb: (lambda a: (a.status_code, a.json()))(root.post(f"{at}/{verb}"))  # noqa: E731
    assert said("activate") == said("unblock") == (201, False)
    assert said("deactivate") == (201, True)
    assert said("deactivate") == (201, None)
    assert said("unblock")[0] == 403
    assert said("activate") == (201, True)
    assert said("block") == (201, True)
    assert said("block") == (201, None)
    assert said("activate")[0] == said("deactivate")[0] == 403
    assert said("ban") == (403, {"message": "You cannot ban blocked users."})
    assert said("unblock") == (201, True)
    assert said("unban") == (403, {"message": "You cannot unban active users."})
    assert said("ban") == (201, True)
    assert person.get("/user").status_code == 403
    assert said("unban") == (201, True)
    assert person.get("/user").status_code == 200
    mine = root.post("/users/1/block")
    assert mine.json() == {
        "message": "403 Forbidden - The API initiating user cannot be blocked by the API"
    }
    assert person.post(f"{at}/block").status_code == 403


def test_the_only_owner_of_a_group_stays(space, root):
    person = space.someone()
    group = person.made("/groups", name="g", path=f"g-{person.user['username']}")
    at = f"/users/{person.user['id']}"
    refused = root.delete(at)
    assert (refused.status_code, refused.json()) == (
        409,
        {"message": "User cannot be removed while is the sole-owner of a group"},
    )
    root.made(f"/groups/{group['id']}/members", user_id=1, access_level=50)
    assert root.delete(at).status_code == 204


def test_a_hard_deletion_leaves_nothing_for_ghost(space, root):
    person = space.member("reporter")
    issue = space.issue()
    person.made(space.at(issue, "/notes"), body="mine")
    own = space.issue(by=person)
    assert root.delete(f"/users/{person.user['id']}", params={"hard_delete": True}).ok
    assert root.get(space.at(own)).status_code == 404
    assert space.notes(issue) == []


def test_a_status_is_set_changed_and_cleared(space, client):
    person = space.someone()
    nothing = {
        "emoji": None,
        "message": None,
        "availability": None,
        "message_html": "",
        "clear_status_at": None,
    }
    at = f"/users/{person.user['username']}/status"
    assert client(None).get(at).json() == person.get("/user/status").json() == nothing
    made = person.put("/user/status", {"message": "<b>", "availability": "busy"}).json()
    assert made == {
        "emoji": "speech_balloon",
        "message": "<b>",
        "availability": "busy",
        "message_html": "&lt;b&gt;",
        "clear_status_at": None,
    }
    changed = person.send("PATCH", "/user/status", json={"emoji": "coffee"})
    assert changed.json() == made | {"emoji": "coffee"}
    untouched = person.send("PATCH", "/user/status", json={})
    assert (untouched.status_code, untouched.json()) == (200, None)
    assert person.get(at).json()["emoji"] == "coffee"
    assert person.put("/user/status", {}).json() == nothing
    first = person.send("PATCH", "/user/status", json={"emoji": "tea"})
    assert first.json()["availability"] == "not_set"
    wrong = person.put("/user/status", {"availability": "gone"})
    assert wrong.json() == {"error": "availability does not have a valid value"}
    assert person.get("/users/nobody-here/status").json() == {"message": "404 User Not Found"}


def test_a_status_ends_when_its_time_is_over(fixed):
    made = fixed.put("/user/status", {"message": "lunch", "clear_status_after": "30_minutes"})
    assert made.json()["clear_status_at"] == "2026-11-23T08:30:00.001Z"
    fixed.put("/sandbox/clock", {"now": "2026-11-23T09:00:00Z"})
    assert fixed.get("/user/status").json()["message"] is None


def test_memberships_and_counts(fixed):
    space = new_space(fixed)
    person = space.member("developer")
    me = person.user["id"]
    fixed.made(f"/groups/{space.group['id']}/members", user_id=me, access_level=20)
    space.issue(by=person)
    listed = fixed.get(f"/users/{me}/memberships").json()
    assert listed == [
        {
            "source_id": space.project["id"],
            "source_name": space.project["name"],
            "source_type": "Project",
            "access_level": 30,
        },
        {
            "source_id": space.group["id"],
            "source_name": space.group["name"],
            "source_type": "Namespace",
            "access_level": 20,
        },
    ]
    kinds = {kind: fixed.get(f"/users/{me}/memberships", {"type": kind}).json()
             for kind in ("Project", "Namespace")}  # fmt: skip
    assert [kinds["Project"], kinds["Namespace"]] == [[listed[0]], [listed[1]]]
    counts = {"groups_count": 1, "projects_count": 1, "issues_count": 1, "merge_requests_count": 0}
    assert person.get(f"/users/{me}/associations_count").json() == counts
    assert person.get(f"/users/{me}/memberships").status_code == 403
    assert person.get("/users/1/associations_count").status_code == 403
    space.close()


@pytest.mark.parametrize(
    "path",
    ["/user/emails", "/user/keys", "/user/gpg_keys", "/users/1/emails", "/users/root/keys",
     "/users/1/gpg_keys", "/users/1/followers", "/users/1/following"],
)  # fmt: skip
def test_what_nobody_here_has(root, path):
    answer = root.get(path)
    assert (answer.status_code, answer.json(), answer.headers["X-Total"]) == (200, [], "0")


def test_followers_want_a_login(client):
    assert client(None).get("/users/1/followers").status_code == 403


def test_service_accounts_are_listed(root, space):
    made = root.made("/service_accounts", name="S")
    assert root.get("/service_accounts").json()[0] == made
    assert space.someone().get("/service_accounts").status_code == 403

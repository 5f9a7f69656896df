"""Tokens, their scopes and ends, and the words of every refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import Place, soon
from tests.sandbox.world import Client

GUARD = "lib/api/api_guard.rb"
PERSONAL = "doc/api/personal_access_tokens.md"
PROJECT = "doc/api/project_access_tokens.md"


@pytest.fixture
def client(root: Client) -> Iterator[Callable[[str], Client]]:
    with ExitStack() as stack:

        def make(token: str) -> Client:
            made = Client(root.url, token)
            stack.callback(made.close)
            return made

        yield make


def project_token(place: Place, **more: Any) -> dict[str, Any]:
    """A new project access token; skips where there are none."""
    body = {"name": "a token", "scopes": ["api"], "expires_at": soon(place.root)} | more
    answer = place.root.post(f"{place.path}/access_tokens", body)
    if not answer.ok:
        pytest.skip(f"project access tokens cannot be made there: {answer.text}")
    return answer.json()


@pytest.mark.parametrize("how", ["PRIVATE-TOKEN", "Authorization", "private_token"])
@cites("doc/api/rest/authentication.md", "Personal/project/group access tokens", laws=1)
def test_three_ways_to_bring_a_token(root, how):
    url = f"{root.url}/api/v4/user"
    sent: dict[str, Any] = {
        "PRIVATE-TOKEN": {"headers": {"PRIVATE-TOKEN": root.token}},
        "Authorization": {"headers": {"Authorization": f"Bearer {root.token}"}},
        "private_token": {"params": {"private_token": root.token}},
    }[how]
    assert requests.get(url, **sent).json()["id"] == root.user["id"]


@pytest.mark.parametrize("value", ["", "no-such-token"])
@cites("doc/api/rest/authentication.md", "401 Unauthorized", laws=9)
def test_a_token_that_is_none(client, value):
    answer = client(value).get("/user")
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


@pytest.mark.parametrize(
    ("tail", "body"),
    [("/issues", {"title": "x"}), ("/labels", {"name": "x", "color": "#fff"}), ("/boards", {})],
)
@cites("lib/api/helpers.rb", "authenticate_non_get!, authenticate!", laws=9)
def test_nobody_writes(place, nobody, tail, body):
    answer = nobody.post(f"{place.path}{tail}", body)
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


@cites("lib/gitlab/auth/auth_finders.rb", "validate_and_save_access_token!", laws=9)
def test_a_revoked_token(place, client):
    made = project_token(place)
    used = client(made["token"])
    assert used.get(place.path).status_code == 200
    revoked = place.root.delete(f"{place.path}/access_tokens/{made['id']}")
    assert revoked.status_code == 204
    answer = used.get(place.path)
    assert answer.status_code == 401
    if answer.json() != {"message": "401 Unauthorized"}:  # its user may be gone with it
        assert answer.json() == {
            "error": "invalid_token",
            "error_description": "Token was revoked. You have to re-authorize from the user.",
        }


@sandbox_only("its clock")
@cites(GUARD, "ExpiredError", laws=9)
def test_an_expired_token(apart, client):
    made = project_token(apart, expires_at="2026-11-25")
    used = Client(apart.root.url, made["token"])
    assert used.get(apart.path).status_code == 200
    apart.root.put("/sandbox/clock", {"now": "2026-11-25T00:00:01Z"})
    answer = used.get(apart.path)
    used.close()
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_token",
        "error_description": (
            "Token is expired. You can either do re-authorization or token refresh."
        ),
    }


@cites(GUARD, "InsufficientScopeError", laws=9)
def test_a_token_that_may_only_read(place, client):
    reader = client(project_token(place, scopes=["read_api"])["token"])
    assert reader.get(f"{place.path}/issues").status_code == 200
    answer = reader.post(f"{place.path}/issues", {"title": "x"})
    assert answer.status_code == 403
    assert answer.json()["error"] == "insufficient_scope"
    assert answer.json()["error_description"] == (
        "The request requires higher privileges than provided by the access token."
    )
    assert "api" in answer.json()["scope"].split()


@cites("lib/api/personal_access_tokens/self_information.rb", "get self", laws=1)
def test_a_token_tells_about_itself(place, client):
    made = project_token(place)
    own = client(made["token"]).get("/personal_access_tokens/self").json()
    types = {"id": int, "name": str, "revoked": bool, "created_at": str, "scopes": list,
             "user_id": int, "active": bool, "expires_at": str}  # fmt: skip
    assert {name: type(own[name]) for name in types} == types
    assert (own["id"], own["scopes"], own["active"]) == (made["id"], ["api"], True)
    assert "token" not in own


@pytest.mark.parametrize("scope", ["read_api", "api", "self_rotate"])
@cites("lib/api/personal_access_tokens/self_information.rb", "all_available_scopes", laws=1)
def test_any_scope_lets_a_token_tell_about_itself(place, client, scope):
    made = project_token(place, scopes=[scope])
    answer = client(made["token"]).get("/personal_access_tokens/self")
    assert (answer.status_code, answer.json()["scopes"]) == (200, [scope])


@cites(PERSONAL, "Self-rotate", laws=1)
def test_rotation_kills_the_old_token_at_once(place, client):
    made = project_token(place)
    old = client(made["token"])
    answer = old.post(f"{place.path}/access_tokens/self/rotate")
    assert answer.status_code == 200, answer.text
    renewed = answer.json()
    assert (renewed["name"], renewed["user_id"]) == (made["name"], made["user_id"])
    assert renewed["id"] != made["id"]
    assert client(renewed["token"]).get(place.path).status_code == 200
    assert old.get(place.path).status_code == 401


@cites(PERSONAL, "Self-revoke", laws=9)
def test_a_token_may_end_itself(place, client):
    made = project_token(place)
    used = client(made["token"])
    assert used.delete("/personal_access_tokens/self").status_code == 204
    assert used.get(place.path).status_code == 401


@cites(PROJECT, "Create a project access token", laws=6)
def test_each_project_token_is_a_new_user_and_a_bot(place, client):
    first, second = project_token(place), project_token(place)
    assert first["user_id"] != second["user_id"]
    user = place.root.get(f"/users/{first['user_id']}").json()
    assert user["bot"] is True
    assert user["username"].startswith(f"project_{place.project['id']}_bot")
    assert client(first["token"]).get("/user").json()["id"] == first["user_id"]


@pytest.mark.parametrize(("level", "secret"), [(10, 404), (15, 200), (20, 200)])
@cites(PROJECT, "Create a project access token, access_level", laws=1)
def test_a_project_token_has_the_role_that_it_was_given(place, client, level, secret):
    issue = place.issue("secret", confidential=True)
    made = project_token(place, access_level=level)
    assert made["access_level"] == level
    assert client(made["token"]).get(place.at(issue)).status_code == secret


@cites(PROJECT, "Create a project access token, access_level", laws=1)
def test_a_project_token_is_a_maintainers_unless_asked_otherwise(place):
    assert project_token(place)["access_level"] == 40


@cites(PROJECT, "List all project access tokens", laws=1)
def test_tokens_are_listed_without_their_values(place):
    made = project_token(place, name="listed")
    found = place.root.get(f"{place.path}/access_tokens", {"search": "listed", "per_page": 100})
    (one,) = [token for token in found.json() if token["id"] == made["id"]]
    assert "token" not in one
    assert (one["active"], one["revoked"], one["access_level"]) == (True, False, 40)


@cites("lib/api/resource_access_tokens.rb", "read_resource_access_tokens", laws=9)
def test_developers_do_not_see_a_projects_tokens(place):
    answer = place.member("developer").get(f"{place.path}/access_tokens")
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


@cites("lib/api/resource_access_tokens.rb", "delete, not_found!", laws=9)
def test_a_token_that_is_not_there(place):
    answer = place.root.delete(f"{place.path}/access_tokens/999999999")
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "404 project Access Token Not Found"},
    )


@cites(PERSONAL, "List all personal access tokens, user_id", laws=9)
def test_other_peoples_tokens(place):
    answer = place.member("developer").get(
        "/personal_access_tokens", {"user_id": place.root.user["id"]}
    )
    assert answer.status_code == 401


@cites("lib/api/entities/user.rb", "bot", laws=6)
def test_a_person_is_no_bot(root):
    assert root.get(f"/users/{root.user['id']}").json()["bot"] is False


@cites("lib/api/helpers.rb", "sudo!", laws=9)
def test_only_administrators_act_for_others(place):
    answer = place.member("maintainer").get("/user", headers={"Sudo": "root"})
    assert (answer.status_code, answer.json()) == (
        403,
        {"message": "403 Forbidden - Must be admin to use sudo"},
    )


@sandbox_only("its administrator's token has the scope")
@cites("doc/api/rest/authentication.md", "Sudo", laws=6)
def test_an_administrator_acts_for_another(place):
    person = place.member("reporter")
    name = {"Sudo": person.user["username"]}
    made = place.root.send("POST", f"{place.path}/issues", json={"title": "x"}, headers=name)
    assert made.json()["author"]["id"] == person.user["id"]
    answer = place.root.get("/user", headers={"Sudo": "no-such-user"})
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "404 User with ID or username 'no-such-user' Not Found"},
    )


@cites("lib/api/metadata.rb", "get /version and /metadata", laws=1)
def test_version_and_metadata_need_a_token(root, nobody):
    version = root.get("/version").json()
    assert {type(version["version"]), type(version["revision"])} == {str}
    assert type(root.get("/metadata").json()["enterprise"]) is bool
    for path in ("/version", "/metadata"):
        assert nobody.get(path).status_code == 401


@cites("lib/api/api.rb", "route :any, *path", laws=9)
def test_an_unknown_path(root):
    answer = root.get("/no_such_thing")
    assert answer.status_code == 404
    assert answer.json()["error"] == "404 Not Found"


@cites("lib/api/api.rb", "MethodNotAllowed", laws=9)
def test_an_unknown_method_of_a_known_path(root):
    answer = root.send("PATCH", "/version")
    assert (answer.status_code, answer.json()) == (405, {"error": "405 Not Allowed"})


@cites("lib/api/issues.rb", "requires :issue_iid, type: Integer", laws=9)
def test_an_iid_is_a_number(place):
    answer = place.root.get(f"{place.path}/issues/first")
    assert (answer.status_code, answer.json()) == (400, {"error": "issue_iid is invalid"})


@cites("lib/api/helpers.rb", "destroy_conditionally!", laws=2)
def test_a_deletion_may_depend_on_the_date(place):
    issue = place.issue("fresh")
    past = {"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}
    answer = place.root.delete(place.at(issue), headers=past)
    assert (answer.status_code, answer.json()) == (412, {"message": "412 Precondition Failed"})
    assert place.root.get(place.at(issue)).status_code == 200


@cites("doc/development/polling.md", "If-None-Match, 304", laws=10)
def test_what_did_not_change_is_not_sent_again(place):
    issue = place.issue("cached")
    tag = place.root.get(place.at(issue)).headers["ETag"]
    same = place.root.get(place.at(issue), headers={"If-None-Match": tag})
    assert (same.status_code, same.text) == (304, "")
    place.root.put(place.at(issue), {"title": "changed"})
    changed = place.root.get(place.at(issue), headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["title"]) == (200, "changed")

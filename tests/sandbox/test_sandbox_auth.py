"""Who is asking: the forms of a token, job tokens, scopes, and noting the use of a token.

Sources: `lib/gitlab/auth/auth_finders.rb`, `lib/api/api_guard.rb`,
`app/services/personal_access_tokens/last_used_service.rb`.
"""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.world import new_space


def whoami(root, **how):
    return requests.get(f"{root.url}/api/v4/user", timeout=30, **how).status_code


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"headers": {"PRIVATE-TOKEN": "root-token"}}, 200),
        ({"headers": {"Authorization": "Bearer root-token"}}, 200),
        ({"headers": {"Authorization": "bearer root-token"}}, 200),
        ({"params": {"private_token": "root-token"}}, 200),
        ({"params": {"access_token": "root-token"}}, 200),
        ({"headers": {"Authorization": "Basic root-token"}}, 401),
        ({"headers": {"JOB-TOKEN": "root-token"}}, 401),
        ({"params": {"job_token": "root-token"}}, 401),
        ({"headers": {"PRIVATE-TOKEN": "wrong", "Authorization": "Bearer root-token"}}, 401),
        ({}, 401),
    ],
)
def test_the_forms_of_a_token(root, how, status):
    assert whoami(root, **how) == status


def test_a_job_token_reads_what_is_public_and_creates_nothing(new):
    space = new(visibility="public")
    job = {"JOB-TOKEN": "glcbt-1"}
    base = f"{space.root.url}/api/v4{space.path}"
    assert requests.get(base, headers=job, timeout=30).status_code == 200
    refused = requests.post(f"{base}/issues", {"title": "x"}, headers=job, timeout=30)
    assert (refused.status_code, refused.json()) == (401, {"message": "401 Unauthorized"})


def test_a_token_in_the_query_is_in_no_link(root):
    query = {"access_token": "root-token", "per_page": "1"}
    answer = requests.get(f"{root.url}/api/v4/users", query, timeout=30)
    assert "root-token" not in answer.headers["Link"]


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("read_user", "/user", 200),
        ("read_user", "/users", 200),
        ("read_user", "/version", 200),
        ("read_user", "/projects", 403),
        ("read_api", "/projects", 200),
        ("self_rotate", "/personal_access_tokens/self", 200),
        ("self_rotate", "/user", 403),
    ],
)
def test_what_a_scope_opens(space, root, client, scope, path, status):
    person = space.someone()
    made = root.made(f"/users/{person.user['id']}/personal_access_tokens", name="s", scopes=[scope])
    answer = client(made["token"]).get(path)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"] == "insufficient_scope"


def test_the_use_of_a_token_is_noted_once_a_minute(fixed):
    space = new_space(fixed)
    person = space.someone()

    def used():
        return person.get("/personal_access_tokens/self").json()["last_used_at"]

    first = used()
    assert first.startswith("2026-11-23T08:00:00")
    fixed.put("/sandbox/clock", {"now": "2026-11-23T08:00:59Z"})
    assert used() == first
    fixed.put("/sandbox/clock", {"now": "2026-11-23T08:02:00Z"})
    assert used() == "2026-11-23T08:02:00.000Z"
    space.close()


def test_a_banned_user_is_blocked(space, root):
    person = space.someone()
    root.post(f"/users/{person.user['id']}/ban")
    assert person.get("/user").json() == {
        "message": "403 Forbidden - Your account has been blocked."
    }


def test_parameters_may_stand_in_the_query_of_a_request_with_no_body(space, root):
    made = root.send("POST", f"{space.path}/labels", params={"name": "q", "color": "#fff"})
    assert (made.status_code, made.json()["name"]) == (201, "q")
    form = root.send("POST", f"{space.path}/labels", data={"name": "f", "color": "#fff"})
    assert form.json()["name"] == "f"
    parts = {"name": (None, "m"), "color": (None, "#fff")}
    assert root.send("POST", f"{space.path}/labels", files=parts).json()["name"] == "m"

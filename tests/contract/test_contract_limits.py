"""Rate limits: two kinds with two bodies, and nothing done by what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import Place, project_in

LIMITS = "doc/administration/settings/user_and_ip_rate_limits.md"
RACK = "lib/gitlab/rack_attack.rb"
HEADS = ("RateLimit-Limit", "RateLimit-Name", "RateLimit-Observed", "RateLimit-Remaining",
         "RateLimit-Reset")  # fmt: skip
pytestmark = sandbox_only("limits that it can be told")


@pytest.fixture
def limited(apart: Place) -> Iterator[Place]:
    """A place whose server counts within one minute of a clock that stands still."""
    yield apart
    apart.root.put("/sandbox/limits", dict.fromkeys(
        ("requests_per_minute", "issues_per_minute", "notes_per_minute")))  # fmt: skip


@cites(LIMITS, "Headers returned for all requests", laws=8)
def test_every_answer_tells_the_limit(limited):
    first = limited.root.get("/version").headers
    second = limited.root.get("/version").headers
    for name in HEADS[:1] + HEADS[2:]:
        assert second[name].isdigit()
    assert second["RateLimit-Name"] == "throttle_authenticated_api"
    assert int(second["RateLimit-Observed"]) == int(first["RateLimit-Observed"]) + 1
    left = int(second["RateLimit-Limit"]) - int(second["RateLimit-Observed"])
    assert int(second["RateLimit-Remaining"]) == left


@cites(LIMITS, "Additional headers for throttled requests", laws=8)
def test_two_headers_come_only_with_a_refusal(limited):
    heads = limited.root.get("/version").headers
    assert "Retry-After" not in heads
    assert "RateLimit-ResetTime" not in heads


@cites(LIMITS, "Use a custom rate limit response", laws=(2, 8))
def test_too_many_requests_answer_in_plain_text(limited):
    limited.root.put("/sandbox/limits", {"requests_per_minute": 2})
    answers = [limited.root.get("/version") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].text.strip() == "Retry later"
    assert answers[2].headers["Content-Type"].startswith("text/plain")


@cites(RACK, "throttled_response_headers", laws=(2, 8))
def test_the_headers_of_too_many_requests(limited):
    limited.root.put("/sandbox/limits", {"requests_per_minute": 1})
    limited.root.get("/version")
    heads = limited.root.get("/version").headers
    assert (heads["RateLimit-Limit"], heads["RateLimit-Observed"]) == ("1", "2")
    assert heads["RateLimit-Remaining"] == "0"
    assert 0 < int(heads["Retry-After"]) <= 60
    reset = int(heads["RateLimit-Reset"])
    assert parsedate_to_datetime(heads["RateLimit-ResetTime"]).timestamp() == reset


@cites(RACK, "retry_after, period", laws=8)
def test_a_new_minute_is_a_new_quota(limited):
    limited.root.put("/sandbox/limits", {"requests_per_minute": 1})
    limited.root.get("/version")
    assert limited.root.get("/version").status_code == 429
    limited.root.put("/sandbox/clock", {"now": "2026-11-23T08:01:00Z"})
    assert limited.root.get("/version").status_code == 200


@cites(LIMITS, "Enable authenticated API request rate limit, per user", laws=8)
def test_each_user_has_a_quota_of_their_own(limited):
    person = limited.someone()
    limited.root.put("/sandbox/limits", {"requests_per_minute": 1})
    limited.root.get("/version")
    assert limited.root.get("/version").status_code == 429
    assert person.get("/version").status_code == 200


@pytest.mark.parametrize("what", ["issues", "notes"])
@cites("lib/api/helpers/rate_limiter.rb", "render_exceeded_limit_error!", laws=(2, 8))
def test_too_many_creations_answer_in_json_and_make_nothing(limited, what):
    issue = limited.issue("first")
    limited.root.put("/sandbox/limits", {f"{what}_per_minute": 1})

    def make():
        if what == "notes":
            return limited.say(issue, "words")
        return limited.root.post(f"{limited.path}/issues", {"title": "made"})

    assert make().status_code == 201
    refused = make()
    assert refused.status_code == 429
    assert refused.json() == {
        "message": {"error": "This endpoint has been requested too many times. Try again later."}
    }
    made = limited.notes(issue) if what == "notes" else limited.listed(search="made")
    assert len(made) == 1


@pytest.mark.parametrize("what", ["issues", "notes"])
@cites(LIMITS, "Multiple rate limiting systems", laws=8)
def test_limits_on_creating_are_not_in_the_headers(limited, what):
    issue = limited.issue("first")
    limited.root.put("/sandbox/limits", {f"{what}_per_minute": 1})
    body = {"body": "x"} if what == "notes" else {"title": "x"}
    path = limited.at(issue, "/notes") if what == "notes" else f"{limited.path}/issues"
    limited.root.post(path, body)
    refused = limited.root.post(path, body)
    assert refused.status_code == 429
    assert int(refused.headers["RateLimit-Remaining"]) > 0


@cites("app/services/issues/create_service.rb", "rate_limit key: :issues_create", laws=8)
def test_new_issues_are_counted_for_each_user_in_each_project(limited):
    person, other = limited.member("owner"), project_in(limited)
    limited.root.put("/sandbox/limits", {"issues_per_minute": 1})

    def made(by, project):
        return by.post(f"/projects/{project}/issues", {"title": "made"}).status_code

    path = quote(limited.project["path_with_namespace"], safe="")
    assert [made(limited.root, one) for one in (limited.project["id"], path)] == [201, 429]
    assert made(limited.root, path.upper()) == 429
    assert made(limited.root, other["id"]) == 201
    assert made(person, path) == 201
    assert made(person, limited.project["id"]) == 429


@cites("lib/api/notes.rb", "check_rate_limit! :notes_create, scope: current_user", laws=8)
def test_notes_are_counted_for_each_user_wherever_they_are(limited):
    person, here = limited.member("owner"), limited.issue("here")
    other = project_in(limited)["id"]
    there = limited.root.made(f"/projects/{other}/issues", title="there")["iid"]
    limited.root.put("/sandbox/limits", {"notes_per_minute": 1})
    assert limited.say(here, "words").status_code == 201
    refused = limited.root.post(f"/projects/{other}/issues/{there}/notes", {"body": "words"})
    assert refused.status_code == 429
    assert limited.say(here, "words", by=person).status_code == 201


@cites("lib/api/notes.rb", "check_rate_limit! :notes_create", laws=8)
def test_reading_is_not_limited_like_creating(limited):
    issue = limited.issue("first")
    limited.root.put("/sandbox/limits", {"notes_per_minute": 0})
    assert limited.root.get(limited.at(issue, "/notes")).status_code == 200

"""The server's own controls: clock, limits, faults, counters, tier, system notes."""

from __future__ import annotations

import time

import pytest
import requests

from tests.sandbox.world import Client, new_space

NOW = "2026-11-23T08:00:00.000Z"


def clock(root: Client) -> str:
    return root.get("/sandbox/clock").json()["now"]


def test_a_fixed_clock_stands_still_but_for_writes(fixed):
    assert fixed.get("/sandbox/clock").json() == {"now": NOW, "fixed": True}
    fixed.get("/user")
    assert clock(fixed) == NOW
    space = new_space(fixed)
    a, b = space.issue(), space.issue()
    assert a["created_at"] == "2026-11-23T08:00:00.003Z"
    assert a["created_at"] < b["created_at"] == clock(fixed)


def test_the_clock_moves_forward_and_back_only_when_reset(fixed):
    moved = fixed.put("/sandbox/clock", {"now": "2026-12-01T10:00:00+01:00"})
    assert moved.json()["now"] == "2026-12-01T09:00:00.000Z"
    back = fixed.put("/sandbox/clock", {"now": "2026-11-01T00:00:00Z"})
    assert back.status_code == 400
    assert "forward only" in back.json()["message"]
    assert fixed.put("/sandbox/clock", {"now": "2026-11-01", "reset": True}).status_code == 200
    assert clock(fixed) == "2026-11-01T00:00:00.000Z"
    assert fixed.put("/sandbox/clock", {"now": "soon"}).status_code == 400
    assert fixed.put("/sandbox/clock", [1]).status_code == 400
    assert fixed.put("/sandbox/clock", {"now": None}).json()["fixed"] is False


def test_changing_anything_takes_an_administrator(space, client):
    body = {"tier": "premium"}
    assert client(None).put("/sandbox/tier", body).status_code == 401
    assert client("wrong").put("/sandbox/tier", body).status_code == 401
    assert space.someone().put("/sandbox/tier", body).status_code == 403
    assert client(None).get("/sandbox/tier").json() == {"tier": "free"}
    assert space.root.get("/sandbox/nothing").status_code == 404


def test_the_tier_can_be_switched(fixed):
    assert fixed.put("/sandbox/tier", {"tier": "premium"}).json() == {"tier": "premium"}
    assert fixed.put("/sandbox/tier", {"tier": "gold"}).status_code == 400
    assert "weight" in new_space(fixed).issue()


def test_requests_are_counted_by_route(fixed):
    space = new_space(fixed)
    issue = space.issue()
    assert fixed.delete("/sandbox/requests").json() == {"total": 0, "by_route": {}}
    fixed.get(space.at(issue))
    fixed.get(f"/projects/{space.group['path']}%2F{space.project['path']}/issues")
    fixed.get("/nonsense")
    space.issue()
    assert fixed.get("/sandbox/requests").json() == {
        "total": 4,
        "by_route": {
            "GET (unknown)": 1,
            "GET /api/v4/projects/:id/issues": 1,
            "GET /api/v4/projects/:id/issues/:issue_iid": 1,
            "POST /api/v4/projects/:id/issues": 1,
        },
    }


def test_system_notes_can_be_put(fixed):
    space = new_space(fixed)
    person = space.someone()
    issue = space.issue()
    body = {
        "project": space.project["path_with_namespace"],
        "iid": issue["iid"],
        "author": person.user["username"],
        "body": "mentioned in commit 1234abcd",
    }
    assert fixed.post("/sandbox/system_notes", body).status_code == 200
    later = "2026-11-24T00:00:00Z"
    fixed.post(
        "/sandbox/system_notes", body | {"project": space.project["id"], "created_at": later}
    )
    notes = fixed.get(space.at(issue, "/notes")).json()
    assert [n["system"] for n in notes] == [True, True]
    assert notes[0]["author"]["username"] == person.user["username"]
    assert notes[0]["created_at"] == space.again(issue)["updated_at"] == "2026-11-24T00:00:00.000Z"
    assert space.again(issue)["user_notes_count"] == 0
    for wrong, what in (({"iid": 99}, "Issue"), ({"author": "nobody"}, "User")):
        answer = fixed.post("/sandbox/system_notes", body | wrong)
        assert answer.json() == {"message": f"404 {what} Not Found"}
    assert fixed.post("/sandbox/system_notes", {}).json() == {"error": "project is missing"}


def test_every_answer_tells_the_rate_limit(fixed):
    heads = fixed.get("/user").headers
    assert heads["RateLimit-Limit"] == "2000"
    assert heads["RateLimit-Observed"] == "1"
    assert heads["RateLimit-Remaining"] == "1999"
    assert heads["RateLimit-Name"] == "throttle_authenticated_api"
    assert int(heads["RateLimit-Reset"]) == 1795420860
    assert not {"Retry-After", "RateLimit-ResetTime"} & set(heads)
    assert "RateLimit-Limit" in fixed.get("/nonsense").headers


def test_requests_can_be_limited(fixed):
    assert fixed.get("/sandbox/limits").json()["requests_per_minute"] is None
    fixed.put("/sandbox/limits", {"requests_per_minute": 2})
    assert [fixed.get("/user").status_code for _ in range(3)] == [200, 200, 429]
    refused = fixed.get("/user")
    assert refused.text == "Retry later\n"
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit-ResetTime"] == "Mon, 23 Nov 2026 08:01:00 GMT"
    assert refused.headers["RateLimit-Remaining"] == "0"
    fixed.put("/sandbox/limits", {"body": "json", "retry_after": False, "requests_per_minute": 0})
    refused = fixed.get("/user")
    assert refused.status_code == 429
    assert refused.json() == {
        "message": {"error": "This endpoint has been requested too many times. Try again later."}
    }
    assert "Retry-After" not in refused.headers
    fixed.put("/sandbox/limits", {"requests_per_minute": 1})
    assert fixed.get("/user").status_code == 200
    fixed.put("/sandbox/clock", {"now": "2026-11-23T08:01:00Z"})
    assert fixed.get("/user").status_code == 200
    fixed.put("/sandbox/limits", {"requests_per_minute": None})
    assert fixed.get("/user").status_code == 200
    assert fixed.put("/sandbox/limits", {"requests": 1}).status_code == 400
    assert fixed.put("/sandbox/limits", {"notes_per_minute": "few"}).status_code == 400
    assert fixed.put("/sandbox/limits", {"body": "xml"}).status_code == 400
    assert fixed.put("/sandbox/limits", {"window_seconds": 0}).status_code == 400


def test_issues_and_notes_have_limits_of_their_own(fixed):
    space = new_space(fixed)
    issue = space.issue()
    fixed.put("/sandbox/limits", {"issues_per_minute": 1, "notes_per_minute": 1})
    assert fixed.post(f"{space.path}/issues", {"title": "a"}).status_code == 201
    refused = fixed.post(f"{space.path}/issues", {"title": "b"})
    assert refused.status_code == 429
    assert "error" in refused.json()["message"]
    at = space.at(issue, "/notes")
    assert [fixed.post(at, {"body": "x"}).status_code for _ in range(2)] == [201, 429]
    assert fixed.get(at).status_code == 200
    assert len(fixed.get(f"{space.path}/issues").json()) == 2


def test_a_status_fault_has_no_effect(fixed):
    space = new_space(fixed)
    fault = {
        "method": "POST",
        "route": "/issues$",
        "nth": 2,
        "action": "status",
        "status": 502,
        "body": {"message": "bad gateway"},
        "headers": {"X-From": "proxy"},
    }
    assert fixed.put("/sandbox/faults", [fault]).status_code == 200
    path = f"{space.path}/issues"
    answers = [fixed.post(path, {"title": str(n)}) for n in range(3)]
    assert [a.status_code for a in answers] == [201, 502, 201]
    assert answers[1].json() == {"message": "bad gateway"}
    assert answers[1].headers["X-From"] == "proxy"
    assert [i["title"] for i in fixed.get(path).json()] == ["2", "0"]
    assert fixed.get("/sandbox/faults").json()[0]["seen"] == 3
    assert fixed.delete("/sandbox/faults").json() == []


def test_a_cut_before_has_no_effect_and_a_cut_after_has(fixed, caplog):
    space = new_space(fixed)
    path = f"{space.path}/issues"
    for action, stored in (("cut_before", 0), ("cut_after", 1)):
        fixed.put("/sandbox/faults", [{"method": "POST", "nth": 1, "action": action}])
        with pytest.raises(requests.exceptions.ConnectionError):
            fixed.post(path, {"title": action})
        assert len(fixed.get(path).json()) == stored
    assert fixed.post(path, {"title": "after"}).status_code == 201
    assert caplog.records == []


def test_a_truncated_answer_breaks_off_after_its_effect(fixed, caplog):
    space = new_space(fixed)
    path = f"{space.path}/issues"
    fixed.put("/sandbox/faults", [{"method": "POST", "nth": 1, "action": "truncate"}])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        fixed.post(path, {"title": "half"})
    assert len(fixed.get(path).json()) == 1
    assert caplog.records == []


def test_a_delay_delays(fixed):
    fixed.put("/sandbox/faults", [{"action": "delay", "seconds": 0.2}])
    start = time.monotonic()
    assert fixed.get("/user").status_code == 200
    assert time.monotonic() - start >= 0.2


def test_every_and_chance(fixed):
    def codes(rule: dict) -> list[int]:
        fixed.put("/sandbox/faults", [{"action": "status", "route": "/user"} | rule])
        return [fixed.get("/user").status_code for _ in range(6)]

    assert codes({"every": 3}) == [200, 200, 503, 200, 200, 503]
    once, again = (codes({"probability": 0.5, "seed": 7}) for _ in range(2))
    assert once == again
    assert set(once) == {200, 503}
    assert codes({"method": "post"}) == [200] * 6
    assert codes({"method": "*"}) == [503] * 6


@pytest.mark.parametrize(
    "rules",
    [
        {"action": "status"},
        [{"action": "explode"}],
        ["status"],
        [{"action": "status", "when": "now"}],
        [{"action": "status", "route": "("}],
        [{"action": "status", "every": 0}],
        [{"action": "status", "nth": "2"}],
        [{"action": "delay", "seconds": -1}],
        [{"action": "status", "probability": "high"}],
    ],
)
def test_faults_that_cannot_be_read(fixed, rules):
    assert fixed.put("/sandbox/faults", rules).status_code == 400

"""The simulation behind the README's arithmetic: it counts as GitLab does, and as the planner asks."""

from __future__ import annotations

import pytest

from automation.remote.budget import Budget
from automation.remote.limits import Kind
from tests.bench.made_up_org import OWN, Profile, measured, memory_for
from tests.bench.scale import checked, in_parts, limit_of, row, spread, table, time_of
from tests.bench.virtual import OWN_LIMITS, REQUESTS, START, Job, Server, World

LOOPS = "support/loops"


def creations(number: int, scope: str = LOOPS) -> Profile:
    return Profile(1, 0, ((Kind.CREATE_ISSUE, scope, number),))


@pytest.mark.parametrize(
    ("kind", "limit"),
    [(Kind.READ, REQUESTS), (Kind.CREATE_ISSUE, 200), (Kind.CREATE_NOTE, 60)],
)
def test_the_server_refuses_what_is_past_a_limit_until_the_minute_is_over(kind, limit):
    server = Server()
    answers = [server.answer("a", kind, "p", 120.5)[0] for _ in range(limit + 1)]
    assert answers == [200] * limit + [429]
    assert server.answer("a", kind, "p", 179.9)[0] == 429
    assert server.answer("b", kind, "p", 179.9)[0] == 200
    assert server.answer("a", kind, "p", 180.0)[0] == 200


def test_new_issues_are_counted_by_project_and_notes_are_not():
    server = Server({Kind.CREATE_ISSUE: 1, Kind.CREATE_NOTE: 1})
    assert [server.answer("a", Kind.CREATE_ISSUE, scope, 1.0)[0] for scope in "pqp"] == [
        200,
        200,
        429,
    ]
    assert [server.answer("a", Kind.CREATE_NOTE, scope, 1.0)[0] for scope in "pq"] == [200, 429]


def test_the_headers_tell_of_the_limit_on_requests():
    _, headers = Server().answer("a", Kind.READ, "", 90.0)
    assert headers == {
        "Date": "Thu, 01 Jan 1970 00:01:30 GMT",
        "RateLimit-Limit": "2000",
        "RateLimit-Observed": "1",
        "RateLimit-Remaining": "1999",
        "RateLimit-Reset": "120",
    }


def test_a_job_sends_everything_once_more_where_it_was_refused():
    world = World(Server({Kind.CREATE_ISSUE: 3}))
    ended: list[float] = []
    profile = creations(10)
    job = Job(world, "a", Budget(), profile, 2, then=ended.append)
    world.at(START, job.start)
    assert world.run() > 60
    assert world.server.served - world.server.refused == profile.requests
    assert (world.server.refused > 0, len(ended)) == (True, 1)


def test_planning_comes_between_reading_and_writing():
    quick = time_of([Profile(5, 5, ((Kind.WRITE, "", 1),))])
    slow = time_of([Profile(5, 5, ((Kind.WRITE, "", 1),), cpu=60.0)])
    assert slow.minutes - quick.minutes == pytest.approx(1.0)


def test_shards_with_one_token_create_no_faster_and_with_their_own_they_do():
    whole = creations(2_000)
    parts = in_parts(whole, 4, 0.0)
    one, four, own = time_of([whole]), time_of(parts), time_of(parts, own_tokens=True)
    best = 2_000 / OWN_LIMITS[Kind.CREATE_ISSUE]
    assert best - 1 <= one.minutes < best * 1.2
    assert best - 1 <= four.minutes < best * 1.2
    assert own.minutes < best / 3
    assert one.refused == four.refused == own.refused == 0


def test_in_many_projects_only_the_limit_on_requests_counts():
    many = time_of([spread(creations(4_000))])
    assert many.minutes < 8
    assert limit_of(creations(4_000)) == "new issues in one project"
    assert limit_of(creations(10)) == "latency"
    assert limit_of(creations(10_000, OWN)) == "requests"
    assert spread(creations(10_000)) == creations(10_000, OWN)


def test_what_is_too_much_to_simulate_is_simulated_in_part():
    assert time_of([creations(100_000)]).minutes == pytest.approx(500, rel=0.1)


def test_the_planners_requests_grow_with_the_managers():
    small, large = measured(25), measured(100, (4, 16))
    assert "100 managers by the planner" in checked(small, large)
    assert large.loops == 505
    written = sum(number for _, _, number in large.monday.writes)
    assert written == 305 + 31 + 1
    four, sixteen = large.shards[4], large.shards[16]
    assert large.idle.lists < four.lists == sixteen.lists < large.monday.lists
    assert sixteen.single < four.single < large.monday.single
    cells = row(large, 10, 5_000.0)
    assert (cells[0], cells[1]) == ("10", "50")
    assert len(list(table(large, (10,), 5_000.0))) == 3
    assert 500 < memory_for(10) < 100_000

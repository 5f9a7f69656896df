"""The pacing core in virtual time, against a server that counts as GitLab does."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.remote.budget import Budget
from automation.remote.limits import GITLAB_COM, Kind, Limits, Rate, kind_of, limits_of

START = 1_800_000_000.0


@dataclass
class Counting:
    """Counts in fixed windows of its own clock, which is `ahead` of ours.

    Source: GitLab's `lib/gitlab/application_rate_limiter.rb` and rack-attack's `cache.rb`.
    """

    requests: int = 10**6
    creations: int = 10**6
    period: float = 60.0
    ahead: float = 0.0
    told: bool = True
    dated: bool = True
    counted: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    refused: int = 0

    def answer(self, kind: Kind, scope: str, now: float) -> tuple[int, dict[str, str]]:
        time = now + self.ahead
        window = int(time // self.period)
        seen = self._count("requests", "", window)
        headers = {"Date": formatdate(time, usegmt=True)} if self.dated else {}
        if self.told:
            headers |= {
                "RateLimit-Limit": str(self.requests),
                "RateLimit-Observed": str(seen),
                "RateLimit-Remaining": str(max(0, self.requests - seen)),
                "RateLimit-Reset": str(int((window + 1) * self.period)),
            }
        if seen > self.requests:
            self.refused += 1
            return 429, headers
        if kind is Kind.CREATE_ISSUE and self._count(kind, scope, window) > self.creations:
            self.refused += 1
            return 429, headers
        return 201, headers

    def _count(self, what: str, scope: str, window: int) -> int:
        self.counted[what, scope, window] += 1
        return self.counted[what, scope, window]


def run(server, shards, work, seed=0, lanes=8, slowest=0.4):
    """Let each shard's lanes do `work` requests each shard; gives when the last was answered.

    `shards` are budgets; a refused request is done again, as the pacer would.
    """
    chance = random.Random(seed)
    left = [work] * len(shards)
    # What happens when: a lane asks, its request arrives, its answer arrives.
    events: list[tuple[float, int, str, int, Any]] = [
        (START, n, "ask", shard, None)
        for n, shard in enumerate(s for s in range(len(shards)) for _ in range(lanes))
    ]
    heapq.heapify(events)
    ticket, done = len(events), START
    while events:
        now, _, what, shard, answer = heapq.heappop(events)
        ticket += 1
        budget = shards[shard]
        if what == "answered":
            done = now
            budget.learn(Kind.CREATE_ISSUE, answer[0], answer[1], now, "1")
            left[shard] += answer[0] == 429
        elif what == "arrives":
            said = server.answer(Kind.CREATE_ISSUE, "1", now)
            after = now + chance.uniform(0.001, slowest)
            heapq.heappush(events, (after, ticket, "answered", shard, said))
            continue
        if what == "wakes":
            opens = budget.opens(Kind.CREATE_ISSUE, now, "1")
            if opens <= now:
                after = now + chance.uniform(0.001, slowest)
                heapq.heappush(events, (after, ticket, "arrives", shard, None))
            else:
                heapq.heappush(events, (opens, ticket, "wakes", shard, None))
        elif left[shard] > 0:
            left[shard] -= 1
            at = budget.claim(Kind.CREATE_ISSUE, now, "1")
            heapq.heappush(events, (at, ticket, "wakes", shard, None))
    return done - START


def known(count, seconds=60.0, share=1.0):
    return Budget(Limits({Kind.CREATE_ISSUE: Rate(count, seconds)}), share)


seeds = st.integers(0, 10**6)
some = settings(deadline=None, max_examples=25)


@some
@given(
    count=st.integers(1, 80),
    period=st.sampled_from([3.0, 60.0]),
    ahead=st.floats(0, 120),
    seed=seeds,
    lanes=st.integers(1, 8),
)
def test_a_limit_that_is_known_is_never_hit(count, period, ahead, seed, lanes):
    server = Counting(creations=count, period=period, ahead=ahead, told=False)
    run(server, [known(count, period)], count * 4 + 3, seed, lanes)
    if count > lanes:
        assert server.refused == 0
    assert server.refused <= 2 * lanes


@some
@given(ahead=st.floats(0, 60), seed=seeds)
def test_a_run_takes_hardly_longer_than_the_limit_itself_makes_it(ahead, seed):
    """Two hundred in three seconds: a thousand take four windows, and the rest of a fifth."""
    server = Counting(creations=200, period=3.0, ahead=ahead)
    took = run(server, [known(200, 3.0)], 1000, seed, slowest=0.05)
    assert server.refused == 0
    assert took < 1.1 * (4 * 3.0 + 200 / 8 * 0.05)


@some
@given(ahead=st.floats(0, 60), seed=seeds)
def test_shards_share_a_limit(ahead, seed):
    server = Counting(creations=200, period=60.0, ahead=ahead)
    took = run(server, [known(200, share=0.25) for _ in range(4)], 250, seed)
    assert server.refused == 0
    assert took < 4 * 60 * 1.1


def test_a_share_of_less_than_one_waits_longer():
    budget = known(60, share=1 / 120)
    assert [budget.claim(Kind.CREATE_ISSUE, START) - START for _ in range(3)] == [0, 120, 240]


@some
@given(limit=st.integers(60, 400), ahead=st.floats(0, 120), seed=seeds, dated=st.booleans())
def test_a_limit_that_is_not_known_is_learnt_from_one_burst_of_refusals(limit, ahead, seed, dated):
    server = Counting(creations=limit, ahead=ahead, told=False, dated=dated)
    if not dated:
        server.ahead = 0.0  # then our clock is all there is
    work = limit * 10
    took = run(server, [Budget()], work, seed, slowest=0.05)
    assert 1 <= server.refused <= 2 * 8
    assert took < 1.2 * 10 * 60


@pytest.mark.parametrize("limit", [3, 10])
def test_a_tiny_limit_is_found_by_halving(limit):
    server = Counting(creations=limit, told=False)
    run(server, [Budget()], limit * 12, slowest=0.05)
    assert server.refused <= 8 * 6


def test_what_others_use_up_does_not_halve_it_more_than_once():
    budget = known(200)
    for _ in range(8):
        budget.claim(Kind.CREATE_ISSUE, START)
    for _ in range(8):
        budget.learn(Kind.CREATE_ISSUE, 429, {"Retry-After": "20"}, START)
    assert budget.opens(Kind.CREATE_ISSUE, START) == START + 20
    moments = [budget.claim(Kind.CREATE_ISSUE, START) for _ in range(101)]
    assert moments[:100] == [START + 20] * 100
    assert moments[100] == START + 80


@some
@given(limit=st.integers(200, 2000), ahead=st.floats(0, 120), seed=seeds, shards=st.integers(1, 4))
def test_the_limit_that_headers_tell_is_not_hit(limit, ahead, seed, shards):
    server = Counting(requests=limit, ahead=ahead)
    budgets = [Budget(share=1 / shards) for _ in range(shards)]
    work = limit * 3 // shards
    took = run(server, budgets, work, seed, slowest=0.05)
    assert server.refused == 0
    assert took < 60 * 4.5


def headers(remaining, reset, **more):
    named = {name.replace("_", "-"): str(value) for name, value in more.items()}
    return {"RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(int(reset)), **named}


def asked(budget, answer, now=START, status=200):
    budget.claim(Kind.READ, now)
    budget.learn(Kind.READ, status, answer, now)


def test_what_is_told_of_an_older_window_is_old():
    budget = Budget()
    asked(budget, headers(5, START + 60, RateLimit_Limit=100))
    asked(budget, headers(0, START - 60, Date=formatdate(START - 90, usegmt=True)))
    assert [budget.claim(Kind.READ, START) for _ in range(5)][-1] == START + 60


def test_a_late_answer_does_not_close_the_next_window():
    budget = Budget()
    late = headers(0, START + 10, RateLimit_Limit=500)
    asked(budget, headers(2, START + 10, RateLimit_Limit=500))
    budget.claim(Kind.READ, START)
    assert budget.claim(Kind.READ, START) == START + 10
    budget.learn(Kind.READ, 200, late, START + 10)
    assert budget.claim(Kind.READ, START + 10) == START + 10


def test_an_unanswered_request_counts_as_under_way_until_it_is_given_up():
    budget = Budget()
    for _ in range(3):
        budget.claim(Kind.READ, START)
    budget.learn(Kind.READ, None, {}, START)
    budget.learn(Kind.READ, 200, headers(2, START + 30), START)
    assert budget.claim(Kind.READ, START) == START
    assert budget.claim(Kind.READ, START) == START + 30
    assert budget.claim(Kind.READ, START) == START + 30  # nothing is known of that window


def test_one_refusal_of_a_request_stops_all():
    budget = Budget()
    asked(budget, {"Retry-After": "7"}, status=429)
    assert budget.claim(Kind.CREATE_NOTE, START) == START + 7
    assert budget.opens(Kind.WRITE, START) == START + 7
    asked(budget, headers(0, START + 40), status=429)
    assert budget.opens(Kind.WRITE, START) == START + 40
    asked(budget, {}, START + 50, status=429)
    assert budget.opens(Kind.WRITE, START + 50) == START + 50
    budget.rest(START + 55)
    budget.rest(START + 52)
    assert budget.opens(Kind.WRITE, START + 50) == START + 55


def test_a_refused_creation_stops_only_its_kind_and_project():
    budget = Budget()
    budget.claim(Kind.CREATE_ISSUE, START, "1")
    told = headers(900, START + 60, Date=formatdate(START + 5, usegmt=True))
    budget.learn(Kind.CREATE_ISSUE, 429, told, START, "1")
    minute = (START + 5) % 60
    assert budget.opens(Kind.CREATE_ISSUE, START, "1") == START + 60 - minute
    assert budget.opens(Kind.CREATE_ISSUE, START, "2") == START
    assert budget.opens(Kind.CREATE_NOTE, START) == START


def test_a_creation_that_the_limit_on_requests_refuses_teaches_nothing_about_creations():
    budget = Budget()
    budget.claim(Kind.CREATE_ISSUE, START)
    budget.learn(Kind.CREATE_ISSUE, 429, headers(0, START + 9), START)
    assert budget.opens(Kind.READ, START) == START + 9
    assert budget.claim(Kind.CREATE_ISSUE, START + 9) == START + 9


def test_the_size_of_a_window_is_what_was_used_and_what_is_left():
    """`RateLimit-Limit` is rounded to a minute; here the period is ten."""
    budget = Budget()
    asked(budget, headers(0, START + 600, RateLimit_Limit=9))
    asked(budget, headers(50, START + 1200, RateLimit_Limit=9, RateLimit_Observed=40), START + 600)
    for _ in range(50):
        assert budget.claim(Kind.READ, START + 600) == START + 600
    assert [budget.claim(Kind.READ, START + 600) for _ in range(90)] == [START + 1200] * 90
    assert budget.claim(Kind.READ, START + 600) == START + 1260


@pytest.mark.parametrize(
    ("verb", "path", "counted"),
    [
        ("GET", "/user", (Kind.READ, "")),
        ("GET", "/projects/3/issues", (Kind.READ, "3")),
        ("POST", "/projects/3/issues", (Kind.CREATE_ISSUE, "3")),
        ("PUT", "/projects/3/issues/4", (Kind.WRITE, "")),
        ("POST", "/projects/3/issues/4/move", (Kind.WRITE, "")),
        ("POST", "/projects/3/issues/4/notes", (Kind.CREATE_NOTE, "")),
        ("GET", "/projects/3/issues/4/notes", (Kind.READ, "")),
        ("POST", "/projects/3/issues/4/discussions", (Kind.CREATE_NOTE, "")),
        ("GET", "/groups/a%2Fb/members/all", (Kind.LIST_MEMBERS, "")),
        ("GET", "/projects/3/members/all/7", (Kind.READ, "")),
        ("GET", "/users/7", (Kind.READ_USER, "")),
        ("GET", "/users/7/events", (Kind.READ, "")),
        ("DELETE", "/groups/a/labels/b", (Kind.WRITE, "")),
    ],
)
def test_what_a_request_counts_as(verb, path, counted):
    assert kind_of(verb, path) == counted


def test_the_limits_of_gitlab_com_are_known_and_others_are_learnt():
    assert limits_of("https://gitlab.com/x") is GITLAB_COM
    assert limits_of("https://gitlab.example.com").rate(Kind.CREATE_ISSUE) == Rate(None)
    assert GITLAB_COM.rate(Kind.CREATE_NOTE) == Rate(60)
    assert GITLAB_COM.rate(Kind.WRITE) is None

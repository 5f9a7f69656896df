"""A GitLab with limits that are scaled down, and a plan that is far past them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from automation import remote
from automation.apply import LANES, apply
from automation.model.change import CreateIssue, Status
from automation.plan import Plan
from automation.remote.budget import Budget
from automation.remote.limits import Kind, Limits, Rate
from tests.e2e.outside import BOT, PLANNER, Site
from tests.support.builders import MONDAY
from tests.support.changes import PLENTY, opening

SERVER = """
from automation.sandbox.server import serve
serve("127.0.0.1", 0, ":memory:", "root-token", None, lambda url: print(url, flush=True))
"""
TOO_MANY = 429


class Counting(Budget):
    """The real budget, which also counts the answers by their status."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.answers: Counter[int | None] = Counter()

    def learn(
        self,
        kind: Kind,
        status: int | None,
        headers: Mapping[str, str],
        now: float,
        scope: str = "",
    ) -> None:
        self.answers[status] += 1
        super().learn(kind, status, headers, now, scope)


@dataclass(frozen=True)
class Limited:
    """So many creations in so many seconds, and not one more."""

    site: Site
    project_id: int
    rate: Rate

    def create(self, number: int, known: Rate) -> Went:
        """Open so many issues; `known` is what the pacer knows of the limit beforehand."""
        pace = Counting(Limits({Kind.CREATE_ISSUE: known}))
        pacer = remote.Pacer(pace=pace)
        _, writer = remote.connect(self.site.url, self.site.tokens[BOT], pacer=pacer)
        plan = Plan(now=MONDAY, changes=tuple(self._changes(number)), bounds=PLENTY)
        there = len(self.site.issues())
        began = time.monotonic()
        outcomes = list(apply(plan, writer, LANES))
        seconds = time.monotonic() - began
        assert [one for one in outcomes if one.status is not Status.DONE] == []
        assert len(self.site.issues()) == there + number
        return Went(seconds, pace.answers.total(), pace.answers[TOO_MANY])

    def _changes(self, number: int) -> Iterator[CreateIssue]:
        for n in range(number):
            yield opening(
                f"w/m{n:04}/1", project_id=self.project_id, title=f"Issue {n:04}", labels=("x",)
            )


@dataclass(frozen=True)
class Went:
    """How a plan went: seconds, requests, and how many of them were answered 429."""

    seconds: float
    requests: int
    refused: int


@contextmanager
def limited(count: int | None, seconds: int) -> Iterator[Limited]:
    """Serves such a GitLab in real time, as a process of its own; None: with no limit."""
    argv = [sys.executable, "-c", SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            site = Site(server.stdout.readline().strip())
            site.user(BOT)
            project = site.project("support/loops")
            site.member("groups", "support", BOT, PLANNER)
            limits = {"issues_per_minute": count, "window_seconds": seconds}
            site.root.put("/sandbox/limits", **limits)
            yield Limited(site, project, Rate(count, seconds))
        finally:
            server.kill()

"""Processes that are killed for good, over sockets, in the middle of reading and of writing."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import served
from tests.e2e.drive import apply, started, wait_until
from tests.e2e.outside import ROOT_TOKEN, Site
from tests.faults.campaign import Scene, Stage, later
from tests.faults.looking import broken_laws, differences, look
from tests.support.gitlab_state import restore, saved

LATE = 0.3
"""How long GitLab takes for the request whose sender dies, in seconds."""


def killed_at(site: Site, scene: Scene, method: str, number: int) -> None:
    """Run the scene until a request is under way, kill it, and let GitLab do what it was asked."""
    slow = {"action": "delay", "seconds": LATE}
    site.faults({**slow, "method": method, "nth": number}, {**slow, "route": "/version$"})
    with started(site, scene.job.verb, scene.job.now, root=scene.job.repo) as process:
        wait_until(lambda: site.struck()[0] >= number, f"{method} number {number} is under way")
        process.kill()
        process.communicate(timeout=60)
    site.root.get("/version")  # is as late as what was asked for before it
    site.faults()


def seen_in(stage: Stage, site: Site):
    stage.house.load(saved(site.url, ROOT_TOKEN))
    return look(stage.house)


@pytest.mark.parametrize(
    ("chapter", "method", "number"),
    [("third week", "POST", 3), ("third week", "POST", 9)],
)
def test_a_process_that_is_killed_leaves_nothing_that_the_next_ones_do_not_mend(
    stage, scenes, chapter, method, number
):
    scene = scenes[chapter]
    with served(now=scene.job.now, tokens=scene.tokens) as site:
        restore(site.url, ROOT_TOKEN, scene.state)
        killed_at(site, scene, method, number)
        apply(site, later(scene.job, 1).now, root=scene.job.repo)
        assert apply(site, later(scene.job, 2).now, root=scene.job.repo).nothing_to_do
        there = seen_in(stage, site)
    assert not [*broken_laws(scene.before, there)]
    assert not differences(scene.after, there)

"""Everything that is shipped, on one GitLab: each loop is opened, ticked and closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.world import World, build
from automation.model.metrics import Activity
from automation.model.questions import ActivityOf
from automation.remote import connect
from automation.sandbox.server import running
from tests.e2e.drive import Ran, drumbeat
from tests.e2e.outside import BOT, ROOT_TOKEN, Site
from tests.support.sample import REPOSITORY

DECEMBER = "2026-12-07T16:00:00Z"
"""A month's first Monday, in a quarter and in a year that have loops of their own."""
MAY = "2027-05-03T16:00:00Z"
"""Two days after the yearly feedback begins."""


@pytest.fixture
def world() -> Iterator[World]:
    organisation = open_loops(REPOSITORY).organisation
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with running(root_token=ROOT_TOKEN, now=now) as url:
        loops = open_loops(REPOSITORY)
        moments = (datetime.fromisoformat(moment) for moment in (DECEMBER, MAY))
        places = {one.project for moment in moments for one in loops.current(moment)}
        yield build(Api(url, ROOT_TOKEN), organisation, sorted(places))


def run(world: World, now: str) -> Ran:
    return drumbeat(Site(world.root.url, {BOT: world.token}), "apply", now, root=REPOSITORY)


def tick_all(world: World) -> None:
    for issue in world.loops(state="opened", labels="drumbeat"):
        path = f"/projects/{issue['project_id']}/issues/{issue['iid']}"
        world.root.put(path, description=issue["description"].replace("- [ ]", "- [x]"))


def cadences(world: World, **query: str) -> Counter[str]:
    """How many loops of each cadence there are."""
    names = [
        label.removeprefix("cadence::")
        for issue in world.loops(**query)
        for label in issue["labels"]
        if label.startswith("cadence::")
    ]
    return Counter(names)


@pytest.mark.slow
def test_every_loop_of_the_sample_is_opened_ticked_and_closed(world: World) -> None:
    for moment in (DECEMBER, MAY):
        world.move_clock(moment)
        run(world, moment)
        assert run(world, moment).nothing_to_do
        tick_all(world)
        later = moment.replace("T16", "T18")
        world.move_clock(later)
        run(world, later)
        assert cadences(world, state="opened") == {}
    shipped = {one.name for one in open_loops(REPOSITORY).organisation.cadences}
    assert cadences(world, labels="loop::done").keys() == shipped
    assert len(world.loops()) == sum(cadences(world, labels="loop::done").values())


def test_what_a_report_did_in_gitlab_is_counted_by_day(world: World) -> None:
    """One issue closed in a week of its own; the days before and after do not count."""
    world.move_clock("2027-06-09T10:00:00Z")
    engineer = world.users["se-301"]
    path = f"/projects/{world.project('support/sgg/baobab')}/issues"
    issue = engineer.post(path, title="A better runbook")
    engineer.put(f"{path}/{issue['iid']}", state_event="close")
    reader, _ = connect(world.root.url, world.token)
    me = world.root.get("/users", username="se-301")[0]["id"]
    before = ActivityOf(me, date(2027, 6, 1), date(2027, 6, 8))
    on_it = ActivityOf(me, date(2027, 6, 9), date(2027, 6, 9))
    after = ActivityOf(me, date(2027, 6, 10), date(2027, 6, 13))
    done = Activity(issues_opened=1, issues_closed=1)
    assert reader.answer([before, on_it, after]) == {
        before: Activity(),
        on_it: done,
        after: Activity(),
    }

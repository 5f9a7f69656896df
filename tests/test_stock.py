"""Which lists are read, and which issues are taken for which loops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from automation.model.issue import Identity, IssueQuery
from automation.model.key import LoopKey
from automation.model.questions import IssuesOf, WhoAmI
from automation.model.snapshot import Missing, NotReadable, Snapshot, Unreadable
from automation.stock import take_stock
from tests.support.builders import MONDAY, an_org, at
from tests.support.fake_gitlab import BOT

QUARTERS = {"rrule": "FREQ=MONTHLY;BYMONTH=2,5,8,11"}


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager("mgr-1").with_manager("mgr-2").with_cadence()


def queries(loops, now, server_time):
    """What is asked once it is known who asks."""
    snapshot = Snapshot().knowing({WhoAmI(): Identity(BOT, server_time)})
    with pytest.raises(Missing) as caught:
        take_stock(loops, snapshot, now)
    lists = [one for one in caught.value.questions if isinstance(one, IssuesOf)]
    assert len(lists) == len(caught.value.questions)
    return [one.query for one in lists]


def test_who_asks_is_asked_first(org):
    with pytest.raises(Missing) as caught:
        take_stock(org.loops(), Snapshot(), MONDAY)
    assert caught.value.questions == (WhoAmI(),)


SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
"""A day before the week began where the managers are."""


def test_current_loops_are_found_by_date_and_older_ones_by_their_state(org):
    assert queries(org.loops(), MONDAY, MONDAY) == [
        IssueQuery("support", created_after=SUNDAY),
        IssueQuery("support", state="opened", author=BOT.username, created_before=SUNDAY),
        IssueQuery(
            "support",
            state="opened",
            labels=("drumbeat",),
            not_author=BOT.username,
            created_before=SUNDAY,
        ),
        IssueQuery(
            "support",
            state="closed",
            labels=("drumbeat",),
            without=("loop::done", "loop::missed", "loop::waived"),
            created_before=SUNDAY,
        ),
    ]


def test_long_periods_are_listed_without_the_short_ones_loops(org):
    org.with_cadence("quarterly", period="fiscal-quarter", schedule=QUARTERS)
    org.with_cadence("daily", period="day", schedule={"rrule": "FREQ=DAILY"})
    first, second, *_rest = queries(org.loops(), MONDAY, MONDAY)
    assert first == IssueQuery("support", created_after=SUNDAY)
    assert second == IssueQuery(
        "support",
        created_after=datetime(2026, 10, 31, tzinfo=UTC),
        created_before=SUNDAY,
        without=("cadence::daily", "cadence::weekly"),
    )


def test_the_window_begins_where_the_period_begins_first(org):
    org.with_manager("mgr-3", timezone="Pacific/Auckland")
    (first, *_rest) = queries(org.loops(), MONDAY, MONDAY)
    assert first.created_after == at("2026-11-22T00:00+13:00") - timedelta(hours=0)


def test_the_window_does_not_depend_on_the_weekday_of_the_schedule(org):
    org.cadences.clear()
    org.with_cadence(schedule={"rrule": "FREQ=WEEKLY;BYDAY=FR"})
    (first, *_rest) = queries(org.loops(), at("2026-11-27T09:00Z"), None)
    assert first.created_after == SUNDAY


@pytest.mark.parametrize(
    ("ahead", "whole"),
    [
        (timedelta(hours=-5), False),
        (timedelta(0), False),
        (timedelta(days=1), False),
        (timedelta(days=1, seconds=1), True),
        (timedelta(weeks=60), True),
    ],
)
def test_a_clock_that_is_ahead_of_gitlabs_needs_the_whole_list(org, ahead, whole):
    asked = queries(org.loops(), MONDAY, MONDAY - ahead)
    assert (asked == [IssueQuery("support")]) is whole


def test_without_any_cadence_the_past_is_still_looked_after(tmp_path):
    asked = queries(an_org(tmp_path).loops(), MONDAY, None)
    assert [one.state for one in asked] == ["all", "opened", "opened", "closed"]


def stock_of(scene):
    """The stock as a run takes it."""
    snapshot = Snapshot()
    while True:
        try:
            return take_stock(scene.loops, snapshot, scene.now)
        except Missing as missing:
            snapshot = snapshot.knowing(scene.gitlab.answer(missing.questions))


def test_a_list_that_cannot_be_read_leaves_no_stock(org):
    scene = org.scene()
    (first, *_rest) = queries(scene.loops, scene.now, scene.now)
    scene.gitlab.unreadable[IssuesOf(first)] = Unreadable("502 Bad Gateway")
    with pytest.raises(NotReadable, match="502 Bad Gateway"):
        stock_of(scene)


def test_every_loop_is_held_once_oldest_first_however_many_lists_name_it(org):
    scene = org.scene()
    scene.run()
    scene.run("2026-11-30T09:00Z")
    scene.now = at("2026-11-23T09:00Z")
    keys = [str(held.key) for held in stock_of(scene).held]
    assert sorted(keys) == [f"weekly/mgr-{n}/2026-W{week}" for n in (1, 2) for week in (48, 49)]
    times = [held.issue.created_at for held in stock_of(scene).held]
    assert times == sorted(times)


def test_peoples_issues_are_no_loops(org):
    scene = org.scene()
    scene.run()
    issue = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.open("support/loops", issue.title, issue.description, author=scene.person())
    assert len(stock_of(scene).held) == 2


def test_a_loop_that_was_opened_a_moment_before_its_time_is_known_by_its_title(org):
    """GitLab's clock may be behind: what it says is when the issue was made."""
    scene = org.scene(at("2026-11-23T07:59Z"))
    scene.loops.library.get("weekly.md")
    (first, _second) = [loop for loop in scene.loops.current(at("2026-11-23T08:01Z")) if loop.key]
    scene.gitlab.open(first.project, first.title, author=scene.gitlab.me)
    assert stock_of(scene).exists(first.key)


def test_a_title_that_cannot_be_rendered_names_nothing(org):
    org.with_cadence("broken", title="{{ nonsense }}")
    scene = org.scene()
    scene.gitlab.open("support/loops", "", "text", author=scene.gitlab.me)
    scene.gitlab.open("support/loops", "x", "text", author=scene.gitlab.me)
    assert stock_of(scene).held == ()


def test_a_marker_of_a_policy_that_is_gone_still_names_its_key(org):
    scene = org.scene()
    marker = "<!-- drumbeat:loop former/mgr-1/2026-W48 -->"
    scene.gitlab.open("support/loops", "Former", marker, author=scene.gitlab.me)
    marker = "<!-- drumbeat:loop weekly/former/2026-W48 -->"
    scene.gitlab.open("support/loops", "Former", marker, author=scene.gitlab.me)
    assert [str(held.key) for held in stock_of(scene).held] == [
        "former/mgr-1/2026-W48",
        "weekly/former/2026-W48",
    ]


def test_what_is_others_still_on_a_loop(org):
    scene = org.scene()
    scene.run()
    one, other = scene.issues()
    key = LoopKey("weekly", "mgr-1", "2026-W49")
    this = LoopKey("weekly", "mgr-1", "2026-W48")
    assert [held.key for held in stock_of(scene).others_still_on(key)] == [this]
    assert stock_of(scene).others_still_on(this) == ()
    assert stock_of(scene).others_still_on(replace(key, cadence="other")) == ()
    scene.gitlab.relabel(one, scene.person(), add=["loop::waived"])
    assert stock_of(scene).others_still_on(key) == ()
    scene.gitlab.relabel(one, scene.person(), remove=["loop::waived"])
    scene.gitlab.rename(one, scene.person(), other.title)
    assert stock_of(scene).others_still_on(key) == ()

"""Missed periods that are opened later: once each, and then nothing more to do."""

from __future__ import annotations

import pytest

from automation.apply import apply
from automation.planner import bounds
from tests.support.builders import an_org, at, opened, told


def weeks(*numbers):
    return [f"weekly/mgr-1/2026-W{number}" for number in numbers]


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path)


def scene(org, backfill=3, starts="2026-11-02", manager=None, **more):
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "starts": starts}
    org.with_manager(**(manager or {}))
    org.with_cadence(schedule=schedule, backfill=backfill, when_previous_open="keep_both", **more)
    return org.scene(at("2026-11-23T09:00Z"))


def test_what_was_missed_is_opened_with_the_current_one(org):
    story = scene(org)
    assert opened(story.run()) == weeks(45, 46, 47, 48)
    assert told(story.plan()) == []
    first = story.issue("weekly/mgr-1/2026-W45")
    assert first.title == "weekly of mgr-1, 2026-W45"
    assert str(first.due_date) == "2026-11-06"


def test_settled_afterwards_and_in_the_weeks_to_come(org):
    story = scene(org, starts="2026-11-16")
    assert opened(story.run()) == weeks(47, 48)
    assert opened(story.plan()) == []
    assert opened(story.run("2026-11-30T09:00Z")) == weeks(49)
    assert opened(story.run("2026-12-21T09:00Z")) == weeks(50, 51, 52)
    assert opened(story.run("2026-12-21T10:00Z")) == []


def test_not_before_the_cadence_starts(org):
    assert opened(scene(org, backfill=12, starts="2026-11-16").plan()) == weeks(47, 48)


def test_not_while_paused_excepted_or_away(org):
    story = scene(
        org,
        backfill=6,
        starts="2026-10-05",
        manager={"joined": "2026-10-19"},
        pauses=[{"start": "2026-10-26", "end": "2026-10-26"}],
    )
    assert opened(story.plan()) == weeks(43, 45, 46, 47, 48)


def test_the_n_before_are_occurrences_and_what_is_left_out_is_none(org):
    org.with_manager()
    org.with_cadence(
        schedule={
            "rrule": "FREQ=WEEKLY;BYDAY=MO",
            "starts": "2026-11-02",
            "excluded": ["2026-11-16"],
        },
        backfill=1,
        when_previous_open="keep_both",
    )
    assert opened(org.scene(at("2026-11-23T09:00Z")).plan()) == weeks(46, 48)


def test_a_person_closed_a_backfilled_one_and_it_stays_closed(org):
    """The listing reaches back to the first of them, whatever its labels are."""
    story = scene(org)
    story.run()
    issue = story.issue("weekly/mgr-1/2026-W45")
    story.gitlab.relabel(issue, story.person(), (), tuple(issue.labels))
    story.gitlab.close(issue, story.person())
    assert opened(story.run("2026-11-25T09:00Z")) == []


def test_a_backfilled_one_is_known_by_its_title_alone(org):
    story = scene(org)
    story.run()
    issue = story.issue("weekly/mgr-1/2026-W46")
    story.gitlab.edit(issue, story.person(), "- [ ] all of it rewritten")
    assert opened(story.run("2026-11-25T09:00Z")) == []
    assert opened(story.run("2026-11-30T09:00Z")) == weeks(49)


def test_the_loop_of_a_backfilled_issue_is_that_of_its_own_week(org):
    """Also when the policy back-fills no more."""
    story = scene(org)
    story.run()
    issue = story.issue("weekly/mgr-1/2026-W45")
    org.cadences[0] = org.cadences[0].model_copy(update={"backfill": 0})
    loops = org.loops()
    (key,) = {loop.key for loop in story.loops.due(story.now) if str(loop.key) == weeks(45)[0]}
    assert loops.for_key(key, issue.created_at).key == key
    assert [str(loop.key) for loop in loops.due(story.now)] == weeks(48)


def test_an_interrupted_backfill_goes_on(org):
    story = scene(org)
    plan = story.plan()
    half = plan.model_copy(update={"changes": plan.changes[:-2]})
    assert len(list(apply(half, story.gitlab))) == len(plan.changes) - 2
    assert opened(story.run("2026-11-23T10:00Z")) == weeks(47, 48)
    assert opened(story.run("2026-11-23T11:00Z")) == []


def test_the_limit_leaves_room_for_it(org):
    story = scene(org, backfill=12)
    assert bounds(story.loops).create == 16  # 1.2 times 13
    assert bounds(story.loops).close == 2

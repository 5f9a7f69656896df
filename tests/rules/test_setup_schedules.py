"""Pipeline schedules: made, mended, taken over from owners who are gone; left to living ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.apply import apply
from automation.model.issue import User
from automation.model.provision import ScheduleSpec
from automation.model.questions import SchedulesOf, ScheduleVariablesOf
from automation.model.snapshot import Unreadable
from automation.planner import make_plan, setup_rules
from tests.support.builders import an_org, told

PLACE = "support/drumbeat"
KEY = f"{PLACE}: Hourly"
SPEC = {"description": "Hourly", "cron": "17 * * * *", "project": PLACE}
WITH = {"variables": {"MODE": "fast", "OLD": None}}


def scene_with(tmp_path, *specs, branch="main"):
    scene = an_org(tmp_path).with_manager().with_cadence().scene()
    schedules = tuple(ScheduleSpec.model_validate(SPEC | spec) for spec in specs)
    organisation = replace(scene.loops.organisation, schedules=schedules)
    scene.loops = replace(scene.loops, organisation=organisation)
    scene.gitlab.with_project(PLACE, default_branch=branch)
    return scene


def plan_of(scene):
    return make_plan(scene.loops, scene.gitlab, scene.now, setup_rules)


def changes(scene):
    return [one for one in plan_of(scene).changes if one.kind == "ensure-schedule"]


def settled(scene):
    assert {one.status for one in apply(plan_of(scene), scene.gitlab)} <= {"done"}
    assert plan_of(scene).empty
    return scene


def drift(scene, **facts):
    """Somebody changes the only schedule."""
    (schedule,) = scene.gitlab.schedules[PLACE]
    scene.gitlab.schedules[PLACE] = [replace(schedule, **facts)]


def test_a_schedule_is_made_on_the_default_branch_and_is_then_settled(tmp_path):
    scene = scene_with(tmp_path, {})
    (change,) = changes(scene)
    assert (change.key, change.ref, change.reason) == (KEY, "main", "policies ask for it")
    assert (change.before, change.take_ownership) == (None, False)
    settled(scene)
    (schedule,) = scene.gitlab.schedules[PLACE]
    assert (schedule.description, schedule.ref, schedule.cron, schedule.timezone) == (
        "Hourly",
        "refs/heads/main",
        "17 * * * *",
        "UTC",
    )
    assert (schedule.active, schedule.owner) == (True, scene.gitlab.me)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"cron": "0 0 * * *"}, "it runs at 0 0 * * *"),
        ({"timezone": "Europe/Dublin"}, "its time zone is Europe/Dublin"),
        ({"ref": "refs/heads/try"}, "it runs on refs/heads/try"),
        ({"active": False}, "it is not active"),
        ({"owner": None}, "its owner is gone"),
        ({"owner": User(77, "gone", state="blocked")}, "its owner @gone is blocked"),
        (
            {"active": False, "owner": User(77, "gone", state="deactivated")},
            "it is not active, its owner @gone is deactivated",
        ),
    ],
)
def test_what_drifted_is_put_right(tmp_path, facts, reason):
    scene = settled(scene_with(tmp_path, {}))
    drift(scene, **facts)
    (change,) = changes(scene)
    assert change.reason == reason
    assert change.take_ownership is ("owner" in facts)
    settled(scene)


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ("main", "refs/heads/main"),
        ("v1", "refs/tags/v1"),
        ("refs/tags/v1", "refs/tags/v1"),
        ("odd", "odd"),
    ],
)
def test_a_ref_is_the_same_in_short_and_in_full(tmp_path, wanted, held):
    scene = settled(scene_with(tmp_path, {"ref": wanted}))
    drift(scene, ref=held)
    assert plan_of(scene).empty


def test_one_that_shall_not_be_active_is_switched_off(tmp_path):
    scene = settled(scene_with(tmp_path, {"active": False}))
    drift(scene, active=True)
    (change,) = changes(scene)
    assert change.reason == "it is active"


def test_without_a_known_default_branch_nothing_is_made_and_nothing_moved(tmp_path):
    scene = scene_with(tmp_path, {}, branch="")
    assert [key for key, _, _ in told(plan_of(scene))] == [KEY]
    assert "default branch of support/drumbeat is not known" in plan_of(scene).problems[0].message
    del scene.gitlab.projects[PLACE]
    assert plan_of(scene).problems[0].blocking
    other = settled(scene_with(tmp_path, {"ref": "main"}))
    other.loops = scene.loops
    other.gitlab.projects[PLACE] = replace(other.gitlab.projects[PLACE], default_branch="")
    drift(other, ref="refs/heads/try")
    assert plan_of(other).empty


def test_only_the_variables_that_are_named_are_touched(tmp_path):
    scene = settled(scene_with(tmp_path, WITH))
    (schedule,) = scene.gitlab.schedules[PLACE]
    held = scene.gitlab.schedule_variables[schedule.id]
    assert held == {"MODE": "fast"}
    held |= {"MODE": "slow", "OLD": "1", "THEIRS": "x"}
    (change,) = changes(scene)
    assert change.reason == "variables differ: MODE, OLD"
    assert [(one.key, one.value, one.there) for one in change.variables] == [
        ("MODE", "fast", True),
        ("OLD", None, True),
    ]
    settled(scene)
    assert held == {"MODE": "fast", "THEIRS": "x"}


def test_a_living_owners_schedule_is_left_to_them(tmp_path):
    scene = settled(scene_with(tmp_path, {}))
    drift(scene, owner=User(77, "anna"))
    assert plan_of(scene).empty
    drift(scene, active=False)
    (problem,) = plan_of(scene).problems
    assert changes(scene) == []
    assert (problem.key, problem.blocking) == (KEY, True)
    assert problem.message == "it belongs to @anna, and only they can change it: it is not active"
    assert problem.remedy.startswith("Let @anna change it")
    scene.gitlab.is_admin = True
    (change,) = changes(scene)
    assert not change.take_ownership
    settled(scene)


def test_two_with_one_description_are_told(tmp_path):
    scene = settled(scene_with(tmp_path, {}))
    (schedule,) = scene.gitlab.schedules[PLACE]
    scene.gitlab.schedules[PLACE].append(replace(schedule, id=999))
    assert told(plan_of(scene)) == [(KEY, "there are 2 schedules with this description", True)]


def test_a_project_that_cannot_be_read_is_told_once_and_hides_no_other_area(tmp_path):
    scene = scene_with(tmp_path, {}, {"description": "Daily"})
    scene.gitlab.unreadable[SchedulesOf(PLACE)] = Unreadable("403", "Ask.")
    plan = plan_of(scene)
    assert told(plan) == [(f"schedules of {PLACE}", "403", True)]
    assert {one.kind for one in plan.changes} == {"ensure-label"}


def test_variables_that_cannot_be_read_stop_that_schedule_alone(tmp_path):
    scene = settled(scene_with(tmp_path, WITH, {"description": "Daily"}))
    hourly = next(one for one in scene.gitlab.schedules[PLACE] if one.description == "Hourly")
    scene.gitlab.unreadable[ScheduleVariablesOf(PLACE, hourly.id)] = Unreadable("hidden")
    scene.gitlab.schedules[PLACE] = [
        replace(one, active=False) for one in scene.gitlab.schedules[PLACE]
    ]
    assert told(plan_of(scene)) == [(KEY, "hidden", True)]
    assert [one.key for one in changes(scene)] == [f"{PLACE}: Daily"]


def test_a_run_never_touches_schedules_or_boards(tmp_path):
    scene = scene_with(tmp_path, {})
    plan = scene.plan()
    assert {one.kind for one in plan.changes} <= {"ensure-label", "create-issue", "transition"}
    assert scene.gitlab.asked["SchedulesOf"] == scene.gitlab.asked["BoardsOf"] == 0

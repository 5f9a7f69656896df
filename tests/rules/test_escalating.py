"""A director hears of loops that were missed in a row: on the newest loop, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.apply import apply
from automation.labels import ATTENTION, State
from automation.planner import make_plan
from tests.support.builders import MONDAY, OrgBuilder

WEEK = timedelta(days=7)


@pytest.fixture
def org(tmp_path):
    return (
        OrgBuilder(tmp_path)
        .with_manager()
        .with_cadence(escalate={"after_missed": 2, "to": "director"})
    )


def run(org, gitlab, now):
    gitlab.now = max(gitlab.now, now)
    plan = make_plan(org.loops(), gitlab, now)
    outcomes = list(apply(plan, gitlab))
    assert {outcome.status for outcome in outcomes} <= {"done"}
    assert make_plan(org.loops(), gitlab, now).empty
    return plan


def newest(gitlab):
    return max(gitlab.issues.values(), key=lambda issue: issue.id)


def test_after_two_missed_loops_the_third_tells_the_director(org):
    gitlab = org.gitlab()
    for week in range(2):
        run(org, gitlab, MONDAY + week * WEEK)
    plan = run(org, gitlab, MONDAY + 2 * WEEK)
    third = newest(gitlab)
    assert ATTENTION in third.labels
    assert third.description.startswith(
        "> [!important]\n> @dir-1: mgr-1 missed this 2 times in a row (2026-W49, 2026-W48)."
    )
    opened = next(change for change in plan.changes if change.kind == "create-issue")
    assert opened.mentions == ("dir-1",)


def test_one_missed_loop_is_no_reason(org):
    gitlab = org.gitlab()
    for week in range(2):
        run(org, gitlab, MONDAY + week * WEEK)
    assert ATTENTION not in newest(gitlab).labels
    assert "@dir-1" not in newest(gitlab).description


def test_a_loop_that_was_done_ends_the_row(org):
    gitlab = org.gitlab()
    run(org, gitlab, MONDAY)
    run(org, gitlab, MONDAY + WEEK)
    second = newest(gitlab)
    gitlab.edit(second, gitlab.with_user("mgr-1"), second.description.replace("[ ]", "[x]"))
    run(org, gitlab, MONDAY + WEEK + timedelta(days=1))
    assert State.DONE in gitlab.current(second).labels
    run(org, gitlab, MONDAY + 2 * WEEK)
    run(org, gitlab, MONDAY + 3 * WEEK)
    assert ATTENTION not in newest(gitlab).labels


def test_a_waived_loop_ends_the_row(org):
    gitlab = org.gitlab()
    run(org, gitlab, MONDAY)
    run(org, gitlab, MONDAY + WEEK)
    gitlab.close(newest(gitlab), gitlab.with_user("mgr-1"))
    run(org, gitlab, MONDAY + 2 * WEEK)
    run(org, gitlab, MONDAY + 3 * WEEK)
    assert ATTENTION not in newest(gitlab).labels


def test_history_is_asked_for_only_when_a_loop_is_about_to_be_missed(org):
    gitlab = org.gitlab()
    run(org, gitlab, MONDAY)
    gitlab.asked.clear()
    make_plan(org.loops(), gitlab, MONDAY)
    before = gitlab.asked["IssuesOf"]
    gitlab.asked.clear()
    gitlab.now = MONDAY + WEEK
    make_plan(org.loops(), gitlab, MONDAY + WEEK)
    assert gitlab.asked["IssuesOf"] == before + 1

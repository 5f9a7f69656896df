"""An open loop goes along when somebody takes over its subject."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from automation.apply import apply
from automation.model.issue import Role
from automation.model.roster import Report
from automation.planner import make_plan
from tests.support.builders import MONDAY, OrgBuilder

TUESDAY = MONDAY + timedelta(days=1)
OLD = {"until": date(2026, 11, 23)}
NEW = {"from": date(2026, 11, 24)}


def report(**facts):
    return Report(id="se-1", username="se-1", **facts)


@pytest.fixture
def org(tmp_path):
    """A report who changes from one manager to another on Tuesday."""
    return (
        OrgBuilder(tmp_path)
        .with_manager("mgr-1", team=[report(**OLD)])
        .with_manager("mgr-2", team=[report(**NEW)])
        .with_cadence(for_each="report")
    )


@pytest.fixture
def gitlab(org):
    gitlab = org.gitlab()
    for outcome in apply(make_plan(org.loops(), gitlab, MONDAY), gitlab):
        assert outcome.status == "done"
    gitlab.now = TUESDAY
    return gitlab


def the_loop(gitlab):
    (issue,) = gitlab.issues.values()
    return issue


def plan(org, gitlab):
    return make_plan(org.loops(), gitlab, TUESDAY)


def test_the_new_manager_gets_the_loop_with_a_word_to_both(org, gitlab):
    issue = the_loop(gitlab)
    gitlab.roles[issue.ref.project_id, gitlab.with_user("mgr-2").id] = Role.REPORTER
    made = plan(org, gitlab)
    assert [change.to for change in made.changes] == ["reassigned"]
    assert made.changes[0].say == "@mgr-1 @mgr-2 mgr-2 takes this over from mgr-1."
    assert made.changes[0].mentions == ("mgr-1", "mgr-2")
    list(apply(made, gitlab))
    assert [user.username for user in the_loop(gitlab).assignees] == ["mgr-2"]
    assert plan(org, gitlab).empty


def test_whoever_may_not_see_it_is_reported(org, gitlab):
    made = plan(org, gitlab)
    assert made.empty
    (told,) = made.problems
    assert told.message == (
        "@mgr-2 has taken over, but cannot be assigned: not a member of support/loops"
    )
    assert not told.blocking


def test_whoever_gitlab_does_not_know_is_reported(org, gitlab):
    del gitlab.users["mgr-2"]
    (told,) = plan(org, gitlab).problems
    assert told.message.endswith("GitLab knows no such user")


def test_whom_a_person_chose_instead_stays(org, gitlab):
    issue = the_loop(gitlab)
    gitlab._update(issue.ref, assignees=(gitlab.with_user("somebody"),))
    made = plan(org, gitlab)
    assert (made.changes, made.problems) == ((), ())


def test_a_person_who_gives_it_back_is_not_overruled(org, gitlab):
    issue = the_loop(gitlab)
    gitlab.roles[issue.ref.project_id, gitlab.with_user("mgr-2").id] = Role.REPORTER
    list(apply(plan(org, gitlab), gitlab))
    gitlab._update(issue.ref, assignees=(gitlab.with_user("mgr-1"),))
    assert plan(org, gitlab).empty


def test_nothing_is_asked_while_nobody_took_over(org, gitlab):
    gitlab.asked.clear()
    make_plan(org.loops(), gitlab, MONDAY)
    assert set(gitlab.asked) == {"WhoAmI", "IssuesOf"}

"""What the three years brought to light, each in as few days as it takes."""

from __future__ import annotations

import pytest

from automation.model.issue import Role
from automation.model.roster import Manager
from tests.support.builders import Scene, an_org, moves

MONDAY, WEDNESDAY, SATURDAY = "2026-11-23T09:00Z", "2026-11-25T09:00Z", "2026-11-28T09:00Z"
NEXT_MONDAY = "2026-11-30T09:00Z"


@pytest.fixture
def handed_over(tmp_path) -> Scene:
    """From Tuesday on, somebody else is this manager."""
    org = an_org(tmp_path).with_manager("mgr-1")
    old = org.managers[0].model_dump(by_alias=True)
    fresh = old | {"username": "fresh", "from": "2026-11-24"}
    org.managers = [
        Manager.model_validate(old | {"until": "2026-11-23"}),
        Manager.model_validate(fresh),
    ]
    scene = org.with_cadence(due="1 working day", remind=["1 day after due"]).scene()
    (project,) = scene.gitlab.projects.values()
    scene.gitlab.roles[project.id, scene.gitlab.with_user("fresh").id] = Role.REPORTER
    return scene


def test_a_loop_that_opens_after_the_handing_over_is_the_new_persons_at_once(handed_over):
    handed_over.run(WEDNESDAY)
    assert [one.username for one in handed_over.issue().assignees] == ["fresh"]
    assert handed_over.is_settled()


def test_who_takes_a_loop_over_is_told_that_it_is_overdue_in_the_same_run(handed_over):
    handed_over.run(MONDAY)
    handed_over.run(WEDNESDAY)
    given, overdue = handed_over.gitlab.said_on(handed_over.issue())
    assert given.startswith("@mgr-1 @fresh fresh takes this over from mgr-1.")
    assert overdue.startswith("@fresh this was due on Tuesday, 24 November")
    assert handed_over.plan().changes == ()


@pytest.mark.parametrize("now", [WEDNESDAY, SATURDAY])
def test_what_was_closed_without_a_word_and_reopened_gets_no_label_either(tmp_path, now):
    """Its label of an end was taken away by hand: still, a person reopened it (law 5)."""
    scene = an_org(tmp_path).with_manager().with_cadence(due="1 working day").scene()
    scene.run(MONDAY)
    issue, who = scene.issue(), scene.person()
    scene.gitlab.relabel(issue, who, add=["loop::waived"])
    scene.run("2026-11-24T09:00Z")
    assert not scene.gitlab.current(issue).opened
    scene.gitlab.reopen(issue, who)
    scene.gitlab.relabel(issue, who, remove=["loop::waived"])
    assert scene.plan(now).changes == ()


def test_a_double_does_not_end_a_row_of_missed_loops(tmp_path):
    """It was closed as waived, and is younger than the loop that was missed."""
    org = an_org(tmp_path).with_manager().with_cadence(escalate={"after_missed": 2})
    scene = org.scene()
    scene.run("2026-11-16T09:00Z")
    scene.run(MONDAY)
    issue, gitlab = scene.issue("weekly/mgr-1/2026-W48"), scene.gitlab
    double = gitlab.open(
        issue.project, issue.title, issue.description, author=gitlab.me, labels=issue.labels
    )
    assert moves(scene.run("2026-11-24T09:00Z")) == [("weekly/mgr-1/2026-W48", "loop::waived")]
    assert not gitlab.current(double).opened
    scene.run(NEXT_MONDAY)
    told = scene.issue("weekly/mgr-1/2026-W49")
    assert "missed this 2 times in a row (2026-W48, 2026-W47)" in told.description

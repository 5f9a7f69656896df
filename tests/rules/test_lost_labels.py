"""A loop that Drumbeat closed keeps its end, also where the label of it got lost on the way.

A note and what it does are not one: where a label is deleted between a plan and its doing,
the word is said and the issue is closed, and no label tells how it ended.
"""

from __future__ import annotations

import pytest

from tests.support.builders import an_org, moves

WEEK_47, WEEK_48, LATER = "2026-11-16T09:00Z", "2026-11-23T09:00Z", "2026-11-23T10:00Z"
OLD = "weekly/mgr-1/2026-W47"


@pytest.fixture
def scene(tmp_path):
    """The loop of last week was missed, and its label is gone."""
    scene = an_org(tmp_path).with_manager().with_cadence().scene()
    scene.gitlab.now = scene.gitlab.now.replace(day=1)
    scene.run(WEEK_47)
    scene.run(WEEK_48)
    scene.gitlab.relabel(scene.issue(OLD), scene.gitlab.me, remove=["loop::missed"])
    return scene


def test_what_drumbeat_closed_as_missed_is_missed(scene):
    plan = scene.run(LATER)
    assert moves(plan) == [(OLD, "loop::missed")]
    assert plan.changes[-1].reason == "it was closed as missed, and its label got lost"
    assert len(scene.gitlab.said_on(scene.issue(OLD))) == 1
    assert scene.is_settled()


def test_what_a_person_closed_after_that_is_waived(scene):
    scene.gitlab.reopen(scene.issue(OLD), scene.person())
    scene.gitlab.close(scene.issue(OLD), scene.person())
    assert moves(scene.run(LATER)) == [(OLD, "loop::waived")]


def test_what_drumbeat_closed_with_another_word_is_judged_by_its_boxes(scene):
    old = scene.issue(OLD)
    scene.gitlab.notes[old.ref] = [n for n in scene.gitlab.notes[old.ref] if n.system]
    assert moves(scene.run(LATER)) == [(OLD, "loop::waived")]

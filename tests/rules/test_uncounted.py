"""A list that does not say how many comments an issue has: what was said is looked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import an_org, moves
from tests.triage.world import World, rule


def forget_the_counts(gitlab):
    for ref, issue in gitlab.issues.items():
        gitlab.issues[ref] = replace(issue, comments=None)


def test_a_reminder_is_not_said_again(tmp_path):
    org = an_org(tmp_path).with_manager().with_cadence(remind=["due"], due="2 working days")
    scene = org.scene()
    scene.run()
    forget_the_counts(scene.gitlab)
    assert not scene.run("2026-11-25T10:00Z").empty
    assert len(scene.gitlab.said_on(scene.issue())) == 1
    assert scene.plan("2026-11-25T11:00Z").empty


def test_what_drumbeat_closed_as_missed_is_missed_though_its_label_was_lost(tmp_path):
    scene = an_org(tmp_path).with_manager().with_cadence().scene()
    scene.gitlab.now = scene.gitlab.now.replace(day=1)
    scene.run("2026-11-16T09:00Z")
    scene.run("2026-11-23T09:00Z")
    old = scene.issues()[0]
    scene.gitlab.relabel(old, scene.gitlab.me, remove=["loop::missed"])
    forget_the_counts(scene.gitlab)
    assert moves(scene.run("2026-11-23T10:00Z")) == [("weekly/mgr-1/2026-W47", "loop::missed")]


@pytest.mark.parametrize("more", [{}, {"repeat_after": 30}])
def test_triage_does_not_say_its_word_again(tmp_path, more):
    world = World(tmp_path, rule("r", comment="note.md", **more))
    issue = world.open(comments=None)
    world.settle()
    assert len(world.said(issue)) == 1

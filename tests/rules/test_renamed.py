"""A manager who got a new id: what Drumbeat said under the old one still counts (law 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.model.issue import TaskCounts
from tests.rules.test_closing import (
    KEY,
    LATER,
    TUESDAY,
    a_scene,
    reopened_after,
    said,
)
from tests.rules.test_opening import with_new_ids
from tests.support.builders import an_org, moves


def rename(scene):
    loops = scene.loops
    scene.loops = replace(loops, organisation=with_new_ids(loops.organisation))


@pytest.mark.parametrize("how", ["done", "missed"])
@pytest.mark.parametrize("ticked", [True, False])
def test_a_reopened_loop_is_left_alone_by_its_new_name_too(tmp_path, how, ticked):
    scene = a_scene(an_org(tmp_path), remind=["due", "1 day after due"])
    reopened_after(scene, how)
    issue, person = scene.issue(KEY), scene.person()
    scene.gitlab.relabel(issue, person, remove=[f"loop::{how}"])
    if not ticked:
        scene.gitlab.untick(issue, person)
    words = len(said(scene))
    rename(scene)
    for now in LATER:
        scene.run(now)
    assert scene.gitlab.current(issue).opened
    assert len(said(scene)) == words


def test_what_was_closed_as_missed_is_missed_by_its_new_name_too(tmp_path):
    scene = a_scene(an_org(tmp_path))
    scene.run("2026-11-30T09:00Z")
    scene.gitlab.relabel(scene.issue(KEY), scene.gitlab.me, remove=["loop::missed"])
    rename(scene)
    assert moves(scene.run("2026-11-30T10:00Z")) == [("weekly/new-mgr-1/2026-W48", "loop::missed")]


def test_what_was_said_once_is_not_said_again_by_the_new_name(tmp_path):
    scene = a_scene(an_org(tmp_path))
    scene.gitlab.tick(scene.issue(), scene.person())
    issue = scene.issue()
    scene.gitlab.issues[issue.ref] = replace(issue, tasks=TaskCounts(4, 3))
    assert moves(scene.run(TUESDAY)) == [(KEY, "unreadable")]
    rename(scene)
    assert moves(scene.run("2026-11-25T09:00Z")) == []
    assert len(said(scene)) == 1

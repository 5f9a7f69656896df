"""What Drumbeat wrote today stands in one list: nobody asks loop by loop whether it spoke."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from automation.identity import said_marker
from automation.model.issue import User
from automation.model.questions import CommentsPageOf
from automation.model.snapshot import Unreadable
from tests.support.builders import an_org, moves

MONDAY, DUE, LATER = "2026-11-23T09:00Z", "2026-11-25T09:00Z", "2026-11-25T11:00Z"
WORDS = CommentsPageOf(date(2026, 11, 24))
FORMER = User(77, "former-drumbeat")


def reminded(folder, managers=3, now=DUE):
    """Loops that are due on Wednesday, and were reminded of then."""
    org = an_org(folder).with_settings(drumbeat_users=["former-drumbeat"])
    for number in range(managers):
        org.with_manager(f"mgr-{number}", reports=0)
    scene = org.with_cadence(due="2 working days", remind=["due"]).scene()
    scene.run(MONDAY)
    if now:
        scene.run(now)
    return scene


def costs(scene, now=LATER):
    """What a plan does, and how many lists of comments and histories it reads for that."""
    scene.gitlab.asked.clear()
    plan = scene.plan(now)
    asked = scene.gitlab.asked
    assert asked.keys().isdisjoint({"EventsOf", "NotesPageOf"})
    return moves(plan), asked["CommentsPageOf"], asked["NotesOf"]


def test_what_was_said_today_costs_one_list(tmp_path):
    assert costs(reminded(tmp_path)) == ([], 1, 0)


def test_the_list_is_read_as_far_as_that_is_worth_it(tmp_path):
    """Six of the nine stand on three pages; for the other three, a fourth one is not read."""
    scene = reminded(tmp_path, managers=9)
    scene.gitlab.page_size = 2
    assert costs(scene) == ([], 3, 3)


def test_for_one_loop_its_notes_are_as_cheap(tmp_path):
    assert costs(reminded(tmp_path, managers=1)) == ([], 0, 1)


def test_what_does_not_stand_in_the_list_may_have_been_said(tmp_path):
    """GitLab makes events in the background: the newest note has none yet."""
    scene = reminded(tmp_path)
    scene.gitlab.lagging = {max(one.id for notes in scene.gitlab.notes.values() for one in notes)}
    assert costs(scene) == ([], 1, 1)


def test_another_user_of_drumbeat_has_a_list_of_its_own(tmp_path):
    scene = reminded(tmp_path)
    for notes in scene.gitlab.notes.values():
        notes[:] = [replace(one, author=FORMER) for one in notes]
    assert costs(scene) == ([], 1, 3)


def test_where_the_list_is_refused_every_loop_is_asked(tmp_path):
    scene = reminded(tmp_path)
    scene.gitlab.unreadable[WORDS] = Unreadable("403 Forbidden")
    assert costs(scene) == ([], 1, 3)


def test_a_persons_copy_of_the_words_proves_nothing(tmp_path):
    scene = reminded(tmp_path, now="")
    scene.gitlab.set_clock(datetime.fromisoformat(DUE))
    for issue in scene.issues():
        key = issue.title
        scene.gitlab.comment(issue, scene.person("mgr-0"), said_marker("reminder+0", key))
    found, _, notes = costs(scene)
    assert [to for _, to in found] == ["reminder+0"] * 3
    assert notes == 3


def test_words_of_yesterday_are_none_of_today(tmp_path):
    """What Drumbeat wrote the day before stands in the list; it reminds all the same."""
    scene = reminded(tmp_path, now="")
    scene.gitlab.set_clock(datetime.fromisoformat("2026-11-24T15:00Z"))
    for issue in scene.issues():
        scene.gitlab.comment(issue, scene.gitlab.me, said_marker("hello", "key"))
        scene.gitlab.tick(issue, scene.person("mgr-0"), 1)
    found, lists, notes = costs(scene, DUE)
    assert ([to for _, to in found], lists, notes) == (["reminder+0"] * 3, 0, 3)


@pytest.mark.parametrize("late", [30, 59])
def test_gitlab_may_keep_the_time_of_an_update_for_a_minute(tmp_path, late):
    """A word just after midnight, on a loop that was updated just before."""
    scene = reminded(tmp_path, managers=1, now="")
    issue, midnight = scene.issue(), datetime.fromisoformat("2026-11-25T00:00Z")
    scene.gitlab.set_clock(midnight + timedelta(seconds=late))
    issue = scene.gitlab.comment(issue, scene.gitlab.me, said_marker("hello", "key"))
    scene.gitlab.issues[issue.ref] = replace(issue, updated_at=midnight - timedelta(seconds=1))
    assert costs(scene) == ([], 0, 1)

"""Where nothing happened since the last run, lists are all that is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from automation.apply import apply
from automation.model.issue import EventKind
from automation.model.questions import EventsOf
from automation.model.snapshot import Unreadable
from tests.cache.memory import forgetful, kept, pass_time, remembering
from tests.support.builders import an_org, moves
from tests.triage.world import World, rule

LISTS = {"WhoAmI", "IssuesOf", "LabelsOf", "AccessTo"}
STALE = rule("stale", "quiet_for > days(21)", label="stale", comment="note.md")
REVIVED = rule("revived", "has('stale') and quiet_for <= days(21)", unlabel="stale")
NAG = rule("nag", "labelled_for('stale') > days(7)", comment="last.md", repeat_after=30)
OLD = "labelled_for('old') > days(7)"
CROWD = rule("crowd", "people > 1", label="crowded")
SOON = timedelta(minutes=11)


def asked(place, folder=None):
    """How often GitLab is asked for what no list of issues shows, by kind; nothing is done."""
    plan = forgetful(place) if folder is None else remembering(place, folder)
    assert plan.changes == ()
    found = place.gitlab.asked
    return {what: found[what] for what in found if what not in LISTS}


def done(place, folder):
    """A run that remembers, and does what it plans."""
    plan = remembering(place, folder)
    list(apply(plan, place.gitlab))
    return plan


def ticked(world, days_ago=2):
    issue = world.open(60, "Only ticked", description="- [ ] one\n- [ ] two")
    world.gitlab.now = world.now - timedelta(days=days_ago)
    return world.gitlab.tick(issue, world.gitlab.with_user("mgr-1"), 1)


def bot_commented(world):
    issue = ticked(world, days_ago=9)
    world.gitlab.now = world.now - timedelta(days=2)
    world.gitlab.comment(issue, world.gitlab.with_user("project_1_bot_ab12"), "Noise")


def flagged(world):
    """A bot that only GitLab's flag tells to be one."""
    issue, bot = ticked(world, days_ago=9), world.gitlab.with_user("ci", bot=True)
    world.gitlab.now = world.now - timedelta(days=2)
    world.gitlab.comment(issue, replace(bot, bot=None), "Noise")


def stranger_commented(world):
    issue = world.open(60, "Somebody whom the roster does not name")
    world.gitlab.now = world.now - timedelta(days=2)
    world.gitlab.comment(issue, world.person, "News")


def stale(world):
    world.open(25, "To be labelled by Drumbeat")


def was_stale(world):
    """Labelled before, and revived: whether it was said since is a matter of its events."""
    issue = world.open(80, "Labelled and revived")
    world.gitlab.relabel(issue, world.gitlab.me, add=["stale"])
    world.gitlab.comment(issue, world.person, "Go on")


CASES = [ticked, bot_commented, flagged, stranger_commented, stale, was_stale]


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("people", [*[(one,) for one in CASES], CASES, CASES * 3])
def test_what_a_run_read_the_next_one_does_not(tmp_path, people, size):
    world, folder = World(tmp_path, STALE, REVIVED, NAG, CROWD), tmp_path / "cache"
    for one in people:
        one(world)
    world.gitlab.page_size = size
    done(world, folder)
    pass_time(world, SOON)
    asked(world, folder)  # what the run before it changed
    pass_time(world, SOON)
    assert asked(world, folder) == {}
    assert asked(world) != {}
    pass_time(world, timedelta(hours=12))
    assert asked(world, folder) == {}


@pytest.mark.parametrize("one", [ticked, bot_commented, flagged, stranger_commented])
def test_the_very_second_run_asks_nothing_about_what_was_settled_at_the_first(tmp_path, one):
    world, folder = World(tmp_path, STALE, REVIVED), tmp_path / "cache"
    one(world)
    assert asked(world, folder) != {}
    pass_time(world, SOON)
    assert asked(world, folder) == {}


def test_what_happened_since_is_read_and_nothing_else(tmp_path):
    """One of three initiatives is commented on."""
    world, folder = World(tmp_path, STALE, REVIVED), tmp_path / "cache"
    for _ in range(3):
        ticked(world)
    asked(world, folder)
    pass_time(world, SOON)
    bot = world.gitlab.with_user("project_1_bot_ab12")
    world.gitlab.comment(next(iter(world.gitlab.issues.values())), bot, "Noise")
    pass_time(world, SOON)
    assert asked(world, folder)["NotesPageOf"] == 1
    assert len({record.number for record in kept(folder).records}) == 3
    pass_time(world, SOON)
    assert asked(world, folder) == {}


def test_what_one_list_told_of_many_is_not_read_again(tmp_path):
    world, folder = World(tmp_path, STALE, REVIVED), tmp_path / "cache"
    for _ in range(3):
        stranger_commented(world)
    first = asked(world, folder)
    assert first == {"CommentsPageOf": 1, "UserAt": 1}
    pass_time(world, SOON)
    assert asked(world, folder) == {}


def test_threads_are_counted_once(tmp_path):
    world = World(tmp_path, rule("busy", "threads > 1", label="busy"))
    ticked(world)
    assert asked(world, tmp_path / "cache") == {"ThreadsOf": 1}
    assert asked(world, tmp_path / "cache") == {}


def test_while_it_is_not_settled_it_is_read_each_time(tmp_path):
    world, folder = World(tmp_path, STALE, REVIVED), tmp_path / "cache"
    issue = ticked(world)
    world.gitlab.set_clock(world.now)
    world.gitlab.comment(issue, world.gitlab.with_user("project_1_bot_ab12"), "Noise")
    pass_time(world, timedelta(minutes=9))
    first = asked(world, folder)
    assert first != {}
    pass_time(world, timedelta(seconds=30))
    assert asked(world, folder) == first
    pass_time(world, timedelta(minutes=1))
    assert asked(world, folder) == first
    pass_time(world, timedelta(minutes=1))
    assert asked(world, folder) == {}


def test_what_was_refused_is_asked_again(tmp_path):
    world, folder = World(tmp_path, NAG), tmp_path / "cache"
    issue = world.open(2, "Labelled", labels=["stale"])
    question = EventsOf(issue.ref, EventKind.LABEL)
    world.gitlab.unreadable[question] = Unreadable("500 Internal Server Error")
    assert asked(world, folder) == asked(world, folder) == {"EventsOf": 1}
    world.gitlab.unreadable.clear()
    assert asked(world, folder) == {"EventsOf": 1}
    assert asked(world, folder) == {}


def test_a_label_that_was_renamed_has_its_new_name_in_what_happened(tmp_path):
    """No issue is updated by that; GitLab's events name labels as they are called today."""
    world, folder = World(tmp_path, rule("nag", OLD, comment="note.md")), tmp_path / "cache"
    issue = world.open(60, "Labelled")
    world.gitlab.now = world.now - timedelta(days=3)
    world.gitlab.relabel(issue, world.person, add=["old"])
    assert asked(world, folder) == {"EventsOf": 1}
    shown, events = world.gitlab.current(issue), world.gitlab.events[issue.ref]
    world.gitlab.issues[issue.ref] = replace(shown, labels=frozenset({"stale"}))
    events[:] = [replace(one, label="stale") for one in events]
    world.rules(NAG)
    assert asked(world, folder) == {"EventsOf": 1}
    assert asked(world, folder) == {}


# --- Loops -----------------------------------------------------------------------------------


def loops(folder, managers):
    """Weekly loops that are due on Wednesday and reminded of then; each was ticked in."""
    org = an_org(folder)
    for number in range(managers):
        org.with_manager(f"mgr-{number}", reports=0)
    scene = org.with_cadence(due="2 working days", remind=["due"]).scene()
    scene.run("2026-11-23T09:00Z")
    scene.gitlab.set_clock(scene.now + timedelta(hours=2))
    for issue in scene.issues():
        scene.gitlab.tick(issue, scene.person("somebody"), 1)
        scene.gitlab.comment(issue, scene.person("somebody"), "Half of it")
    return scene


@pytest.mark.parametrize("managers", [1, 3])
def test_loops_that_were_reminded_of_are_read_once(tmp_path, managers):
    scene, folder = loops(tmp_path, managers), tmp_path / "cache"
    scene.now = scene.now.replace(day=25)
    plan = done(scene, folder)
    assert [to for _, to in moves(plan)] == ["reminder+0"] * managers
    pass_time(scene, SOON)
    assert asked(scene, folder) != {}
    for hours in (0.5, 3):
        pass_time(scene, timedelta(hours=hours))
        assert asked(scene, folder) == {}
        assert asked(scene) != {}


def test_loops_that_are_to_be_reminded_of_are_looked_at_before_each_word(tmp_path):
    """What a run planned and did not do, the next one plans again, and looks before it speaks."""
    scene, folder = loops(tmp_path, 3), tmp_path / "cache"
    scene.now = scene.now.replace(day=25)
    plan = remembering(scene, folder)
    assert len(moves(plan)) == 3
    assert not scene.gitlab.asked.keys() <= LISTS
    pass_time(scene, SOON)
    again = remembering(scene, folder)
    assert again.changes == plan.changes
    assert scene.gitlab.asked["NotesOf"] + scene.gitlab.asked["EventsOf"] == 3

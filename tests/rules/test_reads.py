"""What a word costs in reads: the fewest that prove that it was not said, nor the loop reopened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.identity import said_marker
from automation.model.questions import EventsOf, NotesOf
from tests.support.builders import MONDAY, an_org, moves

KEY = "weekly/mgr-1/2026-W48"
OVERDUE = "2026-11-26T09:00Z"
NEXT = "2026-11-30T09:00Z"


@pytest.fixture
def scene(tmp_path):
    """A loop that is due on Wednesday."""
    scene = an_org(tmp_path).with_manager().with_cadence(due="2 working days").scene()
    scene.run(MONDAY)
    return scene


def reads(scene, now):
    """The moves of a plan, and which histories it asked for."""
    scene.gitlab.answered.clear()
    found = moves(scene.plan(now))
    asked = (one for one in scene.gitlab.answered if isinstance(one, NotesOf | EventsOf))
    return found, sorted(type(one).__name__ for one in asked)


def test_what_nobody_touched_is_spoken_of_without_a_read(scene):
    assert reads(scene, OVERDUE) == ([(KEY, "loop::overdue")], [])


def test_where_nobody_commented_nothing_was_said(scene):
    scene.gitlab.tick(scene.issue(), scene.person())
    assert reads(scene, "2026-11-24T09:00Z") == ([(KEY, "loop::done")], ["EventsOf"])


def test_what_nobody_touched_since_a_word_was_not_reopened_since(scene):
    scene.run(OVERDUE)
    found, asked = reads(scene, NEXT)
    assert (KEY, "loop::missed") in found
    assert asked == ["NotesOf"]


def test_what_was_closed_has_the_word_for_it_among_the_notes(scene):
    """So where there are notes and it is not among them, events need not be read."""
    scene.run(OVERDUE)
    scene.gitlab.set_clock(scene.now + timedelta(hours=1))
    scene.gitlab.tick(scene.issue(), scene.person(), 1)
    _, asked = reads(scene, NEXT)
    assert asked == ["NotesOf"]


def test_a_persons_comment_proves_nothing(scene):
    scene.gitlab.comment(scene.issue(), scene.person(), said_marker("overdue", KEY))
    found, asked = reads(scene, OVERDUE)
    assert found == [(KEY, "loop::overdue")]
    assert asked == ["NotesOf"]


def test_where_a_closing_word_stands_the_events_tell_whether_it_took_effect(scene):
    """Its quick action may have got lost: then nobody reopened anything."""
    scene.gitlab.comment(scene.issue(), scene.gitlab.me, said_marker("done", KEY))
    found, asked = reads(scene, OVERDUE)
    assert found == [(KEY, "loop::overdue")]
    assert asked == ["EventsOf", "NotesOf"]


def test_a_word_with_which_it_was_closed_does_not_prove_that_it_was_not_reopened(scene):
    """Reopened at once, and its label taken off: still, a person reopened it."""
    issue, person = scene.issue(), scene.person()
    scene.gitlab.tick(issue, person)
    scene.run("2026-11-24T09:00Z")
    scene.gitlab.reopen(issue, person)
    scene.gitlab.relabel(issue, person, ["loop::open"], ["loop::done"])
    assert scene.gitlab.current(issue).updated_at - scene.now < timedelta(seconds=1)
    assert reads(scene, OVERDUE)[0] == []


def test_what_a_triage_rule_closed_without_a_loops_word_and_a_person_reopened_is_left_alone(
    tmp_path,
):
    """So where triage may close, events are read although the notes have no closing word."""
    rules = [{"name": "shut", "when": "due_in < days(-100)", "do": {"close": True}}]
    org = an_org(tmp_path).with_manager().with_cadence(due="2 working days")
    scene = org.with_triage(rules=rules).scene()
    scene.run(MONDAY)
    issue, person = scene.issue(), scene.person()
    scene.gitlab.close(issue, scene.gitlab.me)
    scene.gitlab.reopen(issue, person)
    scene.gitlab.comment(issue, person, "Still needed, and mine.")
    assert (KEY, "loop::overdue") not in reads(scene, OVERDUE)[0]

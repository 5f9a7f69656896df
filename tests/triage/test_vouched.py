"""Drumbeat's own comment vouches that nobody acted; and what makes it worthless."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from automation.identity import Trust, read_vows
from automation.inert import inert
from automation.model.issue import IssueRef, Note, User
from automation.model.policy import Activity
from automation.rules.humans import Humans
from automation.rules.vouched import labelled_at, vouched_for, vow
from tests.support.builders import MONDAY
from tests.support.fake_gitlab import BOT, FakeGitLab
from tests.triage.world import World, rule

STALE = rule("stale", "quiet_for > days(21)", label="initiative::stale", comment="note.md")
REVIVED = rule(
    "revived",
    'has("initiative::stale") and quiet_for <= days(21)',
    unlabel="initiative::stale",
)
NEEDED = rule(
    "needed",
    'has("initiative::stale") and labelled_for("initiative::stale") > days(14)',
    label="needs-help",
)

# --- When it counts -----------------------------------------------------------------------

PERSON = User(2, "eve")
HUMANS = Humans(Trust.of(BOT, ["former-drumbeat"]), ("*-bot",))
SINCE, SPOKEN, NOW = (MONDAY + timedelta(days=days) for days in (-30, 0, 3))


def looking(**facts):
    issue = FakeGitLab(MONDAY - timedelta(days=40)).open("support/sgg/oak", "Runbook", "- [ ] One")
    seen: dict[str, Any] = {"labels": frozenset({"stale"}), "comments": 4, "updated_at": SPOKEN}
    return replace(issue, **(seen | facts))


def a_note(author=BOT, at=SPOKEN, system=False, read_at=SPOKEN):
    mark = vow(looking(), SINCE, read_at, HUMANS, ["stale"]).marker
    return Note(9, author, f"It is quiet.\n\n{mark}", at, system)


def counts(issue=None, note=None, humans=HUMANS, now=NOW):
    """Whether a note vouches for both, since when it is quiet and since when it has the label."""
    facts = (humans, now)
    quiet = vouched_for(issue or looking(), (note or a_note(),), *facts)
    labelled = labelled_at(issue or looking(), "stale", (note or a_note(),), *facts)
    assert (quiet is None) is (labelled is None)
    assert quiet in {None, SINCE}
    return quiet is not None


def test_a_note_vouches_while_the_issue_looks_as_the_run_left_it():
    assert counts()
    assert counts(note=a_note(User(40, "Former-Drumbeat")))
    assert labelled_at(looking(), "stale", (a_note(),), HUMANS, NOW) == SPOKEN
    assert labelled_at(looking(), "other", (a_note(),), HUMANS, NOW) is None
    assert vouched_for(looking(), (), HUMANS, NOW) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"title": "Another"},
        {"description": "- [x] One"},
        {"opened": False},
        {"labels": frozenset({"stale", "help"})},
        {"labels": frozenset()},
        {"assignees": (PERSON,)},
        {"confidential": True},
        {"due_date": date(2026, 12, 24)},
        {"milestone": "v1"},
        {"weight": 3},
        {"iteration": "One"},
        {"health": "at_risk"},
        {"type": "incident"},
        {"comments": 5},
        {"comments": None},
        {"ref": IssueRef(999, 1)},
        {"updated_at": SPOKEN + timedelta(seconds=3)},
    ],
    ids="-".join,
)
def test_whatever_happened_to_the_issue_makes_it_worthless(facts):
    assert not counts(looking(**facts))


@pytest.mark.parametrize(("seconds", "quiet"), [(0, True), (2, True), (2.001, False), (60, False)])
def test_its_quick_actions_have_two_seconds(seconds, quiet):
    assert counts(looking(updated_at=SPOKEN + timedelta(seconds=seconds))) is quiet


def test_whoever_else_writes_it_vouches_for_nothing():
    assert not counts(note=a_note(PERSON))
    assert not counts(note=a_note(system=True))


def test_what_a_comment_of_ours_quotes_vouches_for_nothing():
    words = a_note().body
    assert counts(note=a_note())
    assert [*read_vows(words)]
    assert not [*read_vows(inert(words))]


@pytest.mark.parametrize(("minutes", "fits"), [(-11, False), (-9, True), (9, True), (11, False)])
def test_a_plan_that_waited_vouches_for_nothing(minutes, fits):
    assert counts(note=a_note(read_at=SPOKEN - timedelta(minutes=minutes))) is fits


@pytest.mark.parametrize(("hours", "fits"), [(0, False), (26, False), (27, True)])
def test_for_a_day_the_history_is_read_all_the_same(hours, fits):
    assert counts(now=SPOKEN + timedelta(hours=hours)) is fits


@pytest.mark.parametrize(
    "other",
    [
        {"patterns": ("*-bot", "eve")},
        {"bot_flags": False},
        {"activity": Activity(comments=False)},
        {"trust": Trust.of(BOT, [])},
    ],
    ids="-".join,
)
def test_who_counts_for_what_may_have_been_another_then(other):
    assert not counts(humans=replace(HUMANS, **other))


# --- In runs ------------------------------------------------------------------------------


def spoken(folder, count=3, *, days=2, rules=(STALE, REVIVED)):
    """A few initiatives that were found quiet so many days ago."""
    world = World(folder, *rules)
    issues = [world.open(title=f"Runbook {number}") for number in range(count)]
    world.settle()
    world.later(days=days)
    return world, issues


def a_folder(parent, name):
    (parent / name).mkdir()
    return parent / name


def reads(world):
    """How many changes a plan has, and what it reads beside lists of issues and of labels."""
    changes = len(world.plan().changes)
    kinds = ("CommentsPageOf", "NotesPageOf", "NotesOf", "EventsPageOf", "EventsOf", "UserAt")
    return changes, {kind: n for kind in kinds if (n := world.gitlab.asked[kind])}


def test_several_that_are_labelled_cost_one_list(tmp_path):
    assert reads(spoken(tmp_path)[0]) == (0, {"CommentsPageOf": 1})


def test_one_that_is_labelled_costs_its_newest_notes(tmp_path):
    assert reads(spoken(tmp_path, 1)[0]) == (0, {"NotesPageOf": 1})


def test_what_has_no_event_yet_costs_its_newest_notes(tmp_path):
    world, issues = spoken(tmp_path)
    world.gitlab.lagging = {one.id for one in world.gitlab.notes[issues[0].ref]}
    assert reads(world) == (0, {"CommentsPageOf": 1, "NotesPageOf": 1})


def test_on_the_day_of_the_comment_and_without_one_all_is_read(tmp_path):
    assert reads(spoken(a_folder(tmp_path, "a"), 1, days=1)[0])[1]["EventsPageOf"] == 3
    silent = {**STALE, "do": {"label": "initiative::stale"}}
    assert (
        reads(spoken(a_folder(tmp_path, "b"), 1, rules=(silent, REVIVED))[0])[1]["EventsPageOf"]
        == 3
    )


ACTS = {
    "comments": lambda gitlab, issue, who: gitlab.comment(issue, who, "Back at it"),
    "ticks": lambda gitlab, issue, who: gitlab.tick(issue, who),
    "labels": lambda gitlab, issue, who: gitlab.relabel(issue, who, ["help"]),
    "undoes a label": lambda gitlab, issue, who: (
        gitlab.relabel(issue, who, ["help"]),
        gitlab.relabel(issue, who, [], ["help"]),
    ),
    "reopens": lambda gitlab, issue, who: (gitlab.close(issue, who), gitlab.reopen(issue, who)),
    "repeats the words": lambda gitlab, issue, who: gitlab.comment(
        issue, who, gitlab.said_on(issue)[0]
    ),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("days", [0.0, 0.5, 2, 20])
def test_a_person_is_seen_at_once(tmp_path, act, days):
    world, issues = spoken(tmp_path, days=days)
    ACTS[act](world.gitlab, issues[0], world.person)
    (change,) = world.changes()
    assert (change.key, change.remove_labels) == (issues[0].reference, ("initiative::stale",))


@pytest.mark.parametrize("act", ACTS)
def test_a_bot_wakes_nobody(tmp_path, act):
    world, issues = spoken(tmp_path)
    ACTS[act](world.gitlab, issues[0], world.gitlab.with_user("x", bot=True))
    assert world.changes() == []


def test_a_persons_copy_of_another_vow_keeps_nothing_quiet(tmp_path):
    """Drumbeat spoke on one; on the other, a person labels and writes the same line."""
    world, (spoken_of,) = spoken(tmp_path, 1)
    busy = world.open(5, "Busy", labels=["initiative::stale"])
    words = world.said(spoken_of)[0]
    world.gitlab.now = world.now
    world.gitlab.comment(busy, world.person, words)
    assert [one.key for one in world.changes()] == [busy.reference]


def test_where_it_moved_the_history_is_read(tmp_path):
    world, issues = spoken(tmp_path)
    moved = world.gitlab.move(issues[0], world.person, "support/sgg/cedar")
    assert moved.reference in [one.key for one in world.changes()]


def test_for_how_long_it_is_labelled_stands_there_as_well(tmp_path):
    world, _ = spoken(tmp_path, rules=(NEEDED, STALE, REVIVED), days=3)
    assert reads(world) == (0, {"CommentsPageOf": 1})
    world.later(days=10, hours=23, minutes=59)
    assert reads(world)[0] == 0
    world.later(minutes=2)
    assert [one.to for one in world.changes()] == ["needed"] * 3


def test_a_person_who_sets_the_label_anew_sets_its_time(tmp_path):
    world, issues = spoken(tmp_path, rules=(NEEDED, STALE), days=3)
    for add, remove in ([], ["initiative::stale"]), (["initiative::stale"], []):
        world.gitlab.relabel(issues[0], world.person, add, remove)
    world.later(days=11, minutes=1)
    assert {one.key for one in world.changes()} == {one.reference for one in issues[1:]}


def vows(world):
    return [list(read_vows(one.hidden)) for one in world.changes()]


def test_the_last_of_two_comments_vouches_for_both(tmp_path):
    secret = rule("secret", "quiet_for > days(21)", comment="hi.md", internal=True)
    world = World(tmp_path, secret, STALE, REVIVED)
    world.open(), world.open(title="Other")
    assert [len(found) for found in vows(world)] == [0, 1, 0, 1]
    world.settle()
    world.later(days=2)
    changes, read = reads(world)
    assert (changes, "EventsPageOf" in read) == (0, False)


@pytest.mark.parametrize(
    "stale",
    [
        rule("stale", "age > days(21)", label="a", comment="note.md"),
        rule("stale", "quiet_for <= days(40)", label="a", comment="note.md"),
    ],
    ids=["not about quiet time", "quiet for no time at all"],
)
def test_what_is_not_known_is_not_vouched_for(tmp_path, stale):
    world = World(tmp_path, stale)
    issue = world.open()
    world.gitlab.now = world.now
    world.gitlab.comment(issue, world.person, "A word")
    world.now = world.gitlab.now
    assert vows(world) == [[]]


def test_what_moves_or_has_no_count_of_comments_is_not_vouched_for(tmp_path):
    moving = rule("stale", "quiet_for > days(21)", move="support/loops", comment="note.md")
    world = World(a_folder(tmp_path, "a"), moving)
    world.open()
    assert vows(world) == [[]]
    world = World(a_folder(tmp_path, "b"), STALE)
    world.open(comments=None)
    assert vows(world) == [[]]


def test_a_reviewed_change_is_the_same_whoever_commented_since(tmp_path):
    """How the issue looked is no part of the change: a bot's word does not make it another."""
    world = World(tmp_path, STALE)
    issue = world.open()
    world.plan()
    (reviewed,) = world.changes()
    world.gitlab.comment(issue, world.gitlab.with_user("x", bot=True), "Beep")
    (fresh,) = world.changes()
    assert (reviewed.vow != fresh.vow, reviewed.id) == (True, fresh.id)
    assert "vow" not in reviewed.model_dump()


# --- What was said before ------------------------------------------------------------------

ASKED = rule("asked", "quiet_for > days(21)", comment="note.md", repeat_after=42)
ONCE = rule("once", "quiet_for > days(21)", comment="note.md")


@pytest.mark.parametrize("again", [ASKED, ONCE])
def test_what_was_said_before_stands_in_one_list(tmp_path, again):
    world, _ = spoken(tmp_path, rules=(again,), days=25)
    assert reads(world) == (0, {"CommentsPageOf": 1})


def test_what_is_said_again_after_a_while_is(tmp_path):
    world, issues = spoken(tmp_path, rules=(ASKED,), days=43)
    assert len(world.changes()) == len(issues)
    assert reads(world)[1]["NotesOf"] == len(issues)

"""What a list of comments may tell of quiet time: that somebody was there, never that nobody was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.model.issue import Comment, Issue, Note, Page, User
from automation.model.policy import Activity
from automation.model.questions import CommentsPageOf, NotesPageOf, Question, UserAt
from automation.model.snapshot import Missing, NotReadable, Snapshot, Unreadable
from automation.rules.heard import in_project
from automation.rules.humans import Humans, actor
from automation.rules.quiet import Quiet, narrowed
from tests.triage.test_quiet_time import (
    DAY0,
    DRUMBEAT,
    FLAGGED,
    HUMANS,
    NOW,
    PEOPLE,
    PERSON,
    REF,
    STRANGER,
    after,
    an_issue,
    knowing,
    labelled,
    note,
    told,
    user,
)


def commented(history, **facts):
    """The issue of a history, with GitLab's count of its comments."""
    comments = sum(isinstance(one, Note) and not one.system for one in history)
    updated = max([DAY0, *(one.created_at for one in history)])
    return replace(an_issue(updated), **({"comments": comments} | facts))


def listed(issue: Issue, notes, size=100) -> dict[Question, object]:
    """The list of comments in the issue's project, in pages."""
    first = in_project(issue, NOW)
    newest = sorted(notes, key=lambda one: one.created_at, reverse=True)
    parts = [newest[n : n + size] for n in range(0, max(len(newest), 1), size)]
    pages = (
        Page(tuple(Comment(REF, one) for one in part), number < len(parts), len(parts))
        for number, part in enumerate(parts, 1)
    )
    return {replace(first, page=number): page for number, page in enumerate(pages, 1)}


def missing(issue, snapshot, humans=HUMANS):
    """What is asked next."""
    with pytest.raises(Missing) as error:
        list(narrowed(issue, snapshot, humans, NOW))
    return error.value


def bounds_before(issue, snapshot, humans=HUMANS):
    found: list[Quiet] = []
    try:
        for quiet in narrowed(issue, snapshot, humans, NOW):
            found.append(quiet)
    except Missing:
        pass
    return found


def test_the_comments_in_the_project_come_before_the_notes():
    issue = commented([note(5)])
    asked = missing(issue, Snapshot())
    assert asked.questions == (NotesPageOf(REF),)
    assert asked.lists == (in_project(issue, NOW),)
    assert in_project(issue, NOW) == CommentsPageOf((NOW - timedelta(days=92)).date(), 7)


@pytest.mark.parametrize("lists", [{}, {"comments": None}])
def test_the_list_is_wanted_unless_nobody_commented(lists):
    assert missing(commented([note(5)], **lists), Snapshot()).lists
    assert not missing(commented([labelled(5)]), Snapshot()).lists


def test_a_persons_comment_there_is_proof():
    issue = commented([note(5), note(9)])
    known = Snapshot({**PEOPLE, **listed(issue, [note(5), note(9)])})
    assert bounds_before(issue, known)[-1] == Quiet(NOW - after(9), NOW - after(9))


@pytest.mark.parametrize(
    "who", [DRUMBEAT, FLAGGED, user("x-bot"), user("Former-Drumbeat"), user("ghost")]
)
def test_who_is_no_person_proves_nothing_there_either(who):
    issue = commented([note(9, who)])
    known = Snapshot({**PEOPLE, **listed(issue, [note(9, who)])})
    assert bounds_before(issue, known) == [Quiet(NOW - after(9), NOW - DAY0)]
    assert missing(issue, known).questions == (NotesPageOf(REF),)


def test_whether_a_stranger_is_a_bot_is_asked_as_ever():
    issue = commented([note(9, STRANGER)])
    known = Snapshot(listed(issue, [note(9, STRANGER)]))
    assert missing(issue, known).questions == (UserAt(STRANGER.id),)
    known = known.knowing({UserAt(STRANGER.id): User(40, "stranger", bot=False)})
    assert bounds_before(issue, known)[-1].exact


def test_comments_that_do_not_count_prove_nothing():
    humans = Humans(HUMANS.trust, activity=Activity(comments=False))
    issue = commented([note(9)])
    known = Snapshot(listed(issue, [note(9)]))
    assert bounds_before(issue, known, humans) == [Quiet(NOW - after(9), NOW - DAY0)]


def test_what_does_not_stand_in_the_list_may_have_happened_all_the_same():
    history = [note(9), note(20)]
    issue = commented(history)
    known = Snapshot({**PEOPLE, **listed(issue, [note(9)])})
    assert bounds_before(issue, known)[-1] == Quiet(NOW - after(20), NOW - after(9))
    assert missing(issue, known).questions == (NotesPageOf(REF),)
    assert missing(issue, known).lists == ()


def test_a_list_that_cannot_be_read_changes_nothing():
    issue = commented([note(9)])
    known = Snapshot({in_project(issue, NOW): Unreadable("403 Forbidden")})
    asked = missing(issue, known)
    assert (asked.questions, asked.lists) == ((NotesPageOf(REF),), ())
    whole = known.knowing(knowing([note(9)]).answers)
    assert list(narrowed(issue, whole, HUMANS, NOW))[-1].exact
    with pytest.raises(NotReadable):
        list(narrowed(issue, known.knowing({NotesPageOf(REF): Unreadable("500")}), HUMANS, NOW))


# --- Whatever happened, lists change no decision -------------------------------------------

WHO = st.sampled_from([PERSON, DRUMBEAT, FLAGGED, STRANGER, user("x-bot")])
TIMES = st.integers(1, 28 * 24).map(lambda hours: hours / 24)
ACTS = st.one_of(
    st.builds(note, TIMES, WHO),
    st.builds(told, TIMES, st.just("changed the description"), WHO),
    st.builds(labelled, TIMES, WHO),
)


def numbered(history):
    """The same, each note with a number of its own and every act at a moment of its own."""
    ordered = sorted(history, key=lambda one: one.created_at)
    for number, one in enumerate(ordered):
        moment = one.created_at + timedelta(seconds=10 * number)
        if isinstance(one, Note):
            yield replace(one, id=number, created_at=moment)
        else:
            yield replace(one, created_at=moment)


def truth(history):
    """When a person last acted, by all that happened."""
    acts = (one.created_at for one in history if actor(one) in {PERSON, STRANGER})
    return max(acts, default=DAY0)


@st.composite
def stories(draw):
    """What happened on an issue, and which of the comments the list has."""
    history = list(numbered(draw(st.lists(ACTS, max_size=9))))
    notes = [one for one in history if isinstance(one, Note) and not one.system]
    told_of = draw(st.lists(st.sampled_from(notes), unique=True)) if notes else []
    return history, told_of


def decided(quiets, days):
    """What `quiet_for > days` comes to, as soon as the bounds allow."""
    edge = timedelta(days=days)
    for quiet in quiets:
        if (quiet.at_least > edge) is (quiet.at_most > edge):
            return quiet.at_least > edge
    raise AssertionError("the last bounds are exact")


@settings(max_examples=300, deadline=None)
@given(stories(), st.integers(1, 3), st.integers(1, 3))
def test_lists_change_no_decision(story, size, page_size):
    history, told_of = story
    issue = commented(history, has_weight=False, has_iteration=False)
    alone = knowing(history, page_size)
    together = alone.knowing(listed(issue, told_of, size))
    last = NOW - truth(history)
    for quiet in narrowed(issue, together, HUMANS, NOW):
        assert quiet.at_least <= last <= quiet.at_most
    for days in range(1, 29):
        with_lists = decided(narrowed(issue, together, HUMANS, NOW), days)
        assert with_lists is decided(narrowed(issue, alone, HUMANS, NOW), days)
        assert with_lists is (last > timedelta(days=days))

"""Quiet time counts from the last human action, whatever bots do (law 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest

from automation.identity import Trust
from automation.model.issue import Event, EventKind, Issue, IssueRef, Note, Page, User
from automation.model.policy import Activity, Settings
from automation.model.questions import (
    EventsOf,
    EventsPageOf,
    NotesOf,
    NotesPageOf,
    Question,
    UserAt,
)
from automation.model.snapshot import Missing, NotReadable, Snapshot, Unreadable
from automation.rules.quiet import Humans, Quiet, narrowed
from tests.support.builders import an_org

DAY0 = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = DAY0 + timedelta(days=30)
REF = IssueRef(7, 1)
DRUMBEAT = User(1, "support-drumbeat")
PERSON = User(2, "se-101")
OTHER = User(3, "Mgr.Emea-1")
HUMANS = Humans(
    Trust.of(DRUMBEAT, ["former-drumbeat"]),
    ("*-bot", "ci_*", "Renovate"),
    frozenset({"se-101", "mgr.emea-1"}),
)
STRANGER = User(40, "stranger")
FLAGGED = User(41, "helpful")
"""Somebody whom only GitLab's flag tells to be a bot."""
GONE = User(42, "was-here")
PEOPLE: dict[Question, object] = {
    UserAt(STRANGER.id): User(40, "stranger", bot=False),
    UserAt(FLAGGED.id): User(41, "helpful", bot=True),
    UserAt(GONE.id): None,
    UserAt(99): User(99, "somebody", bot=False),
}


def after(days):
    return DAY0 + timedelta(days=days)


def user(name, *, bot=None):
    return User(99, name, bot=bot)


def note(day, who=PERSON, body="Here is news"):
    return Note(day, who, body, after(day))


def told(day, body, who=PERSON):
    """A system note: GitLab tells what somebody did."""
    return Note(day, who, body, after(day), system=True)


def event(kind, action, label=None):
    return lambda day, who=PERSON: Event(EventKind(kind), who, after(day), action, label)


labelled = event("label", "add", "SGG")
unlabelled = event("label", "remove", "SGG")
closed = event("state", "closed")
reopened = event("state", "reopened")
milestoned = event("milestone", "add")
weighted = event("weight", "")
iterated = event("iteration", "add")


def an_issue(updated_at, **facts):
    return Issue(
        id=1,
        ref=REF,
        project="support/sgg/baobab",
        title="Shared runbook",
        description="",
        opened=True,
        labels=frozenset(),
        author=PERSON,
        created_at=DAY0,
        updated_at=updated_at,
        web_url="https://gitlab.example.com/1",
        **facts,
    )


def paged(entries, size):
    """Entries by page, from 1."""
    parts = [tuple(e for _, e in g) for _, g in groupby(enumerate(entries), lambda n: n[0] // size)]
    last = max(1, len(parts))
    return {
        number: Page(parts[number - 1] if parts else (), number < last, last)
        for number in range(1, last + 1)
    }


def knowing(history, size=100):
    """All that GitLab would answer: notes come newest first, events oldest first."""
    answers: dict[Question, object] = dict(PEOPLE)
    ordered = sorted(history, key=lambda one: one.created_at)
    notes = [one for one in reversed(ordered) if isinstance(one, Note)]
    answers |= {NotesPageOf(REF, n): page for n, page in paged(notes, size).items()}
    for kind in EventKind:
        events = [one for one in ordered if isinstance(one, Event) and one.kind is kind]
        answers |= {EventsPageOf(REF, kind, n): page for n, page in paged(events, size).items()}
    return Snapshot(answers)


def bounds(history, snapshot=None, humans=HUMANS, now=NOW, **facts):
    updated_at = max([DAY0, *(one.created_at for one in history)])
    issue = an_issue(updated_at, **{"has_weight": True, "has_iteration": True, **facts})
    return narrowed(issue, snapshot or knowing(history), humans, now)


def asked(history, humans=HUMANS, size=100, **facts):
    """What is asked, in order, where quiet time is wanted exactly."""
    all_of_it = knowing(history, size).answers
    known: dict[Question, object] = {}
    questions: list[Question] = []
    while True:
        try:
            list(bounds(history, Snapshot(known), humans, **facts))
        except Missing as missing:
            questions += missing.questions
            known |= {question: all_of_it[question] for question in missing.questions}
        else:
            return questions


HISTORIES = [
    # What a person does counts …
    ("nothing happened since it was opened", [], 0),
    ("a comment", [note(5)], 5),
    ("the last of several comments", [note(5), note(9), note(7)], 9),
    ("somebody else's comment", [note(5), note(6, OTHER)], 6),
    ("an edit of the description", [told(4, "changed the description")], 4),
    ("a tick", [told(4, "marked the checklist item **first** as completed")], 4),
    ("an untick", [told(4, "marked the checklist item **first** as incomplete")], 4),
    ("a new title", [told(4, "changed title from **a** to **b**")], 4),
    ("an assignee", [told(4, "assigned to @se-101")], 4),
    ("a due date", [told(4, "changed due date to December 4, 2026")], 4),
    ("a weight", [told(4, "set weight to **3**")], 4),
    ("time spent", [told(4, "added 1h of time spent")], 4),
    ("a related issue", [told(4, "marked this issue as related to #5")], 4),
    ("made confidential", [told(4, "made the issue confidential")], 4),
    ("a label set", [labelled(6)], 6),
    ("a label taken away", [unlabelled(6)], 6),
    ("closed", [closed(6)], 6),
    ("reopened", [closed(6), reopened(8)], 8),
    ("a milestone", [milestoned(6)], 6),
    ("a weight in its own stream", [weighted(6)], 6),
    ("an iteration", [iterated(6)], 6),
    ("a start date", [told(4, "changed start date to December 1, 2026 and removed due date")], 4),
    ("an estimate", [told(4, "changed time estimate to 3h")], 4),
    ("time taken back", [told(4, "deleted 1h of spent time from 2026-11-01")], 4),
    ("an old note about a label", [told(4, "added ~3 label")], 4),
    ("an old note about a milestone", [told(4, "changed milestone to %3")], 4),
    ("an old note about closing", [told(4, "closed via merge request !3")], 4),
    ("the last of all streams", [note(3), labelled(6), closed(5), milestoned(4)], 6),
    ("somebody whom GitLab knows for a person", [note(5), note(9, STRANGER)], 9),
    ("somebody who was blocked since", [note(9, User(40, "stranger", state="blocked"))], 9),
    ("mentioned by a commit", [told(7, "mentioned in commit abc1234")], 7),
    ("mentioned by a merge request", [told(7, "mentioned in merge request !12")], 7),
    ("mentioned by one elsewhere", [told(7, "mentioned in merge request support/x!12")], 7),
    ("a comment that reads like a system note", [note(7, body="mentioned in issue #5")], 7),
    ("a comment that says `locked`", [note(7, body="locked the discussion in this issue")], 7),
    # … and this does not.
    ("mentioned by another issue", [note(2), told(9, "mentioned in issue #5")], 2),
    ("mentioned by another project's issue", [told(9, "mentioned in issue support/x#5")], 0),
    ("mentioned by an epic", [told(9, "mentioned in epic &3")], 0),
    ("mentioned by a task", [told(9, "Mentioned in task #5")], 0),
    ("locked", [note(2), told(9, "locked the discussion in this issue")], 2),
    ("unlocked", [told(9, "unlocked the discussion in this issue")], 0),
    ("locked, in other words", [told(9, "locked this issue")], 0),
    ("Drumbeat's note", [note(2), note(9, DRUMBEAT)], 2),
    ("Drumbeat's label", [note(2), labelled(9, DRUMBEAT)], 2),
    ("Drumbeat's close", [closed(9, DRUMBEAT)], 0),
    ("Drumbeat under another id", [note(9, user("support-drumbeat"))], 0),
    ("Drumbeat before its token changed", [note(9, user("Former-Drumbeat"))], 0),
    ("a project token", [note(9, user("project_1_bot_ab12"))], 0),
    ("an old project token", [note(9, user("project_1_bot"))], 0),
    ("the second old project token", [note(9, user("project_1_bot2"))], 0),
    ("a group token", [labelled(9, user("group_42_bot_4ffca233d8298ea1"))], 0),
    ("a group's service account", [note(9, user("service_account_group_345_6018816a18e515"))], 0),
    ("an instance's service account", [note(9, user("service_account_6018816a18e51521"))], 0),
    ("a bot by the settings' pattern", [note(9, user("triage-bot"))], 0),
    ("by a pattern, in capitals", [note(9, user("CI_Nightly"))], 0),
    ("by a name in the settings", [note(9, user("renovate"))], 0),
    ("flagged as a bot by GitLab", [note(9, user("helpful", bot=True))], 0),
    ("flagged, when GitLab is asked", [note(2), note(9, FLAGGED)], 2),
    ("gone, when GitLab is asked", [note(2), note(9, GONE)], 2),
    ("GitLab's own bot for alerts", [note(9, user("alert-bot"))], 0),
    ("GitLab's own bot for reviews", [note(9, user("GitLabDuo"))], 0),
    ("Ghost", [note(2), note(9, user("ghost"))], 2),
    ("Ghost in capitals", [closed(9, user("Ghost"))], 0),
    ("a user who is gone", [note(2), labelled(9, None)], 2),
    # Names that only look like bots are people.
    ("a person named after a robot", [note(9, user("robot"))], 9),
    ("a person who says not to be a bot", [note(9, user("bot-lover", bot=False))], 9),
    ("a person with `bot` in the middle", [note(9, user("project_bot_lead"))], 9),
    ("a person named like an account", [note(9, user("service_account_owner"))], 9),
    ("a bot's noise after a person's word", [note(9), note(12, DRUMBEAT), labelled(20, None)], 9),
    (
        "a person's word after a bot's noise",
        [note(5, DRUMBEAT), note(6, user("a-bot")), note(8)],
        8,
    ),
]


@pytest.mark.parametrize(
    ("history", "day"), [pytest.param(h, day, id=name) for name, h, day in HISTORIES]
)
def test_quiet_time_counts_from_the_last_human_action(history, day):
    last = list(bounds(history))[-1]
    quiet = NOW - after(day)
    assert (last.at_least, last.at_most, last.exact) == (quiet, quiet, True)


@pytest.mark.parametrize("history", [pytest.param(h, id=name) for name, h, _ in HISTORIES])
def test_the_bounds_only_close_in_and_never_leave_the_truth_out(history):
    found = list(bounds(history))
    truth = found[-1].at_least
    assert all(quiet.at_least <= truth <= quiet.at_most for quiet in found)
    assert [q.at_least for q in found] == sorted(q.at_least for q in found)
    assert [q.at_most for q in found] == sorted((q.at_most for q in found), reverse=True)


def test_an_issue_that_nobody_touched_is_exact_at_once():
    first = next(bounds([]))
    assert first.exact
    assert first.days == 30


def test_what_was_not_read_yet_is_asked_for_stream_by_stream():
    history = [labelled(6, DRUMBEAT)]
    first = bounds(history, Snapshot())
    assert next(first) == Quiet(timedelta(days=24), timedelta(days=30))
    with pytest.raises(Missing) as missing:
        next(first)
    assert missing.value.questions == (NotesPageOf(REF),)
    streams = [EventsPageOf(REF, kind) for kind in EventKind]
    assert asked(history) == [NotesPageOf(REF), *streams]


def test_streams_that_the_tier_lacks_are_not_asked_for():
    history = [note(6, DRUMBEAT)]
    free = [EventsPageOf(REF, EventKind(kind)) for kind in ("label", "state", "milestone")]
    assert asked(history, has_weight=False, has_iteration=False) == [NotesPageOf(REF), *free]


def test_nothing_more_is_read_once_the_last_update_is_proven_human():
    assert asked([note(6)]) == [NotesPageOf(REF)]


@pytest.mark.parametrize("kind", [NotesPageOf(REF), EventsPageOf(REF, EventKind.LABEL)])
def test_history_that_cannot_be_read_is_never_taken_for_none(kind):
    snapshot = knowing([labelled(6)]).knowing({kind: Unreadable("500 Internal Server Error")})
    with pytest.raises(NotReadable, match="500"):
        list(bounds([labelled(6)], snapshot))


# --- Newest first, only until a human is proven ------------------------------------------


def noise(*days, who=DRUMBEAT):
    return [note(day, who) for day in days]


def test_notes_are_read_page_by_page_until_a_human_shows():
    history = [note(1), note(2), note(3), *noise(*range(4, 9))]
    pages = [NotesPageOf(REF, number) for number in (1, 2, 3)]
    assert asked(history, size=2)[:4] == [*pages, EventsPageOf(REF, EventKind.LABEL)]
    assert list(bounds(history, knowing(history, 2)))[-1].at_least == NOW - after(3)


def test_older_notes_are_not_read_when_none_of_them_could_matter():
    """The second page reaches back to the moment at which the issue was opened."""
    questions = asked(noise(0, 0, 0, 7, 8), size=2)
    assert NotesPageOf(REF, 2) in questions
    assert NotesPageOf(REF, 3) not in questions


def test_events_are_read_from_the_last_page_to_the_first_with_a_human():
    history = [labelled(day, PERSON if day in {1, 4} else DRUMBEAT) for day in range(1, 9)]
    pages = [one for one in asked(history, size=2) if isinstance(one, EventsPageOf)]
    assert [one.page for one in pages if one.kind is EventKind.LABEL] == [1, 4, 3, 2]
    assert list(bounds(history, knowing(history, 2)))[-1].at_least == NOW - after(4)


def test_a_stream_longer_than_gitlab_counts_is_read_whole():
    history = [labelled(3), labelled(6, DRUMBEAT)]
    label = EventsPageOf(REF, EventKind.LABEL)
    endless = {label: Page((labelled(1),), more=True)}
    snapshot = knowing(history).knowing(endless)
    with pytest.raises(Missing) as missing:
        list(bounds(history, snapshot))
    assert missing.value.questions == (EventsOf(REF, EventKind.LABEL),)
    whole = snapshot.knowing({EventsOf(REF, EventKind.LABEL): tuple(history)})
    assert list(bounds(history, whole))[-1].at_least == NOW - after(3)
    noisy = snapshot.knowing({EventsOf(REF, EventKind.LABEL): (labelled(6, DRUMBEAT),)})
    assert list(bounds(history, noisy))[-1].at_least == NOW - DAY0


def test_what_one_page_holds_whole_is_not_read_again():
    history = [note(3), labelled(6)]
    label = EventKind.LABEL
    by_page = knowing(history)
    assert by_page.notes(REF) == (history[0],)
    assert by_page.events(REF, label) == (history[1],)
    whole: dict[Question, object] = {
        NotesOf(REF): (history[0],),
        EventsOf(REF, label): (history[1],),
    }
    assert Snapshot(whole).notes_page(REF, 1).entries == (history[0],)
    assert Snapshot(whole).events_page(REF, label, 1).entries == (history[1],)
    torn = knowing([note(3), note(4), labelled(5), labelled(6)], size=1)
    for ask in (lambda: torn.notes(REF), lambda: torn.events(REF, label)):
        with pytest.raises(Missing):
            ask()


# --- Who is a bot -------------------------------------------------------------------------


def test_gitlab_is_asked_only_about_those_who_would_be_the_proof():
    question = UserAt(STRANGER.id)
    assert question not in asked([note(3, STRANGER), note(5)])
    assert question not in asked([told(5, "locked this issue", STRANGER)])
    assert question in asked([note(3), note(5, STRANGER)])


def test_what_those_did_who_are_known_is_told_before_gitlab_is_asked():
    history = [note(20), note(25, STRANGER)]
    snapshot = Snapshot({NotesPageOf(REF): Page((history[1], history[0]))})
    found = bounds(history, snapshot)
    assert [next(found), next(found)][-1] == Quiet(NOW - after(25), NOW - after(20))
    with pytest.raises(Missing) as missing:
        next(found)
    assert missing.value.questions == (UserAt(STRANGER.id),)


def test_somebody_is_asked_about_once():
    history = [note(3), *noise(4, 5, 6, who=FLAGGED), labelled(7, FLAGGED)]
    assert asked(history).count(UserAt(FLAGGED.id)) == 1


@pytest.mark.parametrize("who", [None, DRUMBEAT, FLAGGED, GONE, user("x-bot")])
def test_who_is_not_proven_a_person_is_none(who):
    assert not HUMANS.proven(who, knowing([]))


@pytest.mark.parametrize("who", [PERSON, STRANGER, user("somebody", bot=False)])
def test_who_is_proven_a_person(who):
    assert HUMANS.proven(who, knowing([]))


def test_asking_can_be_switched_off():
    humans = Humans(HUMANS.trust, HUMANS.patterns, HUMANS.known, bot_flags=False)
    history = [note(3), note(5, FLAGGED)]
    assert UserAt(FLAGGED.id) not in asked(history, humans)
    assert list(bounds(history, humans=humans))[-1].at_least == NOW - after(5)


def test_settings_and_roster_say_who_is_known(tmp_path):
    org = (
        an_org(tmp_path)
        .with_manager("mgr-1")
        .with_settings(bots=["x-*"], bot_flags=False, activity={"comments": False})
    )
    humans = Humans.of(org.organisation(), HUMANS.trust)
    assert humans.known == {"dir-1", "mgr-1", "mgr-1-se-0", "mgr-1-se-1"}
    assert not humans.is_human(user("x-1"))
    assert (humans.bot_flags, humans.activity.comments) == (False, False)
    assert Settings(loops_group="a", default_project="a/b").bot_flags


# --- What counts can be switched ----------------------------------------------------------

SWITCHED = {
    "comments": note,
    "edits": lambda day: told(day, "changed the description"),
    "ticks": lambda day: told(day, "marked the checklist item **first** as completed"),
    "labels": labelled,
    "state": closed,
    "milestone": milestoned,
    "assignees": lambda day: told(day, "unassigned @se-101"),
    "dates": lambda day: told(day, "removed due date December 4, 2026"),
    "weight": weighted,
    "iteration": iterated,
    "time_spent": lambda day: told(day, "subtracted 1h of time spent at 2026-10-05"),
    "references": lambda day: told(day, "mentioned in commit abc1234"),
    "other": lambda day: told(day, "changed type from issue to incident"),
}


def without(kind):
    return Humans(
        HUMANS.trust, HUMANS.patterns, HUMANS.known, Activity.model_validate({kind: False})
    )


def test_every_kind_has_its_switch():
    assert SWITCHED.keys() == Activity.model_fields.keys()


@pytest.mark.parametrize("kind", SWITCHED)
@pytest.mark.parametrize("off", SWITCHED)
def test_a_kind_counts_unless_it_is_switched_off(kind, off):
    history = [SWITCHED[kind](6)]
    day = 0 if kind == off else 6
    assert list(bounds(history, humans=without(off)))[-1].at_least == NOW - after(day)


@pytest.mark.parametrize("kind", EventKind)
def test_a_stream_that_does_not_count_is_not_read(kind):
    name = {"label": "labels"}.get(kind.value, kind.value)
    questions = asked([note(6, DRUMBEAT)], without(name))
    assert EventsPageOf(REF, kind) not in questions
    assert len(questions) == len(EventKind)


def test_notes_are_not_read_where_nothing_in_them_counts():
    events = {"labels", "state", "milestone", "weight", "iteration"}
    activity = Activity.model_validate({kind: kind in events for kind in SWITCHED})
    humans = Humans(HUMANS.trust, activity=activity)
    assert asked([note(6)], humans) == [EventsPageOf(REF, kind) for kind in EventKind]


@pytest.mark.parametrize("early", [timedelta(0), timedelta(hours=5)])
def test_clocks_that_disagree_make_no_negative_quiet_time(early):
    found = list(bounds([note(3)], now=DAY0 - early))
    assert {(q.at_least, q.at_most) for q in found} == {(timedelta(0), timedelta(0))}

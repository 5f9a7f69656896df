"""Quiet time counts from the last human action, whatever bots do (law 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from automation.identity import Trust
from automation.model.issue import Event, EventKind, Issue, IssueRef, Note, User
from automation.model.snapshot import (
    EventsOf,
    Missing,
    NotesOf,
    NotReadable,
    Question,
    Snapshot,
    Unreadable,
)
from automation.rules.quiet import Humans, Quiet, narrowed

DAY0 = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = DAY0 + timedelta(days=30)
REF = IssueRef(7, 1)
DRUMBEAT = User(1, "support-drumbeat")
PERSON = User(2, "se-101")
OTHER = User(3, "Mgr.Emea-1")
HUMANS = Humans(Trust.of(DRUMBEAT, ["former-drumbeat"]), ("*-bot", "ci_*", "Renovate"))


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


def an_issue(updated_at):
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
    )


def knowing(history):
    answers: dict[Question, object] = {}
    answers[NotesOf(REF)] = tuple(one for one in history if isinstance(one, Note))
    for kind in EventKind:
        events = (one for one in history if isinstance(one, Event) and one.kind is kind)
        answers[EventsOf(REF, kind)] = tuple(events)
    return Snapshot(answers)


def bounds(history, snapshot=None, humans=HUMANS, now=NOW):
    updated_at = max([DAY0, *(one.created_at for one in history)])
    return narrowed(an_issue(updated_at), snapshot or knowing(history), humans, now)


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
    ("the last of all streams", [note(3), labelled(6), closed(5), milestoned(4)], 6),
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
    with pytest.raises(Missing) as asked:
        next(first)
    assert asked.value.questions == (NotesOf(REF),)

    then = bounds(history, Snapshot({NotesOf(REF): ()}))
    assert [next(then), next(then)]
    with pytest.raises(Missing) as asked:
        next(then)
    assert asked.value.questions == (EventsOf(REF, EventKind.LABEL),)


def test_history_that_cannot_be_read_is_never_taken_for_none():
    snapshot = Snapshot({NotesOf(REF): Unreadable("500 Internal Server Error")})
    quiet = bounds([labelled(6)], snapshot)
    next(quiet)
    with pytest.raises(NotReadable, match="500"):
        next(quiet)


@pytest.mark.parametrize("early", [timedelta(0), timedelta(hours=5)])
def test_clocks_that_disagree_make_no_negative_quiet_time(early):
    found = list(bounds([note(3)], now=DAY0 - early))
    assert {(q.at_least, q.at_most) for q in found} == {(timedelta(0), timedelta(0))}

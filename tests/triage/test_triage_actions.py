"""What triage rules do: each action once, undone by nobody but people, in as few writes as it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from automation.apply import apply
from automation.model.change import EnsureLabel
from automation.model.issue import EventKind, Milestone
from automation.model.questions import EventsOf, IssuesOf
from automation.model.snapshot import Unreadable
from automation.planner import make_plan
from tests.support.builders import MONDAY
from tests.support.fake_gitlab import BOT, lost_answer
from tests.triage.world import BAOBAB, World, rule


@pytest.mark.parametrize(
    ("labels", "do", "after"),
    [
        (["a"], {"label": "b"}, {"a", "b"}),
        (["x::1", "x::y::1"], {"label": "x::2"}, {"x::2", "x::y::1"}),
        (["x::y::1", "x::1"], {"label": "x::y::2"}, {"x::1", "x::y::2"}),
        (["t::a", "t::b", "u"], {"unlabel": "t::*"}, {"u"}),
        (["a"], {"label": ["b", "c"], "unlabel": ["a", "z"]}, {"b", "c"}),
    ],
)
def test_labels(tmp_path, labels, do, after):
    world = World(tmp_path, rule("r", **do))
    issue = world.open(labels=labels)
    world.settle()
    assert world.now_is(issue).labels == after
    assert world.said(issue) == []


def test_a_pattern_of_labels_to_take_off_is_no_label_to_make(tmp_path):
    world = World(tmp_path, rule("r", unlabel=["t::*", "u"]))
    world.open(labels=["t::a"])
    assert [one for one in world.plan().changes if isinstance(one, EnsureLabel)] == []


def test_all_that_rules_of_several_policies_do_is_one_change_with_one_note(tmp_path):
    more: Any = [
        ("second", {}, [rule("c", 'has("x")', comment="hi.md", mention=["author"], close=True)])
    ]
    world = World(
        tmp_path,
        rule("a", label="x", comment="note.md"),
        rule("b", label="y", assign="group.sponsor", due="3 days"),
        more=more,
    )
    issue = world.open()
    (change,) = world.changes()
    assert (change.to, change.close, change.due_date) == ("a, b, c", True, date(2026, 11, 26))
    assert change.assign is not None
    assert (change.assign.username, change.mentions) == ("mgr-1", ("se-1",))
    assert change.say == "A note\n\nHi @se-1"
    assert change.marker.count("drumbeat:said") == 2
    world.settle()
    assert len(world.said(issue)) == 1


def test_what_is_internal_has_a_note_of_its_own_before_the_rest(tmp_path):
    world = World(
        tmp_path,
        rule("a", label="x", comment="note.md", internal=True),
        rule("b", comment="more.md", thread=True),
        rule("c", comment="hi.md"),
    )
    world.open()
    inner, outer = world.changes()
    assert (inner.internal, inner.thread, inner.say, inner.add_labels) == (
        True,
        False,
        "A note",
        (),
    )
    assert (outer.internal, outer.thread, outer.add_labels) == (False, True, ("x",))
    assert outer.say == "More on Runbook\n\nHi"
    world.settle()


def test_a_comment_without_a_label_is_said_once(tmp_path):
    world = World(tmp_path, rule("r", comment="note.md"))
    issue = world.open()
    world.settle()
    world.later(days=400)
    assert world.changes() == []
    assert len(world.said(issue)) == 1


def test_a_comment_may_be_said_again_after_some_days(tmp_path):
    world = World(tmp_path, rule("r", comment="note.md", repeat_after=7))
    issue = world.open()
    world.settle()
    world.later(days=6)
    assert world.changes() == []
    world.later(days=2)
    world.settle()
    assert len(world.said(issue)) == 2


def test_the_assignee(tmp_path):
    world = World(tmp_path, rule("r", assign="@mgr-2"))
    issue = world.open(assignees=[world.gitlab.with_user("mgr-1")])
    world.settle()
    assert [one.username for one in world.now_is(issue).assignees] == ["mgr-2"]
    world.gitlab._update(issue.ref, assignees=())
    assert world.changes() == []


def test_the_author_and_a_sponsor_of_no_group_as_assignees(tmp_path):
    world = World(
        tmp_path, rule("s", assign="group.sponsor"), rule("a", "not assignees", assign="author")
    )
    issue = world.open(project="support/sgg/elsewhere")
    world.settle()
    assert world.now_is(issue).assignees == (world.person,)


def test_a_user_whom_gitlab_does_not_know_is_a_problem(tmp_path):
    world = World(tmp_path, rule("l", label="x"), rule("r", assign="nobody"))
    issue = world.open()
    plan = world.plan()
    assert plan.changes == ()
    (problem,) = plan.problems
    assert (problem.key, problem.blocking) == (issue.reference, True)
    assert problem.message == "GitLab knows no user @nobody: it is not assigned"


def test_the_milestone(tmp_path):
    world = World(tmp_path, rule("r", milestone="17.8"))
    world.gitlab.milestones = [Milestone(3, "17.8", active=False), Milestone(4, "17.8")]
    issue = world.open()
    world.settle()
    assert world.now_is(issue).milestone == "17.8"
    world.gitlab._update(issue.ref, milestone=None)
    assert world.changes() == []


def test_a_milestone_that_is_not_there_is_a_problem(tmp_path):
    world = World(tmp_path, rule("r", milestone="17.8"))
    world.open()
    (problem,) = world.plan().problems
    assert problem.message == f"{BAOBAB} has no active milestone '17.8': it gets none"


@pytest.mark.parametrize(
    ("due", "day"), [("1 working day", 24), ("5 working days", 30), ("5 days", 27), ("1 day", 24)]
)
def test_the_due_date_is_a_working_day(tmp_path, due, day):
    world = World(tmp_path, rule("r", due=due))
    issue, dated = world.open(), world.open(due_date=date(2026, 12, 24))
    world.settle()
    assert world.now_is(issue).due_date == date(2026, 11, day)
    assert world.now_is(dated).due_date == date(2026, 12, 24)
    world.gitlab.change_due_date(issue, world.person, None)
    assert world.changes() == []


def test_a_move_to_where_the_role_is_proven(tmp_path):
    world = World(tmp_path, rule("r", move="support/loops", label="x"))
    issue = world.open()
    world.settle()
    assert world.now_is(issue).moved_to_id
    copy = next(one for one in world.gitlab.issues.values() if one.project == "support/loops")
    assert copy.labels == {"x"}
    world.gitlab.move(copy, world.person, BAOBAB)
    assert world.changes() == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {},
            "the token's role in support/x is not proven to be Planner or above, or there is no such project",
        ),
        ({"archived": True}, "support/x is archived"),
        ({"issues_enabled": False}, "issues are switched off in support/x"),
    ],
)
def test_a_move_to_where_nothing_may_be_created(tmp_path, facts, message):
    world = World(tmp_path, rule("r", move="support/x"))
    if facts:
        world.gitlab.with_project("support/x", **facts)
    world.open()
    plan = world.plan()
    assert [one.message for one in plan.problems] == [f"it is not moved: {message}"]
    assert plan.changes == ()


def test_what_a_person_reopened_is_not_closed_again(tmp_path):
    world = World(tmp_path, rule("r", close=True))
    issue = world.open()
    world.settle()
    assert not world.now_is(issue).opened
    world.gitlab.reopen(issue, world.person)
    assert world.changes() == []


def test_what_a_person_closed_again_is_not_reopened(tmp_path):
    world = World(tmp_path, rule("r", reopen=True), where={"state": "closed"})
    issue = world.open()
    world.gitlab.close(issue, world.person)
    world.settle()
    assert world.now_is(issue).opened
    world.gitlab.close(issue, world.person)
    assert world.changes() == []


def test_rules_that_undo_each_other_do_nothing(tmp_path):
    more: Any = [("second", {}, [rule("off", unlabel="x")])]
    world = World(tmp_path, rule("on", label="x"), more=more)
    world.open()
    plan = world.plan()
    assert plan.changes == ()
    (problem,) = plan.problems
    assert problem.message == "the rules of first and second undo each other on it: nothing is done"


def test_a_policy_sees_what_earlier_ones_bring_into_it(tmp_path):
    more: Any = [("second", {"labels": ["x"]}, [rule("b", label="y")])]
    world = World(tmp_path, rule("a", label="x"), more=more)
    issue = world.open()
    world.settle()
    assert world.now_is(issue).labels == {"x", "y"}


# --- Limits ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "chosen"),
    [
        ({}, "abcd"),
        ({"oldest": 2}, "ab"),
        ({"most_recent": 2}, "cd"),
        ({"at_most": 3}, "abc"),
        ({"most_recent": 3, "at_most": 1}, "d"),
        ({"mentions_per_person": 2}, "ab"),
    ],
)
def test_limits(tmp_path, limits, chosen):
    world = World(
        tmp_path, rule("r", limits=limits, label="x", comment="hi.md", mention=["author"])
    )
    issues = {name: world.open(40 - n, title=name) for n, name in enumerate("abcd")}
    world.run()
    assert (
        "".join(name for name, one in issues.items() if "x" in world.now_is(one).labels) == chosen
    )


def test_what_a_limit_left_waits_for_the_next_run(tmp_path):
    world = World(tmp_path, rule("r", limits={"at_most": 1}, label="x"))
    world.open(50, labels=["x"])  # what changes nothing does not count
    issues = [world.open(40 - n) for n in range(2)]
    world.run()
    assert ["x" in world.now_is(one).labels for one in issues] == [True, False]
    world.settle()
    assert ["x" in world.now_is(one).labels for one in issues] == [True, True]


# --- Issues that rules open ------------------------------------------------------------

FOLLOW = {"template": "more.md", "labels": ["follow"], "assign": "group.sponsor", "due": "2 days"}


def test_an_issue_follows_each_match_once(tmp_path):
    world = World(tmp_path, rule("r", "not confidential", issue=FOLLOW))
    issue = world.open()
    (made,) = world.opened()
    assert made.key == f"first/r/{issue.reference}"
    assert made.title == f"Follow up: Runbook ({issue.reference})"
    assert made.description == (
        f"More on Runbook\n\n<!-- drumbeat:made first/r {issue.ref.project_id}/{issue.ref.iid} -->\n"
    )
    assert (made.labels, made.assignees, made.due_date) == (
        ("follow",),
        ("mgr-1",),
        date(2026, 11, 25),
    )
    assert made.confidential
    world.settle()


@pytest.mark.parametrize("how", ["rename", "edit", "close", "relabel"])
def test_an_issue_that_follows_is_known_after_people_changed_it(tmp_path, how):
    world = World(tmp_path, rule("r", issue=FOLLOW))
    world.open()
    world.settle()
    made = next(one for one in world.gitlab.issues.values() if "Follow up" in one.title)
    match how:
        case "rename":
            world.gitlab.rename(made, world.person, "Mine")
        case "edit":
            world.gitlab.edit(made, world.person, "Mine")
        case "close":
            world.gitlab.close(made, world.person)
        case _:
            world.gitlab.relabel(made, world.person, (), ["follow"])
    world.later(days=100)
    assert world.opened() == []


def test_a_strangers_issue_does_not_count_as_the_one_that_follows(tmp_path):
    world = World(tmp_path, rule("r", 'title == "Runbook"', issue=FOLLOW))
    issue = world.open()
    mark = f"<!-- drumbeat:made first/r {issue.ref.project_id}/{issue.ref.iid} -->"
    world.open(title=f"x ({issue.reference})", description=mark)
    assert len(world.opened()) == 1


def test_an_answer_that_was_lost_makes_no_second_issue(tmp_path):
    world = World(tmp_path, rule("r", issue={**FOLLOW, "project": "support/loops"}))
    world.open()
    world.gitlab.after_write = lambda what: lost_answer(what) if "create" in what else None
    with pytest.raises(AssertionError):
        world.run()
    world.gitlab.after_write = lambda _what: None
    assert world.opened() == []


def test_of_a_confidential_match_what_follows_is_confidential(tmp_path):
    follow = {"template": "note.md", "confidential": False, "assign": "author"}
    world = World(tmp_path, rule("r", issue=follow))
    world.open(confidential=True)
    world.open(39, assignees=[])
    found = {one.confidential: one.assignees for one in world.opened()}
    assert found == {False: ("se-1",), True: ("se-1",)}


def test_nothing_follows_where_nothing_may_be_created(tmp_path):
    world = World(tmp_path, rule("r", issue={**FOLLOW, "project": "other/x"}))
    world.open()
    plan = world.plan()
    assert plan.changes == ()
    assert plan.problems[0].message.startswith(
        "no issue follows it: the token's role in other/x is"
    )


SUMMARY = {"template": "list.md", "project": "support/loops", "labels": ["sum"]}


def test_a_summary_lists_all_matches_once_a_period(tmp_path):
    world = World(tmp_path, rule("r", "age > days(7)", summary=SUMMARY))
    issue = world.open()
    secret = world.open(title="Secret", confidential=True)
    world.open(1)
    (made,) = world.opened()
    assert (made.key, made.title) == ("first/r/2026-W48", "first: r, 2026-W48")
    assert made.description == (
        f"- {issue.reference.replace('#', chr(92) + '#')} Runbook\n"
        f"- {secret.reference.replace('#', chr(92) + '#')} (confidential)\n\n"
        "<!-- drumbeat:made first/r 2026-W48 -->\n"
    )
    world.settle()
    world.open(8)
    assert world.opened() == []
    world.later(days=7)
    assert [one.key for one in world.opened()] == ["first/r/2026-W49"]


@pytest.mark.parametrize("how", ["rename", "edit"])
def test_a_summary_is_known_after_people_changed_it(tmp_path, how):
    world = World(tmp_path, rule("r", summary=SUMMARY))
    world.open()
    world.settle()
    made = next(one for one in world.gitlab.issues.values() if one.project == "support/loops")
    getattr(world.gitlab, how)(made, world.person, "Mine")
    assert world.opened() == []


def test_there_is_no_summary_of_nothing_and_none_where_nothing_may_be_created(tmp_path):
    world = World(tmp_path, rule("r", 'title == "x"', summary={**SUMMARY, "project": "support/y"}))
    world.open()
    assert world.opened() == []
    world.open(title="x")
    (problem,) = world.plan().problems
    assert problem.message.startswith("the summary is not opened: the token's role in support/y is")


def test_where_the_clock_was_moved_ahead_all_issues_are_listed(tmp_path):
    world = World(tmp_path, rule("r", summary=SUMMARY), rule("f", issue=FOLLOW))
    world.open()
    world.gitlab.now = MONDAY - timedelta(days=20)
    list(apply(make_plan(world.loops, world.gitlab, world.now), world.gitlab))
    assert make_plan(world.loops, world.gitlab, world.now).changes == ()
    asked = [one.query for one in world.gitlab.answered if isinstance(one, IssuesOf)]
    assert {one.created_after for one in asked if one.author == BOT.username} == {None}


# --- What overlapping runs opened ----------------------------------------------------------


def twin_of(world, title, ticks=""):
    """The same issue once more, as another run at the same time would have opened it."""
    (older,) = [one for one in world.gitlab.issues.values() if one.title.startswith(title)]
    text = older.description + ticks
    return older, world.gitlab.open(
        older.project, older.title, text, author=BOT, confidential=older.confidential
    )


@pytest.mark.parametrize(
    ("do", "title"), [({"issue": FOLLOW}, "Follow"), ({"summary": SUMMARY}, "f")]
)
def test_of_twins_the_older_stays(tmp_path, do, title):
    world = World(tmp_path, rule("r", **do))
    world.open()
    world.settle()
    older, newer = twin_of(world, title, "\n- [x] Done **here**\n- [ ] Not")
    (change,) = world.changes()
    assert (change.key, change.to, change.close) == (newer.reference, "r", True)
    assert change.reason == f"first/r: duplicate of {older.reference}, older"
    world.settle()
    assert [world.now_is(one).opened for one in (older, newer)] == [True, False]
    (word,) = world.said(newer)
    link = f"[{older.reference.replace('#', chr(92) + '#')}]({older.web_url})"
    assert word.startswith(f"This issue was opened twice; {link} is the one to use. Ticked here:\n")
    assert "\n- Done here\n\n" in word
    world.gitlab.reopen(newer, world.person)
    assert world.plan().changes == ()


@pytest.mark.parametrize("how", ["close", "move", "edit"])
def test_twins_that_people_dealt_with_are_left_alone(tmp_path, how):
    world = World(tmp_path, rule("r", 'title == "Runbook"', issue=FOLLOW))
    world.open()
    world.settle()
    older, newer = twin_of(world, "Follow")
    match how:
        case "close":
            world.gitlab.close(older, world.person)
        case "move":
            world.gitlab.move(newer, world.person, "support/loops")
        case _:
            world.gitlab.edit(newer, world.person, "Another text")
    assert world.plan().changes == ()


def test_a_twin_whose_history_is_not_readable_is_a_problem(tmp_path):
    world = World(tmp_path, rule("r", 'title == "Runbook"', issue=FOLLOW, label="x"))
    issue = world.open()
    world.settle()
    world.gitlab.relabel(issue, BOT, (), ["x"])
    _, newer = twin_of(world, "Follow")
    world.gitlab.unreadable[EventsOf(newer.ref, EventKind.STATE)] = Unreadable("500")
    plan = world.plan()
    assert [(one.key, one.message) for one in plan.problems] == [(newer.reference, "500")]
    (change,) = plan.changes
    assert (change.key, change.add_labels) == (issue.reference, ("x",))


def test_a_policy_leaves_alone_what_it_opened(tmp_path):
    found = [rule("s", summary={**SUMMARY, "project": BAOBAB}), rule("l", label="x")]
    world = World(tmp_path, *found)
    world.open()
    world.settle()
    made = [one for one in world.gitlab.issues.values() if one.author == BOT]
    assert [one.labels for one in made] == [{"sum"}]


def test_a_twin_that_other_policies_change_as_well_has_one_change(tmp_path):
    more: Any = [("second", {}, [rule("l", label="x")])]
    world = World(tmp_path, rule("s", summary={**SUMMARY, "project": BAOBAB}), more=more)
    world.open()
    world.run()
    world.settle()
    _, newer = twin_of(world, "first: s")
    (change,) = [one for one in world.changes() if one.key == newer.reference]
    assert (change.close, change.to, change.add_labels) == (True, "s", ())
    world.settle()


# --- Matches that moved --------------------------------------------------------------------


@pytest.mark.parametrize("rename", [False, True])
@pytest.mark.parametrize("short", [False, True])
def test_a_match_that_moved_is_the_same_match(tmp_path, rename, short):
    world = World(
        tmp_path, rule("r", issue={**FOLLOW, "project": "support/loops"}, comment="note.md")
    )
    issue = world.open()
    world.settle()
    if rename:
        made = next(one for one in world.gitlab.issues.values() if "Follow" in one.title)
        world.gitlab.rename(made, world.person, "Mine")
    once = world.gitlab.move(issue, world.person, "support/sgg/elm")
    twice = world.gitlab.move(once, world.person, "support/sgg/fir")
    if short:
        notes = world.gitlab.notes[twice.ref]
        notes[:] = [
            replace(one, body=one.body.replace("support/sgg/", "")) if one.system else one
            for one in notes
        ]
    assert world.plan().changes == ()


def test_a_match_that_came_from_where_nobody_knows_gets_its_first_one(tmp_path):
    world = World(tmp_path, rule("r", issue=FOLLOW))
    issue = world.open()
    world.gitlab.comment(issue, world.person, "moved from other/gone#3", system=True)
    world.gitlab.comment(issue, world.person, "moved from other/gone#3 it was")
    assert len(world.opened()) == 1
    world.settle()


# --- What cannot be done, and whom it is for -------------------------------------------------


def test_nobody_to_assign_a_follow_up_to(tmp_path):
    world = World(tmp_path, rule("r", issue={**FOLLOW, "project": "support/loops"}))
    world.open(project="support/sgg/elsewhere")
    (made,) = world.opened()
    assert made.assignees == ()
    world.open()
    del world.gitlab.users["mgr-1"]
    plan = world.plan()
    (problem,) = plan.problems
    assert problem.message == "GitLab knows no user @mgr-1: no issue follows it"
    assert problem.remedy == "Mend `username` in the roster."


def test_a_title_that_comes_out_empty_is_a_problem(tmp_path):
    summary = {**SUMMARY, "title": "{{ matches[0].title if matches else '' }}"}
    world = World(tmp_path, rule("r", summary=summary))
    world.open()
    (problem,) = world.plan().problems
    assert (problem.key, problem.message) == ("first/r", "`title`: comes out empty")


def test_the_assignees_of_a_match_get_what_follows(tmp_path):
    world = World(tmp_path, rule("r", issue={**FOLLOW, "assign": "assignees"}))
    world.open(assignees=[world.gitlab.with_user("mgr-2")])
    (made,) = world.opened()
    assert made.assignees == ("mgr-2",)


def test_a_follow_up_that_is_too_long_for_gitlab_is_a_problem(tmp_path):
    world = World(tmp_path, rule("r", issue=FOLLOW, label="x"))
    world.open(title="x" * 50)
    text = "{% for one in 'abcdef' %}" + "x" * 200_000 + "{% endfor %}"
    world.open()
    world.org.with_template("more.md", text)
    world.rules(rule("r", issue=FOLLOW, label="x"))
    plan = world.plan()
    assert plan.changes == ()
    assert "characters long; GitLab takes 1048576" in plan.problems[0].message


def test_the_last_word_of_a_person_not_of_a_bot(tmp_path):
    world = World(tmp_path, rule("r", comment="last.md"))
    helper = world.gitlab.with_user("helper", bot=True)
    issue = world.open()
    world.gitlab.comment(issue, world.person, "Hello")
    world.gitlab.comment(issue, replace(helper, bot=None), "Beep")
    (change,) = world.changes()
    assert change.say == "Last: Se-1"


def test_people_are_counted_without_bots(tmp_path):
    world = World(tmp_path, rule("one", "people == 1", label="x"))
    helper = world.gitlab.with_user("helper", bot=True)
    issue = world.open()
    for who in (world.person, replace(helper, bot=None), BOT, world.person):
        world.gitlab.comment(issue, who, "Hello")
    world.settle()
    assert world.now_is(issue).labels == {"x"}


def test_limits_and_summaries_wait_until_all_matches_are_known(tmp_path):
    world = World(
        tmp_path,
        rule("s", "people > 0 or comments == 0", summary=SUMMARY),
        rule("l", "people > 0 or comments == 0", limits={"oldest": 1}, label="x"),
    )
    asked = world.open(40)
    world.gitlab.comment(asked, world.person, "Hello")
    sure = world.open(30)
    world.settle()
    assert ["x" in world.now_is(one).labels for one in (asked, sure)] == [True, False]
    (made,) = [one for one in world.gitlab.issues.values() if one.author == BOT]
    assert made.description.count("\n- ") == 1


def test_a_comparison_with_something_else_is_told_where_bounds_are_wide(tmp_path):
    world = World(tmp_path, rule("r", "quiet_for == 3 or quiet_for > days(1)", label="x"))
    issue = world.open()
    world.gitlab.comment(issue, BOT, "Noise")
    world.settle()
    assert world.now_is(issue).labels == {"x"}


def test_what_was_said_is_not_said_again_for_what_was_left(tmp_path):
    world = World(tmp_path, rule("r", label="x", assign="author", comment="note.md"))
    issue = world.open()
    world.gitlab.after_write = lambda what: lost_answer(what) if "note" in what else None
    list(apply(world.plan(), world.gitlab))
    world.gitlab.after_write = lambda _what: None
    world.gitlab.relabel(issue, BOT, ["x"])
    world.settle()
    assert world.now_is(issue).assignees == (world.person,)
    assert len(world.said(issue)) == 1

"""What conditions see, what they cost, and in which order they are asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.model.issue import IssueQuery, Link, Member, Milestone, Role, TaskCounts
from automation.model.questions import LinksOf, ThreadsOf
from automation.model.snapshot import Unreadable
from automation.model.where import Where
from automation.rules.triage import queries
from tests.support.builders import MONDAY
from tests.support.fake_gitlab import BOT
from tests.triage.world import BAOBAB, World, rule

FULL: dict[str, Any] = {
    "due_date": date(2026, 11, 27),
    "milestone": "17.8",
    "weight": 3,
    "iteration": "Sprint 1",
    "health": "at_risk",
    "upvotes": 4,
    "downvotes": 1,
    "type": "incident",
    "tasks": TaskCounts(4, 1),
}
FACTS = [
    ("due_in == days(4) and due_in < weeks(1)", True, False),
    ("due_date == date('2026-11-27') and due_date > today", True, False),
    ("milestone == '17.8'", True, False),
    ("milestone is none and milestone == none and not milestone", False, True),
    ("weight > 2 or weight <= 2", True, False),
    ("weight in [3] and weight + 1 == 4", True, False),
    ("weight - 1 > 0 or weight * 2 < 9 or -weight < 0 or weight[0] > 1", True, False),
    ("iteration == 'Sprint 1' and health == 'at_risk'", True, False),
    ("'17' in milestone and milestone.startswith('17')", True, False),
    ("milestone | length > 0", True, False),
    ("votes == 4 and downvotes == 1", True, False),
    ("type == 'incident'", True, False),
    ("checklist.done == 1 and checklist.total == 4 and checklist.open == 3", True, False),
    ("checklist.percent < 30", True, False),
    ("closed_at is none and not closed_for > days(1)", True, True),
    ("created_at < now and updated_at <= now and now >= updated_at", True, True),
    ("created_at >= date('2026-10-01') and created_at < date('2026-11-01')", True, True),
    ("created_at <= date('2026-10-24') and date('2026-10-24') == created_at", True, True),
    ("now - created_at > days(29) and created_at > now - days(31)", True, True),
    ("title.matches('^Run(book)+$') and not title.matches('x')", True, True),
    ("only('SGG', 't::{a,b}')", True, True),
    ("only('t::*')", False, False),
    ("has('t::{a,b}') and has('S*')", True, True),
    ("comments == 0 and people == 0 and threads == 0 and linked == 0", True, True),
    ("labelled_for('zzz') == days(0)", True, True),
    ("labelled_for('SGG') >= days(30)", True, True),
    ("in_group('a', assignees)", False, False),
]


@pytest.mark.parametrize(("when", "full", "bare"), FACTS)
def test_facts_of_issues_that_have_everything_and_nothing(tmp_path, when, full, bare):
    world = World(tmp_path, rule("r", when, label="hit"))
    labels = ["SGG", "t::a"]
    found = [world.open(labels=labels, **FULL), world.open(labels=labels)]
    assert world.plan().problems == ()
    world.run()
    assert ["hit" in world.now_is(one).labels for one in found] == [full, bare]


def test_facts_that_are_asked_for(tmp_path):
    when = "people == 2 and threads == 1 and linked == 2 and comments == 4"
    world = World(tmp_path, rule("r", when, label="hit"))
    issue = world.open()
    for who in (world.person, world.person, world.gitlab.with_user("mgr-1"), BOT):
        world.gitlab.comment(issue, who, "x")
    world.gitlab.threads[issue.ref] = 1
    world.gitlab.links[issue.ref] = [Link("a/b#1", True, "blocks"), Link("a/b#2", True, "blocks")]
    assert len(world.changes()) == 1


@pytest.mark.parametrize(("people", "comments"), [(0, 0), (2, 4)])
def test_comments_that_the_list_does_not_count_are_counted(tmp_path, people, comments):
    when = f"people == {people} and comments == {comments}"
    world = World(tmp_path, rule("r", when, label="hit"))
    issue = world.open(comments=None)
    for who in (world.person, world.person, world.gitlab.with_user("mgr-1"), BOT)[:comments]:
        world.gitlab.comment(issue, who, "x")
    world.gitlab._note(issue.ref, BOT, "changed the description", system=True)
    assert world.now_is(issue).comments is None
    assert len(world.changes()) == 1


def test_membership_is_asked_once_for_all_issues_and_before_anything_else(tmp_path):
    when = "quiet_for > days(7) and in_group('support/x') and threads == 0"
    world = World(tmp_path, rule("r", when, label="hit"))
    mine, other = world.open(author=world.gitlab.with_user("MGR-1")), world.open()
    for issue in (mine, other):
        world.gitlab.now = world.now - timedelta(days=1)
        world.gitlab.comment(issue, BOT, "Noise")
    world.gitlab.group_members["support/x"] = [Member(world.gitlab.with_user("mgr-1"), Role.OWNER)]
    assert [one.key for one in world.changes()] == [mine.reference]
    assert world.gitlab.asked["GroupMembersOf"] == 1
    assert world.gitlab.asked["ThreadsOf"] == 1


@pytest.mark.parametrize("when", ["threads == 9 and votes > 1", "votes > 1 and threads == 9"])
def test_what_another_part_decides_is_not_asked(tmp_path, when):
    world = World(tmp_path, rule("r", when, label="hit"), rule("n", f"not ({when})", label="not"))
    world.open()
    (change,) = world.changes()
    assert change.add_labels == ("not",)
    assert world.gitlab.asked["ThreadsOf"] == 0


def test_of_two_questions_the_cheaper_one_is_asked_first(tmp_path):
    world = World(tmp_path, rule("r", "people == 1 and linked == 1", label="hit"))
    issue = world.open()
    world.gitlab.comment(issue, world.person, "x")
    assert world.changes() == []
    assert (world.gitlab.asked["LinksOf"], world.gitlab.asked["NotesOf"]) == (1, 0)


def test_what_cannot_be_read_matters_only_where_the_answer_depends_on_it(tmp_path):
    world = World(
        tmp_path,
        rule("a", "linked == 0 and threads == 7", label="x"),
        rule("b", "linked", label="y"),
    )
    issue, fine = world.open(), world.open()
    world.gitlab.unreadable[LinksOf(issue.ref)] = Unreadable("500")
    world.gitlab.links[fine.ref] = [Link("a/b#1", True, "blocks")]
    plan = world.plan()
    assert [one.key for one in world.changes()] == [fine.reference]
    assert [(one.key, one.message) for one in plan.problems] == [(issue.reference, "500")]
    assert world.gitlab.asked["ThreadsOf"] == 1
    assert ThreadsOf(fine.ref) not in world.gitlab.unreadable


def test_labelled_for(tmp_path):
    world = World(
        tmp_path,
        rule("new", "labelled_for('x') > days(3)", label="old"),
        rule("add", "not has('y')", label="y"),
        rule("now", "labelled_for('y') == days(0)", label="just"),
    )
    issue = world.open()
    world.gitlab.now = world.now - timedelta(days=2)
    world.gitlab.relabel(issue, world.person, ["x"])
    (change,) = world.changes()
    assert change.add_labels == ("just", "y")
    world.later(days=2)
    assert "old" in world.changes()[0].add_labels


def test_a_closed_issue_tells_since_when(tmp_path):
    world = World(
        tmp_path,
        rule("r", "closed_for > days(5) and closed_at < now", label="hit"),
        where={"state": "all"},
    )
    issue = world.open()
    world.gitlab.now = world.now - timedelta(days=6)
    world.gitlab.close(issue, world.person)
    world.open()
    assert [one.key for one in world.changes()] == [issue.reference]


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("title.matches('(')", "'(' is not a regular expression: missing )"),
        ("has('{1..99}')", "'{1..99}' stands for more than 20 texts"),
        ("in_group('a', 3)", "in_group() takes user names, not 3"),
        ("in_group()", "in_group() takes 1 to 2 values, not 0"),
        ("date('soon') > now", "Invalid isoformat string: 'soon'"),
    ],
)
def test_a_condition_that_fails_is_a_problem(tmp_path, when, message):
    world = World(tmp_path, rule("r", when, label="x"))
    world.open()
    (problem,) = world.plan().problems
    assert problem.message.startswith(f"`{when}`: {message}")


def test_a_regular_expression_does_not_hang(tmp_path):
    world = World(tmp_path, rule("r", r"title.matches('^(a|aa)+$')", label="x"))
    world.open(title="a" * 200 + "b")
    (problem,) = world.plan().problems
    assert "takes too long on" in problem.message


# --- Lists -----------------------------------------------------------------------------


def test_all_of_where_is_filtered_by_gitlab():
    where = Where.model_validate(
        {
            "group": "a/b",
            "state": "closed",
            "labels": ["SGG", "t::{a,b}"],
            "without": ["p"],
            "not": {"labels": "q", "author": "x", "assignee": "y", "milestone": "z"},
            "author": "me",
            "assignee": "none",
            "milestone": "upcoming",
            "type": "task",
            "confidential": False,
            "created": {"after": "2026-11-01"},
            "updated": {"before": "3 days ago"},
            "due": "week",
        }
    )
    one, two = queries(where, MONDAY)
    assert (one.labels, two.labels) == (("SGG", "t::a"), ("SGG", "t::b"))
    midnight = MONDAY.replace(hour=0)
    assert one == IssueQuery(
        "a/b", state="closed", labels=("SGG", "t::a"), without=("p", "q"), author="me",
        not_author="x", not_assignee="y", not_milestone="z", assignee="none",
        milestone="upcoming", type="task", confidential=False, due="week",
        created_after=midnight.replace(day=1), updated_before=midnight - timedelta(days=3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("where", "comes"),
    [
        ({"labels": ["x"]}, True),
        ({"labels": ["x"], "author": "SE-1"}, True),
        ({"labels": ["x"], "author": "other"}, False),
        ({"labels": ["x"], "not": {"author": "se-1"}}, False),
        ({"labels": ["x"], "type": "task"}, False),
        ({"labels": ["x"], "confidential": True}, False),
        ({"labels": ["x"], "created": {"after": "10 days ago"}}, False),
        ({"labels": ["x"], "created": {"before": "10 days ago"}}, True),
        ({"labels": ["x"], "updated": {"after": "1 days ago"}}, True),
        ({"labels": ["x"], "updated": {"before": "1 days ago"}}, False),
        ({"labels": ["x"], "milestone": "none", "assignee": "none", "due": "none"}, True),
        ({"labels": ["x"], "milestone": "17.8"}, False),
        ({"labels": ["x"], "milestone": "started"}, False),
        ({"labels": ["x"], "due": "week"}, False),
        ({"labels": ["x"], "not": {"assignee": "z", "milestone": "z"}}, True),
        ({"labels": ["x"], "without": ["y"]}, True),
    ],
)
def test_what_earlier_rules_bring_into_a_policy(tmp_path, where, comes):
    more = [("second", where, [rule("b", label="hit")])]
    world = World(tmp_path, rule("a", label="x"), more=more)
    issue = world.open()
    world.run()
    assert ("hit" in world.now_is(issue).labels) is comes


def test_a_policy_over_one_project(tmp_path):
    more = [("second", {"group": None, "project": "support/loops"}, [rule("b", label="hit")])]
    world = World(tmp_path, rule("a", label="x"), more=more)
    issue = world.open()
    world.run()
    assert world.now_is(issue).labels == {"x"}


# --- The law of the house --------------------------------------------------------------

DEEDS = st.sampled_from(
    [
        {"label": "a"},
        {"label": ["a", "d::1"]},
        {"label": "s::a"},
        {"label": "s::b"},
        {"unlabel": "s::*"},
        {"label": "c", "unlabel": ["s::*", "zz"]},
        {"comment": "note.md"},
        {"comment": "hi.md", "mention": ["author"], "repeat_after": 3},
        {"comment": "hi.md", "label": "c"},
        {"comment": "note.md", "internal": True, "due": "3 working days"},
        {"comment": "note.md", "thread": True, "unlabel": "s::*"},
        {"due": "2 days"},
        {"assign": "author"},
        {"milestone": "17.8"},
        {"close": True},
        {"close": True, "comment": "last.md"},
        {"issue": {"template": "note.md", "project": "support/loops"}},
        {"issue": {"template": "more.md"}},
        {"summary": {"template": "list.md", "project": BAOBAB}},
    ]
)
WHENS = st.sampled_from(
    [
        "true",
        "quiet_for > days(7)",
        "quiet_for < days(5) or weight > 1",
        "days(2) < quiet_for < days(9) and not has('a')",
        "votes > 2",
        "not assignees",
        "weight > 1",
        "not has('{a,c}')",
        "milestone is none or due_date is none",
        "people > 0 and linked == 0",
        "in_group('support') or threads == 0",
        "age > days(9) and not due_in < days(1)",
    ]
)
RULES = st.lists(st.tuples(WHENS, DEEDS), min_size=1, max_size=4)
LATER_WHENS = WHENS | st.just("has('a') and labelled_for('a') >= days(0)")
"""Conditions that may come to hold by what a later rule does: then it takes two runs."""


class Several:
    """Worlds in which the same was going on, each with rules of its own."""

    def __init__(self, folders, found, data):
        self.numbered = [rule(f"r{n}", when, **deed) for n, (when, deed) in enumerate(found)]
        self.folders = folders
        drawn = st.tuples(st.integers(0, 4), st.sampled_from([None, 2]), st.booleans())
        self.facts = [data.draw(drawn) for _ in range(2)]

    def world(self, *rules):
        world = World(self.folders.mktemp("world"), *rules)
        world.gitlab.milestones = [Milestone(4, "17.8")]
        for n, (votes, weight, spoken) in enumerate(self.facts):
            issue = world.open(9 + n, labels=["s::a"], upvotes=votes, weight=weight)
            if spoken:
                world.gitlab.now = world.now - timedelta(days=4)
                world.gitlab.comment(issue, world.person, "Hello")
                world.gitlab.comment(issue, BOT, "Noise")
        return world


def facts_of(world):
    """What is left of a run on the issues that people wrote."""
    theirs = (one for one in world.gitlab.issues.values() if one.author == world.person)
    return [
        (one.title, one.opened, one.labels, one.assignees, one.milestone, one.due_date)
        for one in theirs
    ]


@settings(max_examples=60, deadline=None)
@given(RULES, st.data())
def test_right_after_a_run_nothing_is_left_to_do(tmp_path_factory, found, data):
    several = Several(tmp_path_factory, found, data)
    world = several.world(*several.numbered)
    world.run()
    assert world.plan().changes == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LATER_WHENS, DEEDS), min_size=1, max_size=4), st.data())
def test_rules_at_once_come_to_what_they_come_to_one_by_one(tmp_path_factory, found, data):
    """Later rules on the simulated result do what they do on the applied one."""
    several = Several(tmp_path_factory, found, data)
    at_once = several.world(*several.numbered)
    at_once.run()
    stepwise = several.world()
    for one in several.numbered:
        stepwise.rules(one)
        stepwise.run()
    assert facts_of(at_once) == facts_of(stepwise)
    made = [sum(one.author == BOT for one in w.gitlab.issues.values()) for w in (at_once, stepwise)]
    assert made[0] == made[1]

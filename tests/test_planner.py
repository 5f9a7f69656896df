"""How a plan comes about: what is asked, in how many rounds, and what is made of it."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from automation.errors import RemoteError
from automation.model.change import EnsureLabel, Problem, Transition
from automation.model.issue import IssueRef, Page
from automation.model.questions import (
    CommentsPageOf,
    IssuesOf,
    NotesOf,
    Sparable,
    UserNamed,
    WhoAmI,
)
from automation.model.scope import Scope
from automation.model.shard import Shard
from automation.model.snapshot import Missing, Snapshot, Unreadable
from automation.planner import bounds, make_plan, setup_rules, to_ask
from tests.support.builders import MONDAY, an_org, opened
from tests.support.changes import transition
from tests.triage.world import rule


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager("mgr-1").with_manager("mgr-2").with_cadence()


class Recorder:
    """A reader that notes each round of questions."""

    def __init__(self, gitlab, leave_out=()):
        self.gitlab = gitlab
        self.rounds = []
        self.leave_out = leave_out

    def answer(self, questions):
        self.rounds.append([type(question) for question in questions])
        answers = self.gitlab.answer(questions)
        return {one: answers[one] for one in questions if type(one) not in self.leave_out}


def test_nothing_is_asked_twice_and_what_is_known_together_is_asked_together(org):
    reader = Recorder(org.gitlab())
    plan = make_plan(org.loops(), reader, MONDAY)
    assert [sorted(kind.__name__ for kind in one) for one in reader.rounds] == [
        ["WhoAmI"],
        ["IssuesOf"] * 4,
        ["AccessTo"],
        ["UserNamed", "UserNamed"],
        ["LabelsOf"],
    ]
    assert sorted(opened(plan)) == ["weekly/mgr-1/2026-W48", "weekly/mgr-2/2026-W48"]


def test_a_settled_organisation_is_asked_for_nothing_but_its_lists(org):
    scene = org.scene()
    scene.run()
    reader = Recorder(scene.gitlab)
    assert make_plan(scene.loops, reader, scene.now).empty
    assert reader.rounds == [[WhoAmI], [IssuesOf] * 4]


# --- Lists that spare questions ------------------------------------------------------------


def page_of(number, project=7):
    return CommentsPageOf(date(2026, 11, 1), project, number)


def sparable(number, *pages, project=7):
    lists = tuple(page_of(one, project) for one in pages)
    return Sparable(NotesOf(IssueRef(project, number)), lists)


def single(number, project=7):
    return NotesOf(IssueRef(project, number))


def test_a_list_is_asked_in_place_of_several_questions_and_not_of_one():
    assert to_ask([sparable(1, 1)], Snapshot()) == (single(1),)
    assert to_ask([sparable(1, 1), sparable(2, 1), WhoAmI()], Snapshot()) == (page_of(1), WhoAmI())
    assert to_ask([sparable(1, 1), sparable(1, 1)], Snapshot()) == (single(1),)


def test_a_list_never_has_more_pages_than_it_may_spare_questions():
    three = [sparable(number, 1, 2, 3, 4, 5) for number in (1, 2, 3)]
    assert to_ask(three, Snapshot()) == (page_of(1), page_of(2))
    read = Snapshot({page_of(1): Page(()), page_of(2): Unreadable("403 Forbidden")})
    assert to_ask(three, read) == (single(1), single(2), single(3))


def test_a_page_counts_only_for_those_whom_it_may_spare():
    wanted = [sparable(1, 1, 2, 3), sparable(2, 1), sparable(3, 1), sparable(4, 1, project=8)]
    assert to_ask(wanted, Snapshot()) == (page_of(1), single(4, project=8))
    assert to_ask([], Snapshot()) == ()


def test_what_is_missing_names_the_lists_that_may_spare_it():
    with pytest.raises(Missing) as missing:
        Snapshot().notes(IssueRef(7, 1), (page_of(1),))
    assert missing.value.wanted == (sparable(1, 1),)
    with pytest.raises(Missing) as missing:
        Snapshot().notes(IssueRef(7, 1))
    assert missing.value.wanted == (single(1),)


def test_rules_that_find_nothing_before_an_answer_are_spared_as_well(org):
    """The whole of them may wait for one list."""
    reader = Recorder(org.gitlab())

    def rules(_loops, snapshot, _now):
        if snapshot.comments_page(page_of(1)) is None:
            yield sparable(1, 1)
            yield sparable(2, 1)

    assert make_plan(org.loops(), reader, MONDAY, rules).empty
    assert reader.rounds == [[CommentsPageOf]]


def test_a_reader_that_leaves_a_question_open_is_told_and_not_asked_for_ever(org):
    with pytest.raises(RemoteError, match=r"the reader left questions unanswered: .*UserNamed"):
        make_plan(org.loops(), Recorder(org.gitlab(), [UserNamed]), MONDAY)


def test_blocking_problems_come_first_then_by_key_and_each_once(org):
    def rules(_loops, _snapshot, _now):
        for key, blocking in [("b", False), ("a", False), ("z", True), ("a", False)]:
            yield Problem(key=key, message="m", blocking=blocking)

    plan = make_plan(org.loops(), org.gitlab(), MONDAY, rules)
    assert [one.key for one in plan.problems] == ["z", "a", "b"]


def test_a_plan_says_when_it_was_made_for_whom_and_within_what_bounds(org):
    org.with_cadence("b").with_settings(
        limits={"create": 1.5, "close": 0.1, "notes": 7, "mentions_per_person": 2}
    )
    plan = make_plan(org.loops(), org.gitlab(), MONDAY, only=["manager=mgr-1"])
    assert plan.now == MONDAY
    assert plan.only == ("manager=mgr-1",)
    assert plan.bounds == bounds(org.loops())
    assert plan.bounds.model_dump() == {
        "create": 6,
        "close": 1,
        "notes": 7,
        "mentions_per_person": 2,
    }


def a_weekly_for(managers, folder, **limits):
    org = an_org(folder).with_cadence().with_settings(limits=limits)
    for number in range(managers):
        org.with_manager(f"mgr-{number}", reports=0)
    return org


@pytest.mark.parametrize(
    ("managers", "limits", "notes"),
    [
        (3, {}, 200),
        (166, {}, 200),  # 1.2 times that is 199.2
        (250, {}, 300),
        (250, {"close": 2.5}, 625),
        (250, {"notes": 40}, 40),
        (250, {"notes": 0}, 0),
    ],
)
def test_as_many_notes_as_closures_and_always_two_hundred(tmp_path, managers, limits, notes):
    assert bounds(a_weekly_for(managers, tmp_path, **limits).loops()).notes == notes


@pytest.mark.parametrize(
    ("do", "close", "notes"),
    [
        ({"label": "stale"}, 300, 300),
        ({"comment": "stale.md"}, 300, 350),
        ({"close": True}, 350, 350),
    ],
)
def test_what_triage_says_comes_on_top_of_what_loops_say(tmp_path, do, close, notes):
    org = a_weekly_for(250, tmp_path).with_triage("Well?", rules=[rule("stale", **do)])
    found = bounds(org.loops())
    assert (found.close, found.notes) == (close, notes)


def test_a_shard_may_say_what_its_own_loops_ask_for(tmp_path):
    org = a_weekly_for(600, tmp_path)
    for index in (1, 2):
        loops = org.loops(Scope(shard=Shard(index, 2)))
        own = sum(1 for _ in loops.pairs())
        assert bounds(loops).notes == math.ceil(1.2 * own) > 300
    assert bounds(org.loops(Scope(shard=Shard(1, 16)))).notes < 100


def test_after_a_holiday_every_loop_is_missed_and_the_plan_still_goes_through(tmp_path):
    scene = a_weekly_for(210, tmp_path).scene()
    scene.run()
    plan = scene.plan(MONDAY + timedelta(days=14))
    assert sum(bool(one.say) for one in plan.changes if isinstance(one, Transition)) == 210
    assert plan.excesses() == ()


def test_a_run_that_speaks_twice_about_each_loop_is_stopped(tmp_path):
    org = a_weekly_for(210, tmp_path)
    spoken = [
        transition(f"weekly/mgr-{number}/2026-W47", iid=number, marker=word, say="Word")
        for number in range(210)
        for word in ("once", "twice")
    ]

    def rules(_loops, _snapshot, _now):
        yield from spoken

    plan = make_plan(org.loops(), org.gitlab(), MONDAY, rules)
    assert plan.excesses() == ("420 notes to write, the limit is 252",)


def test_setup_makes_the_labels_alone(org):
    plan = make_plan(org.loops(), org.gitlab(), MONDAY, setup_rules)
    assert {type(one) for one in plan.changes} == {EnsureLabel}

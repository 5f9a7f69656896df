"""How a plan comes about: what is asked, in how many rounds, and what is made of it."""

from __future__ import annotations

import pytest

from automation.errors import RemoteError
from automation.model.change import EnsureLabel, Problem
from automation.model.questions import IssuesOf, UserNamed, WhoAmI
from automation.planner import bounds, make_plan, setup_rules
from tests.support.builders import MONDAY, an_org, opened


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


def test_setup_makes_the_labels_alone(org):
    plan = make_plan(org.loops(), org.gitlab(), MONDAY, setup_rules)
    assert {type(one) for one in plan.changes} == {EnsureLabel}

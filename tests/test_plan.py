"""A plan is data: in order, counted, bounded, and named for good."""

from __future__ import annotations

import pytest

from automation.errors import ExitCode, UnsafePlan
from automation.model.change import EnsureLabel, Problem
from automation.plan import Bounds, Plan, ordered
from tests.support.builders import MONDAY
from tests.support.changes import PLENTY, board, label, opening, transition


def plan(*changes, bounds=PLENTY, problems=()):
    return Plan(now=MONDAY, changes=ordered(changes), bounds=bounds, problems=problems)


def test_labels_and_boards_come_first_then_new_loops_then_old_ones():
    changes = [transition(), opening("b/m/2026-W48"), opening("a/m/2026-W48"), board(), label()]
    assert [one.key for one in ordered(changes)] == [
        "loop::open",
        "Europe",
        "a/m/2026-W48",
        "b/m/2026-W48",
        "weekly/mgr-1/2026-W47",
    ]


def test_the_order_does_not_depend_on_how_things_were_found():
    changes = [label("b"), label("a"), opening("z/z/2026"), opening("a/a/2026"), transition()]
    assert ordered(changes) == ordered(reversed(changes))


def test_changes_of_one_key_stay_in_the_order_in_which_they_were_found():
    first, second = transition(iid=2), transition(iid=1)
    assert ordered([first, second]) == (first, second)


def test_the_same_change_found_twice_is_done_once():
    assert ordered([label(), label(), opening(), opening()]) == (label(), opening())


def test_an_id_names_a_change_and_no_other():
    changes = [
        label("a"),
        label("b"),
        board(),
        opening(),
        opening(confidential=True),
        opening(title="T"),
        transition(),
        transition(iid=2),
        transition(close=True),
        transition(say="x"),
    ]
    ids = [one.id for one in changes]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 12 for one in ids)


def test_an_id_survives_writing_and_reading():
    before = plan(label(), board(), opening(), transition(say="@a x", mentions=("a",)))
    after = Plan.model_validate_json(before.model_dump_json())
    assert after == before
    assert [one.id for one in after.changes] == [one.id for one in before.changes]


def test_an_id_is_the_same_in_every_process():
    assert label().id == label().id == EnsureLabel.model_validate(label().model_dump()).id
    assert label("loop::open").id == "8bd8abf77bbe"


def test_an_id_is_of_what_is_done_and_not_of_why():
    one, other = (
        label().model_copy(update={"reason": f"quiet for {days} days"}) for days in (30, 40)
    )
    assert one.id == other.id
    assert one.id != label("loop::missed").id


def test_empty_and_blocked_are_two_things():
    told = Problem(key="k", message="m")
    stopped = Problem(key="k", message="m", blocking=True)
    assert plan().empty
    assert not plan().blocked
    assert not plan(problems=(told,)).blocked
    assert plan(problems=(told, stopped)).blocked
    assert not plan(label()).empty


TIGHT = Bounds(create=1, close=1, notes=1, mentions_per_person=1)


@pytest.mark.parametrize(
    ("changes", "excesses"),
    [
        ([], ()),
        ([label(), label("b"), board(), opening(), transition(say="x", close=True)], ()),
        ([opening("a/a/1"), opening("b/b/1")], ("2 issues to open, the limit is 1",)),
        (
            [transition(iid=1, close=True), transition(iid=2, close=True)],
            ("2 issues to close, the limit is 1",),
        ),
        (
            [transition(iid=1, say="x"), transition(iid=2, say="x")],
            ("2 notes to write, the limit is 1",),
        ),
        (
            [
                transition(iid=1, mentions=("b", "a", "a")),
                transition(iid=2, mentions=("a", "b")),
                transition(iid=3, mentions=("c",)),
            ],
            ("2 mentions of @a, the limit is 1", "2 mentions of @b, the limit is 1"),
        ),
    ],
)
def test_what_is_past_the_bounds_is_told_with_both_numbers(changes, excesses):
    assert plan(*changes, bounds=TIGHT).excesses() == excesses


def test_a_plan_past_its_bounds_is_refused_and_says_what_to_do():
    unsafe = plan(
        opening("a/a/1"),
        opening("b/b/1"),
        transition(iid=1, close=True),
        transition(iid=2, close=True),
        bounds=TIGHT,
    )
    with pytest.raises(UnsafePlan) as caught:
        unsafe.raise_if_unsafe()
    assert str(caught.value) == (
        "The plan is past its safety limits; nothing was done:\n"
        "  2 issues to open, the limit is 1\n"
        "  2 issues to close, the limit is 1\n"
        '  If that is right, say why: --force "the reason" (it is recorded). Or raise `limits` '
        "in the settings."
    )
    assert caught.value.exit_code is ExitCode.PLAN_UNSAFE


def test_a_reason_lets_it_pass_and_a_safe_plan_needs_none():
    large, small = (
        plan(opening("a/a/1"), opening("b/b/1"), bounds=TIGHT),
        plan(opening(), bounds=TIGHT),
    )
    large.raise_if_unsafe(force="new team")
    small.raise_if_unsafe()
    assert (len(large.excesses()), small.excesses()) == (1, ())

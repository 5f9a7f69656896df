"""Boards: known by name, mended with the fewest moves, scoped or filtered as the tier allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.apply import apply
from automation.model.change import EnsureBoard
from automation.model.issue import Board, BoardList
from automation.model.provision import BoardSpec, LabelSpec
from automation.model.questions import BoardsOf, LabelsOf
from automation.model.snapshot import Missing, Snapshot, Unreadable
from automation.planner import find_out, make_plan, setup_rules
from automation.rules.provisioning import board_addresses, board_for, set_up_boards
from automation.rules.provisioning.columns import moves, order_after
from automation.templates import RenderError
from tests.support.builders import an_org, told
from tests.support.fake_gitlab import moved

OPEN, LATE, LOOK = "loop::open", "loop::overdue", "attention"
LOOPS = "support/loops"
BOARD = {"name": "{{ director.id }}", "project": LOOPS, "lists": [OPEN, LATE, LOOK]}


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager().with_group().with_cadence()


def scene_with(org, *boards):
    scene = org.scene()
    specs = tuple(BoardSpec.model_validate(BOARD | board) for board in boards)
    organisation = replace(scene.loops.organisation, boards=specs)
    scene.loops = replace(scene.loops, organisation=organisation)
    return scene


def plan_of(scene):
    return make_plan(scene.loops, scene.gitlab, scene.now, setup_rules)


def settled(scene):
    assert {one.status for one in apply(plan_of(scene), scene.gitlab)} <= {"done"}
    assert plan_of(scene).empty
    scene.gitlab.written.clear()
    return scene


def boards_of(scene, place=LOOPS, *, in_group=False):
    return scene.gitlab.boards[place, in_group]


def put(scene, *labels, place=LOOPS, in_group=False, **facts):
    """A person leaves these lists on the only board of a place, in this order."""
    (board,) = boards_of(scene, place, in_group=in_group)
    ids = {one.label: one.id for one in board.lists}
    lists = tuple(
        BoardList(ids.get(label, 900 + index), label, index) for index, label in enumerate(labels)
    )
    scene.gitlab.boards[place, in_group] = [replace(board, lists=lists, **facts)]


def columns(scene):
    (board,) = boards_of(scene)
    return [one.label for one in board.lists]


# --- Order -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "moved_lists", "after"),
    [
        ([LATE, OPEN, LOOK], 1, [OPEN, LATE, LOOK]),
        ([LOOK, LATE, OPEN], 2, [OPEN, LATE, LOOK]),
        ([LOOK, OPEN, LATE], 1, [OPEN, LATE, LOOK]),
        (["theirs", OPEN, "mine", LATE, LOOK], 0, ["theirs", OPEN, "mine", LATE, LOOK]),
        (["theirs", LATE, "mine", OPEN, LOOK], 1, ["theirs", OPEN, LATE, "mine", LOOK]),
        ([LOOK, "theirs", OPEN, LATE, None], 1, ["theirs", OPEN, LATE, LOOK, None]),
    ],
)
def test_lists_out_of_order_are_moved_and_those_of_others_are_not(org, left, moved_lists, after):
    scene = settled(scene_with(org, {}))
    put(scene, *left)
    changes = plan_of(scene).changes
    assert [len(one.moves) for one in changes] == ([moved_lists] if moved_lists else [])
    for change in changes:
        assert change.reason == "its lists are out of order"
        assert change.missing == ()
        assert list(change.lists_before) == [label for label in left if label]
        assert list(change.lists_after) == [label for label in after if label]
    settled(scene)
    assert columns(scene) == after


def test_a_list_that_is_gone_comes_back_to_its_place(org):
    scene = settled(scene_with(org, {}))
    put(scene, OPEN, "theirs", LOOK)
    (change,) = plan_of(scene).changes
    assert (change.reason, change.missing) == (f"lacks {LATE}", (LATE,))
    assert [(one.label, one.list_id, one.position) for one in change.moves] == [(LATE, None, 1)]
    settled(scene)
    assert columns(scene) == [OPEN, LATE, "theirs", LOOK]


def test_gaps_between_positions_do_not_matter(org):
    scene = settled(scene_with(org, {}))
    (board,) = boards_of(scene)
    kept = tuple(one for one in board.lists if one.label != LATE)
    scene.gitlab.boards[LOOPS, False] = [replace(board, lists=tuple(reversed(kept)))]
    settled(scene)
    assert columns(scene) == [OPEN, LATE, LOOK]


def test_of_two_labels_with_one_name_the_first_list_counts(org):
    scene = settled(scene_with(org, {}))
    (board,) = boards_of(scene)
    lists = (*board.lists, BoardList(999, OPEN, 3))
    scene.gitlab.boards[LOOPS, False] = [replace(board, lists=lists)]
    assert plan_of(scene).empty


def test_lists_without_a_position_stand_where_they_are_shown(org):
    scene = settled(scene_with(org, {}))
    (board,) = boards_of(scene)
    bare = tuple(replace(one, position=None) for one in board.lists)
    scene.gitlab.boards[LOOPS, False] = [replace(board, lists=bare)]
    assert plan_of(scene).empty


WANTED = ("a", "b", "c", "d", "e")
HELD = st.lists(st.sampled_from([*WANTED, "x", "y", "z"]), unique=True)


def _increasing(row):
    """The length of the longest row of wanted labels in order, by trying all."""
    best = 0
    ranks = [WANTED.index(label) for label in row if label in WANTED]
    for mask in range(1 << len(ranks)):
        chosen = [rank for index, rank in enumerate(ranks) if mask >> index & 1]
        if chosen == sorted(chosen):
            best = max(best, len(chosen))
    return best


@given(held=HELD, gaps=st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_the_fewest_moves_bring_any_board_into_order(held, gaps):
    """Played with GitLab's own arithmetic of positions, gaps among them."""
    positions = [sum(gaps[:index]) for index in range(len(held))]
    lists = [
        BoardList(index + 1, label, position)
        for index, (label, position) in enumerate(zip(held, positions, strict=True))
    ]
    missing = [label for label in WANTED if label not in held]
    found = moves(lists, missing, WANTED)
    last = max(positions, default=-1)
    played = [*lists, *(BoardList(50 + n, m, last + 1 + n) for n, m in enumerate(missing))]
    for move in found:
        top = max(one.position or 0 for one in played)
        (now,) = (one.position or 0 for one in played if one.label == move.label)
        assert 0 <= move.position <= top
        assert move.position != now  # GitLab refuses both
        played = moved(played, {"label": move.label}, move.position)
    ordered = [one.label for one in sorted(played, key=lambda one: one.position or 0)]
    assert [label for label in ordered if label in WANTED] == list(WANTED)
    theirs = [label for label in held if label not in WANTED]
    assert [label for label in ordered if label not in WANTED] == theirs
    assert len(found) == len(WANTED) - _increasing([*held, *missing])
    assert order_after(lists, missing, found) == tuple(ordered)


# --- Names and places ------------------------------------------------------------------


def test_a_renamed_board_is_somebodys_own_and_another_is_made(org):
    scene = settled(scene_with(org, {}))
    (board,) = boards_of(scene)
    scene.gitlab.boards[LOOPS, False] = [replace(board, name="Mine")]
    (change,) = plan_of(scene).changes
    assert (change.before, change.reason) == (None, "policies ask for it")
    settled(scene)
    assert sorted(one.name for one in boards_of(scene)) == ["Mine", "dir-1"]


def test_of_two_boards_with_one_name_the_older_counts(org):
    scene = settled(scene_with(org, {}))
    (board,) = boards_of(scene)
    scene.gitlab.boards[LOOPS, False].insert(0, Board(board.id + 50, "dir-1"))
    assert plan_of(scene).empty


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("director", "{{ director.id }}", f"{LOOPS}: dir-1"),
        ("manager", "{{ manager.id }} of {{ director.id }}", f"{LOOPS}: mgr-1 of dir-1"),
        ("group", "{{ group.id }} of {{ manager.id }}", f"{LOOPS}: baobab of mgr-1"),
        ("organisation", "{{ subject.name }}", f"{LOOPS}: the organisation"),
    ],
)
def test_boards_are_for_directors_managers_groups_or_all(org, kind, name, key):
    scene = scene_with(org, {"for_each": kind, "name": name})
    assert [one.key for one in plan_of(scene).changes if one.kind == "ensure-board"] == [key]


def test_place_lists_and_scope_may_be_expressions(org):
    spec = BoardSpec.model_validate(
        BOARD
        | {
            "for_each": "group",
            "name": "x",
            "project": "{{ group.project }}",
            "lists": ["manager::{{ manager.id }}"],
            "only": ["director::{{ director.id }}"],
        }
    )
    (subject,) = org.organisation().subjects("group")
    board = board_for(spec, subject)
    assert (board.place, board.lists, board.only) == (
        "support/sgg/baobab",
        ("manager::mgr-1",),
        ("director::dir-1",),
    )
    assert list(board.labels) == [("lists", 0, "manager::mgr-1"), ("only", 0, "director::dir-1")]


@pytest.mark.parametrize(
    ("facts", "field", "reason"),
    [
        ({"project": "{{ director.nme }}"}, "project", "'nme'"),
        ({"project": "a b"}, "project", "comes out as 'a b', which is no full path"),
        ({"lists": [OPEN, "{{ 'loop::open' }}"]}, "lists[1]", "'loop::open' is there twice"),
        ({"only": ["{{ '' }}"]}, "only[0]", "comes out 0 characters long, not 1 to 255"),
    ],
)
def test_what_comes_out_wrong_names_its_field(org, facts, field, reason):
    (subject,) = org.organisation().subjects("director")
    with pytest.raises(RenderError) as error:
        board_for(BoardSpec.model_validate(BOARD | facts), subject)
    assert error.value.field == field
    assert reason in error.value.reason


def test_who_has_left_gets_no_board(org):
    org.with_manager("mgr-2", until=date(2026, 11, 1))
    scene = scene_with(org, {"for_each": "manager", "name": "{{ manager.id }}"})
    made = [one.name for one in plan_of(scene).changes if one.kind == "ensure-board"]
    assert made == ["mgr-1"]
    snapshot = Snapshot({BoardsOf(LOOPS, in_group=False): ()})
    asked = set_up_boards(scene.loops.organisation, snapshot)
    assert [one.name for one in asked if isinstance(one, EnsureBoard)] == ["mgr-1", "mgr-2"]


# --- Tiers -----------------------------------------------------------------------------

ONLY = {"only": ["director::{{ director.id }}"]}


def addresses(scene):
    organisation = scene.loops.organisation
    return find_out(scene.gitlab, lambda known: tuple(board_addresses(organisation, known)))


def test_without_scopes_a_filtered_address_does(org):
    scene = settled(scene_with(org, ONLY))
    (board,) = boards_of(scene)
    (address,) = addresses(scene)
    assert address.path == f"/{LOOPS}/-/boards/{board.id}?label_name[]=director::dir-1"
    assert (address.name, address.place, address.subject) == ("dir-1", LOOPS, "dir-1")


def test_with_scopes_the_board_has_it_and_the_address_is_plain(org):
    scene = scene_with(org, ONLY)
    scene.gitlab.scoped_boards = True
    settled(scene)
    (board,) = boards_of(scene)
    assert board.scope == {"director::dir-1"}
    (address,) = addresses(scene)
    assert address.path == f"/{LOOPS}/-/boards/{board.id}"


def test_a_scope_that_drifted_is_put_right_alone(org):
    scene = scene_with(org, ONLY)
    scene.gitlab.scoped_boards = True
    settled(scene)
    put(scene, OPEN, LATE, LOOK, scope=frozenset({"theirs"}))
    (change,) = plan_of(scene).changes
    assert (change.only, change.missing, change.moves) == (("director::dir-1",), (), ())
    assert change.reason == "its scope is another one"
    settled(scene)


def test_a_scope_that_nobody_asked_for_stays(org):
    scene = scene_with(org, {})
    scene.gitlab.scoped_boards = True
    settled(scene)
    put(scene, OPEN, LATE, LOOK, scope=frozenset({"theirs"}))
    assert plan_of(scene).empty


GROUP = {"for_each": "organisation", "name": "All", "project": None, "group": "support"}


def test_a_second_board_of_a_group_on_free_is_told_and_not_tried(org):
    scene = scene_with(org, GROUP)
    scene.gitlab.boards["support", True] = [Board(7, "Theirs")]
    plan = plan_of(scene)
    assert [one for one in plan.changes if one.kind == "ensure-board"] == []
    (problem,) = plan.problems
    assert (problem.key, problem.blocking) == ("support: All", True)
    assert problem.message == "the group support has the board 'Theirs', and its tier allows one"
    assert problem.remedy.startswith("Rename that board to 'All', or give this one a `project`")


def test_a_group_of_a_paid_tier_has_several(org):
    scene = scene_with(org, GROUP)
    scene.gitlab.scoped_boards = True
    scene.gitlab.boards["support", True] = [Board(7, "Theirs", scope=frozenset())]
    settled(scene)
    assert [one.name for one in boards_of(scene, "support", in_group=True)] == ["Theirs", "All"]
    assert [one.path for one in addresses(scene)] == [
        f"/groups/support/-/boards/{boards_of(scene, 'support', in_group=True)[1].id}"
    ]


def test_addresses_are_asked_for_and_leave_out_what_is_not_there(org):
    broken = {"name": "{{ nonsense }}"}
    scene = settled(scene_with(org, {}))
    organisation = scene_with(org, {}, GROUP, broken).loops.organisation
    with pytest.raises(Missing):
        tuple(board_addresses(organisation, Snapshot()))
    scene.gitlab.unreadable[BoardsOf("support", in_group=True)] = Unreadable("403")
    scene.loops = replace(scene.loops, organisation=organisation)
    assert [one.name for one in addresses(scene)] == ["dir-1"]
    assert ("All", "403", True) in told(plan_of(scene))
    del scene.gitlab.unreadable[BoardsOf("support", in_group=True)]
    assert [one.name for one in addresses(scene)] == ["dir-1"]


def test_a_renamed_label_keeps_its_list_and_its_scope(org):
    scene = scene_with(org, ONLY)
    scene.gitlab.scoped_boards = True
    settled(scene)
    was = [LabelSpec(name=LATE, was=("late",)), LabelSpec(name="director::dir-1", was=("d",))]
    organisation = replace(scene.loops.organisation, labels=tuple(was))
    scene.loops = replace(scene.loops, organisation=organisation)
    for old, new in (("late", LATE), ("d", "director::dir-1")):
        label = scene.gitlab.labels.pop(new)
        scene.gitlab.labels[old] = replace(label, name=old)
    put(scene, OPEN, "late", LOOK, scope=frozenset({"d"}))
    assert [(one.kind, one.name) for one in plan_of(scene).changes] == [
        ("ensure-label", "director::dir-1"),
        ("ensure-label", LATE),
    ]
    scene.gitlab.unreadable[LabelsOf("support")] = Unreadable("403")
    assert [one.kind for one in plan_of(scene).changes] == ["ensure-board"]

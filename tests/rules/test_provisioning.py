"""Labels and boards: what `drumbeat setup` makes, and what a run needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.model.change import EnsureBoard, EnsureLabel, LabelBefore
from automation.model.issue import Label
from automation.model.provision import BoardSpec, LabelSpec
from automation.model.questions import BoardsOf, LabelsOf
from automation.model.snapshot import Unreadable
from automation.planner import make_plan, setup_rules
from tests.support.builders import Scene, an_org, told


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager().with_manager("mgr-2", director="dir-2").with_cadence()


def scene_with(org, *, labels=(), boards=()) -> Scene:
    scene = org.scene()
    organisation = replace(scene.loops.organisation, labels=labels, boards=boards)
    scene.loops = replace(scene.loops, organisation=organisation)
    return scene


def setup(scene: Scene):
    return make_plan(scene.loops, scene.gitlab, scene.now, setup_rules)


def carry_out(scene: Scene):
    for change in setup(scene).changes:
        if isinstance(change, EnsureLabel):
            scene.gitlab.ensure_label(change)
        else:
            scene.gitlab.ensure_board(change)


def labels(plan):
    return {one.name: one for one in plan.changes if isinstance(one, EnsureLabel)}


def boards(plan):
    return [one for one in plan.changes if isinstance(one, EnsureBoard)]


BOARD = BoardSpec(
    name="Loops of {{ director.id }}",
    project="support/loops",
    lists=("loop::open", "loop::overdue"),
)


def test_setup_makes_every_label_that_policies_use(org):
    made = labels(setup(scene_with(org.with_group().with_triage())))
    assert sorted(made) == [
        "attention",
        "cadence::weekly",
        "director::dir-1",
        "director::dir-2",
        "drumbeat",
        "initiative::stale",
        "loop::done",
        "loop::missed",
        "loop::open",
        "loop::overdue",
        "loop::waived",
        "manager::mgr-1",
        "manager::mgr-2",
        "snoozed",
    ]
    assert {one.reason for one in made.values()} == {"policies use it and it does not exist"}
    assert {one.group for one in made.values()} == {"support"}


def test_setup_twice_changes_nothing(org):
    scene = scene_with(org, boards=(BOARD,))
    carry_out(scene)
    assert setup(scene).empty


def test_a_labels_document_has_the_last_word_and_others_may_repaint(org):
    declared = LabelSpec(name="loop::open", color="#aabbcc", description="Ours")
    scene = scene_with(org, labels=(declared, LabelSpec(name="extra")))
    carry_out(scene)
    assert scene.gitlab.labels["loop::open"] == Label("loop::open", "#AABBCC", "Ours")
    assert "extra" in scene.gitlab.labels
    for name in ("loop::open", "loop::done"):
        scene.gitlab.labels[name] = Label(name, "#111111", "repainted")
    plan = setup(scene)
    (change,) = plan.changes
    assert (change.name, change.color) == ("loop::open", "#AABBCC")
    assert change.before == LabelBefore(id=0, color="#111111", description="repainted")
    assert change.reason == "a `labels` document says how it looks"


def test_colours_are_compared_without_regard_to_case(org):
    scene = scene_with(org, labels=(LabelSpec(name="loop::open", color="#AABBCC"),))
    carry_out(scene)
    scene.gitlab.labels["loop::open"] = Label("loop::open", "#aabbcc")
    assert setup(scene).empty


def test_each_director_gets_a_board_with_its_lists_in_order(org):
    scene = scene_with(org, boards=(BOARD,))
    made = boards(setup(scene))
    assert [(one.name, one.place, one.in_group, one.missing, one.reason) for one in made] == [
        (
            f"Loops of {who}",
            "support/loops",
            False,
            ("loop::open", "loop::overdue"),
            "policies ask for it",
        )
        for who in ("dir-1", "dir-2")
    ]


def test_a_board_of_the_organisation_may_stand_in_a_group(org):
    spec = BoardSpec(
        name="All of {{ subject.name }}",
        for_each="organisation",
        group="support",
        lists=("snoozed",),
    )
    scene = scene_with(org, boards=(spec,))
    (made,) = boards(setup(scene))
    assert (made.name, made.place, made.in_group) == ("All of the organisation", "support", True)


def test_a_board_that_lacks_lists_gets_those_alone(org):
    scene = scene_with(org, boards=(BOARD,))
    carry_out(scene)
    more = BOARD.model_copy(update={"lists": (*BOARD.lists, "snoozed")})
    scene = replace(
        scene,
        loops=replace(scene.loops, organisation=replace(scene.loops.organisation, boards=(more,))),
    )
    made = boards(setup(scene))
    assert [one.missing for one in made] == [("snoozed",), ("snoozed",)]
    assert [one.reason for one in made] == ["lacks snoozed", "lacks snoozed"]
    assert [one.before for one in made] == [
        board.id for board in scene.gitlab.boards["support/loops", False]
    ]


@pytest.mark.parametrize("name", ["{{ '' }}", "{{ 'x' * 256 }}", "{{ nonsense }}"])
def test_a_board_whose_name_cannot_be_is_told_and_stops_nothing_else(org, name):
    broken = BOARD.model_copy(update={"name": name})
    plan = setup(scene_with(org, boards=(broken, BOARD)))
    assert len(boards(plan)) == 2
    assert {(key, blocking) for key, _, blocking in told(plan)} == {(name, True)}


def test_what_cannot_be_read_is_told_and_the_rest_is_made(org):
    scene = scene_with(org, boards=(BOARD,))
    scene.gitlab.unreadable[BoardsOf("support/loops", in_group=False)] = Unreadable("403", "Ask.")
    plan = setup(scene)
    assert boards(plan) == []
    assert labels(plan)
    assert told(plan) == [(BOARD.name, "403", True)]


def test_a_run_whose_labels_cannot_be_listed_says_so(org):
    scene = org.scene()
    scene.gitlab.unreadable[LabelsOf("support")] = Unreadable("403", "Ask.")
    plan = scene.plan()
    assert ("labels", "403", True) in told(plan)


def test_a_label_that_no_policy_knows_is_made_plainly(org):
    org.cadences.clear()
    scene = org.with_cadence(labels=["team-{{ manager.id }}"]).scene()
    made = labels(scene.plan())["team-mgr-1"]
    assert (made.color, made.reason) == ("#6699CC", "a change needs it")

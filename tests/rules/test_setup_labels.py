"""Labels: renamed with their issues, put in order of priority, removed only by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.apply import apply
from automation.errors import Refused
from automation.model.issue import Label
from automation.model.provision import LabelSpec
from automation.model.questions import LabelsOf
from automation.model.snapshot import Unreadable
from automation.planner import make_plan, setup_rules
from tests.support.builders import an_org, opened, told

LOOPS = "support/loops"


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager().with_cadence()


def scene_with(org, *labels):
    scene = org.scene()
    return declaring(scene, *labels)


def declaring(scene, *labels):
    specs = tuple(LabelSpec.model_validate(label) for label in labels)
    organisation = replace(scene.loops.organisation, labels=specs)
    scene.loops = replace(scene.loops, organisation=organisation)
    return scene


def plan_of(scene):
    return make_plan(scene.loops, scene.gitlab, scene.now, setup_rules)


def settled(scene):
    assert {one.status for one in apply(plan_of(scene), scene.gitlab)} <= {"done"}
    assert plan_of(scene).empty
    return scene


def told_of(scene):
    return [(one.kind, one.name) for one in plan_of(scene).changes]


def test_a_label_is_renamed_and_issues_keep_it(org):
    scene = settled(scene_with(org, {"name": "Initiative", "description": "Ours"}))
    issue = scene.gitlab.open(LOOPS, "t", labels={"Initiative"})
    declaring(scene, {"name": "SGG", "was": "Initiative", "color": "#111111"})
    (change,) = plan_of(scene).changes
    assert (change.name, change.before.name) == ("SGG", "Initiative")
    assert change.reason == "a `labels` document says that it was Initiative"
    settled(scene)
    assert scene.gitlab.current(issue).labels == {"SGG"}
    assert "Initiative" not in scene.gitlab.labels
    assert scene.gitlab.labels["SGG"] == Label("SGG", "#111111", "")


def test_a_run_renames_rather_than_makes_a_second_one(org):
    scene = settled(scene_with(org, {"name": "was-open"}))
    del scene.gitlab.labels["loop::open"]
    declaring(scene, {"name": "loop::open", "was": ["never", "was-open"]})
    (change,) = (one for one in scene.plan().changes if one.kind == "ensure-label")
    assert (change.name, change.before.name) == ("loop::open", "was-open")
    scene.run()
    assert scene.is_settled()


def test_where_both_exist_a_person_decides(org):
    scene = settled(scene_with(org, {"name": "new"}, {"name": "old"}))
    declaring(scene, {"name": "new", "was": "old"})
    plan = plan_of(scene)
    assert plan.empty
    assert told(plan) == [("new", "it was old, and both labels exist", True)]
    assert plan.problems[0].remedy.startswith("Put new on the issues that bear old")


def test_where_two_could_be_renamed_a_person_decides(org):
    scene = settled(scene_with(org, {"name": "a"}, {"name": "b"}))
    declaring(scene, {"name": "new", "was": ["a", "b"]})
    plan = plan_of(scene)
    assert plan.empty
    assert told(plan) == [
        ("new", "it shall be renamed, and there are a and b: `was` names both", True)
    ]


def test_a_run_leaves_out_what_needs_a_label_that_cannot_be_renamed(org):
    scene = settled(scene_with(org, {"name": "a"}, {"name": "b"}))
    del scene.gitlab.labels["manager::mgr-1"]
    declaring(scene, {"name": "manager::mgr-1", "was": ["a", "b"]})
    plan = scene.plan()
    assert opened(plan) == []
    assert [one.key for one in plan.problems] == ["manager::mgr-1"]


def test_only_what_is_pruned_by_name_goes(org):
    scene = settled(scene_with(org, {"name": "old", "description": "Out of use"}))
    scene.gitlab.labels["theirs"] = Label("theirs", "#FFFFFF")
    declaring(scene, {"name": "old", "prune": True}, {"name": "never-there", "prune": True})
    (change,) = plan_of(scene).changes
    assert (change.kind, change.name, change.before.description) == (
        "remove-label",
        "old",
        "Out of use",
    )
    settled(scene)
    assert "old" not in scene.gitlab.labels
    assert "theirs" in scene.gitlab.labels


def test_names_are_compared_exactly(org):
    scene = settled(scene_with(org, {"name": "sgg"}))
    declaring(scene, {"name": "SGG"})
    assert told_of(scene) == [("ensure-label", "SGG")]


FIRST = {"name": "urgent", "priority": 0}


def test_priorities_are_set_in_projects_directly_in_the_group(org):
    org.with_cadence("b", project="support/more").with_cadence("c", project="support/deep/er")
    scene = scene_with(org, FIRST, {"name": "plain"})
    made = [one for one in plan_of(scene).changes if one.kind == "prioritize-label"]
    assert [(one.key, one.priority, one.before, one.label_id) for one in made] == [
        ("support/loops: urgent", 0, None, None),
        ("support/more: urgent", 0, None, None),
    ]
    settled(scene)
    scene.gitlab.priorities["support/more", "urgent"] = 5
    (change,) = plan_of(scene).changes
    assert (change.key, change.before) == ("support/more: urgent", 5)
    assert change.label_id == scene.gitlab.labels["urgent"].id
    settled(scene)


def test_a_renamed_label_keeps_its_priority(org):
    scene = settled(scene_with(org, FIRST))
    declaring(scene, FIRST | {"name": "now", "was": "urgent"})
    assert told_of(scene) == [("ensure-label", "now")]


def test_a_project_whose_labels_cannot_be_read_hides_nothing_else(org):
    scene = scene_with(org, FIRST)
    scene.gitlab.unreadable[LabelsOf(LOOPS, in_group=False)] = Unreadable("403", "Ask.")
    plan = plan_of(scene)
    assert told(plan) == [("label priorities of support/loops", "403", True)]
    assert {one.kind for one in plan.changes} == {"ensure-label"}


def test_a_label_that_could_not_be_made_stops_what_needs_it(org):
    scene = scene_with(org, FIRST)

    def refused(what):
        if what == "label urgent":
            raise Refused("403", status=403)

    scene.gitlab.before_write = refused
    outcomes = {one.key: one.detail for one in apply(plan_of(scene), scene.gitlab)}
    assert outcomes["urgent"] == "403"
    assert outcomes["support/loops: urgent"] == "not tried: there is no label urgent"


def test_a_label_that_could_not_be_repainted_stops_nothing(org):
    scene = settled(scene_with(org, FIRST))
    declaring(scene, {"name": "urgent", "color": "#111111", "priority": 3})

    def refused(what):
        if what == "label urgent":
            raise Refused("403", status=403)

    scene.gitlab.before_write = refused
    outcomes = {one.key: one.status for one in apply(plan_of(scene), scene.gitlab)}
    assert outcomes == {"urgent": "failed", "support/loops: urgent": "done"}

"""Labels and boards: what a run needs, and what `drumbeat setup` makes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation import labels
from automation.apply import apply
from automation.labels import State
from automation.loops import Loops
from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    Problem,
    Target,
    Transition,
)
from automation.model.issue import Label
from automation.model.policy import SubjectKind
from automation.model.provision import BoardSpec, LabelSpec
from automation.model.questions import BoardsOf, LabelsOf
from automation.model.snapshot import Snapshot, Unreadable
from automation.planner import make_plan, setup_rules
from automation.rules.provisioning import board_for, with_labels
from automation.templates import RenderError
from tests.support.builders import MONDAY, OrgBuilder


@pytest.fixture
def org(tmp_path):
    return OrgBuilder(tmp_path).with_manager().with_group().with_cadence().with_triage()


def wanting(org, *, boards=(), label_specs=()):
    loops = org.loops()
    specs = tuple(LabelSpec.model_validate(spec) for spec in label_specs)
    kinds = tuple(BoardSpec.model_validate(spec) for spec in boards)
    organisation = replace(loops.organisation, labels=specs, boards=kinds)
    return Loops(organisation, loops.library)


def setup(loops, gitlab):
    return make_plan(loops, gitlab, MONDAY, setup_rules)


LOOPS_OF = {
    "name": "Loops of {{ director.id }}",
    "project": "support/loops",
    "lists": ["loop::open"],
}
GROUP_BOARD = {
    "name": "All loops",
    "for_each": "organisation",
    "group": "support",
    "lists": ["loop::open", "loop::overdue"],
}


# --- The labels of loops ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "id", "names"),
    [
        (SubjectKind.MANAGER, "mgr-1", ("manager::mgr-1", "director::dir-1")),
        (SubjectKind.REPORT, "mgr-1-se-0", ("manager::mgr-1", "director::dir-1")),
        (SubjectKind.GROUP, "baobab", ("manager::mgr-1", "director::dir-1")),
        (SubjectKind.DIRECTOR, "dir-1", ("director::dir-1",)),
        (SubjectKind.ORGANISATION, "organisation", ()),
    ],
)
def test_a_loops_labels_tell_whose_it_is(org, kind, id, names):
    organisation = org.organisation()
    subject = organisation.subject(kind, id)
    found = labels.of_loop(organisation.cadences[0], subject)
    assert found == ("drumbeat", "cadence::weekly", *names)


def test_states_are_told_from_other_labels():
    assert labels.states(["loop::open", "bug", "loop::weird", "loop::done"]) == {
        State.OPEN,
        State.DONE,
    }
    assert labels.states([]) == frozenset()
    assert {State.DONE, State.MISSED, State.WAIVED} == labels.ENDED


def test_every_label_that_policies_ask_for_is_wanted(org):
    assert list(labels.wanted(org.organisation())) == [
        "drumbeat",
        *State,
        "snoozed",
        "attention",
        "cadence::weekly",
        "manager::mgr-1",
        "director::dir-1",
        "initiative::stale",
    ]


def test_a_labels_document_has_the_last_word(org):
    spec = {"name": "loop::open", "color": "#abcdef", "description": "On"}
    loops = wanting(org, label_specs=[spec, {"name": "SGG"}])
    found = labels.wanted(loops.organisation)
    assert found["loop::open"] == LabelSpec(name="loop::open", color="#ABCDEF", description="On")
    assert found["SGG"].color == "#6699CC"


def needed(changes, org, snapshot):
    found = list(with_labels(tuple(changes), org.organisation(), snapshot))
    return [one for one in found if one not in changes]


# --- What a run needs ------------------------------------------------------------------


def creating(*names):
    return CreateIssue(
        key="weekly/mgr-1/2026-W48",
        reason="",
        project_id=1,
        project="support/loops",
        title="t",
        description="d",
        labels=names,
    )


def moving(add=(), remove=()):
    target = Target(project_id=1, project="support/loops", iid=1, web_url="u")
    before = IssueBefore(opened=True, labels=())
    return Transition(
        key="k",
        reason="r",
        to="t",
        target=target,
        add_labels=add,
        remove_labels=remove,
        before=before,
    )


def test_a_run_makes_the_labels_that_it_puts_on_and_no_others(org):
    snapshot = Snapshot({LabelsOf("support"): (Label("drumbeat"),)})
    changes = [creating("drumbeat", "loop::open"), moving(add=("odd",), remove=("gone",))]
    found = needed(changes, org, snapshot)
    assert [(one.name, one.color, one.description) for one in found] == [
        ("loop::open", "#428BCA", "The loop is on"),
        ("odd", "#6699CC", ""),
    ]
    assert {(one.key, one.reason, one.group, one.before) for one in found} == {
        ("loop::open", "a change needs it", "support", None),
        ("odd", "a change needs it", "support", None),
    }


def test_a_run_that_puts_no_label_on_asks_for_none(org):
    assert needed([moving(remove=("x",))], org, Snapshot()) == []


def test_labels_are_asked_for_only_once_something_is_to_be_done(org):
    assert needed([creating("a")], org, Snapshot()) == [LabelsOf("support")]


def test_without_the_list_of_labels_nothing_is_labelled(org):
    snapshot = Snapshot({LabelsOf("support"): Unreadable("403 Forbidden", "Ask.")})
    silent, spoken = moving(remove=("x",)), moving(add=("y",))
    found = list(with_labels((creating("a"), silent, spoken), org.organisation(), snapshot))
    assert found == [
        silent,
        Problem(key="labels", message="403 Forbidden", remedy="Ask.", blocking=True),
    ]


# --- What `setup` makes ----------------------------------------------------------------


def test_setup_makes_labels_and_boards_and_is_then_done(org):
    loops = wanting(org, boards=[LOOPS_OF, GROUP_BOARD])
    gitlab = org.gitlab()
    plan = setup(loops, gitlab)
    assert [type(change) for change in plan.changes] == [EnsureLabel] * 12 + [EnsureBoard] * 2
    assert [(c.key, c.reason, c.missing) for c in plan.changes if isinstance(c, EnsureBoard)] == [
        ("support/loops: Loops of dir-1", "policies ask for it", ("loop::open",)),
        ("support: All loops", "policies ask for it", ("loop::open", "loop::overdue")),
    ]
    assert {outcome.status for outcome in apply(plan, gitlab)} == {"done"}
    assert setup(loops, gitlab).empty


def test_a_board_gets_the_lists_that_it_lacks(org):
    gitlab = org.gitlab()
    list(apply(setup(wanting(org, boards=[GROUP_BOARD]), gitlab), gitlab))
    more = GROUP_BOARD | {"lists": ["attention", "loop::overdue", "snoozed"]}
    loops = wanting(org, boards=[more])
    (change,) = setup(loops, gitlab).changes
    assert (change.missing, change.reason) == (("attention", "snoozed"), "lacks attention, snoozed")
    assert change.before == gitlab.boards["support", True][0].id
    list(apply(setup(loops, gitlab), gitlab))
    (board,) = gitlab.boards["support", True]
    assert [column.label for column in board.lists] == [
        "loop::open",
        "attention",
        "loop::overdue",
        "snoozed",
    ]
    assert setup(loops, gitlab).empty


@pytest.mark.parametrize(
    ("label", "drifted"),
    [
        (Label("SGG", "#1F7E6E", "An initiative"), False),
        (Label("SGG", "#1f7e6e", "An initiative"), False),
        (Label("SGG", "#000000", "An initiative"), True),
        (Label("SGG", "#1F7E6E", ""), True),
    ],
)
def test_only_what_a_labels_document_says_is_put_right(org, label, drifted):
    spec = {"name": "SGG", "color": "#1F7E6E", "description": "An initiative"}
    loops = wanting(org, label_specs=[spec])
    gitlab = org.gitlab()
    list(apply(setup(loops, gitlab), gitlab))
    gitlab.labels["drumbeat"] = Label("drumbeat", "#FF0000", "Ours, recoloured by a person")
    gitlab.labels["SGG"] = label
    changes = setup(loops, gitlab).changes
    assert [change.name for change in changes] == ["SGG"] * drifted
    for change in changes:
        assert change.reason == "a `labels` document says how it looks"
        assert change.before == LabelBefore(
            id=label.id, color=label.color.upper(), description=label.description
        )


def test_one_place_that_cannot_be_read_leaves_the_rest(org):
    loops = wanting(org, boards=[LOOPS_OF, GROUP_BOARD])
    gitlab = org.gitlab()
    gitlab.unreadable[BoardsOf("support", True)] = Unreadable("404", "Make the group.")
    gitlab.unreadable[LabelsOf("support")] = Unreadable("403")
    plan = setup(loops, gitlab)
    assert [change.key for change in plan.changes] == ["support/loops: Loops of dir-1"]
    assert [(problem.key, problem.message) for problem in plan.problems] == [
        ("All loops", "404"),
        ("labels", "403"),
    ]
    assert plan.blocked


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("{{ '' }}", "comes out 0 characters long, not 1 to 255"),
        ("{{ 'x' * 256 }}", "comes out 256 characters long, not 1 to 255"),
        ("{{ manager.id }}", "'manager' is undefined"),
    ],
)
def test_a_boards_name_must_come_out_well(org, name, reason):
    spec = BoardSpec.model_validate(LOOPS_OF | {"name": name})
    (subject,) = org.organisation().subjects(SubjectKind.DIRECTOR)
    with pytest.raises(RenderError) as error:
        board_for(spec, subject)
    assert (error.value.field, error.value.reason) == ("name", reason)

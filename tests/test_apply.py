"""What becomes of each change, and what one change's fate means for the others."""

from __future__ import annotations

import pytest

from automation.apply import apply
from automation.errors import OutcomeUnknown, Refused, Throttled, Unreachable
from automation.model.change import (
    NEXT_URL,
    EnsureSchedule,
    LabelBefore,
    PrioritizeLabel,
    RemoveLabel,
    Status,
)
from automation.plan import Plan, ordered
from tests.support.builders import MONDAY
from tests.support.changes import PLENTY, board, label, opening, transition


class Scribe:
    """A writer that notes what it is given, and fails where it is told to."""

    def __init__(self, **errors):
        self.errors = errors
        self.given = []

    def _write(self, what, change):
        self.given.append(change)
        error = self.errors.get(what) or self.errors.get(change.key)
        if error:
            raise error
        return f"https://gitlab.example.com/{change.key}"

    def create_issue(self, change):
        return self._write("create", change)

    def transition(self, change):
        return self._write("transition", change)

    def ensure_label(self, change):
        return self._write("label", change)

    def ensure_board(self, change):
        return self._write("board", change)

    def prioritize_label(self, change):
        return self._write("priority", change)

    def remove_label(self, change):
        return self._write("removal", change)

    def ensure_schedule(self, change):
        return self._write("schedule", change)


def applied(writer, *changes):
    plan = Plan(now=MONDAY, changes=ordered(changes), bounds=PLENTY)
    return list(apply(plan, writer))


def told(outcomes):
    return [(one.key, str(one.status), one.detail) for one in outcomes]


NEW, OLD = "w/m/2026-W49", "w/m/2026-W48"


def test_every_change_is_done_and_told_with_where_it_shows():
    changes = [label("l"), board("b"), opening(NEW), transition(OLD)]
    outcomes = applied(Scribe(), *changes)
    assert [(one.kind, one.deed, one.key, one.status, one.url) for one in outcomes] == [
        ("ensure-label", "label", "l", Status.DONE, "https://gitlab.example.com/l"),
        ("ensure-board", "board", "b", Status.DONE, "https://gitlab.example.com/b"),
        ("create-issue", "open", NEW, Status.DONE, f"https://gitlab.example.com/{NEW}"),
        ("transition", "missed", OLD, Status.DONE, f"https://gitlab.example.com/{OLD}"),
    ]
    assert [one.change for one in outcomes] == [one.id for one in changes]


def test_setup_makes_each_thing_by_its_own_way():
    writer = Scribe(removal=Refused("404", status=404))
    look = LabelBefore(id=1, color="#000000", description="")
    changes = [
        PrioritizeLabel(key="p: l", reason="r", project="p", name="l", priority=0),
        RemoveLabel(key="old", reason="r", group="support", name="old", before=look),
        EnsureSchedule(
            key="s",
            reason="r",
            project="p",
            description="d",
            cron="0 * * * *",
            timezone="UTC",
            ref="main",
            active=True,
        ),
    ]
    outcomes = {one.deed: str(one.status) for one in applied(writer, *changes)}
    assert outcomes == {"priority": "done", "remove": "failed", "schedule": "done"}


def test_a_label_that_keeps_its_name_is_there_even_if_it_cannot_be_painted():
    look = LabelBefore(id=1, color="#000000", description="")
    painted = label("l").model_copy(update={"before": look})
    writer = Scribe(l=Refused("403", status=403))
    outcomes = applied(writer, painted, opening(labels=("l",)))
    assert [one.status for one in outcomes] == [Status.FAILED, Status.DONE]


def test_each_outcome_comes_before_the_next_change_is_tried():
    writer = Scribe()
    outcomes = apply(Plan(now=MONDAY, changes=(label("a"), label("b")), bounds=PLENTY), writer)
    next(outcomes)
    assert [one.key for one in writer.given] == ["a"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("403 Forbidden", status=403), Status.FAILED),
        (Refused("created, but open to all", status=201), Status.FAILED),
        (Throttled("429", status=429), Status.FAILED),
        (Unreachable("no connection"), Status.FAILED),
        (OutcomeUnknown("no answer"), Status.UNKNOWN),
    ],
)
def test_a_change_that_fails_is_told_and_the_rest_goes_on(error, status):
    outcomes = applied(Scribe(**{"a/m/1": error}), opening("a/m/1"), opening("b/m/1"))
    assert told(outcomes) == [("a/m/1", str(status), str(error)), ("b/m/1", "done", "")]


def test_an_error_is_told_with_its_remedy():
    error = Refused("403 Forbidden", "Give the role Planner.", status=403)
    (outcome,) = applied(Scribe(create=error), opening())
    assert outcome.detail == "403 Forbidden\n  Give the role Planner."


@pytest.mark.parametrize("error", [Refused("409", status=409), OutcomeUnknown("no answer")])
def test_without_its_label_a_change_is_not_tried_and_others_are(error):
    writer = Scribe(l=error)
    changes = [
        label("l"),
        label("k"),
        opening("a/m/1", labels=("drumbeat", "l")),
        opening("b/m/1", labels=("drumbeat", "k")),
        transition("c/m/1", add_labels=("l",)),
        transition("d/m/1", remove_labels=("l",)),
        board("b"),
    ]
    outcomes = {one.key: (str(one.status), one.detail) for one in applied(writer, *changes)}
    lacks = ("failed", "not tried: there is no label l")
    assert outcomes["a/m/1"] == outcomes["c/m/1"] == lacks
    assert {outcomes[key] for key in ("k", "b/m/1", "d/m/1", "b")} == {("done", "")}


def test_a_note_links_to_the_loop_that_was_opened_before_it():
    writer = Scribe()
    applied(writer, opening(NEW), transition(OLD, say=f"next: {NEXT_URL}", follows=NEW))
    assert writer.given[-1].say == f"next: https://gitlab.example.com/{NEW}"


@pytest.mark.parametrize("error", [Refused("403", status=403), OutcomeUnknown("no answer")])
def test_a_change_that_follows_a_loop_that_did_not_open_is_not_tried(error):
    writer = Scribe(create=error)
    outcomes = applied(writer, opening(NEW), transition(OLD, say=NEXT_URL, follows=NEW))
    assert told(outcomes)[1] == (OLD, "failed", f"not tried: {NEW} was not opened")
    assert len(writer.given) == 1


def test_three_changes_in_a_row_that_reach_nobody_are_enough():
    writer = Scribe(create=Unreachable("no connection"))
    outcomes = applied(writer, *(opening(f"{n}/m/1") for n in range(5)), transition(follows="x"))
    assert told(outcomes)[2:] == [
        ("2/m/1", "failed", "no connection"),
        ("3/m/1", "failed", "not tried: GitLab cannot be reached"),
        ("4/m/1", "failed", "not tried: GitLab cannot be reached"),
        (transition().key, "failed", "not tried: GitLab cannot be reached"),
    ]
    assert len(writer.given) == 3


@pytest.mark.parametrize("between", [None, Refused("403", status=403)])
def test_an_answer_in_between_gives_new_patience(between):
    errors = {f"{n}/m/1": Unreachable("no connection") for n in (0, 1, 3, 4)}
    writer = Scribe(**errors | {"2/m/1": between})
    applied(writer, *(opening(f"{n}/m/1") for n in range(6)))
    assert len(writer.given) == 6


def test_a_token_that_is_refused_ends_the_run():
    writer = Scribe(label=Refused("401 Unauthorized", status=401))
    outcomes = applied(writer, label("l"), opening(labels=("l",)), transition())
    gone = "not tried: GitLab no longer takes the token"
    assert [one.detail for one in outcomes] == ["401 Unauthorized", gone, gone]
    assert len(writer.given) == 1


def test_an_interrupt_is_not_a_failure_of_a_change():
    with pytest.raises(KeyboardInterrupt):
        applied(Scribe(create=KeyboardInterrupt()), opening())

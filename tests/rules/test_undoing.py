"""A wrong run is taken back where all stands as it left it; in doubt it is left to people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from automation.apply import apply
from automation.errors import OutcomeUnknown, Refused
from automation.model.change import CreateIssue, EnsureLabel, Outcome, Status, Transition
from automation.model.issue import Event, EventKind, Issue, User
from automation.model.record import Record
from automation.plan import Plan
from automation.planner import make_plan
from automation.rules.undoing import bounds_of, undo
from tests.support.builders import ALL_BOXES, MONDAY, Scene, an_org, moves, told
from tests.support.changes import PLENTY
from tests.support.fake_gitlab import BOT, AtWrite

WEEK_48, FRIDAY, WEEK_49 = "2026-11-23T09:00", "2026-11-27T09:00", "2026-11-30T09:00"
KEY_48, KEY_49 = "weekly/mgr-1/2026-W48", "weekly/mgr-1/2026-W49"
LATER = timedelta(hours=1)


def ran(scene: Scene, now: str | None = None) -> Record:
    """What a run leaves behind, whatever became of its changes."""
    plan = scene.plan(now)
    outcomes = tuple(apply(plan, scene.gitlab))
    scene.gitlab.set_clock(scene.gitlab.now + LATER)
    return Record(now=plan.now, gitlab="https://gitlab.example.com", outcomes=outcomes)


def undoing(scene: Scene, *records: Record) -> Plan:
    return make_plan(scene.loops, scene.gitlab, scene.now, partial(undo, records))


def undone(scene: Scene, *records: Record) -> Plan:
    """Take it back; everything must succeed."""
    plan = undoing(scene, *records)
    outcomes = list(apply(plan, scene.gitlab))
    assert [one for one in outcomes if one.status is not Status.DONE] == []
    return plan


def left(plan: Plan) -> list[str]:
    """What is left to a person, without the labels that were made."""
    assert [one for one in plan.problems if one.blocking] == []
    return [one.message for one in plan.problems]


@pytest.fixture
def scene(tmp_path) -> Scene:
    return an_org(tmp_path).with_manager().with_cadence().scene()


# --- What a run opened ----------------------------------------------------------------------


def test_a_loop_that_nobody_touched_is_closed_and_holds_its_key(scene):
    record = ran(scene)
    scene.gitlab.asked.clear()
    plan = undone(scene, record)
    # The list shows that nothing ever happened to it: its history is not asked for.
    assert scene.gitlab.asked.keys() == {"WhoAmI", "IssuesOf", "LabelsOf"}
    assert moves(plan) == [(KEY_48, "undone")]
    issue = scene.issue()
    assert (issue.opened, issue.labels & {"loop::open", "loop::waived"}) == (
        False,
        {"loop::waived"},
    )
    (said,) = scene.gitlab.said_on(issue)
    assert said.startswith("This was opened by mistake.")
    assert f"<!-- drumbeat:said undone {KEY_48} -->" in said
    assert scene.is_settled()
    assert undoing(scene, record).empty
    assert left(undoing(scene, record)) == []


def touch_events(scene: Scene, issue: Issue, kind: EventKind, user: User | None) -> None:
    scene.gitlab.comment(issue, BOT, "our own word")  # so that it is not as it was opened
    event = Event(kind, user, scene.gitlab.now, "add")
    scene.gitlab.events[issue.ref].append(event)


BOT_OF_ANOTHER = User(77, "other-bot", bot=True)
TOUCHES: dict[str, Callable[[Scene, Issue, User], object]] = {
    "commented on it": lambda s, i, who: s.gitlab.comment(i, who, "hello"),
    "ticked in it": lambda s, i, who: s.gitlab.comment(
        i, who, "marked the checklist item **first** as completed", system=True
    ),
    "changed its text or title": lambda s, i, who: s.gitlab.rename(i, who, "Another"),
    "changed its labels": lambda s, i, who: s.gitlab.relabel(i, who, ["snoozed"]),
    "changed a date of it": lambda s, i, who: s.gitlab.change_due_date(i, who, None),
    "changed who is assigned": lambda s, i, who: s.gitlab.comment(
        i, who, "assigned to @somebody", system=True
    ),
    "worked on it in a commit or merge request": lambda s, i, who: s.gitlab.comment(
        i, who, "mentioned in merge request !1", system=True
    ),
    "changed its milestone": lambda s, i, who: touch_events(s, i, EventKind.MILESTONE, who),
    "changed it": lambda s, i, who: s.gitlab.hide(i, who),
}


@pytest.mark.parametrize("who", ["mgr-1", "bot"])
@pytest.mark.parametrize("words", TOUCHES)
def test_what_anybody_touched_is_listed_and_stays_open(scene, words, who):
    record = ran(scene)
    TOUCHES[words](scene, scene.issue(), BOT_OF_ANOTHER if who == "bot" else scene.person())
    plan = undoing(scene, record)
    assert plan.empty
    assert left(plan) == [f"it was opened, and somebody {words}"]


def test_somebody_who_is_gone_may_have_been_a_person(scene):
    record = ran(scene)
    touch_events(scene, scene.issue(), EventKind.STATE, None)
    assert left(undoing(scene, record)) == ["it was opened, and somebody closed or reopened it"]


@pytest.mark.parametrize("kind", [EventKind.WEIGHT, EventKind.ITERATION])
def test_what_the_tier_has_is_looked_at(scene, kind):
    record = ran(scene)
    touch_events(scene, scene.issue(), kind, scene.person())
    assert not undoing(scene, record).empty  # the list has no such thing: nobody asks
    issue = scene.gitlab.current(scene.issue())
    scene.gitlab.issues[issue.ref] = replace(issue, has_weight=True, has_iteration=True)
    assert left(undoing(scene, record)) == ["it was opened, and somebody changed it"]


def test_a_mention_elsewhere_and_drumbeats_own_doings_are_no_touch(scene):
    record = ran(scene)
    issue = scene.issue()
    scene.gitlab.comment(issue, scene.person(), "mentioned in issue #9", system=True)
    scene.run("2026-11-28T09:00")
    assert "loop::overdue" in scene.issue().labels
    (change,) = undoing(scene, record).changes[1:]
    assert isinstance(change, Transition)
    assert (change.add_labels, change.remove_labels) == (("loop::waived",), ("loop::overdue",))


def test_what_somebody_closed_moved_or_unmarked_is_listed_and_what_is_deleted_is_not(tmp_path):
    org = an_org(tmp_path)
    for number in range(1, 6):
        org.with_manager(f"mgr-{number}")
    scene = org.with_cadence().scene()
    record = ran(scene)
    one, two, three, four, five = scene.issues()
    scene.gitlab.close(one, scene.person())
    scene.gitlab.move(two, scene.person(), "support/elsewhere")
    scene.gitlab.edit(three, scene.person(), "nothing")
    scene.gitlab.delete(four)
    plan = undoing(scene, record)
    assert moves(plan) == [("weekly/mgr-5/2026-W48", "undone")]
    assert five.opened
    assert left(plan) == [
        "it was opened, and somebody closed it",
        "it was opened, and somebody moved it",
        "it was opened, and its hidden mark is gone",
    ]


def test_what_drumbeat_closed_since_needs_nothing(scene):
    record = ran(scene)
    scene.gitlab.tick(scene.issue(), scene.person())
    scene.run(FRIDAY)
    assert not scene.issue().opened
    plan = undoing(scene, record)
    assert (plan.empty, left(plan)) == (True, [])


def lost(what: str) -> None:
    if what.startswith("create"):
        raise OutcomeUnknown("lost")


def test_an_opening_of_which_the_answer_was_lost_is_found_by_its_key(scene):
    scene.gitlab.after_write = lost
    record = ran(scene)
    scene.gitlab.after_write = lambda _what: None
    assert [one.status for one in record.outcomes if one.kind == "create-issue"] == ["unknown"]
    scene.gitlab.open("support/loops", "Another", "<!-- drumbeat:loop weekly/mgr-2/2026-W48 -->")
    assert moves(undone(scene, record)) == [(KEY_48, "undone")]


def test_an_opening_that_was_lost_before_it_came_is_not_there(scene):
    scene.gitlab.before_write = lost
    record = ran(scene)
    scene.gitlab.before_write = lambda _what: None
    assert undoing(scene, record).empty


def test_a_clock_that_was_moved_ahead_hides_nothing(scene):
    scene.gitlab.after_write = lost
    record = ran(scene)
    ahead = record.model_copy(update={"now": record.now + timedelta(days=30)})
    assert not undoing(scene, ahead).empty


def test_what_was_opened_though_not_as_it_should_be_is_closed_too(scene):
    def in_part(what: str) -> None:
        if what.startswith("create"):
            raise Refused("it was created, but not assigned", status=201)

    scene.gitlab.after_write = in_part
    record = ran(scene)
    scene.gitlab.after_write = lambda _what: None
    assert [one.in_part for one in record.outcomes if one.kind == "create-issue"] == [True]
    assert moves(undone(scene, record)) == [(KEY_48, "undone")]


def test_an_address_and_a_mark_that_are_missing_lead_nowhere(scene):
    record = ran(scene)
    outcomes = tuple(
        one.model_copy(
            update={
                "url": "",
                "did": one.did.model_copy(update={"marker": ""}) if one.did else None,
            }
        )
        for one in record.outcomes
    )
    assert undoing(scene, record.model_copy(update={"outcomes": outcomes})).empty


def test_fifty_at_a_time_are_looked_up(tmp_path):
    org = an_org(tmp_path)
    for number in range(60):
        org.with_manager(f"mgr-{number}", reports=0)
    scene = org.with_cadence().scene()
    record = ran(scene)
    scene.gitlab.asked.clear()
    assert len(moves(undoing(scene, record))) == 60
    assert scene.gitlab.asked["IssuesOf"] == 2


def test_a_note_that_an_interrupted_undo_left_is_not_said_again(scene):
    record = ran(scene)

    def cut(what: str) -> None:
        if what.startswith("note"):
            raise OutcomeUnknown("lost")

    scene.gitlab.after_write = cut
    list(apply(undoing(scene, record), scene.gitlab))
    scene.gitlab.after_write = lambda _what: None
    assert scene.issue().opened
    undone(scene, record)
    assert not scene.issue().opened
    assert len(scene.gitlab.said_on(scene.issue())) == 1


def test_what_a_person_reopened_after_an_undo_is_theirs(scene):
    record = ran(scene)
    undone(scene, record)
    scene.gitlab.reopen(scene.issue(), scene.person())
    plan = undoing(scene, record)
    assert (plan.empty, left(plan)) == (
        True,
        ["it was opened, and somebody closed or reopened it"],
    )
    assert scene.plan(FRIDAY).empty


# --- What a run did to loops ----------------------------------------------------------------


def carried(tmp_path) -> tuple[Scene, Record]:
    """Last week's loop was closed as missed by the run that opened this week's."""
    org = an_org(tmp_path).with_manager()
    scene = org.with_cadence(when_previous_open="carry_over", due="3 working days").scene()
    scene.run(WEEK_48)
    scene.run(FRIDAY)
    record = ran(scene, WEEK_49)
    assert "loop::missed" in scene.issue(KEY_48).labels
    return scene, record


def test_what_was_missed_goes_on_where_the_next_one_is_undone(tmp_path):
    scene, record = carried(tmp_path)
    undone(scene, record)
    old = scene.issue(KEY_48)
    assert (old.opened, "loop::overdue" in old.labels, "loop::missed" in old.labels) == (
        True,
        True,
        False,
    )
    assert not scene.issue(KEY_49).opened
    assert scene.plan().empty
    assert undoing(scene, record).empty
    # It ends as any other does, though Drumbeat said so before.
    scene.gitlab.tick(old, scene.person())
    scene.run("2026-12-01T09:00")
    assert "loop::done" in scene.issue(KEY_48).labels


def test_what_was_missed_stays_so_where_the_next_one_stays(tmp_path):
    scene, record = carried(tmp_path)
    scene.gitlab.comment(scene.issue(KEY_49), scene.person(), "On it.")
    plan = undoing(scene, record)
    assert plan.empty
    assert f"it is left as it is: {KEY_49}, where its open items went, stays" in left(plan)


def test_what_was_missed_stays_so_where_nobody_knows_of_the_next_one(tmp_path):
    scene, record = carried(tmp_path)
    some = tuple(one for one in record.outcomes if one.kind != "create-issue")
    plan = undoing(scene, record.model_copy(update={"outcomes": some}))
    assert left(plan)[-1].endswith("where its open items went, is in none of the files")


def test_what_was_missed_for_a_loop_that_was_there_already_stays_so(tmp_path):
    scene, record = carried(tmp_path)

    def alone(one: Outcome) -> Outcome:
        did = one.did.model_copy(update={"follows": ""}) if one.did else None
        return one.model_copy(update={"did": did})

    told_alone = record.model_copy(update={"outcomes": tuple(map(alone, record.outcomes))})
    messages = left(undoing(scene, told_alone))
    assert "it is left as it is: the loop that comes after it was there before the run" in messages


def test_a_loop_that_was_closed_as_done_by_a_wrong_rule_is_open_again(tmp_path):
    org = an_org(tmp_path).with_manager().with_cadence(close_when="any")
    scene = org.scene()
    scene.run()
    scene.gitlab.tick(scene.issue(), scene.person(), 1)
    record = ran(scene, "2026-11-24T09:00")
    assert "loop::done" in scene.issue().labels
    org.cadences.clear()
    scene.loops = org.with_cadence(close_when="all").loops()
    undone(scene, record)
    assert (scene.issue().opened, "loop::open" in scene.issue().labels) == (True, True)
    assert scene.gitlab.said_on(scene.issue())[-1].startswith(
        "This was closed by mistake, so it is open again.\n"
    )
    assert scene.plan("2026-11-25T09:00").empty


def test_what_was_closed_as_not_needed_was_a_persons_wish(scene):
    scene.run()
    scene.gitlab.relabel(scene.issue(), scene.person(), ["loop::waived"])
    record = ran(scene, "2026-11-24T09:00")
    plan = undoing(scene, record)
    assert plan.empty
    assert left(plan) == ["it is left as it is: it was closed as not needed, or as a duplicate"]


def test_a_reminder_stays_said(tmp_path):
    scene = an_org(tmp_path).with_manager().with_cadence(remind=["due"]).scene()
    scene.run()
    record = ran(scene, FRIDAY)
    plan = undoing(scene, record)
    assert (plan.empty, left(plan)) == (True, ["what was said stays"])


# --- What a run did to other issues ---------------------------------------------------------


def labelled(tmp_path, **do: object) -> tuple[Scene, Issue]:
    """An initiative on which a rule acts."""
    rules = [{"name": "r", "when": 'not has("done")', "do": {"label": "done", **do}}]
    org = an_org(tmp_path).with_manager().with_group()
    where = {"group": "support/sgg", "state": "all"}
    scene = org.with_triage(where=where, rules=rules).scene()
    issue = scene.gitlab.open("support/sgg/baobab", "Initiative", labels=["fresh"])
    scene.gitlab.set_clock(scene.gitlab.now + LATER)
    return scene, issue


def test_labels_are_as_they_were_and_nothing_is_said(tmp_path):
    scene, issue = labelled(tmp_path, unlabel="fresh")
    record = ran(scene)
    assert scene.issue().labels == {"done"}
    undone(scene, record)
    assert scene.issue().labels == {"fresh"}
    assert scene.gitlab.said_on(issue) == []
    assert undoing(scene, record).empty


def test_a_closed_initiative_is_opened_and_an_opened_one_closed(tmp_path):
    scene, _ = labelled(tmp_path, close=True)
    record = ran(scene)
    assert not scene.issue().opened
    undone(scene, record)
    assert scene.issue().opened
    assert scene.issue().labels == {"fresh"}

    other, issue = labelled(tmp_path, reopen=True)
    other.gitlab.close(issue, other.person())
    other.gitlab.set_clock(other.gitlab.now + LATER)
    record = ran(other)
    assert other.issue().opened
    undone(other, record)
    assert not other.issue().opened


def test_people_and_dates_stay_as_the_run_left_them(tmp_path):
    scene, _ = labelled(tmp_path, assign="author", due="2 working days")
    record = ran(scene)
    plan = undone(scene, record)
    assert scene.issue().labels == {"fresh"}
    assert left(plan) == ["what it changed stays: who is assigned and its due date"]


def test_what_was_moved_stays_where_it_is(tmp_path):
    scene, issue = labelled(tmp_path, move="support/loops")
    record = ran(scene)
    plan = undoing(scene, record)
    assert (plan.empty, left(plan)) == (
        True,
        ["what it changed stays: its place: it was moved to support/loops"],
    )
    scene.gitlab.delete(issue)
    assert left(undoing(scene, record)) == []


def test_what_was_touched_since_is_left_and_what_was_touched_before_is_not(tmp_path):
    scene, issue = labelled(tmp_path)
    scene.gitlab.comment(issue, scene.person(), "before")
    scene.gitlab.set_clock(scene.gitlab.now + LATER)
    record = ran(scene)
    assert moves(undoing(scene, record)) == [(issue.reference, "undone")]
    scene.gitlab.comment(issue, scene.person(), "since")
    plan = undoing(scene, record)
    assert plan.empty
    assert left(plan) == ["it is left as it is: somebody commented on it since"]


def test_half_of_it_is_left_to_a_person(tmp_path):
    scene, issue = labelled(tmp_path, unlabel="fresh")
    record = ran(scene)
    scene.gitlab.relabel(issue, BOT, ["fresh"])
    assert left(undoing(scene, record)) == [
        "it is left as it is: a part of what was done does not stand any more"
    ]


def test_what_another_run_did_again_is_that_runs(tmp_path):
    scene, issue = labelled(tmp_path)
    record = ran(scene)
    scene.gitlab.relabel(issue, scene.person(), remove=["done"])
    scene.gitlab.set_clock(scene.gitlab.now + LATER)
    second = ran(scene)
    assert left(undoing(scene, record)) == ["it is left as it is: it was done again since"]
    assert moves(undoing(scene, second)) == [(issue.reference, "undone")]


def test_without_gitlabs_time_two_runs_cannot_be_told_apart(tmp_path):
    scene, issue = labelled(tmp_path)

    def timeless(record: Record) -> Record:
        outcomes = tuple(one.model_copy(update={"at": None}) for one in record.outcomes)
        return record.model_copy(update={"outcomes": outcomes})

    record = timeless(ran(scene))
    assert moves(undoing(scene, record)) == [(issue.reference, "undone")]
    scene.gitlab.relabel(issue, scene.person(), remove=["done"])
    second = timeless(ran(scene))
    assert left(undoing(scene, second)) == [
        "it is left as it is: its history does not tell which run did it"
    ]


def test_a_label_that_somebody_else_put_on_is_not_drumbeats(tmp_path):
    scene, issue = labelled(tmp_path)
    record = ran(scene)
    events = scene.gitlab.events[issue.ref]
    scene.gitlab.events[issue.ref] = [replace(one, user=scene.person()) for one in events]
    assert left(undoing(scene, record))[0].startswith("it is left as it is: its history")
    scene.gitlab.events[issue.ref] = [replace(one, user=None) for one in events]
    assert left(undoing(scene, record))[0].startswith("it is left as it is: its history")


def test_what_a_rule_opened_is_closed_and_gets_no_label_of_a_loop(tmp_path):
    rule = {"name": "r", "when": "true", "do": {"issue": {"title": "More", "template": "m.md"}}}
    org = an_org(tmp_path).with_manager().with_group().with_template("m.md", "- [ ] more")
    scene = org.with_triage(where={"group": "support/sgg"}, rules=[rule]).scene()
    scene.gitlab.open("support/sgg/baobab", "Initiative")
    record = ran(scene)
    undone(scene, record)
    (follower,) = (one for one in scene.issues() if one.author == BOT)
    assert (follower.opened, follower.labels) == (False, frozenset())
    assert scene.plan().empty


# --- What was made, and how much is done ----------------------------------------------------


def test_labels_are_listed_unless_the_policies_ask_for_them(tmp_path):
    scene, _ = labelled(tmp_path)
    record = ran(scene)
    assert told(undoing(scene, record)) == []
    scene.loops = an_org(tmp_path).with_manager().loops()
    assert told(undoing(scene, record)) == [("done", "the label stays: issues may bear it", False)]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("remove-label", "the label is deleted"), ("ensure-board", "it stays as the run made it")],
)
def test_what_a_setup_did_is_listed(scene, kind, words):
    made = Outcome(change="c", kind=kind, key="k", status=Status.DONE)
    record = Record(now=MONDAY, gitlab="x", outcomes=(made,))
    (message,) = left(undoing(scene, record))
    assert message.startswith(words)


def test_what_was_not_done_is_not_undone(scene):
    outcomes = ran(scene).outcomes
    for status in (Status.FAILED, Status.SKIPPED):
        not_done = tuple(one.model_copy(update={"status": status}) for one in outcomes)
        plan = undoing(scene, Record(now=MONDAY, gitlab="x", outcomes=not_done))
        assert (plan.empty, plan.problems) == (True, ())


def test_as_much_may_be_closed_as_was_opened(tmp_path):
    org = an_org(tmp_path)
    for number in range(10):
        org.with_manager(f"mgr-{number}")
    scene = org.with_cadence().scene()
    record = ran(scene)
    few = PLENTY.model_copy(update={"close": 2, "notes": 3})
    assert bounds_of((record,), few).close == 10
    assert bounds_of((record,), few).notes == 3
    assert bounds_of((record, record), PLENTY).close == 100


def test_a_run_knows_what_it_did(scene):
    record = ran(scene)
    (made,) = (one for one in record.outcomes if one.kind == "create-issue")
    assert made.did is not None
    assert made.did.marker == f"<!-- drumbeat:loop {KEY_48} -->"
    assert made.request_id.startswith("request-")
    kinds = {type(one) for one in scene.plan(FRIDAY).changes}
    assert kinds <= {CreateIssue, EnsureLabel, Transition}
    assert ALL_BOXES.count("- [ ]") == 3


# --- Cut short ------------------------------------------------------------------------------


def state(scene: Scene) -> dict[str, tuple[bool, list[str], list[str]]]:
    """All that undoing changes, by issue."""
    return {
        issue.title: (issue.opened, sorted(issue.labels), scene.gitlab.said_on(issue))
        for issue in scene.issues()
    }


@pytest.mark.parametrize("when", ["before_write", "after_write"])
@pytest.mark.parametrize("error", [OutcomeUnknown("lost"), KeyboardInterrupt()], ids=repr)
def test_wherever_it_is_cut_the_next_one_ends_where_it_would_have(tmp_path, when, error):
    undisturbed, record = carried(tmp_path)
    undone(undisturbed, record)
    wanted = state(undisturbed)
    cuts, number = 0, 1
    while number <= 1 + cuts:
        scene, record = carried(tmp_path)
        cut = AtWrite(number, error)
        setattr(scene.gitlab, when, cut)
        with suppress(KeyboardInterrupt):
            list(apply(undoing(scene, record), scene.gitlab))
        setattr(scene.gitlab, when, lambda _what: None)
        if cut.seen >= number:
            cuts += 1
        scene.gitlab.set_clock(scene.gitlab.now + LATER)
        list(apply(undoing(scene, record), scene.gitlab))
        assert state(scene) == wanted, f"cut at write {number}"
        assert undoing(scene, record).empty
        number += 1
    assert cuts >= 3

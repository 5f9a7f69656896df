"""The state table of the design, row by row, and what stands beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from automation.labels import State
from automation.model.change import Transition
from automation.model.issue import EventKind, Label, TaskCounts
from automation.model.questions import EventsOf, NotesOf
from automation.model.roster import Absence, Report
from automation.model.scope import Scope
from automation.model.snapshot import Unreadable
from tests.support.builders import PER_REPORT, a_day, an_org, at, moves, opened, told

KEY = "weekly/mgr-1/2026-W48"
NEXT = "weekly/mgr-1/2026-W49"
COUNTS = sha256(b"counts differ").hexdigest()[:12]
TUESDAY, FRIDAY, SATURDAY = "2026-11-24T09:00Z", "2026-11-27T23:59Z", "2026-11-28T00:00Z"
"""The loop of these tests is due on Friday 2026-11-27; its manager is in Dublin."""


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path)


def a_scene(org, **facts):
    """One weekly loop that was opened on Monday at 09:00."""
    manager = {"timezone": "Europe/Dublin"} | facts.pop("manager", {})
    scene = org.with_manager(**manager).with_cadence(**facts).scene()
    scene.run()
    return scene


@pytest.fixture
def scene(org):
    return a_scene(org)


def state_of(scene, key=KEY):
    """Whether the issue is open, and its state labels without their scope."""
    issue = scene.issue(key)
    scoped = sorted(label for label in issue.labels if label.startswith("loop::"))
    return issue.opened, [label.removeprefix("loop::") for label in scoped]


def said(scene, key=KEY):
    return scene.gitlab.said_on(scene.issue(key))


# --- loop::open ----------------------------------------------------------------------------


def test_a_loop_that_is_on_is_left_alone_until_its_due_date_has_passed(scene):
    for now in (TUESDAY, "2026-11-26T12:00Z", FRIDAY):
        assert scene.plan(now).empty
        assert scene.is_settled()
    assert state_of(scene) == (True, ["open"])


# --- loop::done ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("close_when", "body", "boxes", "summary"),
    [
        ("all", None, (1, 2, 3), "3 of 3 items are ticked"),
        ("any", None, (2,), "1 of 3 items is ticked"),
        ({"at_least": 2}, None, (1, 3), "2 of 3 items are ticked"),
        (
            [{"each": "report", "done": "any"}],
            PER_REPORT,
            (1, 4),
            "every report has at least 1 ticked",
        ),
        (
            [{"each": "report", "done": {"at_least": 2}}],
            PER_REPORT,
            (1, 2, 3, 4),
            "every report has at least 2 ticked",
        ),
        (
            [{"section": "mgr-1-se-1", "done": "all"}],
            PER_REPORT,
            (3, 4),
            "“mgr-1-se-1”: 2 of 2 items are ticked",
        ),
    ],
)
def test_done_when_the_rule_is_satisfied_and_a_box_before_it_is_not(
    org, close_when, body, boxes, summary
):
    scene = a_scene(org, close_when=close_when, **({"body": body} if body else {}))
    issue, person = scene.issue(), scene.person()
    scene.gitlab.tick(issue, person, *boxes)
    scene.gitlab.untick(issue, person, boxes[-1])
    assert scene.plan(TUESDAY).empty
    scene.gitlab.tick(issue, person, boxes[-1])
    assert moves(scene.run()) == [(KEY, "loop::done")]
    assert state_of(scene) == (False, ["done"])
    assert said(scene) == [
        (
            f"Done: {summary}. Reopen this if it is not: then it is left alone.\n\n"
            f"<!-- drumbeat:said done {KEY} -->"
        )
    ]
    assert scene.is_settled()


def test_inapplicable_boxes_are_settled_but_nothing_ticked_is_not_done(scene):
    issue, person = scene.issue(), scene.person()
    scene.gitlab.tick(issue, person, box="[~]")
    assert scene.plan(TUESDAY).empty
    scene.gitlab.tick(issue, person, 2)
    assert moves(scene.plan()) == [(KEY, "loop::done")]


def test_a_loop_without_boxes_is_never_complete(scene):
    scene.gitlab.edit(scene.issue(), scene.person(), "Just read this.")
    assert scene.plan(TUESDAY).empty


def test_a_report_who_left_is_not_waited_for(org):
    team = [
        Report(id="stays", username="stays"),
        Report(id="leaves", username="leaves", until=a_day("2026-11-24")),
    ]
    rule = [{"each": "report", "done": "all"}]
    scene = a_scene(org, body=PER_REPORT, close_when=rule, manager={"team": team})
    scene.gitlab.tick(scene.issue(), scene.person(), 1, 2)
    assert scene.plan("2026-11-24T23:59Z").empty
    assert moves(scene.plan("2026-11-25T00:00Z")) == [(KEY, "loop::done")]


def test_what_was_carried_over_is_not_asked_for(org):
    scene = a_scene(org)
    scene.gitlab.append(scene.issue(), scene.person(), "- [ ] more")
    scene.run("2026-11-30T08:00Z")
    newer = scene.issue(NEXT)
    assert "- [ ] more (from [2026-W48]" in newer.description
    scene.gitlab.tick(newer, scene.person(), 1, 2, 3)
    assert moves(scene.run()) == [(NEXT, "loop::done")]


@pytest.mark.parametrize(
    ("ticks", "label"), [((1, 2, 3), "done"), ((1,), "waived"), (None, "waived")]
)
def test_what_a_person_closed_stays_closed_and_gets_its_label_without_a_word(scene, ticks, label):
    if ticks:
        scene.gitlab.tick(scene.issue(), scene.person(), *ticks)
    scene.gitlab.close(scene.issue(), scene.person())
    assert moves(scene.run(TUESDAY)) == [(KEY, f"loop::{label}")]
    assert state_of(scene) == (False, [label])
    assert said(scene) == []
    assert scene.is_settled()


def test_a_person_who_closes_an_overdue_loop_weeks_later_is_noticed(org):
    scene = a_scene(org, when_previous_open="keep_both")
    scene.run(SATURDAY)
    scene.run("2026-12-20T09:00Z")
    scene.gitlab.close(scene.issue(KEY), scene.person())
    assert (KEY, "loop::waived") in moves(scene.run("2026-12-21T09:00Z"))
    assert state_of(scene) == (False, ["waived"])


# --- loop::waived ---------------------------------------------------------------------------


@pytest.mark.parametrize("beside", [["loop::open"], []])
def test_a_loop_that_a_person_waived_is_closed_with_a_word(scene, beside):
    scene.gitlab.relabel(scene.issue(), scene.person(), remove=["loop::open"])
    scene.gitlab.relabel(scene.issue(), scene.person(), add=["loop::waived", *beside])
    assert moves(scene.run(TUESDAY)) == [(KEY, "loop::waived")]
    assert state_of(scene) == (False, ["waived"])
    assert [text.partition(":")[0] for text in said(scene)] == ["Closed"]
    assert scene.is_settled()


def test_what_is_waived_again_is_closed_again_without_saying_it_twice(scene):
    person = scene.person()
    scene.gitlab.relabel(scene.issue(), person, ["loop::waived"], ["loop::open"])
    scene.run(TUESDAY)
    scene.gitlab.reopen(scene.issue(), person)
    scene.gitlab.relabel(scene.issue(), person, [], ["loop::waived"])
    scene.gitlab.relabel(scene.issue(), person, ["loop::waived"], [])
    assert moves(scene.run()) == [(KEY, "loop::waived")]
    assert state_of(scene) == (False, ["waived"])
    assert len(said(scene)) == 1


def test_a_waived_loop_that_a_person_closed_as_well_needs_nothing(scene):
    scene.gitlab.relabel(scene.issue(), scene.person(), ["loop::waived"], ["loop::open"])
    scene.gitlab.close(scene.issue(), scene.person())
    assert scene.plan(TUESDAY).empty


def test_a_loop_that_was_reopened_can_still_be_waived(scene):
    person = scene.person()
    scene.gitlab.close(scene.issue(), person)
    scene.gitlab.reopen(scene.issue(), person)
    assert scene.plan(TUESDAY).empty
    scene.gitlab.relabel(scene.issue(), person, ["loop::waived"], ["loop::open"])
    assert moves(scene.run()) == [(KEY, "loop::waived")]
    assert state_of(scene) == (False, ["waived"])


# --- loop::overdue ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Australia/Sydney", "2026-11-27T12:59:59Z", "2026-11-27T13:00:00Z"),
        ("Europe/Dublin", "2026-11-27T23:59:59Z", "2026-11-28T00:00:00Z"),
        ("America/Denver", "2026-11-28T06:59:59Z", "2026-11-28T07:00:00Z"),
    ],
)
def test_overdue_begins_at_midnight_where_the_manager_is(org, zone, before, after):
    scene = org.with_manager(timezone=zone).with_cadence().scene(at("2026-11-23T16:00Z"))
    scene.run()
    assert scene.issue().due_date == a_day("2026-11-27")
    assert scene.plan(before).empty
    assert moves(scene.plan(after)) == [(KEY, "loop::overdue")]


THURSDAY_DUE = {"due": "3 working days"}
OVERDUE = (
    "@mgr-1 this was due on Thursday, 26 November: 0 of 3 items are ticked. Tick what is done, "
    "and mark with `[~]` what does not apply. A later due date, or the label `snoozed`, gives "
    "more time until the next one opens; the label `loop::waived` closes it as not needed.\n\n"
    f"<!-- drumbeat:said overdue {KEY} -->"
)


def test_overdue_is_said_once_to_the_assignee(org):
    scene = a_scene(org, **THURSDAY_DUE)
    plan = scene.run("2026-11-27T00:00Z")
    assert moves(plan) == [(KEY, "loop::overdue")]
    assert plan.changes[-1].mentions == ("mgr-1",)
    assert state_of(scene) == (True, ["overdue"])
    for now in ("2026-11-27T09:00Z", "2026-11-28T09:00Z", "2026-11-29T23:00Z"):
        assert scene.plan(now).empty
        assert scene.is_settled()
    assert said(scene) == [OVERDUE]


def test_overdue_on_a_day_off_is_labelled_at_once_and_said_on_the_next_working_day(org):
    scene = a_scene(org, when_previous_open="keep_both")
    scene.run(SATURDAY)
    assert state_of(scene) == (True, ["overdue"])
    assert said(scene) == []
    scene.run("2026-11-29T12:00Z")
    assert said(scene) == []
    scene.run("2026-11-30T08:00Z")
    assert [text.split(":")[0] for text in said(scene)] == [
        "@mgr-1 this was due on Friday, 27 November"
    ]
    scene.run("2026-11-30T09:00Z")
    scene.run("2026-12-01T09:00Z")
    assert len(said(scene)) == 1


def test_overdue_is_still_said_after_a_day_off_where_a_person_set_a_second_label(org):
    scene = a_scene(org, when_previous_open="keep_both")
    scene.run(SATURDAY)
    scene.gitlab.relabel(scene.issue(), scene.person(), add=["loop::open"])
    scene.run("2026-11-30T08:00Z")
    assert state_of(scene) == (True, ["overdue"])
    assert len(said(scene)) == 1
    assert scene.plan().empty


def test_a_loop_that_opens_after_its_due_date_gets_the_day_before_it_is_overdue(org):
    scene = org.with_manager().with_cadence(due="1 working day").scene()
    scene.run("2026-11-26T09:00Z")
    assert scene.issue().due_date == a_day("2026-11-24")
    assert scene.plan("2026-11-26T23:59Z").empty
    assert scene.plan("2026-11-27T07:59Z").empty
    scene.run("2026-11-27T08:00Z")
    assert state_of(scene) == (True, ["overdue"])
    assert len(said(scene)) == 1


def test_overdue_without_an_assignee_addresses_nobody(org):
    scene = org.with_manager().with_cadence(assignee="{{ '' }}", **THURSDAY_DUE).scene()
    scene.run()
    scene.run("2026-11-27T08:00Z")
    (text,) = said(scene)
    assert text.startswith("this was due on Thursday")


def test_a_later_due_date_puts_it_on_again_and_has_a_reminder_of_its_own(org):
    scene = a_scene(org, when_previous_open="keep_both", **THURSDAY_DUE)
    scene.run("2026-11-27T09:00Z")
    scene.gitlab.change_due_date(scene.issue(), scene.person(), a_day("2026-12-01"))
    assert moves(scene.run("2026-11-27T10:00Z")) == [(KEY, "loop::open")]
    assert state_of(scene) == (True, ["open"])
    scene.run("2026-12-02T08:00Z")
    assert state_of(scene) == (True, ["overdue"])
    assert [text.split(":")[0].split("on ")[1] for text in said(scene)] == [
        "Thursday, 26 November",
        "Tuesday, 1 December",
    ]


def test_a_due_date_that_a_person_moves_to_today_is_settled_in_one_run(org):
    scene = a_scene(org, when_previous_open="keep_both", remind=["due"], **THURSDAY_DUE)
    scene.run("2026-11-27T09:00Z")
    scene.gitlab.change_due_date(scene.issue(), scene.person(), a_day("2026-12-01"))
    assert moves(scene.run("2026-12-01T09:00Z"))[:2] == [
        (KEY, "loop::open"),
        (KEY, "reminder+0-2026-12-01"),
    ]
    assert scene.plan().empty


def test_a_snoozed_loop_is_not_overdue_until_the_label_goes(org):
    scene = a_scene(org, remind=["due", "1 day after due"], **THURSDAY_DUE)
    scene.gitlab.relabel(scene.issue(), scene.person(), add=["snoozed"])
    for now in ("2026-11-26T09:00Z", "2026-11-27T09:00Z"):
        assert scene.plan(now).empty
        assert scene.is_settled()
    scene.gitlab.relabel(scene.issue(), scene.person(), remove=["snoozed"])
    assert moves(scene.plan()) == [(KEY, "loop::overdue")]


def test_a_snoozed_loop_is_still_done_and_still_missed(scene):
    scene.gitlab.relabel(scene.issue(), scene.person(), add=["snoozed"])
    assert (KEY, "loop::missed") in moves(scene.plan("2026-11-30T08:00Z"))
    scene.gitlab.tick(scene.issue(), scene.person())
    assert (KEY, "loop::done") in moves(scene.plan())


def test_a_loop_without_a_due_date_is_never_overdue(scene):
    scene.gitlab.change_due_date(scene.issue(), scene.person(), None)
    assert scene.plan("2026-11-29T12:00Z").empty


@pytest.mark.parametrize("now", [TUESDAY, "2026-11-28T12:00Z"])
def test_one_state_label_is_left_where_a_person_set_two(scene, now):
    scene.gitlab.relabel(scene.issue(), scene.person(), add=["loop::open", "loop::overdue"])
    scene.run(now)
    assert state_of(scene) == (True, ["overdue" if now > SATURDAY else "open"])
    assert scene.is_settled()


# --- loop::missed -----------------------------------------------------------------------------


def test_missed_links_to_the_next_loop_in_the_run_that_opens_it(scene):
    plan = scene.run("2026-11-30T08:00Z")
    newer = scene.issue(NEXT)
    assert opened(plan) == [NEXT]
    assert moves(plan) == [(KEY, "loop::missed")]
    assert state_of(scene) == (False, ["missed"])
    assert state_of(scene, NEXT) == (True, ["open"])
    assert said(scene) == [
        (
            f"The next loop is on: [2026-W49]({newer.web_url}). Here, 0 of 3 items are ticked; what "
            f"is still open goes on there.\n\n<!-- drumbeat:said missed {KEY} -->"
        )
    ]
    assert scene.is_settled()


def test_missed_waits_until_the_next_loop_can_be_opened(scene):
    projects, scene.gitlab.projects = scene.gitlab.projects, {}
    assert (KEY, "loop::missed") not in moves(scene.plan("2026-11-30T08:00Z"))
    scene.gitlab.projects = projects
    assert moves(scene.plan()) == [(KEY, "loop::missed")]


def test_weeks_that_were_skipped_are_missed_by_the_one_that_is_on(scene):
    plan = scene.run("2026-12-14T08:00Z")
    assert opened(plan) == ["weekly/mgr-1/2026-W51"]
    assert moves(plan) == [(KEY, "loop::missed")]


def test_a_clock_that_was_moved_back_misses_nothing(scene):
    scene.run("2026-11-30T08:00Z")
    scene.now = at("2026-11-23T09:00Z")
    assert scene.plan().empty


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        (("week", "FREQ=WEEKLY"), ("month", "FREQ=MONTHLY"), "weekly/mgr-1/2026-12"),
        (("month", "FREQ=MONTHLY"), ("week", "FREQ=WEEKLY"), "weekly/mgr-1/2026-W49"),
        (
            ("fiscal-quarter", "FREQ=MONTHLY;BYMONTH=2,5,8,11"),
            ("day", "FREQ=DAILY"),
            "weekly/mgr-1/2026-12-01",
        ),
    ],
)
def test_a_cadence_may_change_its_kind_of_period(org, before, after, key):
    scene = a_scene(org, period=before[0], schedule={"rrule": before[1]})
    old = scene.issue()
    org.cadences.clear()
    org.with_cadence(period=after[0], schedule={"rrule": after[1]})
    scene.loops = org.loops()
    plan = scene.run("2026-12-01T09:00Z")
    assert opened(plan) == [key]
    assert [to for _, to in moves(plan)] == ["loop::missed"]
    assert not scene.gitlab.current(old).opened
    assert scene.is_settled()


# --- Reopened: every rule passes it by ---------------------------------------------------------


def reopened_after(scene, how):
    """A loop that Drumbeat closed or labelled, and that a person reopened on Wednesday."""
    issue, person = scene.issue(KEY), scene.person()
    if how == "done":
        scene.gitlab.tick(issue, person)
        scene.run(TUESDAY)
    elif how == "waived":
        scene.gitlab.close(issue, person)
        scene.run(TUESDAY)
    else:
        scene.run("2026-11-30T08:00Z")
    assert state_of(scene) == (False, [how])
    scene.gitlab.reopen(issue, person)


LATER = ("2026-11-30T09:00Z", "2026-12-07T09:00Z", "2026-12-14T09:00Z")


@pytest.mark.parametrize("how", ["done", "waived", "missed"])
@pytest.mark.parametrize("then", ["nothing", "tick", "untick", "open label too"])
def test_a_reopened_loop_is_left_alone_by_every_rule(org, how, then):
    scene = a_scene(org, remind=["due", "1 day after due"])
    reopened_after(scene, how)
    issue, person = scene.issue(KEY), scene.person()
    words = len(said(scene))
    if then == "tick":
        scene.gitlab.tick(issue, person)
    elif then == "untick":
        scene.gitlab.untick(issue, person)
    elif then == "open label too":
        scene.gitlab.relabel(issue, person, add=["loop::open"])
    before = scene.gitlab.current(issue)
    for now in LATER:
        assert KEY not in dict(moves(scene.run(now)))
    assert scene.gitlab.current(issue) == before
    assert len(said(scene)) == words
    assert "Carried over" not in scene.issues()[-1].description


@pytest.mark.parametrize("how", ["done", "missed"])
@pytest.mark.parametrize("ticked", [True, False])
def test_a_reopened_loop_is_left_alone_though_its_label_was_taken_off(org, how, ticked):
    scene = a_scene(org, remind=["due", "1 day after due"])
    reopened_after(scene, how)
    issue, person = scene.issue(KEY), scene.person()
    scene.gitlab.relabel(issue, person, add=["loop::open"], remove=[f"loop::{how}"])
    if not ticked:
        scene.gitlab.untick(issue, person)
    words = len(said(scene))
    for now in LATER:
        scene.run(now)
    assert scene.gitlab.current(issue).opened
    assert len(said(scene)) == words


# --- Reminders ---------------------------------------------------------------------------------

REMIND = {"remind": ["1 day before due", "due", "1 day after due"], "due": "2 working days"}
"""Due on Wednesday 2026-11-25: reminders on Tuesday, Wednesday and Thursday at 08:00."""


def reminders(scene):
    return [text.split(";")[0].removeprefix("@mgr-1 ") for text in said(scene)]


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2026-11-23T12:00Z", None),
        ("2026-11-24T07:59Z", None),
        ("2026-11-24T08:00Z", "a reminder: this is due on Wednesday, 25 November"),
        ("2026-11-24T23:00Z", "a reminder: this is due on Wednesday, 25 November"),
        ("2026-11-25T07:59Z", None),
        ("2026-11-25T08:00Z", "a reminder: this is due today"),
    ],
)
def test_a_reminder_comes_on_its_day_and_from_its_hour_on(org, now, text):
    scene = a_scene(org, **REMIND)
    scene.run(now)
    assert reminders(scene) == ([text] if text else [])
    assert state_of(scene) == (True, ["open"])


def test_no_reminder_comes_on_the_day_on_which_the_loop_opened(org):
    scene = a_scene(org, due="1 working day", remind=["1 day before due", "due"])
    assert scene.plan("2026-11-23T12:00Z").empty
    scene.run("2026-11-24T08:00Z")
    assert reminders(scene) == ["a reminder: this is due today"]


def test_each_reminder_is_said_once_and_none_on_a_day_on_which_overdue_was_said(org):
    scene = a_scene(org, **REMIND)
    for hour in range(7, 120):
        scene.run(at("2026-11-24T00:00Z") + timedelta(hours=hour))
    assert [text.split(":")[0] for text in reminders(scene)] == [
        "a reminder",
        "a reminder",
        "this was due on Wednesday, 25 November",
    ]


def test_a_reminder_after_the_due_date_follows_the_overdue_one(org):
    scene = a_scene(org, remind=["2 days after due"], due="2 working days")
    for day in ("26", "27", "28", "29"):
        scene.run(f"2026-11-{day}T12:00Z")
    assert [text.split(",")[0] for text in reminders(scene)] == [
        "this was due on Wednesday",
        "a reminder: this was due on Wednesday",
    ]
    assert "a reminder: this was due on Wednesday, 25 November" in reminders(scene)[1]


def test_reminders_count_the_owners_working_days_and_are_silent_on_days_off(org):
    away = [Absence(start=a_day("2026-11-25"), end=a_day("2026-11-26"))]
    scene = a_scene(
        org, due="2 working days", remind=["1 day before due", "due"], manager={"away": away}
    )
    assert scene.issue().due_date == a_day("2026-11-27")
    for day in ("24", "25", "26", "27"):
        scene.run(f"2026-11-{day}T09:00Z")
    assert len(said(scene)) == 2
    scene.gitlab.change_due_date(scene.issue(), scene.person(), a_day("2026-11-28"))
    assert scene.plan("2026-11-28T09:00Z").empty  # a reminder on a Saturday


def test_a_reminder_hour_is_the_owners(org):
    scene = a_scene(org, **REMIND, manager={"timezone": "America/Denver"})
    scene.run("2026-11-23T15:00Z")
    assert scene.plan("2026-11-24T14:59Z").empty
    assert moves(scene.plan("2026-11-24T15:00Z")) == [(KEY, "reminder-1")]


# --- What cannot be judged ------------------------------------------------------------------------


def test_counts_that_differ_from_gitlabs_are_told_once_and_nothing_is_done(org):
    scene = a_scene(org)
    scene.gitlab.tick(scene.issue(), scene.person())
    issue = scene.issue()
    scene.gitlab.issues[issue.ref] = replace(issue, tasks=TaskCounts(4, 3))
    why = "GitLab counts 3 of 4 items as ticked, Drumbeat reads 3 of 3"
    for now in (TUESDAY, "2026-11-25T09:00Z", "2026-11-30T09:00Z"):
        plan = scene.run(now)
        assert (KEY, why, False) in told(plan)
    assert state_of(scene) == (True, ["open"])
    assert said(scene) == [
        (
            f"@mgr-1 This checklist cannot be judged: {why}. Nothing was changed. Mend it, or close "
            f"this issue by hand.\n\n<!-- drumbeat:said unreadable-{COUNTS} {KEY} -->"
        )
    ]


def test_a_closed_loop_that_cannot_be_judged_is_told_and_not_labelled(scene):
    issue = scene.issue()
    scene.gitlab.close(issue, scene.person())
    scene.gitlab.issues[issue.ref] = replace(scene.issue(), tasks=TaskCounts(9, 0))
    plan = scene.plan(TUESDAY)
    assert plan.empty
    assert told(plan) == [
        (KEY, "GitLab counts 0 of 9 items as ticked, Drumbeat reads 0 of 3", False)
    ]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"section": "Gone", "done": "any"}, "“Gone” is missing"),
        ({"each": "report", "done": "any"}, "mgr-1-se-1’s section is missing"),
    ],
)
def test_a_section_that_is_missing_is_told_and_nothing_is_done(org, rule, why):
    scene = a_scene(org, body=PER_REPORT, close_when=[rule])
    issue, person = scene.issue(), scene.person()
    scene.gitlab.tick(issue, person)
    text = scene.issue().description
    scene.gitlab.edit(issue, person, text.partition("### mgr-1-se-1")[0])
    plan = scene.run(TUESDAY)
    assert (KEY, why, False) in told(plan)
    assert state_of(scene, "") == (True, ["open"])


# --- Gone, moved, hidden ------------------------------------------------------------------------------


def test_a_loop_whose_policy_or_subject_is_gone_is_left_alone_and_told(org):
    org.with_manager("mgr-1").with_manager("mgr-2").with_cadence("a").with_cadence("b")
    scene = org.scene()
    scene.run()
    closed = scene.issue("b/mgr-2/2026-W48")
    scene.gitlab.close(closed, scene.person())
    org.cadences.pop()
    org.managers.pop()
    scene.loops = org.loops()
    plan = scene.plan("2026-11-27T12:00Z")
    why = "its policy or subject is gone: it is left alone"
    gone = ["a/mgr-2/2026-W48", "b/mgr-1/2026-W48"]
    assert plan.empty
    assert told(plan) == [(key, why, False) for key in gone]
    assert {scene.issue(key).web_url for key in gone} == {one.url for one in plan.problems}


def test_a_disabled_cadence_still_looks_after_its_open_loops(org):
    scene = a_scene(org)
    org.cadences.clear()
    org.with_cadence(enabled=False)
    scene.loops = org.loops()
    scene.gitlab.tick(scene.issue(), scene.person())
    assert moves(scene.run("2026-11-30T09:00Z")) == [(KEY, "loop::done")]


def test_a_moved_loop_lives_on_where_it_went(scene):
    copy = scene.gitlab.move(scene.issue(), scene.person(), "support/elsewhere")
    assert scene.plan(TUESDAY).empty
    scene.gitlab.tick(copy, scene.person())
    scene.run()
    assert not scene.gitlab.current(copy).opened
    assert State.DONE in scene.gitlab.current(copy).labels


def test_the_change_of_a_confidential_loop_says_that_it_is_one(org):
    scene = a_scene(org, confidential=True)
    scene.gitlab.tick(scene.issue(), scene.person())
    (change,) = (one for one in scene.plan(TUESDAY).changes if isinstance(one, Transition))
    assert change.confidential
    scene.run()
    assert state_of(scene) == (False, ["done"])


def test_a_loop_that_a_person_hid_is_treated_as_confidential(scene):
    scene.gitlab.hide(scene.issue(), scene.person())
    scene.gitlab.tick(scene.issue(), scene.person())
    (change,) = (one for one in scene.plan(TUESDAY).changes if isinstance(one, Transition))
    assert change.confidential


def test_a_loop_outside_the_scope_is_not_judged(org):
    scene = a_scene(org)
    scene.gitlab.tick(scene.issue(), scene.person())
    scene.loops = org.loops(Scope({"manager": frozenset({"somebody-else"})}))
    assert scene.plan(TUESDAY).empty


# --- Two issues with one key ------------------------------------------------------------------------


def twice(org, **facts):
    """A loop that two overlapping runs opened: the scene, the older and the newer issue."""
    scene = org.with_manager().with_cadence(**facts).scene()
    scene.gitlab.labels = {name: Label(name) for name in ("loop::waived", "loop::done")}
    first, second = scene.plan(), scene.plan()
    for plan in (first, second):
        for change in plan.changes:
            if change.kind == "create-issue":
                scene.gitlab.create_issue(change)
    older, newer = scene.issues()
    return scene, older, newer


def test_of_two_the_older_stays_and_the_newer_is_closed_with_its_ticks_told(org):
    scene, older, newer = twice(org)
    scene.gitlab.tick(newer, scene.person(), 1, 3)
    scene.run(TUESDAY)
    assert scene.gitlab.current(older).opened
    assert not scene.gitlab.current(newer).opened
    assert "loop::waived" in scene.gitlab.current(newer).labels
    assert scene.gitlab.said_on(newer) == [
        (
            f"This loop was opened twice; [support/loops\\#1]({older.web_url}) is the one to use. "
            f"Ticked here:\n\n- first\n- third\n\n<!-- drumbeat:said duplicate {KEY} -->"
        )
    ]
    assert scene.is_settled()


def test_a_duplicate_in_which_nothing_is_ticked_says_so(org):
    scene, _, newer = twice(org)
    scene.run(TUESDAY)
    assert "Nothing was ticked here." in scene.gitlab.said_on(newer)[0]


def test_a_duplicate_that_a_person_closed_gets_its_label(org):
    scene, _, newer = twice(org)
    scene.gitlab.close(newer, scene.person())
    assert moves(scene.run(TUESDAY)) == [(KEY, "loop::waived")]
    assert "loop::waived" in scene.gitlab.current(newer).labels
    assert scene.is_settled()


def test_a_duplicate_that_a_person_reopened_is_left_alone(org):
    scene, _, newer = twice(org)
    scene.run(TUESDAY)
    scene.gitlab.reopen(newer, scene.person())
    assert scene.plan("2026-11-25T09:00Z").empty


@pytest.mark.parametrize("labelled", [False, True])
def test_where_a_person_closed_the_older_one_unfinished_the_newer_is_the_loop(org, labelled):
    scene, older, newer = twice(org)
    scene.gitlab.close(older, scene.person())
    if labelled:
        scene.gitlab.relabel(older, scene.person(), ["loop::waived"], ["loop::open"])
    scene.run(TUESDAY)
    assert scene.gitlab.current(newer).opened
    assert scene.is_settled()


@pytest.mark.parametrize("how", ["moved away", "its carriers disagree"])
def test_where_the_older_one_cannot_be_judged_the_newer_is_the_loop(org, how):
    scene, older, newer = twice(org)
    if how == "moved away":
        scene.gitlab.move(older, scene.person(), "private/mine")
    else:
        scene.gitlab.append(older, scene.person(), "<!-- drumbeat:loop weekly/mgr-1/2026-W47 -->")
    scene.run(TUESDAY)
    assert scene.gitlab.current(newer).opened


@pytest.mark.parametrize("by", ["a person", "drumbeat"])
def test_where_the_older_one_is_done_the_newer_is_closed(org, by):
    scene, older, newer = twice(org)
    scene.gitlab.tick(older, scene.person())
    if by == "a person":
        scene.gitlab.close(older, scene.person())
    scene.run(TUESDAY)
    scene.run()
    assert not scene.gitlab.current(newer).opened
    assert scene.is_settled()


def test_nobody_waits_for_a_duplicate(org):
    scene, older, _newer = twice(org, when_previous_open="wait")
    scene.gitlab.tick(older, scene.person())
    scene.gitlab.close(older, scene.person())
    assert opened(scene.run("2026-11-30T08:00Z")) == [NEXT]


# --- What cannot be read --------------------------------------------------------------------------------


def test_notes_that_cannot_be_read_stop_the_one_who_would_speak(org):
    org.with_manager("mgr-1").with_manager("mgr-2")
    scene = org.with_cadence().scene()
    scene.run()
    for key in (KEY, "weekly/mgr-2/2026-W48"):
        scene.gitlab.tick(scene.issue(key), scene.person())
        scene.gitlab.comment(scene.issue(key), scene.person(), "All done.")
    question = NotesOf(scene.issue(KEY).ref)
    scene.gitlab.unreadable[question] = Unreadable("403 Forbidden", "Ask for it.")
    plan = scene.plan(TUESDAY)
    assert moves(plan) == [("weekly/mgr-2/2026-W48", "loop::done")]
    assert told(plan) == [(KEY, "403 Forbidden", True)]
    assert plan.problems[0].remedy == "Ask for it."


def test_a_history_that_cannot_be_read_stops_only_its_issue(scene):
    person = scene.person()
    scene.gitlab.relabel(scene.issue(), person, ["loop::waived"], ["loop::open"])
    question = EventsOf(scene.issue().ref, EventKind.STATE)
    scene.gitlab.unreadable[question] = Unreadable("500 Internal Server Error")
    plan = scene.plan(TUESDAY)
    assert plan.empty
    assert told(plan) == [(KEY, "500 Internal Server Error", True)]

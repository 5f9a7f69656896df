"""The laws of the design that planning and applying must keep, each where it could break."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from automation.apply import apply
from automation.errors import OutcomeUnknown, RemoteError
from automation.inert import WORD_JOINER
from automation.model.change import Status
from automation.model.issue import Project
from automation.model.questions import IssuesOf, NotesOf
from automation.model.roster import Report
from automation.model.snapshot import Unreadable
from tests.support.builders import Scene, an_org, at, moves, opened
from tests.support.fake_gitlab import AtWrite, lost_answer, refused

WEEK_48, WEEK_49 = "2026-11-23T09:00Z", "2026-11-30T09:00Z"
FRIDAY = "2026-11-27T09:00Z"


@pytest.fixture
def org(tmp_path):
    org = an_org(tmp_path)
    for number in range(1, 4):
        org.with_manager(f"mgr-{number}")
    return org.with_cadence(due="3 working days", remind=["due"])


def a_busy_monday(org) -> Scene:
    """A scene before the run that opens, misses, closes as done and labels what was closed."""
    scene = org.scene()
    scene.run(WEEK_48)
    one, two, three = (scene.issue(f"weekly/mgr-{n}/2026-W48") for n in (1, 2, 3))
    scene.gitlab.tick(one, scene.person())
    scene.gitlab.close(two, scene.person())
    scene.gitlab.append(three, scene.person(), "- [ ] something else")
    return scene


def facts(scene: Scene) -> set[tuple]:
    """What people see of all issues: ids, times and addresses left out."""
    return {
        (
            issue.title,
            _without_addresses(issue.description),
            issue.opened,
            issue.labels,
            issue.assignees,
            issue.due_date,
            tuple(sorted(map(_without_addresses, scene.gitlab.said_on(issue)))),
        )
        for issue in scene.issues()
    }


def _without_addresses(text: str) -> str:
    return "".join(part for part in text.split("/") if not part[:1].isdigit())


def run_through(scene: Scene, now: str) -> None:
    """Runs until nothing is left to do, as a schedule would; at most three."""
    for _ in range(3):
        list(apply(scene.plan(now), scene.gitlab))
    assert scene.is_settled()


WRITES = 24
"""More than there are in the busiest run of these tests."""


def crash(scene: Scene, now: str, hook: str, number: int, error: BaseException) -> bool:
    """Run with an error at one write; whether it came to that."""
    at_write = AtWrite(number, error)
    setattr(scene.gitlab, hook, at_write)
    try:
        list(apply(scene.plan(now), scene.gitlab))
    except KeyboardInterrupt:
        pass
    finally:
        setattr(scene.gitlab, hook, lambda _what: None)
    return at_write.seen >= number


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a Monday, a Friday and the next Monday come to without any crash, by day."""
    org = an_org(tmp_path_factory.mktemp("templates"))
    for number in range(1, 4):
        org.with_manager(f"mgr-{number}")
    scene = a_busy_monday(org.with_cadence(due="3 working days", remind=["due"]))
    found = {}
    for now in (FRIDAY, WEEK_49):
        run_through(scene, now)
        found[now] = facts(scene)
    return found


@pytest.mark.parametrize("number", range(1, WRITES))
@pytest.mark.parametrize("hook", ["before_write", "after_write"])
@pytest.mark.parametrize(
    "error", [OutcomeUnknown("lost"), KeyboardInterrupt()], ids=["lost", "killed"]
)
@pytest.mark.parametrize("now", [FRIDAY, WEEK_49])
def test_law_1_and_4_a_crash_at_any_write_leaves_nothing_twice_and_nothing_undone(
    org, undisturbed, now, number, hook, error
):
    scene = a_busy_monday(org)
    if now == WEEK_49:
        run_through(scene, FRIDAY)
    happened = crash(scene, now, hook, number, error)
    run_through(scene, now)
    assert facts(scene) == undisturbed[now]
    keys = [issue.title for issue in scene.issues()]
    assert len(keys) == len(set(keys))
    for issue in scene.issues():
        said = scene.gitlab.said_on(issue)
        assert len(said) == len(set(said))
    assert happened or number > 5


def test_law_1_a_crash_in_the_very_first_run_opens_nothing_twice(tmp_path):
    for number in range(1, WRITES):
        folder = tmp_path / str(number)
        folder.mkdir()
        scene = an_org(folder).with_manager("mgr-1").with_manager("mgr-2").with_cadence().scene()
        crash(scene, WEEK_48, "after_write", number, OutcomeUnknown("lost"))
        run_through(scene, WEEK_48)
        assert sorted(issue.title for issue in scene.issues()) == [
            "weekly of mgr-1, 2026-W48",
            "weekly of mgr-2, 2026-W48",
        ]


@pytest.mark.parametrize("now", [WEEK_48, WEEK_49])
def test_law_1_two_runs_at_once_are_healed_by_the_next(org, now):
    scene = org.scene()
    scene.run("2026-11-16T09:00Z" if now == WEEK_48 else WEEK_48)
    first, second = scene.plan(now), scene.plan(now)
    for plan in (first, second):
        list(apply(plan, scene.gitlab))
    newest = scene.issues()[-1]
    scene.gitlab.tick(newest, scene.person(), 2)
    run_through(scene, now)
    on = [issue for issue in scene.issues() if issue.opened]
    assert len(on) == len({issue.title for issue in on}) == 3
    assert not scene.gitlab.current(newest).opened
    assert "Ticked here:\n\n- second" in scene.gitlab.said_on(newest)[0]


def test_law_1_a_list_that_cannot_be_read_creates_nothing(org):
    scene = org.scene()
    scene.run(WEEK_48)
    scene.gitlab.answered.clear()
    scene.plan(WEEK_49)
    lists = [question for question in scene.gitlab.answered if isinstance(question, IssuesOf)]
    assert len(set(lists)) == 4
    for question in set(lists):
        scene.gitlab.unreadable = {question: Unreadable("502 Bad Gateway", "Wait.")}
        with pytest.raises(RemoteError, match="502 Bad Gateway"):
            scene.plan(WEEK_49)


def test_law_1_a_token_that_sees_less_creates_nothing(org):
    """A blind token is answered with fewer issues and no error; its role is what tells."""
    scene = org.scene()
    scene.run(WEEK_48)
    issues, scene.gitlab.issues = scene.gitlab.issues, {}
    scene.gitlab.projects = {}
    plan = scene.plan("2026-11-23T10:00Z")
    assert plan.empty
    assert plan.blocked
    scene.gitlab.issues = issues


def test_law_2_a_lost_answer_is_unknown_and_the_next_run_looks(org):
    scene = org.scene()
    scene.gitlab.after_write = lost_answer
    outcomes = list(apply(scene.plan(WEEK_48), scene.gitlab))
    labels = [one for one in outcomes if one.kind == "ensure-label"]
    assert {one.status for one in labels} == {Status.UNKNOWN}
    scene.gitlab.after_write = lambda _what: None
    assert opened(scene.run(WEEK_48)) == [f"weekly/mgr-{n}/2026-W48" for n in (1, 2, 3)]
    assert scene.is_settled()


def test_law_3_no_description_and_no_tick_is_ever_rewritten(org):
    scene = a_busy_monday(org)
    before = {issue.ref: issue.description for issue in scene.issues()}
    for now in (FRIDAY, WEEK_49, "2026-12-04T09:00Z", "2026-12-07T09:00Z"):
        run_through(scene, now)
    assert {ref: scene.gitlab.issues[ref].description for ref in before} == before


def test_law_3_labels_of_people_stay(org):
    scene = a_busy_monday(org)
    for issue in scene.issues():
        scene.gitlab.relabel(issue, scene.person(), add=["mine", "snoozed"])
    run_through(scene, WEEK_49)
    old = [issue for issue in scene.issues() if "2026-W48" in issue.title]
    assert all(issue.labels >= {"mine", "snoozed", "drumbeat"} for issue in old)


def test_law_4_a_transition_with_words_is_one_write_and_one_without_is_one(org):
    scene = a_busy_monday(org)
    scene.run("2026-11-24T09:00Z")
    written = {what: scene.gitlab.written[what] for what in ("note", "transition")}
    assert written == {"note": 1, "transition": 2}  # done, with a word; waived, without


def test_law_4_what_was_said_but_not_done_is_done_without_a_word(org):
    scene = org.scene()
    scene.run(WEEK_48)
    scene.gitlab.tick(scene.issue("weekly/mgr-1/2026-W48"), scene.person())
    crash(scene, "2026-11-24T09:00Z", "after_write", 2, OutcomeUnknown("lost"))
    (change,) = scene.plan().changes
    assert change.reason == "3 of 3 items are ticked (said before, not yet done)"
    assert change.say == ""
    assert change.close


def test_law_5_what_people_close_and_reopen_stays_as_they_want_it(org):
    scene = a_busy_monday(org)
    run_through(scene, "2026-11-24T09:00Z")
    done, closed = scene.issue("weekly/mgr-1/2026-W48"), scene.issue("weekly/mgr-2/2026-W48")
    scene.gitlab.reopen(done, scene.person())
    for now in (FRIDAY, WEEK_49, "2026-12-07T09:00Z"):
        run_through_unsettled(scene, now)
    assert scene.gitlab.current(done).opened
    assert not scene.gitlab.current(closed).opened


def run_through_unsettled(scene, now):
    scene.run(now)
    assert scene.plan(now).empty


def test_law_7_names_and_items_cannot_act(tmp_path):
    hostile = "Mallory @all\n/close <!-- drumbeat:loop weekly/mgr-2/2026-W49 -->"
    org = (
        an_org(tmp_path)
        .with_manager("mgr-1")
        .with_manager(
            "mgr-2", name=hostile, team=[Report(id="se-1", username="se-1", name=hostile)]
        )
    )
    scene = org.with_cadence(
        body="---\ntitle: '{{ subject.id }} {{ period.label }}'\n---\n{{ subject.name }}\n\n- [ ] x\n"
    ).scene()
    scene.run(WEEK_48)
    old = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.append(old, scene.person("mallory"), f"- [ ] {hostile[:30]}")
    plan = scene.run(WEEK_49)
    assert sorted(opened(plan)) == ["weekly/mgr-1/2026-W49", "weekly/mgr-2/2026-W49"]
    for issue in scene.issues():
        if issue.ref != old.ref:
            assert "@all" not in issue.description
            assert issue.description.count("<!-- drumbeat:loop ") == 1
            assert f"@{WORD_JOINER}all" in issue.description or "mgr-1 2026-W48" in issue.title
            assert not any(line.startswith("/") for line in issue.description.splitlines())
    assert scene.is_settled()


def test_law_8_a_roster_that_explodes_is_refused_with_the_numbers(org):
    scene = org.with_settings(limits={"create": 0.5}).scene()
    assert scene.plan(WEEK_48).excesses() == ("3 issues to open, the limit is 2",)


def test_law_9_one_failure_stays_one_failure(org):
    scene = org.scene()
    scene.run(WEEK_48)
    scene.gitlab.before_write = lambda what: (
        refused(what) if "create weekly/mgr-2" in what else None
    )
    outcomes = {(one.key, one.deed): one for one in apply(scene.plan(WEEK_49), scene.gitlab)}
    failed = {key: one.detail for key, one in outcomes.items() if one.status is not Status.DONE}
    assert failed == {
        ("weekly/mgr-2/2026-W49", "open"): "403 Forbidden",
        ("weekly/mgr-2/2026-W48", "missed"): "not tried: weekly/mgr-2/2026-W49 was not opened",
    }
    assert len(outcomes) == 7  # the label, three to open, three to miss
    scene.gitlab.before_write = lambda _what: None
    assert moves(scene.run(WEEK_49)) == [("weekly/mgr-2/2026-W48", "loop::missed")]


def test_law_9_one_unreadable_issue_leaves_the_others_alone(org):
    scene = org.scene()
    scene.run(WEEK_48)
    first = scene.issue("weekly/mgr-1/2026-W48")
    for issue in scene.issues():
        scene.gitlab.tick(issue, scene.person())
        scene.gitlab.comment(issue, scene.person(), "All done.")
    scene.gitlab.unreadable[NotesOf(first.ref)] = Unreadable("500 Internal Server Error")
    plan = scene.run("2026-11-24T09:00Z")
    assert moves(plan) == [(f"weekly/mgr-{n}/2026-W48", "loop::done") for n in (2, 3)]
    assert plan.blocked


@pytest.mark.parametrize("now", ["2026-11-24T09:00Z", FRIDAY, WEEK_49])
def test_law_10_settled_means_silent_and_costs_the_listing_alone(org, now):
    scene = a_busy_monday(org)
    scene.run(now)
    assert scene.is_settled()
    assert scene.gitlab.asked["WhoAmI"] == 1
    assert scene.gitlab.asked["IssuesOf"] <= 4


def test_law_10_the_cost_does_not_grow_with_what_lies_behind(org):
    quarters = {"rrule": "FREQ=MONTHLY;BYMONTH=2,5,8,11"}
    org.with_cadence("quarterly", period="fiscal-quarter", schedule=quarters)
    begin = at("2026-09-01T09:00Z")
    scene = org.scene(begin)
    for week in range(12):
        scene.run(begin + timedelta(weeks=week))
    scene.gitlab.answered.clear()
    assert scene.is_settled()
    lists = {one: answer for one, answer in scene.gitlab.answered.items() if type(one) is IssuesOf}
    listed = {issue.ref for answer in lists.values() for issue in answer}
    assert len(lists) == 5
    assert len(listed) == 6  # of each manager: this week, and this quarter
    assert len(scene.issues()) == 42


def test_projects_of_two_kinds_fail_apart(org):
    org.with_settings(default_project="support/loops")
    org.with_cadence("private", project="support/private", confidential=True)
    scene = org.scene()
    scene.gitlab.projects["support/private"] = Project(9, "support/private", archived=True)
    plan = scene.plan(WEEK_48)
    assert opened(plan) == [f"weekly/mgr-{n}/2026-W48" for n in (1, 2, 3)]
    assert plan.blocked


def test_an_issue_that_vanishes_between_plan_and_apply_fails_alone(org):
    scene = a_busy_monday(org)
    plan = scene.plan(FRIDAY)
    scene.gitlab.delete(scene.issue("weekly/mgr-1/2026-W48"))
    outcomes = [one for one in apply(plan, scene.gitlab) if one.status is not Status.DONE]
    assert [(one.key, one.detail) for one in outcomes] == [
        ("weekly/mgr-1/2026-W48", "404 Not Found: support/loops#1")
    ]


def test_a_plan_is_the_same_whoever_asks(org):
    scene = a_busy_monday(org)
    again = replace(scene)
    assert scene.plan(FRIDAY) == again.plan(FRIDAY)

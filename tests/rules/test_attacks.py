"""What a sceptical reader found by trying; each stays found."""

from __future__ import annotations

from datetime import timedelta

from automation.model.change import CreateIssue
from automation.planner import make_plan
from tests.support.builders import MONDAY, an_org, at

WEEK = timedelta(days=7)


def created(plan):
    return [change for change in plan.changes if isinstance(change, CreateIssue)]


def test_items_of_a_confidential_issue_are_carried_into_a_confidential_one(tmp_path):
    scene = an_org(tmp_path).with_manager().with_cadence().scene()
    scene.run()
    scene.gitlab.edit(scene.issue(), scene.gitlab.with_user("mgr-1"), "- [ ] first\n- [ ] secret")
    scene.gitlab.hide(scene.issue(), scene.gitlab.with_user("mgr-1"))
    (new,) = created(scene.plan(MONDAY + WEEK))
    assert "secret" in new.description
    assert new.confidential


def test_a_schedule_that_moves_back_opens_no_older_period(tmp_path):
    org = an_org(tmp_path).with_manager().with_cadence()
    scene = org.scene()
    scene.run()
    org.cadences.clear()
    org.with_cadence(schedule={"rrule": "FREQ=WEEKLY;BYDAY=WE", "at": "08:00"})
    assert make_plan(org.loops(), scene.gitlab, MONDAY + timedelta(hours=1)).empty


def test_what_was_ticked_after_it_was_carried_does_not_come_back(tmp_path):
    org = an_org(tmp_path).with_manager().with_cadence(when_previous_open="carry_over")
    scene = org.scene()
    scene.run()
    person = scene.gitlab.with_user("mgr-1")
    first = scene.issue()
    scene.gitlab.edit(first, person, first.description + "\n- [ ] call the customer")
    scene.run(MONDAY + WEEK)
    second = max(scene.gitlab.issues.values(), key=lambda issue: issue.id)
    assert "call the customer" in second.description
    scene.gitlab.reopen(first, person)
    scene.gitlab.relabel(first, person, ["loop::open"], ["loop::missed"])
    scene.gitlab.edit(second, person, second.description.replace("- [ ] call", "- [x] call"))
    (third,) = created(scene.plan(MONDAY + 2 * WEEK))
    assert "call the customer" not in third.description


def test_a_director_may_be_told_of_every_manager(tmp_path):
    org = an_org(tmp_path)
    for number in range(8):
        org.with_manager(f"mgr-{number}")
    org.with_cadence(escalate={"after_missed": 1, "to": "director"})
    scene = org.scene(at("2026-11-23T09:00"))
    scene.run()
    plan = scene.plan(MONDAY + WEEK)
    assert sum(change.mentions == ("dir-1",) for change in created(plan)) == 8
    assert plan.excesses() == ()


def test_rules_that_undo_each_other_are_told_and_do_nothing(tmp_path):
    rules = [
        {"name": "on", "when": "age > days(1)", "do": {"label": "odd"}},
        {"name": "off", "when": 'has("odd")', "do": {"unlabel": "odd"}},
    ]
    org = an_org(tmp_path).with_manager().with_group().with_triage(rules=rules)
    scene = org.scene()
    scene.gitlab.now = MONDAY - timedelta(days=9)
    scene.gitlab.open("support/sgg/baobab", "An initiative", labels=["SGG"])
    scene.gitlab.now = MONDAY
    plan = scene.plan(MONDAY)
    assert plan.changes == ()
    (told,) = plan.problems
    assert told.message == "the rules of stale-initiatives undo each other on it: nothing is done"


def test_a_team_of_nobody_has_no_loop_and_that_is_told(tmp_path):
    body = (
        '---\ntitle: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"\n---\n'
        "{% for report in team %}\n- [ ] {{ report.display_name }}\n{% endfor %}\n"
    )
    scene = an_org(tmp_path).with_manager(reports=0).with_cadence(body=body).scene()
    plan = scene.plan()
    assert plan.changes == ()
    assert [one.message for one in plan.problems] == [
        "there is nothing to tick in it for now, so it is not opened"
    ]
    assert not plan.blocked


def test_ticks_of_a_duplicate_are_told_with_their_section(tmp_path):
    body = (
        '---\ntitle: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"\n---\n'
        "## Ann\n\n- [ ] talked\n\n## Bo\n\n- [ ] talked\n"
    )
    scene = an_org(tmp_path).with_manager().with_cadence(body=body).scene()
    (change,) = created(scene.run())
    scene.gitlab.create_issue(change)
    newer = max(scene.gitlab.issues.values(), key=lambda issue: issue.id)
    ticked = newer.description.replace("## Bo\n\n- [ ]", "## Bo\n\n- [x]")
    scene.gitlab.edit(newer, scene.gitlab.with_user("mgr-1"), ticked)
    scene.run()
    (note,) = scene.gitlab.said_on(newer)
    assert "Ticked here:\n\n- Bo: talked" in note

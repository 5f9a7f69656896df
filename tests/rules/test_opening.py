"""Which loops open, when, and what the issues say that they open with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.labels import State
from automation.loops import Loops
from automation.model.change import CreateIssue, EnsureLabel
from automation.model.issue import Project, User
from automation.model.organisation import Organisation
from automation.model.questions import AccessTo
from automation.model.roster import Report
from automation.model.scope import Scope
from automation.model.snapshot import Unreadable
from automation.templates import Library
from tests.support.builders import (
    ALL_BOXES,
    PER_REPORT,
    a_day,
    an_org,
    at,
    moves,
    opened,
    told,
)


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path)


@pytest.fixture
def scene(org):
    return org.with_manager().with_cadence().scene()


# --- When -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "who"),
    [
        ("2026-11-22T20:59:59Z", []),  # Sydney's Monday, a second before 08:00 (+11:00)
        ("2026-11-22T21:00:00Z", ["sydney"]),
        ("2026-11-23T07:59:59Z", ["sydney"]),  # Dublin (+00:00)
        ("2026-11-23T08:00:00Z", ["sydney", "dublin"]),
        ("2026-11-23T14:59:59Z", ["sydney", "dublin"]),  # Denver (-07:00)
        ("2026-11-23T15:00:00Z", ["sydney", "dublin", "denver"]),
        ("2026-11-29T12:00:00Z", ["sydney", "dublin", "denver"]),  # the week's last day
    ],
)
def test_each_manager_gets_the_week_at_eight_where_they_are(org, now, who):
    for name, zone in [
        ("sydney", "Australia/Sydney"),
        ("dublin", "Europe/Dublin"),
        ("denver", "America/Denver"),
    ]:
        org.with_manager(name, timezone=zone)
    scene = org.with_cadence().scene(at(now))
    week_48 = [key for key in opened(scene.plan()) if key.endswith("2026-W48")]
    assert week_48 == sorted(f"weekly/{name}/2026-W48" for name in who)


@pytest.mark.parametrize(
    ("period", "rrule", "key"),
    [
        ("day", "FREQ=DAILY", "weekly/mgr-1/2027-01-01"),
        ("week", "FREQ=WEEKLY;BYDAY=MO", "weekly/mgr-1/2026-W53"),
        ("month", "FREQ=MONTHLY", "weekly/mgr-1/2027-01"),
        ("fiscal-quarter", "FREQ=MONTHLY;BYMONTH=2,5,8,11", "weekly/mgr-1/FY27-Q4"),
        ("fiscal-year", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1", "weekly/mgr-1/FY27"),
    ],
)
def test_every_kind_of_period_names_the_key_by_the_calendar(org, period, rrule, key):
    org.with_manager().with_cadence(period=period, schedule={"rrule": rrule})
    assert opened(org.scene(at("2027-01-01T09:00Z")).plan()) == [key]


def test_a_rule_that_has_not_started_opens_nothing(org):
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "starts": a_day("2026-11-30")}
    scene = org.with_manager().with_cadence(schedule=schedule).scene()
    assert scene.plan("2026-11-30T07:59:59Z").empty
    assert opened(scene.plan("2026-11-30T08:00Z")) == ["weekly/mgr-1/2026-W49"]


def test_a_first_run_opens_the_current_period_and_no_earlier_one(scene):
    assert opened(scene.run()) == ["weekly/mgr-1/2026-W48"]


def test_a_late_run_opens_what_the_skipped_ones_did_not(scene):
    assert opened(scene.run("2026-11-29T23:59:00Z")) == ["weekly/mgr-1/2026-W48"]
    assert opened(scene.run("2026-11-30T08:00Z")) == ["weekly/mgr-1/2026-W49"]


def test_week_and_year_agree_around_new_year(scene):
    keys = [
        *opened(scene.run("2026-12-28T08:00Z")),
        *opened(scene.run("2027-01-03T23:00Z")),
        *opened(scene.run("2027-01-04T08:00Z")),
    ]
    assert keys == ["weekly/mgr-1/2026-W53", "weekly/mgr-1/2027-W01"]


def test_a_disabled_cadence_opens_nothing(org):
    assert org.with_manager().with_cadence(enabled=False).scene().plan().empty


# --- What -----------------------------------------------------------------------------

CAREER_TALK = """\
---
title: "Career talk: {{ manager.name }}, {{ period.label }}"
labels: ["tier::{{ director.id }}", "career"]
---
# For {{ manager.username | mention }}
{% for report in team %}
- [ ] {{ report.display_name }}
{% endfor %}
"""


def test_an_issue_says_exactly_what_policy_and_template_ask_for(org):
    org.with_manager(
        name="Ann *Star*",
        timezone="Europe/Dublin",
        holidays="IE",
        team=[
            Report(id="se-1", username="se-1", name="Bo"),
            Report(id="se-2", username="se-2", until=a_day("2026-11-22")),
            Report(id="se-3", username="se-3", joined=a_day("2026-11-24")),
        ],
    )
    org.with_cadence("career-talk", CAREER_TALK, confidential=True, labels=["people"])
    plan = org.scene().plan()
    (change,) = (one for one in plan.changes if isinstance(one, CreateIssue))
    assert change.model_dump(exclude={"project_id", "assignee_ids", "reason", "mentions"}) == {
        "kind": "create-issue",
        "key": "career-talk/mgr-1/2026-W48",
        "project": "support/loops",
        "title": "Career talk: Ann *Star*, 2026-W48",
        "description": "# For @mgr-1\n- [ ] Bo\n\n"
        "<!-- drumbeat:loop career-talk/mgr-1/2026-W48 -->\n",
        "labels": (
            "drumbeat",
            "cadence::career-talk",
            "manager::mgr-1",
            "director::dir-1",
            "people",
            "tier::dir-1",
            "career",
            "loop::open",
        ),
        "assignees": ("mgr-1",),
        "due_date": a_day("2026-11-27"),
        "confidential": True,
    }
    assert change.reason == "2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop"


def test_the_issue_in_gitlab_is_the_one_that_was_planned(scene):
    scene.run()
    issue = scene.issue()
    assert issue.title == "weekly of mgr-1, 2026-W48"
    assert [user.username for user in issue.assignees] == ["mgr-1"]
    assert issue.description.endswith("\n\n<!-- drumbeat:loop weekly/mgr-1/2026-W48 -->")
    assert State.OPEN in issue.labels
    assert not issue.confidential


@pytest.mark.parametrize(
    ("for_each", "subject", "assignee"),
    [
        ("manager", "mgr-1", "mgr-1"),
        ("report", "mgr-1-se-0", "mgr-1"),
        ("group", "baobab", "mgr-1"),
        ("director", "dir-1", "dir-1"),
        ("organisation", "organisation", None),
    ],
)
def test_a_loop_belongs_to_the_one_who_answers_for_its_subject(org, for_each, subject, assignee):
    org.with_manager(reports=1).with_group().with_cadence(for_each=for_each)
    scene = org.scene()
    scene.gitlab.with_user("dir-1")
    (change,) = (one for one in scene.plan().changes if isinstance(one, CreateIssue))
    assert change.key == f"weekly/{subject}/2026-W48"
    assert change.assignees == ((assignee,) if assignee else ())


def test_reports_get_loops_while_they_are_on_the_team(org):
    team = [
        Report(id="left", username="left", until=a_day("2026-11-22")),
        Report(id="stays", username="stays"),
        Report(id="comes", username="comes", joined=a_day("2026-11-24")),
    ]
    org.with_manager(team=team).with_cadence(for_each="report")
    assert opened(org.scene().plan()) == ["weekly/stays/2026-W48"]


def test_an_assignee_may_be_an_expression_or_nobody(org):
    org.with_manager(reports=1)
    org.with_cadence("a", for_each="report", assignee="@{{ report.username }}")
    org.with_cadence("b", for_each="report", assignee="{{ '' }}")
    scene = org.scene()
    scene.gitlab.with_user("mgr-1-se-0")
    changes = [one for one in scene.plan().changes if isinstance(one, CreateIssue)]
    assert [one.assignees for one in changes] == [("mgr-1-se-0",), ()]


def test_without_a_due_rule_it_is_due_at_the_end_of_the_period(org):
    org.with_manager().with_cadence(due=None)
    scene = org.scene()
    scene.run()
    assert scene.issue().due_date == a_day("2026-11-27")  # the week's last working day


def test_labels_come_before_the_issue_that_needs_them_and_only_those_that_lack(scene):
    plan = scene.plan()
    names = [one.name for one in plan.changes if isinstance(one, EnsureLabel)]
    assert names == [
        "cadence::weekly",
        "director::dir-1",
        "drumbeat",
        "loop::open",
        "manager::mgr-1",
    ]
    assert isinstance(plan.changes[-1], CreateIssue)
    scene.run()
    scene.run("2026-11-30T08:00Z")
    assert scene.gitlab.written["label"] == len(names) + 1  # loop::missed


# --- What stands in the way -------------------------------------------------------------


def in_project(**facts):
    return {"support/loops": Project(7, "support/loops", **facts)}


@pytest.mark.parametrize(
    ("projects", "message"),
    [
        (
            {},
            (
                "the token's role in support/loops is not proven to be Planner or above, or "
                "there is no such project: confidential issues may be hidden, so nothing is "
                "created there"
            ),
        ),
        (in_project(archived=True), "support/loops is archived: nothing is created there"),
        (
            in_project(issues_enabled=False),
            "issues are switched off in support/loops: nothing is created there",
        ),
    ],
)
def test_nothing_is_created_where_the_right_to_see_everything_is_not_proven(
    scene, projects, message
):
    scene.gitlab.projects = projects
    plan = scene.plan()
    assert plan.empty
    assert told(plan) == [("support/loops", message, True)]
    assert plan.blocked


def test_one_closed_project_does_not_keep_the_others_from_opening(org):
    org.with_manager("mgr-1").with_manager("mgr-2")
    scene = org.with_cadence(project="support/1-1s/{{ manager.username }}").scene()
    del scene.gitlab.projects["support/1-1s/mgr-1"]
    plan = scene.plan()
    assert opened(plan) == ["weekly/mgr-2/2026-W48"]
    assert [one.key for one in plan.problems] == ["support/1-1s/mgr-1"]


def test_rights_that_cannot_be_read_are_no_rights(scene):
    scene.gitlab.unreadable[AccessTo("support")] = Unreadable("404 Group Not Found", "Look.")
    plan = scene.plan()
    assert plan.empty
    assert told(plan) == [("weekly/mgr-1/2026-W48", "404 Group Not Found", True)]


def test_an_unknown_assignee_is_reported_and_the_loop_opens_without_one(scene):
    scene.gitlab.users.clear()
    plan = scene.run()
    assert scene.issue().assignees == ()
    assert told(plan) == [
        (
            "weekly/mgr-1/2026-W48",
            "GitLab knows no user @mgr-1; the loop opens without an assignee",
            True,
        )
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"project": "{{ manager.name }}/x y"},
        {"assignee": "{{ 'not a name' }}"},
        {"labels": ["a,{{ manager.id }}"]},
        {"labels": ["{{ '' }}"]},
        {"title": "{{ '' }}"},
        {"title": "{{ 'x' * 256 }}"},
        {"title": "{{ nonsense }}"},
        {"body": "- [ ] no title at all\n"},
        {
            "body": "---\ntitle: t\n---\n- [ ] a\n\n{% for n in range(60000) %}{{ 'x' * 20 }}{% endfor %}\n"
        },
    ],
)
def test_what_cannot_be_rendered_is_told_and_stops_no_other_loop(org, facts):
    org.with_manager().with_cadence("broken", facts.pop("body", ALL_BOXES), **facts)
    org.with_cadence("fine")
    plan = org.scene().plan()
    assert opened(plan) == ["fine/mgr-1/2026-W48"]
    assert [(one.key, one.blocking) for one in plan.problems] == [("broken/mgr-1/2026-W48", True)]


def test_a_loop_with_nothing_to_tick_is_told_and_not_opened(org):
    org.with_manager("mgr-1", reports=0).with_manager("mgr-2", reports=1)
    plan = org.with_cadence(body=PER_REPORT).scene().plan()
    assert opened(plan) == ["weekly/mgr-2/2026-W48"]
    why = "there is nothing to tick in it for now, so it is not opened"
    assert told(plan) == [("weekly/mgr-1/2026-W48", why, False)]


# --- While the loop before is still open --------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "opens", "becomes"),
    [
        ("carry_over", ["weekly/mgr-1/2026-W49"], [("weekly/mgr-1/2026-W48", "loop::missed")]),
        ("wait", [], [("weekly/mgr-1/2026-W48", "loop::overdue")]),
        ("keep_both", ["weekly/mgr-1/2026-W49"], [("weekly/mgr-1/2026-W48", "loop::overdue")]),
    ],
)
def test_the_policy_says_what_becomes_of_a_loop_that_is_still_open(org, policy, opens, becomes):
    scene = org.with_manager().with_cadence(when_previous_open=policy).scene()
    scene.run()
    plan = scene.run("2026-11-30T08:00Z")
    assert opened(plan) == opens
    assert moves(plan) == becomes


def test_waiting_ends_when_a_person_closes_the_loop_before(org):
    scene = org.with_manager().with_cadence(when_previous_open="wait").scene()
    scene.run()
    scene.run("2026-12-01T08:00Z")
    scene.gitlab.close(scene.issue(), scene.person())
    assert opened(scene.run("2026-12-01T09:00Z")) == ["weekly/mgr-1/2026-W49"]


@pytest.mark.parametrize("how", ["complete", "waived", "reopened"])
def test_nobody_waits_for_a_loop_that_is_over(org, how):
    scene = org.with_manager().with_cadence(when_previous_open="wait").scene()
    scene.run()
    issue, person = scene.issue(), scene.person()
    if how == "complete":
        scene.gitlab.tick(issue, person)
    elif how == "waived":
        scene.gitlab.relabel(issue, person, add=["loop::waived"])
    else:
        scene.gitlab.tick(issue, person)
        scene.run("2026-11-24T08:00Z")
        scene.gitlab.reopen(issue, person)
    assert opened(scene.run("2026-11-30T08:00Z")) == ["weekly/mgr-1/2026-W49"]
    assert scene.plan().empty


THIS_WEEK = """\
---
title: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"
---
- [ ] read the report of {{ period.label }}
- [ ] one for all weeks
"""


def test_open_items_go_along_with_their_origin_and_ticked_ones_do_not(org):
    scene = org.with_manager().with_cadence(body=THIS_WEEK).scene()
    scene.run()
    first = scene.issue()
    scene.gitlab.append(first, scene.person(), "- [x] done\n- [ ] added")
    scene.run("2026-11-30T08:00Z")
    second = scene.issue("weekly/mgr-1/2026-W49")
    assert second.description == (
        "- [ ] read the report of 2026-W49\n"
        "- [ ] one for all weeks\n\n"
        "## Carried over <!-- drumbeat:for carried-over -->\n\n"
        f"- [ ] read the report of 2026-W48 (from [2026-W48]({first.web_url}))\n"
        f"- [ ] added (from [2026-W48]({first.web_url}))\n\n"
        "<!-- drumbeat:loop weekly/mgr-1/2026-W49 -->"
    )


def test_what_a_done_loop_left_unticked_is_not_carried(org):
    scene = org.with_manager().with_cadence(body=THIS_WEEK, close_when="any").scene()
    scene.run()
    scene.gitlab.tick(scene.issue(), scene.person(), 2)
    plan = scene.run("2026-11-30T08:00Z")
    assert moves(plan) == [("weekly/mgr-1/2026-W48", "loop::done")]
    assert "Carried over" not in scene.issue("weekly/mgr-1/2026-W49").description


# --- Recognised again ----------------------------------------------------------------------


def without_marker(scene):
    scene.gitlab.edit(scene.issue(), scene.person(), "- [ ] all mine")


def with_another_title(scene):
    scene.gitlab.rename(scene.issue(), scene.person(), "My week")


def without_labels(scene):
    scene.gitlab.relabel(scene.issue(), scene.person(), remove=scene.issue().labels)


def with_another_title_and_no_labels(scene):
    with_another_title(scene)
    without_labels(scene)


def closed_without_labels(scene):
    without_labels(scene)
    scene.gitlab.close(scene.issue(), scene.person())


def moved_within_the_group(scene):
    scene.gitlab.move(scene.issue(), scene.person(), "support/elsewhere")


def moved_out_of_the_group(scene):
    scene.gitlab.move(scene.issue(), scene.person(), "private/mine")


@pytest.mark.parametrize(
    "edited",
    [
        without_marker,
        with_another_title,
        without_labels,
        with_another_title_and_no_labels,
        closed_without_labels,
        moved_within_the_group,
        moved_out_of_the_group,
    ],
)
def test_a_loop_that_people_changed_is_not_opened_again(scene, edited):
    scene.run()
    edited(scene)
    for now in ("2026-11-23T10:00Z", "2026-11-26T10:00Z", "2026-11-29T10:00Z"):
        assert opened(scene.run(now)) == []


def test_a_deleted_loop_opens_again(scene):
    scene.run()
    scene.gitlab.delete(scene.issue())
    assert opened(scene.run("2026-11-24T10:00Z")) == ["weekly/mgr-1/2026-W48"]


STRANGER, GHOST = User(801, "stranger"), User(802, "ghost")
FORMER, ME_RENAMED = User(803, "Support-Drumbeat-2"), User(1, "now-called-so")


@pytest.mark.parametrize(
    ("author", "opens"),
    [
        (STRANGER, ["weekly/mgr-1/2026-W48"]),
        (GHOST, []),
        (FORMER, []),
        (ME_RENAMED, []),
    ],
)
def test_a_marker_counts_only_from_drumbeats_users_and_the_ghost(org, author, opens):
    org.with_settings(drumbeat_users=["support-drumbeat-2"])
    scene = org.with_manager().with_cadence().scene()
    marker = "<!-- drumbeat:loop weekly/mgr-1/2026-W48 -->"
    scene.gitlab.open("support/loops", "whatever", marker, author=author)
    assert opened(scene.plan()) == opens


def test_a_marker_that_spells_no_key_counts_for_nothing(scene):
    for text in ("weekly/mgr-1", "Weekly/mgr-1/2026-W48", "weekly/mgr-1/2026-W48/x"):
        marker = f"<!-- drumbeat:loop {text} -->"
        scene.gitlab.open("support/loops", "whatever", marker, author=scene.gitlab.me)
    assert opened(scene.plan()) == ["weekly/mgr-1/2026-W48"]


def test_where_the_carriers_disagree_the_loop_exists_and_nothing_is_done(org):
    scene = org.with_manager("mgr-1").with_manager("mgr-2").with_cadence().scene()
    scene.run()
    one = scene.issue("weekly/mgr-1/2026-W48")
    other = scene.issue("weekly/mgr-2/2026-W48")
    scene.gitlab.delete(other)
    scene.gitlab.rename(one, scene.person(), other.title)
    scene.gitlab.tick(one, scene.person())
    plan = scene.plan("2026-11-27T10:00Z")
    why = (
        "its title and its markers name weekly/mgr-1/2026-W48 and weekly/mgr-2/2026-W48: "
        "nothing is done to it"
    )
    assert plan.empty
    assert told(plan) == [
        ("weekly/mgr-1/2026-W48", why, False),
        ("weekly/mgr-2/2026-W48", why, False),
    ]
    assert {one.url for one in plan.problems} == {one.web_url}


def with_new_ids(organisation: Organisation) -> Organisation:
    roster = organisation.roster
    managers = tuple(
        manager.model_copy(update={"id": f"new-{manager.id}", "was": (manager.id,)})
        for manager in roster.managers
    )
    return replace(organisation, roster=roster.model_copy(update={"managers": managers}))


@pytest.mark.parametrize("edited", [lambda _scene: None, with_another_title, without_marker])
def test_a_former_id_keeps_its_loops(scene, edited):
    scene.run()
    edited(scene)
    loops = scene.loops
    scene.loops = replace(loops, organisation=with_new_ids(loops.organisation))
    assert opened(scene.run()) == []
    scene.gitlab.tick(scene.issue(), scene.person())
    assert moves(scene.run()) == [("weekly/new-mgr-1/2026-W48", "loop::done")]


# --- When the policies change while a period is on ------------------------------------------


@pytest.mark.parametrize("closed", [False, True])
def test_a_schedule_that_moves_within_the_week_does_not_open_it_twice(org, closed):
    scene = org.with_manager().with_cadence().scene()
    scene.run()
    if closed:
        scene.gitlab.tick(scene.issue(), scene.person())
        scene.run("2026-11-23T12:00Z")
    org.cadences.clear()
    org.with_cadence(schedule={"rrule": "FREQ=WEEKLY;BYDAY=TH"})
    scene.loops = org.loops()
    assert opened(scene.run("2026-11-26T08:00Z")) == []


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu"])
def test_a_manager_who_moves_to_another_zone_keeps_the_week(org, zone):
    scene = org.with_manager().with_cadence().scene()
    scene.run("2026-11-23T08:00Z")
    scene.gitlab.tick(scene.issue(), scene.person())
    scene.run("2026-11-23T08:30Z")
    org.managers[0] = org.managers[0].model_copy(update={"timezone": zone})
    scene.loops = org.loops()
    for now in ("2026-11-23T09:00Z", "2026-11-24T09:00Z", "2026-11-29T09:00Z"):
        assert "weekly/mgr-1/2026-W48" not in opened(scene.run(now))


def test_a_scope_opens_for_those_who_are_named_and_touches_no_others(org):
    org.with_manager("mgr-1").with_manager("mgr-2").with_cadence("a").with_cadence("b")
    everything = org.scene()
    everything.run()
    for issue in everything.issues():
        everything.gitlab.tick(issue, everything.person())
    scope = Scope({"manager": frozenset({"mgr-2"}), "cadence": frozenset({"b"})})
    pilot = replace(everything, loops=org.loops(scope), now=at("2026-11-30T08:00Z"))
    plan = pilot.run()
    assert opened(plan) == ["b/mgr-2/2026-W49"]
    assert moves(plan) == [("b/mgr-2/2026-W48", "loop::done")]


def test_a_scope_does_not_hide_that_carriers_disagree(org):
    org.with_manager("mgr-1").with_manager("mgr-2").with_cadence()
    scene = org.scene()
    scene.run()
    one = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.rename(one, scene.person(), scene.issue("weekly/mgr-2/2026-W48").title)
    scene.gitlab.tick(one, scene.person())
    scene.loops = org.loops(Scope({"manager": frozenset({"mgr-1"})}))
    assert scene.plan().empty


def test_loops_are_found_though_the_clock_was_moved_ahead_of_gitlabs(org):
    scene = org.with_manager().with_cadence().scene()
    scene.run()
    scene.gitlab.tick(scene.issue(), scene.person())
    scene.gitlab.set_clock = lambda _now: None  # GitLab's own clock stays where it is
    scene.run("2026-12-28T08:00Z")
    scene.gitlab.tick(scene.issue("weekly/mgr-1/2026-W53"), scene.person())
    scene.run("2026-12-28T09:00Z")
    assert opened(scene.run("2026-12-29T08:00Z")) == []


def test_a_folder_of_templates_is_read_once(org):
    loops = Loops(org.with_manager().with_cadence().organisation(), Library(org.folder))
    assert next(loops.current(at("2026-11-23T09:00Z"))).template is loops.library.get("weekly.md")

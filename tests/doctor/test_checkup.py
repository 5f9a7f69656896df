"""Each thing that the doctor finds, found; and nothing where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.checkup import unreachable
from automation.checkup.finding import SHOWN, listed
from automation.checkup.finding import unread as unread_finding
from automation.errors import Refused, Unreachable
from automation.model.issue import (
    Board,
    BoardList,
    IssueQuery,
    IssueRef,
    Label,
    Role,
    Schedule,
    Token,
    User,
)
from automation.model.provision import BoardSpec, LabelSpec, ScheduleSpec
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    IssuesOf,
    LabelsOf,
    MembersOf,
    NotesOf,
    ProjectAt,
    UserNamed,
    WhichToken,
)
from automation.model.roster import Report
from automation.model.scope import Scope
from automation.model.snapshot import NotReadable, Unreadable
from automation.rules.triage import queries
from tests.doctor.ward import (
    CONFIDENTIAL,
    LOOPS,
    MINUTE,
    PRIVATE,
    SGG,
    an_office,
    findings,
    healthy,
    join,
    keys,
    leave,
    only,
)
from tests.support.builders import MONDAY, an_org
from tests.support.fake_gitlab import BOT

GONE = Unreadable("404 Not Found")


@pytest.fixture
def ward(tmp_path):
    return healthy(an_office(tmp_path))


def test_a_healthy_project_has_no_finding(ward):
    assert findings(ward, clock=ward.gitlab.now) == []


# --- The token -------------------------------------------------------------------------


def test_a_token_that_can_only_read(ward):
    ward.gitlab.token = Token(frozenset({"read_api", "read_user"}), date(2027, 11, 1))
    found = only(ward)
    assert (found.severity, found.key) == ("error", "token-scope")
    assert "read_api, read_user" in found.cause
    assert "DRUMBEAT_TOKEN" in found.remedy


def test_a_token_that_can_act_as_others(ward):
    ward.gitlab.token = Token(frozenset({"api", "sudo"}), date(2027, 11, 1))
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "token-scope-wide")
    assert "sudo" in found.cause
    assert "api" not in found.cause


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (61, []),
        (60, [("warning", "token-expiry")]),
        (8, [("warning", "token-expiry")]),
        (7, [("error", "token-expiry")]),
        (0, [("error", "token-expiry")]),
    ],
)
def test_a_token_that_expires_soon(ward, days, expected):
    ward.gitlab.token = Token(frozenset({"api"}), MONDAY.date() + timedelta(days=days))
    assert keys(ward) == expected


def test_a_token_without_end(ward):
    ward.gitlab.token = Token(frozenset({"api"}), None)
    assert keys(ward) == [("hint", "token-expiry")]


def test_a_token_of_which_gitlab_tells_nothing(ward):
    ward.gitlab.unreadable[WhichToken()] = Unreadable("404 Not Found", "Ask.")
    found = only(ward)
    assert (found.severity, found.title) == (
        "warning",
        "GitLab does not show what the token may do",
    )
    assert (found.cause, found.remedy) == ("404 Not Found", "Ask.")


def test_an_administrators_token(ward):
    ward.gitlab.is_admin = True
    assert keys(ward) == [("warning", "token-admin")]


def test_a_token_of_a_user_whom_the_settings_do_not_name(tmp_path):
    ward = healthy(an_office(tmp_path).with_settings(drumbeat_users=["former-drumbeat"]))
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "token-user-unnamed")
    assert "@support-drumbeat" in found.title


def test_a_users_name_in_another_case_is_the_same(tmp_path):
    ward = healthy(an_office(tmp_path).with_settings(drumbeat_users=["Support-Drumbeat"]))
    assert findings(ward) == []


def test_a_token_of_somebody_in_the_roster(tmp_path):
    team = [Report(id="se-1", username="Support-Drumbeat")]
    ward = healthy(an_office(tmp_path).with_manager("mgr-2", team=team))
    assert keys(ward) == [("warning", "token-personal")]


@pytest.mark.parametrize("name", ["project_{}_bot", "project_{}_bot_4ff0"])
def test_a_token_of_one_project_where_cadences_use_two(ward, name):
    bot = name.format(ward.gitlab.projects[LOOPS].id)
    settings = ward.loops.organisation.settings
    changed = settings.model_copy(update={"drumbeat_users": (bot, "support-drumbeat")})
    ward.loops = replace(
        ward.loops, organisation=replace(ward.loops.organisation, settings=changed)
    )
    ward.gitlab.me = User(1, bot, "Drumbeat")
    ward.gitlab.hidden.add(PRIVATE)
    found = findings(ward)
    assert [one.key for one in found] == [f"project-role:{PRIVATE}", "token-project"]
    assert found[1].consequence == f"No loops open in {PRIVATE}."


def test_a_token_of_the_only_project(tmp_path):
    builder = an_org(tmp_path).with_manager().with_cadence()
    bot = "project_101_bot_4ff0"
    ward = healthy(builder.with_settings(drumbeat_users=[bot, "support-drumbeat"]))
    assert ward.gitlab.projects[LOOPS].id == 101
    ward.gitlab.me = User(1, bot, "Drumbeat")
    assert findings(ward) == []


# --- Projects --------------------------------------------------------------------------


def test_a_project_in_which_the_token_has_no_role(ward):
    ward.gitlab.hidden.add(LOOPS)
    assert keys(ward) == [("error", f"project-role:{LOOPS}")]


def test_a_project_that_is_not_there(ward):
    del ward.gitlab.projects[LOOPS]
    assert keys(ward) == [("error", f"project-missing:{LOOPS}")]


@pytest.mark.parametrize(
    ("fact", "key"), [({"archived": True}, "archived"), ({"issues_enabled": False}, "issues-off")]
)
def test_a_project_that_takes_no_issues(ward, fact, key):
    ward.gitlab.projects[LOOPS] = replace(ward.gitlab.projects[LOOPS], **fact)
    assert keys(ward) == [("error", f"project-{key}:{LOOPS}")]


def test_a_cadence_that_begins_later_is_looked_at_already(tmp_path):
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00", "starts": "2027-02-01"}
    builder = an_office(tmp_path).with_cadence("later", project="support/l", schedule=schedule)
    assert keys(healthy(builder)) == [("error", "project-missing:support/l")]


def test_somebody_who_joins_later_is_looked_at_already(tmp_path):
    builder = an_office(tmp_path).with_manager("mgr-2", joined=date(2027, 2, 3))
    ward = healthy(builder)
    del ward.gitlab.projects["support/1-1s/mgr-2"]
    assert keys(ward) == [("error", "project-missing:support/1-1s/mgr-2")]


def test_a_cadence_that_is_over_needs_nothing(tmp_path):
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260301T000000", "at": "08:00"}
    builder = an_office(tmp_path).with_manager("mgr-2", until=date(2026, 9, 1), reports=0)
    ward = healthy(builder.with_cadence("over", project="support/over", schedule=schedule))
    del ward.gitlab.projects["support/1-1s/mgr-2"]
    assert "support/over" not in ward.gitlab.projects
    assert findings(ward) == []


def test_what_cannot_be_rendered_is_left_to_lint(tmp_path):
    builder = an_office(tmp_path).with_cadence("odd", project="support/{{ nothing }}")
    ward = healthy(builder)
    assert [one for one in findings(ward) if "odd" in one.model_dump_json()] == []


# --- Who reads -------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.PLANNER, Role.DEVELOPER, Role.OWNER])
def test_somebody_else_who_reads_confidential_loops(ward, role):
    join(ward, PRIVATE, "nosy", role)
    found = only(ward)
    assert (found.severity, found.key) == ("error", f"confidential-readers:{PRIVATE}")
    assert f"@nosy ({role.name.title()})." in found.cause
    assert "confidential_readers" in found.remedy


def test_a_report_reads_no_1_1_of_the_team(ward):
    join(ward, PRIVATE, "mgr-1-se-0")
    assert keys(ward) == [("error", f"confidential-readers:{PRIVATE}")]


@pytest.mark.parametrize("name", ["mgr-1", "dir-1"])
def test_owner_and_director_may_read(ward, name):
    join(ward, PRIVATE, name, Role.MAINTAINER)
    assert findings(ward) == []


def test_guests_and_blocked_users_read_nothing(ward):
    join(ward, PRIVATE, "guest", Role.GUEST)
    join(ward, PRIVATE, "gone", Role.DEVELOPER)
    ward.gitlab.users["gone"] = replace(ward.gitlab.users["gone"], state="blocked")
    assert findings(ward) == []


def test_who_may_read_is_named_in_the_settings(tmp_path):
    ward = healthy(an_office(tmp_path).with_settings(confidential_readers=["Nosy"]))
    join(ward, PRIVATE, "nosy", Role.OWNER)
    assert findings(ward) == []


def test_the_same_readers_of_several_projects_are_one_finding(tmp_path):
    ward = healthy(an_office(tmp_path).with_manager("mgr-2"))
    for path in (PRIVATE, "support/1-1s/mgr-2"):
        join(ward, path, "nosy", Role.OWNER)
    assert only(ward).title == (
        f"Others can read the confidential loops in {PRIVATE}, support/1-1s/mgr-2"
    )


def test_open_loops_may_be_read_by_anybody(ward):
    join(ward, LOOPS, "nosy")
    assert findings(ward) == []


def test_an_assignee_by_policy_may_read(tmp_path):
    builder = an_office(tmp_path).with_cadence("audit", assignee="auditor", **CONFIDENTIAL)
    builder = builder.with_cadence("nobodys", assignee="{{ '' }}", **CONFIDENTIAL)
    ward = healthy(builder)
    join(ward, PRIVATE, "auditor")
    assert findings(ward) == []


def test_an_owner_who_is_no_member(ward):
    leave(ward, LOOPS, "mgr-1")
    found = only(ward)
    assert (found.severity, found.key) == ("error", f"owner-no-member:{LOOPS}")
    assert "@mgr-1" in found.cause


def test_minimal_access_is_no_membership(ward):
    join(ward, LOOPS, "mgr-1", Role.MINIMAL)
    assert keys(ward) == [("error", f"owner-no-member:{LOOPS}")]


def test_members_that_gitlab_does_not_show_hide_no_other_finding(ward):
    ward.gitlab.unreadable[MembersOf(ward.gitlab.projects[PRIVATE].id)] = GONE
    leave(ward, LOOPS, "mgr-1")
    assert keys(ward) == [
        ("error", f"owner-no-member:{LOOPS}"),
        ("warning", f"unreadable:the members of {PRIVATE}"),
    ]


# --- People ----------------------------------------------------------------------------


def test_somebody_whom_gitlab_does_not_know(ward):
    del ward.gitlab.users["mgr-1-se-0"]
    found = only(ward)
    assert (found.severity, found.key) == ("error", "people-missing")
    assert "@mgr-1-se-0" in found.cause


@pytest.mark.parametrize("state", ["blocked", "deactivated", "banned"])
def test_somebody_whom_gitlab_does_not_let_in(ward, state):
    ward.gitlab.users["dir-1"] = replace(ward.gitlab.users["dir-1"], state=state)
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "people-blocked")
    assert f"@dir-1 ({state})" in found.cause


def test_who_left_is_not_missed(tmp_path):
    team = [Report(id="gone", username="gone", until=date(2026, 10, 1))]
    ward = healthy(an_office(tmp_path).with_manager("mgr-2", team=team))
    del ward.gitlab.users["gone"]
    assert findings(ward) == []


# --- Policies --------------------------------------------------------------------------


def test_labels_that_are_lacking(ward):
    for name in ("initiative::stale", "snoozed"):
        del ward.gitlab.labels[name]
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "labels-lacking")
    assert found.title == "Labels are lacking: 2"
    assert "drumbeat setup --yes" in found.remedy


def test_labels_that_look_different(ward):
    organisation = replace(
        ward.loops.organisation, labels=(LabelSpec(name="snoozed", color="#111111"),)
    )
    ward.loops = replace(ward.loops, organisation=organisation)
    found = only(ward)
    assert (found.key, found.title) == (
        "labels-drifted",
        "Labels are not as policies say: 1",
    )


def test_a_label_that_should_be_gone(ward):
    ward.gitlab.labels["old"] = Label("old", "#111111", id=7)
    specs = (LabelSpec(name="old", prune=True),)
    ward.loops = replace(ward.loops, organisation=replace(ward.loops.organisation, labels=specs))
    assert only(ward).key == "labels-drifted"


def test_boards_that_are_lacking(ward):
    board = BoardSpec(name="{{ director.id }}", project=LOOPS, lists=("loop::open",))
    ward.loops = replace(ward.loops, organisation=replace(ward.loops.organisation, boards=(board,)))
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "boards-lacking")
    assert f"{LOOPS}: dir-1" in found.cause
    ward.gitlab.boards[LOOPS, False] = [Board(1, "dir-1")]
    assert only(ward).key == "boards-lacking"


def test_lists_in_another_order(ward):
    lists = ("loop::open", "loop::overdue")
    board = BoardSpec(name="all", for_each="organisation", project=LOOPS, lists=lists)
    ward.loops = replace(ward.loops, organisation=replace(ward.loops.organisation, boards=(board,)))
    columns = (BoardList(1, "loop::overdue", 0), BoardList(2, "loop::open", 1))
    ward.gitlab.boards[LOOPS, False] = [Board(1, "all", columns)]
    found = only(ward)
    assert (found.key, found.title) == ("boards-drifted", "Boards are not as policies say: 1")


def test_a_schedule_at_another_time(ward):
    wanted = ScheduleSpec(description="Hourly", cron="0 * * * *", project=LOOPS, ref="main")
    organisation = replace(ward.loops.organisation, schedules=(wanted,))
    ward.loops = replace(ward.loops, organisation=organisation)
    assert only(ward).key == "schedules-drifted"
    there = Schedule(1, "Hourly", "refs/heads/main", True, BOT, "0 * * * *", "UTC")
    ward.gitlab.schedules[LOOPS] = [there]
    assert findings(ward) == []
    ward.gitlab.schedules[LOOPS] = [replace(there, cron="5 * * * *")]
    assert only(ward).key == "schedules-drifted"


def test_boards_and_labels_that_gitlab_does_not_show(ward):
    board = BoardSpec(name="{{ director.id }}", project=LOOPS, lists=("loop::open",))
    ward.loops = replace(ward.loops, organisation=replace(ward.loops.organisation, boards=(board,)))
    ward.gitlab.unreadable |= {
        BoardsOf(LOOPS, in_group=False): GONE,
        LabelsOf("support"): Unreadable("403 Forbidden", "Become a member."),
    }
    found = findings(ward)
    assert [(one.key, one.cause) for one in found] == [
        ("setup-blocked:labels", "403 Forbidden"),
        ("setup-blocked:{{ director.id }}", "404 Not Found"),
    ]
    assert found[0].remedy == "Become a member."
    assert "drumbeat lint" in found[1].remedy


def test_open_loops_of_a_cadence_that_is_gone(ward):
    cadences = tuple(one for one in ward.loops.organisation.cadences if one.name != "one-on-one")
    ward.loops = replace(
        ward.loops, organisation=replace(ward.loops.organisation, cadences=cadences)
    )
    found = only(ward)
    loop = ward.issue("one-on-one/mgr-1/2026-W48")
    assert (found.severity, found.key) == ("warning", "loops-left-over")
    assert f"one-on-one/mgr-1/2026-W48 ({loop.reference})" in found.cause
    assert loop.title not in found.model_dump_json()
    ward.gitlab.close(loop, ward.person())
    assert findings(ward) == []


def test_open_loops_of_a_subject_that_is_gone(tmp_path):
    ward = healthy(an_office(tmp_path).with_manager("mgr-2"))
    one_left = an_office(tmp_path).loops()
    ward.loops = one_left
    found = only(ward)
    assert (found.key, found.title) == (
        "loops-left-over",
        "Open loops belong to no policy any more: 2",
    )


def test_a_triage_policy_that_has_matched_nothing_for_long(ward):
    ward.gitlab.delete(next(one for one in ward.issues() if one.project == SGG))
    found = only(ward)
    assert (found.severity, found.key) == ("hint", "triage-idle:stale-initiatives")
    assert found.cause == ("No issue with the labels SGG in support/sgg was touched for 90 days.")


def test_a_triage_policy_that_matches_nothing_today(ward):
    """Somebody closed the last one: there will be others."""
    ward.gitlab.close(next(one for one in ward.issues() if one.project == SGG), ward.person())
    assert findings(ward) == []


def test_a_state_that_does_not_occur_is_no_sign_of_anything(tmp_path):
    where = {"group": "support/sgg", "labels": ["SGG", "initiative::blocked"]}
    assert findings(healthy(an_office(tmp_path).with_triage(name="blocked", where=where))) == []


def test_a_condition_on_what_the_tier_does_not_have(tmp_path):
    rules = [
        {"name": "heavy", "when": "weight > 5 and iteration", "do": {"label": "initiative::stale"}}
    ]
    ward = healthy(an_office(tmp_path).with_triage(name="heavy", rules=rules))
    found = only(ward)
    assert (found.severity, found.key) == ("warning", "tier:heavy")
    assert "use weight, iteration," in found.cause
    for ref, issue in ward.gitlab.issues.items():
        ward.gitlab.issues[ref] = replace(issue, has_weight=True, has_iteration=True)
    assert findings(ward) == []


def test_a_triage_policy_over_everything_in_a_project(tmp_path):
    where = {"project": "support/empty", "state": "all"}
    ward = healthy(an_office(tmp_path).with_triage(name="all", where=where))
    assert only(ward).cause == "No issue in support/empty was touched for 90 days."


def test_a_triage_policy_for_a_group_that_is_not_there(ward):
    (query,) = queries(ward.loops.organisation.triages[0].where, ward.gitlab.now)
    ward.gitlab.unreadable[IssuesOf(query)] = GONE
    found = only(ward)
    assert (found.severity, found.key) == (
        "error",
        "unreadable:the issues of the triage policy stale-initiatives",
    )
    assert found.consequence == "The policy does nothing."


def test_a_triage_policy_that_is_switched_off(tmp_path):
    where = {"project": "support/empty"}
    ward = healthy(an_office(tmp_path).with_triage(name="off", where=where, enabled=False))
    assert findings(ward) == []


# --- Runs ------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-2, 0, 2])
def test_a_clock_that_is_right(ward, minutes):
    assert findings(ward, clock=ward.gitlab.now + minutes * MINUTE) == []


@pytest.mark.parametrize(("minutes", "side"), [(5, "ahead of"), (-5, "behind")])
def test_a_clock_that_is_wrong(ward, minutes, side):
    found = only(ward, clock=ward.gitlab.now + minutes * MINUTE)
    assert (found.severity, found.key) == ("warning", "clock-skew")
    assert found.title == f"This machine's clock is 5 minutes {side} GitLab's"


def test_no_run_for_a_week(ward):
    later = MONDAY + timedelta(days=8)
    ward.gitlab.set_clock(later)
    found = only(ward, later)
    assert (found.severity, found.key) == ("error", "runs-missing")
    assert found.title.endswith("due since Mon 2026-11-30 08:00 UTC")
    assert found.cause == ("They have no issue: one-on-one/mgr-1/2026-W49, review/mgr-1/2026-W49.")


def test_whatever_a_late_loop_needs_is_asked_for(tmp_path):
    builder = an_office(tmp_path).with_cadence("audit", assignee="auditor")
    ward = healthy(builder)
    join(ward, LOOPS, "auditor")
    later = MONDAY + timedelta(days=8)
    ward.gitlab.set_clock(later)
    found = only(ward, later)
    assert "audit/mgr-1/2026-W49" in found.cause
    assert UserNamed("auditor") in ward.gitlab.answered


def test_in_a_pilot_the_others_loops_are_not_missed(tmp_path):
    ward = healthy(an_office(tmp_path).with_manager("mgr-2"))
    later = MONDAY + timedelta(days=8)
    ward.gitlab.set_clock(later)
    ward.loops = replace(ward.loops, scope=Scope({"manager": frozenset({"mgr-2"})}))
    found = only(ward, later)
    assert "mgr-2" in found.cause
    assert "mgr-1" not in found.cause
    leave(ward, LOOPS, "mgr-1")
    assert len(findings(ward, later)) == 2


def test_a_schedule_may_be_some_hours_late(ward):
    later = datetime(2026, 12, 1, 7, 59, tzinfo=UTC)
    ward.gitlab.set_clock(later)
    assert findings(ward, later) == []


def test_what_waits_for_its_predecessor_is_no_sign_of_missing_runs(tmp_path):
    builder = an_org(tmp_path).with_manager().with_cadence(when_previous_open="wait")
    ward = healthy(builder)
    later = MONDAY + timedelta(days=8)
    ward.gitlab.set_clock(later)
    assert findings(ward, later) == []


# --- What GitLab does not show ---------------------------------------------------------


def test_a_loops_group_that_gitlab_does_not_show(ward):
    ward.gitlab.unreadable[AccessTo("support")] = GONE
    found = only(ward)
    assert (found.severity, found.title) == (
        "error",
        "GitLab does not show the projects of support",
    )


def test_findings_come_worst_first(ward):
    ward.gitlab.token = Token(frozenset({"api"}), None)
    ward.gitlab.is_admin = True
    ward.gitlab.hidden.add(LOOPS)
    assert keys(ward) == [
        ("error", f"project-role:{LOOPS}"),
        ("warning", "token-admin"),
        ("hint", "token-expiry"),
    ]


@pytest.mark.parametrize(
    ("question", "severity", "thing"),
    [
        (IssuesOf(IssueQuery("support")), "error", "the issues of support"),
        (ProjectAt("support/x"), "warning", "the project support/x"),
        (UserNamed("x"), "warning", "the user @x"),
        (NotesOf(IssueRef(1, 1)), "warning", "all that was asked"),
    ],
)
def test_what_is_not_shown_is_named(question, severity, thing):
    found = unread_finding(NotReadable(question, Unreadable("500")))
    assert (found.severity, found.title) == (severity, f"GitLab does not show {thing}")


def test_a_token_that_is_refused_is_a_finding():
    found = unreachable(Refused("401 Unauthorized", status=401))
    assert (found.key, found.title) == ("token-refused", "GitLab does not take the token")


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (Unreachable("no connection", "Check the network."), "Check the network."),
        (
            Refused("500", status=500),
            "Run `drumbeat doctor` again; if it stays, ask whoever runs it.",
        ),
    ],
)
def test_a_gitlab_that_cannot_be_read_is_a_finding(error, remedy):
    found = unreachable(error)
    assert (found.key, found.remedy) == ("gitlab-unreadable", remedy)


def test_long_lists_are_cut():
    names = [f"n{count}" for count in range(SHOWN + 2)]
    assert listed(names).endswith(f"n{SHOWN - 1} and 2 more")
    assert listed(names[:SHOWN]).endswith(f", n{SHOWN - 1}")

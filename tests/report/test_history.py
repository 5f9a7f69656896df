"""Which loops the pages count, whose they are, and how they went."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from automation.identity import marker
from automation.labels import ATTENTION, DRUMBEAT, State
from automation.loops import Loops
from automation.model.issue import IssueRef, User
from automation.model.key import LoopKey
from automation.model.organisation import Organisation
from automation.model.policy import AdoptedIssue
from tests.report.company import CADENCES, NOW, SOMEBODY, Company
from tests.support.builders import an_org, at

KEY = "ticket-review/mgr-1/2026-W48"
MONDAY = at("2026-11-23T08:00:00")


@pytest.fixture
def builder(tmp_path):
    made = an_org(tmp_path).with_manager(timezone="Asia/Tokyo").with_group()
    for name in CADENCES:
        made.with_cadence(name, confidential=name == "one-on-one")
    return made.with_cadence("health", for_each="group").with_cadence("digest", for_each="director")


@pytest.fixture
def company(builder):
    return Company(builder.loops())


def entries(company: Company, now: datetime = NOW):
    return company.facts(now).history.entries


def only(company: Company):
    (entry,) = entries(company)
    return entry


def late(company: Company):
    return company.facts().history.late


def test_a_loop_is_its_managers_and_its_directors(company):
    company.loop(KEY, State.DONE, MONDAY)
    found = only(company)
    assert (str(found.key), found.manager, found.director) == (KEY, "mgr-1", "dir-1")
    assert (found.state, found.opened_in, found.ended_in) == (
        State.DONE, date(2026, 11, 23), date(2026, 11, 23),
    )  # fmt: skip
    assert not found.attention


def test_loops_of_groups_are_their_sponsors_and_those_of_directors_are_nobodys(company):
    company.loop("health/baobab/2026-W48", State.OPEN, MONDAY)
    company.loop("digest/dir-1/2026-W48", State.OPEN, MONDAY)
    assert [(one.manager, one.director) for one in entries(company)] == [
        ("mgr-1", "dir-1"), (None, "dir-1"),
    ]  # fmt: skip


def test_weeks_are_those_of_the_subjects_zone(company):
    sunday_evening = at("2026-11-22T23:00:00")  # Monday in Tokyo
    company.loop(KEY, State.DONE, sunday_evening)
    assert only(company).opened_in == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("labels", "opened", "state"),
    [
        ({State.OPEN}, True, State.OPEN),
        ({State.OVERDUE}, True, State.OVERDUE),
        ({State.DONE}, True, State.OPEN),
        ({State.OVERDUE, State.DONE}, True, State.OPEN),
        ({State.MISSED}, False, State.MISSED),
        ({State.OPEN}, False, State.WAIVED),
    ],
)
def test_how_a_loop_went(company, labels, opened, state):
    issue = company.loop(KEY, State.OPEN, MONDAY)
    company.issues[0] = _with(issue, opened=opened, labels=frozenset({DRUMBEAT, *labels}))
    assert only(company).state is state


def _with(issue, **facts):
    return type(issue)(**{**vars(issue), **facts})


def test_a_marker_that_a_person_wrote_counts_for_nothing(company):
    company.loop(KEY, State.DONE, MONDAY, author=SOMEBODY)
    assert entries(company) == ()


def test_ghost_and_named_users_are_believed(company):
    company.loop(KEY, State.DONE, MONDAY, author=User(1, "ghost"))
    company.loop(
        "one-on-one/mgr-1/2026-W48", State.DONE, MONDAY, author=User(2, "Support-Drumbeat")
    )
    assert len(entries(company)) == 2


def test_two_markers_or_none_are_no_loop(company):
    two = marker(LoopKey("a", "b", "2026-W48")) + marker(LoopKey("a", "c", "2026-W48"))
    company.add("both", description=two, labels=frozenset({DRUMBEAT}))
    company.add("none", labels=frozenset({DRUMBEAT}))
    assert entries(company) == ()


def test_of_two_issues_for_one_key_the_older_counts_and_a_moved_one_never(company):
    company.loop(KEY, State.WAIVED, MONDAY - timedelta(hours=1), moved_to_id=99)
    company.loop(KEY, State.DONE, MONDAY)
    company.loop(KEY, State.WAIVED, MONDAY + timedelta(hours=1))
    assert only(company).state is State.DONE


def test_an_adopted_issue_is_a_loop(builder):
    place = AdoptedIssue(project="Support/Loops", iid=5)
    loops = builder.loops()
    organisation = Organisation(
        **{**vars_of(loops.organisation), "adopted": {LoopKey.parse(KEY): place}}
    )
    company = Company(Loops(organisation, loops.library))
    labels = frozenset({DRUMBEAT, State.DONE})
    company.add(
        "Mine", ref=IssueRef(1, 5), author=SOMEBODY, labels=labels
    )  # fmt: skip
    assert str(only(company).key) == KEY


def vars_of(organisation):
    names = ("settings", "roster", "cadences", "triages", "labels", "boards", "schedules")
    return {name: getattr(organisation, name) for name in names}


def test_a_former_id_is_todays(tmp_path):
    builder = an_org(tmp_path).with_manager("mgr-1", was=("mgr-old",)).with_cadence("ticket-review")
    company = Company(builder.loops())
    company.loop("ticket-review/mgr-old/2026-W48", State.DONE, MONDAY)
    assert (only(company).key.subject, only(company).manager) == ("mgr-1", "mgr-1")


def test_where_the_policy_is_gone_the_labels_tell_whose_it_was(company):
    labels = ("manager::mgr-1", "director::dir-1", ATTENTION)
    company.loop("gone/somebody/2026-W48", State.DONE, MONDAY, labels=labels)
    company.loop("gone/nobody/2026-W48", State.DONE, MONDAY)
    found = entries(company)
    assert [(one.manager, one.director) for one in found] == [("mgr-1", "dir-1"), (None, None)]
    assert found[0].attention


def test_what_opened_more_than_52_weeks_ago_is_not_shown(company):
    company.loop(KEY, State.DONE, MONDAY - timedelta(weeks=51))
    company.loop("one-on-one/mgr-1/2025-W48", State.DONE, MONDAY - timedelta(weeks=52))
    company.loop("one-on-one/mgr-1/2025-W49", State.DONE, MONDAY - timedelta(weeks=51, hours=27))
    assert [str(one.key) for one in entries(company)] == [KEY]


def test_late_loops_have_their_titles_and_the_first_due_comes_first(company):
    company.loop(KEY, State.OVERDUE, MONDAY, title="second")
    company.loop("team-meeting/mgr-1/2026-W47", State.OVERDUE, MONDAY - timedelta(7), title="first")
    company.loop("team-meeting/mgr-1/2026-W46", State.OVERDUE, MONDAY, title="x", due_date=None)
    assert [one.title for one in late(company)] == ["first", "second", "x"]
    assert late(company)[0].web_url.startswith("https://")


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        (KEY, {"confidential": True}),
        ("one-on-one/mgr-1/2026-W48", {}),
        ("gone/mgr-1/2026-W48", {"labels": ("manager::mgr-1",)}),
    ],
    ids=["the issue", "the policy", "nobody can tell"],
)
def test_a_confidential_loop_that_is_late_has_no_title(company, key, facts):
    company.loop(key, State.OVERDUE, MONDAY, title="secret", **facts)
    (one,) = late(company)
    assert (one.manager, one.title, one.web_url) == ("mgr-1", "", "")

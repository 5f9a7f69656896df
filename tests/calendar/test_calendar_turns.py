"""Whose turn it is: absences, pauses, the rota, and people who move, join and leave."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest

from automation.model.key import LoopKey
from automation.model.organisation import Organisation
from automation.model.policy import Settings, SubjectKind
from automation.model.roster import Director, Group, Manager, Report, Roster
from automation.model.scope import Scope
from tests.support.builders import PER_REPORT, a_day, an_org, at, moves, opened

WINTER = "2026-12-21T12:00Z"
"""Noon of the Monday of 2026-W52, for everybody between New York and Kolkata."""


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path)


def away(start: str, end: str, cover: str | None = None) -> dict[str, str | None]:
    return {"start": start, "end": end, "cover": cover}


def span(start: str, end: str | None, why: str = "") -> dict[str, str | None]:
    return {"start": start, "end": end, "why": why} if why else {"start": start, "end": end}


def the_loop(org, now=WINTER, subject="mgr-1"):
    return next(loop for loop in org.loops().current(at(now)) if loop.subject.id == subject)


def turn(org, now=WINTER, subject="mgr-1"):
    """Who has the loop, when it is due, and why it does not open."""
    loop = the_loop(org, now, subject)
    return loop.assignee, str(loop.due), loop.skipped


# --- Absences -----------------------------------------------------------------------------

CHRISTMAS = away("2026-12-21", "2027-01-04", "mgr-2")


def test_an_owner_who_is_there_has_the_loop(org):
    org.with_manager(away=[away("2026-12-28", "2027-01-04")]).with_cadence()
    assert turn(org) == ("mgr-1", "2026-12-25", "")


@pytest.mark.parametrize(
    ("when_away", "expected"),
    [
        ("cover", ("mgr-2", "2026-12-24", "")),
        ("skip", ("mgr-1", "2027-01-05", "Aoife is away until 2027-01-04")),
        ("open", ("mgr-1", "2027-01-05", "")),
    ],
)
def test_an_owner_who_is_away_until_it_is_due(org, when_away, expected):
    """The substitute's calendar gives the due date: Berlin has a holiday on 25 December."""
    org.with_manager(name="Aoife", away=[CHRISTMAS])
    org.with_manager("mgr-2", holidays="DE-BE").with_cadence(when_away=when_away)
    assert turn(org) == expected


@pytest.mark.parametrize(
    ("start", "end", "who"),
    [
        ("2026-12-21", "2026-12-25", "mgr-2"),  # all five working days
        ("2026-12-22", "2026-12-25", "mgr-1"),  # there on Monday
        ("2026-12-21", "2026-12-24", "mgr-1"),  # back on the due date
        ("2026-12-19", "2026-12-25", "mgr-2"),
        ("2026-12-21", "2026-12-26", "mgr-2"),
    ],
)
def test_one_working_day_is_enough(org, start, end, who):
    org.with_manager(away=[away(start, end, "mgr-2")]).with_manager("mgr-2").with_cadence()
    assert turn(org)[0] == who


def test_a_day_that_is_a_holiday_is_none_that_is_left(org):
    """Away from Monday to Thursday; Friday, the day it would be due, is Christmas."""
    org.with_manager(holidays="IE", away=[away("2026-12-21", "2026-12-24", "mgr-2")])
    org.with_manager("mgr-2").with_cadence()
    assert turn(org) == ("mgr-2", "2026-12-25", "")


def test_two_absences_in_a_row_are_one(org):
    org.with_manager(
        name="Aoife",
        away=[away("2026-12-24", "2027-01-04", "mgr-3"), away("2026-12-21", "2026-12-23", "mgr-2")],
    )
    org.with_manager("mgr-2").with_manager("mgr-3").with_cadence()
    assert turn(org)[0] == "mgr-2"
    org.cadences.clear()
    org.with_cadence(when_away="skip")
    assert turn(org)[2] == "Aoife is away until 2027-01-04"


def test_the_second_substitute_is_asked_when_the_first_is_away(org):
    org.with_manager(
        away=[away("2026-12-21", "2026-12-23", "mgr-2"), away("2026-12-24", "2027-01-04", "mgr-3")]
    )
    org.with_manager("mgr-2", away=[away("2026-12-21", "2026-12-31")])
    org.with_manager("mgr-3").with_cadence()
    assert turn(org)[0] == "mgr-3"


@pytest.mark.parametrize(
    ("cover", "reason"),
    [
        (None, "Aoife is away until 2027-01-04 and nobody covers"),
        ("mgr-2", "Aoife is away until 2027-01-04 and Jürgen, who would cover, cannot either"),
        ("mgr-9", "Aoife is away until 2027-01-04 and Ida, who would cover, cannot either"),
    ],
)
def test_nobody_stands_in(org, cover, reason):
    """A chain ends after one: who covers for the substitute is not asked."""
    org.with_manager(name="Aoife", away=[away("2026-12-21", "2027-01-04", cover)])
    org.with_manager("mgr-2", name="Jürgen", away=[away("2026-12-21", "2026-12-31", "mgr-3")])
    org.with_manager("mgr-3").with_manager("mgr-9", name="Ida", until="2026-12-20")
    org.with_cadence()
    assert turn(org)[2] == reason


def test_two_who_cannot(org):
    org.with_manager(
        name="Aoife",
        away=[away("2026-12-21", "2026-12-23", "mgr-2"), away("2026-12-24", "2027-01-04", "mgr-3")],
    )
    org.with_manager("mgr-2", name="B", away=[CHRISTMAS]).with_manager(
        "mgr-3", name="C", away=[CHRISTMAS]
    )
    org.with_cadence()
    assert (
        turn(org)[2] == "Aoife is away until 2027-01-04 and B and C, who would cover, cannot either"
    )


def test_anybody_of_the_roster_may_stand_in(org):
    org.with_manager("mgr-1", away=[away("2026-12-21", "2027-01-04", "mgr-1-se-1")])
    org.with_manager("mgr-2", away=[away("2026-12-21", "2027-01-04", "dir-1")]).with_cadence()
    assert turn(org)[0] == "mgr-1-se-1"
    assert turn(org, subject="mgr-2")[0] == "dir-1"


def test_a_month_needs_a_longer_absence(org):
    monthly = {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1"}
    org.with_manager(away=[CHRISTMAS]).with_manager("mgr-2")
    org.with_cadence(period="month", schedule=monthly, due="end of period")
    assert turn(org) == ("mgr-1", "2026-12-18", "")


def test_the_organisation_is_never_away(org):
    org.with_manager().with_cadence(for_each="organisation")
    loop = the_loop(org, subject="organisation")
    assert (loop.assignee, loop.owner, loop.skipped, str(loop.due)) == (
        None,
        None,
        "",
        "2026-12-25",
    )


def test_a_template_knows_the_owner_and_the_substitute(org):
    body = (
        "---\ntitle: '{{ subject.name }} {{ period.label }}'\n---\n- [ ] {{ owner.display_name }}"
        "{% if substitute_for %} for {{ substitute_for.display_name }}{% endif %}\n"
    )
    org.with_manager(name="Aoife", away=[CHRISTMAS]).with_manager("mgr-2", name="Jürgen")
    org.with_cadence(body=body)
    assert the_loop(org).body == "- [ ] Jürgen for Aoife\n"
    assert the_loop(org, subject="mgr-2").body == "- [ ] Jürgen\n"


def test_an_assignee_of_the_policy_stays_and_the_calendar_is_the_substitutes(org):
    org.with_manager(away=[CHRISTMAS]).with_manager("mgr-2", holidays="DE-BE")
    org.with_cadence(assignee="{{ director.username }}")
    assert turn(org) == ("dir-1", "2026-12-24", "")


# --- Pauses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pauses", "reason"),
    [
        ([span("2026-12-21", None)], "paused since 2026-12-21"),
        ([span("2026-12-21", "2026-12-21")], "paused since 2026-12-21 until 2026-12-21"),
        ([span("2026-12-01", None, "audit")], "paused since 2026-12-01: audit"),
        ([span("2026-12-22", None)], ""),  # judged on the day on which it would open
        ([span("2026-12-01", "2026-12-20")], ""),
        ([span("2026-12-01", None) | {"subjects": ["mgr-1"]}], "paused since 2026-12-01"),
        ([span("2026-12-01", None) | {"subjects": ["mgr-2"]}], ""),
        (
            [span("2026-12-01", "2026-12-02"), span("2026-12-14", "2026-12-31", "holidays")],
            "paused since 2026-12-14 until 2026-12-31: holidays",
        ),
    ],
)
def test_a_paused_cadence(org, pauses, reason):
    org.with_manager().with_manager("mgr-2").with_cadence(pauses=pauses)
    assert turn(org)[2] == reason


def test_a_paused_subject(org):
    leave = [span("2026-12-01", "2026-12-31", "parental leave")]
    org.with_manager(paused=leave).with_manager("mgr-2").with_group(
        paused=[span("2026-12-21", None)]
    )
    org.with_cadence().with_cadence("groups", for_each="group")
    assert turn(org)[2] == "paused since 2026-12-01 until 2026-12-31: parental leave"
    assert turn(org, subject="mgr-2")[2] == ""
    assert turn(org, subject="baobab")[2] == "paused since 2026-12-21"
    assert turn(org, "2027-01-04T12:00Z")[2] == ""


def test_what_is_paused_is_kept_and_resumes(org):
    """A loop that was opened before is recognised and closed; what resumes is the next one."""
    pause = [span("2026-11-30", "2026-12-13", "offsite")]
    scene = org.with_manager().with_cadence(pauses=pause).scene()
    assert opened(scene.run("2026-11-23T09:00Z")) == ["weekly/mgr-1/2026-W48"]
    assert moves(scene.run("2026-11-30T09:00Z")) == [("weekly/mgr-1/2026-W48", "loop::overdue")]
    assert scene.plan().empty
    issue = scene.issue()
    scene.gitlab.edit(issue, scene.person(), issue.description.replace("[ ]", "[x]"))
    assert moves(scene.run("2026-12-08T09:00Z")) == [("weekly/mgr-1/2026-W48", "loop::done")]
    assert opened(scene.run("2026-12-13T09:00Z")) == []
    assert opened(scene.run("2026-12-14T09:00Z")) == ["weekly/mgr-1/2026-W51"]
    assert scene.is_settled()


# --- On call ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_call", "reason"),
    [
        ([], "not on call in 2026-W52"),
        (
            [span("2026-12-14", "2026-12-20"), span("2026-12-28", "2027-01-03")],
            "not on call in 2026-W52",
        ),
        ([span("2026-12-14", "2026-12-21")], ""),
        ([span("2026-12-27", "2027-01-03")], ""),
        ([span("2026-12-23", "2026-12-23")], ""),
    ],
)
def test_only_when_on_call(org, on_call, reason):
    org.with_manager(on_call=on_call).with_cadence(only_when="on_call")
    assert turn(org)[2] == reason


# --- People who move, join and leave ------------------------------------------------------


def entry(**facts):
    return Manager(**({"id": "mgr-1", "username": "mgr-1", "director": "dir-1"} | facts))


def moving(org, *entries, others=()):
    org.with_manager("mgr-0")
    org.managers.extend((*entries, *others))
    return org


def opens(org, start, end, subject="mgr-1"):
    """When loops open, in UTC, with their period; those that do not open with the reason."""
    loops, organisation = org.loops(), org.organisation()
    cadence = organisation.cadences[0]
    one = organisation.subject(cadence.for_each, subject)
    return [
        (
            loop.occurrence.opens_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
            loop.skipped or loop.occurrence.period.label,
        )
        for loop in loops.coming(cadence, one, at(start), at(end))
    ]


def test_a_manager_who_moves_west(org):
    moving(
        org,
        entry(timezone="Europe/Dublin", until="2027-01-01"),
        entry(timezone="America/New_York", joined="2027-01-02"),
    ).with_cadence()
    assert opens(org, "2026-12-20T00:00Z", "2027-01-12T00:00Z") == [
        ("2026-12-21T08:00Z", "2026-W52"),
        ("2026-12-28T08:00Z", "2026-W53"),
        ("2027-01-04T13:00Z", "2027-W01"),
        ("2027-01-11T13:00Z", "2027-W02"),
    ]
    current = [("2027-01-04T12:59Z", "2026-W53"), ("2027-01-04T13:00Z", "2027-W01")]
    for now, period in current:
        assert the_loop(org, now).key.period == period


def test_a_manager_who_moves_east_in_the_middle_of_a_week(org):
    moving(
        org,
        entry(timezone="Pacific/Apia", joined="2026-12-30", username="new-name"),
        entry(timezone="America/Denver", until="2026-12-29"),
    ).with_cadence()
    assert opens(org, "2026-12-27T00:00Z", "2027-01-04T00:00Z") == [
        ("2026-12-28T15:00Z", "2026-W53"),
        ("2027-01-03T19:00Z", "2027-W01"),
    ]
    assert the_loop(org, "2027-01-03T18:59Z").assignee == "mgr-1"
    assert the_loop(org, "2027-01-03T19:00Z").assignee == "new-name"


def test_a_move_opens_nothing_twice_and_closes_what_was_open(org):
    before = entry(
        timezone="America/Denver", until="2026-12-29", reports=[Report(id="a", username="a")]
    )
    after = entry(
        timezone="Pacific/Apia", joined="2026-12-30", reports=[Report(id="a", username="a")]
    )
    scene = moving(org, before, after).with_cadence(body=PER_REPORT).scene(at("2026-12-28T16:00Z"))
    assert "weekly/mgr-1/2026-W53" in opened(scene.run())
    assert opened(scene.run("2026-12-31T00:00Z")) == []
    issue = scene.issue("weekly/mgr-1/2026-W53")
    scene.gitlab.edit(issue, scene.person(), issue.description.replace("[ ]", "[x]"))
    assert moves(scene.run("2026-12-31T01:00Z")) == [("weekly/mgr-1/2026-W53", "loop::done")]
    assert scene.is_settled()


def test_a_loop_that_the_schedule_no_longer_has_is_that_of_the_day_it_was_created(org):
    moving(
        org,
        entry(timezone="Pacific/Apia", until="2026-12-29"),
        entry(timezone="America/Denver", joined="2026-12-30"),
    ).with_cadence(schedule={"rrule": "FREQ=WEEKLY;BYDAY=MO", "starts": "2027-01-04"})
    loops = org.loops()
    for created, period in [
        ("2026-12-27T12:00Z", "2026-W53"),  # Monday in Apia
        ("2027-01-04T03:00Z", "2026-W53"),  # Sunday in Denver
    ]:
        loop = loops.for_key(LoopKey("weekly", "mgr-1", period), at(created))
        assert loop is not None
        assert str(loop.key) == f"weekly/mgr-1/{period}"
    assert loops.for_key(LoopKey("weekly", "mgr-9", "2026-W53"), at("2026-12-27T12:00Z")) is None
    assert loops.for_key(LoopKey("monthly", "mgr-1", "2026-12"), at("2026-12-27T12:00Z")) is None


def test_a_manager_who_joins_and_one_who_leaves(org):
    moving(org, entry(joined="2026-12-28", until="2027-01-04")).with_cadence()
    assert opens(org, "2026-12-20T00:00Z", "2027-01-12T00:00Z") == [
        ("2026-12-21T08:00Z", "joins on 2026-12-28"),
        ("2026-12-28T08:00Z", "2026-W53"),
        ("2027-01-04T08:00Z", "2027-W01"),
        ("2027-01-11T08:00Z", "left on 2027-01-04"),
    ]
    now = {name: {loop.subject.id for loop in org.loops().current(at(name))} for name in (
        "2026-12-22T00:00Z", "2026-12-29T00:00Z", "2027-01-10T00:00Z", "2027-01-12T00:00Z"
    )}  # fmt: skip
    assert [("mgr-1" in ids) for ids in now.values()] == [False, True, True, False]


def test_a_loop_of_somebody_who_left_is_still_theirs(org):
    scene = moving(org, entry(until="2026-11-29")).with_cadence().scene()
    scene.run("2026-11-23T09:00Z")
    issue = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.edit(issue, scene.person(), issue.description.replace("[ ]", "[x]"))
    plan = scene.run("2026-11-30T09:00Z")
    assert opened(plan) == ["weekly/mgr-0/2026-W49"]
    assert ("weekly/mgr-1/2026-W48", "loop::done") in moves(plan)
    assert scene.is_settled()


def test_a_group_whose_sponsor_left(org):
    moving(org, entry(name="Aoife", until="2026-12-01")).with_group().with_cadence(for_each="group")
    assert turn(org, subject="baobab")[2] == "Aoife left on 2026-12-01"


def report(**facts):
    return Report(**({"id": "se-1", "username": "se-1"} | facts))


def test_a_report_who_changes_team_in_the_middle_of_a_week(org):
    org.with_manager("mgr-1", team=[report(until="2026-12-23")])
    org.with_manager("mgr-2", team=[report(joined="2026-12-24", timezone="Asia/Kolkata")])
    org.with_cadence(for_each="report")
    assert opens(org, "2026-12-20T00:00Z", "2026-12-29T00:00Z", "se-1") == [
        ("2026-12-21T08:00Z", "2026-W52"),
        ("2026-12-28T02:30Z", "2026-W53"),
    ]
    assert the_loop(org, "2026-12-24T00:00Z", "se-1").assignee == "mgr-1"
    assert the_loop(org, "2026-12-28T03:00Z", "se-1").assignee == "mgr-2"
    assert [loop.subject.id for loop in org.loops().current(at(WINTER))] == ["se-1"]


def test_a_section_of_a_report_who_changed_team_counts_as_settled(org):
    org.with_manager("mgr-1", team=[report(until="2026-12-23"), report(id="se-2", username="se-2")])
    org.with_manager("mgr-2", team=[report(joined="2026-12-24")]).with_cadence(body=PER_REPORT)
    loop = the_loop(org)
    assert [one.id for one in loop.team] == ["se-1", "se-2"]
    assert [one.id for one in loop.team_left(a_day("2026-12-23"))] == ["se-1", "se-2"]
    assert [one.id for one in loop.team_left(a_day("2026-12-24"))] == ["se-2"]


def test_a_section_of_a_report_who_changed_zone_is_still_asked_for(org):
    org.with_manager(
        team=[report(until="2026-12-23"), report(joined="2026-12-24", timezone="Asia/Kolkata")]
    ).with_cadence(body=PER_REPORT)
    assert [one.id for one in the_loop(org).team_left(a_day("2026-12-24"))] == ["se-1"]


def test_the_organisation_has_no_team(org):
    org.with_manager().with_cadence(for_each="organisation")
    assert the_loop(org, subject="organisation").team_left(a_day(WINTER[:10])) == ()


def test_a_report_is_there_while_the_manager_is(org):
    org.with_manager("mgr-1", team=[report()], until="2026-12-23").with_cadence(for_each="report")
    assert opens(org, "2026-12-20T00:00Z", "2026-12-29T00:00Z", "se-1") == [
        ("2026-12-21T08:00Z", "2026-W52"),
        ("2026-12-28T08:00Z", "left on 2026-12-23"),
    ]


def test_a_new_director_is_the_director_from_that_day_on(org):
    moving(
        org, entry(until="2026-12-27"), entry(director="dir-2", joined="2026-12-28")
    ).with_cadence()
    org.directors.append(Director(id="dir-2", username="dir-2"))
    assert "director::dir-1" in the_loop(org).labels
    assert "director::dir-2" in the_loop(org, "2026-12-29T00:00Z").labels


def test_a_scope_follows_people_from_team_to_team(org):
    org.with_manager("mgr-1", team=[report(until="2026-12-23")])
    org.with_manager("mgr-2", team=[report(joined="2026-12-24")]).with_cadence(for_each="report")
    for manager, now, there in [
        ("mgr-1", WINTER, True),
        ("mgr-2", WINTER, False),
        ("mgr-1", "2026-12-28T12:00Z", False),
        ("mgr-2", "2026-12-28T12:00Z", True),
    ]:
        loops = org.loops(Scope({"manager": frozenset({manager})}))
        assert bool([*loops.current(at(now))]) is bool([*loops.due(at(now))]) is there
    assert [*org.loops(Scope({"manager": frozenset({"mgr-3"})})).pairs()] == []


def test_what_one_entry_says_of_a_person_holds_in_all(org):
    """Away and on call over a move: it makes no difference where it is written."""
    moving(
        org,
        entry(
            until="2026-12-27",
            reports=[report(until="2026-12-27", away=[away("2026-12-21", "2026-12-31")])],
        ),
        entry(
            joined="2026-12-28",
            away=[away("2026-12-21", "2027-01-03", "mgr-0")],
            on_call=[span("2026-12-21", "2026-12-22")],
            reports=[report(joined="2026-12-28")],
        ),
    ).with_cadence(only_when="on_call")
    assert turn(org)[0] == "mgr-0"
    assert turn(org)[2] == ""
    later = the_loop(org, "2026-12-29T00:00Z")
    assert [len(one.away) for one in later.team] == [1]


# --- Looking up by day --------------------------------------------------------------------


def organisation(*managers: Manager, directors=(), groups=()) -> Any:
    settings = Settings(loops_group="support", default_project="support/loops")
    return Organisation(settings, Roster(directors=directors, managers=managers, groups=groups))


def test_who_somebody_is_on_a_day():
    found = organisation(
        entry(until=date(2026, 6, 30), timezone="Europe/Dublin", name="first", was=["old"]),
        entry(joined=date(2026, 9, 1), timezone="Asia/Kolkata", name="second"),
        groups=(Group(id="g", project="a/b", sponsor="nobody"),),
    )
    kind = SubjectKind.MANAGER

    def name(day, id="mgr-1"):
        return found.subject(kind, id, a_day(day)).name

    assert [name("2020-01-01"), name("2026-06-30")] == ["first", "first"]
    assert [name("2026-07-01"), name("2026-08-31")] == ["first", "first"]
    assert [name("2026-09-01"), name("2030-01-01")] == ["second", "second"]
    assert name("2026-01-01", "old") == "first"
    assert found.subject(kind, "mgr-1").name == found.managers["mgr-1"].name == "second"
    assert [one.name for one in found.subjects(kind)] == ["second"]
    assert [one.name for one in found.subjects(kind, a_day("2026-01-01"))] == ["first"]
    assert [one.name for one in found.versions(kind, "old")] == ["first", "second"]
    assert found.versions(kind, "who") == ()
    assert found.subject(kind, "who") is None
    assert found.subject(SubjectKind.GROUP, "g").owner is None
    assert found.groups["g"].sponsor == "nobody"
    assert found.person("mgr-1", a_day("2026-01-01")).name == "first"
    assert found.person("who", a_day("2026-01-01")) is None
    assert found.subject(SubjectKind.MANAGER, "mgr-1").director is None
    assert found.subject(SubjectKind.ORGANISATION, "organisation").is_active(a_day("2026-01-01"))


def test_a_subject_changes_when_the_people_above_do():
    dora: dict[str, Any] = {"id": "dir-1", "username": "dora"}
    found = organisation(
        entry(),
        directors=(
            Director(**dora, until=date(2026, 6, 30), timezone="UTC"),
            Director(**dora, joined=date(2026, 7, 1), timezone="Asia/Kolkata"),
        ),
        groups=(Group(id="g", project="a/b", sponsor="mgr-1"),),
    )
    for kind, name in [
        (SubjectKind.MANAGER, "mgr-1"),
        (SubjectKind.GROUP, "g"),
        (SubjectKind.DIRECTOR, "dir-1"),
    ]:
        zones = [
            found.subject(kind, name, a_day(day)).director.timezone
            for day in ("2026-06-30", "2026-07-01")
        ]
        assert zones == ["UTC", "Asia/Kolkata"]
    assert found.directors["dir-1"].timezone == "Asia/Kolkata"

"""`drumbeat calendar`: what it shows for the sample organisation, and of what it says why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from automation.agenda import agenda
from automation.cli import main
from automation.errors import ConfigError
from automation.model.roster import Report
from automation.model.scope import Scope
from automation.render.calendar import calendar_json, calendar_text
from tests.support.builders import an_org, at
from tests.support.sample import core

REPOSITORY = core()
NEW_YEAR = Path(__file__).with_name("new_year.txt")


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path)


def calendar(*words: str) -> int:
    return main(["calendar", "-C", str(REPOSITORY), "--now", "2026-12-14T00:00:00Z", *words])


def test_new_year_of_the_sample_organisation(capsys, monkeypatch):
    """Kept as it was read by eye: holidays, substitutes, and week 53 before week 1."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert calendar("--weeks", "5") == 0
    assert capsys.readouterr().out == NEW_YEAR.read_text(encoding="utf-8")


def test_only_some_as_json(capsys):
    assert (
        calendar("--only", "manager=mgr-emea-1", "--only", "cadence=one-on-one", "--format", "json")
        == 0
    )
    shown = json.loads(capsys.readouterr().out)
    assert [shown["from"], shown["to"]] == [
        "2026-12-14T00:00:00+00:00",
        "2027-01-11T00:00:00+00:00",
    ]
    assert [(one["key"], one["opens"]) for one in shown["loops"]] == [
        ("one-on-one/mgr-emea-1/2026-W51", True),
        ("one-on-one/mgr-emea-1/2026-W52", False),
        ("one-on-one/mgr-emea-1/2026-W53", False),
        ("one-on-one/mgr-emea-1/2027-W01", True),
    ]
    assert shown["loops"][0] == {
        "key": "one-on-one/mgr-emea-1/2026-W51",
        "cadence": "one-on-one",
        "subject": "mgr-emea-1",
        "name": "Aoife Ní Dhomhnaill",
        "period": "2026-W51",
        "opens_at": "2026-12-14T08:00:00+00:00",
        "opens_at_utc": "2026-12-14T08:00:00+00:00",
        "timezone": "Europe/Dublin",
        "opens": True,
        "why_not": None,
        "assignee": "mgr-emea-1",
        "instead_of": None,
        "due": "2026-12-18",
    }
    assert shown["loops"][1]["why_not"] == "Aoife Ní Dhomhnaill is away until 2027-01-04"
    assert (shown["loops"][1]["assignee"], shown["loops"][1]["due"]) == (None, None)


def test_weeks_are_bounded(capsys):
    assert calendar("--weeks", "105") == 2
    assert "less than or equal to 104" in capsys.readouterr().err


def lines(loops, start="2026-12-20T00:00Z", end="2026-12-29T00:00Z"):
    text = calendar_text(agenda(loops, at(start), at(end)), at(start), at(end))
    return [" ".join(line.split()) for line in text.splitlines()]


def test_what_is_shown(org):
    org.with_manager(away=[{"start": "2026-12-21", "end": "2026-12-27", "cover": "mgr-2"}])
    org.with_manager("mgr-2", timezone="Asia/Kolkata")
    org.with_cadence(schedule={"rrule": "FREQ=WEEKLY;BYDAY=MO", "excluded": ["2026-12-28"]})
    assert lines(org.loops()) == [
        "What opens from Sun 2026-12-20 00:00 to Tue 2026-12-29 00:00 UTC",
        "",
        "Mon 2026-12-21",
        "+ 02:30 UTC Mon 08:00 Asia/Kolkata weekly/mgr-2/2026-W52 for @mgr-2, due Fri 2026-12-25",
        "+ 08:00 UTC Mon 08:00 UTC weekly/mgr-1/2026-W52 for @mgr-2 instead of mgr-1, due Fri 2026-12-25",
        "",
        "Mon 2026-12-28",
        "- 02:30 UTC Mon 08:00 Asia/Kolkata weekly/mgr-2/2026-W53 will not: left out by the schedule’s `except`",
        "- 08:00 UTC Mon 08:00 UTC weekly/mgr-1/2026-W53 will not: left out by the schedule’s `except`",
        "",
        "2 loops will open, 2 will not.",
    ]


def test_nothing_at_all(org):
    org.with_manager().with_cadence(enabled=False)
    assert lines(org.loops())[-1] == "0 loops will open, 0 will not."


def test_nobody_is_assigned(org):
    org.with_manager().with_cadence(for_each="organisation")
    assert "for nobody, due Fri 2026-12-25" in lines(org.loops())[3]


def test_who_left_long_ago_is_no_news(org):
    org.with_manager("gone", until="2026-12-19").with_manager("going", until="2026-12-22")
    org.with_manager("coming", joined="2026-12-29").with_manager("later", joined="2026-12-30")
    org.with_cadence()
    found = agenda(org.loops(), at("2026-12-20T00:00Z"), at("2026-12-29T00:00Z"))
    assert [(one.key.subject, one.key.period, one.skipped) for one in found] == [
        ("coming", "2026-W52", "joins on 2026-12-29"),
        ("going", "2026-W52", ""),
        ("coming", "2026-W53", "joins on 2026-12-29"),
        ("going", "2026-W53", "left on 2026-12-22"),
    ]


def test_a_scope_is_that_of_the_day(org):
    org.with_manager("mgr-1", team=[Report(id="se-1", username="se-1", until=date(2026, 12, 23))])
    org.with_manager("mgr-2", team=[Report(id="se-1", username="se-1", joined=date(2026, 12, 24))])
    org.with_cadence(for_each="report")
    loops = org.loops(Scope({"manager": frozenset({"mgr-2"})}))
    found = agenda(loops, at("2026-12-20T00:00Z"), at("2026-12-29T00:00Z"))
    assert [(str(one.key), one.assignee) for one in found] == [("weekly/se-1/2026-W53", "mgr-2")]


def test_an_assignee_that_cannot_be_rendered_is_a_fault_of_the_policy(org):
    org.with_manager().with_cadence(assignee="{{ nobody.username }}")
    with pytest.raises(ConfigError, match="nobody"):
        agenda(org.loops(), at("2026-12-20T00:00Z"), at("2026-12-29T00:00Z"))


def test_json_of_nothing():
    moment = at("2026-12-20T00:00Z")
    assert json.loads(calendar_json((), moment, moment))["loops"] == []

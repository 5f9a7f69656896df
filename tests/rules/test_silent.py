"""Why somebody has no loop: nothing is silent without a reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from automation.model.scope import Scope
from automation.rules.silent import Silent, silent
from tests.support.builders import MONDAY, an_org


def since(day: date) -> dict[str, Any]:
    return {"from": day}


def test_whoever_has_a_loop_is_not_told(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_manager().with_cadence()
    assert list(silent(builder.loops(), MONDAY)) == []


def test_a_loop_that_does_not_open_tells_why_itself(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_manager().with_cadence(only_when="on_call")
    assert list(silent(builder.loops(), MONDAY)) == []


def test_before_the_first_and_after_the_last(tmp_path: Path) -> None:
    soon = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00", "starts": "2026-12-07"}
    late = {"rrule": "FREQ=YEARLY", "at": "08:00", "starts": "2029-01-01"}
    builder = an_org(tmp_path).with_manager()
    builder.with_cadence("soon", schedule=soon)
    builder.with_cadence("late", schedule=late, period="fiscal-year")
    assert list(silent(builder.loops(), MONDAY)) == [
        Silent("soon", "mgr-1", "mgr-1", "the first opens on Mon 2026-12-07"),
        Silent("late", "mgr-1", "mgr-1", "none comes before 2027-12-28"),
    ]


def test_who_left_and_who_comes(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_cadence()
    builder.with_manager("gone", until=date(2026, 11, 1))
    builder.with_manager("new", **since(date(2026, 11, 25)))
    assert [(one.subject, one.why) for one in silent(builder.loops(), MONDAY)] == [
        ("gone", "left on 2026-11-01"),
        ("new", "the first opens on Mon 2026-11-30"),
    ]


def test_who_is_with_somebody_else_that_day(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_cadence()
    builder.with_manager("mgr-1", director="dir-1", until=date(2026, 11, 29))
    builder.with_manager("mgr-1", director="dir-2", **since(date(2026, 11, 30)))
    loops = builder.loops(scope=Scope({"director": frozenset({"dir-2"})}))
    assert [(one.subject, one.why) for one in silent(loops, MONDAY)] == [
        ("mgr-1", "with dir-1 on 2026-11-23")
    ]


def test_a_group_that_somebody_else_sponsors_that_day(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_manager("mgr-1").with_manager("mgr-2")
    builder.with_cadence(for_each="group")
    builder.with_group("oak", "mgr-1", until=date(2026, 11, 29))
    builder.with_group("oak", "mgr-2", **since(date(2026, 11, 30)))
    loops = builder.loops(scope=Scope({"manager": frozenset({"mgr-2"})}))
    assert [one.why for one in silent(loops, MONDAY)] == ["with mgr-1 on 2026-11-23"]


def test_what_is_switched_off_is_told_where_it_was_asked_for(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_manager().with_cadence(enabled=False)
    assert list(silent(builder.loops(), MONDAY)) == []
    loops = builder.loops(scope=Scope({"cadence": frozenset({"weekly"})}))
    assert list(silent(loops, MONDAY)) == [Silent("weekly", "", "", "it is switched off")]

"""Three years of the shipped organisation, day by day, and not one wrong issue.

`DRUMBEAT_SIMULATION_SEEDS=20` plays twenty lives of it in place of one.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.simulation.calendar_by_hand import (
    CLOCKS,
    LIVE,
    QUARTERS,
    Calendar,
    eight_o_clock,
    week_label,
)
from tests.simulation.three_years import BEGIN, Years

SEEDS = range(1, 1 + int(os.environ.get("DRUMBEAT_SIMULATION_SEEDS", "1")))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_three_years_of_the_sample_organisation(seed, capsys):
    figures = Years(seed).play()
    with capsys.disabled():
        if len(SEEDS) > 1:
            print(f"\n{seed}: {figures}")
    assert figures.days == 1101
    # A bad week may be much for one director; nothing else is ever too much for a plan.
    assert [one for one in figures.excesses if "mentions of @dir-" not in one] == []
    # Enough has happened for the rest to mean something.
    assert figures.issues > 2000
    assert figures.runs.keys() >= {"whole", "missing", "twice", "overlapping", "killed", "lost"}
    assert figures.said.keys() >= {"done", "missed", "reminder+0", "unreadable"}
    assert figures.said["stale-initiatives/stale"] > 10
    assert figures.moved.keys() >= {"loop::waived", "loop::open", "revived"}
    assert 0 < figures.missed_periods < figures.issues / 10


def test_the_calendar_by_hand_is_known_by_its_landmarks():
    assert [week_label(LIVE + timedelta(weeks=n)) for n in (0, 5, 6, 58, 110)] == [
        "2026-W48",
        "2026-W53",
        "2027-W01",
        "2028-W01",
        "2029-W01",
    ]
    first_run = {one.key for one in Calendar().due(datetime.fromisoformat("2026-11-23T12:00Z"))}
    weekly = {"one-on-one", "ticket-review", "customer-interaction"}
    quarterly = {key for key in first_run if key[0] == "career-talk"}
    assert {key[2] for key in quarterly} == {"FY27-Q4"}
    assert len(quarterly) == 6
    # Monday morning has come for all but those who live west of the Atlantic.
    denver = ("mgr-amer-1", "2026-W48")
    assert {key[1:] for key in first_run if key[0] in weekly} == {
        (manager, "2026-W48")
        for manager in ("mgr-amer-2", "mgr-emea-1", "mgr-emea-2", "mgr-apac-1", "mgr-apac-2")
    }
    later = {one.key for one in Calendar().due(datetime.fromisoformat("2026-11-23T15:00Z"))}
    assert later - first_run == {(cadence, *denver) for cadence in weekly}


@pytest.mark.parametrize("zone", CLOCKS)
def test_the_clocks_by_hand_go_as_the_zones_do(zone):
    """So that a typing error here is not taken for one of Drumbeat's."""
    days = [LIVE + timedelta(weeks=n) for n in range(157)] + [day for day, _ in QUARTERS]
    for day in days:
        local = datetime(day.year, day.month, day.day, 8, tzinfo=ZoneInfo(zone))
        assert eight_o_clock(zone, day) == local, day


def test_the_days_begin_before_anything_is_live():
    assert date(2026, 11, 20) == BEGIN < LIVE

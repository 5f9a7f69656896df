"""What is counted, and how shares and ages are cut."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from automation.labels import State
from automation.model.key import LoopKey
from automation.report.figures import Tally, added, age, ages, by_week, deeds, grid, tally
from automation.report.history import Entry
from automation.report.weeks import SHOWN, label, monday, shown
from automation.rules.health import Health, Initiative, Initiatives
from tests.report.company import NOW

WEEKS = (date(2026, 11, 16), date(2026, 11, 23))


def entry(state=State.DONE, manager="mgr-1", opened=WEEKS[0], ended=WEEKS[1], **facts):
    key = LoopKey("weekly", manager or "dir-1", "2026-W47")
    return Entry(key, state, manager, "dir-1", opened, ended, **facts)


def test_every_loop_is_counted_once():
    found = tally(entry(state) for state in State)
    assert found == Tally(done=1, missed=1, waived=1, overdue=1, open=1)
    assert (found.total, found.slipped) == (5, 2)


@pytest.mark.parametrize(
    ("counts", "percent", "shade"),
    [
        (Tally(), None, ""),
        (Tally(open=1), None, "o"),
        (Tally(waived=2), None, "o"),
        (Tally(overdue=1), 0, "l0"),
        (Tally(done=1, missed=3), 25, "l1"),
        (Tally(done=1, missed=1), 50, "l2"),
        (Tally(done=199, overdue=1), 99, "l3"),
        (Tally(done=1, waived=1), 100, "l4"),
    ],
)
def test_the_share_is_of_those_that_were_due(counts, percent, shade):
    assert (counts.percent, counts.shade) == (percent, shade)


def test_rows_are_by_name_and_cells_by_week():
    entries = [entry(), entry(State.MISSED, opened=WEEKS[1]), entry(manager=None)]
    rows = grid(entries, WEEKS, lambda one: one.manager)
    assert rows == {"mgr-1": (Tally(done=1), Tally(missed=1))}


def test_weeks_without_a_loop_are_empty():
    assert by_week([], WEEKS) == (Tally(), Tally())
    assert by_week([entry()], WEEKS) == (Tally(done=1), Tally())
    assert added(by_week([entry(), entry()], WEEKS)) == Tally(done=2)


def test_deeds_stand_in_the_week_in_which_they_were_done():
    entries = [
        entry(),
        entry(State.MISSED, attention=True),
        entry(State.OVERDUE, ended=None),
        entry(State.WAIVED, opened=WEEKS[1]),
    ]
    first, second = deeds(entries, WEEKS)
    assert (first.opened, first.overdue, first.escalated, first.done) == (3, 1, 1, 0)
    assert (second.opened, second.done, second.missed, second.waived) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, "under 1 month"), (30, "1 to 3 months"), (91, "3 to 6 months"), (364, "6 to 12 months"),
     (365, "over a year")],
)  # fmt: skip
def test_ages(days, name):
    assert age(date(2026, 11, 24) - timedelta(days), date(2026, 11, 24)) == name


def test_initiatives_are_counted_by_age_and_health_confidential_ones_too():
    day = date(2026, 11, 24)
    found = Initiatives(
        open=(
            Initiative("a", "", Health.STALE, day),
            Initiative("b", "", Health.STALE, day, confidential=True),
        )
    )
    counts = ages(found, day)
    assert counts["under 1 month", Health.STALE] == 2
    assert sum(counts.values()) == 2


def test_the_weeks_that_are_shown():
    weeks = shown(NOW)
    assert (len(weeks), weeks[-1]) == (SHOWN, date(2026, 11, 23))
    assert {monday(week) for week in weeks} == set(weeks)
    assert (label(date(2026, 12, 28)), label(date(2025, 12, 29))) == ("2026-W53", "2026-W01")

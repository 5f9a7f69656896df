"""Working days and the due dates that avoid weekends, holidays and absences."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.model.due import DueRule, DueUnit, parse_due
from automation.model.period import PeriodKind
from automation.model.policy import Schedule
from automation.model.roster import Absence, Span
from automation.periods import (
    Occurrence,
    WorkingCalendar,
    due_date,
    following,
    holidays_problem,
    period_of,
)

PLAIN = WorkingCalendar()
IRELAND = WorkingCalendar("IE")


def d(text: str) -> date:
    return date.fromisoformat(text)


def away(*spans: str) -> tuple[Span, ...]:
    return tuple(Span(start=d(span[:10]), end=d(span[11:] or span[:10])) for span in spans)


def opening(day: str | date, kind: PeriodKind = PeriodKind.WEEK) -> Occurrence:
    """The occurrence at 08:00 in Dublin on a day."""
    day = d(day) if isinstance(day, str) else day
    zone = ZoneInfo("Europe/Dublin")
    noon_before = datetime.combine(day - timedelta(days=1), time(12), zone)
    found = following(Schedule(rrule="FREQ=DAILY"), kind, zone, noon_before, 2)
    assert found
    assert found.day == day
    return found


@pytest.mark.parametrize(
    ("calendar", "day", "working"),
    [
        (PLAIN, "2026-11-23", True),
        (PLAIN, "2026-11-27", True),
        (PLAIN, "2026-11-28", False),
        (PLAIN, "2026-11-29", False),
        (PLAIN, "2026-12-25", True),
        (IRELAND, "2026-12-25", False),
        (IRELAND, "2026-12-24", True),
        (IRELAND, "2026-03-17", False),
        (WorkingCalendar("DE"), "2026-01-06", True),
        (WorkingCalendar("DE-BY"), "2026-01-06", False),
        (WorkingCalendar("IN"), "2026-01-26", False),
        (WorkingCalendar(None, away("2026-11-23")), "2026-11-23", False),
        (WorkingCalendar(None, away("2026-11-23/2026-11-25")), "2026-11-25", False),
        (WorkingCalendar(None, away("2026-11-23/2026-11-25")), "2026-11-26", True),
        (WorkingCalendar("IE", away("2026-11-20", "2026-11-23")), "2026-11-23", False),
    ],
)
def test_is_working(calendar: WorkingCalendar, day: str, working: bool):
    assert calendar.is_working(d(day)) is working


@pytest.mark.parametrize(
    ("calendar", "day", "n", "expected"),
    [
        (PLAIN, "2026-11-23", 0, "2026-11-23"),
        (PLAIN, "2026-11-28", 0, "2026-11-28"),
        (PLAIN, "2026-11-23", 1, "2026-11-24"),
        (PLAIN, "2026-11-23", 4, "2026-11-27"),
        (PLAIN, "2026-11-23", 5, "2026-11-30"),
        (PLAIN, "2026-11-28", 1, "2026-11-30"),
        (PLAIN, "2026-11-23", -1, "2026-11-20"),
        (PLAIN, "2026-11-29", -1, "2026-11-27"),
        (PLAIN, "2026-11-27", -5, "2026-11-20"),
        (IRELAND, "2026-12-24", 1, "2026-12-28"),
        (IRELAND, "2026-12-28", -1, "2026-12-24"),
        (WorkingCalendar("IE", away("2026-12-21/2027-01-04")), "2026-12-18", 1, "2027-01-05"),
        (WorkingCalendar("IE", away("2026-12-21/2027-01-04")), "2027-01-05", -1, "2026-12-18"),
    ],
)
def test_add(calendar: WorkingCalendar, day: str, n: int, expected: str):
    assert calendar.add(d(day), n) == d(expected)


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        (PLAIN, "2026-11-27", "2026-11-27"),
        (PLAIN, "2026-11-29", "2026-11-27"),
        (IRELAND, "2026-12-26", "2026-12-24"),
        (WorkingCalendar("IE", away("2026-12-21/2027-01-04")), "2027-01-03", "2026-12-18"),
    ],
)
def test_on_or_before(calendar: WorkingCalendar, day: str, expected: str):
    assert calendar.on_or_before(d(day)) == d(expected)


@pytest.mark.parametrize("span", ["2026-11-23/9999-12-31", "2026-11-23/2030-12-31"])
def test_an_absence_for_years_is_not_waited_for(span: str):
    calendar = WorkingCalendar("IE", away(span))
    assert calendar.add(d("2026-12-24"), 1) == d("2026-12-28")
    assert WorkingCalendar("IE", away("0001-01-01/2026-12-31")).on_or_before(d("2026-12-26")) == d(
        "2026-12-24"
    )


@pytest.mark.parametrize("code", ["", "ie", "XX", "IE-ZZ", "DE-BY-1", "utils", "Ireland", "IE\n"])
def test_unknown_holidays_are_told(code: str):
    message = f"{code!r} names no known public holidays; write IE or DE-BY"
    assert holidays_problem(code) == message
    with pytest.raises(ValueError, match="names no known public holidays"):
        WorkingCalendar(code).is_working(d("2026-11-23"))


@pytest.mark.parametrize("code", ["IE", "DE", "DE-BY", "IN", "US-CA", "GB-SCT", "ES-MD", "SA"])
def test_known_holidays(code: str):
    assert holidays_problem(code) == ""


HOLIDAY_MONDAY = WorkingCalendar("IE", away("2026-10-27"))
CHRISTMAS = WorkingCalendar("IE", away("2026-12-21/2027-01-04"))


@pytest.mark.parametrize(
    ("rule", "day", "kind", "calendar", "expected"),
    [
        # Working days are counted over weekends, holidays and absences, within the period.
        ("4 working days", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-27"),
        ("1 working day", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-24"),
        ("5 working days", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-30"),
        ("1 working day", "2026-11-27", PeriodKind.WEEK, PLAIN, "2026-11-30"),
        ("1 working day", "2026-11-28", PeriodKind.DAY, PLAIN, "2026-11-30"),
        ("4 working days", "2026-10-26", PeriodKind.WEEK, IRELAND, "2026-10-30"),
        ("4 working days", "2026-10-26", PeriodKind.WEEK, HOLIDAY_MONDAY, "2026-10-30"),
        ("4 working days", "2026-12-21", PeriodKind.WEEK, IRELAND, "2026-12-24"),
        ("4 working days", "2026-12-21", PeriodKind.WEEK, CHRISTMAS, "2027-01-05"),
        (
            "4 working days",
            "2026-11-23",
            PeriodKind.WEEK,
            WorkingCalendar(None, away("2026-11-25")),
            "2026-11-27",
        ),
        ("5 working days", "2026-12-21", PeriodKind.WEEK, IRELAND, "2026-12-29"),
        ("4 working days", "2026-12-21", PeriodKind.MONTH, IRELAND, "2026-12-28"),
        ("4 working days", "2026-12-28", PeriodKind.MONTH, IRELAND, "2027-01-04"),
        ("3 working days", "2026-12-21", PeriodKind.MONTH, CHRISTMAS, "2027-01-05"),
        # Calendar days: the working day on or before.
        ("10 days", "2026-11-23", PeriodKind.MONTH, PLAIN, "2026-12-03"),
        ("5 days", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-27"),
        ("6 days", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-27"),
        ("1 day", "2026-11-27", PeriodKind.WEEK, PLAIN, "2026-11-30"),
        ("2 days", "2026-11-27", PeriodKind.WEEK, PLAIN, "2026-11-30"),
        ("4 days", "2026-12-21", PeriodKind.WEEK, IRELAND, "2026-12-24"),
        ("7 days", "2026-12-21", PeriodKind.MONTH, CHRISTMAS, "2027-01-05"),
        ("20 days", "2026-12-14", PeriodKind.MONTH, CHRISTMAS, "2026-12-18"),
        # The end of the period.
        ("end of period", "2026-11-23", PeriodKind.WEEK, PLAIN, "2026-11-27"),
        ("end of period", "2026-11-02", PeriodKind.MONTH, PLAIN, "2026-11-30"),
        ("end of period", "2026-11-02", PeriodKind.FISCAL_QUARTER, PLAIN, "2027-01-29"),
        ("end of period", "2026-11-02", PeriodKind.FISCAL_YEAR, PLAIN, "2027-01-29"),
        ("end of period", "2026-12-01", PeriodKind.MONTH, IRELAND, "2026-12-31"),
        ("end of period", "2026-12-01", PeriodKind.MONTH, CHRISTMAS, "2026-12-18"),
        ("end of period", "2026-11-23", PeriodKind.DAY, PLAIN, "2026-11-24"),
        ("end of period", "2026-11-27", PeriodKind.WEEK, PLAIN, "2026-11-30"),
        ("end of period", "2026-12-21", PeriodKind.WEEK, CHRISTMAS, "2027-01-05"),
        ("end of period", "2028-02-01", PeriodKind.MONTH, PLAIN, "2028-02-29"),
    ],
)
def test_due_date(rule: str, day: str, kind: PeriodKind, calendar: WorkingCalendar, expected: str):
    assert due_date(parse_due(rule), opening(day, kind), calendar) == d(expected)


DAYS = st.dates(date(2024, 1, 2), date(2040, 12, 31))
ABSENCES = st.builds(
    lambda start, length: Absence(start=start, end=start + timedelta(days=length)),
    DAYS,
    st.integers(0, 60),
)
CALENDARS = st.builds(
    WorkingCalendar,
    st.sampled_from([None, "IE", "DE-BY", "IN", "US-CA"]),
    st.lists(ABSENCES, max_size=4).map(tuple),
)
DUES = st.one_of(
    st.builds(DueRule, st.integers(1, 40), st.sampled_from([DueUnit.WORKING_DAYS, DueUnit.DAYS])),
    st.just(DueRule(0, DueUnit.END_OF_PERIOD)),
)


@settings(deadline=None)
@given(DUES, DAYS, st.sampled_from(PeriodKind), CALENDARS)
def test_a_due_date_is_a_working_day_after_the_opening(rule, day, kind, calendar):
    occurrence = opening(day, kind)
    due = due_date(rule, occurrence, calendar)
    assert calendar.is_working(due)
    assert due >= calendar.add(day, 1) > day
    if rule.unit is DueUnit.END_OF_PERIOD and due > occurrence.period.end:
        assert due == calendar.add(day, 1)
    if rule.unit is DueUnit.WORKING_DAYS:
        inside = (day + timedelta(days=n) for n in range(1, (due - day).days + 1))
        counted = sum(map(calendar.is_working, inside))
        assert 1 <= counted <= rule.count
        if counted < rule.count:
            end = occurrence.period.end
            assert PLAIN.add(day, rule.count) <= end < calendar.add(day, rule.count)


@settings(deadline=None)
@given(DAYS, st.integers(1, 30), CALENDARS)
def test_adding_and_taking_away(day, n, calendar):
    later = calendar.add(day, n)
    assert calendar.is_working(later)
    assert calendar.add(calendar.add(day, 1), n - 1) == later
    assert calendar.add(later, -(n - 1)) == calendar.add(day, 1)
    assert calendar.on_or_before(later) == later
    assert calendar.on_or_before(day) <= day
    assert period_of(later, PeriodKind.DAY, 2).start == later

"""Calendar buckets, and when loops open: exact tables, then laws."""

from __future__ import annotations

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automation.model.period import PeriodKind
from automation.model.policy import Schedule
from automation.periods import (
    Occurrence,
    Period,
    between,
    current,
    following,
    period_of,
    schedule_problems,
)
from automation.periods.rule import rule_problems

DAY, WEEK, MONTH = PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH
QUARTER, YEAR = PeriodKind.FISCAL_QUARTER, PeriodKind.FISCAL_YEAR
DUBLIN = ZoneInfo("Europe/Dublin")
MONDAYS = Schedule(rrule="FREQ=WEEKLY;BYDAY=MO", at=time(8), starts=date(2026, 11, 1))


def d(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def schedule(rrule: str, at: str = "08:00", starts: str | None = None) -> Schedule:
    return Schedule(rrule=rrule, at=time.fromisoformat(at), starts=d(starts) if starts else None)


def utc(occurrence: Occurrence | None) -> str | None:
    return f"{occurrence.opens_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if occurrence else None


def must(occurrence: Occurrence | None) -> Occurrence:
    assert occurrence is not None
    return occurrence


# --- buckets ---


@pytest.mark.parametrize(
    ("day", "kind", "label", "start", "end"),
    [
        ("2026-11-23", DAY, "2026-11-23", "2026-11-23", "2026-11-23"),
        ("2028-02-29", DAY, "2028-02-29", "2028-02-29", "2028-02-29"),
        ("2026-11-23", WEEK, "2026-W48", "2026-11-23", "2026-11-29"),
        ("2026-11-29", WEEK, "2026-W48", "2026-11-23", "2026-11-29"),
        ("2026-12-28", WEEK, "2026-W53", "2026-12-28", "2027-01-03"),
        ("2027-01-03", WEEK, "2026-W53", "2026-12-28", "2027-01-03"),
        ("2027-01-04", WEEK, "2027-W01", "2027-01-04", "2027-01-10"),
        ("2024-12-30", WEEK, "2025-W01", "2024-12-30", "2025-01-05"),
        ("2023-01-01", WEEK, "2022-W52", "2022-12-26", "2023-01-01"),
        ("2021-01-01", WEEK, "2020-W53", "2020-12-28", "2021-01-03"),
        ("2028-02-29", WEEK, "2028-W09", "2028-02-28", "2028-03-05"),
        ("2026-11-30", MONTH, "2026-11", "2026-11-01", "2026-11-30"),
        ("2026-12-31", MONTH, "2026-12", "2026-12-01", "2026-12-31"),
        ("2028-02-01", MONTH, "2028-02", "2028-02-01", "2028-02-29"),
        ("2027-02-28", MONTH, "2027-02", "2027-02-01", "2027-02-28"),
        ("2026-01-31", QUARTER, "FY26-Q4", "2025-11-01", "2026-01-31"),
        ("2026-02-01", QUARTER, "FY27-Q1", "2026-02-01", "2026-04-30"),
        ("2026-04-30", QUARTER, "FY27-Q1", "2026-02-01", "2026-04-30"),
        ("2026-05-01", QUARTER, "FY27-Q2", "2026-05-01", "2026-07-31"),
        ("2026-08-01", QUARTER, "FY27-Q3", "2026-08-01", "2026-10-31"),
        ("2026-11-01", QUARTER, "FY27-Q4", "2026-11-01", "2027-01-31"),
        ("2027-01-31", QUARTER, "FY27-Q4", "2026-11-01", "2027-01-31"),
        ("2027-02-01", QUARTER, "FY28-Q1", "2027-02-01", "2027-04-30"),
        ("2026-02-01", YEAR, "FY27", "2026-02-01", "2027-01-31"),
        ("2027-01-31", YEAR, "FY27", "2026-02-01", "2027-01-31"),
        ("2009-03-01", YEAR, "FY10", "2009-02-01", "2010-01-31"),
        ("2099-03-01", YEAR, "FY00", "2099-02-01", "2100-01-31"),
    ],
)
def test_period_of(day: str, kind: PeriodKind, label: str, start: str, end: str):
    assert period_of(d(day), kind, 2) == Period(kind, label, d(start), d(end))


@pytest.mark.parametrize(
    ("first_month", "quarter", "start", "end"),
    [
        (1, "FY26-Q4", "2026-01-01", "2026-12-31"),
        (2, "FY27-Q4", "2026-02-01", "2027-01-31"),
        (3, "FY27-Q3", "2026-03-01", "2027-02-28"),
        (4, "FY27-Q3", "2026-04-01", "2027-03-31"),
        (5, "FY27-Q3", "2026-05-01", "2027-04-30"),
        (6, "FY27-Q2", "2026-06-01", "2027-05-31"),
        (7, "FY27-Q2", "2026-07-01", "2027-06-30"),
        (8, "FY27-Q2", "2026-08-01", "2027-07-31"),
        (9, "FY27-Q1", "2026-09-01", "2027-08-31"),
        (10, "FY27-Q1", "2026-10-01", "2027-09-30"),
        (11, "FY27-Q1", "2026-11-01", "2027-10-31"),
        (12, "FY26-Q4", "2025-12-01", "2026-11-30"),
    ],
)
def test_a_fiscal_year_may_start_in_any_month(first_month, quarter, start, end):
    day = d("2026-11-24")
    assert period_of(day, QUARTER, first_month).label == quarter
    year = period_of(day, YEAR, first_month)
    assert year == Period(YEAR, quarter.partition("-")[0], d(start), d(end))


def test_a_fiscal_year_may_end_on_a_leap_day():
    assert period_of(d("2028-02-29"), YEAR, 3) == Period(
        YEAR, "FY28", d("2027-03-01"), d("2028-02-29")
    )
    assert period_of(d("2028-02-29"), QUARTER, 12).end == d("2028-02-29")


def test_periods_sort_by_kind_and_label():
    weeks = [period_of(d(day), WEEK, 2) for day in ("2027-01-04", "2026-12-28", "2026-11-23")]
    assert [week.label for week in sorted(weeks)] == ["2026-W48", "2026-W53", "2027-W01"]


DAYS = st.dates(date(1971, 1, 1), date(2199, 12, 31))
KINDS = st.sampled_from(PeriodKind)
MONTHS = st.integers(1, 12)


@settings(deadline=None)
@given(DAYS, KINDS, MONTHS)
def test_periods_partition_the_days(day, kind, first_month):
    period = period_of(day, kind, first_month)
    assert period.start <= day <= period.end
    for inside in (period.start, period.end):
        assert period_of(inside, kind, first_month) == period
    before = period_of(period.start - timedelta(days=1), kind, first_month)
    after = period_of(period.end + timedelta(days=1), kind, first_month)
    assert before.end + timedelta(days=1) == period.start
    assert period.end + timedelta(days=1) == after.start
    assert len({before.label, period.label, after.label}) == 3


@settings(deadline=None)
@given(DAYS, MONTHS)
def test_a_fiscal_year_has_four_quarters(day, first_month):
    year = period_of(day, YEAR, first_month)
    starts = [year.start]
    for _ in range(3):
        starts.append(period_of(starts[-1], QUARTER, first_month).end + timedelta(days=1))
    labels = [period_of(start, QUARTER, first_month).label for start in starts]
    assert labels == [f"{year.label}-Q{number}" for number in (1, 2, 3, 4)]
    assert period_of(starts[-1], QUARTER, first_month).end == year.end


# --- the current occurrence ---


@pytest.mark.parametrize(
    ("now", "opened", "label"),
    [
        ("2026-11-01T12:00:00+00:00", None, None),
        ("2026-11-02T07:59:59+00:00", None, None),
        ("2026-11-02T08:00:00+00:00", "2026-11-02T08:00Z", "2026-W45"),
        ("2026-11-23T07:59:59+00:00", "2026-11-16T08:00Z", "2026-W47"),
        ("2026-11-23T08:00:00+00:00", "2026-11-23T08:00Z", "2026-W48"),
        ("2026-11-23T09:00:00+01:00", "2026-11-23T08:00Z", "2026-W48"),
        ("2026-11-29T23:59:59+00:00", "2026-11-23T08:00Z", "2026-W48"),
        ("2027-01-01T00:00:00+00:00", "2026-12-28T08:00Z", "2026-W53"),
        ("2027-01-04T08:00:00+00:00", "2027-01-04T08:00Z", "2027-W01"),
        ("2027-07-05T06:59:59+00:00", "2027-06-28T07:00Z", "2027-W26"),
        ("2027-07-05T07:00:00+00:00", "2027-07-05T07:00Z", "2027-W27"),
    ],
)
def test_current_is_the_latest_at_or_before_now(now, opened, label):
    found = current(MONDAYS, WEEK, DUBLIN, at(now), 2)
    assert utc(found) == opened
    assert (found and found.period.label) == label
    assert found is None or found.opens_at.tzinfo is DUBLIN


@pytest.mark.parametrize(
    ("zone", "local", "at_", "instant", "wall"),
    [
        # An ordinary day, east and west.
        ("UTC", "2026-11-23", "08:00", "2026-11-23T08:00Z", "08:00+00:00"),
        ("Asia/Kolkata", "2026-11-23", "08:00", "2026-11-23T02:30Z", "08:00+05:30"),
        ("Asia/Kolkata", "2026-11-23", "02:30", "2026-11-22T21:00Z", "02:30+05:30"),
        ("America/St_Johns", "2026-11-23", "23:00", "2026-11-24T02:30Z", "23:00-03:30"),
        ("Pacific/Apia", "2026-11-23", "08:00", "2026-11-22T19:00Z", "08:00+13:00"),
        ("Europe/Dublin", "2028-02-29", "08:00", "2028-02-29T08:00Z", "08:00+00:00"),
        # A gap: read with the offset before it.
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30Z", "03:30+02:00"),
        ("Europe/Dublin", "2026-03-29", "01:30", "2026-03-29T01:30Z", "02:30+01:00"),
        ("Europe/Dublin", "2026-03-29", "02:30", "2026-03-29T01:30Z", "02:30+01:00"),
        ("America/St_Johns", "2026-03-08", "02:30", "2026-03-08T06:00Z", "03:30-02:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45Z", "02:45+11:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30Z", "02:30+11:00"),
        # A fold: the first counts.
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30Z", "02:30+02:00"),
        ("Europe/Dublin", "2026-10-25", "01:30", "2026-10-25T00:30Z", "01:30+01:00"),
        ("Europe/Dublin", "2026-10-25", "02:30", "2026-10-25T02:30Z", "02:30+00:00"),
        ("America/St_Johns", "2026-11-01", "01:30", "2026-11-01T04:00Z", "01:30-02:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45Z", "01:45+11:00"),
        # A day that the zone left out.
        ("Pacific/Apia", "2011-12-29", "08:00", "2011-12-29T18:00Z", "08:00-10:00"),
        ("Pacific/Apia", "2011-12-30", "08:00", "2011-12-30T18:00Z", "08:00+14:00"),
        ("Pacific/Apia", "2011-12-31", "08:00", "2011-12-30T18:00Z", "08:00+14:00"),
    ],
)
def test_dates_are_placed_in_the_zone(zone, local, at_, instant, wall):
    daily = schedule("FREQ=DAILY", at_, "2011-12-01")
    noon = datetime.combine(d(local), time(0), UTC)
    around = between(
        daily, DAY, ZoneInfo(zone), noon - timedelta(days=2), noon + timedelta(days=2), 2
    )
    (found,) = [one for one in around if one.day == d(local)]
    assert utc(found) == instant
    assert found.opens_at.isoformat()[11:16] + found.opens_at.isoformat()[19:] == wall
    assert found.period.label == local


def test_the_day_that_apia_left_out():
    zone = ZoneInfo("Pacific/Apia")
    daily = schedule("FREQ=DAILY", starts="2011-12-01")
    opening = at("2011-12-30T18:00:00+00:00")
    assert must(current(daily, DAY, zone, opening - timedelta(seconds=1), 2)).day == d("2011-12-29")
    assert must(current(daily, DAY, zone, opening, 2)).day == d("2011-12-31")
    assert must(following(daily, DAY, zone, opening - timedelta(hours=1), 2)).day == d("2011-12-30")
    assert must(following(daily, DAY, zone, opening, 2)).day == d("2012-01-01")
    fridays = schedule("FREQ=WEEKLY;BYDAY=FR", starts="2011-12-01")
    friday = must(following(fridays, WEEK, zone, at("2011-12-23T20:00:00+00:00"), 2))
    assert friday.period.label == "2011-W52"
    assert must(current(fridays, WEEK, zone, opening, 2)).period.label == "2011-W52"


def test_a_clock_that_goes_back_over_midnight():
    """In 2010 St. John's went from 00:01 back to 23:01 of the day before."""
    zone = ZoneInfo("America/St_Johns")
    daily = schedule("FREQ=DAILY", "00:00", "2010-11-01")
    now = at("2010-11-07T02:45:00+00:00")
    assert now.astimezone(zone).date() == d("2010-11-06")
    assert must(current(daily, DAY, zone, now, 2)).day == d("2010-11-07")
    assert must(following(daily, DAY, zone, now, 2)).day == d("2010-11-08")


def test_without_starts_a_rule_begins_on_the_anchor():
    for rrule, kind, label in [
        ("FREQ=WEEKLY", WEEK, "2024-W01"),
        ("FREQ=MONTHLY", MONTH, "2024-01"),
        ("FREQ=YEARLY", YEAR, "FY24"),
        ("FREQ=WEEKLY;INTERVAL=2", WEEK, "2024-W01"),
    ]:
        found = must(current(schedule(rrule), kind, DUBLIN, at("2024-01-02T00:00:00+00:00"), 2))
        assert (found.day, found.period.label) == (d("2024-01-01"), label)
    assert current(schedule("FREQ=DAILY"), DAY, DUBLIN, at("2023-12-31T23:59:59+00:00"), 2) is None


def test_interval_counts_from_starts():
    fortnightly = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", starts="2026-11-02")
    days = [
        one.day
        for one in between(
            fortnightly, WEEK, DUBLIN, at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"), 2
        )
    ]
    assert days == [d("2026-11-02"), d("2026-11-16"), d("2026-11-30")]
    other = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", starts="2026-11-09")
    assert must(current(other, WEEK, DUBLIN, at("2026-11-20T00:00Z"), 2)).day == d("2026-11-09")


def test_short_months_are_skipped_by_the_standard():
    last = schedule("FREQ=MONTHLY;BYMONTHDAY=31", starts="2026-01-01")
    assert must(current(last, MONTH, DUBLIN, at("2026-03-15T00:00Z"), 2)).day == d("2026-01-31")
    leap = schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert must(current(leap, YEAR, DUBLIN, at("2027-06-01T00:00Z"), 2)).day == d("2024-02-29")
    assert must(following(leap, YEAR, DUBLIN, at("2027-06-01T00:00Z"), 2)).day == d("2028-02-29")
    assert must(following(leap, YEAR, DUBLIN, at("2096-06-01T00:00Z"), 2)).day == d("2104-02-29")


# --- the end of a rule ---


@pytest.mark.parametrize(
    ("rrule", "zone", "now", "opened"),
    [
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130",
            "Europe/Dublin",
            "2026-11-30T08:00Z",
            "2026-11-30T08:00Z",
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130",
            "Europe/Dublin",
            "2026-12-07T07:59Z",
            "2026-11-30T08:00Z",
        ),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130", "Europe/Dublin", "2026-12-07T08:00Z", None),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261129", "Europe/Dublin", "2026-11-30T08:00Z", None),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261129", "Europe/Dublin", "2030-01-01T00:00Z", None),
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130T080000",
            "Europe/Dublin",
            "2026-12-01T00:00Z",
            "2026-11-30T08:00Z",
        ),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130T075959", "Europe/Dublin", "2026-12-01T00:00Z", None),
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130T023000Z",
            "Asia/Kolkata",
            "2026-12-01T00:00Z",
            "2026-11-30T02:30Z",
        ),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130T022959Z", "Asia/Kolkata", "2026-12-01T00:00Z", None),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "Europe/Dublin", "2026-11-09T08:00Z", "2026-11-09T08:00Z"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "Europe/Dublin", "2026-11-16T07:59Z", "2026-11-09T08:00Z"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "Europe/Dublin", "2026-11-16T08:00Z", None),
        ("count=2;freq=weekly;byday=mo", "Europe/Dublin", "2026-11-16T07:59Z", "2026-11-09T08:00Z"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1", "Europe/Dublin", "2026-11-09T08:00Z", None),
    ],
)
def test_the_last_occurrence_is_current_until_the_next_would_come(rrule, zone, now, opened):
    rule = schedule(rrule, starts="2026-11-01")
    assert utc(current(rule, WEEK, ZoneInfo(zone), at(now), 2)) == opened


def test_nothing_follows_the_last_occurrence():
    rule = schedule("FREQ=WEEKLY;BYDAY=MO;COUNT=2", starts="2026-11-01")
    assert utc(following(rule, WEEK, DUBLIN, at("2026-01-01T00:00Z"), 2)) == "2026-11-02T08:00Z"
    assert utc(following(rule, WEEK, DUBLIN, at("2026-11-02T08:00Z"), 2)) == "2026-11-09T08:00Z"
    assert following(rule, WEEK, DUBLIN, at("2026-11-09T08:00Z"), 2) is None


def test_between_has_both_ends():
    found = between(MONDAYS, WEEK, DUBLIN, at("2026-11-09T08:00Z"), at("2026-11-23T08:00Z"), 2)
    assert [one.period.label for one in found] == ["2026-W46", "2026-W47", "2026-W48"]
    inside = between(MONDAYS, WEEK, DUBLIN, at("2026-11-09T08:01Z"), at("2026-11-23T07:59Z"), 2)
    assert [one.period.label for one in inside] == ["2026-W47"]
    ended = schedule("FREQ=WEEKLY;BYDAY=MO;COUNT=2", starts="2026-11-01")
    found = between(ended, WEEK, DUBLIN, at("2020-01-01T00:00Z"), at("2030-01-01T00:00Z"), 2)
    assert [one.day for one in found] == [d("2026-11-02"), d("2026-11-09")]
    assert [
        *between(MONDAYS, WEEK, DUBLIN, at("2020-01-01T00:00Z"), at("2021-01-01T00:00Z"), 2)
    ] == []


def test_a_schedule_may_start_long_after_now():
    later = schedule("FREQ=DAILY", starts="2150-05-05")
    assert current(later, DAY, DUBLIN, at("2026-11-23T08:00Z"), 2) is None
    assert must(following(later, DAY, DUBLIN, at("2026-11-23T08:00Z"), 2)).day == d("2150-05-05")


def test_a_naive_time_is_refused():
    for ask in (current, following):
        with pytest.raises(ValueError, match="2026-11-23 08:00:00 has no time zone"):
            ask(MONDAYS, WEEK, DUBLIN, datetime(2026, 11, 23, 8), 2)


def test_a_rule_with_problems_is_refused():
    with pytest.raises(ValueError, match="FREQ=HOURLY is too often"):
        current(schedule("FREQ=HOURLY"), DAY, DUBLIN, at("2026-11-23T08:00Z"), 2)


# --- laws ---

RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;COUNT=20",
        "FREQ=WEEKLY;UNTIL=20270101",
        "FREQ=WEEKLY;UNTIL=20270101T000000Z",
    ]
)
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Dublin",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "America/St_Johns",
            "Pacific/Apia",
            "Pacific/Kiritimati",
            "Etc/GMT+12",
        )
    ]
)
TIMES = st.times().map(lambda found: found.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
STARTS = st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1))
SCHEDULES = st.builds(
    lambda rule, at, starts: Schedule(rrule=rule, at=at, starts=starts), RULES, TIMES, STARTS
)


@settings(deadline=None)
@given(SCHEDULES, KINDS, ZONES, MOMENTS)
def test_now_lies_between_the_current_and_the_following(rule, kind, zone, now):
    found, coming = current(rule, kind, zone, now, 2), following(rule, kind, zone, now, 2)
    if found:
        assert found.opens_at.astimezone(UTC) <= now
        assert found.period == period_of(found.day, kind, 2)
        assert current(rule, kind, zone, found.opens_at, 2) == found
    if coming:
        assert coming.opens_at.astimezone(UTC) > now
        assert rule.starts is None or coming.day >= rule.starts
        assert following(rule, kind, zone, coming.opens_at - timedelta(0), 2) != coming
    if found and coming:
        assert [*between(rule, kind, zone, found.opens_at, coming.opens_at, 2)] == [found, coming]


@settings(deadline=None)
@given(SCHEDULES, ZONES, MOMENTS)
def test_between_is_what_follows_one_after_the_other(rule, zone, start):
    end = start + timedelta(days=100)
    walked, moment = [], start - timedelta(microseconds=1)
    while (coming := following(rule, DAY, zone, moment, 2)) and coming.opens_at.astimezone(
        UTC
    ) <= end:
        walked.append(coming)
        moment = coming.opens_at
    assert [*between(rule, DAY, zone, start, end, 2)] == walked


@settings(deadline=None)
@given(RULES, STARTS)
def test_the_dates_are_those_that_dateutil_finds_by_itself(rule, starts):
    first = starts or date(2024, 1, 1)
    assume("Z" not in rule)
    expected = rrulestr(rule, dtstart=datetime.combine(first, time()))
    own = between(
        Schedule(rrule=rule, starts=starts),
        DAY,
        ZoneInfo("UTC"),
        at("2024-01-01T00:00Z"),
        at("2064-01-01T00:00Z"),
        2,
    )
    assert [one.day for one in islice(own, 30)] == [
        found.date() for found in islice(expected, 30) if found.year < 2064
    ]


# --- lint ---


@pytest.mark.parametrize(
    ("rrule", "kind"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", WEEK),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO", WEEK),
        (" freq=weekly;byday=mo \n", WEEK),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU", WEEK),
        ("FREQ=DAILY", DAY),
        ("FREQ=DAILY;INTERVAL=7", WEEK),
        ("FREQ=DAILY;INTERVAL=31", MONTH),
        ("FREQ=WEEKLY;INTERVAL=5", MONTH),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", MONTH),
        ("FREQ=MONTHLY;BYDAY=+1MO", MONTH),
        ("FREQ=MONTHLY;BYMONTHDAY=31", WEEK),
        ("FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO", WEEK),
        ("FREQ=YEARLY;BYYEARDAY=1,-1", DAY),
        ("FREQ=YEARLY;BYDAY=53MO", YEAR),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", QUARTER),
        ("FREQ=YEARLY;BYMONTH=2,5,8,11;BYMONTHDAY=1", QUARTER),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", YEAR),
        ("FREQ=WEEKLY;UNTIL=20301231", WEEK),
        ("FREQ=WEEKLY;UNTIL=20301231T235959", WEEK),
        ("FREQ=WEEKLY;UNTIL=20301231T235959Z", WEEK),
    ],
)
def test_good_schedules(rrule, kind):
    assert schedule_problems(schedule(rrule), kind, 2) == []


@pytest.mark.parametrize(
    ("rrule", "problem"),
    [
        (" ", "A rule is made of NAME=VALUE parts with `;` between, as in FREQ=WEEKLY;BYDAY=MO."),
        (
            "weekly",
            "A rule is made of NAME=VALUE parts with `;` between, as in FREQ=WEEKLY;BYDAY=MO.",
        ),
        (
            "FREQ=DAILY;",
            "A rule is made of NAME=VALUE parts with `;` between, as in FREQ=WEEKLY;BYDAY=MO.",
        ),
        (
            "FREQ=DAILY;=1",
            "A rule is made of NAME=VALUE parts with `;` between, as in FREQ=WEEKLY;BYDAY=MO.",
        ),
        ("INTERVAL=2", "A rule needs a FREQ: DAILY, WEEKLY, MONTHLY or YEARLY."),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is said twice; RFC 5545 allows each part once."),
        (
            "FREQ=FORTNIGHTLY",
            "FREQ=FORTNIGHTLY is not RFC 5545; write DAILY, WEEKLY, MONTHLY or YEARLY.",
        ),
        (
            "FREQ=HOURLY",
            "FREQ=HOURLY is too often: loops open once a day at most, and `at:` says when.",
        ),
        (
            "FREQ=MINUTELY",
            "FREQ=MINUTELY is too often: loops open once a day at most, and `at:` says when.",
        ),
        (
            "FREQ=SECONDLY",
            "FREQ=SECONDLY is too often: loops open once a day at most, and `at:` says when.",
        ),
        (
            "FREQ=DAILY;BYHOUR=8",
            "BYHOUR does not belong into `rrule:`; `at:` gives the time of day.",
        ),
        (
            "FREQ=DAILY;BYMINUTE=8",
            "BYMINUTE does not belong into `rrule:`; `at:` gives the time of day.",
        ),
        (
            "FREQ=DAILY;BYSECOND=8",
            "BYSECOND does not belong into `rrule:`; `at:` gives the time of day.",
        ),
        (
            "DTSTART:20261101T080000\nRRULE:FREQ=DAILY",
            "DTSTART does not belong into `rrule:`; say `starts:` beside it.",
        ),
        (
            "FREQ=DAILY;DTSTART=20261101",
            "DTSTART does not belong into `rrule:`; say `starts:` beside it.",
        ),
        (
            "RRULE:FREQ=DAILY\nEXDATE:20261101",
            "`rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read.",
        ),
        (
            "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
            "`rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read.",
        ),
        (
            "EXRULE:FREQ=DAILY",
            "`rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read.",
        ),
        (
            "FREQ = DAILY",
            "`rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read.",
        ),
        ("FREQ=DAILY;BYEASTER=0", "BYEASTER is no part of an RFC 5545 rule."),
        ("FREQ=WEEKLY;BYWEEKDAY=MO", "BYWEEKDAY is no part of an RFC 5545 rule."),
        (
            "FREQ=DAILY;" + "X" * 50 + "=1",
            "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX… is no part of an RFC 5545 rule.",
        ),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not allowed; write 1 to 1000."),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1 is not allowed; write 1 to 1000."),
        ("FREQ=DAILY;INTERVAL=1,2", "INTERVAL=1,2 is not allowed; write 1 to 1000."),
        ("FREQ=DAILY;INTERVAL=٢", "INTERVAL=٢ is not allowed; write 1 to 1000."),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 is not allowed; write 1 to 100000."),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13 is not allowed; write 1 to 12."),
        ("FREQ=YEARLY;BYMONTH=", "BYMONTH= is not allowed; write 1 to 12."),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32 is not allowed; write 1 to 31 or -31 to -1."),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 is not allowed; write 1 to 31 or -31 to -1."),
        (
            "FREQ=WEEKLY;BYDAY=MON",
            "BYDAY=MON is not RFC 5545; write MO, or 1MO and -1FR of a month.",
        ),
        (
            "FREQ=MONTHLY;BYDAY=0MO",
            "BYDAY=0MO is not RFC 5545; write MO, or 1MO and -1FR of a month.",
        ),
        ("FREQ=WEEKLY;WKST=1", "WKST=1 is not RFC 5545; write MO or another day's two letters."),
        (
            "FREQ=WEEKLY;UNTIL=2026-12-31",
            "UNTIL=2026-12-31 is not RFC 5545; write a day such as 20261231.",
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261131",
            "UNTIL=20261131 is not RFC 5545; write a day such as 20261231.",
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261130T250000Z",
            "UNTIL=20261130T250000Z is not RFC 5545; write a day such as 20261231.",
        ),
        ("FREQ=WEEKLY;BYDAY=1MO", "A number in BYDAY has no meaning in WEEKLY (RFC 5545)."),
        ("FREQ=MONTHLY;BYDAY=6MO", "A month has no weekday more than 5 times (RFC 5545)."),
        (
            "FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO",
            "A month has no weekday more than 5 times (RFC 5545).",
        ),
        (
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
            "BYWEEKNO goes with weekdays without a number only (RFC 5545).",
        ),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not go with FREQ=WEEKLY (RFC 5545)."),
        ("FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY does not go with FREQ=DAILY (RFC 5545)."),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO does not go with FREQ=MONTHLY (RFC 5545)."),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs another BY… part to choose from (RFC 5545)."),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "COUNT and UNTIL exclude each other (RFC 5545)."),
        (
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "The rule never occurs: no day matches all of its parts.",
        ),
        (
            "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
            "The rule never occurs: no day matches all of its parts.",
        ),
        ("FREQ=DAILY;UNTIL=20251231", "The rule never occurs: no day matches all of its parts."),
        (
            "FREQ=DAILY;UNTIL=20251231T000000Z",
            "The rule never occurs: no day matches all of its parts.",
        ),
    ],
)
def test_bad_rules(rrule, problem):
    assert schedule_problems(schedule(rrule, starts="2026-11-01"), DAY, 2) == [problem]


def test_every_bad_part_is_told():
    assert len(rule_problems("FREQ=HOURLY;BYMONTH=13;BYHOUR=8;UNTIL=x")) == 4


@pytest.mark.parametrize(
    ("rrule", "kind", "where", "noun"),
    [
        ("FREQ=DAILY", WEEK, "2024-W01, on 2024-01-01 and on 2024-01-02", "ISO week"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", WEEK, "2024-W01, on 2024-01-01 and on 2024-01-04", "ISO week"),
        ("FREQ=WEEKLY;INTERVAL=4", MONTH, "2024-01, on 2024-01-01 and on 2024-01-29", "month"),
        ("FREQ=DAILY;INTERVAL=30", MONTH, "2024-01, on 2024-01-01 and on 2024-01-31", "month"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            WEEK,
            "2024-W05, on 2024-01-31 and on 2024-02-01",
            "ISO week",
        ),
        ("FREQ=MONTHLY", QUARTER, "FY25-Q1, on 2024-02-01 and on 2024-03-01", "fiscal quarter"),
        (
            "FREQ=WEEKLY;INTERVAL=13",
            QUARTER,
            "FY73-Q3, on 2072-08-01 and on 2072-10-31",
            "fiscal quarter",
        ),
        ("FREQ=YEARLY;BYMONTH=2,12", YEAR, "FY25, on 2024-02-01 and on 2024-12-01", "fiscal year"),
    ],
)
def test_a_rule_that_opens_twice_in_a_bucket_is_refused(rrule, kind, where, noun):
    expected = (
        f"The rule opens twice in {where}; with `period: {kind}` each {noun} has one loop at most."
    )
    assert schedule_problems(schedule(rrule), kind, 2) == [expected]


def test_a_rule_that_ends_before_it_opens_twice_is_fine():
    assert schedule_problems(schedule("FREQ=DAILY;COUNT=1", starts="2026-11-02"), MONTH, 2) == []
    assert (
        schedule_problems(schedule("FREQ=DAILY;UNTIL=20261102", starts="2026-11-02"), MONTH, 2)
        == []
    )


def test_count_wants_a_beginning():
    assert schedule_problems(schedule("FREQ=DAILY;COUNT=3"), DAY, 2) == [
        "COUNT has no beginning to count from; say `starts:`."
    ]


@pytest.mark.parametrize("starts", ["1969-12-31", "2200-01-01", "9999-12-31"])
def test_starts_lies_in_the_years_that_can_be_expanded(starts):
    assert schedule_problems(schedule("FREQ=DAILY", starts=starts), DAY, 2) == [
        f"`starts: {starts}` is out of range; write a year from 1970 to 2199."
    ]


@settings(deadline=None)
@given(st.text(alphabet="FREQ=WEKLYDAIBMONTH;,-0123456789UNTIL ", max_size=60), KINDS)
def test_any_text_is_judged(text, kind):
    assume(text)
    assert all(problem.endswith(".") for problem in schedule_problems(schedule(text), kind, 2))


NUMBER = st.integers(-60, 60).map(str)
PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.sampled_from(["1", "2", "13", "1000"]),
        "BYMONTH": st.sampled_from(["1", "2", "2,11"]),
        "BYMONTHDAY": NUMBER,
        "BYYEARDAY": NUMBER,
        "BYWEEKNO": NUMBER,
        "BYDAY": st.sampled_from(["MO", "SA,SU", "1MO", "-5FR", "53TU", "-53WE"]),
        "BYSETPOS": NUMBER,
        "WKST": st.sampled_from(["MO", "SU"]),
    },
)


@settings(deadline=None)
@given(PARTS, KINDS, MOMENTS)
def test_what_passes_as_a_rule_can_be_expanded(parts, kind, now):
    rrule = ";".join(f"{name}={value}" for name, value in parts.items())
    assume(not rule_problems(rrule))
    problems = schedule_problems(schedule(rrule), kind, 2)
    found = current(schedule(rrule), kind, DUBLIN, now, 2)
    assert found is None or problems != ["The rule never occurs: no day matches all of its parts."]


# --- cost ---


@pytest.mark.parametrize(
    "rrule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=1;BYSETPOS=300"]
)
def test_a_rule_that_never_matches_costs_little(rrule):
    began = clock.process_time()
    never = schedule(rrule)
    assert schedule_problems(never, DAY, 2)
    assert current(never, DAY, DUBLIN, at("2026-11-23T08:00Z"), 2) is None
    assert following(never, DAY, DUBLIN, at("2026-11-23T08:00Z"), 2) is None
    assert clock.process_time() - began < 20  # about 1 second on a slow machine


def test_thousands_of_subjects_cost_little():
    zones = [ZoneInfo(name) for name in ("Europe/Dublin", "Asia/Kolkata", "America/St_Johns")]
    now = at("2026-11-23T08:00Z")
    began = clock.process_time()
    for _ in range(3000):
        for zone in zones:
            current(MONDAYS, WEEK, zone, now, 2)
    assert clock.process_time() - began < 5  # about 0.05 seconds

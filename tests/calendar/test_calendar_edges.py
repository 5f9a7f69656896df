"""Every edge of the calendar, with the instant at which a loop opens written out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from automation.model.period import PeriodKind
from automation.model.policy import Schedule
from automation.periods import (
    between,
    current,
    end_problems,
    following,
    period_of,
    preceding,
    schedule_problems,
)

DAY, WEEK, MONTH = PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH
QUARTER, YEAR = PeriodKind.FISCAL_QUARTER, PeriodKind.FISCAL_YEAR


def d(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def schedule(rrule: str, at: str = "08:00", starts: str = "2026-01-01", **more) -> Schedule:
    return Schedule(rrule=rrule, at=time.fromisoformat(at), starts=d(starts), **more)


def opens(rule: Schedule, kind: PeriodKind, zone: str, start: str, end: str, first_month=2):
    found = between(rule, kind, ZoneInfo(zone), instant(start), instant(end), first_month)
    return [
        (one.opens_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"), one.period.label)
        for one in found
    ]


# Each: rule, time of day, first day, zone, kind, from, to, and what opens: UTC and period.
EDGES = [
    pytest.param(
        "FREQ=MONTHLY;BYDAY=1MO", "08:00", "2026-01-01", "Europe/Dublin", MONTH,
        "2026-10-01T00:00Z", "2027-01-31T00:00Z",
        [
            ("2026-10-05T07:00Z", "2026-10"),
            ("2026-11-02T08:00Z", "2026-11"),
            ("2026-12-07T08:00Z", "2026-12"),
            ("2027-01-04T08:00Z", "2027-01"),
        ],
        id="the first Monday of a month",
    ),
    pytest.param(
        "FREQ=MONTHLY;BYDAY=-1FR", "17:30", "2026-01-01", "Asia/Kolkata", MONTH,
        "2026-10-01T00:00Z", "2027-02-28T00:00Z",
        [
            ("2026-10-30T12:00Z", "2026-10"),
            ("2026-11-27T12:00Z", "2026-11"),
            ("2026-12-25T12:00Z", "2026-12"),
            ("2027-01-29T12:00Z", "2027-01"),
            ("2027-02-26T12:00Z", "2027-02"),
        ],
        id="the last Friday of a month",
    ),
    pytest.param(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "08:00", "2026-11-23", "America/St_Johns", WEEK,
        "2026-11-01T00:00Z", "2027-01-20T00:00Z",
        [
            ("2026-11-23T11:30Z", "2026-W48"),
            ("2026-12-07T11:30Z", "2026-W50"),
            ("2026-12-21T11:30Z", "2026-W52"),
            ("2027-01-04T11:30Z", "2027-W01"),
            ("2027-01-18T11:30Z", "2027-W03"),
        ],
        id="every second week, over a year of 53",
    ),
    pytest.param(
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214", "08:00", "2026-11-23", "Europe/Dublin", WEEK,
        "2026-12-01T00:00Z", "2027-02-01T00:00Z",
        [("2026-12-07T08:00Z", "2026-W50"), ("2026-12-14T08:00Z", "2026-W51")],
        id="UNTIL a day, which is included",
    ),
    pytest.param(
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "08:00", "2026-11-23", "Europe/Dublin", WEEK,
        "2026-01-01T00:00Z", "2027-02-01T00:00Z",
        [
            ("2026-11-23T08:00Z", "2026-W48"),
            ("2026-11-30T08:00Z", "2026-W49"),
            ("2026-12-07T08:00Z", "2026-W50"),
        ],
        id="COUNT",
    ),
    pytest.param(
        "FREQ=WEEKLY;BYDAY=MO", "08:00", "2026-11-23", "Europe/Dublin", WEEK,
        "2026-12-20T00:00Z", "2027-01-12T00:00Z",
        [
            ("2026-12-21T08:00Z", "2026-W52"),
            ("2026-12-28T08:00Z", "2026-W53"),
            ("2027-01-04T08:00Z", "2027-W01"),
            ("2027-01-11T08:00Z", "2027-W02"),
        ],
        id="2026 has a week 53",
    ),
    pytest.param(
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "08:00", "2026-02-01", "Australia/Lord_Howe",
        QUARTER, "2026-01-31T00:00Z", "2027-02-02T00:00Z",
        [
            ("2026-01-31T21:00Z", "FY27-Q1"),  # +11:00
            ("2026-04-30T21:30Z", "FY27-Q2"),  # +10:30
            ("2026-07-31T21:30Z", "FY27-Q3"),
            ("2026-10-31T21:00Z", "FY27-Q4"),
            ("2027-01-31T21:00Z", "FY28-Q1"),
        ],
        id="fiscal quarters from February",
    ),
    pytest.param(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1", "08:00", "2026-02-01", "Pacific/Apia", YEAR,
        "2026-01-01T00:00Z", "2028-02-02T00:00Z",
        [
            ("2026-01-31T19:00Z", "FY27"),
            ("2027-01-31T19:00Z", "FY28"),
            ("2028-01-31T19:00Z", "FY29"),
        ],
        id="fiscal years from February",
    ),
    pytest.param(
        "FREQ=DAILY", "08:00", "2028-02-27", "Asia/Kolkata", DAY,
        "2028-02-28T00:00Z", "2028-03-01T12:00Z",
        [
            ("2028-02-28T02:30Z", "2028-02-28"),
            ("2028-02-29T02:30Z", "2028-02-29"),
            ("2028-03-01T02:30Z", "2028-03-01"),
        ],
        id="a leap day",
    ),
    pytest.param(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "08:00", "2024-01-01", "Europe/Dublin", YEAR,
        "2024-01-01T00:00Z", "2033-01-01T00:00Z",
        [
            ("2024-02-29T08:00Z", "FY25"),
            ("2028-02-29T08:00Z", "FY29"),
            ("2032-02-29T08:00Z", "FY33"),
        ],
        id="every leap day",
    ),
    pytest.param(
        "FREQ=MONTHLY;BYMONTHDAY=31", "08:00", "2026-01-01", "Europe/Dublin", MONTH,
        "2026-01-01T00:00Z", "2026-06-30T00:00Z",
        [
            ("2026-01-31T08:00Z", "2026-01"),
            ("2026-03-31T07:00Z", "2026-03"),
            ("2026-05-31T07:00Z", "2026-05"),
        ],
        id="months without a 31st have no loop",
    ),
    # Gaps: the time is read with the offset before it.
    pytest.param(
        "FREQ=DAILY", "01:30", "2026-01-01", "Europe/Dublin", DAY,
        "2026-03-28T00:00Z", "2026-03-30T12:00Z",
        [
            ("2026-03-28T01:30Z", "2026-03-28"),
            ("2026-03-29T01:30Z", "2026-03-29"),  # 01:30 does not exist; it is 02:30 +01:00
            ("2026-03-30T00:30Z", "2026-03-30"),
        ],
        id="a gap in Dublin",
    ),
    pytest.param(
        "FREQ=DAILY", "02:15", "2026-01-01", "Australia/Lord_Howe", DAY,
        "2026-10-02T12:00Z", "2026-10-05T00:00Z",
        [
            ("2026-10-02T15:45Z", "2026-10-03"),
            ("2026-10-03T15:45Z", "2026-10-04"),  # 02:15 does not exist; it is 02:45 +11:00
            ("2026-10-04T15:15Z", "2026-10-05"),
        ],
        id="a gap of half an hour on Lord Howe",
    ),
    pytest.param(
        "FREQ=WEEKLY;BYDAY=SU", "02:30", "2026-01-01", "America/St_Johns", WEEK,
        "2026-03-01T00:00Z", "2026-03-16T00:00Z",
        [
            ("2026-03-01T06:00Z", "2026-W09"),
            ("2026-03-08T06:00Z", "2026-W10"),  # 02:30 does not exist; it is 03:30 -02:30
            ("2026-03-15T05:00Z", "2026-W11"),
        ],
        id="a gap in St. John's",
    ),
    pytest.param(
        "FREQ=DAILY", "08:00", "2011-12-01", "Pacific/Apia", DAY,
        "2011-12-29T00:00Z", "2012-01-01T00:00Z",
        [
            ("2011-12-29T18:00Z", "2011-12-29"),  # -10:00
            ("2011-12-30T18:00Z", "2011-12-30"),  # the day that did not exist, and
            ("2011-12-30T18:00Z", "2011-12-31"),  # +14:00, the next one, at the same instant
            ("2011-12-31T18:00Z", "2012-01-01"),
        ],
        id="a whole day's gap in Apia",
    ),
    # Folds: the first of the two counts.
    pytest.param(
        "FREQ=DAILY", "01:30", "2026-01-01", "Europe/Dublin", DAY,
        "2026-10-24T00:00Z", "2026-10-26T12:00Z",
        [
            ("2026-10-24T00:30Z", "2026-10-24"),
            ("2026-10-25T00:30Z", "2026-10-25"),
            ("2026-10-26T01:30Z", "2026-10-26"),
        ],
        id="a fold in Dublin",
    ),
    pytest.param(
        "FREQ=DAILY", "01:45", "2026-01-01", "Australia/Lord_Howe", DAY,
        "2026-04-03T12:00Z", "2026-04-06T00:00Z",
        [
            ("2026-04-03T14:45Z", "2026-04-04"),
            ("2026-04-04T14:45Z", "2026-04-05"),
            ("2026-04-05T15:15Z", "2026-04-06"),
        ],
        id="a fold of half an hour on Lord Howe",
    ),
    pytest.param(
        "FREQ=WEEKLY;BYDAY=SU", "01:30", "2026-01-01", "America/St_Johns", WEEK,
        "2026-10-25T00:00Z", "2026-11-09T00:00Z",
        [
            ("2026-10-25T04:00Z", "2026-W43"),
            ("2026-11-01T04:00Z", "2026-W44"),
            ("2026-11-08T05:00Z", "2026-W45"),
        ],
        id="a fold in St. John's",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rrule", "at", "starts", "zone", "kind", "start", "end", "expected"), EDGES
)
def test_opens(rrule, at, starts, zone, kind, start, end, expected):
    rule = schedule(rrule, at, starts)
    assert schedule_problems(rule, kind, 2) == []
    assert opens(rule, kind, zone, start, end) == expected


@pytest.mark.parametrize(
    ("first_month", "day", "quarter", "first", "last"),
    [
        (1, "2026-11-23", "FY26-Q4", "2026-10-01", "2026-12-31"),
        (2, "2026-01-31", "FY26-Q4", "2025-11-01", "2026-01-31"),
        (2, "2026-02-01", "FY27-Q1", "2026-02-01", "2026-04-30"),
        (2, "2027-01-31", "FY27-Q4", "2026-11-01", "2027-01-31"),
        (2, "2027-02-01", "FY28-Q1", "2027-02-01", "2027-04-30"),
        (3, "2028-02-29", "FY28-Q4", "2027-12-01", "2028-02-29"),
        (4, "2027-03-31", "FY27-Q4", "2027-01-01", "2027-03-31"),
        (7, "2026-07-01", "FY27-Q1", "2026-07-01", "2026-09-30"),
        (10, "2026-10-01", "FY27-Q1", "2026-10-01", "2026-12-31"),
        (12, "2026-11-30", "FY26-Q4", "2026-09-01", "2026-11-30"),
    ],
)
def test_a_fiscal_quarter_and_its_year(first_month, day, quarter, first, last):
    found = period_of(d(day), QUARTER, first_month)
    assert (found.label, str(found.start), str(found.end)) == (quarter, first, last)
    assert period_of(d(day), YEAR, first_month).label == quarter.partition("-")[0]


def test_the_bounds_of_fiscal_year_27():
    year = period_of(d("2026-11-23"), YEAR, 2)
    assert (year.label, str(year.start), str(year.end)) == ("FY27", "2026-02-01", "2027-01-31")


# --- `ends` and `except` -----------------------------------------------------------------

MONDAYS = schedule(
    "FREQ=WEEKLY;BYDAY=MO", starts="2026-11-23", ends=d("2027-01-11"), excluded=(d("2026-12-28"),)
)


def test_ends_and_except():
    assert opens(MONDAYS, WEEK, "Europe/Dublin", "2026-12-14T00:00Z", "2027-03-01T00:00Z") == [
        ("2026-12-14T08:00Z", "2026-W51"),
        ("2026-12-21T08:00Z", "2026-W52"),
        ("2027-01-04T08:00Z", "2027-W01"),
        ("2027-01-11T08:00Z", "2027-W02"),
    ]


@pytest.mark.parametrize(
    ("now", "label"),
    [
        ("2026-12-28T07:59Z", "2026-W52"),
        ("2026-12-28T08:00Z", None),  # left out: the one before is over all the same
        ("2027-01-04T07:59Z", None),
        ("2027-01-04T08:00Z", "2027-W01"),
        ("2027-01-11T08:00Z", "2027-W02"),
        ("2027-01-18T07:59Z", "2027-W02"),  # the last one, until the next would come
        ("2027-01-18T08:00Z", None),
    ],
)
def test_what_is_current_around_ends_and_except(now, label):
    found = current(MONDAYS, WEEK, ZoneInfo("Europe/Dublin"), instant(now), 2)
    assert (found and found.period.label) == label


def test_what_follows_and_precedes():
    zone = ZoneInfo("Europe/Dublin")

    def after(text):
        found = following(MONDAYS, WEEK, zone, instant(text), 2)
        return found and found.period.label

    assert after("2026-12-21T08:00Z") == "2027-W01"
    assert after("2027-01-04T08:00Z") == "2027-W02"
    assert after("2027-01-11T08:00Z") is None
    assert after("2030-01-01T00:00Z") is None
    before = preceding(MONDAYS, WEEK, zone, instant("2027-01-11T08:00Z"), 2, 3)
    assert [one.period.label for one in before] == ["2026-W51", "2026-W52", "2027-W01"]
    assert preceding(MONDAYS, WEEK, zone, instant("2026-11-23T08:00Z"), 2, 3) == ()
    first = preceding(MONDAYS, WEEK, zone, instant("2026-11-23T08:01Z"), 2, 3)
    assert [one.period.label for one in first] == ["2026-W48"]


def test_count_counts_what_is_left_out():
    """RFC 5545: EXDATE takes out of the set that COUNT has bounded."""
    rule = schedule(
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3", starts="2026-11-23", excluded=(d("2026-11-30"),)
    )
    assert opens(rule, WEEK, "UTC", "2026-11-01T00:00Z", "2027-01-01T00:00Z") == [
        ("2026-11-23T08:00Z", "2026-W48"),
        ("2026-12-07T08:00Z", "2026-W50"),
    ]


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({"ends": "2026-11-23"}, []),
        ({"excluded": ["2026-11-23", "2026-12-28"]}, []),
        (
            {"ends": "2026-11-22"},
            [("ends", "`ends: 2026-11-22` comes before the first day of the rule, 2026-11-23.")],
        ),
        (
            {"ends": "2200-01-01"},
            [("ends", "`ends: 2200-01-01` is out of range; write a year from 1970 to 2199.")],
        ),
        (
            {"excluded": ["2026-12-29"]},
            [
                (
                    "except",
                    "The rule does not open on 2026-12-29; around it are 2026-12-28 and 2027-01-04.",
                )
            ],
        ),
        (
            {"excluded": ["2026-11-22"]},
            [("except", "The rule does not open on 2026-11-22; around it are 2026-11-23.")],
        ),
        (
            {"excluded": ["2020-11-22"]},
            [("except", "The rule does not open on 2020-11-22; around it are none.")],
        ),
    ],
)
def test_what_is_wrong_with_an_end(more, problems):
    rule = Schedule.model_validate(
        {"rrule": "FREQ=WEEKLY;BYDAY=MO", "starts": d("2026-11-23")} | more
    )
    assert end_problems(rule) == problems


def test_a_rule_of_which_nothing_is_left():
    rule = schedule(
        "FREQ=WEEKLY;BYDAY=MO", starts="2026-11-23", ends=d("2026-11-29"),
        excluded=(d("2026-11-23"),),
    )  # fmt: skip
    sentence = "The rule never occurs: `ends:` and `except:` leave none of its days."
    assert schedule_problems(rule, WEEK, 2) == []
    assert end_problems(rule) == [("except", sentence)]
    ended = schedule("FREQ=WEEKLY;BYDAY=MO", starts="2026-11-24", ends=d("2026-11-29"))
    assert end_problems(ended) == [("ends", sentence)]


def test_what_is_left_out_opens_twice_in_no_bucket():
    twice = schedule("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=2", starts="2026-11-23")
    assert len(schedule_problems(twice, WEEK, 2)) == 1
    once = twice.model_copy(update={"excluded": (d("2026-11-26"),)})
    assert schedule_problems(once, WEEK, 2) == []

"""What a schedule gets wrong, found at lint time with a bounded expansion."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile

from automation.model.period import PeriodKind
from automation.model.policy import Schedule
from automation.periods.buckets import period_of
from automation.periods.recurrence import ANCHOR, LAST_YEAR, dates, expand
from automation.periods.rule import Rule, read_rule, rule_problems

_YEARS = (1970, 2199)
"""Years in which a schedule may start."""
_HORIZON = timedelta(days=36525)
_MOST = 2000
"""Dates that are compared, within a century.

Whatever opens more than 20 times a year meets a month or quarter twice at once; against
days and weeks, 2000 dates hold more than a whole turn of weekdays through the years.
"""


def schedule_problems(schedule: Schedule, kind: PeriodKind, fiscal_year_start: int) -> list[str]:
    """What is wrong with a schedule, one plain sentence each; empty where nothing is.

    Finds rules that are not RFC 5545, open more than once a day, never occur, or open
    twice in one bucket of the calendar.
    """
    problems = [*rule_problems(schedule.rrule), *_start_problems(schedule)]
    if problems:
        return problems
    days = _days(read_rule(schedule.rrule), schedule.starts or ANCHOR)
    if not days:
        return ["The rule never occurs: no day matches all of its parts."]
    return [*_bucket_problems(_wanted(days, schedule), kind, fiscal_year_start)]


def end_problems(schedule: Schedule) -> list[tuple[str, str]]:
    """What is wrong with `ends:` and `except:` of a schedule whose rule is good.

    Each is the field and one plain sentence.
    """
    problems = [*_ends_problems(schedule), *_except_problems(schedule)]
    days = _days(read_rule(schedule.rrule), schedule.starts or ANCHOR)
    if not problems and not _wanted(days, schedule):
        field = "except" if schedule.excluded else "ends"
        problems = [(field, "The rule never occurs: `ends:` and `except:` leave none of its days.")]
    return problems


def _wanted(days: tuple[date, ...], schedule: Schedule) -> tuple[date, ...]:
    ends = schedule.ends or date.max
    return tuple(day for day in days if day <= ends and day not in schedule.excluded)


def _ends_problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    low, high = _YEARS
    starts, ends = schedule.starts or ANCHOR, schedule.ends
    if ends is not None and not low <= ends.year <= high:
        yield "ends", f"`ends: {ends}` is out of range; write a year from {low} to {high}."
    elif ends is not None and ends < starts:
        yield "ends", f"`ends: {ends}` comes before the first day of the rule, {starts}."


def _except_problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    for day in schedule.excluded:
        near = _nearest(schedule, day)
        if day not in near:
            others = " and ".join(map(str, near)) or "none"
            yield "except", f"The rule does not open on {day}; around it are {others}."


def _nearest(schedule: Schedule, day: date) -> tuple[date, ...]:
    """The day itself where the rule has it, else its days before and after it."""
    rule, starts = read_rule(schedule.rrule), schedule.starts or ANCHOR
    days = expand(rule.endless, starts, min(day.year + 1, LAST_YEAR))
    index = bisect_left(days, day)
    around = days[max(index - 1, 0) : index + 1]
    return (day,) if day in around else around


def _start_problems(schedule: Schedule) -> Iterator[str]:
    low, high = _YEARS
    if schedule.starts is None:
        if "COUNT=" in schedule.rrule.upper():
            yield "COUNT has no beginning to count from; say `starts:`."
    elif not low <= schedule.starts.year <= high:
        yield f"`starts: {schedule.starts}` is out of range; write a year from {low} to {high}."


@lru_cache(maxsize=256)
def _days(rule: Rule, starts: date) -> tuple[date, ...]:
    """The rule's dates that are looked at; many cadences have the same rule."""
    end = starts + _HORIZON
    if rule.until is not None:
        end = min(end, rule.until.date() if isinstance(rule.until, datetime) else rule.until)
    ours = takewhile(end.__ge__, dates(rule.endless, starts))
    return tuple(islice(ours, rule.count or _MOST))


@lru_cache(maxsize=256)
def _bucket_problems(
    days: tuple[date, ...], kind: PeriodKind, fiscal_year_start: int
) -> tuple[str, ...]:
    buckets = ((day, period_of(day, kind, fiscal_year_start)) for day in days)
    for (first, one), (second, other) in pairwise(buckets):
        if one == other:
            where = f"{one.label}, on {first} and on {second}"
            limit = f"with `period: {kind}` each {_NOUN[kind]} has one loop at most"
            return (f"The rule opens twice in {where}; {limit}.",)
    return ()


_NOUN = {
    PeriodKind.DAY: "day",
    PeriodKind.WEEK: "ISO week",
    PeriodKind.MONTH: "month",
    PeriodKind.FISCAL_QUARTER: "fiscal quarter",
    PeriodKind.FISCAL_YEAR: "fiscal year",
}

"""Recurrences, calendar buckets, working days and due dates: all of Drumbeat's calendar.

Pure: periods come from the calendar and from `now`, never from a job's history, so that
any run at any time finds the same loops (law 1).
"""

from __future__ import annotations

from automation.periods.buckets import Period, period_of
from automation.periods.problems import end_problems, schedule_problems
from automation.periods.recurrence import (
    Occurrence,
    Zone,
    between,
    current,
    following,
    preceding,
)
from automation.periods.working import WorkingCalendar, due_date, holidays_problem

__all__ = [
    "Occurrence",
    "Period",
    "WorkingCalendar",
    "Zone",
    "between",
    "current",
    "due_date",
    "end_problems",
    "following",
    "holidays_problem",
    "period_of",
    "preceding",
    "schedule_problems",
]

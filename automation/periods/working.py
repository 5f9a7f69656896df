"""Working days: weekends, public holidays and absences, and the due dates that avoid them."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from automation.model.due import DueRule, DueUnit
from automation.model.roster import Span
from automation.periods.recurrence import Occurrence

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Za-z0-9]+))?")
_PATIENCE = 1000
"""Days without a working day after which absences are no longer waited for."""


@dataclass(frozen=True)
class WorkingCalendar:
    """One person's working days: Monday to Friday, but for holidays and absences.

    `holidays` is a country's ISO 3166 code, with a subdivision where wanted: `IE`, `DE-BY`;
    `holidays_problem` tells whether it is known, and a ValueError meets one that is not.
    An absence of more than 1,000 days is left out: nothing can be due after it.
    """

    holidays: str | None = None
    away: tuple[Span, ...] = ()

    def is_working(self, day: date) -> bool:
        """Whether something may be due on the day."""
        if day.weekday() >= 5 or any(span.covers(day) for span in self.away):
            return False
        return self.holidays is None or day not in _public_holidays(self.holidays, day.year)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after the day, or before it for a negative n; 0 is the day."""
        step = timedelta(days=1 if n > 0 else -1)
        for _ in range(abs(n)):
            day = self._nearest(day + step, step)
        return day

    def on_or_before(self, day: date) -> date:
        """The day, or the last working day before it."""
        return self._nearest(day, timedelta(days=-1))

    def _nearest(self, day: date, step: timedelta) -> date:
        for distance in range(_PATIENCE):
            if self.is_working(day + distance * step):
                return day + distance * step
        return replace(self, away=())._nearest(day, step)


def due_date(rule: DueRule, occurrence: Occurrence, calendar: WorkingCalendar) -> date:
    """The day on which a loop is due; always a working day after the day it opens.

    Working days are counted over weekends, holidays and absences, but these do not push a
    due date out of the period in which it would be without them: the next loop comes then.
    Calendar days and the end of the period are moved to the working day on or before them;
    where none is left after the opening, because an absence swallows the time, to the first
    one after it.
    """
    day, end = occurrence.day, occurrence.period.end
    wanted = end
    if rule.unit is DueUnit.DAYS:
        wanted = day + timedelta(days=rule.count)
    if rule.unit is DueUnit.WORKING_DAYS:
        wanted = calendar.add(day, rule.count)
        if WorkingCalendar().add(day, rule.count) <= end:
            wanted = min(wanted, end)
    return max(calendar.on_or_before(wanted), calendar.add(day, 1))


def holidays_problem(code: str) -> str:
    """Why the code names no calendar of public holidays, in one sentence; empty if it does."""
    try:
        _public_holidays(code, 2026)
    except ValueError as error:
        return str(error)
    return ""


@lru_cache(maxsize=4096)
def _public_holidays(code: str, year: int) -> frozenset[date]:
    import holidays  # takes as long as the rest of this package, and a roster may name none

    form = _CODE.fullmatch(code)
    try:
        if form is None:
            raise NotImplementedError
        with warnings.catch_warnings():
            # Lunar calendars are known for some decades only; beyond, the rest must do.
            warnings.simplefilter("ignore", UserWarning)
            return frozenset(holidays.country_holidays(form[1], subdiv=form[2], years=year))
    except NotImplementedError as error:
        raise ValueError(f"{code!r} names no known public holidays; write IE or DE-BY") from error

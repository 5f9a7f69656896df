"""RFC 5545 recurrence rules, read strictly before python-dateutil expands them.

python-dateutil takes more than the standard (`BYMONTH=13`, `BYEASTER`, hours) and loops
for ever on `INTERVAL=0`, so a rule is held against the standard's grammar first, and
every violation is told in one sentence. UNTIL and COUNT are taken out of the rule: what
comes without them tells how long the last occurrence stays current.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache


@dataclass(frozen=True)
class Rule:
    """A rule without its end (`endless`, fit for python-dateutil), and that end.

    `until` is a day (included), a local time, or an instant in UTC.
    """

    endless: str
    count: int | None = None
    until: date | datetime | None = None

    def allows(self, index: int, day: date, opens_at: datetime) -> bool:
        """Whether COUNT and UNTIL let the occurrence with this index, from 0, happen."""
        if self.count is not None and index >= self.count:
            return False
        if self.until is None:
            return True
        if not isinstance(self.until, datetime):
            return day <= self.until
        if self.until.tzinfo is None:
            return opens_at.replace(tzinfo=None) <= self.until
        return opens_at <= self.until


@lru_cache(maxsize=4096)
def read_rule(text: str) -> Rule:
    """Read a rule; ValueError with the first problem where `rule_problems` has any."""
    problems = rule_problems(text)
    if problems:
        raise ValueError(problems[0])
    parts = _parts(text)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    return Rule(
        ";".join(f"{name}={value}" for name, value in parts.items()),
        int(count) if count else None,
        _until(until) if until else None,
    )


def rule_problems(text: str) -> list[str]:
    """What keeps the text from being one RFC 5545 rule of whole days, one sentence each.

    Source: RFC 5545, section 3.3.10.
    """
    problem = _form_problem(text)
    if problem:
        return [problem]
    parts = _parts(text)
    problems = [found for name, value in parts.items() if (found := _part_problem(name, value))]
    return problems or _combination_problems(parts)


def _bare(text: str) -> str:
    return text.strip().upper().removeprefix("RRULE:")


def _parts(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in _bare(text).split(";"))


def _form_problem(text: str) -> str:
    bare = _bare(text)
    if "DTSTART" in bare:
        return "DTSTART does not belong into `rrule:`; say `starts:` beside it."
    if len(bare.split()) > 1 or ":" in bare:
        return "`rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read."
    names = [part.partition("=")[0] for part in bare.split(";")]
    if not all(name and "=" in part for name, part in zip(names, bare.split(";"), strict=True)):
        return "A rule is made of NAME=VALUE parts with `;` between, as in FREQ=WEEKLY;BYDAY=MO."
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        return f"{_shown(twice)} is said twice; RFC 5545 allows each part once."
    if "FREQ" not in names:
        return "A rule needs a FREQ: DAILY, WEEKLY, MONTHLY or YEARLY."
    return ""


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


_NUMBERS = {
    "INTERVAL": (1, 1000),
    "COUNT": (1, 100_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
_SINGLE = {"INTERVAL", "COUNT"}
_WEEKDAY = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_BYDAY = re.compile(rf"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?{_WEEKDAY}")
_UNTIL = re.compile(r"\d{8}(?:T\d{6}Z?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,6}", re.ASCII)


def _part_problem(name: str, value: str) -> str:
    if name == "FREQ":
        return _freq_problem(value)
    if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
        return f"{name} does not belong into `rrule:`; `at:` gives the time of day."
    if name in _NUMBERS:
        return _number_problem(name, value)
    if name == "BYDAY":
        good, hint = all(map(_BYDAY.fullmatch, value.split(","))), "MO, or 1MO and -1FR of a month"
    elif name == "WKST":
        good, hint = re.fullmatch(_WEEKDAY, value) is not None, "MO or another day's two letters"
    elif name == "UNTIL":
        good, hint = _is_until(value), "a day such as 20261231"
    else:
        return f"{_shown(name)} is no part of an RFC 5545 rule."
    return "" if good else f"{_shown(f'{name}={value}')} is not RFC 5545; write {hint}."


def _freq_problem(value: str) -> str:
    if value in {"SECONDLY", "MINUTELY", "HOURLY"}:
        return f"FREQ={value} is too often: loops open once a day at most, and `at:` says when."
    if value in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        return ""
    return f"FREQ={_shown(value)} is not RFC 5545; write DAILY, WEEKLY, MONTHLY or YEARLY."


def _number_problem(name: str, value: str) -> str:
    low, high = _NUMBERS[name]
    numbers = [value] if name in _SINGLE else value.split(",")
    if all(_NUMBER.fullmatch(one) and int(one) and low <= int(one) <= high for one in numbers):
        return ""
    bounds = f"{max(low, 1)} to {high}" + (f" or {low} to -1" if low < 0 else "")
    return f"{_shown(f'{name}={value}')} is not allowed; write {bounds}."


def _is_until(value: str) -> bool:
    if not _UNTIL.fullmatch(value):
        return False
    try:
        _until(value)
    except ValueError:
        return False
    return True


def _until(value: str) -> date | datetime:
    day = datetime.strptime(value[:8], "%Y%m%d").date()
    if len(value) == 8:
        return day
    clock = time(int(value[9:11]), int(value[11:13]), int(value[13:15]))
    zone = UTC if value.endswith("Z") else None
    return datetime.combine(day, clock, zone)


def _combination_problems(parts: dict[str, str]) -> list[str]:
    freq = parts["FREQ"]
    numbers = [int(number) for number in re.findall(r"\d+", parts.get("BYDAY", ""))]
    numbered, of_month = bool(numbers), freq == "MONTHLY" or "BYMONTH" in parts
    others = any(name.startswith("BY") and name != "BYSETPOS" for name in parts)
    checks = (
        (numbered and freq in {"DAILY", "WEEKLY"}, f"A number in BYDAY has no meaning in {freq}"),
        (of_month and max(numbers, default=0) > 5, "A month has no weekday more than 5 times"),
        (numbered and "BYWEEKNO" in parts, "BYWEEKNO goes with weekdays without a number only"),
        ("BYMONTHDAY" in parts and freq == "WEEKLY", "BYMONTHDAY does not go with FREQ=WEEKLY"),
        ("BYYEARDAY" in parts and freq != "YEARLY", f"BYYEARDAY does not go with FREQ={freq}"),
        ("BYWEEKNO" in parts and freq != "YEARLY", f"BYWEEKNO does not go with FREQ={freq}"),
        ("BYSETPOS" in parts and not others, "BYSETPOS needs another BY… part to choose from"),
        ("COUNT" in parts and "UNTIL" in parts, "COUNT and UNTIL exclude each other"),
    )
    return [f"{sentence} (RFC 5545)." for wrong, sentence in checks if wrong]

"""Due dates and reminders as people write them: `4 working days`, `1 day before due`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from automation.model.base import Unfit


class DueUnit(StrEnum):
    """What a due date is counted in."""

    WORKING_DAYS = "working days"
    DAYS = "days"
    END_OF_PERIOD = "end of period"


@dataclass(frozen=True)
class DueRule:
    """`count` units after the day a loop opens; `count` is 0 for the end of the period."""

    count: int
    unit: DueUnit

    def __str__(self) -> str:
        if self.unit is DueUnit.END_OF_PERIOD:
            return str(self.unit)
        return f"{self.count} {self.unit if self.count != 1 else str(self.unit)[:-1]}"


_DUE = re.compile(r"(?:in )?(\d{1,3}) (working )?days?|(end of (?:the )?period)")


def parse_due(text: str) -> DueRule:
    """Read `4 working days`, `10 days` or `end of period`; ValueError otherwise."""
    found = _DUE.fullmatch(" ".join(text.split()))
    if found is None:
        raise Unfit("is not a due date", "Write `4 working days`, `10 days` or `end of period`.")
    if found[3]:
        return DueRule(0, DueUnit.END_OF_PERIOD)
    count = int(found[1])
    if not 1 <= count <= 366:
        raise Unfit("is not a due date", "Write a number of days from 1 to 366.")
    return DueRule(count, DueUnit.WORKING_DAYS if found[2] else DueUnit.DAYS)


@dataclass(frozen=True)
class ReminderRule:
    """Working days from the due date; negative is before it, 0 is the day itself."""

    offset: int

    def __str__(self) -> str:
        if self.offset == 0:
            return "due"
        days = "1 day" if abs(self.offset) == 1 else f"{abs(self.offset)} days"
        return f"{days} {'before' if self.offset < 0 else 'after'} due"


_REMINDER = re.compile(r"(?:(\d{1,2}) (?:working )?days? (before|after) )?due")


def parse_reminder(text: str) -> ReminderRule:
    """Read `1 day before due`, `due` or `2 days after due`; ValueError otherwise."""
    found = _REMINDER.fullmatch(" ".join(text.split()))
    if found is None:
        raise Unfit("is not a reminder", "Write `1 day before due`, `due` or `2 days after due`.")
    days = int(found[1] or 0)
    return ReminderRule(-days if found[2] == "before" else days)


def _from_text(parse: Any, pattern: str) -> GetPydanticSchema:
    def schema(_source: Any, _handler: Any) -> CoreSchema:
        text = core_schema.str_schema(pattern=None)
        return core_schema.no_info_after_validator_function(
            parse, text, serialization=core_schema.to_string_ser_schema()
        )

    def json_schema(_core: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": pattern}

    return GetPydanticSchema(schema, json_schema)


Due = Annotated[DueRule, _from_text(parse_due, rf"^\s*(?:{_DUE.pattern})\s*$")]
Reminder = Annotated[ReminderRule, _from_text(parse_reminder, rf"^\s*{_REMINDER.pattern}\s*$")]

"""Days from one to another, both included: absences, rotas, pauses."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from automation.model.base import Fact, Unfit


def check_order(start: date | None, end: date | None) -> None:
    """Raise Unfit where the end comes before the start; either may be open."""
    if start is not None and end is not None and end < start:
        raise Unfit(f"ends on {end}, before it begins on {start}")


class Span(Fact):
    """Days from `from` to `to`, both included."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self

    def covers(self, day: date) -> bool:
        """Whether the day lies in the span."""
        return self.start <= day <= self.end

    def touches(self, first: date, last: date) -> bool:
        """Whether any day from the first to the last lies in the span."""
        return self.start <= last and first <= self.end


class Pause(Fact):
    """Days on which nothing opens; without `to`, until somebody writes it."""

    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    why: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self

    def covers(self, day: date) -> bool:
        """Whether the day lies in the pause."""
        return self.start <= day and (self.end is None or day <= self.end)

    def __str__(self) -> str:
        until = f" until {self.end}" if self.end else ""
        return f"paused since {self.start}{until}" + (f": {self.why}" if self.why else "")

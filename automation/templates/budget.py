"""What rendering a template or evaluating an expression may cost, and who keeps the account.

Work is counted, not timed, so that the same input is refused on every machine, in every
thread and on every run. A step is an element of a list or loop, a call, a filter or a block;
characters are those of every text that is made or looked through on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from collections.abc import Sequence as AnySequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

LONGEST_NUMBER = 4096
"""Bits that a whole number may have; a date's or a count's has a few dozen."""


@dataclass(frozen=True)
class Allowance:
    """How many steps one rendering may take, and how many characters of text it may handle."""

    steps: int
    characters: int


FOR_BODY = Allowance(1_000_000, 4_194_304)
"""For an issue's text: four times as much as GitLab takes for a description."""

FOR_FIELD = Allowance(10_000, 262_144)
"""For a field or a condition, which may be asked for thousands of issues."""

_NOTHING_MORE = "Loop over less, and build the text where it is printed."


class OverBudget(TemplateError):
    """A rendering wants more than it is allowed; the remedy is on the message's second line."""

    def __init__(self, reason: str, remedy: str = _NOTHING_MORE) -> None:
        super().__init__(f"{reason}\n{remedy}")


class Account:
    """What is left of an allowance."""

    __slots__ = ("_allowance", "characters", "steps")

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self.steps = allowance.steps
        self.characters = allowance.characters

    def step(self, count: int = 1) -> None:
        """Take steps; OverBudget where there are none left."""
        self.steps -= count
        if self.steps < 0:
            raise OverBudget(f"takes more than {self._allowance.steps:,} steps")

    def read(self, characters: int) -> None:
        """Handle text; OverBudget where it becomes too much."""
        self.characters -= characters
        if self.characters < 0:
            allowed = self._allowance.characters
            raise OverBudget(f"handles more than {allowed:,} characters of text")

    def weigh(self, value: Any) -> None:
        """Pay for a value as a whole, before anything looks at all of it.

        What stands in it several times counts each time, as it does where it is printed or
        compared: so lists of lists of the same list end here and not in memory.
        """
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                self.read(len(one))
            elif isinstance(one, int):
                _check_number(one)
            elif isinstance(one, range):
                self.step(len(one))
            elif isinstance(one, Mapping):
                self.step(len(one))
                waiting += (*one.keys(), *one.values())
            elif isinstance(one, AnySequence | Set):
                self.step(len(one))
                waiting += one


def _check_number(number: int) -> None:
    if number.bit_length() > LONGEST_NUMBER:
        raise OverBudget(f"makes a number of more than {LONGEST_NUMBER:,} bits", "Count less far.")


_account: ContextVar[Account] = ContextVar("account")


def account() -> Account:
    """The account of the rendering that is on; LookupError where none is.

    Jinja works constants out while it compiles. There is no account then, so whatever would
    have to pay is left for the rendering.
    """
    return _account.get()


@contextmanager
def budget(allowance: Allowance) -> Iterator[Account]:
    """Render within an allowance."""
    opened = Account(allowance)
    token = _account.set(opened)
    try:
        yield opened
    finally:
        _account.reset(token)

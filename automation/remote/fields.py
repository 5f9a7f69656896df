"""Reading GitLab's JSON strictly: what is missing or odd is an error that names it.

A field that quietly counted as empty could make Drumbeat believe that there is no loop.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from automation.errors import RemoteError

T = TypeVar("T")
Fail = Callable[[str], RemoteError]

_NAMES = {str: "a text", int: "a number", bool: "true or false", list: "a list", dict: "an object"}


def not_understood(message: str) -> RemoteError:
    """The error for a read whose answer has another shape than GitLab's."""
    return RemoteError(
        f"GitLab's answer is not understood: {message}",
        "Check that this GitLab is version 17.7 or newer and that no proxy changes its answers.",
    )


class Fields:
    """The fields of one JSON object; `what` names it in errors, `fail` makes them."""

    def __init__(self, data: object, what: str, fail: Fail = not_understood) -> None:
        if not isinstance(data, dict):
            raise fail(f"{what} is not an object")
        self._data = data
        self._what = what
        self._fail = fail

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._data.get(name) is not None

    def has_key(self, name: str) -> bool:
        """Whether the field is there, be it null or not."""
        return name in self._data

    def text(self, name: str) -> str:
        """A text."""
        return self._typed(name, str)

    def number(self, name: str) -> int:
        """A whole number."""
        return self._typed(name, int)

    def flag(self, name: str) -> bool:
        """A boolean."""
        return self._typed(name, bool)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._typed(name, list)
        if not all(isinstance(item, str) for item in found):
            raise self._odd(name, "a list of texts")
        return tuple(found)

    def length(self, name: str) -> int:
        """How long a list is."""
        return len(self._typed(name, list))

    def within(self, name: str) -> Fields:
        """An object's fields."""
        return Fields(self._typed(name, dict), f"`{name}` of {self._what}", self._fail)

    def each(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        found = self._typed(name, list)
        return tuple(Fields(item, f"`{name}` of {self._what}", self._fail) for item in found)

    def time(self, name: str) -> datetime:
        """A point in time, aware."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise self._odd(name, "a time") from error
        if moment.tzinfo is None:
            raise self._odd(name, "a time with its zone")
        return moment

    def day(self, name: str) -> date:
        """A date."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise self._odd(name, "a date") from error

    def nullable(self, name: str, read: Callable[[str], T]) -> T | None:
        """A field that must be there but may be null, read by one of the methods above."""
        if name not in self._data:
            raise self._fail(f"{self._what} has no `{name}`")
        return read(name) if self.has(name) else None

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """A field that GitLab leaves out at times, read by one of the methods above."""
        return read(name) if self.has(name) else None

    def _typed(self, name: str, kind: type[T]) -> T:
        if name not in self._data:
            raise self._fail(f"{self._what} has no `{name}`")
        value = self._data[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self._odd(name, _NAMES[kind])
        return value

    def _odd(self, name: str, wanted: str) -> RemoteError:
        return self._fail(f"`{name}` of {self._what} is not {wanted}")

"""What templates see of values: sections of reports, and words for what is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from jinja2 import StrictUndefined
from jinja2.utils import missing

from automation.config.words import suggestion
from automation.inert import Markdown, inert
from automation.model.base import Fact
from automation.model.roster import Report


def section(report: Report) -> Markdown:
    """A report's section heading: their name, and a hidden anchor that survives renames."""
    return Markdown(f"{inert(report.display_name)} <!-- drumbeat:for {report.id} -->")


_THINGS = (
    (str, "a text"),
    (Mapping, "this mapping"),
    (timedelta, "a duration"),
    (date, "a date"),
    (list | tuple | frozenset, "a list"),
)


def thing(value: Any) -> str:
    """What a value is, in a word."""
    known = next((word for kind, word in _THINGS if isinstance(value, kind)), None)
    name = type(value).__name__.strip("_").lower()
    return known or f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _visible(value: Any) -> Iterator[str]:
    """The names that a template may ask a value for."""
    if isinstance(value, Mapping):
        yield from map(str, value)
    if isinstance(value, Fact):
        yield from type(value).model_fields
    if is_dataclass(value):
        yield from (field.name for field in fields(value))
    if isinstance(value, Fact) or is_dataclass(value):
        yield from (
            name
            for name, member in vars(type(value)).items()
            if isinstance(member, property) and not name.startswith("_")
        )


class Unknown(StrictUndefined):
    """A name that is not there; says so, and on a second line what may have been meant."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name, owner = self._undefined_name, self._undefined_obj
        if self._undefined_hint or owner is missing:
            return self._undefined_hint or f"{name!r} is undefined"
        return f"{thing(owner)} has no {name!r}\n{suggestion(str(name), _visible(owner))}"

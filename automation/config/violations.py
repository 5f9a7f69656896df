"""One violation of the model in words: what the value is, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from automation.config.document import Node
from automation.config.words import suggestion
from automation.model.base import Unfit

Words = tuple[str, str]
"""A message, and a remedy that may be empty."""


def words_for(error: ErrorDetails, node: Node) -> Words:
    """What is wrong with the value, and what to do about it."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _EXPECTED:
        return _wrong_type(_EXPECTED[kind], node)
    if isinstance(context.get("error"), Unfit):
        return _unfit(context["error"], node)
    if kind in _WORDS:
        return _WORDS[kind](node, context)
    message, _, remedy = error["msg"].partition("\n")
    return f"{node.shown} {message}", remedy


@dataclass(frozen=True)
class _Expected:
    """A type as YAML calls it, and how it is written."""

    what: str
    remedy: str


_TEXT = _Expected("text", "Write one text.")
_DATE = _Expected("a date", "Write it as year-month-day, such as 2026-11-01.")
_TIME = _Expected("a time of day", "Write it as hours and minutes, such as 08:00.")
_MAPPING = _Expected("a mapping", "Write one 'key: value' line for each entry.")
_EXPECTED = {
    "string_type": _TEXT,
    "bool_type": _Expected("true or false", "Write true or false, without quotes."),
    "int_type": _Expected("a whole number", "Write it in digits, without quotes."),
    "float_type": _Expected("a number", "Write it in digits, without quotes."),
    "tuple_type": _Expected("a list", "Write [one, two], or one '- …' line for each entry."),
    "model_type": _MAPPING,
    "dict_type": _MAPPING,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "time_type": _TIME,
    "time_parsing": _TIME,
}


def _wrong_type(expected: _Expected, node: Node) -> Words:
    message = f"should be {expected.what}, not {node.described}"
    if node.data is None:
        return message, "Write a value (in quotes if it begins with '#'), or take the line out."
    if expected is _TEXT and not node.is_collection:
        return message, f'Put it in quotes: "{node.source}".'
    return message, expected.remedy


def _unfit(error: Unfit, node: Node) -> Words:
    near = suggestion(node.data, error.choices) if isinstance(node.data, str) else ""
    return f"{node.shown} {error.message}", near if near.startswith("Did") else error.remedy


def _not_one_of(node: Node, context: Mapping[str, Any]) -> Words:
    allowed = re.findall(r"'([^']*)'", context["expected"])
    return f"{node.shown} is not valid here", suggestion(node.source, allowed, always_list=True)


def _bound(words: str, key: str) -> Callable[[Node, Mapping[str, Any]], Words]:
    return lambda node, context: (
        f"{node.shown} is out of range",
        f"Write a number {words} {context[key]:g}.",
    )


def _too_long(node: Node, context: Mapping[str, Any]) -> Words:
    most = context["max_length"]
    if isinstance(node.data, str):
        message = f"{node.shown} has {len(node.data):,} characters"
        return message, f"Use {most:,} at most."
    return f"{node.shown} has {len(node.children):,} entries", f"Use {most:,} at most."


_WORDS: dict[str, Callable[[Node, Mapping[str, Any]], Words]] = {
    "enum": _not_one_of,
    "literal_error": _not_one_of,
    "greater_than": _bound("above", "gt"),
    "greater_than_equal": _bound("of at least", "ge"),
    "less_than_equal": _bound("of at most", "le"),
    "string_too_long": _too_long,
    "too_long": _too_long,
    "string_too_short": lambda _node, _context: ("the text is empty", "Write it."),
    "too_short": lambda _node, _context: ("the list is empty", "Add an entry."),
}

"""What an unquoted word of YAML means: YAML 1.2's core schema, and dates.

PyYAML follows YAML 1.1, where `on` is true, `08:00` is 480 and `010` is eight.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

Scalar = None | bool | int | float | date | str

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}

# No numeral of a policy has more than 100 digits; Python refuses to read or print those
# of more than 4,300. A date that the calendar does not have stays text.
_FORMS: tuple[tuple[str, Callable[[str], Scalar]], ...] = (
    (r"[-+]?[0-9]{1,100}", int),
    (r"0o[0-7]{1,100}", lambda text: int(text[2:], 8)),
    (r"0x[0-9a-fA-F]{1,100}", lambda text: int(text[2:], 16)),
    (r"[-+]?(\.[0-9]{1,100}|[0-9]{1,100}(\.[0-9]{0,100})?)([eE][-+]?[0-9]{1,10})?", float),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat),
)
_COMPILED = tuple((re.compile(pattern), read) for pattern, read in _FORMS)


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    read = next((read for pattern, read in _COMPILED if pattern.fullmatch(text)), str)
    try:
        return read(text)
    except ValueError:
        return text

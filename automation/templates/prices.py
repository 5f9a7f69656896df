"""What operators, methods and filters cost before they run, where the outcome may be large.

Most of them cost what goes in and what comes out, and that is paid for anyway. Those here can
make much of little (`"x" * 10**9`), or take the square of their input's time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from typing import Any

from automation.templates.budget import LONGEST_NUMBER, Account, OverBudget

Price = Callable[..., int]
"""The characters that a call will handle, from its arguments; wrong arguments cost nothing,
for the call itself refuses them."""

_WIDTH = re.compile(r"\d+")


def _width(_text: Any, *widths: Any, **named: Any) -> int:
    return sum(map(_number, (*widths, *named.values())))


def _indented(text: Any, width: Any = 4, *_rest: Any, **_more: Any) -> int:
    return (_number(width) or _size(width)) * (str(text).count("\n") + 1)


def _replaced(text: Any, old: Any = "", new: Any = "", *_rest: Any, **_more: Any) -> int:
    return str(text).count(str(old)) * _size(new)


def _joined(parts: Any, *between: Any, **named: Any) -> int:
    return _size(parts) * max(map(_size, (*between, *named.values())), default=0)


def _wrapped(text: Any, width: Any = 79, *others: Any, **named: Any) -> int:
    # Python's textwrap looks through a long word again from each of its letters.
    longest = max(map(len, str(text).split()), default=0)
    lines = str(text).count("\n") + _size(text) // max(1, _number(width)) + 1
    between = max(map(_size, (*others, *named.values())), default=0)
    return longest * longest // 4 + lines * between


def _stripped(text: Any, *_rest: Any) -> int:
    return _size(text) * str(text).count("<")


def _formatted(text: Any, *values: Any, **named: Any) -> int:
    pattern, given = str(text), (*values, *named.values())
    widths = sum(int(width[:20]) for width in _WIDTH.findall(pattern))
    stars = sum(map(_number, given)) if "*" in pattern else 0
    return widths + stars + pattern.count("%") * sum(len(str(value)) for value in given)


def _rounded(_value: Any, precision: Any = 0, *_rest: Any, **_more: Any) -> int:
    # It works with ten to the power of the precision.
    return _number(precision) ** 2


def _summed(items: Any, _attribute: Any = None, start: Any = 0, **_more: Any) -> int:
    # Numbers add up; lists are copied again for each that is added.
    return _size(items) ** 2 if isinstance(start, Sized) else 0


def _as_json(_value: Any, indent: Any = None) -> int:
    return _number(indent) * 1000


def _translated(text: Any, table: Any = (), *_rest: Any) -> int:
    longest = max(map(_size, table.values()), default=0) if isinstance(table, Mapping) else 1
    return _size(text) * longest


def _tabs(text: Any, tabsize: Any = 8) -> int:
    return str(text).count("\t") * _number(tabsize)


def _dated(_date: Any, *form: Any, **named: Any) -> int:
    # The C library grows its buffer up to 256 times the format's length.
    length = sum(map(_size, (*form, *named.values())))
    return length * 256 if length > 100 else 0


def _number(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0


def _size(value: Any) -> int:
    return len(value) if isinstance(value, Sized) else 0


OF_FILTERS: Mapping[str, Price] = {
    "batch": _width,
    "center": _width,
    "format": _formatted,
    "indent": _indented,
    "join": _joined,
    "replace": _replaced,
    "round": _rounded,
    "slice": _width,
    "striptags": _stripped,
    "sum": _summed,
    "tojson": _as_json,
    "wordwrap": _wrapped,
}
"""Filters of Jinja; the first argument is what stands before the `|`."""

OF_METHODS: Mapping[str, Price] = {
    "center": _width,
    "expandtabs": _tabs,
    "join": lambda between, parts=(), *_rest: _joined(parts, between),
    "ljust": _width,
    "replace": _replaced,
    "rjust": _width,
    "strftime": _dated,
    "translate": _translated,
    "zfill": _width,
}
"""Methods of texts and dates; the first argument is the text or date itself."""


def pay_for_operation(account: Account, operator: str, left: Any, right: Any) -> None:
    """Pay before `left operator right`; OverBudget where that would become too large."""
    account.weigh((left, right))
    if operator == "**":
        _check_power(left, right)
    elif operator == "*":
        account.read(_repeated(left, right) or _repeated(right, left))
    elif operator == "%" and isinstance(left, str):
        values = right if isinstance(right, tuple) else (right,)
        account.read(_formatted(left, *values))


def _check_power(base: Any, exponent: Any) -> None:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and base.bit_length() * exponent > LONGEST_NUMBER:
        raise OverBudget(f"makes a number of more than {LONGEST_NUMBER:,} bits", "Count less far.")


def _repeated(times: Any, what: Any) -> int:
    return _number(times) * _size(what)

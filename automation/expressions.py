"""Conditions that policies write: Jinja2 expressions over a few named values.

They run in the templates' sandbox: undefined names are errors and no Python is in reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, meta

from automation.templates import FIELD, RenderError

Function = Callable[..., Any]

DURATIONS: Mapping[str, Function] = {
    "minutes": lambda count: timedelta(minutes=count),
    "hours": lambda count: timedelta(hours=count),
    "days": lambda count: timedelta(days=count),
    "weeks": lambda count: timedelta(weeks=count),
}


def names_in(expression: str) -> frozenset[str]:
    """The names that an expression uses; RenderError when it is not one."""
    return _compiled(expression)[1]


def evaluate(expression: str, values: Mapping[str, Any], functions: Mapping[str, Function]) -> bool:
    """Whether the expression holds; RenderError when it cannot be evaluated."""
    compiled, _ = _compiled(expression)
    wrapped = {name: _Callable(function) for name, function in functions.items()}
    try:
        return bool(compiled(**values, **wrapped))
    except TemplateError as error:
        raise RenderError(f"`{expression}`: {error}") from error
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise RenderError(f"`{expression}` cannot be evaluated: {error}") from error


class _Callable:
    """A function that the sandbox lets an expression call."""

    __slots__ = ("_function",)
    drumbeat_offers_this = True

    def __init__(self, function: Function) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


@lru_cache(maxsize=512)
def _compiled(expression: str) -> tuple[Callable[..., Any], frozenset[str]]:
    try:
        tree = FIELD.parse("{{ (" + expression + ") }}")
        names = frozenset(meta.find_undeclared_variables(tree))
        return FIELD.compile_expression(expression, undefined_to_none=False), names
    except TemplateSyntaxError as error:
        raise RenderError(f"`{expression}` is not an expression: {error.message}") from error

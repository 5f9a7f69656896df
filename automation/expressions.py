"""Conditions that policies write: Jinja2 expressions over a few named values.

They run in the templates' sandbox: undefined names are errors and no Python is in reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes

from automation.config.words import suggestion
from automation.templates import FIELD, RenderError, explained

Function = Callable[..., Any]

DURATIONS: Mapping[str, Function] = {
    "minutes": lambda count: timedelta(minutes=count),
    "hours": lambda count: timedelta(hours=count),
    "days": lambda count: timedelta(days=count),
    "weeks": lambda count: timedelta(weeks=count),
}


def names_in(expression: str) -> frozenset[str]:
    """The names that an expression uses; RenderError when it is not one."""
    return _compiled(expression).names


@lru_cache(maxsize=512)
def only_compares(expression: str, name: str) -> bool:
    """Whether an expression does nothing with a value but compare it."""
    tree = _compiled(expression).tree
    compares = tree.find_all(nodes.Compare)
    sides = [side for one in compares for side in (one.expr, *(op.expr for op in one.ops))]
    compared = sum(isinstance(side, nodes.Name) and side.name == name for side in sides)
    return compared == sum(used.name == name for used in tree.find_all(nodes.Name))


def evaluate(expression: str, values: Mapping[str, Any], functions: Mapping[str, Function]) -> bool:
    """Whether the expression holds; RenderError when it cannot be evaluated."""
    compiled = _compiled(expression)
    known = values.keys() | functions.keys()
    for name in sorted(compiled.names - known):
        raise RenderError(f"`{expression}`: {name!r} is undefined", remedy=suggestion(name, known))
    wrapped = {name: _Function(name, function) for name, function in functions.items()}
    try:
        return bool(compiled.call(**values, **wrapped))
    except TemplateError as error:
        message, remedy = explained(error)
        raise RenderError(f"`{expression}`: {message}", remedy=remedy) from error
    except TypeError as error:
        raise RenderError(f"`{expression}`: {error}", remedy=_LIKE_WITH_LIKE) from error
    except (ValueError, ArithmeticError) as error:
        raise RenderError(f"`{expression}`: {error}") from error


_LIKE_WITH_LIKE = "Compare like with like, such as quiet_for > days(21)."


@dataclass(frozen=True)
class _Compiled:
    call: Callable[..., Any]
    tree: nodes.Template

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(meta.find_undeclared_variables(self.tree))


class _Function:
    """A function that the sandbox lets an expression call."""

    __slots__ = ("_function", "_name")
    drumbeat_offers_this = True

    def __init__(self, name: str, function: Function) -> None:
        self._name = name
        self._function = function

    def __call__(self, *args: Any) -> Any:
        if len(args) != 1:
            raise ValueError(f"{self._name}() takes one value, not {len(args)}")
        return self._function(*args)


@lru_cache(maxsize=512)
def _compiled(expression: str) -> _Compiled:
    try:
        compiled = FIELD.compile_expression(expression, undefined_to_none=False)
        tree = FIELD.parse("{{ (" + expression + ") }}")
    except TemplateSyntaxError as error:
        message, remedy = explained(error)
        if "{{" in expression:
            remedy = "Write it without {{ and }}."
        raise RenderError(f"`{expression}` is not an expression: {message}", 0, remedy) from error
    return _Compiled(compiled, tree)

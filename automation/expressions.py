"""Conditions that policies write: Jinja2 expressions over a few named values.

They run in the templates' sandbox: undefined names are errors, no Python is in reach, and
each evaluation has a budget.
A condition is taken apart at its `and`, `or` and `not`, so that one part can decide it while
another is not known yet: the order in which they are written makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.environment import TemplateExpression

from automation.config.words import suggestion
from automation.inert import plain
from automation.model.absent import ABSENT, Absent
from automation.templates import (
    FIELD,
    FOR_FIELD,
    RenderError,
    Sandbox,
    budget,
    explained,
    quoted_expression,
)

DURATIONS: Mapping[str, Callable[[float], timedelta]] = {
    "minutes": lambda count: timedelta(minutes=count),
    "hours": lambda count: timedelta(hours=count),
    "days": lambda count: timedelta(days=count),
    "weeks": lambda count: timedelta(weeks=count),
}


class Conditions(Sandbox):
    """The sandbox of conditions: what an issue does not have is none, and has nothing itself."""

    def __init__(self) -> None:
        super().__init__(plain)
        self.tests = {**self.tests, "none": lambda value: value is None or value is ABSENT}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute, such as `checklist.done`."""
        return obj if isinstance(obj, Absent) else super().getattr(obj, attribute)


CONDITION = Conditions()
"""For conditions: values keep their types."""


class Function:
    """A function that the sandbox lets an expression call; it takes `least` to `most` values."""

    __slots__ = ("_call", "_least", "_most", "_name")
    drumbeat_offers_this = True

    def __init__(
        self, name: str, call: Callable[..., Any], least: int = 1, most: int | None = 1
    ) -> None:
        self._name = name
        self._call = call
        self._least = least
        self._most = most

    def __call__(self, *args: Any) -> Any:
        """Call it; ValueError for too few or too many values."""
        if len(args) < self._least or (self._most is not None and len(args) > self._most):
            raise ValueError(f"{self._name}() takes {self._takes}, not {len(args)}")
        return self._call(*args)

    @property
    def _takes(self) -> str:
        if self._least == self._most == 1:
            return "one value"
        more = " or more" if self._most is None else f" to {self._most}"
        return f"{self._least}{more} values"


@dataclass(frozen=True)
class Unknown:
    """A part whose answer is not known: what would tell it, or why nothing does.

    Of several parts on which an answer depends, the one that costs least is asked first.
    """

    why: Exception
    cost: float


Answer = bool | Unknown


@dataclass(frozen=True, eq=False)
class Leaf:
    """A part of a condition without `and`, `or` or `not` around anything in it."""

    tree: nodes.Template
    call: Callable[..., Any]
    text: str

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it uses."""
        return frozenset(meta.find_undeclared_variables(self.tree))

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds; RenderError when it cannot be evaluated, or not within FOR_FIELD."""
        try:
            with budget(FOR_FIELD):
                return bool(self.call(**values))
        except (TemplateError, RecursionError) as error:
            message, remedy = explained(error)
            raise RenderError(f"`{self.text}`: {message}", remedy=remedy) from error
        except TypeError as error:
            raise RenderError(f"`{self.text}`: {error}", remedy=_LIKE_WITH_LIKE) from error
        except (ValueError, ArithmeticError) as error:
            raise RenderError(f"`{self.text}`: {error}") from error


@lru_cache(maxsize=2048)
def only_compares(leaf: Leaf, name: str) -> bool:
    """Whether a part does nothing with a value but compare it."""
    sides = [
        side
        for one in leaf.tree.find_all(nodes.Compare)
        for side in (one.expr, *(op.expr for op in one.ops))
    ]
    compared = sum(isinstance(side, nodes.Name) and side.name == name for side in sides)
    return compared == sum(used.name == name for used in leaf.tree.find_all(nodes.Name))


@dataclass(frozen=True, eq=False)
class Negated:
    """`not` something."""

    part: Part

    def answer(self, ask: Callable[[Leaf], Answer]) -> Answer:
        """The other answer."""
        found = _answer(self.part, ask)
        return found if isinstance(found, Unknown) else not found


@dataclass(frozen=True, eq=False)
class Joined:
    """Two parts, `and` or `or` between them."""

    parts: tuple[Part, Part]
    both: bool

    def answer(self, ask: Callable[[Leaf], Answer]) -> Answer:
        """What the parts come to; one of them may be enough."""
        unknown: list[Unknown] = []
        for part in self.parts:
            found = _answer(part, ask)
            if isinstance(found, Unknown):
                unknown.append(found)
            elif found is not self.both:
                return found
        return min(unknown, key=lambda one: one.cost) if unknown else self.both


Part = Leaf | Negated | Joined


def _answer(part: Part, ask: Callable[[Leaf], Answer]) -> Answer:
    return ask(part) if isinstance(part, Leaf) else part.answer(ask)


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition, taken apart."""

    part: Part

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """All its parts, in the order in which they are written."""
        return tuple(_leaves(self.part))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it uses."""
        return frozenset().union(*(leaf.names for leaf in self.leaves))

    def answer(self, ask: Callable[[Leaf], Answer]) -> Answer:
        """Whether it holds, by the answers of as many of its parts as matter."""
        return _answer(self.part, ask)


def _leaves(part: Part) -> Iterator[Leaf]:
    if isinstance(part, Leaf):
        yield part
        return
    for one in (part.part,) if isinstance(part, Negated) else part.parts:
        yield from _leaves(one)


def check_names(leaf: Leaf, known: frozenset[str]) -> None:
    """Raise RenderError for a name that nothing defines."""
    for name in sorted(leaf.names - known):
        reason = f"`{leaf.text}`: {name!r} is undefined"
        raise RenderError(reason, remedy=suggestion(name, known))


_LIKE_WITH_LIKE = "Compare like with like, such as quiet_for > days(21)."


@lru_cache(maxsize=512)
def condition(expression: str) -> Condition:
    """Take a condition apart; RenderError when it is none."""
    try:
        FIELD.compile_expression(expression, undefined_to_none=False)
        tree = CONDITION.parse("{{ (" + expression + ") }}")
        (printed,) = tree.find_all(nodes.Output)
        return Condition(_part(printed.nodes[0], expression))
    except TemplateSyntaxError as error:
        message, remedy = explained(error)
        if "{{" in expression:
            remedy = "Write it without {{ and }}."
        raise RenderError(f"`{expression}` is not an expression: {message}", 0, remedy) from error
    except Exception as error:  # Jinja and Python have limits that they tell in their own way
        message, remedy = explained(error)
        raise RenderError(f"{quoted_expression(expression)} {message}", 0, remedy) from error


def _part(tree: nodes.Expr, text: str) -> Part:
    match tree:
        case nodes.And() | nodes.Or():
            parts = (_part(tree.left, text), _part(tree.right, text))
            return Joined(parts, both=isinstance(tree, nodes.And))
        case nodes.Not():
            return Negated(_part(tree.node, text))
    result = nodes.Assign(nodes.Name("result", "store"), tree, lineno=1)
    template = nodes.Template([result], lineno=1)
    template.set_environment(CONDITION)
    return Leaf(template, TemplateExpression(CONDITION.from_string(template), False), text)

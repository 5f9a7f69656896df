"""Templates and fields, rendered within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from jinja2 import Template, meta, nodes

from automation.inert import WORD_JOINER, plain
from automation.model.organisation import NOWHERE, Place
from automation.model.policy import LoopDefaults
from automation.templates.budget import FOR_BODY, FOR_FIELD
from automation.templates.faults import RenderError, Spent, rendered
from automation.templates.sandbox import BODY, FIELD, TITLE, Sandbox

MAX_SPENT = 3
"""How often a template may go over its budget before nobody tries it again."""


@lru_cache(maxsize=1024)
def _compiled(environment: Sandbox, expression: str) -> Template:
    return environment.from_string(expression)


def render_field(expression: str, context: Mapping[str, Any]) -> str:
    """Render an expression of a policy field to one line of plain text.

    Raises RenderError when it cannot be rendered, or not within FOR_FIELD.
    """
    return _line(FIELD, expression, context)


def render_title(expression: str, context: Mapping[str, Any]) -> str:
    """Render a title as `render_field` would; no value in it mentions anybody."""
    return _line(TITLE, expression, context)


def _line(environment: Sandbox, expression: str, context: Mapping[str, Any]) -> str:
    try:
        text = rendered(lambda: _compiled(environment, expression), context, FOR_FIELD)
    except RenderError as error:
        raise RenderError(error.reason, remedy=error.remedy) from error
    return plain(text, limit=10_000, keep=WORD_JOINER if environment is TITLE else "")


@dataclass(frozen=True)
class LoopTemplate:
    """A template file: what its front matter sets, and its body."""

    file: str
    defaults: LoopDefaults
    body: str
    first_line: int = 1
    place: Place = NOWHERE
    _spent: list[Spent] = field(default_factory=list, repr=False, compare=False)

    def render(self, context: Mapping[str, Any]) -> str:
        """The body as Markdown, within FOR_BODY; RenderError with the line in the file.

        For thousands of subjects, a template without end would take its whole budget each
        time; after MAX_SPENT times it is refused without being tried.
        """
        if len(self._spent) >= MAX_SPENT:
            raise self._spent[-1]
        try:
            text = rendered(lambda: self._compiled, context, FOR_BODY)
        except RenderError as error:
            line = error.line + self.first_line - 1 if error.line else 0
            told = type(error)(error.reason, line, error.remedy)
            if isinstance(told, Spent):
                self._spent.append(told)
            raise told from error
        return text.strip() + "\n"

    def undeclared(self) -> Mapping[str, int]:
        """The names that the body uses and does not define, each with its first line."""
        return self._undeclared

    @cached_property
    def _undeclared(self) -> Mapping[str, int]:
        tree = BODY.parse(self.body)
        unknown = meta.find_undeclared_variables(tree) - BODY.globals.keys()
        lines: dict[str, int] = {}
        for node in tree.find_all(nodes.Name):
            if node.name in unknown:
                lines.setdefault(node.name, node.lineno + self.first_line - 1)
        return lines

    @cached_property
    def sections(self) -> frozenset[str]:
        """The names that it looks for in `off`: its sections that settings can switch off."""
        compared = BODY.parse(self.body).find_all(nodes.Compare)
        return frozenset(
            one.expr.value
            for one in compared
            if isinstance(one.expr, nodes.Const) and _is_in_off(one.ops)
        )

    @cached_property
    def _compiled(self) -> Template:
        return BODY.from_string(self.body)


def _is_in_off(operands: Iterable[nodes.Operand]) -> bool:
    return any(
        one.op in ("in", "notin") and isinstance(one.expr, nodes.Name) and one.expr.name == "off"
        for one in operands
    )

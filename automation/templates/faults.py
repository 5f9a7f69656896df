"""What is wrong with a template or an expression, in a person's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError

from automation.config.words import shortened, suggestion
from automation.errors import ConfigProblem
from automation.model.organisation import NOWHERE, Place
from automation.templates.budget import Allowance, OverBudget, budget
from automation.templates.sandbox import FIELD

_LONGEST_REASON = 500

TOO_DEEP = (
    "is nested too deeply, or calls itself without end",
    "Use fewer blocks, brackets or macros inside each other.",
)


class RenderError(Exception):
    """A template or expression cannot be rendered.

    `line` counts from 1 in the template's file, 0 if unknown. Where it is the fault of a
    field, `field` names it, and `place` is the policy or template that sets it.
    """

    def __init__(
        self,
        reason: str,
        line: int = 0,
        remedy: str = "",
        *,
        field: str = "",
        place: Place = NOWHERE,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = f"`{field}`: {reason}" if field else reason
        self.line = line
        self.remedy = remedy
        self.field = field
        self.place = place

    def problem(self, about: str = "") -> ConfigProblem:
        """The fault of a field, at its place."""
        return self.place.problem(f"{self.reason}{about}", self.remedy, at=self.field)


class Spent(RenderError):
    """A rendering that went over its budget."""


_NO_NAME = re.compile(r"'(\w+)' is undefined")
_NO_FILTER = re.compile(r"No (filter|test) named '(\w+)'(?: found)?")


def explained(error: Exception, names: Iterable[str] = ()) -> tuple[str, str]:
    """What is wrong, and what may have been meant; `names` are those that are defined."""
    if isinstance(error, RecursionError | MemoryError | SyntaxError):
        return TOO_DEEP  # Python's own syntax errors are its limits: a template has none of them
    message, _, remedy = (str(error) or type(error).__name__).partition("\n")
    if isinstance(error, TemplateSyntaxError):
        message, remedy = (error.message or message).rstrip("."), ""
    message = message[:_LONGEST_REASON]
    unknown = _NO_NAME.fullmatch(message)
    if unknown:
        return message, suggestion(unknown[1], names)
    unknown = _NO_FILTER.fullmatch(message)
    if unknown:
        known = FIELD.filters if unknown[1] == "filter" else FIELD.tests
        near = suggestion(unknown[2], known)
        return f"there is no {unknown[1]} {unknown[2]!r}", near if near.startswith("Did") else ""
    if str(error) and not isinstance(error, TemplateError):
        message = f"{type(error).__name__}: {message}"
    return message, remedy


def rendered(
    template: Callable[[], Template], context: Mapping[str, Any], allowance: Allowance
) -> str:
    """A template's text; RenderError for whatever is wrong with it, Spent for too much work."""
    try:
        compiled = template()  # outside the budget, so that nothing is worked out ahead
        with budget(allowance):
            return compiled.render(context)
    except TemplateSyntaxError as error:
        message, remedy = explained(error)
        raise RenderError(message, error.lineno, remedy) from error
    except OverBudget as error:
        raise Spent(*_at_line(error, context)) from error
    except Exception as error:  # a template may raise anything: it is user input
        raise RenderError(*_at_line(error, context)) from error


def _at_line(error: Exception, context: Mapping[str, Any]) -> tuple[str, int, str]:
    message, remedy = explained(error, context)
    return message, _template_line(error), remedy


def _template_line(error: BaseException) -> int:
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def quoted_expression(expression: str) -> str:
    """An expression as messages show it."""
    return f"`{shortened(expression)}`"

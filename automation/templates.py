"""Issue templates: YAML front matter and a Jinja2 body, rendered in a sandbox.

What a template prints is made inert unless a filter of ours vouches for it, so a name
or a title can never act. Undefined names are errors, and nothing beyond the model's own
fields can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from types import BuiltinMethodType
from typing import Any, NoReturn

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    meta,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from automation.config import read_front_matter
from automation.config.text import check_characters, decode
from automation.config.words import suggestion
from automation.errors import ConfigError, ConfigProblem
from automation.inert import Markdown, inert, mention, plain
from automation.model.base import Fact
from automation.model.organisation import NOWHERE, Place
from automation.model.policy import LoopDefaults
from automation.model.roster import Report

MAX_TEMPLATE_BYTES = 256 * 1024


def section(report: Report) -> Markdown:
    """A report's section heading: their name, and a hidden anchor that survives renames."""
    return Markdown(f"{inert(report.display_name)} <!-- drumbeat:for {report.id} -->")


_RANGE = ImmutableSandboxedEnvironment().globals["range"]

_THINGS = (
    (str, "a text"),
    (Mapping, "this mapping"),
    (timedelta, "a duration"),
    (date, "a date"),
    (list | tuple | frozenset, "a list"),
)


def _thing(value: Any) -> str:
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
        return f"{_thing(owner)} has no {name!r}\n{suggestion(str(name), _visible(owner))}"


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment in which a template sees the model's fields and nothing else."""

    def __init__(self, finalize: Callable[[Any], Any]) -> None:
        super().__init__(
            undefined=Unknown,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.globals = {"range": _RANGE}
        self.filters |= {"mention": mention, "section": section, "inert": inert}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields and properties of the model; never a method of it."""
        if isinstance(obj, Fact):
            known = attr in type(obj).model_fields
            return known or isinstance(getattr(type(obj), attr, None), property)
        return super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        """Methods of plain values, macros, and what this environment itself offers."""
        if isinstance(obj, BuiltinMethodType):
            return isinstance(obj.__self__, str | date | datetime | Mapping | tuple | LoopContext)
        owner = getattr(obj, "__self__", None)
        ours = isinstance(obj, Macro) or isinstance(owner, LoopContext) or obj is _RANGE
        return ours or getattr(type(obj), "drumbeat_offers_this", False)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Stands for an attribute that is out of reach, until it is used."""
        hint = f"{attribute!r} of {_thing(obj)} may not be used"
        return self.undefined(hint, obj=obj, name=attribute, exc=SecurityError)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what is safe to be called; the error names what is not."""
        if isinstance(obj, Undefined):
            str(obj)  # raises, and says what is undefined
        if not self.is_safe_callable(obj):
            name = getattr(obj, "__name__", None)
            raise SecurityError(f"{repr(name) if name else _thing(obj)} may not be called")
        return super().call(context, obj, *args, **kwargs)


class MarkdownSandbox(Sandbox):
    """Macros, `set` blocks and `call` blocks make Markdown: what they print is inert already."""

    @staticmethod
    def concat(parts: Iterable[str]) -> Markdown:
        """Join what was written and what was made inert."""
        return Markdown("".join(parts))


def _inert_unless_vouched_for(value: Any) -> Any:
    return value if isinstance(value, Markdown) else inert(value)


BODY = MarkdownSandbox(_inert_unless_vouched_for)
"""For Markdown: every value is made inert."""

FIELD = Sandbox(plain)
"""For titles, labels, paths: every value becomes one plain line."""


@lru_cache(maxsize=1024)
def _field_template(expression: str) -> Template:
    return FIELD.from_string(expression)


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


_NO_NAME = re.compile(r"'(\w+)' is undefined")
_NO_FILTER = re.compile(r"No (filter|test) named '(\w+)'(?: found)?")


def explained(error: Exception, names: Iterable[str] = ()) -> tuple[str, str]:
    """What is wrong, and what may have been meant; `names` are those that are defined."""
    message, _, remedy = (str(error) or "is not a template").partition("\n")
    if isinstance(error, TemplateSyntaxError):
        message, remedy = (error.message or message).rstrip("."), ""
    unknown = _NO_NAME.fullmatch(message)
    if unknown:
        return message, suggestion(unknown[1], names)
    unknown = _NO_FILTER.fullmatch(message)
    if unknown:
        known = FIELD.filters if unknown[1] == "filter" else FIELD.tests
        near = suggestion(unknown[2], known)
        return f"there is no {unknown[1]} {unknown[2]!r}", near if near.startswith("Did") else ""
    return message, remedy


def render_field(expression: str, context: Mapping[str, Any]) -> str:
    """Render an expression of a policy field to one line of plain text.

    Raises RenderError when it cannot be rendered.
    """
    try:
        text = _rendered(lambda: _field_template(expression), context)
    except RenderError as error:
        raise RenderError(error.reason, remedy=error.remedy) from error
    return plain(text, limit=10_000)


@dataclass(frozen=True)
class LoopTemplate:
    """A template file: what its front matter sets, and its body."""

    file: str
    defaults: LoopDefaults
    body: str
    first_line: int = 1
    place: Place = NOWHERE

    def render(self, context: Mapping[str, Any]) -> str:
        """The body as Markdown; raises RenderError with the line in the file."""
        try:
            text = _rendered(lambda: self._compiled, context)
        except RenderError as error:
            line = error.line + self.first_line - 1 if error.line else 0
            raise RenderError(error.reason, line, error.remedy) from error
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


def _rendered(template: Callable[[], Template], context: Mapping[str, Any]) -> str:
    try:
        return template().render(context)
    except TemplateSyntaxError as error:
        message, remedy = explained(error)
        raise RenderError(message, error.lineno, remedy) from error
    except TemplateError as error:
        message, remedy = explained(error, context)
        raise RenderError(message, _template_line(error), remedy) from error
    except Exception as error:  # a template may raise anything: it is user input
        raise RenderError(f"{type(error).__name__}: {error}", _template_line(error)) from error


def _template_line(error: BaseException) -> int:
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class Library:
    """The templates of a folder, read when they are asked for.

    Asking raises ConfigError when a file is missing, too large, or not a template.
    """

    def __init__(self, folder: Path, shown_as: str = "issue_templates") -> None:
        self._folder = folder
        self._shown_as = shown_as
        self._known: dict[str, LoopTemplate] = {}

    def names(self) -> tuple[str, ...]:
        """All templates in the folder, sorted."""
        found = (path.relative_to(self._folder) for path in self._folder.rglob("*.md"))
        return tuple(sorted(path.as_posix() for path in found))

    def get(self, name: str) -> LoopTemplate:
        """The template with this name, relative to the folder."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> LoopTemplate:
        file = f"{self._shown_as}/{name}"
        text = self._text(name, file)
        defaults, body, first_line = read_front_matter(text, file)
        _check_syntax(body, file, first_line)
        place = Place(file, 1, 1, dict(_front_fields(text, first_line)))
        return LoopTemplate(file, defaults, body, first_line, place)

    def _text(self, name: str, file: str) -> str:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise ConfigError([ConfigProblem(file, 0, 0, "", "lies outside the templates' folder")])
        try:
            data = path.read_bytes()
        except OSError as error:
            reason = "there is no such template" if not path.exists() else str(error.strerror)
            remedy = f"Templates here: {', '.join(self.names()) or 'none'}."
            raise ConfigError([ConfigProblem(file, 0, 0, "", reason, remedy)]) from error
        if len(data) > MAX_TEMPLATE_BYTES:
            message = f"is larger than {MAX_TEMPLATE_BYTES // 1024} KiB"
            raise ConfigError([ConfigProblem(file, 0, 0, "", message)])
        text = decode(data, file)
        check_characters(text, file)
        return text


_FRONT_FIELD = re.compile(r"(\w+)\s*:\s*")


def _front_fields(text: str, first_line: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The fields of the front matter, with the line and column of their values."""
    for number, line in enumerate(text.split("\n")[: first_line - 1], 1):
        found = _FRONT_FIELD.match(line)
        if found:
            yield found[1], (number, found.end() + 1)


def _check_syntax(body: str, file: str, first_line: int) -> None:
    try:
        BODY.compile(body)
        tree = BODY.parse(body)
    except TemplateSyntaxError as error:
        _refuse(file, error.lineno + first_line - 1, *explained(error))
    for node in tree.find_all(nodes.Node):
        fault = _fault(node)
        if fault is not None:
            _refuse(file, node.lineno + first_line - 1, *fault)


_BRINGING = nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport


def _fault(node: nodes.Node) -> tuple[str, str] | None:
    """What is wrong with a part of a template, be it ever rendered or not."""
    if isinstance(node, _BRINGING):
        return "a template cannot bring in another one", "Write its text here."
    if isinstance(node, nodes.Filter) and node.name not in BODY.filters:
        return explained(TemplateSyntaxError(f"No filter named {node.name!r}", node.lineno))
    if isinstance(node, nodes.Test) and node.name not in BODY.tests:
        return explained(TemplateSyntaxError(f"No test named {node.name!r}", node.lineno))
    return None


def _refuse(file: str, line: int, message: str, remedy: str) -> NoReturn:
    raise ConfigError([ConfigProblem(file, line, 1, "", message, remedy)])

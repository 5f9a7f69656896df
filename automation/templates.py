"""Issue templates: YAML front matter and a Jinja2 body, rendered in a sandbox.

What a template prints is made inert unless a filter of ours vouches for it, so a name
or a title can never act. Undefined names are errors, and nothing beyond the model's own
fields can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from types import BuiltinMethodType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from automation.config import read_front_matter
from automation.errors import ConfigError, ConfigProblem
from automation.inert import Markdown, inert, mention, plain
from automation.model.base import Fact
from automation.model.policy import LoopDefaults
from automation.model.roster import Report

MAX_TEMPLATE_BYTES = 256 * 1024


def section(report: Report) -> Markdown:
    """A report's section heading: their name, and a hidden anchor that survives renames."""
    return Markdown(f"{inert(report.display_name)} <!-- drumbeat:for {report.id} -->")


_RANGE = ImmutableSandboxedEnvironment().globals["range"]


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment in which a template sees the model's fields and nothing else."""

    def __init__(self, finalize: Callable[[Any], Any]) -> None:
        super().__init__(
            undefined=StrictUndefined,
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


def _inert_unless_vouched_for(value: Any) -> Any:
    return value if isinstance(value, Markdown) else inert(value)


BODY = Sandbox(_inert_unless_vouched_for)
"""For Markdown: every value is made inert."""

FIELD = Sandbox(plain)
"""For titles, labels, paths: every value becomes one plain line."""


@lru_cache(maxsize=1024)
def _field_template(expression: str) -> Template:
    return FIELD.from_string(expression)


class RenderError(Exception):
    """A template or expression cannot be rendered; `line` counts from 1, 0 if unknown."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def render_field(expression: str, context: Mapping[str, Any]) -> str:
    """Render an expression of a policy field to one line of plain text.

    Raises RenderError when it cannot be rendered.
    """
    return plain(_rendered(lambda: _field_template(expression), context), limit=10_000)


@dataclass(frozen=True)
class LoopTemplate:
    """A template file: what its front matter sets, and its body."""

    file: str
    defaults: LoopDefaults
    body: str
    first_line: int = 1

    def render(self, context: Mapping[str, Any]) -> str:
        """The body as Markdown; raises RenderError with the line in the file."""
        try:
            text = _rendered(lambda: self._compiled, context)
        except RenderError as error:
            line = error.line + self.first_line - 1 if error.line else 0
            raise RenderError(error.message, line) from error
        return text.strip() + "\n"

    @cached_property
    def _compiled(self) -> Template:
        return BODY.from_string(self.body)


def _rendered(template: Callable[[], Template], context: Mapping[str, Any]) -> str:
    try:
        return template().render(context)
    except TemplateSyntaxError as error:
        raise RenderError(error.message or "is not a template", error.lineno) from error
    except SecurityError as error:
        raise RenderError(f"is not allowed: {error}", _template_line(error)) from error
    except TemplateError as error:
        raise RenderError(str(error), _template_line(error)) from error
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
        template = LoopTemplate(file, defaults, body, first_line)
        try:
            BODY.parse(body)
        except TemplateSyntaxError as error:
            line, message = error.lineno + first_line - 1, error.message or "is not a template"
            raise ConfigError([ConfigProblem(file, line, 1, "", message)]) from error
        return template

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
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 (byte {error.start})"
            raise ConfigError([ConfigProblem(file, 0, 0, "", message)]) from error

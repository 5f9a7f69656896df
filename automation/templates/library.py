"""The folder of templates: read once, from inside it only, and checked before anything renders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NoReturn

from jinja2 import TemplateSyntaxError, nodes

from automation.config import read_front_matter
from automation.config.text import check_characters, decode
from automation.errors import ConfigError, ConfigProblem
from automation.model.organisation import Place
from automation.templates.faults import explained
from automation.templates.rendering import LoopTemplate
from automation.templates.sandbox import BODY

MAX_TEMPLATE_BYTES = 256 * 1024
MAX_PARTS = 20_000
"""Expressions, names, texts and tags of a template: what Python takes its time to compile."""


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
        path = self._inside(name, file)
        if path.exists() and not path.is_file():
            _refuse(file, 0, "is not a regular file", "Put a file of text there.")
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_TEMPLATE_BYTES + 1)
        except OSError as error:
            reason = "there is no such template" if not path.exists() else str(error.strerror)
            remedy = f"Templates here: {', '.join(self.names()) or 'none'}."
            raise ConfigError([ConfigProblem(file, 0, 0, "", reason, remedy)]) from error
        if len(data) > MAX_TEMPLATE_BYTES:
            message = f"is larger than {MAX_TEMPLATE_BYTES // 1024} KiB"
            _refuse(file, 0, message, "Split it into several templates.")
        text = decode(data, file)
        check_characters(text, file)
        return text

    def _inside(self, name: str, file: str) -> Path:
        """Where the template really is; ConfigError where that is not below the folder."""
        try:
            path = (self._folder / name).resolve()
            inside = path.is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError, ValueError) as error:  # a circle of links, or no path
            shown = repr(file)[1:-1]
            problem = ConfigProblem(shown, 0, 0, "", "cannot be a template's path", _OWN_FILE)
            raise ConfigError([problem]) from error
        if not inside:
            _refuse(file, 0, "lies outside the templates' folder", _OWN_FILE)
        return path


_OWN_FILE = "Name a file below that folder; a link that leads out of it does not count."
_FRONT_FIELD = re.compile(r"(\w+)\s*:\s*")


def _front_fields(text: str, first_line: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The fields of the front matter, with the line and column of their values."""
    for number, line in enumerate(text.split("\n")[: first_line - 1], 1):
        found = _FRONT_FIELD.match(line)
        if found:
            yield found[1], (number, found.end() + 1)


def _check_syntax(body: str, file: str, first_line: int) -> None:
    try:
        tree = BODY.parse(body)
        parts = sum(1 for _ in islice(tree.find_all(nodes.Node), MAX_PARTS + 1))
        if parts > MAX_PARTS:
            message = f"has more than {MAX_PARTS:,} parts (expressions, names, texts and tags)"
            _refuse(file, first_line, message, "Split it into several templates, or use loops.")
        BODY.compile(body)
    except ConfigError:
        raise
    except TemplateSyntaxError as error:
        _refuse(file, error.lineno + first_line - 1, *explained(error))
    except Exception as error:  # Jinja and Python have limits that they tell in their own way
        raise ConfigError([ConfigProblem(file, first_line, 1, "", *explained(error))]) from error
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
    raise ConfigError([ConfigProblem(file, line, min(line, 1), "", message, remedy)])

"""A YAML document that still knows where everything in it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from automation.config.words import Path, dotted, quoted, shortened
from automation.errors import ConfigProblem

_TYPES: dict[type, str] = {
    str: "the text ",
    int: "the number ",
    float: "the number ",
    date: "the date ",
}


@dataclass(frozen=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """A value: as plain data, as it was written, and with its place.

    `size` counts the values in it, itself included and aliases as often as they are used;
    `height` is how deep it is nested, 1 for a scalar.
    """

    place: Place
    data: Any
    source: str = ""
    children: Mapping[str | int, Node] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    @property
    def is_collection(self) -> bool:
        """Whether it is a mapping or a list."""
        return isinstance(self.data, dict | list)

    @property
    def shown(self) -> str:
        """The value, short enough for a message."""
        if isinstance(self.data, str):
            return quoted(self.data)
        if self.data is None:
            return "an empty value"
        if self.is_collection:
            return "this mapping" if isinstance(self.data, dict) else "this list"
        return shortened(self.source)

    @property
    def described(self) -> str:
        """The value with the word that YAML has for its type."""
        if self.is_collection:
            return "a mapping" if isinstance(self.data, dict) else "a list"
        return _TYPES.get(type(self.data), "") + self.shown


@dataclass(frozen=True)
class Document:
    """One document of a file. `file` is relative to the repository, with forward slashes."""

    file: str
    root: Node

    def node(self, path: Path) -> Node:
        """The value at the path, or the innermost one around it that was written."""
        node = self.root
        for part in path:
            node = node.children.get(part, node)
        return node

    def where(self, path: Path) -> str:
        """`policies/people.yml:12`, for messages that point to a second place."""
        return f"{self.file}:{self.node(path).place.line}"

    def problem(self, path: Path, message: str, remedy: str = "") -> ConfigProblem:
        """A fault of the value at the path."""
        return self._problem(self.node(path).place, path, message, remedy)

    def key_problem(self, path: Path, message: str, remedy: str = "") -> ConfigProblem:
        """A fault of the key that the path ends with."""
        place = self.node(path[:-1]).keys[str(path[-1])]
        return self._problem(place, path, message, remedy)

    def _problem(self, place: Place, path: Path, message: str, remedy: str) -> ConfigProblem:
        return ConfigProblem(self.file, place.line, place.column, dotted(path), message, remedy)

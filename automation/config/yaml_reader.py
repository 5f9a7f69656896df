"""Strict YAML: every value keeps its place, and nothing surprises or explodes.

Composed from the parser's events, so that duplicate keys, tags and bombs are met before
they are built. Anchors and aliases may be used; what they expand to counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from automation.config.document import Document, Node, Place
from automation.config.scalars import resolve
from automation.config.syntax import MAX_DEPTH, syntax_problem
from automation.config.text import FORBIDDEN, check_characters, check_size, named
from automation.config.words import Path, dotted, quoted
from automation.errors import ConfigError, ConfigProblem

MAX_NODES = 100_000
MAX_DOCUMENTS = 1000
MAX_PROBLEMS = 100

# The parser in C is ten times as fast; not every platform has it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Reading:
    """What a file holds. `complete` is False when the file could not be read to its end."""

    file: str
    documents: list[Document] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)
    complete: bool = True

    def new(self, problems: Iterable[ConfigProblem]) -> list[ConfigProblem]:
        """Those of the problems that do not only echo a fault of the YAML itself."""
        told = {(problem.line, problem.path) for problem in self.problems}
        return [problem for problem in problems if (problem.line, problem.path) not in told]


def read_yaml(text: str, file: str) -> Reading:
    """All documents of a file that are not empty, and what is wrong with its YAML."""
    reading = Reading(file)
    try:
        check_size(len(text.encode(errors="surrogatepass")), file)
        check_characters(text, file)
        _Composer(text, reading).compose()
    except ConfigError as error:
        reading.problems.extend(error.problems)
        reading.complete = False
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        reading.problems.append(syntax_problem(error, text, file))
        reading.complete = False
    return reading


class _Composer:
    """Builds the documents of one file; ConfigError at what cannot be gone on after."""

    def __init__(self, text: str, reading: Reading) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self._reading = reading
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def compose(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                root = self._node(next(self._events), (), 1)
                if root.data is not None:
                    self._reading.documents.append(Document(self._reading.file, root))
                if len(self._reading.documents) > MAX_DOCUMENTS:
                    message = f"more than {MAX_DOCUMENTS:,} documents in one file"
                    raise self._stop(event, message, "Split the file.")

    def _node(self, event: Any, path: Path, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, depth)
        self._count(1, event)
        if depth > MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "Make it flatter.")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(event, path, f"the tag {quoted(tag)} is not allowed", "Remove it.")
        node = self._value(event, path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _value(self, event: Any, path: Path, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, path, depth)
        return self._mapping(event, path, depth)

    def _alias(self, event: Any, path: Path, depth: int) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            message = f"the alias '*{event.anchor}' has no anchor '&{event.anchor}' before it"
            self._fault(event, path, message, "Quote text that begins with '*'.")
            return Node(_place(event), None)
        self._count(node.size, event)
        if depth + node.height - 1 > MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "Make it flatter.")
        return node

    def _scalar(self, event: Any, path: Path) -> Node:
        text = str(event.value)
        found = FORBIDDEN.search(text)
        if found is not None:
            message = f"the character {named(found[0])} is not allowed"
            self._fault(event, path, message, "Remove its escape code.")
            text = FORBIDDEN.sub("", text)
        plain = event.implicit[0]
        return Node(_place(event), resolve(text) if plain else text, text)

    def _sequence(self, event: Any, path: Path, depth: int) -> Node:
        children: list[Node] = []
        for entry in self._until(yaml.SequenceEndEvent):
            children.append(self._node(entry, (*path, len(children)), depth + 1))
        data = [child.data for child in children]
        return _collection(event, data, dict(enumerate(children)), {})

    def _mapping(self, event: Any, path: Path, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str, Place] = {}
        for entry in self._until(yaml.MappingEndEvent):
            key = self._node(entry, path, depth + 1)
            name = key.data if isinstance(key.data, str) else key.source
            value = self._node(next(self._events), (*path, name), depth + 1)
            if self._is_good_key(entry, key, path, keys):
                keys[name] = _place(entry)
                children[name] = value
        data = {name: child.data for name, child in children.items()}
        return _collection(event, data, children, keys)

    def _until(self, end: type) -> Iterator[Any]:
        event = next(self._events)
        while not isinstance(event, end):
            yield event
            event = next(self._events)

    def _is_good_key(self, event: Any, key: Node, path: Path, keys: dict[str, Place]) -> bool:
        if not isinstance(key.data, str):
            message = f"a key should be text, not {key.described}"
            self._fault(event, path, message, _key_remedy(key))
        elif key.data == "<<":
            remedy = "Write the keys out."
            self._fault(event, path, "merge keys ('<<') are not allowed", remedy)
        elif key.data in keys:
            message = f"{key.shown} is already a key of this mapping, in line "
            message += str(keys[key.data].line)
            self._fault(event, (*path, key.data), message, "Keep one of the two.")
        else:
            return True
        return False

    def _count(self, nodes: int, event: Any) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values in one file, each alias counted in full"
            raise self._stop(event, message, "Split the file, and use fewer aliases.")

    def _fault(self, event: Any, path: Path, message: str, remedy: str) -> None:
        place = _place(event)
        file = self._reading.file
        problem = ConfigProblem(file, place.line, place.column, dotted(path), message, remedy)
        self._reading.problems.append(problem)
        if len(self._reading.problems) >= MAX_PROBLEMS:
            raise self._stop(event, "too many faults to go on", "Mend those above first.")

    def _stop(self, event: Any, message: str, remedy: str) -> ConfigError:
        place = _place(event)
        file = self._reading.file
        return ConfigError([ConfigProblem(file, place.line, place.column, "", message, remedy)])


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _collection(
    event: Any, data: Any, children: dict[str | int, Node], keys: dict[str, Place]
) -> Node:
    nodes = children.values()
    size = 1 + len(keys) + sum(node.size for node in nodes)
    height = 1 + max((node.height for node in nodes), default=0)
    return Node(_place(event), data, "", children, keys, size, height)


def _key_remedy(key: Node) -> str:
    if key.is_collection:
        return "Put text that begins with '{' or '[' in quotes, as in \"{{ manager.username }}\"."
    return f'Put it in quotes: "{key.source}".' if key.source else "Write the key before the ':'."

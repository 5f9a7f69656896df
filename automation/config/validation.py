"""The model's violations, told at their place in the document and in YAML's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from automation.config.document import Document, Node
from automation.config.schema import keys_at
from automation.config.violations import words_for
from automation.config.words import Path, nearest, quoted, suggestion
from automation.errors import ConfigProblem
from automation.model.base import Fact

MAX_PROBLEMS = 100

F = TypeVar("F", bound=Fact)


def validate(model: type[F], document: Document) -> tuple[F | None, list[ConfigProblem]]:
    """The document as a fact, or None and everything that is wrong with it.

    By way of JSON, since pydantic's strict mode reads that as YAML 1.2 is meant: no number
    for text, no text for a number, lists for tuples, and ISO 8601 for dates and times.
    """
    text = json.dumps(document.root.data, default=str)
    try:
        return model.model_validate_json(text, strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    problems = list(_problems(model, document, errors[:MAX_PROBLEMS]))
    more = len(errors) - MAX_PROBLEMS
    if more > 0:
        message = f"this document has {more:,} more faults"
        problems.append(document.problem((), message, "Mend the others first."))
    return None, problems


def _problems(
    model: type[F], document: Document, errors: Sequence[ErrorDetails]
) -> Iterator[ConfigProblem]:
    unknown = {
        _path(document.root, error): _keys(model, document, _path(document.root, error))
        for error in errors
        if error["type"] == "extra_forbidden"
    }
    misspelt = {(*path[:-1], nearest(str(path[-1]), keys)) for path, keys in unknown.items()}
    for error in errors:
        path = _path(document.root, error)
        if error["type"] == "extra_forbidden":
            name = str(path[-1])
            remedy = suggestion(name, unknown[path])
            yield document.key_problem(path, f"unknown key {quoted(name)}", remedy)
        elif error["type"] == "missing":
            if (*path, error["loc"][-1]) not in misspelt:
                yield _missing(document, path, str(error["loc"][-1]))
        elif error["loc"][-1:] == ("[key]",):
            message, remedy = words_for(error, Node(document.root.place, path[-1]))
            yield document.key_problem(path, message, remedy)
        elif not _is_consequence(error, document.node(path)):
            yield document.problem(path, *words_for(error, document.node(path)))


def _path(root: Node, error: ErrorDetails) -> Path:
    """The error's place without the tags that pydantic puts in for branches of a union."""
    path: list[str | int] = []
    node = root
    for part in error["loc"]:
        if part in node.children:
            path.append(part)
            node = node.children[part]
    return tuple(path)


def _keys(model: type[F], document: Document, path: Path) -> list[str]:
    """The keys that could stand in place of the unknown one that the path ends with."""
    written = document.node(path[:-1]).data
    return [key for key in keys_at(model, path[:-1], written) if key not in written]


def _missing(document: Document, path: Path, name: str) -> ConfigProblem:
    return document.problem(path, f"{name!r} is missing", f"Add '{name}: …' here.")


def _is_consequence(error: ErrorDetails, node: Node) -> bool:
    """Whether a list is called too short only because its entries are faulty."""
    return error["type"] == "too_short" and bool(node.children)

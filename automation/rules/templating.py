"""Faults of templates, whatever they are for: missing ones, and names that nothing defines."""

from __future__ import annotations

from collections.abc import Iterator, Set

from automation.config.words import quoted, suggestion
from automation.errors import ConfigError, ConfigProblem
from automation.model.organisation import Place
from automation.templates import Library, LoopTemplate


def template_faults(name: str, library: Library, place: Place, at: str) -> Iterator[ConfigProblem]:
    """Why a template that a policy names cannot be had; `at` is the field that names it."""
    names = library.names()
    if name not in names:
        remedy = suggestion(name, names) or "There are no templates at all."
        yield place.problem(f"there is no template {quoted(name)}", remedy, at=at)
        return
    try:
        library.get(name)
    except ConfigError as error:
        yield from error.problems


def unknown_names(template: LoopTemplate, names: Set[str]) -> Iterator[ConfigProblem]:
    """Names that nothing defines, in parts that nothing of today has rendered, too."""
    for name, line in template.undeclared().items():
        if name not in names:
            remedy = suggestion(name, names)
            yield ConfigProblem(template.file, line, 1, "", f"{name!r} is undefined", remedy)


def first_of_each(problems: Iterator[ConfigProblem]) -> Iterator[ConfigProblem]:
    """One problem per place: thirty subjects need not tell the same thing thirty times."""
    seen: set[tuple[str, int, str]] = set()
    for problem in problems:
        what = problem.path or problem.message.split(" (for ")[0]
        place = (problem.file, problem.line, what)
        if place not in seen:
            seen.add(place)
            yield problem

"""Dependencies are few, bounded, used, and pinned for whoever wants what was tested."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.sample import REPOSITORY

PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))[
    "project"
]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
USED = [Requirement(line) for line in PROJECT["dependencies"]]
USED_BY_EXTRAS = [Requirement(line) for name in ("sandbox", "report") for line in EXTRAS[name]]
FOR_DEVELOPERS = [Requirement(line) for line in EXTRAS["dev"] if not line.startswith("drumbeat")]
ALL = [*USED, *USED_BY_EXTRAS, *FOR_DEVELOPERS]

UNBOUNDED = {
    "regex": "versions by year",
    "tzdata": "versions by year",
    "types-python-dateutil": "follows the library, whose bounds hold",
    "types-PyYAML": "follows the library, whose bounds hold",
    "types-regex": "follows the library, whose bounds hold",
}
NOT_IMPORTED = {
    "tzdata": "Python's own zoneinfo reads its files",
    "python-multipart": "Starlette imports it, to read forms",
}
COMES_ALONG = {
    "markupsafe": "Jinja2",
    "pydantic_core": "pydantic",
    "requests": "python-gitlab",
    "urllib3": "requests",
}
"""What is imported without being asked for: part of another library's interface."""

PINS = {
    canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
    for line in (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
}


def names(requirements: Iterable[Requirement]) -> list[str]:
    """Their names, to tell tests apart."""
    return [requirement.name for requirement in requirements]


def test_they_are_few():
    assert len(USED) <= 13, "say in the commit why another one earns its place"


@pytest.mark.parametrize("one", ALL, ids=names(ALL))
def test_each_has_a_lower_bound_and_an_upper_one(one):
    bounds = {clause.operator for clause in one.specifier}
    assert bounds == ({">="} if one.name in UNBOUNDED else {">=", "<"})
    assert one.url is None


def _imports() -> Iterator[str]:
    for path in (REPOSITORY / "automation").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


@cache
def _providers() -> dict[str, set[str]]:
    """Each module that is imported from elsewhere, and the distributions that bring it."""
    known = packages_distributions()
    foreign = set(_imports()) - sys.stdlib_module_names - {"automation"}
    return {name: set(map(canonicalize_name, known[name])) for name in foreign}


def test_each_is_imported_somewhere():
    used = set().union(*_providers().values())
    idle = {one.name for one in (*USED, *USED_BY_EXTRAS) if canonicalize_name(one.name) not in used}
    assert idle == NOT_IMPORTED.keys()


def test_nothing_is_imported_that_is_not_asked_for():
    asked = {canonicalize_name(one.name) for one in (*USED, *USED_BY_EXTRAS)}
    extra = {name for name, providers in _providers().items() if not asked & providers}
    assert extra == COMES_ALONG.keys()


@pytest.mark.parametrize("one", ALL, ids=names(ALL))
def test_each_is_pinned_within_its_bounds(one):
    assert one.specifier.contains(PINS[canonicalize_name(one.name)])


def _needed(requirements: Iterable[Requirement], seen: set[str]) -> set[str]:
    """All distributions that these need here, themselves included; `seen` grows to it."""
    for one in requirements:
        for extra in ("", *one.extras):
            key = f"{canonicalize_name(one.name)}[{extra}]"
            if key not in seen:
                seen.add(key)
                below = map(Requirement, requires(one.name) or ())
                here = {"extra": extra}
                _needed((x for x in below if not x.marker or x.marker.evaluate(here)), seen)
    return {key.partition("[")[0] for key in seen}


def test_what_they_need_is_pinned_as_well():
    assert _needed(ALL, set()) <= PINS.keys()


def test_constraints_hold_versions_and_no_addresses():
    lines = (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[\w.-]+==[\w.+!]+", line) for line in lines)
    assert not [line for line in lines if "://" in line]
    pins = [line.partition("==")[0] for line in lines if not line.startswith("#")]
    assert pins == sorted(pins, key=str.lower)

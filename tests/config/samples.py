"""Pieces of configuration that tests bend, and the shortest way to load them."""

from __future__ import annotations

from pathlib import Path

from automation.config import load
from automation.errors import ConfigError
from automation.model.organisation import Organisation

SETTINGS = """\
kind: settings
loops_group: support
default_project: support/loops
"""
CADENCE = """\
kind: cadence
name: one-on-one
for_each: manager
template: one-on-one.md
period: week
schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO"}
"""
DIRECTOR = "  - {id: dir-1, username: dora}\n"
BERT = "  - {id: mgr-2, username: bert, director: dir-1}\n"


def anna(more: str = "") -> str:
    """A manager, with more keys when wanted."""
    return f"  - {{id: mgr-1, username: anna, director: dir-1{more}}}\n"


def roster(managers: str, directors: str = DIRECTOR, groups: str = "") -> str:
    """A roster of entries in YAML."""
    groups = f"groups:\n{groups}" if groups else ""
    return f"kind: roster\ndirectors:\n{directors}managers:\n{managers}{groups}"


def triage(action: str = "{label: y}", where: str = "{group: support}") -> str:
    """A triage policy with one rule."""
    rule = f"{{name: r, when: x, do: {action}}}"
    return f"kind: triage\nname: x\nwhere: {where}\nrules: [{rule}]\n"


def write(root: Path, **files: str | bytes) -> Path:
    """Write policies/NAME.yml for every name; return the root."""
    (root / "policies").mkdir(exist_ok=True)
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (root / "policies" / f"{name}.yml").write_bytes(raw)
    return root


def loaded(root: Path, **files: str | bytes) -> Organisation:
    """Load these files."""
    return load(write(root, **files))


def faults(root: Path, **files: str | bytes) -> list[str]:
    """What a person sees of each fault of these files; empty when all is well."""
    try:
        loaded(root, **files)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []

"""Which files are policies, and their bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from automation.config.text import MAX_BYTES
from automation.errors import ConfigProblem

_SUFFIXES = (".yml", ".yaml")


@dataclass
class Found:
    """The policy files below a folder, by name as problems tell it, and what was refused."""

    files: list[tuple[str, bytes]] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)


def find(root: Path, policies: str) -> Found:
    """Read every `*.yml` and `*.yaml` below the folder, in the order of their names.

    Hidden files and folders are passed over. Symbolic links are followed to files of the
    same folder only; a file that has several names is read once.
    """
    folder = root / policies
    found = Found()
    if not folder.is_dir():
        message, remedy = "there is no such folder", "Run Drumbeat where the policies are."
        found.problems.append(_problem(Path(policies), message, remedy))
        return found
    seen: set[Path] = set()
    for path in sorted(_candidates(folder)):
        name = Path(policies) / path.relative_to(folder)
        problem = _refusal(path, name, folder.resolve())
        if problem is not None:
            found.problems.append(problem)
        elif path.resolve() not in seen:
            seen.add(path.resolve())
            _read(path, name, found)
    return found


def _candidates(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        named = [name for name in files if name.endswith(_SUFFIXES) and not name.startswith(".")]
        yield from (Path(parent) / name for name in (*links, *named))


def _refusal(path: Path, name: Path, folder: Path) -> ConfigProblem | None:
    if not path.exists():  # a link to nothing, or to itself
        return _problem(name, "is not a regular file", "Remove or rename it.")
    if path.is_symlink() and not path.resolve().is_relative_to(folder):
        return _problem(name, "is a symbolic link that leaves the folder", "Put a copy here.")
    if path.is_symlink() and path.is_dir():
        return _problem(name, "is a symbolic link to a folder", "Name the folder itself.")
    if not path.is_file():
        return _problem(name, "is not a regular file", "Remove or rename it.")
    return None


def _read(path: Path, name: Path, found: Found) -> None:
    try:
        with path.open("rb") as stream:
            found.files.append((_shown(name), stream.read(MAX_BYTES + 1)))
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        found.problems.append(_problem(name, message, "Check its permissions."))


def _problem(name: Path, message: str, remedy: str) -> ConfigProblem:
    return ConfigProblem(_shown(name), 0, 0, "", message, remedy)


def _shown(name: Path) -> str:
    """The name with forward slashes, and fit to be printed."""
    text = name.as_posix()
    return text if text.isprintable() else ascii(text)[1:-1]

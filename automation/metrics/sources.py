"""Where numbers come from: files of the repository, or anything else that answers alike.

A client for another system is one more `Source`; rules ask for numbers by the name of a
policy and know no source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from automation.metrics.table import NotATable, read_table
from automation.model.metrics import MetricsPolicy, Table
from automation.model.questions import NumbersOf, Question
from automation.model.snapshot import Unreadable

MAX_BYTES = 64 * 1024 * 1024


class Source(Protocol):
    """Something that has numbers."""

    def read(self) -> Table | Unreadable:
        """All numbers that there are, or why there are none; raises nothing."""
        ...


class FileSource:
    """The files that a policy names, below the repository's top."""

    def __init__(self, root: Path, policy: MetricsPolicy) -> None:
        self._root = root
        self._policy = policy

    def read(self) -> Table | Unreadable:
        """The rows of all files; one that cannot be read is told among the table's faults."""
        pattern = self._policy.file or ""
        files = sorted(self._root.glob(pattern))
        if not files:
            return Unreadable(f"there is no file {pattern}", "Let a job put the export there.")
        table = Table()
        for file in files:
            name = file.relative_to(self._root).as_posix()
            try:
                table.add(self._table(file, name))
            except (OSError, UnicodeDecodeError, NotATable) as error:
                table.faults.append(f"{name}: {_why(error)}")
        if not table.rows and table.faults:
            return Unreadable(table.faults[0])
        return table

    def _table(self, file: Path, name: str) -> Table:
        if not file.resolve().is_relative_to(self._root.resolve()):
            raise NotATable("lies outside the repository")
        if file.stat().st_size > MAX_BYTES:
            raise NotATable(f"is larger than {MAX_BYTES // 1024 // 1024} MiB")
        return read_table(file.read_text(encoding="utf-8"), name, self._policy.columns)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror)
    return "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


class Answering(Protocol):
    """Answers questions; a `ports.Reader`."""

    def answer(self, questions: Collection[Question]) -> Mapping[Question, object]:
        """The answers."""
        ...


class WithNumbers:
    """A reader that also knows numbers; every other question goes to the one behind it."""

    def __init__(self, reader: Answering, sources: Mapping[str, Source]) -> None:
        self._reader = reader
        self._sources = sources

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """The answers; raises what the reader behind raises."""
        ours = [one for one in questions if isinstance(one, NumbersOf)]
        others = [one for one in questions if not isinstance(one, NumbersOf)]
        answers: dict[Question, object] = dict(self._reader.answer(others)) if others else {}
        return answers | {one: self._numbers(one.policy) for one in ours}

    def _numbers(self, policy: str) -> Table | Unreadable:
        source = self._sources.get(policy)
        return source.read() if source else Unreadable(f"there is no source named {policy}")


def file_sources(root: Path, policies: Collection[MetricsPolicy]) -> dict[str, Source]:
    """The files of all policies that have any, by the policies' names."""
    return {one.name: FileSource(root, one) for one in policies if one.source == "file"}

"""Threads that do one piece of work after the other.

Not an executor of the standard library: its threads would keep a process that was told to
end alive for as long as a request hangs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

Result = TypeVar("Result")


class Lanes(Protocol[Result]):
    """Where work is done; it is known by a number."""

    def start(self, number: int, work: Callable[[], Result]) -> None:
        """Begin it."""
        ...

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:
        """The next work that is done, and its result; what it raised is raised here.

        Raises Empty where nothing gets done within so many seconds.
        """
        ...

    def close(self) -> None:
        """Start nothing more."""
        ...


class OneLane(Generic[Result]):
    """Does work where it stands, with no thread."""

    def __init__(self) -> None:
        self._done: list[tuple[int, Result]] = []

    def start(self, number: int, work: Callable[[], Result]) -> None:
        """Do it; what it raises is raised at once."""
        self._done.append((number, work()))

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:  # noqa: ARG002
        """The work that is done. Raises Empty where there is none."""
        if not self._done:
            raise Empty
        return self._done.pop(0)

    def close(self) -> None:
        """There is nothing to close."""


class Threads(Generic[Result]):
    """Does work in up to so many threads, which end with the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._work: SimpleQueue[tuple[int, Callable[[], Result]] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Result | None, BaseException | None]] = SimpleQueue()

    def start(self, number: int, work: Callable[[], Result]) -> None:
        """Give it to a thread that is free, or to the first that will be."""
        self._work.put((number, work))
        if self._started < self._most:
            self._started += 1
            name = f"lane-{self._started}"
            threading.Thread(target=self._run, name=name, daemon=True).start()

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:
        """The next work that is done, and its result; what it raised is raised here.

        Raises Empty where nothing gets done within so many seconds.
        """
        number, result, error = self._done.get(timeout=seconds)
        if error is not None:
            raise error
        return number, result  # type: ignore[return-value]

    def close(self) -> None:
        """Let threads end that have nothing to do."""
        for _ in range(self._started):
            self._work.put(None)

    def _run(self) -> None:
        while (given := self._work.get()) is not None:
            number, work = given
            try:
                self._done.put((number, work(), None))
            except BaseException as error:  # it is raised where the result is asked for
                self._done.put((number, None, error))

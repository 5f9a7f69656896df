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
_Done = tuple[int, Result | None, BaseException | None]


class Lanes(Protocol[Result]):
    """Where work is done; it is known by a number."""

    def start(self, number: int, work: Callable[[], Result]) -> None:
        """Begin it."""
        ...

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:
        """The next work that is done, and its result; what it raised is raised here.

        Raises Empty where nothing gets done within so many seconds, and KeyboardInterrupt once
        for each `interrupt`.
        """
        ...

    def interrupt(self) -> None:
        """Have whoever waits for work hear of it; called by a signal's handler."""
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

    def interrupt(self) -> None:
        """The work itself is interrupted: it is done where the handler runs."""
        raise KeyboardInterrupt

    def close(self) -> None:
        """There is nothing to close."""


class Threads(Generic[Result]):
    """Does work in up to so many threads, which end with the process.

    An interrupt is heard between two results: one that has come is never lost to it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._work: SimpleQueue[tuple[int, Callable[[], Result]] | None] = SimpleQueue()
        self._done: SimpleQueue[_Done[Result] | None] = SimpleQueue()
        self._interrupted = False

    def start(self, number: int, work: Callable[[], Result]) -> None:
        """Give it to a thread that is free, or to the first that will be."""
        self._work.put((number, work))
        if self._started < self._most:
            self._started += 1
            name = f"lane-{self._started}"
            threading.Thread(target=self._run, name=name, daemon=True).start()

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:
        """The next work that is done, and its result; what it raised is raised here.

        Raises Empty where nothing gets done within so many seconds, and KeyboardInterrupt once
        for each `interrupt`, before what is done.
        """
        done = None if self._interrupted else self._done.get(timeout=seconds)
        if self._interrupted:
            self._interrupted = False
            if done is not None:
                self._done.put(done)
            raise KeyboardInterrupt
        if done is None:  # it woke somebody up who had heard of it already
            return self.finished(seconds)
        number, result, error = done
        if error is not None:
            raise error
        return number, result  # type: ignore[return-value]

    def interrupt(self) -> None:
        """Wake up whoever waits; a simple queue may be written to while it is read."""
        self._interrupted = True
        self._done.put(None)

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

"""Work side by side, with the order and the errors of work one by one.

Lists consist of pages, and questions of lists: whoever waits for parts of its work does them
itself, and free lanes help. So nobody waits for a lane, however deep work is nested, and
there are never more lanes than allowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

WIDTH = 8
"""How many requests are under way at once where nothing else is said."""


class Abandoned(Exception):
    """Nobody wants this work any more: something before it failed."""


@dataclass(eq=False)
class _Batch:
    """Work on some items. What comes after the first failure in their order is not wanted."""

    work: Callable[[Any], Any]
    items: Sequence[Any]
    within: _Spot | None
    results: dict[int, Any] = field(default_factory=dict)
    errors: dict[int, BaseException] = field(default_factory=dict)
    begun: int = 0
    running: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        self.last = len(self.items)

    def has_more(self) -> bool:
        return self.begun < min(len(self.items), self.last) and _is_wanted(self.within)


@dataclass(frozen=True, eq=False)
class _Spot:
    """One item of a batch, in the lanes that work on it."""

    lanes: Lanes
    batch: _Batch
    index: int

    def above(self) -> Iterator[_Batch]:
        """This batch and those that it is a part of."""
        spot: _Spot | None = self
        while spot is not None:
            yield spot.batch
            spot = spot.batch.within


_here: ContextVar[_Spot | None] = ContextVar("_here", default=None)


def _is_wanted(spot: _Spot | None) -> bool:
    while spot is not None:
        if spot.index > spot.batch.last:
            return False
        spot = spot.batch.within
    return True


class Lanes:
    """At most `width` threads at work, the caller's among them; 1 is one by one."""

    def __init__(self, width: int = WIDTH) -> None:
        self.width = max(1, width)
        self._changed = threading.Condition()
        self._batches: list[_Batch] = []
        self._helpers = 0

    def map(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """What `work` gives for each of the items, in their order.

        Raises the error of the first of them that has one; those after it are given up,
        and none is at work any more. An interruption waits for nobody.
        """
        if self.width == 1 or len(items) < 2:
            return [work(item) for item in items]
        batch = _Batch(work, items, _here.get())
        with self._changed:
            self._batches.append(batch)
            self._call_helpers(len(items) - 1)
            self._changed.notify_all()
        try:
            self._work_through(batch)
        except BaseException:
            with self._changed:
                batch.last = -1
                self._changed.notify_all()
            raise
        finally:
            with self._changed:
                self._batches.remove(batch)
        return self._outcome(batch)

    def _outcome(self, batch: _Batch) -> list[Any]:
        if batch.errors:
            raise batch.errors[min(batch.errors)]
        if len(batch.results) < len(batch.items):
            raise Abandoned
        return [batch.results[index] for index in range(len(batch.items))]

    def _call_helpers(self, wanted: int) -> None:
        for _ in range(min(wanted, self.width - 1 - self._helpers)):
            self._helpers += 1
            threading.Thread(target=self._help, name="drumbeat-lane", daemon=True).start()

    def _help(self) -> None:
        while True:
            with self._changed:
                spot = self._next()
                if spot is None:
                    self._helpers -= 1
                    return
            with suppress(BaseException):  # whoever waits for the batch raises it
                self._run(spot)

    def _work_through(self, batch: _Batch) -> None:
        while True:
            with self._changed:
                spot = self._next(batch)
                if spot is None:
                    if not batch.running:
                        return
                    self._changed.wait()
                    continue
            self._run(spot)

    def _next(self, above: _Batch | None = None) -> _Spot | None:
        """Begin an item of the newest batch that has one, of `above` or its parts only."""
        for batch in reversed(self._batches):
            if batch.has_more():
                spot = _Spot(self, batch, batch.begun)
                if above is None or above in spot.above():
                    batch.begun += 1
                    batch.running += 1
                    return spot
        return None

    def _run(self, spot: _Spot) -> None:
        batch, index = spot.batch, spot.index
        token = _here.set(spot)
        try:
            result = batch.work(batch.items[index])
        except BaseException as error:
            with self._changed:
                batch.errors[index] = error
                batch.last = min(batch.last, index)
            if not isinstance(error, Exception):
                raise
        else:
            batch.results[index] = result
        finally:
            _here.reset(token)
            with self._changed:
                batch.running -= 1
                self._changed.notify_all()

    def pause(self, seconds: float, spot: _Spot) -> None:
        """Wait, but not for work that nobody wants. Raises Abandoned."""
        with self._changed:
            if self._changed.wait_for(lambda: not _is_wanted(spot), seconds):
                raise Abandoned


def pause(seconds: float) -> None:
    """Sleep. Raises Abandoned where the work is in a lane and not wanted any more."""
    spot = _here.get()
    if spot is None:
        time.sleep(seconds)
    else:
        spot.lanes.pause(seconds, spot)


def go_on() -> None:
    """Raises Abandoned where the work is in a lane and not wanted any more."""
    if not _is_wanted(_here.get()):
        raise Abandoned

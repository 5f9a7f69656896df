"""Hands the changes of a plan to the lanes, and keeps what became of them.

Only the thread that iterates decides and remembers; lanes do no more than write. So the
laws are kept in one place, however many writes are under way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from queue import Empty

from automation.apply.attempts import Attempts, Result, attempt, told
from automation.apply.lanes import Lanes, OneLane, Threads
from automation.apply.order import Busy, Queue, Waits, stages
from automation.model.change import Change, Outcome, Status
from automation.plan import Plan
from automation.ports import Writer

GRACE = 5.0
"""How long an interrupted run waits for what is under way, in seconds."""


def apply(plan: Plan, writer: Writer, lanes: int = 1) -> Applying:
    """Do the plan's changes, up to `lanes` at a time; outcomes come as they are known.

    One lane does them in the plan's order, each when it is asked for, and with no thread.
    """
    if lanes == 1:
        return Applying(plan.changes, writer, OneLane(), 1)
    return Applying(plan.changes, writer, Threads(lanes), lanes)


class Applying(Iterator[Outcome]):
    """A plan that is being applied, `most` changes at a time, and what is known of it.

    See `apply`.
    """

    def __init__(
        self, changes: tuple[Change, ...], writer: Writer, lanes: Lanes[Result], most: int
    ) -> None:
        self._changes = changes
        self._writer = writer
        self._lanes = lanes
        self._most = most
        self._stages: Iterator[Waits] = stages(changes)
        self._queue = Queue(changes, {})
        self._attempts = Attempts()
        self._under_way: set[int] = set()
        self._busy = Busy()
        self._outcomes: dict[int, Outcome] = {}
        self._untold: deque[Outcome] = deque()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All outcomes that are known by now, in the plan's order."""
        return tuple(outcome for _, outcome in sorted(self._outcomes.items()))

    def __next__(self) -> Outcome:
        """The next outcome that is known. What is no RemoteError is raised: it is a bug."""
        while not self._untold:
            try:
                self._go_on()
            except Exception:  # it is the end, or a bug
                self._give_up()
                raise
        return self._untold.popleft()

    def interrupt(self) -> None:
        """Have the iteration raise KeyboardInterrupt where nothing that is known gets lost."""
        self._lanes.interrupt()

    def stop(self, grace: float = GRACE) -> None:
        """Try nothing more; what is not over after so many seconds has an unknown outcome.

        A second interrupt ends the waiting.
        """
        self._queue, self._stages = Queue(self._changes, {}), iter(())
        deadline = time.monotonic() + grace
        with suppress(Empty, KeyboardInterrupt):
            while self._under_way:
                self._take(max(0.0, deadline - time.monotonic()))
        self._give_up()

    def _give_up(self) -> None:
        self._queue, self._stages = Queue(self._changes, {}), iter(())
        self._lanes.close()
        for position in self._under_way:
            self._outcomes[position] = told(self._changes[position], Status.UNKNOWN, _INTERRUPTED)
        self._under_way.clear()
        self._untold.clear()

    def _go_on(self) -> None:
        self._hand_out()
        if self._untold:
            return
        if not self._under_way:
            raise StopIteration
        self._take()

    def _hand_out(self) -> None:
        while not self._untold and len(self._under_way) < self._most:
            position = self._next_position()
            if position is None:
                return
            self._begin(position)

    def _next_position(self) -> int | None:
        """What may begin now; a stage ends when nothing of it is under way any more."""
        position = self._queue.take(self._busy)
        while position is None and not self._under_way:
            waits = next(self._stages, None)
            if waits is None:
                return None
            self._queue = Queue(self._changes, waits)
            position = self._queue.take(self._busy)
        return position

    def _begin(self, position: int) -> None:
        change = self._changes[position]
        outcome = self._attempts.not_tried(change)
        if outcome is not None:
            self._settle(position, outcome)
            return
        self._under_way.add(position)
        self._busy.begin(change)
        work = partial(attempt, self._writer, self._attempts.completed(change))
        self._lanes.start(position, work)

    def _take(self, seconds: float | None = None) -> None:
        position, result = self._lanes.finished(seconds)
        change = self._changes[position]
        self._under_way.remove(position)
        self._busy.over(change)
        self._settle(position, self._attempts.outcome(change, result))

    def _settle(self, position: int, outcome: Outcome) -> None:
        self._outcomes[position] = outcome
        self._untold.append(outcome)
        self._queue.over(position)


_INTERRUPTED = "interrupted while it was under way; the next run looks"

"""What may be sent when: GitLab's limits, known, told or learnt, with no clock of its own.

A run stays just under each limit instead of hitting it. No threads, no sleep and no clock
here, so that the same arithmetic paces a run and its simulation. All times are seconds
since 1970. GitLab counts in windows of its own clock that we see only from afar; at most so
many in any stretch of that length is below such a limit wherever the windows begin.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping

from automation.remote import hints
from automation.remote.limits import Kind, Limits, Rate

TOO_MANY = 429
_PERIOD = 60.0
"""How long a window is taken for until an answer tells of it."""
_RESERVED = 100
"""One in so many requests is left over: others may use the same token."""
_PLAUSIBLE = 60
"""Less in a window is taken for what others left of it, and found by halving if it is not."""


class Budget:
    """Gives each request the moment at which it may be sent.

    `share` is the part of every limit that this process may use: 1/n for one of n that run
    at the same time with the same user.
    """

    def __init__(self, limits: Limits | None = None, share: float = 1.0) -> None:
        self._limits = limits or Limits()
        self._share = share
        self._requests = _Told(share)
        self._own: dict[tuple[Kind, str], _Own] = {}
        self._closed_until = 0.0

    def claim(self, kind: Kind, now: float, scope: str = "") -> float:
        """The moment, now or later, at which such a request may be sent; it is reserved.

        `scope` is within what GitLab counts the kind: a project, for new issues. Each claim
        is followed by one `learn`.
        """
        at = self._requests.claim(max(now, self._closed_until))
        own = self._counted(kind, scope)
        return at if own is None else own.claim(at)

    def learn(
        self,
        kind: Kind,
        status: int | None,
        headers: Mapping[str, str],
        now: float,
        scope: str = "",
    ) -> None:
        """Take in the answer to a claimed request; `status` is None where none came."""
        self._requests.learn(headers, now)
        own = self._counted(kind, scope)
        if own is not None:
            own.learn(hints.server_time(headers, now), now)
        if status == TOO_MANY:
            self._refused(own, headers, now)

    def opens(self, kind: Kind, now: float, scope: str = "") -> float:
        """The moment from which a claimed request may go, after what was refused since."""
        own = self._counted(kind, scope)
        return max(now, self._closed_until, 0.0 if own is None else own.closed_until)

    def rest(self, until: float) -> None:
        """Let nothing be sent before the moment."""
        self._closed_until = max(self._closed_until, until)

    def _refused(self, own: _Own | None, headers: Mapping[str, str], now: float) -> None:
        asked = hints.retry_after(headers, now)
        # The limits of single actions leave the limit on requests as it is.
        if own is not None and hints.number(headers, hints.REMAINING) != 0:
            own.refused(hints.server_time(headers, now), now, asked)
            return
        wait = hints.until_reset(headers, now) if asked is None else asked
        self.rest(now + (wait or 0.0))

    def _counted(self, kind: Kind, scope: str) -> _Own | None:
        rate = self._limits.rate(kind)
        if rate is None:
            return None
        if (kind, scope) not in self._own:
            self._own[kind, scope] = _Own(rate, self._share)
        return self._own[kind, scope]


class _Told:
    """The limit on all requests, of which every answer's headers tell.

    `RateLimit-Remaining` counts the requests of all that use the token, other shards' too,
    so nothing is divided: each stops in time for what the others may have under way. Only
    in a window of which no answer has told yet it is content with its share.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._open = 0
        self._left: int | None = None
        self._full: int | None = None
        self._begins = 0.0
        self._ends = 0.0
        self._reset = 0
        self._guessed = False

    def claim(self, now: float) -> float:
        self._open += 1
        if self._left is not None and now >= self._ends:
            self._enter(max(self._ends, now - _PERIOD))
        while self._left is not None and self._left <= 0:
            self._enter(self._ends)
        if self._left is not None:
            self._left -= 1
        return max(now, self._begins)

    def _enter(self, begins: float) -> None:
        """Go on to a later window, of which no answer has told yet."""
        self._begins, self._ends, self._guessed = begins, begins + _PERIOD, True
        self._left = None
        if self._full is not None:
            self._left = max(1, int((self._full - self._reserve) * self._share))

    @property
    def _reserve(self) -> int:
        return (self._full or 0) // _RESERVED

    def learn(self, headers: Mapping[str, str], now: float) -> None:
        self._open -= 1
        left = hints.number(headers, hints.REMAINING)
        wait = hints.until_reset(headers, now)
        if left is None or wait is None:
            return
        self._learn_size(headers, left)
        reset = hints.number(headers, hints.RESET) or round(now + wait)
        free = left - self._reserve - math.ceil(self._open / self._share)
        if self._left is None or reset > self._reset:
            self._begins, self._ends, self._left = now, now + wait, free
            self._reset, self._guessed = reset, False
        elif reset == self._reset and not self._guessed:
            # Each of the ends is late by how long its answer took.
            self._ends, self._left = min(self._ends, now + wait), min(self._left, free)

    def _learn_size(self, headers: Mapping[str, str], left: int) -> None:
        observed = hints.number(headers, hints.OBSERVED)
        if observed is not None and left > 0:
            # `RateLimit-Limit` is by the minute, whatever the period is.
            self._full = observed + left
        elif self._full is None:
            self._full = hints.number(headers, hints.LIMIT)


class _Own:
    """A limit of one kind of request, of which no header tells.

    The n-th request waits until `seconds` have passed since the answer to the one `count`
    before it. Taken in their order, claims are never after and answers never before GitLab's
    counting; so it counts at most `count` in any `seconds`, whichever answer is whose.
    """

    def __init__(self, rate: Rate, share: float) -> None:
        self._count, self._seconds = _shared(rate, share)
        self._period = rate.seconds
        self._answers: deque[tuple[float, int]] = deque()
        self._claims: deque[float] = deque()
        self._latency = 0.0
        self._last = 0.0
        self.closed_until = 0.0
        self._refused_in = -1
        self._least = 0

    def claim(self, now: float) -> float:
        self._forget(now)
        at = max(now, self._last, self.closed_until, self._free_at())
        self._claims.append(at)
        self._last = at
        return at

    def _forget(self, now: float) -> None:
        while self._answers and self._answers[0][0] + self._seconds <= now:
            self._answers.popleft()

    def _free_at(self) -> float:
        if self._count is None:
            return 0.0
        before = len(self._answers) + len(self._claims) - self._count
        if before < 0:
            return 0.0
        if before < len(self._answers):
            return self._answers[before][0] + self._seconds
        return self._claims[before - len(self._answers)] + self._latency + self._seconds

    def learn(self, server_time: float, now: float) -> None:
        self._latency = max(0.0, now - self._claims.popleft())
        self._answers.append((now, self._window(server_time)))

    def _window(self, server_time: float) -> int:
        return int(server_time // self._period)

    def refused(self, server_time: float, now: float, asked: float | None) -> None:
        """What passed in GitLab's window before the refusal is the limit, as far as we know.

        Others may have used a part of it, so one window never more than halves it.
        """
        window = self._window(server_time)
        self._answers.pop()
        passed = sum(one == window for _, one in self._answers)
        if window != self._refused_in:
            self._refused_in = window
            self._least = _PLAUSIBLE if self._count is None else max(1, self._count // 2)
        learnt = max(passed, self._least)
        self._count = learnt if self._count is None else min(self._count, learnt)
        wait = (window + 1) * self._period - server_time if asked is None else asked
        self.closed_until = max(self.closed_until, now + wait)


def _shared(rate: Rate, share: float) -> tuple[int | None, float]:
    """The part of a limit; where it is less than one, one in a longer time."""
    if rate.count is None:
        return None, rate.seconds
    part = rate.count * share
    return (int(part), rate.seconds) if part >= 1 else (1, rate.seconds / part)

"""How fast to ask, and when to ask again.

python-gitlab would repeat writes whose answer was lost, so repeating is done here: reads
freely, writes only where nothing can have happened (see `verdicts`). GitLab's own word
on when to come back goes before any guess. What may be sent when is `budget`'s arithmetic;
here are the clock, the sleeping and the lock that it has not.
"""

from __future__ import annotations

import random as chance
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

from automation.errors import RemoteError, Throttled
from automation.remote import hints
from automation.remote.budget import TOO_MANY, Budget
from automation.remote.lanes import go_on, pause
from automation.remote.limits import Kind
from automation.remote.session import BadStatus
from automation.remote.verdicts import Verdict, of_read, of_write

Send = Callable[[], requests.Response]
Judge = Callable[[str, BadStatus | OSError], Verdict]

_BASE = 1.0
_BASE_THROTTLED = 10.0  # GitLab's limits count by the minute: five tries must span one
_SKEW = time.time() - time.monotonic()


def steady() -> float:
    """Seconds since 1970, by a clock that nobody sets back."""
    return _SKEW + time.monotonic()


@dataclass(frozen=True)
class _Request:
    what: str
    send: Send
    judge: Judge
    kind: Kind
    scope: str


class Pacer:
    """Sends requests, waits where GitLab asks for it, and repeats what may be repeated.

    `tries` is how often one request is sent at most, `cap` the longest wait of our own
    choosing, `budget` how long trouble may last without one clear answer between; past
    it every request gets a single try. All times in seconds. `pace` says what may be sent
    when. Several threads may use it: a refusal slows all of them.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = pause,
        clock: Callable[[], float] = steady,
        random: Callable[[], float] = chance.random,
        tries: int = 5,
        cap: float = 60.0,
        budget: float = 600.0,
        pace: Budget | None = None,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._tries = tries
        self._cap = cap
        self._longest = budget
        self._trouble = _Trouble(budget)
        self._pace = pace or Budget()
        self._lock = threading.Lock()

    def read(
        self, what: str, send: Send, kind: Kind = Kind.READ, scope: str = ""
    ) -> requests.Response:
        """Send a read until it is answered; `what` names it in errors.

        `kind` and `scope` are what GitLab counts it as and within. Raises Refused,
        Throttled, Unreachable or, for GitLab's own trouble, RemoteError.
        """
        return self._run(_Request(what, send, of_read, kind, scope))

    def write(
        self, what: str, send: Send, kind: Kind = Kind.WRITE, scope: str = ""
    ) -> requests.Response:
        """Send a write, more than once only where nothing happened (law 2).

        Raises Refused, Throttled or Unreachable where nothing happened, OutcomeUnknown
        where it may have.
        """
        return self._run(_Request(what, send, of_write, kind, scope))

    def _run(self, request: _Request) -> requests.Response:
        attempt = 1
        while True:
            began = self._await_turn(request)
            try:
                response = request.send()
            except (BadStatus, OSError) as failure:
                verdict = request.judge(request.what, failure)
                wait = self._wait(failure, attempt)
                last = attempt >= self._tries
                if not self._takes_again(request, failure, verdict, wait, began, last=last):
                    raise verdict.error from failure
            except BaseException:
                self._give_up(request)
                raise
            else:
                self._answered(request, response)
                return response
            self._sleep(wait)
            attempt += 1

    def _await_turn(self, request: _Request) -> float:
        """Wait until the request may go; gives the time at which it does.

        A refusal in the meantime holds it up further. Raises Throttled where that is longer
        than trouble may last.
        """
        go_on()
        now = self._clock()
        with self._lock:
            at = self._pace.claim(request.kind, now, request.scope)
        try:
            while at > now:
                if at - now >= self._longest:
                    raise _used_up(request.what, at - now)
                self._sleep(at - now)
                now = self._clock()
                with self._lock:
                    at = self._pace.opens(request.kind, now, request.scope)
        except BaseException:
            self._give_up(request)
            raise
        return now

    def _give_up(self, request: _Request) -> None:
        with self._lock:
            self._pace.learn(request.kind, None, {}, self._clock(), request.scope)

    def _answered(self, request: _Request, response: requests.Response) -> None:
        status, headers = response.status_code, response.headers
        with self._lock:
            self._trouble.is_over()
            self._pace.learn(request.kind, status, headers, self._clock(), request.scope)

    def _takes_again(
        self,
        request: _Request,
        failure: BadStatus | OSError,
        verdict: Verdict,
        wait: float,
        began: float,
        *,
        last: bool,
    ) -> bool:
        """Take in a failure; whether the request is to be sent again after the wait."""
        status: int | None = None
        headers: Mapping[str, str] = {}
        if isinstance(failure, BadStatus):
            status, headers = failure.status, failure.headers
        with self._lock:
            now = self._clock()
            self._pace.learn(request.kind, status, headers, now, request.scope)
            if not verdict.again:
                # A refusal is a clear answer: GitLab is well.
                self._trouble.is_over()
                return False
            if not self._trouble.bears(began, now + wait, last=last):
                return False
            if status == TOO_MANY and request.kind in (Kind.READ, Kind.WRITE):
                self._pace.rest(now + wait)
            return True

    def _wait(self, failure: BadStatus | OSError, attempt: int) -> float:
        throttled = isinstance(failure, BadStatus) and failure.status == TOO_MANY
        if isinstance(failure, BadStatus):
            asked = self._asked(failure.headers, throttled=throttled)
            if asked is not None:
                return asked + self._random()
        if throttled:
            top = min(self._cap, _BASE_THROTTLED * 2.0 ** (attempt - 1))
            return top * (1 + self._random()) / 2
        return min(self._cap, _BASE * 2.0 ** (attempt - 1)) * self._random()

    def _asked(self, headers: Mapping[str, str], *, throttled: bool) -> float | None:
        now = self._clock()
        asked = hints.retry_after(headers, now)
        # `RateLimit-*` stands on every answer, but says when to come back on a 429 only.
        return hints.until_reset(headers, now) if asked is None and throttled else asked


class _Trouble:
    """How long there has been no clear answer, whoever waited for one."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._since: float | None = None
        self._is_hopeless = False

    def is_over(self) -> None:
        self._since, self._is_hopeless = None, False

    def bears(self, began: float, until: float, *, last: bool) -> bool:
        """Whether a request that began and failed may be sent again, at `until`."""
        self._since = began if self._since is None else min(self._since, began)
        if last or self._is_hopeless:
            return False
        self._is_hopeless = until - self._since >= self._longest
        return not self._is_hopeless


def _used_up(what: str, seconds: float) -> RemoteError:
    return Throttled(
        f"GitLab's limit is used up: {what} would have to wait for {seconds:.0f} seconds",
        "Run Drumbeat again later, or have the rate limits of its user raised.",
        status=TOO_MANY,
    )

"""How fast to ask, and when to ask again.

python-gitlab would repeat writes whose answer was lost, so repeating is done here: reads
freely, writes only where nothing can have happened (see `verdicts`). GitLab's own word
on when to come back goes before any guess.
"""

from __future__ import annotations

import random as chance
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import requests

from automation.remote.session import BadStatus
from automation.remote.verdicts import TOO_MANY, Verdict, of_read, of_write

Send = Callable[[], requests.Response]
Judge = Callable[[str, BadStatus | OSError], Verdict]

_BASE = 1.0
_BASE_THROTTLED = 10.0  # GitLab's limits count by the minute: five tries must span one
_LONGEST_REST = 60.0


class Pacer:
    """Sends requests, waits where GitLab asks for it, and repeats what may be repeated.

    `tries` is how often one request is sent at most, `cap` the longest wait of our own
    choosing, `budget` how long trouble may last without one clear answer between; past
    it every request gets a single try. All times in seconds.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = chance.random,
        tries: int = 5,
        cap: float = 60.0,
        budget: float = 600.0,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._tries = tries
        self._cap = cap
        self._budget = budget
        self._spent = 0.0
        self._rest_until = 0.0

    def read(self, what: str, send: Send) -> requests.Response:
        """Send a read until it is answered; `what` names it in errors.

        Raises Refused, Throttled, Unreachable or, for GitLab's own trouble, RemoteError.
        """
        return self._run(what, send, of_read)

    def write(self, what: str, send: Send) -> requests.Response:
        """Send a write, more than once only where nothing happened (law 2).

        Raises Refused, Throttled or Unreachable where nothing happened, OutcomeUnknown
        where it may have.
        """
        return self._run(what, send, of_write)

    def _run(self, what: str, send: Send, judge: Judge) -> requests.Response:
        attempt = 1
        while True:
            self._rest()
            began = self._clock()
            try:
                response = send()
            except (BadStatus, OSError) as failure:
                verdict = judge(what, failure)
                wait = self._wait(failure, attempt)
                self._spent += max(0.0, self._clock() - began)
                if not (verdict.again and attempt < self._tries and self._affords(wait)):
                    self._settle(verdict)
                    raise verdict.error from failure
            else:
                self._spent = 0.0
                self._note_limit(response.headers)
                return response
            self._sleep(wait)
            attempt += 1

    def _settle(self, verdict: Verdict) -> None:
        # A refusal is a clear answer: GitLab is well.
        if not verdict.again:
            self._spent = 0.0

    def _affords(self, wait: float) -> bool:
        if self._spent + wait >= self._budget:
            self._spent = self._budget
            return False
        self._spent += wait
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
        asked = self._retry_after(headers)
        # `RateLimit-*` stands on every answer, but says when to come back on a 429 only.
        return self._until_reset(headers) if asked is None and throttled else asked

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        text = headers.get("Retry-After", "")
        seconds = _number(text)
        moment = _moment(text)
        if seconds is not None or moment is None:
            return seconds
        return max(0.0, moment - self._server_time(headers))

    def _until_reset(self, headers: Mapping[str, str]) -> float | None:
        moment = _number(headers.get("RateLimit-Reset", ""))
        if moment is None:
            moment = _moment(headers.get("RateLimit-ResetTime", ""))
        if moment is None:
            return None
        left = moment - self._server_time(headers)
        return left if left > 0 else None

    def _server_time(self, headers: Mapping[str, str]) -> float:
        moment = _moment(headers.get("Date", ""))
        return self._clock() if moment is None else moment

    def _note_limit(self, headers: Mapping[str, str]) -> None:
        left = self._until_reset(headers)
        if _number(headers.get("RateLimit-Remaining", "")) == 0 and left is not None:
            self._rest_until = self._clock() + min(left, _LONGEST_REST)

    def _rest(self) -> None:
        left = self._rest_until - self._clock()
        self._rest_until = 0.0
        if left > 0:
            self._sleep(left)


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def _moment(text: str) -> float | None:
    """The HTTP date as seconds since 1970; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

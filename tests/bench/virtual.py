"""Drumbeat's jobs and a GitLab with its limits, in virtual time: nobody waits and nothing is sent.

The server counts as GitLab does, in whole minutes of its own clock: requests and notes for
each user, new issues for each user in each project. The pacing is the real one, `Budget`.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from itertools import count

from automation.remote.budget import Budget
from automation.remote.limits import Kind
from tests.bench.made_up_org import OWN, Block, Profile

START = 1_795_770_017.0
"""Seconds since 1970; some way into a minute, as runs begin at no round time."""
REQUESTS = 2_000
OWN_LIMITS = {Kind.CREATE_ISSUE: 200, Kind.CREATE_NOTE: 60}
LATENCY = {Kind.READ: 0.4, Kind.WRITE: 0.5, Kind.CREATE_ISSUE: 0.8, Kind.CREATE_NOTE: 0.6}
"""Seconds from sending to the answer: a guess at GitLab.com on a good day."""
TOO_MANY = 429


@dataclass
class Server:
    """Counts requests, answers with the headers that GitLab sends, and refuses past a limit."""

    limits: Mapping[Kind, int] = field(default_factory=lambda: dict(OWN_LIMITS))
    refused: int = 0
    served: int = 0
    _minute: int = -1
    _seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def answer(self, user: str, kind: Kind, scope: str, now: float) -> tuple[int, dict[str, str]]:
        """The status and the headers for a request that arrives now."""
        self._turn(int(now // 60))
        self.served += 1
        seen = self._count(user, "", "")
        headers = self._headers(seen, now)
        own = self.limits.get(kind)
        within = scope if kind is Kind.CREATE_ISSUE else ""
        if seen > REQUESTS or (own is not None and self._count(user, kind, within) > own):
            self.refused += 1
            return TOO_MANY, headers
        return 200, headers

    def _turn(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()

    def _count(self, *what: str) -> int:
        user, kind, scope = what
        if scope.startswith(OWN):
            return 1
        self._seen[user, kind, scope] += 1
        return self._seen[user, kind, scope]

    def _headers(self, seen: int, now: float) -> dict[str, str]:
        return {
            "Date": _date(int(now)),
            "RateLimit-Limit": str(REQUESTS),
            "RateLimit-Observed": str(seen),
            "RateLimit-Remaining": str(max(0, REQUESTS - seen)),
            "RateLimit-Reset": str((self._minute + 1) * 60),
        }


def _date(second: int) -> str:
    if second not in _DATES:
        _DATES.clear()
        _DATES[second] = format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)
    return _DATES[second]


_DATES: dict[int, str] = {}
Event = tuple[float, int, Callable[[float], None]]
Request = tuple[Kind, str]


@dataclass
class World:
    """What happens when, in order."""

    server: Server = field(default_factory=Server)
    now: float = START
    _events: list[Event] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def at(self, moment: float, what: Callable[[float], None]) -> None:
        """Let something happen later."""
        heapq.heappush(self._events, (moment, next(self._numbers), what))

    def run(self) -> float:
        """Until nothing more happens; the seconds it took."""
        while self._events:
            self.now, _, what = heapq.heappop(self._events)
            what(self.now)
        return self.now - START


@dataclass
class Work:
    """The requests that a phase has left, and which of them a free lane takes.

    As `automation.apply` does it: of new issues, notes and the rest, what the fewest are under
    way of, then of the project with the fewest, so that a limit makes nothing else wait; and a
    word on a loop waits for the loop that follows it.
    """

    blocks: tuple[Block, ...]
    _left: Counter[Request] = field(default_factory=Counter)
    _busy: Counter[Request] = field(default_factory=Counter)
    _sorts: Counter[Kind] = field(default_factory=Counter)
    _again: list[Request] = field(default_factory=list)
    _own: Iterator[int] = field(default_factory=count)
    _opened: int = 0

    def __post_init__(self) -> None:
        for kind, scope, number in self.blocks:
            self._left[kind, scope] += number
        self._opens = sum(self._left[one] for one in self._left if one[0] is Kind.CREATE_ISSUE)
        self._notes = sum(self._left[one] for one in self._left if one[0] is Kind.CREATE_NOTE)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left and nothing is under way."""
        return not (self._again or self._busy.total() or self._left.total())

    def take(self) -> Request | None:
        """What a free lane does now; None where it has to wait or there is nothing left."""
        ready = [one for one, left in self._left.items() if left and self._is_ready(one)]
        if not self._again and not ready:
            return None
        if self._again:
            found = self._again.pop()
        else:
            found = min(ready, key=self._under_way)
            self._left[found] -= 1
            if found[1] == OWN:
                found = found[0], f"{OWN}-{next(self._own)}"
        self._busy[found] += 1
        self._sorts[found[0]] += 1
        return found

    def _under_way(self, request: Request) -> tuple[int, int]:
        kind, scope = request
        return self._sorts[kind], 0 if scope == OWN else self._busy[request]

    def _is_ready(self, request: Request) -> bool:
        if request[0] is not Kind.CREATE_NOTE:
            return True
        told = self._notes - self._left[request]
        return told * self._opens <= self._opened * self._notes

    def over(self, request: Request, status: int) -> None:
        """An answer came; what was refused is sent again."""
        self._busy[request] -= 1
        self._sorts[request[0]] -= 1
        if status == TOO_MANY:
            self._again.append(request)
        elif request[0] is Kind.CREATE_ISSUE:
            self._opened += 1


@dataclass
class Job:
    """One job of the pipeline: it reads, thinks, and writes, in several lanes at once."""

    world: World
    user: str
    budget: Budget
    profile: Profile
    lanes: int
    then: Callable[[float], None] = lambda _now: None
    _work: Work = field(default_factory=lambda: Work(()))
    _idle: int = 0
    _phases: deque[tuple[Block, ...]] = field(default_factory=deque)

    def start(self, now: float) -> None:
        """Begin to read."""
        self._phases.extend((self.profile.reads, self.profile.writes))
        self._next_phase(now)

    def _next_phase(self, now: float) -> None:
        if not self._phases:
            self.then(now)
            return
        thinking = self.profile.cpu if len(self._phases) == 1 else 0.0
        self._work = Work(self._phases.popleft())
        self._idle = self.lanes
        self.world.at(now + thinking, self._fill)

    def _fill(self, now: float) -> None:
        """Free lanes take what there is to take."""
        while self._idle and (request := self._work.take()) is not None:
            self._idle -= 1
            at = self.budget.claim(request[0], now, request[1])
            self.world.at(at, partial(self._send, request))
        if self._work.is_over:
            self._next_phase(now)

    def _send(self, request: Request, now: float) -> None:
        kind, scope = request
        opens = self.budget.opens(kind, now, scope)
        if opens > now:
            self.world.at(opens, partial(self._send, request))
        else:
            self.world.at(now + LATENCY[kind] / 2, partial(self._arrive, request))

    def _arrive(self, request: Request, now: float) -> None:
        kind, scope = request
        answer = self.world.server.answer(self.user, kind, scope, now)
        self.world.at(now + LATENCY[kind] / 2, partial(self._learn, request, answer))

    def _learn(self, request: Request, answer: tuple[int, dict[str, str]], now: float) -> None:
        kind, scope = request
        status, headers = answer
        self.budget.learn(kind, status, headers, now, scope)
        self._work.over(request, status)
        self._idle += 1
        self._fill(now)

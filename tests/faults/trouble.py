"""What can happen to a request, and a wire on which it does.

The client cannot tell most of these apart, and must not need to: a lost answer may mean
that nothing happened, that it happened, or that it will have happened in a moment.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import requests
import urllib3.exceptions

from tests.faults.inside import URL, House, Reply, Wire
from tests.faults.running import Killed

Request = requests.PreparedRequest
WRITES = ("POST", "PUT", "DELETE")
FOR_EVER = 10_000
_UNCOUNTED = re.compile(r"/(notes|discussions|resource_\w+_events|events)\?")
"""Lists from which GitLab takes away what a token may not see after it has counted: an empty
page of them is a true answer, so none is made up here."""


@dataclass(frozen=True)
class Kind:
    """One thing that can happen.

    `effect` is when GitLab does what it was asked: before the trouble, never, or later.
    `befalls` says to which requests it can happen, `unclear` whether a write that met it may
    have taken effect as far as its sender can know.
    """

    name: str
    effect: str = "never"
    befalls: str = "all"
    unclear: bool = True

    def fits(self, request: Request) -> bool:
        """Whether this can happen to the request."""
        if self.befalls == "all":
            return True
        if self.befalls == "counted lists":
            return request.method == "GET" and not _UNCOUNTED.search(request.path_url)
        return (self.befalls == "writes") == (request.method in WRITES)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("cut before"),
        Kind("cut after", "done"),
        Kind("cut, and done later", "later", "writes"),
        Kind("refused connection", unclear=False),
        Kind("no connection in time", unclear=False),
        Kind("timed out before"),
        Kind("timed out after", "done"),
        Kind("timed out, and done later", "later", "writes"),
        Kind("truncated", "done"),
        Kind("truncated without a word", "done"),
        Kind("429", unclear=False),
        Kind("429 with Retry-After", unclear=False),
        Kind("408"),
        Kind("500 before"),
        Kind("502 before"),
        Kind("503 before"),
        Kind("504 before"),
        Kind("500 after", "done"),
        Kind("502 after", "done"),
        Kind("503 after", "done"),
        Kind("504 after", "done"),
        Kind("504, and done later", "later", "writes"),
        Kind("login page", "done"),
        Kind("wrong type", "done"),
        Kind("wrong field", "done", unclear=False),
        Kind("empty page", befalls="counted lists"),
        Kind("endless next", "done", "reads"),
        Kind("next elsewhere", "done", "reads"),
        Kind("redirect elsewhere", unclear=True),
        Kind("refused by a firewall", unclear=False),
        Kind("killed before"),
        Kind("killed after", "done"),
        Kind("killed, and done later", "later", "writes"),
    )
}


@dataclass(frozen=True)
class Trouble:
    """A kind of trouble for the requests from a number on, counted from 0 in one run.

    It waits for the first request that it can happen to, to an address with `where` in it;
    `times` is for how many it does, `later` how many requests pass until GitLab does what it
    does late.
    """

    kind: Kind
    first: int
    times: int = 1
    later: int = 1
    where: str = ""

    def befalls(self, number: int, request: Request) -> bool:
        """Whether it happens to the request, which has that number."""
        due = self.first <= number and self.where in request.path_url
        return due and self.kind.fits(request)

    def __str__(self) -> str:
        often = "" if self.times == 1 else f" × {self.times}"
        place = f" at {self.where}" if self.where else ""
        return f"{self.kind.name}{often} from request {self.first}{place}"


@dataclass
class Law:
    """What a wire sees that must never be."""

    broken: list[str] = field(default_factory=list)
    unclear: set[tuple[str, str, bytes]] = field(default_factory=set)

    def sent(self, request: Request) -> None:
        """A request leaves: to GitLab only, and no write that may have happened already."""
        where, deed = request.url or "", _deed(request)
        if not where.startswith(f"{URL}/"):
            self.broken.append(f"the token went to {where}")
        if deed in self.unclear:
            self.broken.append(f"sent again although it may have happened: {deed[0]} {deed[1]}")


def _deed(request: Request) -> tuple[str, str, bytes]:
    body = request.body or b""
    raw = body.encode() if isinstance(body, str) else bytes(body)  # type: ignore[arg-type]
    return request.method or "", request.path_url, raw


class TroubledWire(Wire):
    """A wire on which troubles happen, and which watches over what is sent.

    `before` is called with each request's number and method before it goes anywhere.
    """

    def __init__(
        self,
        house: House,
        troubles: tuple[Trouble, ...] = (),
        seed: int = 0,
        before: Callable[[int, str], None] = lambda _number, _method: None,
    ) -> None:
        super().__init__(house)
        self.law = Law()
        self.struck: Counter[str] = Counter()
        self.unclear_writes = 0
        self.methods: list[str] = []
        self._left = list(troubles)
        self._chance = random.Random(seed)
        self._before = before
        self._late: list[tuple[int, Request]] = []
        self._dead = False
        self._lock = threading.RLock()

    def send(self, request: Request, *_args: Any, **_options: Any) -> requests.Response:
        with self._lock:
            if self._dead:
                raise Killed
            number = len(self.methods)
            self.methods.append(request.method or "")
            self._before(number, request.method or "")
            self._do_what_is_late(number)
            self.law.sent(request)
            kind, later = self._kind_for(number, request)
            if kind is None:
                return super().send(request)
            self.struck[kind.name] += 1
            return self._suffer(kind, request, number + later)

    def hang_up(self) -> None:
        """The run is over: what GitLab still had before it is done."""
        self._do_what_is_late(FOR_EVER * 2)

    def take_late(self) -> list[Request]:
        """What GitLab will only do when the next run has begun."""
        late, self._late = [request for _, request in self._late], []
        return late

    def will_come_late(self, asked: list[Request], number: int) -> None:
        """What an earlier run asked for is done before this one's request of that number."""
        self._late += [(number, request) for request in asked]

    def _do_what_is_late(self, number: int) -> None:
        due = [request for when, request in self._late if when <= number]
        self._late = [(when, request) for when, request in self._late if when > number]
        for request in due:
            self.carry(request)

    def _kind_for(self, number: int, request: Request) -> tuple[Kind | None, int]:
        for place, trouble in enumerate(self._left):
            if trouble.befalls(number, request):
                left = trouble.times - 1
                self._left[place : place + 1] = [replace(trouble, times=left)] if left else []
                return trouble.kind, trouble.later
        return None, 0

    def _suffer(self, kind: Kind, request: Request, done_at: int) -> requests.Response:
        reply = self.carry(request) if kind.effect == "done" else None
        if kind.effect == "later":
            self._late.append((done_at, request))
        if kind.unclear and request.method in WRITES:
            self.law.unclear.add(_deed(request))
            self.unclear_writes += 1
        what = kind.name
        if what.startswith("killed"):
            self._dead = True
            raise Killed
        if what.startswith("cut"):
            reset = ConnectionResetError(104, "Connection reset by peer")
            lost = urllib3.exceptions.ProtocolError("Connection aborted.", reset)
            raise requests.ConnectionError(lost, request=request)
        if what.startswith("timed out"):
            raise requests.ReadTimeout("Read timed out.", request=request)
        if "connection" in what:
            raise _unsent(what, request)
        return self.answer(request, self._spoilt(what, request, reply))

    def _spoilt(self, what: str, request: Request, reply: Reply | None) -> Reply:
        """The answer that comes instead of GitLab's."""
        if reply is None and what == "empty page":
            return _emptied(self.carry(request))
        if what[:3].isdigit():
            return _status(int(what[:3]), with_time="Retry-After" in what)
        if what == "redirect elsewhere":
            return Reply(302, {"Location": "https://elsewhere.example/api/v4/user"}, b"")
        if what == "refused by a firewall":
            return Reply(403, {"Content-Type": "text/html"}, b"<html>Forbidden</html>")
        assert reply is not None
        if what == "login page":
            return Reply(200, {"Content-Type": "text/html"}, b"<html><title>Sign in</title></html>")
        if what == "truncated":
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        if what == "truncated without a word":
            half = reply.body[: len(reply.body) // 2]
            return Reply(reply.status, _without(reply, "content-length"), half)
        if what == "wrong type":
            other: Any = {"message": "fine"} if reply.body.startswith(b"[") else ["fine"]
            return _with_json(reply, other)
        if what == "wrong field":
            return _with_json(reply, self._garbled(reply))
        return _pointing_on(reply, request, elsewhere=what == "next elsewhere")

    def _garbled(self, reply: Reply) -> Any:
        """The answer with one field of one item of a type that it never has."""
        if not reply.body:
            return None
        data = json.loads(reply.body)
        item = self._chance.choice(data) if isinstance(data, list) and data else data
        if isinstance(item, dict):
            name = self._chance.choice(sorted(item))
            item[name] = {"not": ["so"]} if not isinstance(item[name], dict) else ["not so"]
        return data


def _unsent(what: str, request: Request) -> requests.RequestException:
    pool: Any = None
    if what == "refused connection":
        why: Exception = urllib3.exceptions.NewConnectionError(pool, "Connection refused")
        return requests.ConnectionError(
            urllib3.exceptions.MaxRetryError(pool, "/", why), request=request
        )
    why = urllib3.exceptions.ConnectTimeoutError(pool, "timed out")
    return requests.ConnectTimeout(
        urllib3.exceptions.MaxRetryError(pool, "/", why), request=request
    )


def _status(status: int, *, with_time: bool) -> Reply:
    headers = {"Content-Type": "text/plain", **({"Retry-After": "7"} if with_time else {})}
    return Reply(status, headers, b"Retry later\n" if status == 429 else b"Bad day\n")


def _without(reply: Reply, *names: str) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.lower() not in names}


def _with_json(reply: Reply, data: Any) -> Reply:
    return Reply(reply.status, _without(reply, "content-length"), json.dumps(data).encode())


def _emptied(reply: Reply) -> Reply:
    """A list without its items, and with its totals; a single thing as it is."""
    return _with_json(reply, []) if reply.body.startswith(b"[") else reply


def _pointing_on(reply: Reply, request: Request, *, elsewhere: bool) -> Reply:
    """A page that says that there is another: itself, or one on another host."""
    paging = ("x-next-page", "x-total", "x-total-pages", "x-page", "link")
    there = (request.url or "").replace(URL, "https://elsewhere.example") if elsewhere else ""
    link = f'<{there or request.url}>; rel="next"'
    return Reply(reply.status, {**_without(reply, *paging), "Link": link}, reply.body)

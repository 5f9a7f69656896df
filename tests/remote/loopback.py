"""A real server on loopback that says whatever a test wants it to say, to many at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
"""When all of it happens."""


@dataclass
class Asked:
    """A request, as the server heard it."""

    verb: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    client: int

    @property
    def page(self) -> int:
        """Which page it asks for."""
        return int(self.query.get("page", 1))


@dataclass
class Said:
    """An answer: a body as it is, or what is to be written as JSON."""

    body: object = b"[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Speak = Callable[[Asked], Said]


@dataclass
class Loopback:
    """The server: where it is, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def connections(self) -> int:
        """How many connections it was asked over."""
        return len({one.client for one in self.asked})


@contextmanager
def loopback(speak: Speak) -> Iterator[Loopback]:
    """Answer each request with what `speak` says, one thread to a connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(
                self.command, parts.path, query, dict(self.headers), self.client_address[1]
            )
            with here.lock:
                here.asked.append(asked)
            said = speak(asked)
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response_only(said.status)
            plain = {"Date": DATE, "Content-Length": str(len(body))}
            for name, value in (plain | said.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no error of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        here = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join(5)


def page_of(items: list[Any], asked: Asked, *, total: bool = True) -> Said:
    """The page that was asked for, with GitLab's headers."""
    size = int(asked.query.get("per_page", 20))
    pages = max(1, -(-len(items) // size))
    headers = {
        "X-Page": str(asked.page),
        "X-Per-Page": str(size),
        "X-Next-Page": str(asked.page + 1) if asked.page < pages else "",
    }
    if total:
        headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(pages)}
    return Said(items[(asked.page - 1) * size : asked.page * size], headers=headers)


def slowly(speak: Speak, seconds: float) -> Speak:
    """The same, after a while."""

    def answer(asked: Asked) -> Said:
        time.sleep(seconds)
        return speak(asked)

    return answer

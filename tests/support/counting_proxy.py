"""A forwarding proxy that counts: what a program really sends, seen from outside of it.

It stands between the program and its server as an address of its own, so that nothing of
the program, its libraries or its server has a part in the counting.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}
_LISTING = re.compile(r"/api/v4/(groups|projects)/[^/]+/issues")
_ISSUE = re.compile(r"/api/v4/projects/(\d+)/issues/(\d+)/")
_OF_AN_ISSUE = re.compile(r"/api/v4/projects/[^/]+/issues/\d+/[^/?]+")


@dataclass(frozen=True)
class Seen:
    """A request and how it was answered; `path` has no query."""

    method: str
    path: str
    status: int

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def is_listing(self) -> bool:
        """Whether it is a page of a list of issues."""
        return not self.is_write and _LISTING.fullmatch(self.path) is not None

    @property
    def issue(self) -> tuple[int, int] | None:
        """The project and number of the issue that it is about, where it is about one."""
        found = _ISSUE.match(self.path)
        return (int(found[1]), int(found[2])) if found else None

    @property
    def is_history(self) -> bool:
        """Whether it reads one issue's notes, events, threads or links."""
        return not self.is_write and _OF_AN_ISSUE.fullmatch(self.path) is not None


@dataclass
class Counts:
    """What passed the proxy, in the order of the answers."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> list[Seen]:
        """What passed since the last time."""
        with self._lock:
            taken, self.seen = self.seen, []
        return taken

    def add(self, one: Seen) -> None:
        with self._lock:
            self.seen.append(one)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    # The usual five make a program that opens many connections at once wait a second for some.
    request_queue_size = 256


@contextmanager
def counting(
    server: str, latency: float = 0.0, instead: Mapping[str, bytes] | None = None
) -> Iterator[Counts]:
    """Forward to the server at this address for as long as the context lasts.

    Every answer is held back for `latency` seconds. `instead` are answers by address, path and
    query, that the server behind has not: they are counted and held back like the others.
    """
    proxy = _Proxy(("127.0.0.1", 0), BaseHTTPRequestHandler)
    counts = Counts(f"http://127.0.0.1:{proxy.server_port}")
    proxy.RequestHandlerClass = _handler(counts, urlsplit(server).netloc, latency, instead or {})
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield counts
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def _handler(
    counts: Counts, server: str, latency: float, instead: Mapping[str, bytes]
) -> type[BaseHTTPRequestHandler]:
    class Forwarding(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = self._asked(body)
            counts.add(Seen(self.command, urlsplit(self.path).path, status))
            time.sleep(latency)
            self._answer(status, headers, content)

        def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            if self.path in instead:
                return 200, [("Content-Type", "application/json")], instead[self.path]
            behind = HTTPConnection(server, timeout=60)
            try:
                # `Host` goes along: the server writes its own address by it.
                sent = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() not in _HOP_BY_HOP
                }
                behind.request(self.command, self.path, body or None, sent)
                answer = behind.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                behind.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {*_HOP_BY_HOP, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Forwarding

"""Starting and stopping: in the foreground for a person, in a thread for a test."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from automation.sandbox.app import Application, create_app
from automation.sandbox.store import MEMORY, Store

HOST = "127.0.0.1"
_START_SECONDS = 10.0


def _protocol(app: Application) -> type[asyncio.Protocol]:
    """HTTP as uvicorn speaks it, with a way for the app to cut a connection."""

    class CuttableProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                app.transports[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                app.transports.pop(self.client, None)
            super().connection_lost(exc)

    return CuttableProtocol


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off; else each answer takes 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(app: Application, on_ready: Callable[[], Any] | None = None) -> _Server:
    config = uvicorn.Config(
        app,
        http=_protocol(app),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the app says what time it is here
        timeout_graceful_shutdown=1,
    )
    return _Server(config, on_ready)


class _Server(uvicorn.Server):
    """A server that says when it listens, and that ends when it is told to.

    uvicorn looks ten times a second whether it is to end, and waits as long once more for
    clients that may not be there: a fifth of a second for every server of a test.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], Any] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._wake: Callable[[], object] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending = asyncio.Event()
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, self._ending.set)
        await super().startup(sockets)
        if self._on_ready is not None:
            self._on_ready()

    def end(self) -> None:
        """Have it end; from any thread."""
        self.should_exit = True
        with suppress(RuntimeError):  # it has ended already, and its loop with it
            self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._wake()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # on the loop's next turn the protocols hear that they are closed
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)  # somebody is being answered still


def serve(
    host: str,
    port: int,
    db: str,
    root_token: str,
    now: datetime | None,
    on_ready: Callable[[str], None] | None = None,
    tier: str = "free",
) -> None:
    """Serve until interrupted. Port 0 picks a free one; ``on_ready`` gets the base URL.

    Raises:
        OSError: the port is taken or the database cannot be opened.
    """
    sock = _listen(host, port)
    url = _url(sock)
    with sock, Store(db, root_token, now, tier) as store:
        app = create_app(store)
        _server(app, lambda: on_ready(url) if on_ready else None).run(sockets=[sock])


@contextmanager
def running(
    db: str = MEMORY,
    root_token: str = "root-token",
    now: datetime | None = None,
    port: int = 0,
    tier: str = "free",
) -> Iterator[str]:
    """Serve from a thread of this process for as long as the context lasts; yields the URL.

    Raises:
        OSError: the port is taken.
        RuntimeError: the server did not start.
    """
    sock = _listen(HOST, port)
    with sock, Store(db, root_token, now, tier) as store:
        server = _server(create_app(store))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [sock]}, name="embedded-gitlab", daemon=True
        )
        thread.start()
        try:
            _await_start(server, thread)
            yield _url(sock)
        finally:
            server.end()
            thread.join()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the embedded GitLab did not start")
        time.sleep(0.005)

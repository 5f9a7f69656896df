"""Starting and stopping: in the foreground for a person, in a thread for a test."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
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


def _server(app: Application, on_ready: Callable[[], Any] | None = None) -> uvicorn.Server:
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
    return _Announcing(config, on_ready)


class _Announcing(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], Any] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_ready is not None:
            self._on_ready()


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
            server.should_exit = True
            thread.join()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the embedded GitLab did not start")
        time.sleep(0.005)

"""How far a server may go: how long one answer may take, and how large it may be.

A time-out for silence alone is no bound: who sends a byte a minute is never silent. And a
short answer may unpack to a huge one.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_CHUNK = 65_536
MIB = 1024 * 1024


class TooLarge(requests.RequestException):
    """The answer is longer than anything that GitLab says."""


def read_whole(response: requests.Response, most: int) -> None:
    """Read the answer's body, of `most` bytes unpacked; raises TooLarge past that."""
    body = _read(response, most)
    if len(body) > most:
        raise TooLarge(f"the answer is longer than {most / MIB:.0f} MiB")
    response._content = body


def read_beginning(response: requests.Response, most: int) -> bytes:
    """The first bytes of the answer's body; the rest is not read."""
    return _read(response, most)[:most]


def _read(response: requests.Response, most: int) -> bytes:
    """The body, or a little more than `most` of it."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > most:
            response.close()
            break
    return bytes(body)


class Wire(HTTPAdapter):
    """Keeps `lanes` connections, and gives up an answer that takes `seconds` in all."""

    def __init__(self, lanes: int, seconds: float) -> None:
        self._pools = _pools(seconds)
        # More threads than connections wait for one instead of opening another.
        super().__init__(pool_maxsize=lanes, pool_block=True)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Use connections whose answers have an end."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        """Use them through a proxy, too."""
        manager = super().proxy_manager_for(*args, **more)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _Timely(io.RawIOBase):
    """What comes over a socket, until the time for it is over."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout() or seconds
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(min(self._silence, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _pools(seconds: float) -> dict[str, Any]:
    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
            super().__init__(sock, *args, **more)
            self.fp = io.BufferedReader(_Timely(self.fp.detach(), sock, seconds))

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}

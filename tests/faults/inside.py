"""The embedded GitLab without sockets: its application, called where it stands.

A request takes about two milliseconds, and everything happens in an order that a seed
decides. Faults happen on the wire (see `trouble`), so the server here is always well.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from automation.sandbox.app import Application, create_app
from automation.sandbox.store import Store
from tests.e2e.outside import ROOT_TOKEN, Person, Refused, Site

URL = "http://127.0.0.1:1"
"""An address at which nobody listens: what leaves the wire is lost, and seen to be."""


@dataclass(frozen=True)
class Reply:
    """An answer as the server gave it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Asked = tuple[str, str]
"""An address, and whose token asked for it."""


class House:
    """One embedded GitLab in memory. Close it when done, or use it as a context manager.

    Its clock stands still, so what was read once in a state reads the same until something
    is written, and in the same state when it is loaded again.
    """

    def __init__(self, now: str) -> None:
        self.store = Store(":memory:", ROOT_TOKEN, datetime.fromisoformat(now))
        self.app: Application = create_app(self.store)
        self._one_at_a_time = threading.Lock()
        self._read: dict[Asked, Reply] = {}
        self._read_in: dict[bytes, dict[Asked, Reply]] = {}

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Have a request answered; every caller waits for their turn."""
        parts = urlsplit(url)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in {"host": parts.netloc, **headers}.items()
            ],
            "server": (parts.hostname, parts.port),
        }
        asked = (url, headers.get("PRIVATE-TOKEN", ""))
        with self._one_at_a_time:
            if method != "GET":
                self._read = {}
                return _answered(self.app, scope, body)
            if asked not in self._read:
                self._read[asked] = _answered(self.app, scope, body)
            return self._read[asked]

    def save(self) -> bytes:
        """Everything that is there, the clock included."""
        return self.store.save()

    def load(self, state: bytes) -> None:
        """Become what was saved."""
        self.store.load(state)
        self._read = self._read_in.setdefault(sha256(state).digest(), {})

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _answered(app: Application, scope: dict[str, Any], body: bytes) -> Reply:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    _finish(app(scope, receive, send))
    head, *rest = sent
    headers = {name.decode(): value.decode("latin-1") for name, value in head["headers"]}
    return Reply(head["status"], headers, b"".join(part.get("body", b"") for part in rest))


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that waits for nothing to its end."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("the embedded GitLab waits for something, which it cannot do in here")


class Wire(HTTPAdapter):
    """What a session of requests sends, goes to the house; other addresses are nobody's."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_options: Any
    ) -> requests.Response:
        return self.answer(request, self.carry(request))

    def carry(self, request: requests.PreparedRequest) -> Reply:
        """Have GitLab do what the request asks for."""
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)  # type: ignore[arg-type]
        headers = {str(name): str(value) for name, value in request.headers.items()}
        return self.house.call(request.method or "", request.url or "", headers, raw)

    def answer(self, request: requests.PreparedRequest, reply: Reply) -> requests.Response:
        """The answer as requests builds it from a connection; a short body is an error there."""
        raw = HTTPResponse(
            body=io.BytesIO(reply.body),
            headers=HTTPHeaderDict(reply.headers),
            status=reply.status,
            preload_content=False,
            request_method=request.method,
        )
        response = self.build_response(request, raw)
        response.content  # noqa: B018  # as `requests.Session.send` does where nothing streams
        return response


@dataclass
class Inhabitant(Person):
    """Somebody whose browser is in the house."""

    house: House | None = field(default=None, repr=False)

    def send(self, method: str, place: str, data: Any = None) -> tuple[Any, dict[str, str]]:
        assert self.house is not None
        base = self.url if place.startswith("/sandbox") else f"{self.url}/api/v4"
        headers = {"PRIVATE-TOKEN": self.token, "Content-Type": "application/json"}
        body = b"" if data is None else json.dumps(data).encode()
        reply = self.house.call(method, f"{base}{place}", headers, body)
        if reply.status >= 400:
            raise Refused(reply.status, reply.body.decode())
        return json.loads(reply.body) if reply.body else None, dict(reply.headers)


class Home(Site):
    """The house as its administrator and its people see it."""

    def __init__(self, house: House, tokens: dict[str, str] | None = None) -> None:
        super().__init__(URL, dict(tokens or {}))
        self.house = house

    @property
    def root(self) -> Person:
        return Inhabitant(self.url, ROOT_TOKEN, house=self.house)

    def __getitem__(self, username: str) -> Person:
        return Inhabitant(self.url, self.tokens[username], username, house=self.house)

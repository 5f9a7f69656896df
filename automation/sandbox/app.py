"""The ASGI application: from bytes to a handler and back, with everything in between.

Order of a request: fault, login, scopes, limits, handler, commit, answer. The handler runs
on the event loop itself; that is what makes requests atomic and their order total.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
import uuid
from collections import Counter
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from automation.sandbox import control
from automation.sandbox.access import Access
from automation.sandbox.api import ROUTER
from automation.sandbox.auth import check_scopes, identify
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import ApiError, Dropped, not_found, unauthorized
from automation.sandbox.faults import Fault, Faults
from automation.sandbox.incoming import Incoming, read
from automation.sandbox.limits import Limits
from automation.sandbox.pages.site import Site
from automation.sandbox.params import Params
from automation.sandbox.routing import Route
from automation.sandbox.schema import Project, at_path
from automation.sandbox.store import Store

_LOG = logging.getLogger(__name__)
API = "/api/v4"
WRITES = ("POST", "PUT", "DELETE", "PATCH")


class Application:
    """An ASGI application over one store.

    ``transports`` is filled by the server's protocol, by client address, so that a fault
    can cut a connection; without a server, a cut raises `Dropped`.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.limits = Limits()
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.transports: dict[tuple[str, int], asyncio.Transport] = {}
        self.site = Site(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Dropped: a fault cut the connection, and there is none to cut.
        """
        if scope["type"] != "http":
            raise RuntimeError("the embedded GitLab speaks HTTP only")
        try:
            incoming = await read(Request(scope, receive))
        except ClientDisconnect:
            return
        except ApiError as error:
            refusal = _finish(error.status, error.body, error.headers)
            await self._dated(refusal)(scope, receive, send)
            return
        try:
            response = self._dated(await self._respond(incoming))
        except Dropped:
            await self._cut(scope)
            return
        if isinstance(response, _Truncated):
            await self._truncate(response, scope, send)
        else:
            await response(scope, receive, send)

    def _dated(self, response: Response) -> Response:
        """The answer with the time that it is here, which clients take for the server's."""
        whole = response.whole if isinstance(response, _Truncated) else response
        now = self.store.clock.now().astimezone(UTC)
        whole.headers["Date"] = format_datetime(now, usegmt=True)
        return response

    async def _respond(self, incoming: Incoming) -> Response:
        if incoming.raw_path.startswith("/sandbox/"):
            return self._control(incoming)
        if self.site.serves(incoming):
            return self.site.answer(incoming)
        found = ROUTER.find(incoming.verb, incoming.raw_path.removeprefix(API))
        if not incoming.raw_path.startswith(f"{API}/"):
            found = None
        route = found[0] if found else None
        self.counts[route.label if route else f"{incoming.verb} (unknown)"] += 1
        fault = self.faults.strike(incoming.verb, incoming.raw_path)
        if fault is None:
            return self._answer(incoming, found)
        return await self._suffer(fault, incoming, found)

    async def _suffer(
        self, fault: Fault, incoming: Incoming, found: tuple[Route, dict[str, str]] | None
    ) -> Response:
        if fault.action == "status":
            return _finish(fault.status, fault.body, fault.headers)
        if fault.action == "cut_before":
            raise Dropped
        if fault.action == "delay":
            await asyncio.sleep(fault.seconds)
        response = self._answer(incoming, found)
        if fault.action == "cut_after":
            raise Dropped
        return _Truncated(response) if fault.action == "truncate" else response

    def _control(self, incoming: Incoming) -> Response:
        try:
            return _finish(200, control.handle(self, incoming), {})
        except ApiError as error:
            return _finish(error.status, error.body, error.headers)

    def _answer(self, incoming: Incoming, found: tuple[Route, dict[str, str]] | None) -> Response:
        started = time.perf_counter()
        headers: dict[str, str] = {}
        try:
            status, body = self._run(incoming, found, headers)
        except ApiError as error:
            status, body = error.status, error.body
            headers |= error.headers
        except Exception:
            _LOG.exception("%s %s failed", incoming.verb, incoming.raw_path)
            status, body = 500, {"message": "500 Internal Server Error"}
        headers["X-Runtime"] = f"{time.perf_counter() - started:.6f}"
        return _with_etag(incoming, _finish(status, body, headers))

    def _run(
        self,
        incoming: Incoming,
        found: tuple[Route, dict[str, str]] | None,
        headers: dict[str, str],
    ) -> tuple[int, Any]:
        if incoming.verb in WRITES:
            self.store.clock.tick()
        with self.store.session() as session:
            now = self.store.clock.now()
            params = Params(incoming.values)
            rotates = found is not None and found[0].template.endswith("/rotate")
            user, token = identify(session, incoming.headers, params, now, rotates=rotates)
            who = str(user.id) if user else "anonymous"
            self.limits.request(who, now, headers)
            if found is None:
                raise _unknown(incoming)
            route, path = found
            if route.login and user is None:
                raise unauthorized()
            check_scopes(token, incoming.verb, route.template)
            self.limits.action(
                who, incoming.verb, route.template, now, lambda: _project(session, path["id"])
            )
            call = Call(
                self.store, session, incoming.base_url, incoming.raw_path, incoming.query,
                path, params, user, token, Access(session, user, self.store.clock.today()),
                unmodified_since=incoming.headers.get("if-unmodified-since", ""),
            )  # fmt: skip
            result = route.handler(call)
            session.commit()
        headers |= call.headers
        if isinstance(result, Reply):
            headers |= result.headers
            return result.status, result.body
        return route.status, result

    async def _cut(self, scope: Scope) -> None:
        transport = self.transports.get(tuple(scope.get("client") or ()))
        if transport is None:
            raise Dropped
        transport.abort()
        # The loop tells the protocol of the loss on its next turn; then uvicorn lets go.
        await asyncio.sleep(0.01)

    async def _truncate(self, response: _Truncated, scope: Scope, send: Send) -> None:
        whole = response.whole
        await send(
            {"type": "http.response.start", "status": whole.status_code,
             "headers": whole.raw_headers}
        )  # fmt: skip
        half = bytes(whole.body[: len(whole.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.05)
        await self._cut(scope)


class _Truncated(Response):
    """An answer of which only the first half is to be sent."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self.whole = whole


def create_app(store: Store) -> Application:
    """The ASGI application over a store; the caller closes the store."""
    return Application(store)


def _project(session: Session, name: str) -> str:
    """The number of the project that a path names; limits count by it, however it is named."""
    if name.isdigit():
        return str(int(name))
    return str(session.scalar(select(Project.id).where(at_path(Project.full_path, name))))


def _unknown(incoming: Incoming) -> ApiError:
    path = incoming.raw_path
    if path.startswith(API) and (allowed := ROUTER.methods(path.removeprefix(API))):
        return ApiError(405, {"error": "405 Not Allowed"}, {"Allow": ", ".join(allowed)})
    error = not_found()
    error.body = {
        "error": "404 Not Found",
        "message": f"The embedded GitLab (drumbeat sandbox) has no {incoming.verb} {path}",
    }
    return error


def _finish(status: int, body: Any, headers: dict[str, str]) -> Response:
    plain = {"X-Request-Id": uuid.uuid4().hex, "Vary": "Origin", **headers}
    if status in (204, 304):
        return Response(status_code=status, headers=plain)
    if isinstance(body, bytes):
        return Response(body, status, plain, "application/octet-stream")
    if isinstance(body, str):
        return Response(body, status, plain, "text/plain; charset=utf-8")
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, plain, "application/json")


def _with_etag(incoming: Incoming, response: Response) -> Response:
    if incoming.verb != "GET" or response.status_code != 200:
        return response
    tag = f'W/"{hashlib.md5(bytes(response.body), usedforsecurity=False).hexdigest()}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "max-age=0, private, must-revalidate"
    if incoming.headers.get("if-none-match") != tag:
        return response
    kept = {k: v for k, v in response.headers.items() if k not in ("content-length",)}
    return Response(status_code=304, headers=kept)

"""Reading a request: the same parameters whether sent as JSON, form, multipart or query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from automation.sandbox.errors import ApiError, grape
from automation.sandbox.params import nest

MAX_BODY = 64 * 1024 * 1024
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Incoming:
    """A request, read whole. ``json`` is the body as sent, when it was JSON.

    ``raw`` is a body of bytes (``application/octet-stream``).
    """

    method: str
    raw_path: str
    query: list[tuple[str, str]]
    values: dict[str, Any]
    json: Any
    raw: bytes
    headers: Mapping[str, str]
    base_url: str

    @property
    def verb(self) -> str:
        """The method, a HEAD counting as the GET that it is."""
        return "GET" if self.method == "HEAD" else self.method


async def read(request: Request) -> Incoming:
    """Read a request to its end.

    Raises:
        ApiError: 400, when the body is not what its content type says; 413, when it is
            too long.
    """
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.query_params.multi_items()
    body = await _body(request)
    values = nest(query)
    values |= body if isinstance(body, dict) else {}
    return Incoming(
        method=request.method,
        raw_path=raw_path.decode("ascii"),
        query=query,
        values=values,
        json=None if isinstance(body, bytes) else body,
        raw=body if isinstance(body, bytes) else b"",
        headers=request.headers,
        base_url=f"{request.url.scheme}://{request.url.netloc}",
    )


async def _body(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if int(request.headers.get("content-length") or 0) > MAX_BODY:
        raise ApiError(413, {"message": "413 Request Entity Too Large"})
    if kind in _FORMS:
        return await _form(request)
    raw = await request.body()
    if kind == "application/octet-stream":
        return raw
    if not raw.strip() or not (kind.endswith("json") or kind == ""):
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise grape("Problems parsing JSON") from None


async def _form(request: Request) -> dict[str, Any]:
    try:
        async with request.form(max_fields=5000, max_part_size=MAX_BODY) as form:
            pairs = [
                (name, (await value.read()).decode() if isinstance(value, UploadFile) else value)
                for name, value in form.multi_items()
            ]
    except (HTTPException, MultiPartException, UnicodeDecodeError):
        raise grape("Problems parsing the form") from None
    return nest(pairs)

"""One person's access to the REST API, with the standard library alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

_OPENER = build_opener(ProxyHandler({}))
"""What stays on this machine has no business with a proxy."""


@dataclass(frozen=True)
class Api:
    """Sends requests as the owner of a token."""

    url: str
    token: str = field(repr=False)

    def get(self, place: str, /, **query: Any) -> Any:
        """GET; the answer's JSON."""
        return self._send("GET", f"{place}?{urlencode(query)}" if query else place)

    def post(self, place: str, /, **fields: Any) -> Any:
        """POST; the answer's JSON."""
        return self._send("POST", place, fields)

    def put(self, place: str, /, **fields: Any) -> Any:
        """PUT; the answer's JSON."""
        return self._send("PUT", place, fields)

    def _send(self, method: str, place: str, fields: dict[str, Any] | None = None) -> Any:
        base = self.url if place.startswith("/sandbox") else f"{self.url}/api/v4"
        request = Request(  # noqa: S310 - the embedded GitLab's own address
            f"{base}{place}",
            method=method,
            data=json.dumps(fields).encode() if fields is not None else None,
            headers={"PRIVATE-TOKEN": self.token, "Content-Type": "application/json"},
        )
        with _OPENER.open(request) as answer:
            return json.load(answer)


def escaped(path: str) -> str:
    """A full path as one segment of an address."""
    return quote(path, safe="")

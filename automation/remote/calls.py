"""One request, one answer: the only place that calls python-gitlab.

Its `http_request` gives the headers that its managers hide; each way of repeating that
it has is switched off in every call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import gitlab
import requests

from automation.errors import OutcomeUnknown, RemoteError
from automation.ports import receive
from automation.remote import hints
from automation.remote.fields import Fields
from automation.remote.limits import kind_of
from automation.remote.pacing import Pacer
from automation.remote.session import BadStatus
from automation.remote.verdicts import lost

STRANGE = "Check that the address is GitLab's own and that no login page or proxy answers there."


@dataclass(frozen=True)
class Answer:
    """What a read brought: the parsed body, the headers, and where it came from."""

    data: object
    headers: Mapping[str, str]
    url: str
    next_link: str | None


def quoted(path: str) -> str:
    """A full path or label name as one segment of an address."""
    return quote(path, safe="")


class Calls:
    """GitLab's API by verb and path, paced, with our errors. Threads may share it."""

    def __init__(self, gl: gitlab.Gitlab, pacer: Pacer) -> None:
        self._gl = gl
        self._pacer = pacer

    @property
    def base_url(self) -> str:
        """GitLab's address, without a slash at its end."""
        return self._gl.url

    def get(self, path: str, query: Mapping[str, Any]) -> Answer:
        """Read JSON. Raises RemoteError, Refused among it, where there is none to be had."""
        what = f"GET {path}"
        response = self._pacer.read(
            what, lambda: self._send("get", path, query=query), *kind_of("GET", path)
        )
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise RemoteError(f"GitLab's answer to {what} is not JSON", STRANGE) from error
        link = response.links.get("next", {}).get("url")
        return Answer(data, response.headers, response.url, link)

    def post(self, path: str, data: Mapping[str, Any]) -> Fields:
        """Create something and give its fields. Raises as `Pacer.write` does."""
        return self._write("post", path, data)

    def put(self, path: str, data: Mapping[str, Any]) -> Fields:
        """Change something and give its fields. Raises as `Pacer.write` does."""
        return self._write("put", path, data)

    def delete(self, path: str) -> None:
        """Delete something. Raises as `Pacer.write` does."""
        self._written("delete", path, None)

    def _write(self, verb: str, path: str, data: Mapping[str, Any]) -> Fields:
        what = f"{verb.upper()} {path}"
        response = self._written(verb, path, data)

        def unclear(message: str) -> OutcomeUnknown:
            return lost(what, message)

        try:
            return Fields(json.loads(response.content), "the answer", unclear)
        except (ValueError, RecursionError) as error:
            raise unclear("the answer is not JSON") from error

    def _written(self, verb: str, path: str, data: Mapping[str, Any] | None) -> requests.Response:
        """Send a write, and hand over what stands on its answer, be it a refusal."""
        what = f"{verb.upper()} {path}"
        try:
            response = self._pacer.write(
                what, lambda: self._send(verb, path, data=data), *kind_of(verb.upper(), path)
            )
        except RemoteError as error:
            if isinstance(error.__cause__, BadStatus):
                _receive(error.__cause__.headers)
            raise
        _receive(response.headers)
        return response

    def _send(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        return self._gl.http_request(
            verb,
            path,
            query_data=dict(query or {}),
            post_data=None if data is None else dict(data),
            obey_rate_limit=False,
            retry_transient_errors=False,
            max_retries=0,
        )


_REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


def _receive(headers: Mapping[str, str]) -> None:
    """GitLab's id of a request, under which its logs have it, and its time.

    Source: GitLab's documentation, "Use the correlation ID to find relevant log entries".
    """
    found = _REQUEST_ID.fullmatch(headers.get("X-Request-Id", ""))
    receive(found[0] if found else "", hints.date(headers))

"""The whole of an embedded GitLab, to keep and to give back: what is slow to make is made once."""

from __future__ import annotations

from urllib.request import ProxyHandler, Request, build_opener

_SECONDS = 60.0


def saved(url: str, root_token: str) -> bytes:
    """Everything that the GitLab at this address holds."""
    return _asked(url, root_token, None)


def restore(url: str, root_token: str, data: bytes) -> None:
    """Have it hold what was saved, there or elsewhere."""
    _asked(url, root_token, data)


def _asked(url: str, root_token: str, data: bytes | None) -> bytes:
    headers = {"PRIVATE-TOKEN": root_token, "Content-Type": "application/octet-stream"}
    method = "GET" if data is None else "PUT"
    request = Request(f"{url}/sandbox/state", data, headers, method=method)  # noqa: S310 - loopback
    with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS) as answer:
        return bytes(answer.read())

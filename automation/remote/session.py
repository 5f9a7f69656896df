"""A guarded door to one GitLab and to nothing else.

python-gitlab carries its token along wherever a redirect or a `Link` header points, and
repeats writes by itself. So the session below sends to one origin only, follows nothing,
always verifies certificates, keeps no cookie, and python-gitlab's own repeating stays off.
Several threads may send through it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import gitlab
import requests

from automation import __version__
from automation.errors import RemoteError, UsageError
from automation.remote.lanes import WIDTH
from automation.remote.wire import MIB, Wire, read_beginning, read_whole

_TOKEN = re.compile(r"[\x21-\x7e]+")
_PORTS = {"http": 80, "https": 443}
_ADDRESS_REMEDY = "Write GitLab's address like https://gitlab.example.com."
_TOKEN_REMEDY = "Set DRUMBEAT_TOKEN to an access token with the scope `api`."
_SHOWN_BYTES = 65_536

Origin = tuple[str, str, int]
"""Scheme, host and port: what a token belongs to."""


class BadStatus(Exception):
    """GitLab answered with another status than 2xx.

    Unlike python-gitlab's errors it keeps the headers, which tell when to come back.
    `text` and `headers` hold no token any more.
    """

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.headers = headers
        self.text = text


def origin_of(url: str) -> Origin:
    """The scheme, host and port of an address; ValueError where it has none."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: str) -> SplitResult:
    try:
        # As requests will write it: an international host name becomes its ASCII form.
        prepared = requests.Request("GET", url.strip()).prepare().url or ""
        origin_of(prepared)
        return urlsplit(prepared)
    except (ValueError, requests.RequestException) as error:
        raise UsageError("GitLab's address is not an http(s) address", _ADDRESS_REMEDY) from error


def _checked_url(url: str) -> str:
    parts = _split(url)
    if parts.username is not None or parts.password is not None:
        raise UsageError("GitLab's address has a name or password in it", _ADDRESS_REMEDY)
    if parts.scheme not in _PORTS or parts.query or parts.fragment:
        raise UsageError("GitLab's address is not a plain http(s) address", _ADDRESS_REMEDY)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise UsageError(
            f"http://{parts.netloc} would send the token over the network in clear",
            "Use https://. Only addresses of this machine may be http://.",
        )
    path = parts.path.rstrip("/").removesuffix("/api/v4")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _checked_token(token: str) -> str:
    if not token:
        raise UsageError("There is no token for GitLab", _TOKEN_REMEDY)
    if not _TOKEN.fullmatch(token):
        raise UsageError(
            "The token for GitLab has blanks, line breaks or characters that no token has",
            _TOKEN_REMEDY,
        )
    return token


def _checked_bundle(path: str | None) -> str | None:
    if path is not None and not Path(path).exists():
        raise UsageError(
            f"There is no file of certificate authorities at {path}",
            "Name a PEM file with the authority that signed GitLab's certificate.",
        )
    return path


@dataclass(frozen=True)
class Connection:
    """Where GitLab is and how to get in. Timeouts are in seconds.

    `read_timeout` is for silence, `answer_timeout` for a whole answer. `largest_answer` is
    in bytes: ten issues fit in, each with the longest description that GitLab takes, written
    as JSON. `lanes` is how many requests may be under way at once. Raises UsageError for an
    address or token that cannot be right; the token shows in no error and no `repr`.
    """

    url: str
    token: str = field(repr=False)
    ca_bundle: str | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    answer_timeout: float = 300.0
    largest_answer: int = 64 * MIB
    lanes: int = WIDTH

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _checked_url(self.url))
        _checked_token(self.token)
        _checked_bundle(self.ca_bundle)

    def scrub(self, text: str) -> str:
        """The text without the token, should a server have echoed it."""
        for form in (self.token, quote(self.token, safe="")):
            text = text.replace(form, "[token]")
        return text

    def open(self) -> gitlab.Gitlab:
        """A client that can reach this GitLab only. Nothing is sent yet."""
        return gitlab.Gitlab(
            self.url,
            private_token=self.token,
            ssl_verify=self.ca_bundle or True,
            user_agent=f"drumbeat/{__version__}",
            retry_transient_errors=False,
            keep_base_url=True,
            session=GuardedSession(self),
        )


class GuardedSession(requests.Session):
    """Sends to one origin, follows no redirect, and never skips a certificate."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._origin = origin_of(connection.url)
        # What stays on this machine has no business with a proxy.
        self.trust_env = not _is_loopback(self._origin[1])
        # A cookie would be a second identity beside the token.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("https://", "http://"):
            self.mount(scheme, Wire(connection.lanes, connection.answer_timeout))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request.

        Raises RemoteError before anything is sent to another origin, BadStatus for every
        answer but 2xx, TooLarge, and what requests raises for a failing connection.
        """
        self._guard(request.url or "")
        kwargs["allow_redirects"] = False
        kwargs["verify"] = kwargs.get("verify") or True
        kwargs["timeout"] = (self._connection.connect_timeout, self._connection.read_timeout)
        kwargs["stream"] = True
        response = super().send(request, **kwargs)
        if not 200 <= response.status_code < 300:
            raise self._bad(response)
        read_whole(response, self._connection.largest_answer)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No answer leads anywhere else, so requests does not even look."""

    def _guard(self, url: str) -> None:
        origin = origin_of(url)
        if origin != self._origin:
            raise RemoteError(
                f"Drumbeat was led to {_shown(origin)}, and sends its token to "
                f"{_shown(self._origin)} only",
                "If GitLab has moved, give Drumbeat its new address.",
            )

    def _bad(self, response: requests.Response) -> BadStatus:
        scrub = self._connection.scrub
        headers = requests.structures.CaseInsensitiveDict(
            {name: scrub(value) for name, value in response.headers.items()}
        )
        text = read_beginning(response, _SHOWN_BYTES).decode("utf-8", "replace")
        return BadStatus(response.status_code, headers, scrub(text))


def _shown(origin: Origin) -> str:
    scheme, host, port = origin
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == _PORTS.get(scheme) else f"{scheme}://{shown}:{port}"

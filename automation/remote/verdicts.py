"""What a failed request proves, and whether it may be sent again (law 2).

A read may always be repeated. A write may be repeated only where it provably never took
effect: GitLab said 429, or there was no connection to send it over.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3.exceptions

from automation.errors import OutcomeUnknown, Refused, RemoteError, Throttled, Unreachable
from automation.remote.messages import readable
from automation.remote.session import BadStatus
from automation.remote.wire import TooLarge

TOO_MANY = 429
_TIMED_OUT = 408
_TRANSIENT = frozenset({_TIMED_OUT, 425})
_UNSENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_PASSING = (
    requests.Timeout,
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_REMEDIES = {
    401: "Set DRUMBEAT_TOKEN to a valid token with the scope `api`; it may have expired.",
    403: "Give the token the scope `api` and its user the role Planner or above there.",
    404: "Check the path, and that the token's user may see it: GitLab hides what it may not.",
}
_LARGE = "Check that the address is GitLab's own, and what so much text stands in there."
_LOOK = "Look at GitLab, or run Drumbeat again: it lists what is there before it writes."


class AnswerTooLarge(RemoteError):
    """An answer was not read to its end, because it is longer than it may be."""


@dataclass(frozen=True)
class Verdict:
    """The error to raise, and whether trying again is allowed and can help."""

    error: RemoteError
    again: bool


def of_read(what: str, failure: BadStatus | OSError) -> Verdict:
    """Judge a failed read; `what` is the request in words: `GET /user`."""
    if isinstance(failure, BadStatus):
        return Verdict(_status_error(what, failure), _is_passing(failure.status))
    if _is_certificate(failure):
        return Verdict(_certificate_error(failure), again=False)
    if _is_unsent(failure):
        return Verdict(_no_connection(what, failure), again=True)
    if isinstance(failure, TooLarge):
        return Verdict(AnswerTooLarge(f"GitLab's answer to {what}: {failure}", _LARGE), again=False)
    error = RemoteError(
        f"The connection to GitLab failed during {what} ({_kind(failure)})",
        "Check the network and GitLab's status, then run Drumbeat again.",
    )
    return Verdict(error, again=isinstance(failure, _PASSING))


def of_write(what: str, failure: BadStatus | OSError) -> Verdict:
    """Judge a failed write: only an answer that proves that nothing happened is no riddle."""
    if isinstance(failure, BadStatus):
        return _of_written(what, failure)
    if _is_certificate(failure):
        return Verdict(_certificate_error(failure), again=False)
    if _is_unsent(failure):
        return Verdict(_no_connection(what, failure), again=True)
    return Verdict(lost(what, _kind(failure)), again=False)


def lost(what: str, why: str) -> OutcomeUnknown:
    """The error for a write that was sent and whose answer tells nothing."""
    return OutcomeUnknown(
        f"{what} was sent, but its answer was lost ({why}): it may have happened", _LOOK
    )


def _of_written(what: str, failure: BadStatus) -> Verdict:
    status = failure.status
    if status == TOO_MANY:
        return Verdict(_status_error(what, failure), again=True)
    if 400 <= status < 500 and status != _TIMED_OUT:
        return Verdict(_refused(what, status, readable(failure.text)), again=False)
    why = f"status {status}: {readable(failure.text)}"
    if 300 <= status < 400:
        why = f"it was redirected to {_place(failure)}, which Drumbeat does not follow"
    return Verdict(lost(what, why), again=False)


def _is_passing(status: int) -> bool:
    return status in _TRANSIENT or status == TOO_MANY or status >= 500


def _status_error(what: str, failure: BadStatus) -> RemoteError:
    status, said = failure.status, readable(failure.text)
    if status == TOO_MANY:
        return Throttled(
            f"GitLab goes on asking to slow down at {what}: {said}",
            "Run Drumbeat again later, or have the rate limits of its user raised.",
            status=status,
        )
    if 300 <= status < 400:
        return RemoteError(
            f"GitLab wants {what} to go to {_place(failure)}; Drumbeat follows no redirect, "
            "because its token would go along",
            "Give Drumbeat the address at which GitLab answers itself.",
        )
    if 400 <= status < 500 and status not in _TRANSIENT:
        return _refused(what, status, said)
    return RemoteError(
        f"GitLab answered {what} with status {status}: {said}",
        "Check GitLab's status, then run Drumbeat again.",
    )


def _refused(what: str, status: int, said: str) -> Refused:
    if status == 401:
        message = f"GitLab does not accept the token: {said}"
    else:
        message = f"GitLab refused {what} with status {status}: {said}"
    return Refused(message, _REMEDIES.get(status, ""), status=status)


def _place(failure: BadStatus) -> str:
    return readable(failure.headers.get("Location", "a place it does not name"))


def _no_connection(what: str, failure: OSError) -> Unreachable:
    return Unreachable(
        f"GitLab cannot be reached for {what} ({_kind(failure)})",
        "Check GitLab's address, the network and the proxy settings.",
    )


def _certificate_error(failure: OSError) -> Unreachable:
    reason = next(_certificate_errors(failure)).verify_message
    return Unreachable(
        f"GitLab's certificate cannot be verified: {readable(reason or 'unknown reason')}",
        "Give Drumbeat the file of the authority that signed it. Verification is never off.",
    )


def _certificate_errors(failure: BaseException) -> Iterator[ssl.SSLCertVerificationError]:
    return (error for error in _chain(failure) if isinstance(error, ssl.SSLCertVerificationError))


def _is_certificate(failure: OSError) -> bool:
    return any(True for _ in _certificate_errors(failure))


def _is_unsent(failure: OSError) -> bool:
    return any(isinstance(error, _UNSENT) for error in _chain(failure))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it; requests and urllib3 keep causes in several places.

    `__context__` is not one of them: it may hold the failure of an earlier request, which
    proves nothing about this one.
    """
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        link = left.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            left += [*link.args, getattr(link, "reason", None), link.__cause__]


def _kind(failure: OSError) -> str:
    if isinstance(failure, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(failure, requests.Timeout):
        return "no answer in time"
    if isinstance(failure, TooLarge):
        return str(failure)
    deepest = list(_chain(failure))[-1]
    return readable(getattr(deepest, "strerror", None) or type(deepest).__name__)

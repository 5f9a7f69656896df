"""GitLab's error answers, so that handlers can raise them by name.

GitLab has two families: Grape's own (``{"error": …}``, for parameters it could not read)
and the application's (``{"message": …}``). Clients parse both, so both are kept apart here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than success. ``body`` is JSON-able, or a `str` for plain text."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class Dropped(Exception):  # not an error of ours: the connection ends without an answer
    """The connection is to be cut with no answer."""


def message(status: int, text: Any) -> ApiError:
    """An application error, ``{"message": text}``."""
    return ApiError(status, {"message": text})


def not_found(what: str = "") -> ApiError:
    """404, naming the resource as GitLab does; without a name, the bare record error."""
    return message(404, f"404 {what} Not Found" if what else "404 Not found")


def forbidden(reason: str = "") -> ApiError:
    """403: known, but not allowed."""
    return message(403, f"403 Forbidden - {reason}" if reason else "403 Forbidden")


def unauthorized() -> ApiError:
    """401: no token, or one that GitLab never gave out."""
    return message(401, "401 Unauthorized")


def bad_request(reason: str) -> ApiError:
    """400 with a reason in words."""
    return message(400, f"400 Bad request - {reason}")


def invalid(errors: Mapping[str, list[str]]) -> ApiError:
    """400 from a model's validation, ``{"message": {"title": ["can't be blank"]}}``."""
    return message(400, dict(errors))


def grape(text: str) -> ApiError:
    """400 from parameter checking, ``{"error": "title is missing"}``."""
    return ApiError(400, {"error": text})


def nested_error(text: str) -> ApiError:
    """400 with ``{"message": {"error": text}}``, which a few endpoints answer."""
    return message(400, {"error": text})

"""A route table over raw path segments.

GitLab takes URL-encoded paths in place of ids (``group%2Fproject``), and label names with
slashes and dots. So the path is split before it is decoded, which Starlette's router
cannot do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Handler = Callable[[Any], Any]


@dataclass(frozen=True)
class Route:
    """One endpoint. ``template`` is ``/projects/:id/issues``; ``scopes`` may call it."""

    method: str
    template: str
    handler: Handler
    status: int
    login: bool

    @property
    def label(self) -> str:
        """How the request counters name it."""
        return f"{self.method} /api/v4{self.template}"


@dataclass
class Router:
    """Routes by number of segments, literal segments before parameters."""

    routes: list[Route] = field(default_factory=list)

    def add(
        self, method: str, template: str, status: int | None = None, login: bool | None = None
    ) -> Callable[[Handler], Handler]:
        """Register the decorated handler.

        ``status`` defaults to Grape's: 201 for POST, 204 for DELETE, else 200. ``login``
        says whether anonymous callers are refused; by default, on everything but GET.
        """
        default = {"POST": 201, "DELETE": 204}.get(method, 200)
        needs_login = method != "GET" if login is None else login

        def keep(handler: Handler) -> Handler:
            self.routes.append(Route(method, template, handler, status or default, needs_login))
            return handler

        return keep

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a raw (still encoded) path, and its decoded parameters."""
        parts = [unquote(part) for part in raw_path.strip("/").split("/")]
        best: tuple[int, Route, dict[str, str]] | None = None
        for route in self.routes:
            if route.method != method:
                continue
            matched = _match(route.template, parts)
            if matched is not None and (best is None or len(matched) < best[0]):
                best = (len(matched), route, matched)
        return (best[1], best[2]) if best else None

    def methods(self, raw_path: str) -> list[str]:
        """Which methods the path answers to, for 405."""
        return sorted({r.method for r in self.routes if self.find(r.method, raw_path) is not None})


def _match(template: str, parts: list[str]) -> dict[str, str] | None:
    wanted = template.strip("/").split("/")
    if len(wanted) != len(parts):
        return None
    params: dict[str, str] = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith(":"):
            params[want[1:]] = part
        elif want != part:
            return None
    return params

"""A route table over raw path segments.

GitLab takes URL-encoded paths in place of ids (``group%2Fproject``), and label names with
slashes and dots. So the path is split before it is decoded, which Starlette's router
cannot do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    """Routes by method and number of segments, literal segments before parameters."""

    routes: list[Route] = field(default_factory=list)
    _index: dict[tuple[str, int], list[tuple[Route, list[str]]]] = field(
        init=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        given, self.routes = self.routes, []
        self.include(given)

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
            self.include([Route(method, template, handler, status or default, needs_login)])
            return handler

        return keep

    def include(self, routes: Iterable[Route]) -> None:
        """Take in routes, such as those of another router."""
        for route in routes:
            wanted = _parts(route.template)
            self.routes.append(route)
            held = self._index.setdefault((route.method, len(wanted)), [])
            held.append((route, wanted))
            held.sort(key=_vagueness)

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a raw (still encoded) path, and its decoded parameters."""
        parts = _parts(raw_path)
        for route, wanted in self._index.get((method, len(parts)), ()):
            if all(
                want == part or want[:1] == ":" for want, part in zip(wanted, parts, strict=True)
            ):
                pairs = zip(wanted, parts, strict=True)
                return route, {want[1:]: unquote(part) for want, part in pairs if want[:1] == ":"}
        return None

    def methods(self, raw_path: str) -> list[str]:
        """Which methods the path answers to, for 405."""
        methods = {route.method for route in self.routes}
        return sorted(method for method in methods if self.find(method, raw_path) is not None)


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _vagueness(entry: tuple[Route, list[str]]) -> int:
    return sum(want.startswith(":") for want in entry[1])

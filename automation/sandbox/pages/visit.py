"""What a view is given: who looks at what, and the API to ask and to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session as Database

from automation.sandbox.access import Access
from automation.sandbox.api import ROUTER
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import ApiError, not_found, unauthorized
from automation.sandbox.incoming import Incoming
from automation.sandbox.params import Params
from automation.sandbox.schema import Namespace, Project, User
from automation.sandbox.store import Store

Place = Project | Namespace
FULL_PAGE = 100
_ENDPOINTS = {(route.method, route.template): route for route in ROUTER.routes}


@dataclass(frozen=True)
class Page:
    """An answer: a template and what it is filled with."""

    template: str
    values: dict[str, Any]
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """An answer: look there instead; ``notice`` is shown there once."""

    path: str
    notice: str = ""
    user_id: int | None = None
    signed_out: bool = False


@dataclass
class Visit:
    """One request to a page. ``path`` holds what the route's parameters are."""

    store: Store
    database: Database
    incoming: Incoming
    user: User | None
    path: dict[str, str] = field(default_factory=dict)
    place: Place | None = None

    def __post_init__(self) -> None:
        self.access = Access(self.database, self.user, self.store.clock.today())
        self.params = Params(self.incoming.values)

    @property
    def project(self) -> Project:
        """The project that the address names; 404 when it names none."""
        if not isinstance(self.place, Project):
            raise not_found()
        return self.place

    @property
    def here(self) -> Place:
        """The project or group that the address names."""
        return self.place or self.project

    def call(self, path: dict[str, str], values: dict[str, Any]) -> Call:
        """The same visitor as a caller of the API."""
        return Call(
            self.store, self.database, self.incoming.base_url, self.incoming.raw_path, [],
            path, Params(values), self.user, None, self.access,
        )  # fmt: skip

    def ask(
        self, method: str, where: str, values: dict[str, Any], **path: str
    ) -> tuple[Any, dict[str, str]]:
        """What the API answers to the visitor, and the headers of the answer.

        ``where`` is a template of the API's routes, which ``path`` fills in, or what comes
        below that of the place; then the page's own address fills it in.

        Raises:
            ApiError: the API refuses.
        """
        if not where.startswith("/"):
            kind = "projects" if isinstance(self.here, Project) else "groups"
            where, path = f"/{kind}/:id/{where}", {"id": str(self.here.id), **self.path}
        route = _ENDPOINTS[method, where]
        if route.login and self.user is None:
            raise unauthorized()
        call = self.call(path, values)
        answer = route.handler(call)
        if not isinstance(answer, Reply):
            return answer, call.headers
        if answer.status >= 400:
            # An answer that was returned, not raised, keeps what was written before.
            self.database.commit()
            raise ApiError(answer.status, answer.body)
        return answer.body, call.headers | answer.headers

    def api(
        self, method: str, where: str, values: dict[str, Any] | None = None, **path: str
    ) -> Any:
        """What the API answers to the visitor; see `ask`."""
        return self.ask(method, where, values or {}, **path)[0]

    def all_of(self, where: str, values: dict[str, Any] | None = None) -> list[Any]:
        """All pages of a list; see `ask`."""
        rows: list[Any] = []
        page = 1
        while True:
            asked = {**(values or {}), "per_page": FULL_PAGE, "page": page}
            part = self.api("GET", where, asked)
            rows += part
            if len(part) < FULL_PAGE:
                return rows
            page += 1


def url_of(place: Place, tail: str = "") -> str:
    """The address of a project's or group's page, such as ``issues/1``."""
    in_group = isinstance(place, Namespace)
    prefix = "/groups/" if in_group else "/"
    return f"{prefix}{quote(place.full_path)}" + (f"/-/{tail}" if tail else "")


def query_of(filters: dict[str, Any]) -> str:
    """Filters as they stand in an address, empty ones left out."""
    return urlencode({name: value for name, value in filters.items() if value}, doseq=True)


def words_of(error: ApiError) -> str:
    """What the API says is wrong, as a sentence or two for a person."""
    body = error.body
    if not isinstance(body, dict):
        return str(body)
    told = body.get("message") or body.get("error") or ""
    if not isinstance(told, dict):
        return str(told)
    return " ".join(f"{field.capitalize()} {text}." for field, texts in told.items()
                    for text in ([texts] if isinstance(texts, str) else texts))  # fmt: skip

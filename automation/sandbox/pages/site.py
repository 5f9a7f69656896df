"""From a request for a page to its answer: session, forgery check, route, errors, headers.

Whoever is not signed in and asks for what they cannot see is sent to the sign-in page, as
in GitLab; whoever is signed in gets 404.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from sqlalchemy import select
from sqlalchemy.orm import Session as Database
from starlette.requests import cookie_parser
from starlette.responses import Response

from automation.sandbox.api import find
from automation.sandbox.errors import ApiError, forbidden, not_found
from automation.sandbox.incoming import Incoming
from automation.sandbox.pages import rendering, session, views
from automation.sandbox.pages.session import Session, Signer
from automation.sandbox.pages.visit import Page, Place, Redirect, Visit, words_of
from automation.sandbox.routing import Handler
from automation.sandbox.schema import Label, User
from automation.sandbox.store import Store

_ELSEWHERE = ("/api/", "/sandbox/", "/oauth/")
_ASSETS = "/assets/"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Site:
    """The pages over one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._signer = Signer()

    def serves(self, incoming: Incoming) -> bool:
        """Whether the request is for a page rather than for the API or the sandbox itself."""
        return incoming.verb in ("GET", "POST") and not incoming.raw_path.startswith(_ELSEWHERE)

    def answer(self, incoming: Incoming) -> Response:
        """The page."""
        if incoming.verb == "POST":
            self._store.clock.tick()
        with self._store.session() as database:
            if incoming.raw_path.startswith(_ASSETS):
                return _asset(database, incoming.raw_path.removeprefix(_ASSETS))
            cookies = cookie_parser(incoming.headers.get("cookie", ""))
            held = session.resume(self._signer, cookies.get(session.SESSION)) or session.begin()
            notice = self._signer.read(session.FLASH, cookies.get(session.FLASH)) or ""
            visit = Visit(self._store, database, incoming, _user(database, held))
            answer = self._run(visit, held)
            database.commit()
            return self._finish(visit, held, answer, notice)

    def _run(self, visit: Visit, held: Session) -> Page | Redirect:
        try:
            self._check_form(visit.incoming, held)
            answer: Page | Redirect = _handler(visit)(visit)
        except ApiError as error:
            visit.database.rollback()
            return _refusal(visit, error)
        return answer

    def _check_form(self, incoming: Incoming, held: Session) -> None:
        if incoming.verb != "POST":
            return
        body = incoming.json if isinstance(incoming.json, dict) else {}
        if not self._signer.fits(held.value, str(body.get("authenticity_token", ""))):
            raise forbidden("this form is not from a page of yours. Go back, reload, try again.")

    def _finish(
        self, visit: Visit, held: Session, answer: Page | Redirect, notice: str
    ) -> Response:
        if isinstance(answer, Page):
            values = {
                "me": visit.user, "token": self._signer.form_token(held.value),
                "notice": notice, "place": visit.place, "section": "", **answer.values,
            }  # fmt: skip
            html = rendering.render(answer.template, values)
            response = Response(html, answer.status, _HEADERS, "text/html; charset=utf-8")
        else:
            response = Response(status_code=303, headers=_HEADERS | {"Location": answer.path})
            held = _next_session(held, answer)
        flash = answer.notice if isinstance(answer, Redirect) else ""
        if flash or notice:
            signed = self._signer.sign(session.FLASH, flash) if flash else ""
            response.headers.append("set-cookie", session.cookie(session.FLASH, signed))
        signed = self._signer.sign(session.SESSION, held.value)
        response.headers.append("set-cookie", session.cookie(session.SESSION, signed))
        return response


def _next_session(held: Session, answer: Redirect) -> Session:
    """A new session where somebody signs in or out, else the same one."""
    if answer.user_id is not None or answer.signed_out:
        return session.begin(answer.user_id)
    return held


def _user(database: Database, held: Session) -> User | None:
    user = None if held.user_id is None else database.get(User, held.user_id)
    return user if user is not None and user.state == "active" else None


def _asset(database: Database, name: str) -> Response:
    if name == "colors.css":
        css = rendering.colors_css(database.scalars(select(Label.color).distinct()))
        return Response(css, 200, _HEADERS, "text/css; charset=utf-8")
    if name not in rendering.STATIC:
        return Response("Not found\n", 404, _HEADERS, "text/plain; charset=utf-8")
    headers = _HEADERS | {"Cache-Control": "no-cache"}
    return Response(rendering.static(name), 200, headers, rendering.STATIC[name])


def _handler(visit: Visit) -> Handler:
    """The view that the address names; sets what it names in the visit."""
    incoming = visit.incoming
    found = views.SITE.find(incoming.verb, incoming.raw_path)
    if found is None:
        head, _, tail = incoming.raw_path.partition("/-/")
        found = views.PLACES.find(incoming.verb, f"/{tail}")
        if found is None:
            raise not_found()
        visit.place = _place(visit, unquote(head).strip("/"), bare=not tail)
    route, visit.path = found
    return route.handler


def _place(visit: Visit, full_path: str, *, bare: bool) -> Place:
    """The project or group of an address; a group's own page has no ``groups/`` before it."""
    call = visit.call({}, {})
    if full_path.startswith("groups/"):
        return find.group_by(call, full_path.removeprefix("groups/"))
    try:
        return find.project_by(call, full_path)
    except ApiError:
        if not bare:
            raise
        return find.group_by(call, full_path)


def _refusal(visit: Visit, error: ApiError) -> Page | Redirect:
    incoming = visit.incoming
    if visit.user is None and incoming.verb == "GET" and error.status in (401, 403, 404):
        return Redirect(f"/users/sign_in?redirect_to={quote(incoming.raw_path)}")
    visit.place = None
    return Page("error.html", {"status": error.status, "words": words_of(error)}, error.status)

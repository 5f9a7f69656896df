"""The first page, and signing in and out."""

from __future__ import annotations

import re

from sqlalchemy import or_, select

from automation.sandbox.errors import bad_request, unauthorized
from automation.sandbox.pages.visit import Page, Redirect, Visit
from automation.sandbox.routing import Router
from automation.sandbox.schema import User

ROUTES = Router()
SHOWN = 100
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


@ROUTES.add("GET", "/")
def dashboard(visit: Visit) -> Page:
    """Groups, projects, and what is assigned to the visitor."""
    if visit.user is None:
        raise unauthorized()
    mine = {"assignee_username": visit.user.username, "scope": "all", "state": "opened",
            "with_labels_details": True}  # fmt: skip
    issues, _ = visit.ask("GET", "/issues", {**mine, "order_by": "due_date", "sort": "asc"})
    return Page(
        "dashboard.html",
        {
            "groups": visit.all_of("/groups", {"order_by": "path"}),
            "projects": visit.all_of("/projects", {"order_by": "path", "sort": "asc"}),
            "issues": issues,
        },
    )


@ROUTES.add("GET", "/users/sign_in")
def sign_in_page(visit: Visit) -> Page:
    """Everybody that one can be."""
    wanted = select(User).where(User.state == "active", User.kind == "human")
    search = visit.params.text("search") or ""
    if search:
        fields = (User.username, User.name)
        wanted = wanted.where(or_(*(one.icontains(search, autoescape=True) for one in fields)))
    people = list(visit.database.scalars(wanted.order_by(User.name, User.id).limit(SHOWN + 1)))
    values = {
        "people": people[:SHOWN], "more": len(people) > SHOWN, "search": search,
        "redirect_to": _local(visit),
    }  # fmt: skip
    return Page("sign_in.html", values)


def _local(visit: Visit) -> str:
    """Where to go after signing in: somewhere on this server."""
    wanted = visit.params.text("redirect_to") or "/"
    return wanted if _LOCAL.fullmatch(wanted) else "/"


@ROUTES.add("POST", "/users/sign_in")
def sign_in(visit: Visit) -> Redirect:
    """Be somebody; nobody here has a password."""
    username = visit.params.text("username")
    user = visit.database.scalar(
        select(User).where(User.username == username, User.state == "active", User.kind == "human")
    )
    if user is None:
        raise bad_request(f"nobody here is called {username!r}, or they are blocked")
    return Redirect(_local(visit), user_id=user.id)


@ROUTES.add("POST", "/users/sign_out")
def sign_out(_visit: Visit) -> Redirect:
    """Be nobody."""
    return Redirect("/users/sign_in", signed_out=True)

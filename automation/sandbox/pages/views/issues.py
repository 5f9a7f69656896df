"""The list of issues of a project or group, with GitLab's filters, and new issues."""

from __future__ import annotations

from typing import Any

from automation.sandbox.errors import ApiError, forbidden
from automation.sandbox.pages.visit import Page, Redirect, Visit, url_of, words_of
from automation.sandbox.routing import Router
from automation.sandbox.schema import Project

ROUTES = Router()
INVALID = 400
STATES = ("opened", "closed", "all")


def chosen(visit: Visit) -> dict[str, Any]:
    """The filters that the address names, by GitLab's names for them."""
    params = visit.params
    return {
        "search": params.text("search") or "",
        "label_name[]": params.strings("label_name"),
        "author_username": params.text("author_username") or "",
        "assignee_username": params.text("assignee_username") or "",
    }


def asked(filters: dict[str, Any]) -> dict[str, Any]:
    """The same filters by the names that the API has for them."""
    return {
        "search": filters["search"],
        "labels": ",".join(filters["label_name[]"]),
        "author_username": filters["author_username"],
        "assignee_username": filters["assignee_username"],
        "with_labels_details": True,
        "scope": "all",
    }


@ROUTES.add("GET", "/issues")
def index(visit: Visit) -> Page:
    """Issues, newest first."""
    filters = chosen(visit)
    state = visit.params.choice("state", STATES, "opened")
    wanted = asked(filters) | {"state": state, "page": visit.params.integer("page", 1)}
    issues, headers = visit.ask("GET", "issues", wanted)
    project = visit.here if isinstance(visit.here, Project) else None
    values = {
        "issues": issues, "filters": filters, "state": state, "states": STATES,
        "total": headers.get("X-Total"), "next": headers.get("X-Next-Page"),
        "previous": headers.get("X-Prev-Page"),
        "may_create": project is not None and visit.access.creates_issue(project),
    }  # fmt: skip
    return Page("issues.html", values)


def _form(visit: Visit, problem: str = "") -> Page:
    if not visit.access.creates_issue(visit.project):
        raise forbidden()
    draft = {name: visit.params.text(name) or "" for name in ("title", "description", "due_date")}
    values = {"draft": draft, "problem": problem, "issue": None}
    return Page("issue_form.html", values, 422 if problem else 200)


@ROUTES.add("GET", "/issues/new")
def new(visit: Visit) -> Page:
    """The form for a new issue."""
    return _form(visit)


@ROUTES.add("POST", "/issues")
def create(visit: Visit) -> Page | Redirect:
    """Make an issue."""
    fields = {name: visit.params.text(name) for name in ("title", "description", "due_date")}
    try:
        made = visit.api("POST", "issues", fields)
    except ApiError as error:
        if error.status != INVALID:
            raise
        visit.database.rollback()
        return _form(visit, words_of(error))
    return Redirect(url_of(visit.here, f"issues/{made['iid']}"))

"""A project's or a group's own page, its labels, and its list of boards."""

from __future__ import annotations

from automation.sandbox.errors import not_found
from automation.sandbox.pages.visit import Page, Redirect, Visit, url_of
from automation.sandbox.routing import Router
from automation.sandbox.schema import Project

ROUTES = Router()


@ROUTES.add("GET", "/")
def overview(visit: Visit) -> Page | Redirect:
    """A project leads to its issues; a group shows what is in it."""
    if isinstance(visit.here, Project):
        return Redirect(url_of(visit.here, "issues"))
    values = {
        "subgroups": visit.all_of("subgroups"),
        "projects": visit.all_of("projects", {"order_by": "path", "sort": "asc"}),
    }
    return Page("group.html", values)


@ROUTES.add("GET", "/labels")
def labels(visit: Visit) -> Page:
    """All labels that can be used here, with how many issues bear them."""
    if isinstance(visit.here, Project) and not visit.access.uses_issues(visit.here):
        raise not_found()
    return Page("labels.html", {"labels": visit.all_of("labels", {"with_counts": True})})


@ROUTES.add("GET", "/boards")
def boards(visit: Visit) -> Page:
    """The boards of a project or group."""
    return Page("boards.html", {"boards": visit.all_of("boards")})

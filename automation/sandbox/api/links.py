"""Issue links (``lib/api/issue_links.rb``, ``app/services/issuable_links/create_service.rb``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from automation.sandbox import linking
from automation.sandbox.api import find
from automation.sandbox.api.issues import editor
from automation.sandbox.call import Call
from automation.sandbox.errors import message, not_found
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue
from automation.sandbox.schema_issues import IssueLink
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
LINKS = "/projects/:id/issues/:issue_iid/links"
TYPES = ("relates_to", "blocks", "is_blocked_by")


def _of(issue: Issue) -> Any:
    return or_(IssueLink.source_id == issue.id, IssueLink.target_id == issue.id)


@ROUTES.add("GET", LINKS, login=True)
def index(call: Call) -> Any:
    """The related issues that the caller may see, the oldest relation first."""
    issue = find.issue(call)
    wanted = select(IssueLink).where(_of(issue)).order_by(IssueLink.created_at, IssueLink.id)
    links = list(call.session.scalars(wanted))
    ids = {link.source_id for link in links} | {link.target_id for link in links}
    rows = call.session.scalars(select(Issue).where(Issue.id.in_(ids)).options(*find.ISSUE_PARTS))
    others = {row.id: row for row in rows if call.access.reads_issue(row)}
    shown = []
    for link in links:
        other = others.get(link.target_id if link.source_id == issue.id else link.source_id)
        if other is not None:
            shown.append(_related(call, issue, other, link))
    return shown


def _related(call: Call, issue: Issue, other: Issue, link: IssueLink) -> dict[str, Any]:
    inside = other.project_id == issue.project_id
    shape = shapes.issue(other, call.base_url, call.today, premium=call.premium, inside=inside)
    return shape | {
        "issue_link_id": link.id,
        "link_type": linking.kind(link, issue),
        "link_created_at": link.created_at,
        "link_updated_at": link.updated_at,
    }


@ROUTES.add("POST", LINKS)
def create(call: Call) -> Any:
    """Relate two issues; blocking is for paid tiers."""
    params = call.params
    where, iid = params.need("target_project_id"), params.need("target_issue_iid")
    link_type = params.choice("link_type", TYPES, "relates_to") or "relates_to"
    issue = find.issue(call)
    target = find.issue_by(call, find.project_by(call, where), iid)
    if link_type != "relates_to" and not call.premium:
        raise message(403, "Blocked issues not available for current license")
    if linking.between(call.session, issue, target) is not None:
        raise message(409, "Issue(s) already assigned")
    if not (linking.allowed(call.access, issue) and linking.allowed(call.access, target)):
        raise message(
            403,
            "Couldn't link issues. You must have at least the Guest role in both issue's projects.",
        )
    if problem := linking.refusal(call.session, issue, target):
        raise message(422, f"#{target.iid} cannot be added: {problem}")
    link = linking.relate(call.session, editor(call), issue, target, link_type)
    return _present(call, link)


def _link(call: Call) -> tuple[Issue, IssueLink]:
    """The issue, and its link that the path names; both ends must be there for the caller."""
    issue = find.issue(call)
    wanted = call.path["issue_link_id"]
    row = call.session.scalar(
        select(IssueLink)
        .where(_of(issue), IssueLink.id == (int(wanted) if wanted.isdigit() else 0))
        .options(
            joinedload(IssueLink.source).options(*find.ISSUE_PARTS),
            joinedload(IssueLink.target).options(*find.ISSUE_PARTS),
        )
    )
    if row is None or not call.access.reads_issue(row.target):
        raise not_found()
    return issue, row


def _present(call: Call, link: IssueLink) -> dict[str, Any]:
    return shapes.link(link, call.base_url, call.today, premium=call.premium)


@ROUTES.add("GET", f"{LINKS}/:issue_link_id", login=True)
def show(call: Call) -> Any:
    """One relation, with both issues."""
    return _present(call, _link(call)[1])


@ROUTES.add("DELETE", f"{LINKS}/:issue_link_id", status=200)
def remove(call: Call) -> Any:
    """Part two issues; answers with what was deleted."""
    _, link = _link(call)
    if not (
        linking.allowed(call.access, link.source) and linking.allowed(call.access, link.target)
    ):
        raise message(404, "No Issue Link found")
    shape = _present(call, link)
    linking.part(call.session, editor(call), link)
    return shape

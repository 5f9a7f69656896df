"""The lists of issues: of a project, of a group with all below it, of everything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import unauthorized
from automation.sandbox.issue_filter import filtered
from automation.sandbox.paging import keyset, paginate, wants_keyset
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Issue,
    IssueAssignee,
    IssueLabel,
    LabelPriority,
    Milestone,
    Namespace,
    Project,
)
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
_ORDERS = (
    "created_at", "updated_at", "due_date", "title", "priority", "label_priority",
    "milestone_due", "popularity", "relative_position", "weight", "id",
)  # fmt: skip
_KEYSET: dict[str, Any] = {
    "created_at": Issue.created_at, "updated_at": Issue.updated_at,
    "title": Issue.title, "id": Issue.id,
}  # fmt: skip


def _readable(call: Call, projects: list[Project]) -> ColumnElement[bool]:
    """A condition: in one of the projects, and not a secret from the caller."""
    access = call.access
    used = [p for p in projects if access.uses_issues(p)]
    all_of = [p.id for p in used if access.project_level(p) >= PLANNER]
    some_of = [p.id for p in used if access.project_level(p) < PLANNER]
    open_to_me: ColumnElement[bool] = Issue.confidential.is_(False)
    if call.user is not None:
        mine = select(IssueAssignee.issue_id).where(IssueAssignee.user_id == call.user.id)
        open_to_me = or_(open_to_me, Issue.author_id == call.user.id, Issue.id.in_(mine))
    return or_(Issue.project_id.in_(all_of), Issue.project_id.in_(some_of) & open_to_me)


def _order(call: Call) -> tuple[str, bool]:
    order = call.params.choice("order_by", _ORDERS, "created_at") or "created_at"
    return order, call.params.choice("sort", ("asc", "desc"), "desc") == "desc"


def _columns(order: str) -> list[Any]:
    due = select(Milestone.due_date).where(Milestone.id == Issue.milestone_id).scalar_subquery()
    urgency = (
        select(func.min(LabelPriority.priority))
        .join(IssueLabel, IssueLabel.label_id == LabelPriority.label_id)
        .where(IssueLabel.issue_id == Issue.id, LabelPriority.project_id == Issue.project_id)
        .scalar_subquery()
    )
    columns: dict[str, list[Any]] = {
        "created_at": [Issue.created_at],
        "updated_at": [Issue.updated_at],
        "due_date": [Issue.due_date],
        "title": [func.lower(Issue.title)],
        "weight": [Issue.weight],
        "milestone_due": [due],
        "label_priority": [urgency],
        "priority": [due, urgency],
    }
    # What is left goes by id: nobody votes here, and nobody drags cards.
    return columns.get(order, [])


def _page(call: Call, wanted: Select[Issue], *, keyed: bool) -> list[Issue]:
    order, down = _order(call)
    wanted = wanted.options(*find.ISSUE_PARTS)
    if keyed and wants_keyset(call) and order in _KEYSET:
        return keyset(call, wanted, _KEYSET[order].expression, Issue.id, down=down)
    by = [column.desc() if down else column.asc() for column in _columns(order)]
    tie = Issue.id.desc() if down else Issue.id.asc()
    return paginate(call, wanted.order_by(*(one.nulls_last() for one in by), tie), Issue.id)


def _answer(
    call: Call, projects: list[Project], *, scope: str, inside: bool = False
) -> list[dict[str, Any]]:
    wanted = filtered(call, select(Issue).where(_readable(call, projects)), scope)
    details = bool(call.params.flag("with_labels_details"))
    return [
        shapes.issue(
            row, call.base_url, call.today, premium=call.premium, details=details, inside=inside
        )
        for row in _page(call, wanted, keyed=inside)
    ]


def _unarchived(call: Call, projects: list[Project]) -> list[Project]:
    if call.params.flag("non_archived", default=True):
        return [project for project in projects if not project.archived]
    return projects


@ROUTES.add("GET", "/issues")
def everywhere(call: Call) -> Any:
    """Issues of all projects; the caller's own unless asked otherwise."""
    if call.user is None and call.params.text("scope") != "all":
        raise unauthorized()
    projects = list(call.session.scalars(select(Project)))
    return _answer(call, _unarchived(call, projects), scope="created_by_me")


@ROUTES.add("GET", "/groups/:id/issues")
def of_group(call: Call) -> Any:
    """Issues of a group's projects and of those in its subgroups."""
    group = find.group(call)
    below = select(Namespace.id).where(Namespace.lineage.startswith(group.lineage))
    projects = list(call.session.scalars(select(Project).where(Project.namespace_id.in_(below))))
    return _answer(call, _unarchived(call, projects), scope="all")


@ROUTES.add("GET", "/projects/:id/issues")
def of_project(call: Call) -> Any:
    """Issues of one project."""
    return _answer(call, [find.project(call)], scope="all", inside=True)


@ROUTES.add("GET", "/projects/:id/issues_statistics")
def statistics(call: Call) -> Any:
    """How many issues match, by state."""
    where = _readable(call, [find.project(call)])
    wanted = filtered(call, select(Issue).where(where), "all")
    columns = wanted.with_only_columns(Issue.state, func.count()).group_by(Issue.state)
    counts: dict[str, int] = dict(call.session.execute(columns).all())
    opened, closed = counts.get("opened", 0), counts.get("closed", 0)
    return {"statistics": {"counts": {"all": opened + closed, "closed": closed, "opened": opened}}}

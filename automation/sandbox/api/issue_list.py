"""The lists of issues: of a project, of a group with all below it, of everything."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import unauthorized
from automation.sandbox.issue_filter import counted, filtered
from automation.sandbox.moving import PLACE, place
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
_KEYSET = ("created_at", "updated_at", "title", "id")
# What stands for null in ascending and in descending order: the end of either.
_LAST: dict[str, tuple[Any, Any]] = {"due_date": ("9999-12-31", ""), "weight": (2**31, -1)}


def readable(call: Call, projects: list[Project]) -> ColumnElement[bool]:
    """A condition: in one of the projects, and not a secret from the caller."""
    access = call.access
    used = [p for p in projects if access.uses_issues(p)]
    all_of = [p.id for p in used if access.project_level(p) >= PLANNER]
    some_of = [p.id for p in used if access.project_level(p) < PLANNER]
    if not some_of:
        return _in(all_of)
    open_to_me: ColumnElement[bool] = Issue.confidential.is_(False)
    if call.user is not None:
        mine = select(IssueAssignee.issue_id).where(IssueAssignee.user_id == call.user.id)
        open_to_me = or_(open_to_me, Issue.author_id == call.user.id, Issue.id.in_(mine))
    return or_(_in(all_of), _in(some_of) & open_to_me) if all_of else _in(some_of) & open_to_me


def _in(ids: list[int]) -> ColumnElement[bool]:
    """In one of the projects; with one only, the indices give the order, too."""
    return Issue.project_id == ids[0] if len(ids) == 1 else Issue.project_id.in_(ids)


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
        "due_date": [Issue.due_date],
        "weight": [Issue.weight],
        "milestone_due": [due],
        "label_priority": [urgency],
        "priority": [due, urgency],
    }
    return columns[order]


# Never null, so that an index may give the order.
_WHOLE: dict[str, list[Any]] = {
    "created_at": [Issue.created_at], "updated_at": [Issue.updated_at],
    "title": [func.lower(Issue.title)], "popularity": [Issue.upvotes],
    "relative_position": [PLACE], "id": [],
}  # fmt: skip


def _keyed(order: str, *, down: bool) -> tuple[ColumnElement[Any], Callable[[Issue], Any]]:
    """What keyset pages go by, in the database and on a row."""
    if order == "relative_position":
        return PLACE, place
    column, read = getattr(Issue, order).expression, attrgetter(order)
    if order not in _LAST:
        return column, read
    last = _LAST[order][down]
    return func.coalesce(column, last), lambda row: last if read(row) is None else read(row)


def _page(call: Call, wanted: Select[Issue], *, keyed: bool) -> list[Issue]:
    order, down = _order(call)
    if keyed and wants_keyset(call) and order in (*_KEYSET, *_LAST, "relative_position"):
        column, held = _keyed(order, down=down)
        wanted = wanted.options(*find.ISSUE_PARTS)
        return keyset(call, wanted, column, Issue.id, down=down, held=held)
    whole = _WHOLE.get(order)
    by = [
        column.desc() if down else column.asc()
        for column in [*(_columns(order) if whole is None else whole), Issue.id]
    ]
    if whole is None:
        by = [one.nulls_last() for one in by]
    ids = paginate(call, wanted.with_only_columns(Issue.id).order_by(*by), Issue.id)
    return find.issues(call, ids)


def _answer(
    call: Call, projects: list[Project], *, scope: str, inside: bool = False
) -> list[dict[str, Any]]:
    wanted = filtered(call, select(Issue).where(readable(call, projects)), scope)
    details = bool(call.params.flag("with_labels_details"))
    return [
        shapes.issue(
            row, call.base_url, call.today, premium=call.premium, details=details, inside=inside
        )
        for row in _page(call, wanted, keyed=inside)
    ]


def _unarchived(call: Call, projects: list[Project]) -> list[Project]:
    if call.params.flag("non_archived", default=True):
        return [project for project in projects if not project.read_only]
    return projects


def _everywhere(call: Call) -> list[Project]:
    if call.user is None and call.params.text("scope") != "all":
        raise unauthorized()
    return list(call.session.scalars(select(Project)))


def below(call: Call, group: Namespace) -> list[Project]:
    """The projects of a group and of its subgroups, whether or not the caller sees them."""
    groups = select(Namespace.id).where(Namespace.lineage.startswith(group.lineage))
    return list(call.session.scalars(select(Project).where(Project.namespace_id.in_(groups))))


@ROUTES.add("GET", "/issues")
def everywhere(call: Call) -> Any:
    """Issues of all projects; the caller's own unless asked otherwise."""
    return _answer(call, _unarchived(call, _everywhere(call)), scope="created_by_me")


@ROUTES.add("GET", "/groups/:id/issues")
def of_group(call: Call) -> Any:
    """Issues of a group's projects and of those in its subgroups."""
    return _answer(call, _unarchived(call, below(call, find.group(call))), scope="all")


@ROUTES.add("GET", "/projects/:id/issues")
def of_project(call: Call) -> Any:
    """Issues of one project."""
    return _answer(call, [find.project(call)], scope="all", inside=True)


def _count(call: Call, projects: list[Project], scope: str) -> Any:
    wanted = counted(call, select(Issue).where(readable(call, projects)), scope)
    columns = wanted.with_only_columns(Issue.state, func.count()).group_by(Issue.state)
    counts: dict[str, int] = dict(call.session.execute(columns).all())
    opened, closed = counts.get("opened", 0), counts.get("closed", 0)
    return {"statistics": {"counts": {"all": opened + closed, "closed": closed, "opened": opened}}}


@ROUTES.add("GET", "/issues_statistics")
def count_everywhere(call: Call) -> Any:
    """How many of the caller's issues match, by state."""
    return _count(call, _everywhere(call), "created_by_me")


@ROUTES.add("GET", "/groups/:id/issues_statistics")
def count_of_group(call: Call) -> Any:
    """How many issues of a group and its subgroups match, by state."""
    return _count(call, below(call, find.group(call)), "all")


@ROUTES.add("GET", "/projects/:id/issues_statistics")
def count_of_project(call: Call) -> Any:
    """How many issues of a project match, by state."""
    return _count(call, [find.project(call)], "all")

"""Following an issue (``lib/api/subscriptions.rb``, ``lib/api/todos.rb``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from automation.sandbox import attention
from automation.sandbox.api import find
from automation.sandbox.api.issues import present
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import not_found
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Project
from automation.sandbox.schema_issues import Todo
from automation.sandbox.shapes import issues as shapes
from automation.sandbox.shapes.people import user_basic

ROUTES = Router()
ISSUE = "/projects/:id/issues/:issue_iid"
NOT_MODIFIED = Reply(304, None)


def _subscribe(call: Call, *, wanted: bool) -> Any:
    issue = find.issue(call)
    if not attention.subscribe(call.session, call.me, issue, wanted=wanted):
        return NOT_MODIFIED
    return present(call, issue)


@ROUTES.add("POST", f"{ISSUE}/subscribe")
def subscribe(call: Call) -> Any:
    """Follow an issue; 304 for who does already."""
    return _subscribe(call, wanted=True)


@ROUTES.add("POST", f"{ISSUE}/unsubscribe")
def unsubscribe(call: Call) -> Any:
    """Follow an issue no longer; 304 for who does not."""
    return _subscribe(call, wanted=False)


@ROUTES.add("GET", f"{ISSUE}/participants")
def participants(call: Call) -> Any:
    """Who takes part in an issue."""
    people = attention.participants(call.session, find.issue(call), call.access)
    return [user_basic(user, call.base_url) for user in slice_page(call, people)]


def _present(call: Call, row: Todo) -> dict[str, Any]:
    return shapes.todo(row, call.base_url, call.today, premium=call.premium)


@ROUTES.add("POST", f"{ISSUE}/todo")
def add(call: Call) -> Any:
    """Put an issue on the caller's to-do list; 304 when it is there."""
    row = attention.add_todo(call.session, call.me, find.issue(call), call.now)
    return NOT_MODIFIED if row is None else _present(call, row)


def _mine(call: Call) -> Any:
    parts = joinedload(Todo.issue).options(*find.ISSUE_PARTS)
    return select(Todo).where(Todo.user_id == call.me.id).options(parts)


@ROUTES.add("GET", "/todos", login=True)
def index(call: Call) -> Any:
    """The caller's to-do list, the newest first."""
    params = call.params
    wanted = _mine(call).join(Issue, Issue.id == Todo.issue_id)
    wanted = wanted.where(Todo.state == params.choice("state", ("pending", "done"), "pending"))
    if project := params.integer("project_id"):
        wanted = wanted.where(Issue.project_id == project)
    if group := params.integer("group_id"):
        within = select(Project.id).where(Project.namespace_id == group)
        wanted = wanted.where(Issue.project_id.in_(within))
    if author := params.integer("author_id"):
        wanted = wanted.where(Todo.user_id == author)
    odd = (params.text("type", "Issue"), params.text("action", "marked"))
    wanted = wanted.where(odd == ("Issue", "marked"))
    rows = paginate(call, wanted.order_by(Todo.id.desc()), Todo.id)
    return [_present(call, row) for row in rows if call.access.reads_issue(row.issue)]


@ROUTES.add("POST", "/todos/mark_as_done", status=204)
def finish_all(call: Call) -> Any:
    """Mark everything as done."""
    wanted = _mine(call).where(Todo.state == "pending")
    attention.finish(list(call.session.scalars(wanted)), call.now)
    return Reply(204, None)


@ROUTES.add("POST", "/todos/:id/mark_as_done")
def finish(call: Call) -> Any:
    """Mark one item as done."""
    row = call.session.scalar(_mine(call).where(Todo.id == find.number(call, "id")))
    if row is None:
        raise not_found()
    attention.finish([row], call.now)
    return _present(call, row)

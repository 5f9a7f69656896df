"""One issue: making, reading, changing and deleting it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from automation.sandbox import attention, issue_params, tasks
from automation.sandbox.access import OWNER
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, message, not_found
from automation.sandbox.issue_edit import Changes, Editor
from automation.sandbox.paging import slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Project, User
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()


def editor(call: Call, now: str | None = None) -> Editor:
    """An editor for the caller, at the time of the call unless told otherwise."""
    return Editor(call.session, call.me, now or call.now, premium=call.premium)


def present(call: Call, row: Issue) -> dict[str, Any]:
    """One issue in full, as its own endpoint shows it."""
    duplicate_of = None
    if row.duplicated_to_id is not None:
        original = call.session.get(Issue, row.duplicated_to_id)
        if original is not None and call.access.reads_issue(original):
            duplicate_of = (
                f"{call.base_url}/api/v4/projects/{original.project_id}/issues/{original.iid}"
            )
    shape = shapes.issue(
        row, call.base_url, call.today, premium=call.premium, duplicate_of=duplicate_of
    )
    follows = call.user is not None and attention.subscribed(call.session, call.user, row)
    return shape | {"subscribed": follows}


@ROUTES.add("GET", "/projects/:id/issues/:issue_iid")
def show(call: Call) -> Any:
    """One issue by its project and iid."""
    return present(call, find.issue(call))


@ROUTES.add("GET", "/issues/:id", login=True)
def show_global(call: Call) -> Any:
    """One issue by its global id; for administrators."""
    call.admin_only()
    wanted = call.path["id"]
    row = call.session.get(Issue, int(wanted)) if wanted.isdigit() else None
    if row is None:
        raise not_found("Issue")
    return present(call, row)


def _merge_requests(call: Call) -> Any:
    """Merge requests around an issue: there are none here."""
    find.issue(call)
    return slice_page(call, [])


for _name in ("related_merge_requests", "closed_by"):
    ROUTES.add("GET", f"/projects/:id/issues/:issue_iid/{_name}")(_merge_requests)


@ROUTES.add("GET", "/projects/:id/issues/:issue_iid/user_agent_detail", login=True)
def user_agent(call: Call) -> Any:
    """Who an issue's author seemed to be, which nobody records here; for administrators."""
    call.admin_only()
    find.issue(call)
    raise not_found("UserAgentDetail")


def owns(call: Call, project: Project) -> bool:
    """Whether the caller may set what only Owners set, such as times."""
    return call.access.project_level(project) >= OWNER


def _iid(call: Call, project: Project) -> int:
    wanted = call.params.integer("iid") if owns(call, project) else None
    if wanted is None:
        iid = project.next_iid
    else:
        taken = select(Issue.id).where(Issue.project_id == project.id, Issue.iid == wanted)
        if call.session.scalar(taken):
            raise message(409, "Duplicated issue")
        iid = wanted
    project.next_iid = max(project.next_iid, iid + 1)
    return iid


def save_new(
    call: Call, project: Project, changes: Changes, *, iid: int, author: User, created_at: str
) -> Issue:
    """Save an issue with its labels, people and dates, and the traces of them."""
    description = changes.get("description")
    count, done = tasks.count(description)
    row = Issue(
        iid=iid, project_id=project.id, title=changes["title"].strip(), description=description,
        author_id=author.id, created_at=created_at, updated_at=max(created_at, call.now),
        issue_type=changes.get("issue_type", "issue"), task_count=count, task_done=done,
    )  # fmt: skip
    row.project, row.author = project, author
    row.labels, row.assignees, row.closed_by, row.milestone = [], [], None, None
    call.session.add(row)
    call.session.flush()
    editor(call, created_at).new(row, changes)
    project.last_activity_at = max(project.last_activity_at, call.now)
    return row


@ROUTES.add("POST", "/projects/:id/issues")
def create(call: Call) -> Any:
    """Make an issue."""
    project = find.project(call)
    if not call.access.creates_issue(project):
        raise forbidden()
    changes = issue_params.for_new(call, project)
    editor(call).check(changes)
    when = (call.params.time("created_at") if owns(call, project) else None) or call.now
    iid = _iid(call, project)
    row = save_new(call, project, changes, iid=iid, author=call.me, created_at=when)
    return present(call, row)


@ROUTES.add("DELETE", "/projects/:id/issues/:issue_iid")
def remove(call: Call) -> Any:
    """Delete an issue with all its notes."""
    row = find.issue_row(call, find.project(call))
    if row is None:
        raise not_found("Issue")
    if not call.access.deletes_issue(row):
        raise forbidden()
    call.unchanged(row.updated_at)
    call.session.delete(row)
    return Reply(204, None)

"""Discussions: an issue's notes by thread (``lib/api/discussions.rb``).

A note that was written by itself is a discussion of one, with ``individual_note``; the first
reply makes it a thread. Threads of issues can be resolved.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from automation.sandbox.access import PLANNER
from automation.sandbox.api import find, notes
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import bad_request, forbidden, grape, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Note
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
BASE = "/projects/:id/issues/:issue_iid/discussions"
ONE = f"{BASE}/:discussion_id"
THREAD = "DiscussionNote"


def _issue(call: Call) -> Issue:
    return find.issue(call, "Issue")


def _readable(call: Call, issue: Issue, ids: list[str]) -> dict[str, list[Note]]:
    """The notes of discussions that the caller may see, in the order of ``ids``."""
    wanted = select(Note).where(Note.issue_id == issue.id, Note.discussion_id.in_(ids))
    found: dict[str, list[Note]] = {one: [] for one in ids}
    for row in call.session.scalars(wanted.order_by(Note.created_at, Note.id)):
        if call.access.reads_note(row, issue):
            found[row.discussion_id].append(row)
    return found


def _thread(call: Call, issue: Issue, missing: str = "Discussion") -> list[Note]:
    wanted = call.path["discussion_id"]
    if rows := _readable(call, issue, [wanted])[wanted]:
        return rows
    raise not_found(missing)


@ROUTES.add("GET", BASE, login=True)
def index(call: Call) -> Any:
    """The discussions of an issue, the oldest first."""
    issue = _issue(call)
    wanted = select(Note.discussion_id).where(Note.issue_id == issue.id)
    wanted = wanted.group_by(Note.discussion_id)
    ordered = wanted.order_by(func.min(Note.created_at), func.min(Note.id))
    threads = _readable(call, issue, paginate(call, ordered, Note.discussion_id))
    return [shapes.discussion(rows, issue, call.base_url) for rows in threads.values() if rows]


@ROUTES.add("GET", ONE, login=True)
def show(call: Call) -> Any:
    """One discussion."""
    issue = _issue(call)
    return shapes.discussion(_thread(call, issue), issue, call.base_url)


@ROUTES.add("POST", BASE)
def create(call: Call) -> Any:
    """Begin a thread."""
    issue = _issue(call)
    written = notes.write(call, issue)
    if isinstance(written, Reply):
        return written
    written.row.type = THREAD
    return shapes.discussion([written.row], issue, call.base_url)


@ROUTES.add("PUT", ONE)
def resolve(call: Call) -> Any:
    """Resolve a thread, or open it again."""
    issue = _issue(call)
    if not call.params.has("resolved"):
        raise grape("resolved is missing")
    rows = _thread(call, issue)
    _resolve(call, issue, rows)
    return shapes.discussion(rows, issue, call.base_url)


def _resolve(call: Call, issue: Issue, rows: list[Note]) -> None:
    """Planners and above resolve threads, and who wrote the issue."""
    mine = issue.author_id == call.me.id
    level = call.access.project_level(issue.project)
    if issue.project.read_only or not (mine or level >= PLANNER):
        raise forbidden()
    done = call.params.flag("resolved")
    for row in rows:
        if row.type is not None and (row.resolved_at is not None) != done:
            row.resolved_at = call.now if done else None
            row.resolved_by = call.me if done else None
    call.session.flush()


@ROUTES.add("GET", f"{ONE}/notes", login=True)
def thread_notes(call: Call) -> Any:
    """The notes of one discussion, the oldest first."""
    issue = _issue(call)
    rows = _thread(call, issue, "Notes")
    return [shapes.note(row, issue, call.base_url, {}) for row in rows]


@ROUTES.add("POST", f"{ONE}/notes")
def reply(call: Call) -> Any:
    """Reply; a note that stood by itself becomes the first of a thread."""
    issue = _issue(call)
    call.params.need("body")
    first = _thread(call, issue)[0]
    if first.system:
        raise bad_request("Discussion can not be replied to.")
    first.type = THREAD
    return notes.present(call, issue, notes.write(call, issue, first))


def _note(call: Call) -> tuple[Issue, Note]:
    issue = _issue(call)
    return issue, find.note(call, issue)


@ROUTES.add("GET", f"{ONE}/notes/:note_id", login=True)
def show_note(call: Call) -> Any:
    """One note of a discussion."""
    issue, row = _note(call)
    return shapes.note(row, issue, call.base_url, {})


@ROUTES.add("PUT", f"{ONE}/notes/:note_id")
def update_note(call: Call) -> Any:
    """Change a note's text, or resolve it."""
    if not call.params.any_of(("body", "resolved")):
        raise grape("body, resolved are missing, exactly one parameter must be provided")
    call.params.exclusive("body", "resolved")
    issue, row = _note(call)
    if call.params.has("body"):
        return notes.present(call, issue, notes.rewrite(call, issue, row))
    _resolve(call, issue, [row])
    return shapes.note(row, issue, call.base_url, {})


ROUTES.add("DELETE", f"{ONE}/notes/:note_id")(notes.remove)

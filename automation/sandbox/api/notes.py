"""Notes of issues, and the quick actions in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from automation.sandbox.access import OWNER
from automation.sandbox.api import effects, find
from automation.sandbox.call import Call, Reply
from automation.sandbox.commands import interpret
from automation.sandbox.errors import bad_request, forbidden, grape
from automation.sandbox.interpretation import Interpretation
from automation.sandbox.paging import paginate
from automation.sandbox.quick_actions import extract
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Note
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
NOTES = "/projects/:id/issues/:issue_iid/notes"
BODY_MAX = 1_000_000


@dataclass(frozen=True)
class Written:
    """A saved note, and what its quick actions did."""

    row: Note
    changes: dict[str, Any]


def _issue(call: Call) -> Issue:
    return find.issue(call, "Issue")


@ROUTES.add("GET", NOTES)
def index(call: Call) -> Any:
    """The notes of an issue, newest first unless asked otherwise."""
    issue, params = _issue(call), call.params
    wanted = select(Note).where(Note.issue_id == issue.id)
    kinds = ("all_notes", "only_comments", "only_activity")
    kind = params.choice("activity_filter", kinds, "all_notes")
    if kind != "all_notes":
        wanted = wanted.where(Note.system == (kind == "only_activity"))
    if not call.access.reads_internal(issue):
        wanted = wanted.where(Note.internal.is_(False))
    order = params.choice("order_by", ("created_at", "updated_at"), "created_at")
    column = Note.updated_at if order == "updated_at" else Note.created_at
    down = params.choice("sort", ("asc", "desc"), "desc") == "desc"
    by = (column.desc(), Note.id.desc()) if down else (column.asc(), Note.id.asc())
    rows = paginate(call, wanted.order_by(*by), Note.id)
    return [shapes.note(row, issue, call.base_url, {}) for row in rows]


@ROUTES.add("GET", f"{NOTES}/:note_id")
def show(call: Call) -> Any:
    """One note."""
    issue = _issue(call)
    row = find.note(call, issue)
    return shapes.note(row, issue, call.base_url, {})


def _internal(call: Call, issue: Issue) -> bool:
    wanted = call.params.flag("internal") or call.params.flag("confidential") or False
    if wanted and not call.access.reads_internal(issue):
        raise forbidden()
    return wanted


def _save(call: Call, issue: Issue, row: Note) -> None:
    owner = call.access.project_level(issue.project) >= OWNER
    row.created_at = (call.params.time("created_at") if owner else None) or call.now
    row.updated_at = row.created_at
    row.author, row.resolved_by = call.me, None
    call.session.add(row)
    issue.notes_count += 1
    issue.updated_at = max(issue.updated_at, call.now)
    call.session.flush()


def write(call: Call, issue: Issue, like: Note | None = None) -> Reply | Written:
    """Save the note that the request brings, then run its quick actions.

    ``like`` is a note of the thread to which it belongs. A reply instead of a note says that
    there is none, or what went wrong.
    """
    text = call.params.need("body")
    if not call.access.writes_notes(issue):
        raise forbidden()
    internal = like.internal if like is not None else _internal(call, issue)
    body, commands = extract(text)
    meant = interpret(call, issue.project, issue, commands)
    if not body.strip():
        if not commands:
            raise bad_request('Note {:note=>["can\'t be blank"]}')
        if not meant.messages:
            raise bad_request("Failed to apply commands.")
        return effects.execute(call, issue, meant) or _summary(meant)
    if len(body) > BODY_MAX:
        raise bad_request('Note {:note=>["is too long (maximum is 1000000 characters)"]}')
    row = Note(issue_id=issue.id, author_id=call.me.id, body=body, internal=internal)
    if like is not None:
        row.type, row.discussion_id = like.type, like.discussion_id
    _save(call, issue, row)
    return effects.execute(call, issue, meant) or Written(row, meant.updates)


def present(call: Call, issue: Issue, written: Reply | Written) -> Any:
    """The answer to a note's creation or change."""
    if isinstance(written, Reply):
        return written
    return shapes.note(written.row, issue, call.base_url, written.changes)


@ROUTES.add("POST", NOTES)
def create(call: Call) -> Any:
    """Write a note. One of quick actions only leaves no note and answers 202."""
    issue = _issue(call)
    return present(call, issue, write(call, issue))


def _summary(meant: Interpretation) -> Reply:
    return Reply(202, {"commands_changes": meant.updates, "summary": [meant.message]})


@ROUTES.add("PUT", f"{NOTES}/:note_id")
def update(call: Call) -> Any:
    """Change the text of a note; quick actions in it run too."""
    issue = _issue(call)
    return present(call, issue, rewrite(call, issue, find.note(call, issue)))


def rewrite(call: Call, issue: Issue, row: Note) -> Reply | Written:
    """Give a note the text that the request brings, then run its quick actions."""
    if not call.access.edits_note(row, issue):
        raise forbidden()
    text = call.params.text("body")
    if text is not None and not text.strip():
        raise grape("body is empty")
    if text is None:
        return Written(row, {})
    body, commands = extract(text)
    meant = interpret(call, issue.project, issue, commands)
    effects.execute(call, issue, meant)
    if not body.strip():
        drop(call, issue, row)
        return _summary(meant)
    row.body, row.updated_at = body, call.now
    issue.updated_at = max(issue.updated_at, call.now)
    return Written(row, meant.updates)


def drop(call: Call, issue: Issue, row: Note) -> None:
    """Delete a note, whose reactions go with it."""
    call.session.delete(row)
    issue.notes_count -= 1
    issue.updated_at = max(issue.updated_at, call.now)


@ROUTES.add("DELETE", f"{NOTES}/:note_id")
def remove(call: Call) -> Any:
    """Delete a note."""
    issue = _issue(call)
    row = find.note(call, issue)
    if not call.access.edits_note(row, issue):
        raise forbidden()
    call.unchanged(row.updated_at)
    drop(call, issue, row)
    return Reply(204, None)

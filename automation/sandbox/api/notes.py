"""Notes of issues, and the quick actions in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from automation.sandbox.access import OWNER
from automation.sandbox.api import find
from automation.sandbox.api.issues import editor
from automation.sandbox.call import Call, Reply
from automation.sandbox.commands import Interpretation, interpret
from automation.sandbox.errors import ApiError, bad_request, forbidden, grape, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.quick_actions import extract
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Note
from automation.sandbox.shapes import issues as shapes
from automation.sandbox.updates import to_changes

ROUTES = Router()
NOTES = "/projects/:id/issues/:issue_iid/notes"
BODY_MAX = 1_000_000


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
        mine = Note.author_id == (call.user.id if call.user else 0)
        wanted = wanted.where(or_(Note.internal.is_(False), mine))
    order = params.choice("order_by", ("created_at", "updated_at"), "created_at")
    column = Note.updated_at if order == "updated_at" else Note.created_at
    down = params.choice("sort", ("asc", "desc"), "desc") == "desc"
    by = (column.desc(), Note.id.desc()) if down else (column.asc(), Note.id.asc())
    rows = paginate(call, wanted.order_by(*by), Note.id)
    return [shapes.note(row, issue, call.base_url, {}) for row in rows]


def _note(call: Call, issue: Issue) -> Note:
    wanted = call.path["note_id"]
    row = call.session.get(Note, int(wanted)) if wanted.isdigit() else None
    if row is None or row.issue_id != issue.id:
        raise not_found()
    return row


@ROUTES.add("GET", f"{NOTES}/:note_id")
def show(call: Call) -> Any:
    """One note."""
    issue = _issue(call)
    row = _note(call, issue)
    if not call.access.reads_note(row, issue):
        raise not_found("Note")
    return shapes.note(row, issue, call.base_url, {})


def _internal(call: Call, issue: Issue) -> bool:
    wanted = call.params.flag("internal") or call.params.flag("confidential") or False
    if wanted and not call.access.reads_internal(issue):
        raise forbidden()
    return wanted


def _save(call: Call, issue: Issue, body: str, *, internal: bool) -> Note:
    owner = call.access.project_level(issue.project) >= OWNER
    when = (call.params.time("created_at") if owner else None) or call.now
    row = Note(
        issue_id=issue.id, author_id=call.me.id, body=body, internal=internal,
        created_at=when, updated_at=when,
    )  # fmt: skip
    row.author = call.me
    call.session.add(row)
    issue.notes_count += 1
    issue.updated_at = max(issue.updated_at, call.now)
    call.session.flush()
    return row


def _execute(call: Call, issue: Issue, meant: Interpretation) -> Reply | None:
    """Apply updates; when the issue refuses them, the answer. The note stays all the same."""
    if not meant.updates:
        return None
    changes = to_changes(call, issue.project, issue, meant.updates)
    try:
        editor(call).edit(issue, changes)
    except ApiError as error:
        field, (problem, *_) = next(iter(error.body["message"].items()))
        words = f'Note {{:validation=>["{field.capitalize()} {problem}"]}}'
        return Reply(400, bad_request(words).body)
    original = meant.updates.get("canonical_issue_id")
    if original is not None:
        _mark_duplicate(call, issue, call.session.get_one(Issue, original))
    return None


def _mark_duplicate(call: Call, issue: Issue, original: Issue) -> None:
    pen, here = editor(call), f"{issue.project.full_path}#{issue.iid}"
    there = f"{original.project.full_path}#{original.iid}"
    if issue.project_id == original.project_id:
        here, there = f"#{issue.iid}", f"#{original.iid}"
    pen.system_note(issue, f"marked this issue as a duplicate of {there}")
    pen.system_note(original, f"marked {here} as a duplicate of this issue")
    issue.duplicated_to_id = original.id
    original.updated_at = max(original.updated_at, call.now)
    call.session.flush()


@ROUTES.add("POST", NOTES)
def create(call: Call) -> Any:
    """Write a note. One of quick actions only leaves no note and answers 202."""
    issue = _issue(call)
    text = call.params.need("body")
    if not call.access.writes_notes(issue):
        raise forbidden()
    internal = _internal(call, issue)
    body, commands = extract(text)
    meant = interpret(call, issue.project, issue, commands)
    if not body.strip():
        if not commands:
            raise bad_request('Note {:note=>["can\'t be blank"]}')
        if not meant.messages:
            raise bad_request("Failed to apply commands.")
        refused = _execute(call, issue, meant)
        return refused or _summary(meant)
    if len(body) > BODY_MAX:
        raise bad_request('Note {:note=>["is too long (maximum is 1000000 characters)"]}')
    row = _save(call, issue, body, internal=internal)
    refused = _execute(call, issue, meant)
    return refused or shapes.note(row, issue, call.base_url, meant.updates)


def _summary(meant: Interpretation) -> Reply:
    return Reply(202, {"commands_changes": meant.updates, "summary": [meant.message]})


@ROUTES.add("PUT", f"{NOTES}/:note_id")
def update(call: Call) -> Any:
    """Change the text of a note; quick actions in it run too."""
    issue = _issue(call)
    row = _note(call, issue)
    if not call.access.edits_note(row, issue):
        raise forbidden()
    text = call.params.text("body")
    if text is not None and not text.strip():
        raise grape("body is empty")
    if text is None:
        return shapes.note(row, issue, call.base_url, {})
    body, commands = extract(text)
    meant = interpret(call, issue.project, issue, commands)
    _execute(call, issue, meant)
    if not body.strip():
        _drop(call, issue, row)
        return _summary(meant)
    row.body, row.updated_at = body, call.now
    issue.updated_at = max(issue.updated_at, call.now)
    return shapes.note(row, issue, call.base_url, meant.updates)


def _drop(call: Call, issue: Issue, row: Note) -> None:
    call.session.delete(row)
    issue.notes_count -= 1
    issue.updated_at = max(issue.updated_at, call.now)


@ROUTES.add("DELETE", f"{NOTES}/:note_id")
def remove(call: Call) -> Any:
    """Delete a note."""
    issue = _issue(call)
    row = _note(call, issue)
    if not call.access.edits_note(row, issue):
        raise forbidden()
    _drop(call, issue, row)
    return Reply(204, None)

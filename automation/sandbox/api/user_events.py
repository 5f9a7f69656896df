"""What people did: issues opened, closed, reopened and commented on.

Sources: ``lib/api/events.rb``, ``lib/api/project_events.rb``, ``app/finders/events_finder.rb``,
``app/models/event.rb``, ``app/services/event_create_service.rb``. The finder leaves out what
the caller may not see after it cut the page, so a page may have gaps. Events of pushes, merge
requests, projects and members are not kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from automation.sandbox.access import GUEST
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.paging import slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Event, Issue, Note, Project, User
from automation.sandbox.shapes import issues as shapes
from automation.sandbox.shapes import people

ROUTES = Router()
ACTIONS = (
    "created", "updated", "closed", "reopened", "pushed", "commented", "merged", "joined",
    "left", "destroyed", "expired", "approved",
)  # fmt: skip
TARGETS = {
    "issue": "Issue", "milestone": "Milestone", "merge_request": "MergeRequest", "note": "Note",
    "project": "Project", "snippet": "Snippet", "user": "User", "wiki": "WikiPage::Meta",
    "design": "DesignManagement::Design",
}  # fmt: skip
_WORDS = {"created": "opened", "reopened": "opened", "commented": "commented on"}
"""How an action is told, where that is another word; GitLab says `opened` of a reopening, too."""


class Deed(NamedTuple):
    """One event: `row` is the id of the issue, state event or note that tells of it."""

    action: str
    row: int
    created_at: str
    author: int
    issue: int
    project: int
    target: str

    @property
    def id(self) -> int:
        """A number that no other event has. GitLab's follow the order in time, these do not."""
        kinds = {"created": 0, "commented": 1}
        return 3 * self.row + kinds.get(self.action, 2)


def _deeds(call: Call, *, author: int | None = None, project: int | None = None) -> list[Deed]:
    """All events of somebody, or of a project, the oldest first."""

    def by(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return column == author if author is not None else true()

    within = Issue.project_id == project if project is not None else true()
    place = (Issue.id.label("issue"), Issue.project_id.label("project"))
    opened = select(
        literal("created"), Issue.id, Issue.created_at, Issue.author_id, *place, literal("Issue")
    ).where(by(Issue.author_id), within)
    moved = (
        select(Event.action, Event.id, Event.created_at, Event.user_id, *place, literal("Issue"))
        .join(Issue, Issue.id == Event.issue_id)
        .where(Event.kind == "state", by(Event.user_id), within)
    )
    said = (
        select(literal("commented"), Note.id, Note.created_at, Note.author_id, *place, Note.type)
        .join(Issue, Issue.id == Note.issue_id)
        .where(Note.system.is_(False), by(Note.author_id), within)
    )
    wanted = (said,) if call.params.text("action") == "commented" else (opened, moved, said)
    rows: Iterable[Any] = call.session.execute(union_all(*wanted))
    found = (Deed._make((*row[:-1], row[-1] or "Note")) for row in rows)
    return sorted(found, key=lambda one: (one.created_at, one.id))


def _day(call: Call, name: str) -> str | None:
    text = call.params.text(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise call.params.refusal(name, "is invalid") from None


def _filtered(call: Call, deeds: list[Deed]) -> list[Deed]:
    """Those that the parameters ask for, in their order."""
    action = call.params.choice("action", ACTIONS)
    target = call.params.choice("target_type", TARGETS)
    before, after = _day(call, "before"), _day(call, "after")
    down = call.params.choice("sort", ("asc", "desc"), "desc") == "desc"
    found = [
        one
        for one in deeds
        if action in (None, one.action)
        and (target is None or TARGETS[target] == one.target)
        and (before is None or one.created_at < before)
        and (after is None or one.created_at[:10] > after)
    ]
    return found[::-1] if down else found


def _in_reach(call: Call, deeds: list[Deed]) -> list[Deed]:
    """Those in projects that the caller sees."""
    wanted = select(Project).where(Project.id.in_({one.project for one in deeds}))
    seen = {one.id for one in call.session.scalars(wanted) if call.access.reads_project(one)}
    return [one for one in deeds if one.project in seen]


def _present(call: Call, deeds: list[Deed]) -> Any:
    page = slice_page(call, _filtered(call, _in_reach(call, deeds)))
    return list(_shown(call, page))


def _shown(call: Call, deeds: list[Deed]) -> Iterator[dict[str, Any]]:
    """What the caller may see of a page."""
    issues = {one.id: one for one in find.issues(call, list({one.issue for one in deeds}))}
    for deed in deeds:
        issue = issues[deed.issue]
        note = call.session.get(Note, deed.row) if deed.action == "commented" else None
        if call.access.reads_issue(issue) and (note is None or call.access.reads_note(note, issue)):
            yield _shape(call, deed, issue, note)


def _shape(call: Call, deed: Deed, issue: Issue, note: Note | None) -> dict[str, Any]:
    """An event (``lib/api/entities/event.rb``); a note has no number of its own in a project."""
    author = find.user(call, str(deed.author))
    shape: dict[str, Any] = {
        "id": deed.id,
        "project_id": deed.project,
        "action_name": _WORDS.get(deed.action, deed.action),
        "target_id": note.id if note else issue.id,
        "target_iid": note.id if note else issue.iid,
        "target_type": deed.target,
        "author_id": deed.author,
        "target_title": issue.title,
        "created_at": deed.created_at,
        "author": people.user_basic(author, call.base_url),
        "imported": False,
        "imported_from": "none",
        "author_username": author.username,
    }
    return shape | ({"note": shapes.note(note, issue, call.base_url, {})} if note else {})


@ROUTES.add("GET", "/events", login=True)
def mine(call: Call) -> Any:
    """What the caller did; with ``scope=all``, what happened in all projects of theirs."""
    if call.params.text("scope") != "all":
        return _present(call, _deeds(call, author=call.me.id))
    projects = call.session.scalars(select(Project))
    own = {one.id for one in projects if call.access.project_level(one) >= GUEST}
    return _present(call, [one for one in _deeds(call) if one.project in own])


@ROUTES.add("GET", "/users/:id/events")
def of_user(call: Call) -> Any:
    """What a user, named by id or name, did; nothing where their profile is private."""
    user: User = find.user_by(call, call.path["id"])
    me = call.access.user
    hidden = user.private_profile and (me is None or me.id != user.id) and not call.access.admin
    return _present(call, [] if hidden else _deeds(call, author=user.id))


@ROUTES.add("GET", "/projects/:id/events")
def of_project(call: Call) -> Any:
    """What happened in a project."""
    return _present(call, _deeds(call, project=find.project(call).id))

"""Finding what a path names, as far as the caller may know that it exists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from automation.sandbox.call import Call
from automation.sandbox.errors import grape, not_found
from automation.sandbox.schema import Issue, Namespace, Note, Project, User, at_path

ISSUE_PARTS: tuple[Any, ...] = (
    joinedload(Issue.author),
    joinedload(Issue.closed_by),
    joinedload(Issue.milestone),
    joinedload(Issue.project),
    selectinload(Issue.labels),
    selectinload(Issue.assignees),
)


def number(call: Call, name: str) -> int:
    """A number in the path, which Grape reads before anything is looked for."""
    text = call.path[name]
    if not text.isdigit():
        raise grape(f"{name} is invalid")
    return int(text)


def project(call: Call) -> Project:
    """The project that ``:id`` names, by number or by full path."""
    return project_by(call, call.path["id"])


def project_by(call: Call, name: str) -> Project:
    """A project by number or full path, else 404."""
    where = Project.id == int(name) if name.isdigit() else at_path(Project.full_path, name)
    found = call.session.scalar(select(Project).where(where))
    if found is None or not call.access.reads_project(found):
        raise not_found("Project")
    return found


def group(call: Call) -> Namespace:
    """The group that ``:id`` names, by number or by full path."""
    return group_by(call, call.path["id"])


def group_by(call: Call, name: str) -> Namespace:
    """A group by number or full path, else 404."""
    where = Namespace.id == int(name) if name.isdigit() else at_path(Namespace.full_path, name)
    found = call.session.scalar(select(Namespace).where(where, Namespace.kind == "group"))
    if found is None or not call.access.reads_group(found):
        raise not_found("Group")
    return found


def user(call: Call, name: str) -> User:
    """A user by number, else 404."""
    found = call.session.get(User, int(name)) if name.isdigit() else None
    if found is None:
        raise not_found("User")
    return found


def user_by(call: Call, name: str) -> User:
    """A user by number or by name, else 404."""
    if name.isdigit():
        return user(call, name)
    found = call.session.scalar(select(User).where(func.lower(User.username) == name.lower()))
    if found is None:
        raise not_found("User")
    return found


def issues(call: Call, ids: list[int]) -> list[Issue]:
    """The issues of those ids in that order, with all that lists show of them."""
    wanted = select(Issue).where(Issue.id.in_(ids)).options(*ISSUE_PARTS)
    rows = {row.id: row for row in call.session.scalars(wanted)}
    return [rows[one] for one in ids]


def issue_row(call: Call, within: Project, iid: str | None = None) -> Issue | None:
    """The issue of that iid, or that ``:issue_iid`` names, whether or not the caller sees it."""
    if iid is None:
        iid = str(number(call, "issue_iid"))
    if not iid.isdigit():
        return None
    return call.session.scalar(
        select(Issue)
        .where(Issue.project_id == within.id, Issue.iid == int(iid))
        .options(*ISSUE_PARTS)
    )


def issue(call: Call, missing: str = "") -> Issue:
    """The issue that the path names, as far as the caller may see it; else 404."""
    within = project(call)
    if missing and not call.path["issue_iid"].isdigit():
        raise grape("noteable_id is invalid")
    return issue_by(call, within, str(number(call, "issue_iid")), missing)


def issue_by(call: Call, within: Project, iid: str, missing: str = "") -> Issue:
    """An issue by its iid, as far as the caller may see it; else 404."""
    found = issue_row(call, within, iid)
    if found is None or not call.access.reads_issue(found):
        raise not_found(missing)
    return found


def note(call: Call, parent: Issue) -> Note:
    """The note of an issue that ``:note_id`` names, as far as the caller may see it; else 404."""
    row = call.session.get(Note, number(call, "note_id"))
    if row is None or row.issue_id != parent.id:
        raise not_found()
    if not call.access.reads_note(row, parent):
        raise not_found("Note")
    return row

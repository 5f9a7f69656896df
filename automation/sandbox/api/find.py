"""Finding what a path names, as far as the caller may know that it exists."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from automation.sandbox.call import Call
from automation.sandbox.errors import not_found
from automation.sandbox.schema import Issue, Namespace, Project, User

ISSUE_PARTS: tuple[ORMOption, ...] = (
    joinedload(Issue.author),
    joinedload(Issue.closed_by),
    joinedload(Issue.milestone),
    joinedload(Issue.project),
    selectinload(Issue.labels),
    selectinload(Issue.assignees),
)


def project(call: Call) -> Project:
    """The project that ``:id`` names, by number or by full path."""
    return project_by(call, call.path["id"])


def project_by(call: Call, name: str) -> Project:
    """A project by number or full path, else 404."""
    column = Project.id if name.isdigit() else Project.full_path
    found = call.session.scalar(select(Project).where(column == name))
    if found is None or not call.access.reads_project(found):
        raise not_found("Project")
    return found


def group(call: Call) -> Namespace:
    """The group that ``:id`` names, by number or by full path."""
    return group_by(call, call.path["id"])


def group_by(call: Call, name: str) -> Namespace:
    """A group by number or full path, else 404."""
    column = Namespace.id if name.isdigit() else Namespace.full_path
    found = call.session.scalar(select(Namespace).where(column == name, Namespace.kind == "group"))
    if found is None or not call.access.reads_group(found):
        raise not_found("Group")
    return found


def user(call: Call, name: str) -> User:
    """A user by number, else 404."""
    found = call.session.get(User, int(name)) if name.isdigit() else None
    if found is None:
        raise not_found("User")
    return found


def issue_row(call: Call, within: Project) -> Issue | None:
    """The issue that ``:issue_iid`` names, whether or not the caller may see it."""
    iid = call.path["issue_iid"]
    if not iid.isdigit():
        return None
    return call.session.scalar(
        select(Issue)
        .where(Issue.project_id == within.id, Issue.iid == int(iid))
        .options(*ISSUE_PARTS)
    )


def issue(call: Call, missing: str = "") -> Issue:
    """The issue that the path names, as far as the caller may see it; else 404."""
    found = issue_row(call, project(call))
    if found is None or not call.access.reads_issue(found):
        raise not_found(missing)
    return found

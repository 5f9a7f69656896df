"""What a milestone may become (``app/models/milestone.rb``, ``concerns/timebox.rb``)."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from automation.sandbox.errors import message
from automation.sandbox.schema import Event, Issue, Milestone, Namespace, Project

Place = Project | Namespace


class Wanted(TypedDict, total=False):
    """What is to be changed; absent keys stay as they are."""

    title: str
    description: str
    start_date: str | None
    due_date: str | None


def of(place: Place) -> Any:
    """A condition: the place's own milestones."""
    column = Milestone.project_id if isinstance(place, Project) else Milestone.group_id
    return column == place.id


def _taken(session: Session, place: Place, row: Milestone, title: str) -> bool:
    """Titles are unique in a group together with its own projects."""
    if isinstance(place, Project):
        near = or_(of(place), Milestone.group_id == place.namespace_id)
    else:
        inside = select(Project.id).where(Project.namespace_id == place.id)
        near = or_(of(place), Milestone.project_id.in_(inside))
    wanted = select(Milestone.id).where(near, Milestone.title == title)
    return any(found != row.id for found in session.scalars(wanted))


def change(session: Session, place: Place, row: Milestone, changes: Wanted, verb: str) -> None:
    """Apply changes.

    Raises:
        ApiError: 400, with GitLab's messages as Ruby prints them.
    """
    title = changes.get("title", row.title).strip()
    start, due = changes.get("start_date", row.start_date), changes.get("due_date", row.due_date)
    errors = []
    if not title:
        errors.append(':title=>["can\'t be blank"]')
    elif title != row.title and _taken(session, place, row, title):
        errors.append(':title=>["already being used for another group or project milestone."]')
    if start and due and due <= start:
        errors.append(':due_date=>["must be greater than start date"]')
    if errors:
        raise message(400, f"Failed to {verb} milestone {{{', '.join(errors)}}}")
    row.title, row.start_date, row.due_date = title, start, due
    row.description = changes.get("description", row.description)


def promote(session: Session, group: Namespace, row: Milestone, now: str) -> Milestone:
    """A milestone of the group instead of all of that title in the group's own projects."""
    projects = select(Project.id).where(Project.namespace_id == group.id)
    alike = select(Milestone.id).where(
        Milestone.project_id.in_(projects), Milestone.title == row.title
    )
    old = list(session.scalars(alike))
    last = session.scalar(select(func.max(Milestone.iid)).where(of(group))) or 0
    made = Milestone(
        iid=last + 1, group_id=group.id, title=row.title, description=row.description,
        state=row.state, start_date=row.start_date, due_date=row.due_date,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    for table in (Issue, Event):
        session.execute(
            update(table).where(table.milestone_id.in_(old)).values(milestone_id=made.id)
        )
    for milestone in session.scalars(select(Milestone).where(Milestone.id.in_(old))):
        session.delete(milestone)
    session.flush()
    return made

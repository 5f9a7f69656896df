"""Who follows an issue: participants, subscriptions, and to-do items."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.sandbox.access import Access
from automation.sandbox.schema import Issue, Note, User
from automation.sandbox.schema_issues import Subscription, Todo

_MENTION = re.compile(r"(?<![\w`/])@([A-Za-z0-9_][\w.-]*)")


def subscribed(session: Session, user: User, issue: Issue) -> bool:
    """What the user said, or else whether they wrote, were assigned or commented."""
    said = session.get(Subscription, (issue.id, user.id))
    if said is not None:
        return said.subscribed
    if issue.author_id == user.id or any(one.id == user.id for one in issue.assignees):
        return True
    theirs = select(Note.id).where(
        Note.issue_id == issue.id, Note.author_id == user.id, Note.system.is_(False)
    )
    return issue.notes_count > 0 and session.scalar(theirs.limit(1)) is not None


def subscribe(session: Session, user: User, issue: Issue, *, wanted: bool) -> bool:
    """Have the user follow the issue or not; whether that changed anything."""
    if subscribed(session, user, issue) == wanted:
        return False
    session.merge(Subscription(issue_id=issue.id, user_id=user.id, subscribed=wanted))
    session.flush()
    return True


def participants(session: Session, issue: Issue, reader: Access) -> list[User]:
    """Author, assignees, commentators, and whom they mention, as far as the reader sees that."""
    wanted = select(Note).where(Note.issue_id == issue.id, Note.system.is_(False))
    notes = [
        note for note in session.scalars(wanted.order_by(Note.id)) if reader.reads_note(note, issue)
    ]
    texts = [issue.title, issue.description or "", *(note.body for note in notes)]
    names = {name.rstrip(".-") for text in texts for name in _MENTION.findall(text)}
    named = session.scalars(select(User).where(User.username.in_(names)).order_by(User.id))
    mentioned = [user for user in named if Access(session, user, reader.today).reads_issue(issue)]
    people = [issue.author, *issue.assignees, *(note.author for note in notes), *mentioned]
    return list({user.id: user for user in people}.values())


def add_todo(session: Session, user: User, issue: Issue, now: str) -> Todo | None:
    """A to-do item for the user; `None` when there is one already."""
    if pending(session, user, issue):
        return None
    row = Todo(user_id=user.id, issue_id=issue.id, created_at=now, updated_at=now)
    row.user, row.issue = user, issue
    session.add(row)
    session.flush()
    return row


def pending(session: Session, user: User, issue: Issue) -> list[Todo]:
    """What the user still has to do about the issue."""
    wanted = select(Todo).where(
        Todo.user_id == user.id, Todo.issue_id == issue.id, Todo.state == "pending"
    )
    return list(session.scalars(wanted))


def finish(todos: list[Todo], now: str) -> None:
    """Mark items as done."""
    for row in todos:
        row.state, row.updated_at = "done", now

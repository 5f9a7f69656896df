"""Reactions as rows, and the votes counted from them on the issue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automation.sandbox.schema import Issue, Note, User
from automation.sandbox.schema_issues import AwardEmoji

ALIASES = {"+1": "thumbsup", "-1": "thumbsdown"}


def of(issue: Issue, note: Note | None) -> Any:
    """A condition: reactions to that issue, or to that note of it."""
    on_note = AwardEmoji.note_id.is_(None) if note is None else AwardEmoji.note_id == note.id
    return (AwardEmoji.issue_id == issue.id) & on_note


def held(
    session: Session, user: User, issue: Issue, note: Note | None, name: str
) -> AwardEmoji | None:
    """That reaction of the user's, if there is one."""
    wanted = of(issue, note) & (AwardEmoji.user_id == user.id) & (AwardEmoji.name == name)
    return session.scalar(select(AwardEmoji).where(wanted))


def give(
    session: Session, user: User, issue: Issue, note: Note | None, name: str, now: str
) -> AwardEmoji:
    """Save a reaction."""
    row = AwardEmoji(
        name=name, user_id=user.id, issue_id=issue.id, note_id=note.id if note else None,
        created_at=now, updated_at=now,
    )  # fmt: skip
    row.user = user
    session.add(row)
    settle(session, issue, note, now)
    return row


def take(session: Session, row: AwardEmoji, issue: Issue, note: Note | None, now: str) -> None:
    """Delete a reaction."""
    session.delete(row)
    settle(session, issue, note, now)


def settle(session: Session, issue: Issue, note: Note | None, now: str) -> None:
    """Count the issue's votes anew; a reaction to a note makes that an updated one."""
    session.flush()
    if note is not None:
        note.updated_at = now
        return
    names = select(AwardEmoji.name, func.count()).where(of(issue, None))
    votes: dict[str, int] = dict(session.execute(names.group_by(AwardEmoji.name)).all())
    issue.upvotes, issue.downvotes = votes.get("thumbsup", 0), votes.get("thumbsdown", 0)

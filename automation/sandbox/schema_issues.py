"""The tables around an issue: links, reactions, subscriptions and to-do items."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.sandbox.schema import Base, Issue, User


class IssueLink(Base):
    """A relation between two issues; ``blocks`` means that the source blocks the target."""

    __tablename__ = "issue_links"
    __table_args__ = (UniqueConstraint("source_id", "target_id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    link_type: Mapped[str]
    created_at: Mapped[str]
    updated_at: Mapped[str]
    source: Mapped[Issue] = relationship(foreign_keys=source_id)
    target: Mapped[Issue] = relationship(foreign_keys=target_id)


class AwardEmoji(Base):
    """A reaction to an issue, or to one of its notes."""

    __tablename__ = "award_emoji"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"))
    created_at: Mapped[str]
    updated_at: Mapped[str]
    user: Mapped[User] = relationship(lazy="joined")


class Subscription(Base):
    """Whether a user wants to hear of an issue, once they said so themselves."""

    __tablename__ = "subscriptions"
    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    subscribed: Mapped[bool]


class Todo(Base):
    """A to-do item that a user made for themselves on an issue."""

    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[str]
    updated_at: Mapped[str]
    user: Mapped[User] = relationship(lazy="joined")
    issue: Mapped[Issue] = relationship()

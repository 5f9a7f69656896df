"""The tables. Times are text in UTC with milliseconds, so they sort and print as they are.

Counts that lists need (tasks, notes) are kept on the issue and written with it: a page of
a hundred issues never counts anything.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


def new_discussion() -> str:
    """A discussion id as GitLab's look: 40 hexadecimal digits."""
    return secrets.token_hex(20)


class Base(DeclarativeBase):
    """Every table takes an id that is never used twice."""

    __table_args__: Any = {"sqlite_autoincrement": True}  # noqa: RUF012  # SQLAlchemy's own form


class User(Base):
    """A person, a token's bot (``project_bot``), a service account, or Ghost."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    public_email: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active")
    kind: Mapped[str] = mapped_column(default="human")
    admin: Mapped[bool] = mapped_column(default=False)
    external: Mapped[bool] = mapped_column(default=False)
    private_profile: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None]
    namespace_id: Mapped[int | None]
    created_by_id: Mapped[int | None]
    profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[str]

    @property
    def bot(self) -> bool:
        """Whether GitLab shows ``bot: true``."""
        return self.kind in ("project_bot", "service_account")


class Token(Base):
    """An access token; its value is kept as a digest only."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    description: Mapped[str | None]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    revoked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[str]
    expires_at: Mapped[str | None]
    last_used_at: Mapped[str | None]
    replaces_id: Mapped[int | None]
    project_id: Mapped[int | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    access_level: Mapped[int | None]


class Namespace(Base):
    """A group, or a user's own namespace. ``lineage`` is ``/1/5/``: ancestors and self."""

    __tablename__ = "namespaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    path: Mapped[str]
    name: Mapped[str]
    full_path: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    lineage: Mapped[str] = mapped_column(index=True, default="")
    parent_id: Mapped[int | None] = mapped_column(index=True)
    owner_id: Mapped[int | None]
    description: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(default="private")
    archived: Mapped[bool] = mapped_column(default=False)
    shelved: Mapped[bool] = mapped_column(default=False)  # it, or a group above it, is archived
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[str]

    @property
    def lineage_ids(self) -> list[int]:
        """Ids from the root to this namespace."""
        return [int(part) for part in self.lineage.split("/") if part]


class Project(Base):
    """A project; of all its features only the issues matter here."""

    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id"), index=True)
    path: Mapped[str]
    name: Mapped[str]
    full_path: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    visibility: Mapped[str] = mapped_column(default="private")
    issues_access_level: Mapped[str] = mapped_column(default="enabled")
    archived: Mapped[bool] = mapped_column(default=False)
    creator_id: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    next_iid: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[str]
    updated_at: Mapped[str]
    last_activity_at: Mapped[str]
    namespace: Mapped[Namespace] = relationship(lazy="joined")

    @property
    def read_only(self) -> bool:
        """Whether it, or a group above it, is archived."""
        return self.archived or self.namespace.shelved


def at_path(column: Any, path: str) -> ColumnElement[bool]:
    """A condition: the full path is that one, in whatever case it is written."""
    return func.lower(column) == path.lower()


Index("ix_namespaces_path", func.lower(Namespace.full_path))
Index("ix_projects_path", func.lower(Project.full_path))


class Member(Base):
    """A role of a user in a project or a group; exactly one of the two is set."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("user_id", "project_id"),
        UniqueConstraint("user_id", "group_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[int | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    access_level: Mapped[int]
    expires_at: Mapped[str | None]
    created_at: Mapped[str]
    updated_at: Mapped[str | None]
    created_by_id: Mapped[int | None]
    user: Mapped[User] = relationship(lazy="joined")


class Label(Base):
    """A label of a project or of a group; exactly one of the two is set."""

    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(index=True)
    color: Mapped[str]
    description: Mapped[str | None]
    archived: Mapped[bool] = mapped_column(default=False)
    project_id: Mapped[int | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[str]
    updated_at: Mapped[str]


class LabelSubscription(Base):
    """Who wants to hear of a label: within one project, or (``None``) wherever it is used."""

    __tablename__ = "label_subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))


class LabelPriority(Base):
    """How urgent a label is in one project."""

    __tablename__ = "label_priorities"
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    priority: Mapped[int]


class Milestone(Base):
    """A milestone of a project or of a group."""

    __tablename__ = "milestones"
    id: Mapped[int] = mapped_column(primary_key=True)
    iid: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active")
    start_date: Mapped[str | None]
    due_date: Mapped[str | None]
    created_at: Mapped[str]
    updated_at: Mapped[str]


class IssueLabel(Base):
    """Which issue bears which label."""

    __tablename__ = "issue_labels"
    __table_args__ = (Index("ix_issue_labels_label", "label_id", "issue_id"),)
    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    label_id: Mapped[int] = mapped_column(
        ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True
    )


class IssueAssignee(Base):
    """Who is assigned to which issue."""

    __tablename__ = "issue_assignees"
    __table_args__ = (Index("ix_issue_assignees_user", "user_id", "issue_id"),)
    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )


class Issue(Base):
    """An issue, with the counts that its JSON shows."""

    __tablename__ = "issues"
    __table_args__ = (
        UniqueConstraint("project_id", "iid"),
        Index("ix_issues_project", "project_id", "id"),
        Index("ix_issues_created", "project_id", "created_at", "id"),
        Index("ix_issues_updated", "project_id", "updated_at", "id"),
        Index("ix_issues_state", "project_id", "state", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    iid: Mapped[int]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    title: Mapped[str]
    description: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="opened")
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[str]
    updated_at: Mapped[str]
    closed_at: Mapped[str | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confidential: Mapped[bool] = mapped_column(default=False)
    discussion_locked: Mapped[bool | None]
    start_date: Mapped[str | None]
    due_date: Mapped[str | None]
    weight: Mapped[int | None]
    issue_type: Mapped[str] = mapped_column(default="issue")
    severity: Mapped[str] = mapped_column(default="unknown")
    milestone_id: Mapped[int | None] = mapped_column(
        ForeignKey("milestones.id", ondelete="SET NULL"), index=True
    )
    moved_to_id: Mapped[int | None]
    duplicated_to_id: Mapped[int | None]
    task_count: Mapped[int] = mapped_column(default=0)
    task_done: Mapped[int] = mapped_column(default=0)
    notes_count: Mapped[int] = mapped_column(default=0)
    upvotes: Mapped[int] = mapped_column(default=0)
    downvotes: Mapped[int] = mapped_column(default=0)
    blocking_count: Mapped[int] = mapped_column(default=0)
    time_estimate: Mapped[int] = mapped_column(default=0)
    time_spent: Mapped[int] = mapped_column(default=0)
    relative_position: Mapped[float | None]
    project: Mapped[Project] = relationship()
    author: Mapped[User] = relationship(foreign_keys=author_id)
    closed_by: Mapped[User | None] = relationship(foreign_keys=closed_by_id)
    milestone: Mapped[Milestone | None] = relationship()
    labels: Mapped[list[Label]] = relationship(
        secondary="issue_labels", order_by=Label.title, passive_deletes=True
    )
    assignees: Mapped[list[User]] = relationship(
        secondary="issue_assignees", order_by=User.id, passive_deletes=True
    )


Index("ix_issues_title", Issue.project_id, func.lower(Issue.title), Issue.id)
Index("ix_issues_popularity", Issue.project_id, Issue.upvotes, Issue.id)


class Note(Base):
    """A comment, or what the system wrote about a change (``system``).

    Notes with one ``discussion_id`` are one thread; ``type`` tells a thread from a note that
    stands by itself, where it is null.
    """

    __tablename__ = "notes"
    __table_args__ = (
        Index("ix_notes_issue", "issue_id", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    body: Mapped[str]
    type: Mapped[str | None]
    discussion_id: Mapped[str] = mapped_column(default=new_discussion, index=True)
    system: Mapped[bool] = mapped_column(default=False)
    internal: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[str]
    updated_at: Mapped[str]
    resolved_at: Mapped[str | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author: Mapped[User] = relationship(lazy="joined", foreign_keys=author_id)
    resolved_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=resolved_by_id)


class Event(Base):
    """A change of label, state, milestone or weight, which GitLab keeps apart from the notes."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    action: Mapped[str]
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id", ondelete="SET NULL"))
    milestone_id: Mapped[int | None] = mapped_column(
        ForeignKey("milestones.id", ondelete="SET NULL")
    )
    weight: Mapped[int | None]
    created_at: Mapped[str]
    user: Mapped[User] = relationship(lazy="joined")
    label: Mapped[Label | None] = relationship(lazy="joined")
    milestone: Mapped[Milestone | None] = relationship(lazy="joined")

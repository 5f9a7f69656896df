"""The tables of what starts pipelines: schedules and CI/CD variables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.sandbox.schema import Base, User


class PipelineSchedule(Base):
    """When a project's pipeline shall run, and as whom: nobody once the owner is gone."""

    __tablename__ = "pipeline_schedules"
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), index=True
    )
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    description: Mapped[str]
    ref: Mapped[str]
    cron: Mapped[str]
    cron_timezone: Mapped[str]
    active: Mapped[bool]
    inputs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    next_run_at: Mapped[str | None]
    created_at: Mapped[str]
    updated_at: Mapped[str]
    owner: Mapped[User | None] = relationship(lazy="joined")
    variables: Mapped[list[ScheduleVariable]] = relationship(
        lazy="selectin", order_by="ScheduleVariable.id", passive_deletes=True, cascade="all"
    )


class ScheduleVariable(Base):
    """A variable that a schedule gives to its pipelines."""

    __tablename__ = "schedule_variables"
    __table_args__ = (UniqueConstraint("schedule_id", "key"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(
        ForeignKey("pipeline_schedules.id", ondelete="CASCADE")
    )
    key: Mapped[str]
    value: Mapped[str]
    variable_type: Mapped[str]


class Variable(Base):
    """A CI/CD variable of a project or of a group; exactly one of the two is set."""

    __tablename__ = "variables"
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), index=True
    )
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str]
    value: Mapped[str]
    variable_type: Mapped[str]
    protected: Mapped[bool]
    masked: Mapped[bool]
    hidden: Mapped[bool]
    raw: Mapped[bool]
    environment_scope: Mapped[str]
    description: Mapped[str | None]

"""The tables of issue boards and their lists."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.sandbox.schema import Base, Label, Milestone, User


class BoardList(Base):
    """One column of a board: the issues with its label, or else its assignee or milestone."""

    __tablename__ = "board_lists"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"), index=True)
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    milestone_id: Mapped[int | None] = mapped_column(
        ForeignKey("milestones.id", ondelete="CASCADE")
    )
    position: Mapped[int]
    label: Mapped[Label | None] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship(lazy="joined")
    milestone: Mapped[Milestone | None] = relationship(lazy="joined")


class BoardLabel(Base):
    """Which labels narrow a board, as far as the tier has that."""

    __tablename__ = "board_labels"
    board_id: Mapped[int] = mapped_column(
        ForeignKey("boards.id", ondelete="CASCADE"), primary_key=True
    )
    label_id: Mapped[int] = mapped_column(
        ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True
    )


class Board(Base):
    """An issue board of a project or of a group, and what narrows it."""

    __tablename__ = "boards"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    hide_backlog_list: Mapped[bool] = mapped_column(default=False)
    hide_closed_list: Mapped[bool] = mapped_column(default=False)
    milestone_id: Mapped[int | None] = mapped_column(
        ForeignKey("milestones.id", ondelete="SET NULL")
    )
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    weight: Mapped[int | None]
    milestone: Mapped[Milestone | None] = relationship(lazy="joined")
    assignee: Mapped[User | None] = relationship(lazy="joined")
    labels: Mapped[list[Label]] = relationship(
        secondary="board_labels", lazy="selectin", order_by=Label.title, passive_deletes=True
    )
    lists: Mapped[list[BoardList]] = relationship(
        lazy="selectin", order_by=BoardList.position, passive_deletes=True, cascade="all"
    )

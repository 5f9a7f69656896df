"""Boards and their lists as GitLab shows them.

What narrows a board, lists by assignee or milestone, and limits of lists belong to paid tiers:
without one their keys are absent (``ee/lib/ee/api/entities/board.rb`` and ``list.rb``).
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.schema import Namespace, Project
from automation.sandbox.schema_boards import Board, BoardList
from automation.sandbox.shapes.people import user_basic
from automation.sandbox.shapes.places import (
    group_basic,
    label_basic,
    milestone_seen_from,
    project_basic,
)

Place = Project | Namespace


def board_list(
    row: BoardList, parent: Place, base: str, today: str, *, premium: bool
) -> dict[str, Any]:
    """One column of a board."""
    shape: dict[str, Any] = {
        "id": row.id,
        "label": label_basic(row.label) if row.label else None,
        "position": row.position,
    }
    if row.milestone is not None:
        shape["milestone"] = milestone_seen_from(row.milestone, parent, base, today)
    if row.user is not None:
        shape["assignee"] = user_basic(row.user, base)
    limits = {"max_issue_count": 0, "max_issue_weight": 0, "limit_metric": None}
    return shape | (limits if premium else {})


def _scope(row: Board, parent: Place, base: str, today: str) -> dict[str, Any]:
    return {
        "milestone": milestone_seen_from(row.milestone, parent, base, today),
        "assignee": user_basic(row.assignee, base) if row.assignee else None,
        "labels": [label_basic(label) for label in row.labels],
        "weight": row.weight,
    }


def board(row: Board, parent: Place, base: str, today: str, *, premium: bool) -> dict[str, Any]:
    """A board with its columns."""
    where = {
        "project": project_basic(parent, base) if isinstance(parent, Project) else None,
        "group": None if isinstance(parent, Project) else group_basic(parent, base),
    }
    return {
        "id": row.id,
        "name": row.name,
        "hide_backlog_list": row.hide_backlog_list,
        "hide_closed_list": row.hide_closed_list,
        **where,
        **(_scope(row, parent, base, today) if premium else {}),
        "lists": [
            board_list(item, parent, base, today, premium=premium)
            for item in row.lists
            if premium or item.label is not None
        ],
    }

"""Labels in full: with the caller's subscription, their priority, and counts of issues.

Whatever the length of the list, each of these takes one query; the counts take one for
each floor (project or group) that the labels come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from automation.sandbox.api.issue_list import readable
from automation.sandbox.call import Call
from automation.sandbox.schema import (
    Issue,
    IssueLabel,
    Label,
    LabelPriority,
    LabelSubscription,
    Namespace,
    Project,
)
from automation.sandbox.shapes import places

Place = Project | Namespace
_Counts = dict[tuple[int | None, int | None, str], tuple[int, int]]


def present(call: Call, place: Place, rows: Sequence[Label]) -> list[dict[str, Any]]:
    """The labels as the project or group shows them; counted when the request asks."""
    priorities = _priorities(call, place, rows)
    followed = _followed(call, place, rows)
    counts = _counts(call, rows) if call.params.flag("with_counts") else None
    return [
        places.label(
            row,
            priorities.get(row.id),
            None
            if counts is None
            else counts.get((row.project_id, row.group_id, row.title), (0, 0)),
            in_project=isinstance(place, Project),
            subscribed=row.id in followed,
        )
        for row in rows
    ]


def _priorities(call: Call, place: Place, rows: Sequence[Label]) -> dict[int, int]:
    if not isinstance(place, Project):
        return {}
    wanted = select(LabelPriority.label_id, LabelPriority.priority).where(
        LabelPriority.project_id == place.id, LabelPriority.label_id.in_([row.id for row in rows])
    )
    return dict(call.session.execute(wanted).all())


def _followed(call: Call, place: Place, rows: Sequence[Label]) -> set[int]:
    where: ColumnElement[bool] = LabelSubscription.project_id.is_(None)
    if isinstance(place, Project):
        where = or_(where, LabelSubscription.project_id == place.id)
    wanted = select(LabelSubscription.label_id).where(
        where,
        LabelSubscription.user_id == call.me.id,
        LabelSubscription.label_id.in_([row.id for row in rows]),
    )
    return set(call.session.scalars(wanted))


def _counts(call: Call, rows: Sequence[Label]) -> _Counts:
    """Open and closed issues by where the label lives and by its title.

    A label counts in its own project, or in the projects that lie directly in its group,
    with every label of its title (`Label#issues_count`).
    """
    result: _Counts = {}
    floors = {(row.project_id, row.group_id) for row in rows}
    for project_id, group_id in floors:
        titles = [
            row.title for row in rows if (row.project_id, row.group_id) == (project_id, group_id)
        ]
        inside = Project.id == project_id if project_id else Project.namespace_id == group_id
        projects = list(call.session.scalars(select(Project).where(inside)))
        wanted = (
            select(Label.title, Issue.state, func.count(Issue.id.distinct()))
            .join(IssueLabel, IssueLabel.label_id == Label.id)
            .join(Issue, Issue.id == IssueLabel.issue_id)
            .where(Label.title.in_(titles), readable(call, projects))
            .group_by(Label.title, Issue.state)
        )
        for title, state, count in call.session.execute(wanted):
            key = (project_id, group_id, title)
            opened, closed = result.get(key, (0, 0))
            result[key] = (count, closed) if state == "opened" else (opened, count)
    return result

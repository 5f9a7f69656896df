"""Which labels a project or group knows, and making those that it does not.

A project sees its own labels and those of every group above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from automation.sandbox.schema import Label, Namespace, Project

DEFAULT_COLOR = "#6699cc"


def known_to(place: Project | Namespace, *, ancestors: bool = True) -> ColumnElement[bool]:
    """A condition on `Label`: usable in that project or group."""
    if isinstance(place, Project):
        own = Label.project_id == place.id
        if place.namespace.kind != "group":
            return own
        # Without the groups above, the one that the project lies in still counts
        # (`FinderWithGroupHierarchy#groups_to_include`).
        groups = place.namespace.lineage_ids if ancestors else [place.namespace_id]
        return or_(own, Label.group_id.in_(groups))
    if not ancestors:
        return Label.group_id == place.id
    return Label.group_id.in_(place.lineage_ids)


def by_titles(session: Session, project: Project, titles: Iterable[str]) -> dict[str, Label]:
    """Labels by title; a project's own wins over a group's of the same name."""
    wanted = select(Label).where(known_to(project), Label.title.in_(list(titles)))
    rows = session.scalars(wanted.order_by(Label.project_id.nulls_first(), Label.id))
    return {row.title: row for row in rows}


def by_ids(session: Session, project: Project, ids: Iterable[int]) -> list[Label]:
    """Those of the labels that the project knows."""
    wanted = select(Label).where(known_to(project), Label.id.in_(list(ids)))
    return list(session.scalars(wanted.order_by(Label.id)))


def find_or_create(
    session: Session, project: Project, titles: Sequence[str], now: str, *, may_create: bool
) -> list[Label]:
    """Labels for an issue; unknown ones become labels of the project, if that is allowed."""
    found = by_titles(session, project, titles)
    result: list[Label] = []
    for title in dict.fromkeys(titles):
        label = found.get(title)
        if label is None and may_create:
            label = Label(
                title=title, color=DEFAULT_COLOR, project_id=project.id,
                created_at=now, updated_at=now,
            )  # fmt: skip
            session.add(label)
        if label is not None:
            result.append(label)
    session.flush()
    return result


def exclusive(labels: Sequence[Label], added: Sequence[Label]) -> list[Label]:
    """What remains when each scope (``a::``) keeps only its newest label, as paid tiers do."""
    last: dict[str, Label] = {}
    for label in [*labels, *added]:
        scope = label.title.rpartition("::")[0]
        if scope:
            last[scope] = label
    return [label for label in labels if last.get(label.title.rpartition("::")[0], label) is label]

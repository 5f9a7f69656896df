"""What follows for everything below when a group changes its place, or is archived."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.sandbox.schema import Namespace, Project


def move_below(session: Session, row: Namespace, parent: Namespace | None) -> None:
    """Work out anew where a group and all below it are, and whether one above is archived."""
    old = row.lineage
    inside = Namespace.lineage.startswith(old, autoescape=True)
    below = session.scalars(select(Namespace).where(inside).order_by(Namespace.lineage))
    known = {parent.id: parent} if parent else {}
    for group in list(below):
        above = known.get(group.parent_id or 0)
        group.full_path = f"{above.full_path}/{group.path}" if above else group.path
        group.full_name = f"{above.full_name} / {group.name}" if above else group.name
        group.lineage = f"{above.lineage if above else '/'}{group.id}/"
        group.shelved = group.archived or (above is not None and above.shelved)
        known[group.id] = group
    for project in session.scalars(select(Project).where(Project.namespace_id.in_(known))):
        project.full_path = f"{known[project.namespace_id].full_path}/{project.path}"

"""The endpoints, one file per resource; each file adds its routes to one table."""

from automation.sandbox.api import (
    boards,
    events,
    groups,
    issue_list,
    issues,
    labels,
    members,
    meta,
    milestones,
    notes,
    pipelines,
    projects,
    tokens,
    users,
)
from automation.sandbox.routing import Router

ROUTER = Router()
for _part in (
    meta, users, tokens, groups, projects, members, labels, boards, milestones,
    issue_list, issues, notes, events, pipelines,
):  # fmt: skip
    ROUTER.routes.extend(_part.ROUTES.routes)

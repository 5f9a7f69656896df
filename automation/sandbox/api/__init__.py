"""The endpoints, one file per resource; each file adds its routes to one table."""

from automation.sandbox.api import (
    awards,
    board_lists,
    boards,
    ci_lint,
    discussions,
    events,
    following,
    groups,
    issue_list,
    issue_update,
    issues,
    label_actions,
    labels,
    links,
    members,
    meta,
    milestones,
    namespaces,
    notes,
    pipelines,
    place_moves,
    place_tokens,
    projects,
    relocation,
    time_tracking,
    tokens,
    user_events,
    user_more,
    user_states,
    users,
    variables,
)
from automation.sandbox.routing import Router

ROUTER = Router()
for _part in (
    meta, users, tokens, groups, projects, members, labels, boards, milestones,
    board_lists, issue_list, issues, issue_update, relocation, links, notes, discussions,
    awards, events, following, time_tracking, pipelines,
    variables, label_actions, place_tokens, place_moves, namespaces,
    user_more, user_states, ci_lint, user_events,
):  # fmt: skip
    ROUTER.include(_part.ROUTES.routes)

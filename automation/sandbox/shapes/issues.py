"""Issues, notes and resource events as GitLab shows them."""

from __future__ import annotations

from typing import Any

from automation.sandbox.schema import Event, Issue, Milestone, Note, Project
from automation.sandbox.shapes.people import user_basic
from automation.sandbox.shapes.places import label_basic, milestone


def _tasks(issue: Issue) -> dict[str, Any]:
    shape: dict[str, Any] = {"has_tasks": issue.task_count > 0}
    if issue.task_count:
        noun = "checklist item" if issue.task_count == 1 else "checklist items"
        shape["task_status"] = f"{issue.task_done} of {issue.task_count} {noun} completed"
    return shape


def _references(issue: Issue, project: Project, *, inside: bool) -> dict[str, str]:
    short, full = f"#{issue.iid}", f"{project.full_path}#{issue.iid}"
    return {"short": short, "relative": short if inside else full, "full": full}


def _links(issue: Issue, base: str, duplicate_of: str | None) -> dict[str, Any]:
    api = f"{base}/api/v4/projects/{issue.project_id}"
    own = f"{api}/issues/{issue.iid}"
    return {
        "self": own,
        "notes": f"{own}/notes",
        "award_emoji": f"{own}/award_emoji",
        "project": api,
        "closed_as_duplicate_of": duplicate_of,
    }


def _place(row: Milestone, project: Project) -> str:
    """The full path of the milestone's project, or of its group somewhere above."""
    if row.group_id is None:
        return project.full_path
    depth = project.namespace.lineage_ids.index(row.group_id) + 1
    return "/".join(project.full_path.split("/")[:depth])


def _milestone(row: Milestone | None, issue: Issue, base: str, today: str) -> Any:
    if row is None:
        return None
    return milestone(row, _place(row, issue.project), base, today)


def _words(row: Issue) -> dict[str, Any]:
    return {
        "id": row.id,
        "iid": row.iid,
        "project_id": row.project_id,
        "title": row.title,
        "description": row.description,
        "state": row.state,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
    }


def _people(row: Issue, base: str) -> dict[str, Any]:
    assignees = [user_basic(user, base) for user in row.assignees]
    return {
        "assignees": assignees,
        "author": user_basic(row.author, base),
        "type": row.issue_type.upper(),
        "assignee": assignees[0] if assignees else None,
    }


def _state(row: Issue, base: str) -> dict[str, Any]:
    return {
        "user_notes_count": row.notes_count,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "start_date": None,
        "due_date": row.due_date,
        "confidential": row.confidential,
        "discussion_locked": row.discussion_locked,
        "issue_type": row.issue_type,
        "web_url": f"{base}/{row.project.full_path}/-/issues/{row.iid}",
        "time_stats": time_stats(),
        "task_completion_status": {"count": row.task_count, "completed_count": row.task_done},
    }


def time_stats() -> dict[str, Any]:
    """Estimates and time spent, which nobody records here."""
    return {
        "time_estimate": 0,
        "total_time_spent": 0,
        "human_time_estimate": None,
        "human_total_time_spent": None,
    }


def issue(
    row: Issue,
    base: str,
    today: str,
    *,
    premium: bool,
    details: bool = False,
    inside: bool = True,
    duplicate_of: str | None = None,
) -> dict[str, Any]:
    """An issue. ``inside``: asked for within its project; ``details``: labels in full."""
    labels = sorted(row.labels, key=lambda label: label.title)
    return {
        **_words(row),
        "closed_by": user_basic(row.closed_by, base) if row.closed_by else None,
        "labels": [label_basic(item) if details else item.title for item in labels],
        "milestone": _milestone(row.milestone, row, base, today),
        **_people(row, base),
        **_state(row, base),
        **({"weight": row.weight, "health_status": None} if premium else {}),
        "blocking_issues_count": 0,
        **_tasks(row),
        "_links": _links(row, base, duplicate_of),
        "references": _references(row, row.project, inside=inside),
        "severity": "UNKNOWN",
        "moved_to_id": row.moved_to_id,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
    }


def note(row: Note, parent: Issue, base: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A note; ``changes`` is what its quick actions did."""
    return {
        "id": row.id,
        "type": None,
        "body": row.body,
        "author": user_basic(row.author, base),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "system": row.system,
        "noteable_id": parent.id,
        "noteable_type": "Issue",
        "project_id": parent.project_id,
        "resolvable": False,
        "confidential": row.internal,
        "internal": row.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": parent.iid,
        "commands_changes": changes,
    }


def event(row: Event, parent: Issue, base: str, today: str) -> dict[str, Any]:
    """A label, state or milestone event."""
    shape: dict[str, Any] = {
        "id": row.id,
        "user": user_basic(row.user, base),
        "created_at": row.created_at,
        "resource_type": "Issue",
        "resource_id": row.issue_id,
    }
    if row.kind == "state":
        return shape | {"state": row.action}
    if row.kind == "label":
        what: dict[str, Any] = {"label": label_basic(row.label) if row.label else None}
    else:
        what = {"milestone": _milestone(row.milestone, parent, base, today)}
    return shape | what | {"action": row.action}

"""Issues, notes and resource events as GitLab shows them."""

from __future__ import annotations

from typing import Any

from automation.sandbox.schema import Event, Issue, Note, Project
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


def issue_url(issue: Issue, base: str) -> str:
    """The page of an issue."""
    return f"{base}/{issue.project.full_path}/-/issues/{issue.iid}"


def _milestone(issue: Issue, base: str) -> dict[str, Any] | None:
    if issue.milestone is None:
        return None
    return milestone(issue.milestone, issue.project.full_path, base)


def issue(
    row: Issue,
    base: str,
    *,
    premium: bool,
    details: bool = False,
    inside: bool = True,
    duplicate_of: str | None = None,
) -> dict[str, Any]:
    """An issue. ``inside``: asked for within its project; ``details``: labels in full."""
    assignees = [user_basic(user, base) for user in row.assignees]
    labels = sorted(row.labels, key=lambda label: label.title)
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
        "closed_by": user_basic(row.closed_by, base) if row.closed_by else None,
        "labels": [label_basic(item) if details else item.title for item in labels],
        "milestone": _milestone(row, base),
        "assignees": assignees,
        "author": user_basic(row.author, base),
        "type": row.issue_type.upper(),
        "assignee": assignees[0] if assignees else None,
        "user_notes_count": row.notes_count,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "start_date": None,
        "due_date": row.due_date,
        "confidential": row.confidential,
        "discussion_locked": row.discussion_locked,
        "issue_type": row.issue_type,
        "web_url": issue_url(row, base),
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": None,
            "human_total_time_spent": None,
        },
        "task_completion_status": {
            "count": row.task_count,
            "completed_count": row.task_done,
        },
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


def event(row: Event, parent: Issue, base: str) -> dict[str, Any]:
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
        place = parent.project.full_path
        what = {"milestone": milestone(row.milestone, place, base) if row.milestone else None}
    return shape | what | {"action": row.action}

"""Issues, notes and resource events as GitLab shows them."""

from __future__ import annotations

from typing import Any

from automation.sandbox import durations
from automation.sandbox.schema import Event, Issue, Note, Project
from automation.sandbox.schema_issues import AwardEmoji, IssueLink, Todo
from automation.sandbox.shapes.people import user_basic
from automation.sandbox.shapes.places import label_basic, milestone_seen_from, project_basic

_PROJECT = (
    "id", "description", "name", "name_with_namespace", "path", "path_with_namespace",
    "created_at",
)  # fmt: skip


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
        "upvotes": row.upvotes,
        "downvotes": row.downvotes,
        "start_date": row.start_date,
        "due_date": row.due_date,
        "confidential": row.confidential,
        "discussion_locked": row.discussion_locked,
        "issue_type": row.issue_type,
        "web_url": f"{base}/{row.project.full_path}/-/issues/{row.iid}",
        "time_stats": time_stats(row),
        "task_completion_status": {"count": row.task_count, "completed_count": row.task_done},
    }


def time_stats(row: Issue) -> dict[str, Any]:
    """Estimate and time spent, in seconds and in words."""
    return {
        "time_estimate": row.time_estimate,
        "total_time_spent": row.time_spent,
        "human_time_estimate": durations.spoken(row.time_estimate),
        "human_total_time_spent": durations.spoken(row.time_spent),
    }


def issue_basic(
    row: Issue, base: str, today: str, *, premium: bool, details: bool = False
) -> dict[str, Any]:
    """What every form of an issue has (``lib/api/entities/issue_basic.rb``)."""
    labels = sorted(row.labels, key=lambda label: label.title)
    return {
        **_words(row),
        "closed_by": user_basic(row.closed_by, base) if row.closed_by else None,
        "labels": [label_basic(item) if details else item.title for item in labels],
        "milestone": milestone_seen_from(row.milestone, row.project, base, today),
        **_people(row, base),
        **_state(row, base),
        **({"weight": row.weight} if premium else {}),
        "blocking_issues_count": row.blocking_count,
    }


def _licensed(row: Issue, *, premium: bool) -> dict[str, Any]:
    """Epics and iterations, which only groups on a paid tier have, and which nobody sets here.

    ``health_status`` is for a tier above (``ee/lib/ee/api/entities/issue.rb``).
    """
    if not premium or row.project.namespace.kind != "group":
        return {}
    return {"epic_iid": None, "epic": None, "iteration": None}


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
    return {
        **issue_basic(row, base, today, premium=premium, details=details),
        **_tasks(row),
        "_links": _links(row, base, duplicate_of),
        "references": _references(row, row.project, inside=inside),
        "severity": row.severity.upper(),
        "moved_to_id": row.moved_to_id,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
        **_licensed(row, premium=premium),
    }


def link(row: IssueLink, base: str, today: str, *, premium: bool) -> dict[str, Any]:
    """A relation of two issues (``lib/api/entities/issue_link.rb``)."""
    return {
        "source_issue": issue_basic(row.source, base, today, premium=premium),
        "target_issue": issue_basic(row.target, base, today, premium=premium),
        "link_type": row.link_type,
    }


def award(row: AwardEmoji, base: str) -> dict[str, Any]:
    """A reaction (``lib/api/entities/award_emoji.rb``)."""
    return {
        "id": row.id,
        "name": row.name,
        "user": user_basic(row.user, base),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "awardable_id": row.issue_id if row.note_id is None else row.note_id,
        "awardable_type": "Issue" if row.note_id is None else "Note",
        "url": None,
    }


def todo(row: Todo, base: str, today: str, *, premium: bool) -> dict[str, Any]:
    """A to-do item (``lib/api/entities/todo.rb``)."""
    target = issue(row.issue, base, today, premium=premium)
    project = project_basic(row.issue.project, base)
    return {
        "id": row.id,
        "project": {name: project[name] for name in _PROJECT},
        "author": user_basic(row.user, base),
        "action_name": "marked",
        "target_type": "Issue",
        "target": target,
        "target_url": target["web_url"],
        "body": row.issue.title,
        "state": row.state,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _resolved(row: Note, base: str) -> dict[str, Any]:
    """Threads of issues can be resolved; notes that stand alone cannot."""
    if row.type is None:
        return {"resolvable": False}
    by = user_basic(row.resolved_by, base) if row.resolved_by else None
    return {
        "resolvable": True,
        "resolved": row.resolved_at is not None,
        "resolved_by": by,
        "resolved_at": row.resolved_at,
    }


def note(row: Note, parent: Issue, base: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A note; ``changes`` is what its quick actions did (``lib/api/entities/note.rb``)."""
    return {
        "id": row.id,
        "type": row.type,
        "body": row.body,
        "author": user_basic(row.author, base),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "system": row.system,
        "noteable_id": parent.id,
        "noteable_type": "Issue",
        "project_id": parent.project_id,
        **_resolved(row, base),
        "confidential": row.internal,
        "internal": row.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": parent.iid,
        "commands_changes": changes,
    }


def discussion(rows: list[Note], parent: Issue, base: str) -> dict[str, Any]:
    """A thread, oldest note first (``lib/api/entities/discussion.rb``)."""
    return {
        "id": rows[0].discussion_id,
        "individual_note": rows[0].type is None,
        "notes": [note(row, parent, base, {}) for row in rows],
    }


def event(row: Event, parent: Issue, base: str, today: str) -> dict[str, Any]:
    """A change of label, state, milestone or weight (``lib/api/entities/resource_*_event.rb``)."""
    user = {"id": row.id, "user": user_basic(row.user, base), "created_at": row.created_at}
    if row.kind == "weight":
        return user | {"issue_id": row.issue_id, "weight": row.weight}
    shape = user | {"resource_type": "Issue", "resource_id": row.issue_id}
    if row.kind == "state":
        commits = {"source_commit": None, "source_merge_request_id": None}
        return shape | commits | {"state": row.action}
    if row.kind == "label":
        what: dict[str, Any] = {"label": label_basic(row.label) if row.label else None}
    else:
        what = {"milestone": milestone_seen_from(row.milestone, parent.project, base, today)}
    return shape | what | {"action": row.action}

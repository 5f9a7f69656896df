"""Moving an issue: a copy with the whole history in the target, a closed original behind."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automation.sandbox import labelling
from automation.sandbox.issue_edit import Changes
from automation.sandbox.schema import Event, Issue, Milestone, Note, Project


def reference(issue: Issue, seen_from: Project) -> str:
    """An issue as it is named in another project: short within the same namespace."""
    same = issue.project.namespace_id == seen_from.namespace_id
    path = issue.project.path if same else issue.project.full_path
    return f"{path}#{issue.iid}"


def carried_over(session: Session, issue: Issue, target: Project) -> Changes:
    """What the copy keeps: labels and the milestone only if the target knows their titles."""
    titles = [label.title for label in issue.labels]
    known = labelling.by_titles(session, target, titles)
    milestone = None
    if issue.milestone is not None:
        groups = target.namespace.lineage_ids
        milestone = session.scalar(
            select(Milestone).where(
                Milestone.title == issue.milestone.title,
                or_(Milestone.project_id == target.id, Milestone.group_id.in_(groups)),
            )
        )
    return {
        "title": issue.title,
        "description": issue.description,
        "labels": list(known.values()),
        "assignees": list(issue.assignees),
        "milestone": milestone,
    }


def copy_issue(
    session: Session, issue: Issue, target: Project, changes: Changes, *, iid: int
) -> Issue:
    """A new row in the target; nothing is written about it yet."""
    copy = Issue(
        iid=iid, project_id=target.id, title=issue.title, description=issue.description,
        state=issue.state, author_id=issue.author_id, created_at=issue.created_at,
        updated_at=issue.updated_at, closed_at=issue.closed_at,
        closed_by_id=issue.closed_by_id, confidential=issue.confidential,
        discussion_locked=issue.discussion_locked, due_date=issue.due_date,
        weight=issue.weight, issue_type=issue.issue_type, task_count=issue.task_count,
        task_done=issue.task_done, notes_count=issue.notes_count,
    )  # fmt: skip
    copy.project, copy.author, copy.closed_by = target, issue.author, issue.closed_by
    copy.labels, copy.assignees = changes["labels"], changes["assignees"]
    copy.milestone = changes["milestone"]
    session.add(copy)
    session.flush()
    return copy


def copy_history(session: Session, issue: Issue, copy: Issue) -> None:
    """Copy notes and events, each with its author and time."""
    for note in session.scalars(select(Note).where(Note.issue_id == issue.id).order_by(Note.id)):
        session.add(
            Note(issue_id=copy.id, author_id=note.author_id, body=note.body, system=note.system,
                 internal=note.internal, created_at=note.created_at,
                 updated_at=note.updated_at)
        )  # fmt: skip
    for event in session.scalars(
        select(Event).where(Event.issue_id == issue.id).order_by(Event.id)
    ):
        session.add(
            Event(kind=event.kind, issue_id=copy.id, user_id=event.user_id,
                  action=event.action, label_id=event.label_id,
                  milestone_id=event.milestone_id, created_at=event.created_at)
        )  # fmt: skip
    session.flush()

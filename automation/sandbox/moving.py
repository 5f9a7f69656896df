"""Moving an issue: a copy with the whole history in the target, a closed original behind."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from automation.sandbox import labelling
from automation.sandbox.issue_edit import Changes
from automation.sandbox.schema import Event, Issue, Milestone, Note, Project, new_discussion
from automation.sandbox.schema_issues import AwardEmoji

DISTANCE = 513  # between neighbours, as GitLab spaces them
# Issues that nobody dragged stand in the order in which they were made.
PLACE = func.coalesce(Issue.relative_position, Issue.id * DISTANCE)


def reference(issue: Issue, seen_from: Project) -> str:
    """``#3`` within its project, ``path#3`` within its group, the full path elsewhere."""
    if issue.project_id == seen_from.id:
        return f"#{issue.iid}"
    same = issue.project.namespace_id == seen_from.namespace_id
    return f"{issue.project.path if same else issue.project.full_path}#{issue.iid}"


def place(issue: Issue) -> float:
    """Where an issue stands in the order made by hand."""
    held = issue.relative_position
    return issue.id * DISTANCE if held is None else held


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
        discussion_locked=issue.discussion_locked, start_date=issue.start_date,
        due_date=issue.due_date, weight=issue.weight, issue_type=issue.issue_type,
        severity=issue.severity, task_count=issue.task_count, task_done=issue.task_done,
        notes_count=issue.notes_count, time_estimate=issue.time_estimate,
        time_spent=issue.time_spent,
    )  # fmt: skip
    copy.project, copy.author, copy.closed_by = target, issue.author, issue.closed_by
    copy.labels, copy.assignees = changes["labels"], changes["assignees"]
    copy.milestone = changes["milestone"]
    session.add(copy)
    session.flush()
    return copy


def copy_history(session: Session, issue: Issue, copy: Issue) -> None:
    """Copy notes and events, each with its author and time; threads stay threads."""
    threads: dict[str, str] = {}
    for note in session.scalars(select(Note).where(Note.issue_id == issue.id).order_by(Note.id)):
        thread = threads.setdefault(note.discussion_id, new_discussion())
        session.add(
            Note(issue_id=copy.id, author_id=note.author_id, body=note.body, system=note.system,
                 internal=note.internal, type=note.type, discussion_id=thread,
                 created_at=note.created_at, updated_at=note.updated_at)
        )  # fmt: skip
    for event in session.scalars(
        select(Event).where(Event.issue_id == issue.id).order_by(Event.id)
    ):
        session.add(
            Event(kind=event.kind, issue_id=copy.id, user_id=event.user_id,
                  action=event.action, label_id=event.label_id,
                  milestone_id=event.milestone_id, weight=event.weight,
                  created_at=event.created_at)
        )  # fmt: skip
    session.flush()


def copy_reactions(session: Session, issue: Issue, copy: Issue) -> None:
    """Copy the reactions to the issue itself."""
    own = (AwardEmoji.issue_id == issue.id) & AwardEmoji.note_id.is_(None)
    for award in session.scalars(select(AwardEmoji).where(own).order_by(AwardEmoji.id)):
        session.add(
            AwardEmoji(name=award.name, user_id=award.user_id, issue_id=copy.id,
                       created_at=award.created_at, updated_at=award.updated_at)
        )  # fmt: skip
    copy.upvotes, copy.downvotes = issue.upvotes, issue.downvotes

"""Relations between issues, with the notes that they leave on both and the counts of blockers."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from automation.sandbox.access import GUEST, Access
from automation.sandbox.issue_edit import Editor
from automation.sandbox.moving import reference
from automation.sandbox.schema import Issue
from automation.sandbox.schema_issues import IssueLink

MOST = 100


def allowed(access: Access, issue: Issue) -> bool:
    """Members, Guests too, relate issues that they see; of both projects, if there are two."""
    project = issue.project
    member = access.project_level(project) >= GUEST
    return member and not project.read_only and access.reads_issue(issue)


def refusal(session: Session, issue: Issue, target: Issue) -> str:
    """Why the two cannot be related; empty when they can."""
    if issue.id == target.id:
        return "cannot be related to itself"
    if max(count(session, row) for row in (issue, target)) >= MOST:
        return f"This issue would exceed the maximum number of linked issues ({MOST})."
    return ""


def between(session: Session, one: Issue, other: Issue) -> IssueLink | None:
    """The relation of two issues, whichever way round."""
    pairs = or_(
        (IssueLink.source_id == one.id) & (IssueLink.target_id == other.id),
        (IssueLink.source_id == other.id) & (IssueLink.target_id == one.id),
    )
    return session.scalar(select(IssueLink).where(pairs))


def kind(link: IssueLink, seen_from: Issue) -> str:
    """``link_type`` as the API shows it on that issue."""
    if link.link_type == "blocks" and link.target_id == seen_from.id:
        return "is_blocked_by"
    return link.link_type


def count(session: Session, issue: Issue) -> int:
    """How many relations an issue has."""
    wanted = or_(IssueLink.source_id == issue.id, IssueLink.target_id == issue.id)
    return session.scalar(select(func.count()).select_from(IssueLink).where(wanted)) or 0


def relate(session: Session, pen: Editor, one: Issue, other: Issue, link_type: str) -> IssueLink:
    """Save a relation of two issues that have none, and tell it on both."""
    source, target = (other, one) if link_type == "is_blocked_by" else (one, other)
    blocks = link_type != "relates_to"
    link = IssueLink(
        source_id=source.id, target_id=target.id, link_type="blocks" if blocks else "relates_to",
        created_at=pen.now, updated_at=pen.now,
    )  # fmt: skip
    link.source, link.target = source, target
    session.add(link)
    for here, there, word in ((source, target, "blocking"), (target, source, "blocked by")):
        told = word if blocks else "related to"
        pen.touch(here, f"marked this issue as {told} {reference(there, here.project)}")
    session.flush()
    recount(session, source)
    return link


def part(session: Session, pen: Editor, link: IssueLink) -> None:
    """Delete a relation, and tell it on both issues."""
    source, target = link.source, link.target
    for here, there in ((source, target), (target, source)):
        pen.touch(here, f"removed the relation with {reference(there, here.project)}")
    session.delete(link)
    session.flush()
    recount(session, source)


def recount(session: Session, issue: Issue) -> None:
    """Count anew how many open issues this one blocks."""
    blocked = (
        select(func.count())
        .select_from(IssueLink)
        .join(Issue, Issue.id == IssueLink.target_id)
        .where(IssueLink.source_id == issue.id, IssueLink.link_type == "blocks")
        .where(Issue.state == "opened")
    )
    issue.blocking_count = session.scalar(blocked) or 0

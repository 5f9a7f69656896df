"""What a change does to an issue: fields, system notes, resource events, ``updated_at``.

Every way of changing an issue ends here, so an edit by ``PUT``, by a quick action or by a
move leaves the same traces. As in GitLab, titles, descriptions, ticks, assignees, dates,
locks, estimates and confidentiality leave notes; labels, states, milestones and weights leave
events instead.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.sandbox import durations, labelling, tasks, title_diff
from automation.sandbox.errors import invalid
from automation.sandbox.schema import Event, Issue, Label, Milestone, Note, User
from automation.sandbox.schema_issues import IssueLink

TITLE_MAX = 255
DESCRIPTION_MAX = 1_048_576
# What GitLab's notes call them (``app/models/issuable_severity.rb``).
SEVERITIES = {
    "unknown": "Unknown", "low": "Low - S4", "medium": "Medium - S3", "high": "High - S2",
    "critical": "Critical - S1",
}  # fmt: skip


class Changes(TypedDict, total=False):
    """What is to be changed; absent keys stay as they are."""

    title: str
    description: str | None
    labels: list[Label]
    assignees: list[User]
    start_date: str | None
    due_date: str | None
    confidential: bool
    discussion_locked: bool | None
    milestone: Milestone | None
    state_event: str
    weight: int | None
    issue_type: str
    severity: str
    time_estimate: int


def sentence(names: list[str]) -> str:
    """``a``, ``a and b``, ``a, b, and c``."""
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def long_date(iso: str) -> str:
    """``November 30, 2026``."""
    day = date.fromisoformat(iso)
    return f"{day:%B} {day.day}, {day.year}"


class Editor:
    """Changes issues on behalf of a user at a moment."""

    def __init__(self, session: Session, actor: User, now: str, *, premium: bool) -> None:
        self._session = session
        self._actor = actor
        self._now = now
        self._premium = premium

    @property
    def now(self) -> str:
        """The moment at which it changes things."""
        return self._now

    def touch(self, issue: Issue, body: str) -> None:
        """Let the system write about something, which makes the issue an updated one."""
        self.system_note(issue, body)
        issue.updated_at = max(issue.updated_at, self._now)

    def system_note(self, issue: Issue, body: str) -> None:
        """Let the system write about what the actor did."""
        self._session.add(
            Note(issue_id=issue.id, author_id=self._actor.id, body=body, system=True,
                 created_at=self._now, updated_at=self._now)
        )  # fmt: skip

    def _event(self, issue: Issue, kind: str, action: str, **what: int | None) -> None:
        self._session.add(
            Event(kind=kind, issue_id=issue.id, user_id=self._actor.id, action=action,
                  created_at=self._now, **what)
        )  # fmt: skip

    def check(self, changes: Changes) -> None:
        """Refuse what GitLab's model refuses.

        Raises:
            ApiError: 400, with GitLab's messages by field.
        """
        errors: dict[str, list[str]] = {}
        if "title" in changes:
            title = changes["title"]
            if not title.strip():
                errors["title"] = ["can't be blank"]
            elif len(title) > TITLE_MAX:
                errors["title"] = [f"is too long (maximum is {TITLE_MAX} characters)"]
        if len(changes.get("description") or "") > DESCRIPTION_MAX:
            errors["description"] = [f"is too long (maximum is {DESCRIPTION_MAX} characters)"]
        if self._premium and (changes.get("weight") or 0) < 0:
            errors["weight"] = ["must be greater than or equal to 0"]
        if errors:
            raise invalid(errors)

    def new(self, issue: Issue, changes: Changes) -> None:
        """Complete an issue that was just saved: labels, people, dates and their traces."""
        self._assignees(issue, changes)
        self._dates(issue, changes)
        self._milestone(issue, changes)
        self._labels(issue, changes)
        issue.confidential = changes.get("confidential", False)
        issue.discussion_locked = changes.get("discussion_locked")
        self._weight(issue, changes)
        self._estimate(issue, changes)
        if issue.issue_type == "incident":
            issue.severity = changes.get("severity", "unknown")
        self._session.flush()

    def edit(self, issue: Issue, changes: Changes) -> bool:
        """Apply changes to a saved issue; whether anything changed."""
        self.check(changes)
        steps = (
            self._title, self._description, self._lock, self._dates, self._confidential,
            self._assignees, self._milestone, self._labels, self._state, self._weight,
            self._type, self._severity, self._estimate,
        )  # fmt: skip
        # All of them, so no generator: `any` would stop at the first that changed something.
        made = [step(issue, changes) for step in steps]
        changed = any(made)
        if changed:
            issue.updated_at = max(issue.updated_at, self._now)
        self._session.flush()
        return changed

    def _title(self, issue: Issue, changes: Changes) -> bool:
        title = changes.get("title", issue.title).strip()
        if title == issue.title:
            return False
        self.system_note(issue, title_diff.note(issue.title, title))
        issue.title = title
        return True

    def _description(self, issue: Issue, changes: Changes) -> bool:
        if "description" not in changes or changes["description"] == issue.description:
            return False
        old, new = issue.description, changes["description"]
        ticks = tasks.toggled(old, new)
        for item in ticks:
            self.system_note(issue, tasks.note(item))
        if not ticks:
            self.system_note(issue, "changed the description")
        issue.description = new
        issue.task_count, issue.task_done = tasks.count(new)
        return True

    def _lock(self, issue: Issue, changes: Changes) -> bool:
        locked = changes.get("discussion_locked", issue.discussion_locked)
        if bool(locked) == bool(issue.discussion_locked):
            return False
        word = "locked" if locked else "unlocked"
        self.system_note(issue, f"{word} the discussion in this issue")
        issue.discussion_locked = locked
        return True

    def _dates(self, issue: Issue, changes: Changes) -> bool:
        wanted = {
            "start": (issue.start_date, changes.get("start_date", issue.start_date)),
            "due": (issue.due_date, changes.get("due_date", issue.due_date)),
        }
        told = [
            f"changed {name} date to {long_date(new)}"
            if new
            else f"removed {name} date {long_date(old or '')}"
            for name, (old, new) in wanted.items()
            if old != new
        ]
        if told:
            self.system_note(issue, " and ".join(told))
        issue.start_date, issue.due_date = wanted["start"][1], wanted["due"][1]
        return bool(told)

    def _confidential(self, issue: Issue, changes: Changes) -> bool:
        secret = changes.get("confidential", issue.confidential)
        if secret == issue.confidential:
            return False
        words = "confidential" if secret else "visible to everyone"
        self.system_note(issue, f"made the issue {words}")
        issue.confidential = secret
        return True

    def _assignees(self, issue: Issue, changes: Changes) -> bool:
        if "assignees" not in changes:
            return False
        wanted = changes["assignees"][: None if self._premium else 1]
        added = [user for user in wanted if user not in issue.assignees]
        removed = [user for user in issue.assignees if user not in wanted]
        parts = []
        if added:
            parts.append(f"assigned to {sentence([f'@{u.username}' for u in added])}")
        if removed:
            parts.append(f"unassigned {sentence([f'@{u.username}' for u in removed])}")
        if not parts:
            return False
        self.system_note(issue, " and ".join(parts))
        issue.assignees = sorted(wanted, key=lambda user: user.id)
        return True

    def _milestone(self, issue: Issue, changes: Changes) -> bool:
        wanted = changes.get("milestone", issue.milestone)
        if wanted is issue.milestone:
            return False
        if issue.milestone is not None:
            self._event(issue, "milestone", "remove", milestone_id=issue.milestone.id)
        if wanted is not None:
            self._event(issue, "milestone", "add", milestone_id=wanted.id)
        issue.milestone = wanted
        return True

    def _labels(self, issue: Issue, changes: Changes) -> bool:
        if "labels" not in changes:
            return False
        wanted = list(dict.fromkeys(changes["labels"]))
        added = [label for label in wanted if label not in issue.labels]
        if self._premium:
            wanted = labelling.exclusive(wanted, added)
            added = [label for label in added if label in wanted]
        removed = [label for label in issue.labels if label not in wanted]
        for label in added:
            self._event(issue, "label", "add", label_id=label.id)
        for label in removed:
            self._event(issue, "label", "remove", label_id=label.id)
        if added or removed:
            issue.labels = wanted
        return bool(added or removed)

    def _state(self, issue: Issue, changes: Changes) -> bool:
        wanted = {"close": "closed", "reopen": "opened"}.get(changes.get("state_event", ""))
        if wanted is None or wanted == issue.state:
            return False
        issue.state = wanted
        closed = wanted == "closed"
        issue.closed_at = self._now if closed else None
        issue.closed_by = self._actor if closed else None
        self._event(issue, "state", "closed" if closed else "reopened")
        self._unblock(issue, -1 if closed else 1)
        return True

    def _unblock(self, issue: Issue, step: int) -> None:
        """Those that block the issue block one open issue less, or more."""
        blockers = select(IssueLink.source_id).where(
            IssueLink.target_id == issue.id, IssueLink.link_type == "blocks"
        )
        rows = self._session.scalars(select(Issue).where(Issue.id.in_(blockers)))
        for blocker in rows:
            blocker.blocking_count += step

    def _weight(self, issue: Issue, changes: Changes) -> bool:
        weight = changes.get("weight", issue.weight) if self._premium else issue.weight
        if weight == issue.weight:
            return False
        self._event(issue, "weight", "", weight=weight)
        issue.weight = weight
        return True

    def _type(self, issue: Issue, changes: Changes) -> bool:
        old, new = issue.issue_type, changes.get("issue_type", issue.issue_type)
        if new == old:
            return False
        issue.issue_type = new
        names = [kind.replace("_", " ") for kind in (old, new)]
        self.system_note(issue, f"changed type from {names[0]} to {names[1]}")
        return True

    def _severity(self, issue: Issue, changes: Changes) -> bool:
        """Only incidents have one."""
        severity = changes.get("severity", issue.severity)
        if issue.issue_type != "incident" or severity == issue.severity:
            return False
        issue.severity = severity
        self.system_note(issue, f"changed the severity to **{SEVERITIES[severity]}**")
        return True

    def _estimate(self, issue: Issue, changes: Changes) -> bool:
        estimate = changes.get("time_estimate", issue.time_estimate)
        if estimate == issue.time_estimate:
            return False
        said = f"changed time estimate to {durations.spoken(estimate)}"
        self.system_note(issue, said if estimate else "removed time estimate")
        issue.time_estimate = estimate
        return True

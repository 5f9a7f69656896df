"""Does changes in GitLab, each with as few writes as it takes.

A note and its quick actions travel together, so that a transition is told once (law 4).
Answers are read again to see whether GitLab did what it was asked: it drops what the
token may not do without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import gitlab

from automation.errors import OutcomeUnknown, Refused, RemoteError
from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    RemoveLabel,
    Target,
    Transition,
)
from automation.remote.calls import Calls, quoted
from automation.remote.fields import Fields
from automation.remote.pacing import Pacer
from automation.remote.provisioner import Provisioner, check_labels

_LONGEST_NOTE = 1_000_000
_NOT_SENT = 0
_STATES = {"close": "closed", "reopen": "opened"}
_UNSPOKEN = re.compile(r'["`<>@]|[^\S ]|[\x00-\x1f\x7f-\x9f]')
"""What would end a label's name or begin something else; such a label is changed after the note."""


class GitLabWriter:
    """The `Writer` of a real GitLab. Raises as `ports.Writer` says."""

    def __init__(self, gl: gitlab.Gitlab, pacer: Pacer) -> None:
        self._calls = Calls(gl, pacer)
        self._provisioner = Provisioner(self._calls)

    def create_issue(self, change: CreateIssue) -> str:
        """Open an issue, and see that it is as confidential as it should be."""
        check_labels(change.labels)
        made = self._calls.post(f"/projects/{change.project_id}/issues", _new_issue(change))
        url = made.text("web_url")
        if made.flag("confidential") != change.confidential:
            wanted = "confidential" if change.confidential else "open to all members"
            raise Refused(
                f"{url} was created, but GitLab did not make it {wanted}",
                "Set its confidentiality by hand, and give the token's user the role Planner "
                "or above in the project.",
                status=201,
            )
        lacking = set(change.assignee_ids) - set(_assignees(made))
        if lacking:
            names = " ".join(f"@{name}" for name in change.assignees)
            raise Refused(
                f"{url} was created, but GitLab did not assign it to {names}",
                "Add them to the project as a member, and assign it by hand.",
                status=201,
            )
        return url

    def transition(self, change: Transition) -> str:
        """Change an issue, with a note where there is something to say; move it at the end."""
        unfit = (name for name in change.remove_labels if "," in name or not name.strip())
        check_labels((*change.add_labels, *unfit))
        project_id = self._project_id(change.move_to) if change.move_to else None
        url = self._told(change) if change.say else self._untold(change)
        return url if project_id is None else self._move(change, project_id)

    def _untold(self, change: Transition) -> str:
        self._update(change.target, _updates(change))
        return change.target.web_url

    def _told(self, change: Transition) -> str:
        body = note_body(change)
        if len(body) > _LONGEST_NOTE:
            raise Refused("The note is longer than GitLab takes", status=_NOT_SENT)
        note = self._say(change, body)
        url = f"{change.target.web_url}#note_{note.number('id')}"
        self._make_up(change, note, url)
        return url

    def _say(self, change: Transition, body: str) -> Fields:
        """Write the note. Source: GitLab's documentation, "Notes API", "Discussions API"."""
        if not change.thread:
            internal = {"internal": True} if change.internal else {}
            return self._calls.post(f"{_issue(change.target)}/notes", {"body": body, **internal})
        thread = self._calls.post(f"{_issue(change.target)}/discussions", {"body": body})
        return thread.each("notes")[0]

    def _project_id(self, path: str) -> int:
        answer = self._calls.get(f"/projects/{quoted(path)}", {})
        return Fields(answer.data, f"the project {path}").number("id")

    def _move(self, change: Transition, project_id: int) -> str:
        """Move the issue; what is left behind is closed. Source: "Issues API", "Move an issue"."""
        moved = self._calls.post(f"{_issue(change.target)}/move", {"to_project_id": project_id})
        if moved.number("project_id") != project_id:
            raise Refused(
                f"GitLab took the move of {change.target.reference}, but it is not in "
                f"{change.move_to}",
                "Move it by hand.",
                status=201,
            )
        return moved.text("web_url")

    def ensure_label(self, change: EnsureLabel) -> str:
        """Create or update a label of a group."""
        return self._provisioner.ensure_label(change)

    def prioritize_label(self, change: PrioritizeLabel) -> str:
        """Give a label its priority in a project."""
        return self._provisioner.prioritize_label(change)

    def remove_label(self, change: RemoveLabel) -> str:
        """Delete a label of a group."""
        return self._provisioner.remove_label(change)

    def ensure_board(self, change: EnsureBoard) -> str:
        """Create a board or what it lacks, and put its lists in order."""
        return self._provisioner.ensure_board(change)

    def ensure_schedule(self, change: EnsureSchedule) -> str:
        """Create a pipeline schedule, or change what differs."""
        return self._provisioner.ensure_schedule(change)

    def _make_up(self, change: Transition, note: Fields, url: str) -> None:
        """Do without a word what the note's quick actions did not do."""
        missing = _missing(change, note)
        if not missing:
            return
        said = f"The note {url} was written, but its quick actions did not all run, and then: "
        try:
            self._update(change.target, missing)
        except Refused as error:
            raise Refused(said + error.message, error.remedy, status=error.status) from error
        except RemoteError as error:
            raise OutcomeUnknown(said + error.message, error.remedy) from error

    def _update(self, target: Target, updates: dict[str, Any]) -> None:
        if not updates:
            return
        issue = self._calls.put(_issue(target), updates)
        wrong = next(_undone(updates, issue), "")
        if wrong:
            raise Refused(
                f"GitLab took the change of {target.reference}, but {wrong}",
                "Give the token's user the role Planner or above in the project.",
                status=200,
            )


def note_body(change: Transition) -> str:
    """What is said, the hidden marker, and the quick actions, in paragraphs of their own."""
    paragraphs = (change.say.rstrip(), change.marker, "\n".join(_quick_actions(change)))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _quick_actions(change: Transition) -> list[str]:
    # A bare `/unlabel` would take every label off, so no names means no line.
    lines = [
        f"{command} {' '.join(_reference(name) for name in names)}"
        for command, labels in (("/label", change.add_labels), ("/unlabel", change.remove_labels))
        if (names := [label for label in labels if not _UNSPOKEN.search(label)])
    ]
    if change.assign is not None:
        # `/reassign` is of paid tiers; where several may be assigned, `/assign` only adds.
        lines += ["/unassign", f"/assign @{change.assign.username}"]
    if change.milestone is not None and not _UNSPOKEN.search(change.milestone.title):
        lines.append(f'/milestone %"{change.milestone.title}"')
    if change.due_date is not None:
        lines.append(f"/due {change.due_date}")
    return [*lines, f"/{_state_event(change)}"] if _state_event(change) else lines


def _state_event(change: Transition) -> str:
    return "close" if change.close else "reopen" if change.reopen else ""


def _reference(label: str) -> str:
    return f'~"{label}"'


def _updates(change: Transition) -> dict[str, Any]:
    updates: dict[str, Any] = {
        "add_labels": ",".join(change.add_labels),
        "remove_labels": ",".join(change.remove_labels),
        "state_event": _state_event(change),
        "assignee_ids": [change.assign.id] if change.assign else [],
        "milestone_id": change.milestone.id if change.milestone else None,
        "due_date": change.due_date.isoformat() if change.due_date else "",
    }
    return {name: value for name, value in updates.items() if value}


def _missing(change: Transition, note: Fields) -> dict[str, Any]:
    """The updates that the note's answer does not show as carried out.

    Source: GitLab's `lib/gitlab/quick_actions/issuable_actions.rb`; ids of labels that
    do not exist are left out there, hence the counting.
    """
    done = note.optional("commands_changes", note.within)
    ran = {
        "add_labels": _counted(done, "add_label_ids") >= len(set(change.add_labels)),
        "remove_labels": _counted(done, "remove_label_ids") >= len(set(change.remove_labels)),
    }
    return {
        name: value
        for name, value in _updates(change).items()
        if not ran.get(name, done is not None and done.has(name))
    }


def _counted(done: Fields | None, name: str) -> int:
    return done.length(name) if done is not None and done.has(name) else 0


def _undone(updates: dict[str, Any], issue: Fields) -> Iterator[str]:
    """What of the updates the issue does not show."""
    labels = set(issue.texts("labels"))
    lacking = _names(updates, "add_labels") - labels
    left = _names(updates, "remove_labels") & labels
    if lacking:
        yield f"the issue does not bear {', '.join(sorted(lacking))}"
    if left:
        yield f"the issue still bears {', '.join(sorted(left))}"
    event = updates.get("state_event")
    if event and issue.text("state") != _STATES[event]:
        yield f"the issue is still {'open' if event == 'close' else 'closed'}"
    if "assignee_ids" in updates and _assignees(issue) != updates["assignee_ids"]:
        yield "the issue was not assigned"
    if "milestone_id" in updates and _milestone(issue) != updates["milestone_id"]:
        yield "the issue did not get the milestone"
    if "due_date" in updates and issue.optional("due_date", issue.text) != updates["due_date"]:
        yield "the issue did not get the due date"


def _milestone(issue: Fields) -> int | None:
    milestone = issue.optional("milestone", issue.within)
    return milestone.number("id") if milestone else None


def _assignees(issue: Fields) -> list[int]:
    return [person.number("id") for person in issue.each("assignees")]


def _names(updates: dict[str, Any], name: str) -> set[str]:
    return set(updates[name].split(",")) if name in updates else set()


def _new_issue(change: CreateIssue) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": change.title,
        "description": change.description,
        "labels": ",".join(change.labels),
        "confidential": change.confidential,
    }
    if change.assignee_ids:
        data["assignee_ids"] = list(change.assignee_ids)
    if change.due_date is not None:
        data["due_date"] = change.due_date.isoformat()
    return data


def _issue(target: Target) -> str:
    return f"/projects/{target.project_id}/issues/{target.iid}"

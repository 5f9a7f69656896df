"""Does changes in GitLab, each with as few writes as it takes.

A note and its quick actions travel together, so that a transition is told once (law 4).
Answers are read again to see whether GitLab did what it was asked: it drops what the
token may not do without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gitlab

from automation.errors import OutcomeUnknown, Refused, RemoteError
from automation.model.change import CreateIssue, EnsureBoard, EnsureLabel, Target, Transition
from automation.remote.calls import Calls, quoted
from automation.remote.fields import Fields
from automation.remote.pacing import Pacer
from automation.remote.pages import read_all
from automation.remote.sections import labels_listing

_LONGEST_NOTE = 1_000_000
_NOT_SENT = 0
_NOT_FOUND = 404
_BREAKS = ('"', ",", "\n", "\r")


class GitLabWriter:
    """The `Writer` of a real GitLab. Raises as `ports.Writer` says."""

    def __init__(self, gl: gitlab.Gitlab, pacer: Pacer) -> None:
        self._calls = Calls(gl, pacer)

    def create_issue(self, change: CreateIssue) -> str:
        """Open an issue, and see that it is as confidential as it should be."""
        _check_labels(change.labels)
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
        """Change labels and state, with a note where there is something to say."""
        _check_labels(change.add_labels + change.remove_labels)
        if not change.say:
            self._update(change.target, _updates(change))
            return change.target.web_url
        body = note_body(change)
        if len(body) > _LONGEST_NOTE:
            raise Refused("The note is longer than GitLab takes", status=_NOT_SENT)
        note = self._calls.post(f"{_issue(change.target)}/notes", {"body": body})
        url = f"{change.target.web_url}#note_{note.number('id')}"
        self._make_up(change, note, url)
        return url

    def ensure_label(self, change: EnsureLabel) -> str:
        """Create or update a label of a group."""
        _check_labels((change.name,))
        path = f"/groups/{quoted(change.group)}/labels"
        look = {"color": change.color, "description": change.description}
        if change.before is None:
            self._calls.post(path, {"name": change.name, **look})
        else:
            self._update_label(f"{path}/{quoted(change.name)}", look)
        return f"{self._calls.base_url}/groups/{change.group}/-/labels"

    def ensure_board(self, change: EnsureBoard) -> str:
        """Create a board or the lists that it lacks."""
        home = "groups" if change.in_group else "projects"
        path = f"/{home}/{quoted(change.place)}/boards"
        ids = self._label_ids(change)
        board = change.before
        if board is None:
            board = self._calls.post(path, {"name": change.name}).number("id")
        for label_id in ids:
            self._calls.post(f"{path}/{board}/lists", {"label_id": label_id})
        group = "groups/" if change.in_group else ""
        return f"{self._calls.base_url}/{group}{change.place}/-/boards/{board}"

    def _update_label(self, path: str, look: dict[str, Any]) -> None:
        try:
            self._calls.put(path, look)
        except Refused as error:
            if error.status != _NOT_FOUND:
                raise
            remedy = "The label may belong to a group above this one: change it there."
            raise Refused(error.message, remedy, status=_NOT_FOUND) from error

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
        wrong = _undone(updates, issue)
        if wrong:
            raise Refused(
                f"GitLab took the change of {target.reference}, but {wrong}",
                "Give the token's user the role Planner or above in the project.",
                status=200,
            )

    def _label_ids(self, change: EnsureBoard) -> list[int]:
        if not change.missing:
            return []
        # The labels' group comes last: its labels win over a project's of the same name.
        ids = {} if change.in_group else self._ids_by_name(change.place, in_group=False)
        ids |= self._ids_by_name(change.labels_group, in_group=True)
        unknown = [name for name in change.missing if name not in ids]
        if unknown:
            raise Refused(
                f"The board {change.name} needs labels that do not exist: {', '.join(unknown)}",
                "Run `drumbeat setup`: it makes labels before boards.",
                status=_NOT_SENT,
            )
        return [ids[name] for name in change.missing]

    def _ids_by_name(self, place: str, *, in_group: bool) -> dict[str, int]:
        labels = read_all(self._calls, labels_listing(place, in_group=in_group))
        return {label.text("name"): label.number("id") for label in labels}


def note_body(change: Transition) -> str:
    """What is said, the hidden marker, and the quick actions, in paragraphs of their own."""
    paragraphs = (change.say.rstrip(), change.marker, "\n".join(_quick_actions(change)))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _quick_actions(change: Transition) -> list[str]:
    # A bare `/unlabel` would take every label off, so no names means no line.
    lines = [
        f"{command} {' '.join(_reference(name) for name in names)}"
        for command, names in (("/label", change.add_labels), ("/unlabel", change.remove_labels))
        if names
    ]
    if change.assign is not None:
        lines.append(f"/reassign @{change.assign.username}")
    return [*lines, "/close"] if change.close else lines


def _reference(label: str) -> str:
    return f'~"{label}"'


def _updates(change: Transition) -> dict[str, Any]:
    updates: dict[str, Any] = {
        "add_labels": ",".join(change.add_labels),
        "remove_labels": ",".join(change.remove_labels),
        "state_event": "close" if change.close else "",
        "assignee_ids": [change.assign.id] if change.assign else [],
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
        "state_event": done is not None and done.has("state_event"),
        "assignee_ids": done is not None and done.has("assignee_ids"),
    }
    return {name: value for name, value in _updates(change).items() if not ran[name]}


def _counted(done: Fields | None, name: str) -> int:
    return done.length(name) if done is not None and done.has(name) else 0


def _undone(updates: dict[str, Any], issue: Fields) -> str:
    """What of the updates the issue does not show; empty where all is well."""
    labels = set(issue.texts("labels"))
    lacking = _names(updates, "add_labels") - labels
    left = _names(updates, "remove_labels") & labels
    if lacking:
        return f"the issue does not bear {', '.join(sorted(lacking))}"
    if left:
        return f"the issue still bears {', '.join(sorted(left))}"
    if "state_event" in updates and issue.text("state") != "closed":
        return "the issue is still open"
    if "assignee_ids" in updates and _assignees(issue) != updates["assignee_ids"]:
        return "the issue was not assigned"
    return ""


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


def _check_labels(names: Iterable[str]) -> None:
    """Refuse names that would mean something else in a quick action, a list or a path."""
    for name in names:
        if not name.strip(" .") or any(mark in name for mark in _BREAKS):
            raise Refused(
                f"Drumbeat does not send the label {name!r}: GitLab would read it as another one",
                "Name labels without quotes, commas and line breaks.",
                status=_NOT_SENT,
            )


def _issue(target: Target) -> str:
    return f"/projects/{target.project_id}/issues/{target.iid}"

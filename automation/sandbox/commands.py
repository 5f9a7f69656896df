"""What quick actions mean: from commands to updates, with GitLab's words about each.

As in GitLab, a command that the caller may not give, or that does not fit the issue's
state, says "Could not apply …" and nothing else happens; a label that does not exist says
nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import or_, select

from automation.sandbox import commands_kind, commands_more, labelling
from automation.sandbox.call import Call
from automation.sandbox.interpretation import Interpretation, Unavailable
from automation.sandbox.issue_edit import sentence
from automation.sandbox.params import parse_date
from automation.sandbox.quick_actions import Command
from automation.sandbox.schema import Issue, Label, Milestone, Project, User

_LABEL_REFERENCE = re.compile(
    r"""~(?:"(.+?)"|([A-Za-z0-9_\-?.&]+(?:::?[A-Za-z0-9_\-?.&]+)*(?<![.?])))"""
)
_BARE_NAME = re.compile(r'"([^"]+)"|([^ ]+)')
_DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}


def interpret(
    call: Call,
    project: Project,
    issue: Issue | None,
    commands: Sequence[Command],
    new_type: str | None = None,
) -> Interpretation:
    """Turn commands into updates; without an issue, those of a description on creation."""
    result = Interpretation(call, project, issue, new_type)
    for command in commands:
        try:
            said = _HANDLERS.get(command.name, _unsupported)(result, command.arg)
        except Unavailable:
            said = f"Could not apply {command.name} command."
        if said:
            result.messages.append(said)
    return result


def _unsupported(_it: Interpretation, _text: str) -> str:
    raise Unavailable


def _find_labels(it: Interpretation, text: str) -> list[Label]:
    pattern = _LABEL_REFERENCE if "~" in text else _BARE_NAME
    names = [quoted or plain for quoted, plain in pattern.findall(text)]
    session = it.call.session
    found = labelling.by_titles(session, it.project, names)
    ids = [int(name) for name in names if name.isdigit() and name not in found]
    by_id = {str(label.id): label for label in labelling.by_ids(session, it.project, ids)}
    chosen = [found.get(name) or by_id.get(name) for name in names]
    return list(dict.fromkeys(label for label in chosen if label is not None))


def _spoken(labels: Sequence[Label]) -> str:
    names = " ".join(
        f"~{label.id}" if '"' in label.title else f'~"{label.title}"' for label in labels
    )
    return f"{names} label{'' if len(labels) == 1 else 's'}"


def _collect(it: Interpretation, key: str, labels: Sequence[Label]) -> None:
    held = it.updates.setdefault(key, [])
    held.extend(label.id for label in labels if label.id not in held)


def _label(it: Interpretation, text: str) -> str:
    it.need_metadata()
    labels = _find_labels(it, text)
    if not labels:
        return ""
    _collect(it, "add_label_ids", labels)
    return f"Added {_spoken(labels)}."


def _bears_labels(it: Interpretation) -> None:
    issue = it.need_saved()
    it.need_metadata()
    if not issue.labels:
        raise Unavailable


def _unlabel(it: Interpretation, text: str) -> str:
    _bears_labels(it)
    if not text:
        it.updates["label_ids"] = []
        return "Removed all labels."
    labels = _find_labels(it, text)
    if not labels:
        return "Removed all labels."  # what GitLab says, though it removes none
    _collect(it, "remove_label_ids", labels)
    return f"Removed {_spoken(labels)}."


def _relabel(it: Interpretation, text: str) -> str:
    _bears_labels(it)
    labels = _find_labels(it, text)
    if not labels:
        return ""
    _collect(it, "label_ids", labels)
    return f"Replaced all labels with {_spoken(labels)}."


def _state(event: str, needed: str, said: str) -> Callable[[Interpretation, str], str]:
    def act(it: Interpretation, _text: str) -> str:
        if it.need_update().state != needed:
            raise Unavailable
        it.updates["state_event"] = event
        return said

    return act


def _title(it: Interpretation, text: str) -> str:
    it.need_update()
    if not text:
        return ""
    it.updates["title"] = text
    return f'Changed the title to "{text}".'


def _users(it: Interpretation, text: str) -> list[User]:
    names = [name.lstrip("@") for name in text.replace(",", " ").split() if name != "and"]
    names = [it.call.me.username if name == "me" else name for name in names]
    found = it.call.session.scalars(select(User).where(User.username.in_(names)))
    by_name = {user.username: user for user in found}
    return [by_name[name] for name in names if name in by_name]


def _handles(users: Sequence[User]) -> str:
    return sentence([f"@{user.username}" for user in users])


def _assign(it: Interpretation, text: str) -> str:
    it.need_metadata()
    if not text:
        return ""
    users = _users(it, text)
    if not users:
        return "Failed to assign a user because no user was found."
    if it.call.premium:
        held = [user.id for user in it.issue.assignees] if it.issue else []
        held = it.updates.get("assignee_ids", held)
        it.updates["assignee_ids"] = list(dict.fromkeys([*held, *(u.id for u in users)]))
        return f"Assigned {_handles(users)}."
    it.updates["assignee_ids"] = [users[0].id]
    return f"Assigned {_handles(users[:1])}."


def _unassign(it: Interpretation, text: str) -> str:
    issue = it.need_saved()
    it.need_metadata()
    if not issue.assignees:
        raise Unavailable
    gone = _users(it, text) if text and it.call.premium else list(issue.assignees)
    it.updates["assignee_ids"] = [u.id for u in issue.assignees if u not in gone]
    noun = "assignee" if len(gone) == 1 else "assignees"
    return f"Removed {noun} {_handles(gone)}."


def _reassign(it: Interpretation, text: str) -> str:
    it.need_saved()
    it.need_metadata()
    if not it.call.premium:
        raise Unavailable
    users = _users(it, text)
    if not users:
        return "Failed to assign a user because no user was found."
    it.updates["assignee_ids"] = [user.id for user in users]
    return f"Reassigned to {_handles(users)}."


def _spoken_date(text: str, today: date) -> date | None:
    words = text.lower().split()
    if words in (["today"], ["tomorrow"]):
        return today + timedelta(days=words == ["tomorrow"])
    if len(words) == 3 and words[0] == "in" and words[1].isdigit() and words[2] in _DAYS:
        return today + timedelta(days=int(words[1]) * _DAYS[words[2]])
    found = parse_date(text)
    return date.fromisoformat(found) if found else None


def _due(it: Interpretation, text: str) -> str:
    it.need_metadata()
    if not text:
        return ""
    day = _spoken_date(text, it.call.store.clock.now().date())
    if day is None:
        return "Failed to set due date because the date format is invalid."
    it.updates["due_date"] = day.isoformat()
    return f"Set the due date to {day:%b} {day.day}, {day.year}."


def _remove_due_date(it: Interpretation, _text: str) -> str:
    issue = it.need_saved()
    it.need_metadata()
    if issue.due_date is None:
        raise Unavailable
    it.updates["due_date"] = None
    return "Removed the due date."


def _confidential(it: Interpretation, _text: str) -> str:
    if it.issue is not None:
        it.need_metadata()
        if it.issue.confidential:
            raise Unavailable
    it.updates["confidential"] = True
    return "Made this issue confidential."


def _lock(locked: bool, said: str) -> Callable[[Interpretation, str], str]:
    def act(it: Interpretation, _text: str) -> str:
        issue = it.need_saved()
        it.need_metadata()
        if bool(issue.discussion_locked) == locked:
            raise Unavailable
        it.updates["discussion_locked"] = locked
        return said

    return act


def _milestone(it: Interpretation, text: str) -> str:
    it.need_metadata()
    title = text.lstrip("%").strip('"')
    if not title:
        return ""
    groups = it.project.namespace.lineage_ids
    row = it.call.session.scalar(
        select(Milestone).where(
            Milestone.title == title,
            or_(Milestone.project_id == it.project.id, Milestone.group_id.in_(groups)),
        )
    )
    if row is None:
        return ""
    it.updates["milestone_id"] = row.id
    return f"Set the milestone to %{row.title}."


def _remove_milestone(it: Interpretation, _text: str) -> str:
    issue = it.need_saved()
    it.need_metadata()
    if issue.milestone is None:
        raise Unavailable
    it.updates["milestone_id"] = None
    return f"Removed %{issue.milestone.title} milestone."


def _duplicate(it: Interpretation, text: str) -> str:
    issue = it.need_saved()
    it.need_metadata()
    originals = it.referenced(text)
    if not originals:
        return "Failed to mark this issue as a duplicate because referenced item was not found."
    original = originals[0]
    if original.id == issue.id:
        return "Failed to mark this item as a duplicate of itself."
    it.updates["canonical_issue_id"] = original.id
    reference = f"{original.project.full_path}#{original.iid}"
    return f"Closed this issue. Marked as related to, and a duplicate of, {reference}."


_HANDLERS: dict[str, Callable[[Interpretation, str], str]] = {
    **commands_kind.HANDLERS,
    **commands_more.HANDLERS,
    "assign": _assign,
    "close": _state("close", "opened", "Closed this issue."),
    "confidential": _confidential,
    "due": _due,
    "duplicate": _duplicate,
    "label": _label,
    "lock": _lock(True, "Locked the discussion."),
    "milestone": _milestone,
    "reassign": _reassign,
    "relabel": _relabel,
    "remove_due_date": _remove_due_date,
    "remove_milestone": _remove_milestone,
    "reopen": _state("reopen", "closed", "Reopened this issue."),
    "title": _title,
    "unassign": _unassign,
    "unlabel": _unlabel,
    "unlock": _lock(False, "Unlocked the discussion."),
}

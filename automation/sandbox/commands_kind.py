"""Quick actions that move, clone, or make something else of an issue.

Sources: ``lib/gitlab/quick_actions/issue_actions.rb`` and ``issuable_actions.rb``. ``/type`` is
for what GitLab calls work items; to an issue, as this interface has it, it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from automation.sandbox.interpretation import Interpretation, Unavailable
from automation.sandbox.schema import Project, at_path

Handler = Callable[[Interpretation, str], str]
_SEVERITIES = {
    "unknown": ("unknown", "0"),
    "low": ("low", "s4", "4"),
    "medium": ("medium", "s3", "3"),
    "high": ("high", "s2", "2"),
    "critical": ("critical", "s1", "1"),
}


def _target(it: Interpretation, path: str) -> Project | None:
    """The project of that path, whether or not the caller sees it."""
    return it.call.session.scalar(select(Project).where(at_path(Project.full_path, path)))


def _goes_there(it: Interpretation, word: str, done: str, path: str) -> tuple[Project | None, str]:
    """Where the issue may go, and what is to be said about it."""
    target, access = _target(it, path), it.call.access
    if target is None:
        lacks = "Target project or group doesn't exist or doesn't support this item type."
        return None, f"Unable to {word}. {lacks}"
    if not (access.manages_issues(target) and access.uses_issues(target)):
        return None, f"Unable to {word}. Insufficient permissions."
    return target, f"{done} this item to {path}."


def _move(it: Interpretation, text: str) -> str:
    it.need_saved()
    it.need_metadata()
    if not text:
        return ""
    target, said = _goes_there(it, "move", "Moved", text)
    if target is not None:
        it.further["move_to_id"] = target.id
    return said


def _clone(it: Interpretation, text: str) -> str:
    it.need_saved()
    it.need_metadata()
    words = text.split()
    with_notes = "--with_notes" in words
    paths = [word for word in words if word != "--with_notes"]
    if len(paths) > 1:
        return "Failed to clone this item: wrong parameters."
    target, said = _goes_there(it, "clone", "Cloned", paths[0] if paths else it.project.full_path)
    if target is not None:
        it.further["clone_to_id"] = target.id
        it.updates["clone_with_notes"] = with_notes
    return said


def _severity(it: Interpretation, text: str) -> str:
    if it.issue is not None and it.kind != "incident":
        raise Unavailable
    if not text or it.kind != "incident":
        return ""
    for name, words in _SEVERITIES.items():
        if text.lower() in words:
            # GitLab says so to everyone, but does it only for those who may.
            if it.issue is None or it.call.access.sets_metadata(it.issue):
                it.further["severity"] = name
            return f"Severity updated to {name.capitalize()}."
    return "No severity matches the provided parameter"


def _promote(it: Interpretation, _text: str) -> str:
    it.need_metadata()
    if it.kind == "incident":
        raise Unavailable
    it.further["issue_type"] = "incident"
    return "Issue has been promoted to incident"


HANDLERS: dict[str, Handler] = {
    "clone": _clone,
    "move": _move,
    "promote_to_incident": _promote,
    "severity": _severity,
}

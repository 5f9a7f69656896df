"""One thing that is wrong: why, what comes of it, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from automation.errors import Refused, RemoteError
from automation.inert import plain
from automation.model.base import Fact
from automation.model.questions import (
    AccessTo,
    IssuesOf,
    ProjectAt,
    Question,
    UserNamed,
    WhichToken,
)
from automation.model.snapshot import NotReadable

UNAUTHORISED = 401
SHOWN = 8
"""So many names are listed; of more, only the number is told."""


class Severity(StrEnum):
    """How bad it is: something does not work, or soon will not, or may be on purpose."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Finding(Fact):
    """What is wrong. `key` names it to machines, and what it is about after a colon.

    Titles of issues stand in none of it: they may be confidential.
    """

    key: str
    severity: Severity
    title: str
    cause: str
    consequence: str
    remedy: str


def unreachable(error: RemoteError) -> Finding:
    """What stopped the whole examination."""
    refused = isinstance(error, Refused) and error.status == UNAUTHORISED
    return Finding(
        key="token-refused" if refused else "gitlab-unreadable",
        severity=Severity.ERROR,
        title="GitLab does not take the token" if refused else "GitLab cannot be read",
        cause=error.message,
        consequence="Nothing opens, reminds or closes, and nothing else could be looked at.",
        remedy=(
            "Make a new token with the scope `api` and put it into DRUMBEAT_TOKEN."
            if refused
            else error.remedy or "Run `drumbeat doctor` again; if it stays, ask whoever runs it."
        ),
    )


def unread(
    error: NotReadable,
    about: str = "",
    consequence: str = "It was not looked at.",
    severity: Severity = Severity.WARNING,
) -> Finding:
    """What GitLab did not show, so that nothing can be said of it; `about` names it better."""
    question, why = error.question, error.why
    if isinstance(question, AccessTo | IssuesOf) and severity is Severity.WARNING:
        severity, consequence = Severity.ERROR, "Runs do not know what exists, and open nothing."
    return Finding(
        key=f"unreadable:{about or _about(question)}",
        severity=severity,
        title=f"GitLab does not show {about or _about(question)}",
        cause=plain(why.reason),
        consequence=consequence,
        remedy=why.remedy or "Give the token's user the role Planner or above there.",
    )


def _about(question: Question) -> str:
    match question:
        case WhichToken():
            return "what the token may do"
        case AccessTo(group):
            return f"the projects of {group}"
        case IssuesOf(query):
            return f"the issues of {query.place}"
        case ProjectAt(path):
            return f"the project {path}"
        case UserNamed(username):
            return f"the user @{username}"
    return "all that was asked"


def listed(names: Iterable[object]) -> str:
    """The first of the names, in order, and how many more there are."""
    found = [plain(name) for name in names]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more

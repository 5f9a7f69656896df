"""What is known while quick actions are read: for whom, about which issue, and what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from automation.sandbox.access import GUEST
from automation.sandbox.call import Call
from automation.sandbox.schema import Issue, Project, at_path

_REFERENCE = re.compile(r"([\w./-]+)?#(\d+)")


class Unavailable(Exception):  # GitLab's word for it
    """The command cannot be given here and now."""


@dataclass
class Interpretation:
    """What commands came to.

    ``updates`` is what GitLab shows as ``commands_changes``, ``further`` what it does besides.
    ``new_type`` is the type that a request gives to an issue that it makes.
    """

    call: Call
    project: Project
    issue: Issue | None
    new_type: str | None = None
    updates: dict[str, Any] = field(default_factory=dict)
    further: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        """All that is to be said about them."""
        return " ".join(self.messages)

    @property
    def kind(self) -> str:
        """The issue's type, or that of the one to be made."""
        return self.issue.issue_type if self.issue else self.new_type or "issue"

    def need_saved(self) -> Issue:
        """The issue, which must exist already."""
        if self.issue is None:
            raise Unavailable
        return self.issue

    def need_metadata(self) -> None:
        """The caller must be allowed to set labels and the like."""
        access = self.call.access
        if self.issue is not None:
            allowed = access.sets_metadata(self.issue)
        else:
            allowed = access.project_level(self.project) >= GUEST
        if not allowed:
            raise Unavailable

    def need_update(self) -> Issue:
        """The caller must be allowed to edit the issue, which must exist."""
        issue = self.need_saved()
        if not self.call.access.updates_issue(issue):
            raise Unavailable
        return issue

    def referenced(self, text: str) -> list[Issue]:
        """The issues that a text names (``#3``, ``group/project#3``), which the caller sees."""
        found = []
        for path, iid in _REFERENCE.findall(text):
            wanted = (
                select(Issue)
                .join(Project)
                .where(
                    at_path(Project.full_path, path or self.project.full_path),
                    Issue.iid == int(iid),
                )
            )
            row = self.call.session.scalar(wanted)
            if row is not None and self.call.access.reads_issue(row):
                found.append(row)
        return found

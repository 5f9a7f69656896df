"""An issue as it will be once the rules so far are done, and what is done to get there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from automation.model.change import Assignee, IssueBefore, MilestoneChoice, Problem, Transition
from automation.model.issue import Issue
from automation.model.organisation import Subject
from automation.rules.case import target
from automation.rules.triage.words import Words, notes


@dataclass(frozen=True)
class Step:
    """What one rule does to an issue, and why."""

    policy: str
    rule: str
    reason: str
    words: Words | None = None
    alters: bool = True


@dataclass(frozen=True)
class Draft:
    """An issue as GitLab shows it, as later rules see it, and the steps between.

    `assign` and `milestone` hold the ids of what `seen` shows by name.
    """

    issue: Issue
    seen: Issue
    group: Subject | None = None
    steps: tuple[Step, ...] = ()
    assign: Assignee | None = None
    milestone: MilestoneChoice | None = None

    @classmethod
    def of(cls, issue: Issue, group: Subject | None) -> Draft:
        """The issue as it is."""
        return cls(issue, issue, group)

    def showing(self, **facts: Any) -> Draft:
        """The draft with other facts of the issue."""
        return replace(self, seen=replace(self.seen, **facts))

    @property
    def altered(self) -> bool:
        """Whether anything of the issue is to be another than it is."""
        return self.seen != self.issue

    def result(self) -> tuple[Transition | Problem, ...]:
        """All that is to be done to the issue, as few writes as it takes."""
        if not self.altered and any(step.alters for step in self.steps):
            return (self._vain(),)
        if not self.steps:
            return ()
        written = notes(step.words for step in self.steps if step.words)
        only_said = (self._transition(words, {}) for words in written[:-1])
        return *only_said, self._transition(written[-1] if written else None, self._deeds())

    def _vain(self) -> Problem:
        policies = dict.fromkeys(step.policy for step in self.steps if step.alters)
        return Problem(
            key=self.issue.reference,
            message=f"the rules of {' and '.join(policies)} undo each other on it: nothing is done",
            remedy="Let their conditions exclude each other.",
            url=self.issue.web_url,
        )

    def _deeds(self) -> dict[str, Any]:
        before, after = self.issue, self.seen
        return {
            "add_labels": tuple(sorted(after.labels - before.labels)),
            "remove_labels": tuple(sorted(before.labels - after.labels)),
            "close": before.opened and not after.opened,
            "reopen": after.opened and not before.opened,
            "assign": self.assign,
            "milestone": self.milestone,
            "due_date": after.due_date if after.due_date != before.due_date else None,
            "move_to": after.project if after.project != before.project else "",
        }

    def _transition(self, words: Words | None, deeds: dict[str, Any]) -> Transition:
        return Transition(
            key=self.issue.reference,
            reason="; ".join(step.reason for step in self.steps),
            to=", ".join(dict.fromkeys(step.rule for step in self.steps)),
            target=target(self.issue),
            say=words.text if words else "",
            marker=" ".join(words.marks) if words else "",
            mentions=words.mentions if words else (),
            internal=words.internal if words else False,
            thread=words.thread if words else False,
            confidential=self.issue.confidential,
            before=IssueBefore(opened=self.issue.opened, labels=tuple(sorted(self.issue.labels))),
            **deeds,
        )

"""Gives an issue that a person opened, and that is a loop, the labels of one."""

from __future__ import annotations

from collections.abc import Iterator

from automation.labels import DRUMBEAT, State
from automation.rules.case import Case
from automation.rules.finding import Finding


def welcomed(case: Case) -> Iterator[Finding]:
    """The labels, in one silent change; nothing where the issue bears Drumbeat's already."""
    if DRUMBEAT in case.issue.labels or case.states or not case.adopted:
        return
    lacking = tuple(sorted({*case.loop.labels, State.OPEN.value} - case.issue.labels))
    yield case.label(lacking, "policies/adopted.yml names it")

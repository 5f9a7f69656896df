"""Finds issues that people opened themselves and that look like a loop that is due.

On the first run in a project with history, the week's 1:1 may be there already. What is
chosen is written down in `policies/adopted.yml`, and from then on holds its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.checklist import fold
from automation.labels import cadence_label
from automation.loops import Loop, Loops
from automation.model.issue import Issue, IssueQuery
from automation.model.key import LoopKey
from automation.model.snapshot import Snapshot
from automation.stock import take_stock

EARLIER = timedelta(days=14)
"""How long before its period began an issue for it may have been opened by hand."""


EXACT = 10
"""How well an issue fits that has the loop's own title: better than all hints together."""


@dataclass(frozen=True)
class Candidate:
    """An issue that may be a loop: how well it fits (the more the better), and why."""

    key: LoopKey
    issue: Issue
    fit: int
    because: tuple[str, ...]


def candidates(loops: Loops, snapshot: Snapshot, now: datetime) -> tuple[Candidate, ...]:
    """The best candidate of every loop that is due and has no issue; each issue once.

    Raises Missing while the snapshot lacks a list, NotReadable when one cannot be had.
    """
    stock = take_stock(loops, snapshot, now)
    wanted = [
        loop for loop in loops.current(now) if not loop.skipped and not stock.exists(loop.key)
    ]
    if not wanted:
        return ()
    since = min(loop.occurrence.opens_at for loop in wanted) - EARLIER
    group = loops.organisation.settings.loops_group
    taken = {held.issue.id for held in stock.held}
    issues = snapshot.issues(IssueQuery(group, state="opened", created_after=since))
    free = [issue for issue in issues if issue.id not in taken]
    return tuple(_best(found for loop in wanted for issue in free for found in _fits(loop, issue)))


def _best(found: Iterable[Candidate]) -> Iterator[Candidate]:
    """The best fits first; each key and each issue once."""
    keys: set[LoopKey] = set()
    issues: set[int] = set()
    for one in sorted(found, key=lambda one: (-one.fit, one.key, one.issue.id)):
        if one.key not in keys and one.issue.id not in issues:
            keys.add(one.key)
            issues.add(one.issue.id)
            yield one


def _fits(loop: Loop, issue: Issue) -> Iterator[Candidate]:
    """The issue as a candidate, where it names both the cadence and the subject."""
    if issue.created_at < loop.occurrence.opens_at - EARLIER:
        return
    if issue.title == loop.title:
        yield Candidate(loop.key, issue, EXACT, ("it has the very title of the loop",))
        return
    about, whose = tuple(_about(loop, issue)), tuple(_whose(loop, issue))
    if about and whose:
        because = (*about, *whose)
        yield Candidate(loop.key, issue, len(because), because)


def _about(loop: Loop, issue: Issue) -> Iterator[str]:
    """What in the issue speaks for the cadence."""
    name, title = loop.cadence.name, _words(issue.title)
    if _words(name) <= title or _words(loop.title) <= title:
        yield f"its title names {name}"
    labels = {fold(label) for label in issue.labels}
    if labels & {fold(name), fold(name.replace("-", " ")), fold(cadence_label(name))}:
        yield f"a label names {name}"


def _whose(loop: Loop, issue: Issue) -> Iterator[str]:
    """What in the issue speaks for the subject."""
    names = [loop.subject.id, loop.subject.name, *([loop.assignee] if loop.assignee else [])]
    title = _words(issue.title)
    if any(_words(name) <= title for name in names):
        yield f"its title names {loop.subject.name}"
    if any(user.username == loop.assignee for user in issue.assignees):
        yield f"it is assigned to @{loop.assignee}"


def _words(text: str) -> frozenset[str]:
    """The words of a text, without case, punctuation and marks between them."""
    spaced = "".join(c if c.isalnum() else " " for c in text.casefold())
    return frozenset(spaced.split())

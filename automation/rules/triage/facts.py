"""The values and functions that a condition may use, each worked out when it is used.

What an issue does not have is ABSENT. Facts that GitLab's list does not show are asked for
one by one, and what they cost in requests is told by `COSTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import regex

from automation.expressions import DURATIONS, Function
from automation.model.absent import ABSENT, Absent
from automation.model.base import Unfit
from automation.model.issue import EventKind, Issue, TaskCounts
from automation.model.questions import UserAt
from automation.model.where import expanded
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft

PATIENCE = 0.5
"""Seconds that a regular expression may take on one title."""

LONGEST_PATTERN = 1000


@dataclass(frozen=True)
class View:
    """A draft as a condition sees it; `quiet_for` where the condition asks for it."""

    draft: Draft
    desk: Desk
    quiet_for: timedelta | Absent = ABSENT

    @property
    def seen(self) -> Issue:
        """The issue as earlier rules leave it."""
        return self.draft.seen


class Moment(datetime):
    """An instant that can be compared with a day: by its date in UTC."""

    @classmethod
    def of(cls, moment: datetime) -> Moment:
        """The instant again."""
        return cls.combine(moment.date(), moment.timetz())

    def _sides(self, other: object) -> tuple[Any, Any]:
        if isinstance(other, date) and not isinstance(other, datetime):
            return self.date(), other
        return datetime.combine(self.date(), self.timetz()), other

    def __lt__(self, other: date) -> bool:
        mine, theirs = self._sides(other)
        return bool(mine < theirs)

    def __le__(self, other: date) -> bool:
        mine, theirs = self._sides(other)
        return bool(mine <= theirs)

    def __gt__(self, other: date) -> bool:
        mine, theirs = self._sides(other)
        return bool(mine > theirs)

    def __ge__(self, other: date) -> bool:
        mine, theirs = self._sides(other)
        return bool(mine >= theirs)

    def __eq__(self, other: object) -> bool:
        mine, theirs = self._sides(other)
        return bool(mine == theirs)

    __hash__ = datetime.__hash__


class Title(str):
    """A title, which can be held against a regular expression."""

    __slots__ = ()

    @property
    def matches(self) -> Function:
        """Whether the expression is found in it, such as `title.matches("^RFC")`."""
        return Function("matches", lambda pattern: _found(pattern, str(self)))


def _found(pattern: object, text: str) -> bool:
    return _compiled(str(pattern)).found(text)


class Pattern:
    """A regular expression; one that took too long once is not tried on other titles."""

    __slots__ = ("_expression", "_slow_on")

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise ValueError(f"a regular expression has {LONGEST_PATTERN} characters at most")
        try:
            self._expression = regex.compile(pattern)
        except regex.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        self._slow_on: str | None = None

    def found(self, text: str) -> bool:
        """Whether it is found in the text; ValueError where that takes too long."""
        if self._slow_on is None:
            try:
                return self._expression.search(text, timeout=PATIENCE) is not None
            except TimeoutError:
                self._slow_on = text
        raise ValueError(f"{self._expression.pattern!r} takes too long on {self._slow_on!r}")


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern)


@dataclass(frozen=True)
class Checklist:
    """How far an issue's boxes are ticked, as GitLab counts them."""

    done: int
    total: int

    @property
    def open(self) -> int:
        """Boxes that are not ticked."""
        return self.total - self.done

    @property
    def percent(self) -> float | Absent:
        """Ticked boxes of a hundred; absent where there is no box."""
        return 100 * self.done / self.total if self.total else ABSENT


def _checklist(tasks: TaskCounts) -> Checklist:
    return Checklist(tasks.completed, tasks.count)


def _due_in(view: View) -> timedelta | Absent:
    due = view.seen.due_date
    return ABSENT if due is None else due - view.desk.today(view.draft.group)


def _closed_at(view: View) -> Moment | Absent:
    closed = view.seen.closed_at
    return ABSENT if closed is None or view.seen.opened else Moment.of(closed)


def _comments(view: View) -> int:
    """How many there are; they are counted where GitLab's list does not say it."""
    said = view.seen.comments
    if said is not None:
        return said
    return sum(not note.system for note in view.desk.snapshot.notes(view.draft.issue.ref))


def _people(view: View) -> int:
    """How many persons commented; without a comment, nobody need be asked."""
    if view.draft.issue.is_uncommented:
        return 0
    snapshot, humans = view.desk.snapshot, view.desk.humans
    notes = snapshot.notes(view.draft.issue.ref)
    said = (one.author for one in notes if not one.system)
    authors = {user.id: user for user in said if humans.is_human(user)}
    snapshot.require(UserAt(user.id) for user in authors.values() if humans.in_doubt(user))
    return sum(humans.proven(user, snapshot) for user in authors.values())


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value


FACTS: Mapping[str, Callable[[View], Any]] = {
    "quiet_for": lambda view: view.quiet_for,
    "age": lambda view: view.desk.now - view.seen.created_at,
    "due_in": _due_in,
    "closed_for": lambda view: view.desk.now - _closed_at(view),
    "created_at": lambda view: Moment.of(view.seen.created_at),
    "updated_at": lambda view: Moment.of(view.seen.updated_at),
    "closed_at": _closed_at,
    "due_date": lambda view: _or_absent(view.seen.due_date),
    "now": lambda view: Moment.of(view.desk.now),
    "today": lambda view: view.desk.today(view.draft.group),
    "title": lambda view: Title(view.seen.title),
    "author": lambda view: view.seen.author.username,
    "assignees": lambda view: [user.username for user in view.seen.assignees],
    "confidential": lambda view: view.seen.confidential,
    "type": lambda view: view.seen.type,
    "labels": lambda view: sorted(view.seen.labels),
    "milestone": lambda view: _or_absent(view.seen.milestone),
    "iteration": lambda view: _or_absent(view.seen.iteration),
    "health": lambda view: _or_absent(view.seen.health),
    "weight": lambda view: _or_absent(view.seen.weight),
    "votes": lambda view: view.seen.upvotes,
    "downvotes": lambda view: view.seen.downvotes,
    "checklist": lambda view: _checklist(view.seen.tasks),
    "open_boxes": lambda view: _checklist(view.seen.tasks).open,
    "comments": _comments,
    "people": _people,
    "threads": lambda view: view.desk.snapshot.threads(view.draft.issue.ref),
    "linked": lambda view: len(view.desk.snapshot.links(view.draft.issue.ref)),
}
"""What a condition may call an issue's facts."""


@lru_cache(maxsize=512)
def patterns(pattern: str) -> tuple[str, ...]:
    """The globs that a pattern with braces stands for; ValueError for too many."""
    try:
        return expanded(pattern)
    except Unfit as unfit:
        raise ValueError(f"{pattern!r} {unfit.message}") from unfit


def bears(labels: Iterable[str], pattern: str) -> bool:
    """Whether one of the labels fits a glob with braces: `team::{a,b*}`."""
    globs = patterns(str(pattern))
    return any(fnmatchcase(label, one) for label in labels for one in globs)


def _only(view: View, *allowed: str) -> bool:
    return all(any(bears((label,), one) for one in allowed) for label in view.seen.labels)


def _labelled_for(view: View, label: str) -> timedelta:
    """For how long it bears the label: not at all, and just now, are no time."""
    issue, desk = view.draft.issue, view.desk
    if label not in view.seen.labels or label not in issue.labels:
        return timedelta(0)
    events = desk.snapshot.events(issue.ref, EventKind.LABEL)
    times = [one.created_at for one in events if (one.action, one.label) == ("add", label)]
    return max(timedelta(0), desk.now - max(times, default=issue.created_at))


def _in_group(view: View, group: str, names: object = None) -> bool:
    """Whether the author, or any of these people, is a member of a group."""
    who = view.seen.author.username if names is None else names
    wanted = {str(name).casefold() for name in ((who,) if isinstance(who, str) else _all(who))}
    if not wanted:
        return False
    members = view.desk.snapshot.group_members(str(group))
    return any(member.user.username.casefold() in wanted for member in members)


def _all(names: object) -> Iterable[object]:
    if isinstance(names, Iterable):
        return names
    raise TypeError(f"in_group() takes user names, not {names!r}")


def _always(function: Function) -> Callable[[View], Function]:
    return lambda _view: function


FUNCTIONS: Mapping[str, Callable[[View], Function]] = {
    "has": lambda view: Function("has", lambda pattern: bears(view.seen.labels, pattern)),
    "only": lambda view: Function("only", lambda *all: _only(view, *all), least=0, most=None),
    "labelled_for": lambda view: Function("labelled_for", lambda one: _labelled_for(view, one)),
    "in_group": lambda view: Function("in_group", lambda *all: _in_group(view, *all), 1, 2),
    "date": lambda _view: Function("date", lambda text: date.fromisoformat(str(text))),
    **{name: _always(Function(name, call)) for name, call in DURATIONS.items()},
}
"""What a condition may call."""

NAMES = frozenset(FACTS) | frozenset(FUNCTIONS)
"""All names that a condition may use."""

COSTS = {"in_group": 0.0, "labelled_for": 1.0, "threads": 1.0, "linked": 1.0, "people": 2.0}
"""What it costs to ask, in requests for one issue; what is not here costs nothing."""


def value(name: str, view: View) -> Any:
    """A value or function by name; Missing while it has to be asked for."""
    return (FACTS.get(name) or FUNCTIONS[name])(view)

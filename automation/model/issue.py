"""GitLab's things as Drumbeat sees them: only the fields that a rule looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Role(IntEnum):
    """GitLab's access levels. Source: GitLab's documentation, "Members API"."""

    NONE = 0
    MINIMAL = 5
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


@dataclass(frozen=True)
class User:
    """Who did or wrote something. `bot` is None where GitLab's answer does not say.

    `state` is GitLab's word: active, blocked, deactivated, banned …
    """

    id: int
    username: str
    name: str = ""
    bot: bool | None = None
    state: str = field(default="active", compare=False)


@dataclass(frozen=True, order=True)
class IssueRef:
    """Where an issue is found: the project's numeric id and the issue's number in it."""

    project_id: int
    iid: int


@dataclass(frozen=True)
class TaskCounts:
    """What GitLab counted in the description: countable boxes, and the ticked ones."""

    count: int
    completed: int


@dataclass(frozen=True)
class Issue:
    """An issue as GitLab's list shows it. All times are aware.

    `milestone` and `iteration` are titles; `type` and `health` are GitLab's words. On tiers
    without weights or iterations the list does not have them: `has_weight`, `has_iteration`.
    `comments` counts what GitLab counts: notes that are not the system's, bots' included; None
    where its answer does not say.
    """

    id: int
    ref: IssueRef
    project: str
    title: str
    description: str
    opened: bool
    labels: frozenset[str]
    author: User
    created_at: datetime
    updated_at: datetime
    web_url: str
    assignees: tuple[User, ...] = ()
    confidential: bool = False
    due_date: date | None = None
    closed_at: datetime | None = None
    tasks: TaskCounts = TaskCounts(0, 0)
    moved_to_id: int | None = None
    type: str = "issue"
    milestone: str | None = None
    weight: int | None = None
    iteration: str | None = None
    health: str | None = None
    has_weight: bool = False
    has_iteration: bool = False
    comments: int | None = 0
    upvotes: int = 0
    downvotes: int = 0
    closed_by: User | None = None

    @property
    def reference(self) -> str:
        """`support/loops#12`, as GitLab links it."""
        return f"{self.project}#{self.ref.iid}"

    @property
    def is_uncommented(self) -> bool:
        """Whether GitLab says that it bears no comment: then nobody need be asked for any."""
        return self.comments == 0


@dataclass(frozen=True)
class Note:
    """A comment, or a system note that GitLab wrote about somebody's action."""

    id: int
    author: User
    body: str
    created_at: datetime
    system: bool = False


@dataclass(frozen=True)
class Comment:
    """A comment as a list shows it that is not of one issue: with the issue that bears it."""

    ref: IssueRef
    note: Note


class EventKind(StrEnum):
    """The streams of an issue's history that stand beside its notes."""

    LABEL = "label"
    STATE = "state"
    MILESTONE = "milestone"
    WEIGHT = "weight"
    ITERATION = "iteration"


@dataclass(frozen=True)
class Event:
    """A change of label, state, milestone, weight or iteration. `user` is None once they left.

    `action` is GitLab's word: add, remove, closed, reopened; empty for a weight.
    """

    kind: EventKind
    user: User | None
    created_at: datetime
    action: str
    label: str | None = None


@dataclass(frozen=True)
class Page(Generic[Entry]):
    """A part of a list; `more` if another page follows.

    `pages` is how many there are, None where GitLab does not say (long lists).
    """

    entries: tuple[Entry, ...]
    more: bool = False
    pages: int | None = None


@dataclass(frozen=True)
class Link:
    """Another issue that an issue is linked to; `kind` is GitLab's word, such as relates_to."""

    reference: str
    opened: bool
    kind: str


@dataclass(frozen=True)
class Milestone:
    """A milestone that issues of a project can have: the project's, or one of a group above."""

    id: int
    title: str
    active: bool = True


@dataclass(frozen=True)
class Project:
    """A project. `default_branch` is empty where the token does not see its repository.

    `visibility` and `pages` (who may read its Pages) are GitLab's words, empty where its answer
    has none.
    """

    id: int
    path: str
    archived: bool = False
    issues_enabled: bool = True
    default_branch: str = field(default="", compare=False)
    visibility: str = field(default="", compare=False)
    pages: str = field(default="", compare=False)


@dataclass(frozen=True)
class Label:
    """A label of the loops' group, or of a group above it.

    `priority` is its place among the labels of a project, None where it has none there.
    """

    name: str
    color: str = ""
    description: str = ""
    id: int = field(default=0, compare=False)
    priority: int | None = None


@dataclass(frozen=True)
class BoardList:
    """A column of a board; `label` is None for lists that are not by label."""

    id: int
    label: str | None
    position: int | None


@dataclass(frozen=True)
class Board:
    """An issue board and its columns, in order.

    `scope` are the labels that its cards must bear; None where the tier has no such scope.
    """

    id: int
    name: str
    lists: tuple[BoardList, ...] = ()
    scope: frozenset[str] | None = None


@dataclass(frozen=True)
class IssueQuery:
    """A list of issues, filtered by GitLab and read to its end.

    `place` is a group's or project's full path; `iids` are the numbers of issues in a
    project; `without` leaves out issues that bear any of these labels. `assignee` and
    `milestone` are names, `none` or `any`; a milestone may be `upcoming` or `started`.
    """

    place: str
    in_group: bool = True
    iids: tuple[int, ...] = ()
    state: str = "all"
    labels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    author: str | None = None
    not_author: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    assignee: str | None = None
    not_assignee: str | None = None
    milestone: str | None = None
    not_milestone: str | None = None
    type: str | None = None
    confidential: bool | None = None
    due: str | None = None


@dataclass(frozen=True)
class Identity:
    """Who the token is, and what time GitLab has."""

    user: User
    server_time: datetime | None = None
    is_admin: bool = False


@dataclass(frozen=True)
class Token:
    """What the token that Drumbeat was given may do, and until when: a date in UTC.

    It ends as that day begins; None: it never does.
    """

    scopes: frozenset[str]
    expires_on: date | None = None


@dataclass(frozen=True)
class Member:
    """Somebody with a role in a project, their own or one from a group above it."""

    user: User
    role: Role


@dataclass(frozen=True)
class Schedule:
    """A pipeline schedule; `owner` is None once the user is gone."""

    id: int
    description: str
    ref: str
    active: bool
    owner: User | None
    cron: str = ""
    timezone: str = ""


@dataclass(frozen=True)
class Variable:
    """How a CI/CD variable is kept. Its value stays with GitLab."""

    protected: bool
    masked: bool


@dataclass(frozen=True)
class Access:
    """Which projects of a group the token may fully read and write issues in."""

    projects: Mapping[str, Project] = field(default_factory=dict)

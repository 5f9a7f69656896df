"""What can be asked of GitLab, each question with the answer that it gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from automation.model.issue import EventKind, IssueQuery, IssueRef


@dataclass(frozen=True)
class WhoAmI:
    """Asks whose token it is. Answer: Identity."""


@dataclass(frozen=True)
class IssuesOf:
    """Asks for a complete list of issues. Answer: tuple[Issue, ...]."""

    query: IssueQuery


@dataclass(frozen=True)
class AccessTo:
    """Asks in which projects of a group the token has Planner or above. Answer: Access."""

    group: str


@dataclass(frozen=True)
class NotesOf:
    """Asks for an issue's notes, newest first. Answer: tuple[Note, ...]."""

    ref: IssueRef


@dataclass(frozen=True)
class NotesPageOf:
    """Asks for one page of an issue's notes, the newest first. Answer: Page[Note].

    `page` counts from 1; what is on it depends on what was written since page 1 was read.
    """

    ref: IssueRef
    page: int = 1


@dataclass(frozen=True)
class CommentsPageOf:
    """Asks for a page of the comments on many issues, the newest first. Answer: Page[Comment].

    They are those of a project, or, where none is named, those of the token's own user. What
    stands in such a list was said; what does not may have been said all the same: GitLab fills
    these lists in the background, and a page may have gaps. They begin `since` that day, in
    whatever time zone the server has. `page` counts from 1.
    """

    since: date
    project_id: int | None = None
    page: int = 1


@dataclass(frozen=True)
class ThreadsOf:
    """Asks how many threads an issue has that people can reply to. Answer: int."""

    ref: IssueRef


@dataclass(frozen=True)
class LinksOf:
    """Asks what an issue is linked to. Answer: tuple[Link, ...]."""

    ref: IssueRef


@dataclass(frozen=True)
class MilestonesOf:
    """Asks for the milestones that a project's issues can have. Answer: tuple[Milestone, ...]."""

    project_id: int


@dataclass(frozen=True)
class GroupMembersOf:
    """Asks who is a member of a group, inherited ones too. Answer: tuple[Member, ...]."""

    group: str


@dataclass(frozen=True)
class UserAt:
    """Asks for a user by id, with the flag that tells bots. Answer: User, or None if gone."""

    user_id: int


@dataclass(frozen=True)
class ScheduleVariablesOf:
    """Asks for the variables of a pipeline schedule. Answer: Mapping[str, str]."""

    path: str
    schedule_id: int


@dataclass(frozen=True)
class NumbersOf:
    """Asks for all numbers of a metrics policy, by its name. Answer: Table."""

    policy: str


@dataclass(frozen=True)
class ActivityOf:
    """Asks what a user did from one day to another, both included. Answer: Activity."""

    user_id: int
    first: date
    last: date


@dataclass(frozen=True)
class EventsOf:
    """Asks for one stream of an issue's history. Answer: tuple[Event, ...]."""

    ref: IssueRef
    kind: EventKind


@dataclass(frozen=True)
class EventsPageOf:
    """Asks for one page of a stream, by GitLab's number: 1 has the oldest. Answer: Page[Event]."""

    ref: IssueRef
    kind: EventKind
    page: int = 1


@dataclass(frozen=True)
class LabelsOf:
    """Asks for a group's labels and those of groups above it. Answer: tuple[Label, ...].

    In a project, its own are among them, and each has the priority that it has there.
    """

    place: str
    in_group: bool = True


@dataclass(frozen=True)
class BoardsOf:
    """Asks for the boards of a group or project. Answer: tuple[Board, ...]."""

    place: str
    in_group: bool


@dataclass(frozen=True)
class UserNamed:
    """Asks for the user with this name. Answer: User, or None where there is none."""

    username: str


@dataclass(frozen=True)
class RoleOf:
    """Asks for a user's role in a project, inherited ones too. Answer: Role."""

    project_id: int
    user_id: int


@dataclass(frozen=True)
class WhichToken:
    """Asks what the token may do and until when. Answer: Token."""


@dataclass(frozen=True)
class ProjectAt:
    """Asks for a project, whatever the role there. Answer: Project, or None if none shows."""

    path: str


@dataclass(frozen=True)
class MembersOf:
    """Asks who has a role in a project, inherited ones too. Answer: tuple[Member, ...]."""

    project_id: int


@dataclass(frozen=True)
class SchedulesOf:
    """Asks for the pipeline schedules of a project. Answer: tuple[Schedule, ...]."""

    path: str


@dataclass(frozen=True)
class VariableAt:
    """Asks how a project or group keeps a CI/CD variable. Answer: Variable, or None for none."""

    path: str
    key: str
    in_group: bool = False


Question = (
    WhoAmI
    | WhichToken
    | IssuesOf
    | AccessTo
    | ProjectAt
    | MembersOf
    | SchedulesOf
    | VariableAt
    | NotesOf
    | NotesPageOf
    | CommentsPageOf
    | ThreadsOf
    | LinksOf
    | MilestonesOf
    | GroupMembersOf
    | UserAt
    | ScheduleVariablesOf
    | NumbersOf
    | ActivityOf
    | EventsOf
    | EventsPageOf
    | LabelsOf
    | BoardsOf
    | UserNamed
    | RoleOf
)
"""Anything that can be asked of GitLab."""


@dataclass(frozen=True)
class Sparable:
    """A question about one issue that need not be asked if what it is about stands in a list.

    `lists` are the pages to look at, in this order. The question is about absence, too: if it is
    asked again without them, only its own answer will do.
    """

    question: Question
    lists: tuple[CommentsPageOf, ...]

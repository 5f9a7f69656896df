"""What GitLab says now: a frozen set of questions with their answers.

Rules ask the snapshot. What it does not know yet is raised as `Missing`, the planner
collects these questions, has the reader answer them, and runs the rules again. So a
run reads just what can change its plan, and every rule stays a pure function.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, cast

from automation.model.issue import (
    Access,
    Board,
    Comment,
    Event,
    EventKind,
    Identity,
    Issue,
    IssueQuery,
    IssueRef,
    Label,
    Link,
    Member,
    Milestone,
    Note,
    Page,
    Project,
    Role,
    Schedule,
    Token,
    User,
    Variable,
)
from automation.model.metrics import Activity, Table
from automation.model.questions import (
    AccessTo,
    ActivityOf,
    BoardsOf,
    CommentsPageOf,
    EventsOf,
    EventsPageOf,
    GroupMembersOf,
    IssuesOf,
    LabelsOf,
    LinksOf,
    MembersOf,
    MilestonesOf,
    NotesOf,
    NotesPageOf,
    NumbersOf,
    ProjectAt,
    Question,
    RoleOf,
    SchedulesOf,
    ScheduleVariablesOf,
    Sparable,
    ThreadsOf,
    UserAt,
    UserNamed,
    VariableAt,
    WhichToken,
    WhoAmI,
)


@dataclass(frozen=True)
class Unreadable:
    """An answer that GitLab did not give, and why."""

    reason: str
    remedy: str = ""


class Missing(Exception):
    """The snapshot does not hold these answers yet.

    `lists` are pages that may spare whoever asks these questions: `wanted` names both.
    """

    def __init__(self, *questions: Question, lists: tuple[CommentsPageOf, ...] = ()) -> None:
        super().__init__(*questions)
        self.questions = questions
        self.lists = lists

    @property
    def wanted(self) -> tuple[Question | Sparable, ...]:
        """The questions, each with the lists that may spare it."""
        if not self.lists:
            return self.questions
        return tuple(Sparable(question, self.lists) for question in self.questions)


class NotReadable(Exception):
    """GitLab did not give the answer; what depends on it must not be done."""

    def __init__(self, question: Question, why: Unreadable) -> None:
        super().__init__(why.reason)
        self.question = question
        self.why = why


Work = TypeVar("Work")


@dataclass(frozen=True)
class Snapshot:
    """Questions and their answers; grows by `knowing`, never changes."""

    answers: Mapping[Question, object] = field(default_factory=dict)
    heard: Mapping[IssueRef, tuple[Note, ...]] = field(default_factory=dict)
    """What earlier runs heard of issues in lists of comments, as far as it still holds."""
    _worked_out: dict[Hashable, object] = field(default_factory=dict, repr=False, compare=False)

    def knowing(
        self,
        answers: Mapping[Question, object],
        heard: Mapping[IssueRef, tuple[Note, ...]] | None = None,
    ) -> Snapshot:
        """This snapshot and the new answers, and what was heard before."""
        heard = {**self.heard, **(heard or {})}
        return Snapshot({**self.answers, **answers}, heard, self._worked_out)

    def once(self, what: Hashable, work: Callable[[], Work]) -> Work:
        """What follows from its answers, worked out once: no answer ever changes."""
        if what not in self._worked_out:
            self._worked_out[what] = work()
        return cast(Work, self._worked_out[what])

    def identity(self) -> Identity:
        """Who the token is."""
        return cast(Identity, self._answer(WhoAmI()))

    def issues(self, query: IssueQuery) -> tuple[Issue, ...]:
        """The complete list of issues for the query."""
        return cast(tuple[Issue, ...], self._answer(IssuesOf(query)))

    def all_issues(self, queries: Iterable[IssueQuery]) -> tuple[Issue, ...]:
        """The issues of several lists, each issue once, oldest first."""
        asked = [IssuesOf(query) for query in queries]
        self.require(asked)
        found = {issue.id: issue for question in asked for issue in self.issues(question.query)}
        return tuple(sorted(found.values(), key=lambda issue: (issue.created_at, issue.id)))

    def access(self, group: str) -> Access:
        """The projects in which the token's role is proven."""
        return cast(Access, self._answer(AccessTo(group)))

    def notes(self, ref: IssueRef, lists: tuple[CommentsPageOf, ...] = ()) -> tuple[Note, ...]:
        """An issue's notes, newest first; `lists` may spare whoever asks for them."""
        return cast(tuple[Note, ...], self._answer(NotesOf(ref), lists))

    def notes_page(
        self, ref: IssueRef, page: int, lists: tuple[CommentsPageOf, ...] = ()
    ) -> Page[Note]:
        """One page of an issue's notes, the newest first; `lists` may spare whoever asks."""
        return cast("Page[Note]", self._answer(NotesPageOf(ref, page), lists))

    def comments_page(self, question: CommentsPageOf) -> Page[Comment] | None:
        """A page of comments on many issues; None while it is not read, or cannot be.

        Never Missing, never NotReadable: nothing depends on these lists.
        """
        answer = self.answers.get(question)
        return cast("Page[Comment]", answer) if isinstance(answer, Page) else None

    def threads(self, ref: IssueRef) -> int:
        """How many threads an issue has that people can reply to."""
        return cast(int, self._answer(ThreadsOf(ref)))

    def links(self, ref: IssueRef) -> tuple[Link, ...]:
        """What an issue is linked to."""
        return cast(tuple[Link, ...], self._answer(LinksOf(ref)))

    def milestones(self, project_id: int) -> tuple[Milestone, ...]:
        """The milestones that a project's issues can have."""
        return cast(tuple[Milestone, ...], self._answer(MilestonesOf(project_id)))

    def group_members(self, group: str) -> tuple[Member, ...]:
        """Who is a member of a group."""
        return cast(tuple[Member, ...], self._answer(GroupMembersOf(group)))

    def user_at(self, user_id: int) -> User | None:
        """The user with this id and their bot flag; None once they are gone."""
        return cast("User | None", self._answer(UserAt(user_id)))

    def schedule_variables(self, path: str, schedule_id: int) -> Mapping[str, str]:
        """The variables of a pipeline schedule."""
        return cast(Mapping[str, str], self._answer(ScheduleVariablesOf(path, schedule_id)))

    def numbers(self, policy: str) -> Table:
        """All numbers of a metrics policy."""
        return cast(Table, self._answer(NumbersOf(policy)))

    def activity(self, user_id: int, first: date, last: date) -> Activity:
        """What a user did from one day to another, both included."""
        return cast(Activity, self._answer(ActivityOf(user_id, first, last)))

    def events(
        self, ref: IssueRef, kind: EventKind, lists: tuple[CommentsPageOf, ...] = ()
    ) -> tuple[Event, ...]:
        """One stream of an issue's history; `lists` may spare whoever asks for it."""
        return cast(tuple[Event, ...], self._answer(EventsOf(ref, kind), lists))

    def events_page(self, ref: IssueRef, kind: EventKind, page: int) -> Page[Event]:
        """One page of a stream of an issue's history; page 1 has the oldest."""
        return cast("Page[Event]", self._answer(EventsPageOf(ref, kind, page)))

    def labels(self, place: str, *, in_group: bool = True) -> tuple[Label, ...]:
        """The labels of a group or project, and those of groups above it."""
        return cast(tuple[Label, ...], self._answer(LabelsOf(place, in_group)))

    def user(self, username: str) -> User | None:
        """The user with this name, or None where GitLab knows none."""
        return cast("User | None", self._answer(UserNamed(username)))

    def role(self, project_id: int, user_id: int) -> Role:
        """A user's role in a project; Role.NONE for somebody who is no member."""
        return cast(Role, self._answer(RoleOf(project_id, user_id)))

    def token(self) -> Token:
        """What the token may do."""
        return cast(Token, self._answer(WhichToken()))

    def project(self, path: str) -> Project | None:
        """The project at this path, or None where the token's user sees none."""
        return cast("Project | None", self._answer(ProjectAt(path)))

    def members(self, project_id: int) -> tuple[Member, ...]:
        """Who has a role in a project."""
        return cast(tuple[Member, ...], self._answer(MembersOf(project_id)))

    def schedules(self, path: str) -> tuple[Schedule, ...]:
        """The pipeline schedules of a project."""
        return cast(tuple[Schedule, ...], self._answer(SchedulesOf(path)))

    def variable(self, path: str, key: str, *, in_group: bool = False) -> Variable | None:
        """How a project or group keeps a CI/CD variable; None where it has none of this name."""
        return cast("Variable | None", self._answer(VariableAt(path, key, in_group)))

    def require(self, questions: Iterable[Question]) -> None:
        """Go on only when all of them are answered; Missing names all that are not."""
        unknown = [question for question in questions if question not in self.answers]
        if unknown:
            raise Missing(*unknown)

    def boards(self, place: str, *, in_group: bool) -> tuple[Board, ...]:
        """The boards of a group or project."""
        return cast(tuple[Board, ...], self._answer(BoardsOf(place, in_group)))

    def _answer(self, question: Question, lists: tuple[CommentsPageOf, ...] = ()) -> object:
        answer = self.answers.get(question, _UNASKED)
        if answer is _UNASKED:
            answer = self._follows(question)
        if answer is _UNASKED:
            raise Missing(question, lists=lists)
        if isinstance(answer, Unreadable):
            raise NotReadable(question, answer)
        return answer

    def _follows(self, question: Question) -> object:
        """The answer to a whole list from its only page, or to its first page from the whole."""
        match question:
            case NotesOf(ref):
                return _only(self.answers.get(NotesPageOf(ref)))
            case EventsOf(ref, kind):
                return _only(self.answers.get(EventsPageOf(ref, kind)))
            case NotesPageOf(ref, 1):
                return _whole(self.answers.get(NotesOf(ref)))
            case EventsPageOf(ref, kind, 1):
                return _whole(self.answers.get(EventsOf(ref, kind)))
        return _UNASKED


_UNASKED = object()


def _only(page: object) -> object:
    return page.entries if isinstance(page, Page) and not page.more else _UNASKED


def _whole(entries: object) -> object:
    return Page(entries) if isinstance(entries, tuple) else _UNASKED

"""A GitLab in memory, for tests of rules: holds state, reads and writes as the ports say.

It is held to the same contract as the real edge (see test_ports_contract.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from automation.checklist import read
from automation.errors import OutcomeUnknown, Refused
from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    RemoveLabel,
    Transition,
)
from automation.model.issue import (
    Access,
    Board,
    BoardList,
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
    ThreadsOf,
    UserAt,
    UserNamed,
    VariableAt,
    WhichToken,
    WhoAmI,
)
from automation.model.snapshot import Unreadable
from automation.ports import receive

BOT = User(1, "support-drumbeat", "Drumbeat")
LASTING = Token(frozenset({"api"}), date(2027, 11, 1))
TICK = timedelta(milliseconds=1)
GONE = Unreadable("404 Not Found")
PlaceQuestion = (
    AccessTo
    | BoardsOf
    | LabelsOf
    | MilestonesOf
    | ProjectAt
    | SchedulesOf
    | ScheduleVariablesOf
    | VariableAt
)
_BOX = re.compile(r"^(\s*[-*] )\[[ xX~]\]", re.MULTILINE)


@dataclass
class FakeGitLab:
    """One group with projects in it; Drumbeat's user has Planner everywhere but in `hidden`."""

    now: datetime
    group: str = "support"
    projects: dict[str, Project] = field(default_factory=dict)
    issues: dict[IssueRef, Issue] = field(default_factory=dict)
    notes: dict[IssueRef, list[Note]] = field(default_factory=dict)
    events: dict[IssueRef, list[Event]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    priorities: dict[tuple[str, str], int] = field(default_factory=dict)
    boards: dict[tuple[str, bool], list[Board]] = field(default_factory=dict)
    scoped_boards: bool = False
    users: dict[str, User] = field(default_factory=dict)
    roles: dict[tuple[int, int], Role] = field(default_factory=dict)
    me: User = BOT
    is_admin: bool = False
    token: Token = LASTING
    hidden: set[str] = field(default_factory=set)
    schedules: dict[str, list[Schedule]] = field(default_factory=dict)
    variables: dict[tuple[str, str], Variable] = field(default_factory=dict)
    group_variables: dict[tuple[str, str], Variable] = field(default_factory=dict)
    schedule_variables: dict[int, dict[str, str]] = field(default_factory=dict)
    group_members: dict[str, list[Member]] = field(default_factory=dict)
    milestones: list[Milestone] = field(default_factory=list)
    links: dict[IssueRef, list[Link]] = field(default_factory=dict)
    threads: dict[IssueRef, int] = field(default_factory=dict)
    numbers: dict[str, Table] = field(default_factory=dict)
    activities: dict[int, Activity] = field(default_factory=dict)
    page_size: int = 100
    lagging: set[int] = field(default_factory=set)
    """Notes that GitLab did not make events of yet."""
    asked: Counter[str] = field(default_factory=Counter)
    answered: dict[Question, object] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    before_write: Callable[[str], None] = lambda _what: None
    after_write: Callable[[str], None] = lambda _what: None
    unreadable: dict[Question, Unreadable] = field(default_factory=dict)
    last_id: int = 100

    # --- What tests set up, and what people do ---------------------------------------

    def with_project(self, path: str, **facts: Any) -> Project:
        """A project in which Drumbeat's role is proven."""
        if path not in self.projects:
            self.projects[path] = Project(self._next_id(), path, **facts)
        return self.projects[path]

    def with_user(self, username: str, *, bot: bool | None = None) -> User:
        """A user of this GitLab."""
        if username == self.me.username:
            return self.me
        if username not in self.users:
            self.users[username] = User(self._next_id(), username, username.title(), bot)
        return self.users[username]

    def open(
        self,
        path: str,
        title: str,
        description: str = "",
        *,
        author: User | None = None,
        labels: Collection[str] = (),
        assignees: Collection[User] = (),
        due_date: date | None = None,
        confidential: bool = False,
    ) -> Issue:
        """Somebody opens an issue."""
        project = self.with_project(path)
        description = description.rstrip()
        iid = self._next_iid(project)
        moment = self._tick()
        issue = Issue(
            id=self._next_id(),
            ref=IssueRef(project.id, iid),
            project=path,
            title=title,
            description=description,
            opened=True,
            labels=frozenset(labels),
            author=author or self.with_user("somebody"),
            created_at=moment,
            updated_at=moment,
            web_url=f"https://gitlab.example.com/{path}/-/issues/{iid}",
            assignees=tuple(assignees),
            confidential=confidential,
            due_date=due_date,
            tasks=read(description).counts(),
        )
        self.issues[issue.ref] = issue
        self.notes[issue.ref] = []
        self.events[issue.ref] = []
        return issue

    def edit(self, issue: Issue, who: User, description: str) -> Issue:
        """Somebody rewrites a description; GitLab cuts its end, and a system note tells it."""
        description = description.rstrip()
        self._note(issue.ref, who, "changed the description", system=True)
        return self._update(issue.ref, description=description, tasks=read(description).counts())

    def append(self, issue: Issue, who: User, line: str) -> Issue:
        """Somebody adds a line to a description."""
        return self.edit(issue, who, f"{self.current(issue).description}\n{line}")

    def rename(self, issue: Issue, who: User, title: str) -> Issue:
        """Somebody changes the title."""
        self._note(issue.ref, who, f"changed title to **{title}**", system=True)
        return self._update(issue.ref, title=title)

    def comment(self, issue: Issue, who: User, body: str, *, system: bool = False) -> Issue:
        """Somebody comments."""
        self._note(issue.ref, who, body, system=system)
        return self._update(issue.ref)

    def relabel(
        self, issue: Issue, who: User, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> Issue:
        """Somebody changes labels."""
        labels = self.issues[issue.ref].labels
        for label in sorted(set(add) - labels):
            self._event(issue.ref, EventKind.LABEL, who, "add", label)
        for label in sorted(set(remove) & labels):
            self._event(issue.ref, EventKind.LABEL, who, "remove", label)
        return self._update(issue.ref, labels=(labels | set(add)) - set(remove))

    def close(self, issue: Issue, who: User) -> Issue:
        """Somebody closes an issue."""
        self._event(issue.ref, EventKind.STATE, who, "closed")
        return self._update(issue.ref, opened=False, closed_at=self.now, closed_by=who)

    def reopen(self, issue: Issue, who: User) -> Issue:
        """Somebody reopens an issue."""
        self._event(issue.ref, EventKind.STATE, who, "reopened")
        return self._update(issue.ref, opened=True, closed_at=None, closed_by=None)

    def change_due_date(self, issue: Issue, who: User, due: date | None) -> Issue:
        """Somebody moves the due date."""
        self._note(issue.ref, who, f"changed due date to {due}", system=True)
        return self._update(issue.ref, due_date=due)

    def tick(self, issue: Issue, who: User, *numbers: int, box: str = "[x]") -> Issue:
        """Somebody sets boxes, counted from 1; all of them where none is named."""
        count = 0

        def set_it(found: re.Match[str]) -> str:
            nonlocal count
            count += 1
            return f"{found[1]}{box}" if not numbers or count in numbers else found[0]

        return self.edit(issue, who, _BOX.sub(set_it, self.current(issue).description))

    def untick(self, issue: Issue, who: User, *numbers: int) -> Issue:
        """Somebody empties boxes, counted from 1; all of them where none is named."""
        return self.tick(issue, who, *numbers, box="[ ]")

    def hide(self, issue: Issue, who: User) -> Issue:
        """Somebody makes an issue confidential."""
        self._note(issue.ref, who, "made the issue confidential", system=True)
        return self._update(issue.ref, confidential=True)

    def delete(self, issue: Issue) -> None:
        """An owner deletes an issue: nothing of it is left."""
        del self.issues[issue.ref], self.notes[issue.ref], self.events[issue.ref]

    def move(self, issue: Issue, who: User, path: str) -> Issue:
        """Somebody moves an issue: it is closed here, and its copy stands there."""
        project = self.with_project(path)
        copy = replace(
            self.current(issue),
            id=self._next_id(),
            ref=IssueRef(project.id, self._next_iid(project)),
            project=path,
            web_url=f"https://gitlab.example.com/{path}/-/issues/{self._next_iid(project)}",
        )
        self.issues[copy.ref] = copy
        self.notes[copy.ref] = list(self.notes[issue.ref])
        self.events[copy.ref] = list(self.events[issue.ref])
        self._note(copy.ref, who, f"moved from {issue.reference}", system=True)
        self.close(issue, who)
        self._update(issue.ref, moved_to_id=copy.id)
        return copy

    def set_clock(self, now: datetime) -> None:
        """Let it be that time, unless it is later already."""
        self.now = max(self.now, now)

    def said_on(self, issue: Issue) -> list[str]:
        """What Drumbeat said on an issue, in order."""
        mine = (one for one in self.notes[issue.ref] if one.author == self.me and not one.system)
        return [note.body for note in mine]

    def current(self, issue: Issue) -> Issue:
        """The issue as it is now."""
        return self.issues[issue.ref]

    # --- The Reader --------------------------------------------------------------------

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """What the ports promise."""
        answers = {question: self._answer(question) for question in questions}
        self.answered.update(answers)
        return answers

    def _answer(self, question: Question) -> object:
        self.asked[type(question).__name__] += 1
        if question in self.unreadable:
            return self.unreadable[question]
        match question:
            case IssuesOf(query):
                return self._list(query)
            case NotesOf() | NotesPageOf() | EventsOf() | EventsPageOf() | LinksOf() | ThreadsOf():
                return self._history(question) if question.ref in self.notes else GONE
            case CommentsPageOf():
                return self._comments(question)
            case WhoAmI() | WhichToken() | MembersOf() | GroupMembersOf():
                return self._rights(question)
            case RoleOf(project_id, user_id):
                return self.roles.get((project_id, user_id), Role.NONE)
            case UserNamed(username):
                name = username.lower()
                return next(
                    (one for one in self._everybody() if one.username.lower() == name), None
                )
            case NumbersOf(policy):
                return self.numbers.get(policy, Unreadable("there is no file metrics/*.csv"))
            case ActivityOf(user_id=user_id):
                return self.activities.get(user_id, Activity())
            case UserAt(user_id):
                return next((one for one in self._everybody() if one.id == user_id), None)
        return self._place(question)

    def _everybody(self) -> list[User]:
        return [self.me, *self.users.values()]

    def _rights(self, question: WhoAmI | WhichToken | MembersOf | GroupMembersOf) -> object:
        match question:
            case WhoAmI():
                return Identity(self.me, self.now, self.is_admin)
            case WhichToken():
                return self.token
            case MembersOf(project_id):
                return tuple(self._members(project_id))
        return tuple(self.group_members.get(question.group, ()))

    def _history(
        self, question: NotesOf | NotesPageOf | EventsOf | EventsPageOf | LinksOf | ThreadsOf
    ) -> object:
        ref = question.ref
        newest_first = tuple(reversed(self.notes[ref]))
        match question:
            case NotesOf():
                return newest_first
            case NotesPageOf(page=number):
                return self._page(newest_first, number)
            case EventsOf(kind=kind):
                return tuple(event for event in self.events[ref] if event.kind is kind)
            case EventsPageOf(kind=kind, page=number):
                events = tuple(event for event in self.events[ref] if event.kind is kind)
                return self._page(events, number)
            case LinksOf():
                return tuple(self.links.get(ref, ()))
        return self.threads.get(ref, 0)

    def _comments(self, question: CommentsPageOf) -> Page[Comment]:
        found = [
            Comment(ref, note)
            for ref, notes in self.notes.items()
            for note in notes
            if note.id not in self.lagging
            and not note.system
            and note.created_at.date() >= question.since
            and question.project_id in {None, ref.project_id}
            and (question.project_id is not None or note.author == self.me)
        ]
        found.sort(key=lambda one: one.note.id, reverse=True)
        return self._page(tuple(found), question.page)

    def _page(self, entries: tuple[Any, ...], number: int) -> Page[Any]:
        rest = entries[(number - 1) * self.page_size :]
        pages = -(-len(entries) // self.page_size)
        return Page(rest[: self.page_size], len(rest) > self.page_size, pages)

    def _place(self, question: PlaceQuestion) -> object:
        match question:
            case AccessTo(group):
                below = {p: one for p, one in self.projects.items() if p.startswith(f"{group}/")}
                return Access({p: one for p, one in below.items() if p not in self.hidden})
            case SchedulesOf(path):
                return tuple(self.schedules.get(path, ()))
            case ScheduleVariablesOf(schedule_id=schedule_id):
                return self.schedule_variables.get(schedule_id, {})
            case VariableAt(path, key, in_group):
                return (self.group_variables if in_group else self.variables).get((path, key))
            case ProjectAt(path):
                return self.projects.get(path)
            case MilestonesOf():
                return tuple(self.milestones)
            case LabelsOf(place, in_group):
                return tuple(self._labels(place, in_group=in_group))
        return tuple(self.boards.get((question.place, question.in_group), ()))

    def _labels(self, place: str, *, in_group: bool) -> Iterator[Label]:
        for label in self.labels.values():
            priority = None if in_group else self.priorities.get((place, label.name))
            yield replace(label, priority=priority)

    def _members(self, project_id: int) -> Iterator[Member]:
        everybody = {user.id: user for user in self.users.values()}
        yield Member(self.me, Role.PLANNER)
        for (place, user_id), role in self.roles.items():
            if place == project_id:
                yield Member(everybody[user_id], role)

    def _list(self, query: IssueQuery) -> tuple[Issue, ...]:
        found = (issue for issue in self.issues.values() if matches(issue, query))
        return tuple(sorted(found, key=lambda issue: (issue.created_at, issue.id)))

    # --- The Writer --------------------------------------------------------------------

    def create_issue(self, change: CreateIssue) -> str:
        """Open an issue as Drumbeat."""
        self.before_write(f"create {change.key}")
        users = [user for user in self.users.values() if user.id in change.assignee_ids]
        issue = self.open(
            change.project,
            change.title,
            change.description,
            author=self.me,
            labels=change.labels,
            assignees=users,
            due_date=change.due_date,
            confidential=change.confidential,
        )
        self.written["create"] += 1
        self.after_write(f"create {change.key}")
        receive(f"request-{self._next_id()}", self.now.replace(microsecond=0))
        return issue.web_url

    def transition(self, change: Transition) -> str:
        """Note, labels and state as Drumbeat."""
        self.before_write(f"transition {change.key} {change.to}")
        ref = IssueRef(change.target.project_id, change.target.iid)
        if ref not in self.issues:
            raise Refused(f"404 Not Found: {change.target.reference}", status=404)
        issue = self.issues[ref]
        if change.say:
            self._note(ref, self.me, f"{change.say}\n\n{change.marker}")
            self.written["note"] += 1
            self.after_write(f"note {change.key} {change.to}")
        issue = self.relabel(issue, self.me, change.add_labels, change.remove_labels)
        if change.assign is not None:
            user = next(one for one in self.users.values() if one.id == change.assign.id)
            self._note(ref, self.me, f"assigned to @{user.username}", system=True)
            issue = self._update(ref, assignees=(user,))
        if change.milestone is not None:
            self._event(ref, EventKind.MILESTONE, self.me, "add")
            issue = self._update(ref, milestone=change.milestone.title)
        if change.due_date is not None:
            issue = self.change_due_date(issue, self.me, change.due_date)
        if change.close and issue.opened:
            issue = self.close(issue, self.me)
        if change.reopen and not issue.opened:
            issue = self.reopen(issue, self.me)
        if change.move_to:
            issue = self.move(issue, self.me, change.move_to)
        self.written["transition"] += 1
        self.after_write(f"transition {change.key} {change.to}")
        receive(f"request-{self._next_id()}", self.now.replace(microsecond=0))
        return issue.web_url

    def ensure_label(self, change: EnsureLabel) -> str:
        """Make, rename or paint a label; one that is there before it is made is as good."""
        self.before_write(f"label {change.name}")
        before = change.before
        old = change.name if before is None else before.name or change.name
        if before is None and change.name in self.labels:
            return f"https://gitlab.example.com/groups/{change.group}/-/labels"
        if before is not None and old not in self.labels:
            raise Refused("404 Not Found: Label Not Found", status=404)
        label_id = self.labels.pop(old).id if before is not None else self._next_id()
        self.labels[change.name] = Label(change.name, change.color, change.description, label_id)
        if old != change.name:
            self._rename_everywhere(old, change.name)
        return self._wrote("label", change.name, f"groups/{change.group}/-/labels")

    def _rename_everywhere(self, old: str, new: str) -> None:
        for ref, issue in self.issues.items():
            if old in issue.labels:
                self.issues[ref] = replace(issue, labels=issue.labels - {old} | {new})
        for boards in self.boards.values():
            for index, board in enumerate(boards):
                lists = (
                    replace(one, label=new) if one.label == old else one for one in board.lists
                )
                boards[index] = replace(board, lists=tuple(lists))

    def prioritize_label(self, change: PrioritizeLabel) -> str:
        """Give a label its priority in a project."""
        self.before_write(f"priority {change.key}")
        self.priorities[change.project, change.name] = change.priority
        return self._wrote("priority", change.key, f"{change.project}/-/labels")

    def remove_label(self, change: RemoveLabel) -> str:
        """Delete a label, with its lists on boards."""
        self.before_write(f"remove {change.name}")
        if self.labels.pop(change.name, None) is None:
            raise Refused("404 Not Found: Label Not Found", status=404)
        for ref, issue in self.issues.items():
            self.issues[ref] = replace(issue, labels=issue.labels - {change.name})
        for boards in self.boards.values():
            for index, board in enumerate(boards):
                lists = tuple(one for one in board.lists if one.label != change.name)
                boards[index] = replace(board, lists=lists)
        return self._wrote("remove", change.name, f"groups/{change.group}/-/labels")

    def ensure_board(self, change: EnsureBoard) -> str:
        """Make a board and its lists, and put them in order."""
        self.before_write(f"board {change.name}")
        boards = self.boards.setdefault((change.place, change.in_group), [])
        board = next((one for one in boards if one.id == change.before), None)
        if board is None:
            if boards and change.in_group and not self.scoped_boards:
                raise Refused("403 Forbidden", status=403)
            scope: frozenset[str] | None = frozenset() if self.scoped_boards else None
            board = Board(self._next_id(), change.name, scope=scope)
        else:
            boards.remove(board)
        lists = self._columns(board, change)
        scope = frozenset(change.only or ()) if board.scope is not None else None
        board = replace(board, lists=lists, scope=scope if change.only else board.scope)
        boards.append(board)
        return self._wrote("board", change.name, f"{change.place}/-/boards/{board.id}")

    def _columns(self, board: Board, change: EnsureBoard) -> tuple[BoardList, ...]:
        lists = list(board.lists)
        for label in change.missing:
            last = max((one.position or 0 for one in lists), default=-1)
            lists.append(BoardList(self._next_id(), label, last + 1))
        for move in change.moves:
            wanted = {"id": move.list_id} if move.list_id else {"label": move.label}
            lists = moved(lists, wanted, move.position)
        return tuple(sorted(lists, key=lambda one: (one.position or 0, one.id)))

    def ensure_schedule(self, change: EnsureSchedule) -> str:
        """Make a schedule of Drumbeat's, or take it over and change it."""
        self.before_write(f"schedule {change.key}")
        held = self.schedules.setdefault(change.project, [])
        before = change.before
        old = next((one for one in held if before and one.id == before.id), None)
        if old is None:
            old = Schedule(self._next_id(), change.description, "", active=True, owner=self.me)
        else:
            held.remove(old)
        owner = self.me if change.take_ownership else old.owner
        if owner != self.me and not self.is_admin:
            raise Refused("403 Forbidden", status=403)
        ref = change.ref if change.ref.startswith("refs/") else f"refs/heads/{change.ref}"
        held.append(
            replace(
                old,
                ref=ref,
                active=change.active,
                owner=owner,
                cron=change.cron,
                timezone=change.timezone,
            )
        )
        values = self.schedule_variables.setdefault(old.id, {})
        for variable in change.variables:
            values.pop(variable.key, None)
            if variable.value is not None:
                values[variable.key] = variable.value
        return self._wrote("schedule", change.key, f"{change.project}/-/pipeline_schedules")

    def _wrote(self, what: str, name: str, path: str) -> str:
        self.written[what] += 1
        self.after_write(f"{what} {name}")
        return f"https://gitlab.example.com/{path}"

    # --- Within ------------------------------------------------------------------------

    def _next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _next_iid(self, project: Project) -> int:
        here = (ref.iid for ref in self.issues if ref.project_id == project.id)
        return 1 + max(here, default=0)

    def _tick(self) -> datetime:
        self.now += TICK
        return self.now

    def _update(self, ref: IssueRef, **facts: Any) -> Issue:
        self.issues[ref] = replace(self.issues[ref], updated_at=self._tick(), **facts)
        return self.issues[ref]

    def _note(self, ref: IssueRef, who: User, body: str, *, system: bool = False) -> None:
        self.notes[ref].append(Note(self._next_id(), who, body, self._tick(), system))
        said = self.issues[ref].comments
        counted = None if said is None else said + (not system)
        self.issues[ref] = replace(self.issues[ref], comments=counted)

    def _event(
        self, ref: IssueRef, kind: EventKind, who: User, action: str, label: str | None = None
    ) -> None:
        self.events[ref].append(Event(kind, who, self._tick(), action, label))


def moved(lists: list[BoardList], wanted: dict[str, Any], position: int) -> list[BoardList]:
    """The lists after one was moved to a position, as GitLab shifts the others."""
    ((name, value),) = wanted.items()
    (one,) = (column for column in lists if getattr(column, name) == value)
    old = one.position or 0

    def shifted(column: BoardList) -> BoardList:
        at = column.position or 0
        if column is one:
            at = position
        elif old < at <= position:
            at -= 1
        elif position <= at < old:
            at += 1
        return replace(column, position=at)

    return [shifted(column) for column in lists]


def matches(issue: Issue, query: IssueQuery) -> bool:
    below = f"{query.place}/" if query.in_group else query.place
    place = issue.project.startswith(below) if query.in_group else issue.project == below
    return (
        place
        and (not query.iids or issue.ref.iid in query.iids)
        and query.state in {"all", "opened" if issue.opened else "closed"}
        and issue.labels.issuperset(query.labels)
        and issue.labels.isdisjoint(query.without)
        and query.author in {None, issue.author.username}
        and (query.not_author is None or query.not_author != issue.author.username)
        and (query.created_after is None or issue.created_at >= query.created_after)
        and (query.created_before is None or issue.created_at <= query.created_before)
        and (query.updated_after is None or issue.updated_at >= query.updated_after)
        and (query.updated_before is None or issue.updated_at <= query.updated_before)
        and query.type in {None, issue.type}
        and query.confidential in {None, issue.confidential}
        and _chosen(query.milestone, [issue.milestone] if issue.milestone else [])
        and _chosen(query.assignee, [one.username for one in issue.assignees])
        and (query.not_milestone is None or query.not_milestone != issue.milestone)
        and query.not_assignee not in [one.username for one in issue.assignees]
    )


def _chosen(wanted: str | None, found: list[str]) -> bool:
    """Whether a choice by name, or by `none` or `any`, takes what was found."""
    return {None: True, "none": not found, "any": bool(found)}.get(wanted, wanted in found)


def lost_answer(_what: str) -> None:
    """A write whose answer never came."""
    raise OutcomeUnknown("the answer was lost")


def refused(_what: str) -> None:
    """A write that GitLab refused."""
    raise Refused("403 Forbidden", status=403)


@dataclass
class AtWrite:
    """A hook that raises at the n-th write that it is told of, from 1, and only there.

    `error` None: it only counts.
    """

    number: int
    error: BaseException | None = None
    seen: int = 0

    def __call__(self, _what: str) -> None:
        self.seen += 1
        if self.error is not None and self.seen == self.number:
            raise self.error


__all__ = ["BOT", "AtWrite", "FakeGitLab", "lost_answer", "refused"]

"""A GitLab in memory, for tests of rules: holds state, reads and writes as the ports say.

It is held to the same contract as the real edge (see test_ports_contract.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from automation.checklist import read
from automation.errors import OutcomeUnknown, Refused, RemoteError
from automation.model.change import CreateIssue, EnsureBoard, EnsureLabel, Transition
from automation.model.issue import (
    Access,
    Board,
    BoardList,
    Event,
    EventKind,
    Identity,
    Issue,
    IssueQuery,
    IssueRef,
    Label,
    Note,
    Project,
    User,
)
from automation.model.snapshot import (
    AccessTo,
    BoardsOf,
    EventsOf,
    IssuesOf,
    LabelsOf,
    NotesOf,
    Question,
    Unreadable,
    UserNamed,
    WhoAmI,
)

BOT = User(1, "support-drumbeat", "Drumbeat")
TICK = timedelta(milliseconds=1)


@dataclass
class FakeGitLab:
    """One group with projects in it; Drumbeat's user has Planner everywhere."""

    now: datetime
    group: str = "support"
    projects: dict[str, Project] = field(default_factory=dict)
    issues: dict[IssueRef, Issue] = field(default_factory=dict)
    notes: dict[IssueRef, list[Note]] = field(default_factory=dict)
    events: dict[IssueRef, list[Event]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    boards: dict[tuple[str, bool], list[Board]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    me: User = BOT
    asked: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    before_write: Callable[[str], None] = lambda _what: None
    after_write: Callable[[str], None] = lambda _what: None
    unreadable: dict[Question, Unreadable] = field(default_factory=dict)
    last_id: int = 100

    # --- What tests set up, and what people do ---------------------------------------

    def with_project(self, path: str, **facts: bool) -> Project:
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
        iid = 1 + max((ref.iid for ref in self.issues if ref.project_id == project.id), default=0)
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
        """Somebody rewrites a description; a system note tells it."""
        self._note(issue.ref, who, "changed the description", system=True)
        return self._update(issue.ref, description=description, tasks=read(description).counts())

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
        return self._update(issue.ref, opened=False, closed_at=self.now)

    def reopen(self, issue: Issue, who: User) -> Issue:
        """Somebody reopens an issue."""
        self._event(issue.ref, EventKind.STATE, who, "reopened")
        return self._update(issue.ref, opened=True, closed_at=None)

    def change_due_date(self, issue: Issue, who: User, due: date | None) -> Issue:
        """Somebody moves the due date."""
        self._note(issue.ref, who, f"changed due date to {due}", system=True)
        return self._update(issue.ref, due_date=due)

    def current(self, issue: Issue) -> Issue:
        """The issue as it is now."""
        return self.issues[issue.ref]

    # --- The Reader --------------------------------------------------------------------

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """What the ports promise."""
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: Question) -> object:
        self.asked[type(question).__name__] += 1
        if question in self.unreadable:
            return self.unreadable[question]
        match question:
            case WhoAmI():
                return Identity(self.me, self.now)
            case IssuesOf(query):
                return self._list(query)
            case AccessTo(group):
                below = {p: one for p, one in self.projects.items() if p.startswith(f"{group}/")}
                return Access(below)
            case NotesOf(ref):
                return tuple(reversed(self.notes[ref]))
            case EventsOf(ref, kind):
                return tuple(event for event in self.events[ref] if event.kind is kind)
            case LabelsOf():
                return tuple(self.labels.values())
            case BoardsOf(place, in_group):
                return tuple(self.boards.get((place, in_group), ()))
            case UserNamed(username):
                return self.users.get(username)

    def _list(self, query: IssueQuery) -> tuple[Issue, ...]:
        found = (issue for issue in self.issues.values() if _matches(issue, query))
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
        return issue.web_url

    def transition(self, change: Transition) -> str:
        """Note, labels and state as Drumbeat."""
        self.before_write(f"transition {change.key} {change.to}")
        ref = IssueRef(change.target.project_id, change.target.iid)
        issue = self.issues[ref]
        if change.say:
            self._note(ref, self.me, f"{change.say}\n\n{change.marker}")
            self.written["note"] += 1
            self.after_write(f"note {change.key} {change.to}")
        issue = self.relabel(issue, self.me, change.add_labels, change.remove_labels)
        if change.close and issue.opened:
            issue = self.close(issue, self.me)
        self.written["transition"] += 1
        self.after_write(f"transition {change.key} {change.to}")
        return issue.web_url

    def ensure_label(self, change: EnsureLabel) -> str:
        """Make a label."""
        self.before_write(f"label {change.name}")
        self.labels[change.name] = Label(change.name, change.color, change.description)
        self.written["label"] += 1
        return f"https://gitlab.example.com/groups/{change.group}/-/labels"

    def ensure_board(self, change: EnsureBoard) -> str:
        """Make a board and its lists."""
        self.before_write(f"board {change.name}")
        boards = self.boards.setdefault((change.place, change.in_group), [])
        board = next((one for one in boards if one.id == change.before), None)
        if board is None:
            board = Board(self._next_id(), change.name)
        else:
            boards.remove(board)
        lists = list(board.lists)
        for label in change.missing:
            lists.append(BoardList(self._next_id(), label, len(lists)))
        boards.append(replace(board, lists=tuple(lists)))
        self.written["board"] += 1
        return f"https://gitlab.example.com/{change.place}/-/boards/{board.id}"

    # --- Within ------------------------------------------------------------------------

    def _next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _tick(self) -> datetime:
        self.now += TICK
        return self.now

    def _update(self, ref: IssueRef, **facts: object) -> Issue:
        self.issues[ref] = replace(self.issues[ref], updated_at=self._tick(), **facts)
        return self.issues[ref]

    def _note(self, ref: IssueRef, who: User, body: str, *, system: bool = False) -> None:
        self.notes[ref].append(Note(self._next_id(), who, body, self._tick(), system))

    def _event(
        self, ref: IssueRef, kind: EventKind, who: User, action: str, label: str | None = None
    ) -> None:
        self.events[ref].append(Event(kind, who, self._tick(), action, label))


def _matches(issue: Issue, query: IssueQuery) -> bool:
    below = f"{query.place}/" if query.in_group else query.place
    place = issue.project.startswith(below) if query.in_group else issue.project == below
    return (
        place
        and query.state in {"all", "opened" if issue.opened else "closed"}
        and issue.labels.issuperset(query.labels)
        and issue.labels.isdisjoint(query.without)
        and query.author in {None, issue.author.username}
        and (query.not_author is None or query.not_author != issue.author.username)
        and (query.created_after is None or issue.created_at >= query.created_after)
        and (query.created_before is None or issue.created_at <= query.created_before)
    )


def lost_answer(_what: str) -> None:
    """A write whose answer never came."""
    raise OutcomeUnknown("the answer was lost")


def refused(_what: str) -> None:
    """A write that GitLab refused."""
    raise Refused("403 Forbidden", status=403)


__all__ = ["BOT", "UTC", "FakeGitLab", "RemoteError", "lost_answer", "refused"]

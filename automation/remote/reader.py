"""Answers the planner's questions from GitLab's REST API. Reads, and only reads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import gitlab

from automation.errors import Refused, RemoteError
from automation.model.issue import (
    Access,
    Board,
    Event,
    Identity,
    Issue,
    IssueQuery,
    IssueRef,
    Label,
    Member,
    Note,
    Project,
    Role,
    Schedule,
    User,
    Variable,
)
from automation.model.snapshot import (
    AccessTo,
    BoardsOf,
    EventsOf,
    IssuesOf,
    LabelsOf,
    MembersOf,
    NotesOf,
    ProjectAt,
    Question,
    RoleOf,
    SchedulesOf,
    Unreadable,
    VariableAt,
    WhichToken,
    WhoAmI,
)
from automation.remote import convert
from automation.remote.calls import Answer, Calls, quoted
from automation.remote.fields import Fields
from automation.remote.pacing import Pacer
from automation.remote.pages import Listing, Progress, read_all

Rights = WhoAmI | WhichToken | AccessTo | ProjectAt | MembersOf | RoleOf
"""Questions about who may do what."""

_GONE = frozenset({403, 404, 410})
_UNAUTHORIZED = 401
_NOT_FOUND = 404


class GitLabReader:
    """The `Reader` of a real GitLab.

    `progress` is told how far a long list is read, one line at a time.
    """

    def __init__(self, gl: gitlab.Gitlab, pacer: Pacer, progress: Progress | None = None) -> None:
        self._calls = Calls(gl, pacer)
        self._progress = progress

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """Read the answers; what GitLab will not show is `Unreadable`, with the reason.

        Raises RemoteError where the token is not accepted, and where a list that
        decides on creating issues cannot be read whole: half a list is no answer.
        """
        return {question: self._answer(question) for question in dict.fromkeys(questions)}

    def _answer(self, question: Question) -> object:
        try:
            return self._read(question)
        except RemoteError as error:
            if _stops_everything(question, error):
                raise
            return Unreadable(error.message, _remedy(question, error))

    def _read(self, question: Question) -> object:
        match question:
            case WhoAmI() | WhichToken() | ProjectAt() | MembersOf() | RoleOf() | AccessTo():
                return self._read_rights(question)
            case IssuesOf(query):
                return self._issues(query)
            case NotesOf(ref):
                return self._notes(ref)
            case EventsOf():
                return self._events(question)
            case LabelsOf(group):
                return self._labels(group)
            case SchedulesOf(path):
                return self._schedules(path)
            case VariableAt(path, key):
                return self._variable(path, key)
            case BoardsOf(place, in_group):
                return self._boards(place, in_group=in_group)
        return self._user(question.username)

    def _read_rights(self, question: Rights) -> object:
        match question:
            case WhoAmI():
                return self._identity()
            case WhichToken():
                answer = self._calls.get("/personal_access_tokens/self", {})
                return convert.token(Fields(answer.data, "the token"))
            case AccessTo(group):
                return self._access(group)
            case ProjectAt(path):
                return self._project(path)
            case MembersOf(project_id):
                return self._members(project_id)
        return self._role(question.project_id, question.user_id)

    def _identity(self) -> Identity:
        answer = self._calls.get("/user", {})
        fields = Fields(answer.data, "the token's user")
        return Identity(
            user=convert.user(fields),
            server_time=_server_time(answer),
            is_admin=fields.optional("is_admin", fields.flag) is True,
        )

    def _issues(self, query: IssueQuery) -> tuple[Issue, ...]:
        listing = Listing(
            _home(query.place, in_group=query.in_group) + "/issues",
            _issue_filters(query),
            f"issues of {query.place}",
        )
        return tuple(convert.issue(fields) for fields in self._all(listing))

    def _access(self, group: str) -> Access:
        # `min_access_level` counts inherited roles too: GitLab looks it up in its table of
        # project authorizations (`GroupProjectsFinder`, `visible_to_user_and_access_level`).
        query = {
            "include_subgroups": "true",
            "with_shared": "false",
            "min_access_level": int(Role.PLANNER),
            "order_by": "id",
            "sort": "asc",
        }
        listing = Listing(f"/groups/{quoted(group)}/projects", query, f"projects of {group}")
        projects = [convert.project(fields) for fields in self._all(listing)]
        below = f"{group}/".lower()
        return Access({one.path: one for one in projects if one.path.lower().startswith(below)})

    def _notes(self, ref: IssueRef) -> tuple[Note, ...]:
        query = {"sort": "desc", "order_by": "created_at"}
        listing = Listing(_issue(ref) + "/notes", query, f"notes of {_words(ref)}", gappy=True)
        return tuple(convert.note(fields) for fields in self._all(listing))

    def _events(self, question: EventsOf) -> tuple[Event, ...]:
        kind = question.kind
        listing = Listing(
            f"{_issue(question.ref)}/resource_{kind}_events",
            {},
            f"{kind} events of {_words(question.ref)}",
            gappy=True,
        )
        return tuple(convert.event(fields, kind) for fields in self._all(listing))

    def _labels(self, group: str) -> tuple[Label, ...]:
        return tuple(convert.label(fields) for fields in self._all(labels_listing(group)))

    def _boards(self, place: str, *, in_group: bool) -> tuple[Board, ...]:
        path = _home(place, in_group=in_group) + "/boards"
        boards = self._all(Listing(path, {}, f"boards of {place}"))
        return tuple(convert.board(fields) for fields in boards)

    def _user(self, username: str) -> User | None:
        listing = Listing("/users", {"username": username}, f"users named {username}")
        users = [convert.user(fields) for fields in self._all(listing)]
        named = [user for user in users if user.username.lower() == username.lower()]
        return named[0] if named else None

    def _role(self, project_id: int, user_id: int) -> Role:
        path = f"/projects/{project_id}/members/all/{user_id}"
        found = self._found(path, "the member")
        return convert.role(found) if found else Role.NONE

    def _project(self, path: str) -> Project | None:
        found = self._found(_home(path, in_group=False), "the project")
        return convert.project(found) if found else None

    def _schedules(self, path: str) -> tuple[Schedule, ...]:
        home = _home(path, in_group=False) + "/pipeline_schedules"
        listing = Listing(home, {}, f"pipeline schedules of {path}")
        return tuple(convert.schedule(fields) for fields in self._all(listing))

    def _variable(self, path: str, key: str) -> Variable | None:
        home = _home(path, in_group=False)
        found = self._found(f"{home}/variables/{quoted(key)}", f"the variable {key}")
        return convert.variable(found) if found else None

    def _found(self, path: str, what: str) -> Fields | None:
        """One thing's fields, or None where GitLab says that there is no such thing."""
        try:
            answer = self._calls.get(path, {})
        except Refused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return Fields(answer.data, what)

    def _members(self, project_id: int) -> tuple[Member, ...]:
        # `all`: those of the groups above and of invited groups, each with the highest role.
        path = f"/projects/{project_id}/members/all"
        listing = Listing(path, {}, f"members of project {project_id}")
        return tuple(convert.member(fields) for fields in self._all(listing))

    def _all(self, listing: Listing) -> list[Fields]:
        return read_all(self._calls, listing, self._progress)


def labels_listing(place: str, *, in_group: bool = True) -> Listing:
    """The labels that issues of the place can bear: its own and those of groups above it.

    Source: GitLab's documentation, "Group labels API" and "Labels API".
    """
    query = {"include_ancestor_groups": "true"}
    if in_group:
        query |= {"include_descendant_groups": "false", "only_group_labels": "true"}
    return Listing(_home(place, in_group=in_group) + "/labels", query, f"labels of {place}")


def _home(place: str, *, in_group: bool) -> str:
    return f"/{'groups' if in_group else 'projects'}/{quoted(place)}"


def _issue(ref: IssueRef) -> str:
    return f"/projects/{ref.project_id}/issues/{ref.iid}"


def _words(ref: IssueRef) -> str:
    return f"issue {ref.iid} of project {ref.project_id}"


def _issue_filters(query: IssueQuery) -> dict[str, Any]:
    filters = {
        "scope": "all",
        "state": query.state,
        "order_by": "created_at",
        "sort": "asc",
        "labels": ",".join(query.labels),
        "not[labels]": ",".join(query.without),
        "author_username": query.author,
        "not[author_username]": query.not_author,
        "iids[]": list(query.iids),
        "created_after": _stamp(query.created_after),
        "created_before": _stamp(query.created_before),
    }
    return {name: value for name, value in filters.items() if value}


def _stamp(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def _server_time(answer: Answer) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stops_everything(question: Question, error: RemoteError) -> bool:
    status = error.status if isinstance(error, Refused) else None
    if status == _UNAUTHORIZED or isinstance(question, WhoAmI):
        return True
    return isinstance(question, IssuesOf | AccessTo) and status not in _GONE


def _remedy(question: Question, error: RemoteError) -> str:
    match question:
        case (
            IssuesOf(IssueQuery(place=place)) | AccessTo(place) | LabelsOf(place) | BoardsOf(place)
        ):
            return (
                f"Check that {place} is written as in GitLab (loops_group and the other paths "
                "in policies), and that the token's user is a member there with Planner or above."
            )
        case _:
            return error.remedy

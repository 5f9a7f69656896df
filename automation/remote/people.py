"""Reads who people are and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from automation.model.issue import Identity, Issue, Member, Role, User
from automation.model.metrics import Activity
from automation.model.questions import (
    ActivityOf,
    GroupMembersOf,
    MembersOf,
    RoleOf,
    UserAt,
    UserNamed,
    WhichToken,
    WhoAmI,
)
from automation.remote import convert
from automation.remote.calls import Answer, Calls
from automation.remote.fields import Fields
from automation.remote.lanes import Lanes
from automation.remote.pages import Listing, Progress
from automation.remote.sections import Section, home

PeopleQuestion = (
    WhoAmI | WhichToken | MembersOf | GroupMembersOf | RoleOf | UserNamed | UserAt | ActivityOf
)


class PeopleReader(Section):
    """Answers questions about people.

    Who stands in a list of issues that was read before need not be asked for again: a loop
    goes to whoever had the one before, so that a thousand new loops cost no thousand reads.
    """

    def __init__(self, calls: Calls, lanes: Lanes, progress: Progress | None = None) -> None:
        super().__init__(calls, lanes, progress)
        self._seen: dict[str, User] = {}

    def remember(self, issues: Iterable[Issue]) -> None:
        """Keep the people of these issues, as GitLab shows them everywhere."""
        for issue in issues:
            for user in (issue.author, *issue.assignees):
                self._seen.setdefault(user.username.lower(), user)

    def read(self, question: PeopleQuestion) -> object:
        """The answer; raises RemoteError where there is none."""
        match question:
            case WhoAmI():
                return self._identity()
            case WhichToken():
                answer = self._calls.get("/personal_access_tokens/self", {})
                return convert.token(Fields(answer.data, "the token"))
            case MembersOf(project_id):
                return self._members(f"/projects/{project_id}", f"project {project_id}")
            case GroupMembersOf(group):
                return self._members(home(group, in_group=True), group)
            case RoleOf(project_id, user_id):
                return self._role(project_id, user_id)
            case UserAt(user_id):
                return self._user_at(user_id)
            case ActivityOf():
                return self._activity(question)
        return self._user(question.username)

    def _identity(self) -> Identity:
        answer = self._calls.get("/user", {})
        fields = Fields(answer.data, "the token's user")
        return Identity(
            user=convert.user(fields),
            server_time=_server_time(answer),
            is_admin=fields.optional("is_admin", fields.flag) is True,
        )

    def _user(self, username: str) -> User | None:
        seen = self._seen.get(username.lower())
        if seen is not None:
            return seen
        listing = Listing("/users", {"username": username}, f"users named {username}")
        users = [convert.user(fields) for fields in self._all(listing)]
        named = [user for user in users if user.username.lower() == username.lower()]
        return named[0] if named else None

    def _user_at(self, user_id: int) -> User | None:
        # Only this answer has the flag `bot`; lists have basic users.
        # Source: GitLab's `lib/api/entities/user.rb` and `lib/api/entities/user_basic.rb`.
        found = self._found(f"/users/{user_id}", "the user")
        return convert.user(found) if found else None

    def _activity(self, question: ActivityOf) -> Activity:
        # Both days are left out of what GitLab answers, so they are widened by one.
        # Source: GitLab's documentation, "Events API".
        query = {
            "after": (question.first - timedelta(days=1)).isoformat(),
            "before": (question.last + timedelta(days=1)).isoformat(),
        }
        path = f"/users/{question.user_id}/events"
        listing = Listing(path, query, "what a user did", gappy=True)
        return convert.activity(self._all(listing))

    def _role(self, project_id: int, user_id: int) -> Role:
        path = f"/projects/{project_id}/members/all/{user_id}"
        found = self._found(path, "the member")
        return convert.role(found) if found else Role.NONE

    def _members(self, place: str, words: str) -> tuple[Member, ...]:
        # `all`: those of the groups above and of invited groups, each with the highest role.
        listing = Listing(f"{place}/members/all", {}, f"members of {words}")
        return tuple(convert.member(fields) for fields in self._all(listing))


def _server_time(answer: Answer) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

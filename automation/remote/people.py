"""Reads who people are and what they may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from automation.model.issue import Identity, Member, Role, User
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
from automation.remote.known_people import KnownPeople
from automation.remote.lanes import Lanes
from automation.remote.pages import Listing, Progress
from automation.remote.sections import Section, home

PeopleQuestion = (
    WhoAmI | WhichToken | MembersOf | GroupMembersOf | RoleOf | UserNamed | UserAt | ActivityOf
)


class PeopleReader(Section):
    """Answers questions about people; GitLab is not asked for those who are `known`."""

    def __init__(
        self, calls: Calls, lanes: Lanes, known: KnownPeople, progress: Progress | None = None
    ) -> None:
        super().__init__(calls, lanes, progress)
        self._known = known

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
        known = self._known.get(username)
        if known is not None:
            return known
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

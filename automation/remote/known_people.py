"""Who is known by name already, so that a thousand assignees are not looked up one by one.

GitLab finds users by name one at a time. Whoever stands in a list that was read need not be
looked up: a loop goes to whoever had the one before. Where a run asks for many whom no list had,
it reads the members of the places that it has to do with, a hundred at once. A list proves that
somebody is there, never that somebody is not: who stands in none is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import cast

from automation.errors import RemoteError
from automation.model.issue import Access, Issue, Member, User
from automation.model.questions import (
    AccessTo,
    GroupMembersOf,
    IssuesOf,
    MembersOf,
    Question,
    UserNamed,
)
from automation.model.snapshot import Unreadable
from automation.remote import convert
from automation.remote.calls import Calls
from automation.remote.lanes import Lanes
from automation.remote.pages import Listing, Part, read_page
from automation.remote.sections import home

_MANY = 3
"""So many unknown names are worth a look at lists of members, which may know none of them."""
_FEW = 3
"""Projects whose members are read in place of the group's: a list for each of many costs more."""
_MOST_PAGES = 200
"""Of one list: GitLab.com shows no more a minute, see `GITLAB_COM` in `limits`."""
_ACTIVE = "active"


class KnownPeople:
    """The users of the lists that this run has read."""

    def __init__(self, calls: Calls, lanes: Lanes) -> None:
        self._calls = calls
        self._lanes = lanes
        self._users: dict[str, User] = {}
        self._places: dict[str, bool] = {}

    def get(self, username: str) -> User | None:
        """The user of that name, in any case; None where no list had them."""
        return self._users.get(username.lower())

    def learn(self, answers: Mapping[Question, object]) -> None:
        """Keep who stands in these answers, and the places whose members may be read."""
        for question, answer in answers.items():
            if isinstance(answer, Unreadable):
                continue
            match question:
                case IssuesOf():
                    self._keep(_of_issues(cast("tuple[Issue, ...]", answer)))
                case MembersOf() | GroupMembersOf():
                    self._places[_place_of(question)] = True
                    self._keep_active(one.user for one in cast("tuple[Member, ...]", answer))
                case AccessTo(group):
                    for place in _places(group, cast(Access, answer)):
                        self._places.setdefault(place, False)

    def many_strangers(self, questions: Iterable[Question]) -> frozenset[Question]:
        """The questions for names that nobody knows, if they are many; else none."""
        asked = [one for one in questions if isinstance(one, UserNamed)]
        strangers = frozenset[Question](one for one in asked if self.get(one.username) is None)
        return strangers if len(strangers) >= _MANY else frozenset()

    def meet(self, questions: Iterable[Question]) -> None:
        """Read members of places, each place once a run, while many of the names are unknown.

        A list that GitLab does not show costs nothing but the attempt.
        """
        names = {one.username.lower() for one in questions if isinstance(one, UserNamed)}
        for place, is_read in list(self._places.items()):
            unknown = names - self._users.keys()
            if not is_read and len(unknown) >= _MANY:
                self._places[place] = True
                try:
                    self._read_members(place, unknown)
                except RemoteError:
                    continue

    def _read_members(self, place: str, names: Set[str]) -> None:
        """Page 1, which tells how many there are; then those that may pay, side by side."""
        listing = Listing(f"{place}/members/all", {}, "members")
        read, more = 0, 1
        while more:
            numbers = range(read + 1, read + more + 1)
            parts = self._lanes.map(lambda n: read_page(self._calls, listing, n), numbers)
            self._keep_active(convert.user(item) for part in parts for item in part.items)
            read += more
            left = len(names - self._users.keys())
            more = min(self._lanes.width, _worth(parts[-1], read, len(names) - left, left))

    def _keep_active(self, members: Iterable[User]) -> None:
        # A blocked user is a member still, but a look-up shows them to administrators only:
        # they are looked up, so that they count as they always did.
        # Source: GitLab's `app/finders/users_finder.rb`, `base_scope`.
        self._keep(user for user in members if user.state == _ACTIVE)

    def _keep(self, users: Iterable[User]) -> None:
        for user in users:
            self._users.setdefault(user.username.lower(), user)


def _worth(latest: Part, read: int, found: int, left: int) -> int:
    """How many pages more may find as many people as they cost; 0 where it is to end.

    One page that finds nobody proves little: the first members may be administrators and bots.
    """
    if not (latest.more and left) or 1 < read > found:
        return 0
    if latest.pages is None:
        return min(left, _MOST_PAGES - read)
    pages = latest.pages - read
    return pages if pages <= left else 0


def _places(group: str, access: Access) -> Iterator[str]:
    """Whose members to read: lists of projects have the members of the groups above, too.

    Source: GitLab's documentation, "Members API", and its `app/finders/members_finder.rb`.
    """
    projects = [one for one in access.projects.values() if not one.archived]
    if 0 < len(projects) <= _FEW:
        yield from (f"/projects/{one.id}" for one in projects)
    else:
        yield home(group, in_group=True)


def _place_of(question: MembersOf | GroupMembersOf) -> str:
    if isinstance(question, MembersOf):
        return f"/projects/{question.project_id}"
    return home(question.group, in_group=True)


def _of_issues(issues: Iterable[Issue]) -> Iterator[User]:
    for issue in issues:
        yield from (issue.author, *issue.assignees)

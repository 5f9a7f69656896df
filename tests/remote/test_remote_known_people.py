"""Many names cost a few lists of members, never more of them than they can save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from automation.errors import Refused
from automation.model.issue import IssueQuery, User
from automation.model.questions import (
    AccessTo,
    GroupMembersOf,
    IssuesOf,
    MembersOf,
    Question,
    UserNamed,
)
from automation.model.snapshot import Unreadable
from automation.remote import GitLabReader
from tests.remote.remote_world import API, issue_json, json_text, paged, project_json, user_json

LOOPS = [project_json(20, "support/loops")]
MANY_PROJECTS = [project_json(20 + n, f"support/loops-{n}") for n in range(4)]
PROJECT = "/projects/20/members/all"
GROUP = "/groups/support/members/all"
ACCESS = AccessTo("support")


def names(first: int, last: int) -> list[str]:
    return [f"mgr-{number}" for number in range(first, last + 1)]


def asked_for(people: Collection[str]) -> list[Question]:
    return [UserNamed(name) for name in people]


def member(name: str, **more: Any) -> dict[str, Any]:
    number = int(name.rpartition("-")[2])
    return user_json(number, name, access_level=20, membership_state="active") | more


def staff(count: int) -> list[dict[str, Any]]:
    """Members of whom no loop is."""
    return [member(f"staff-{number}") for number in range(10_001, 10_001 + count)]


class People:
    """A GitLab that knows everybody by name, and shows the members of some places."""

    def __init__(self, server: responses.RequestsMock) -> None:
        self.server = server
        self.missing: set[str] = set()
        server.add_callback("GET", f"{API}/users", callback=self._look_up)

    def _look_up(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        (name,) = self.params(request)["username"]
        found = [] if name in self.missing else [user_json(int(name.rpartition("-")[2]), name)]
        return 200, {"X-Next-Page": "", "X-Total": str(len(found))}, json_text(found)

    @staticmethod
    def params(request: requests.PreparedRequest) -> dict[str, list[str]]:
        return parse_qs(urlsplit(request.url or "").query)

    def projects(self, *projects: dict[str, Any], group: str = "support") -> None:
        paged(self.server, f"/groups/{group}/projects", list(projects))

    def members(self, path: str, people: Sequence[dict[str, Any]], *, total: bool = True) -> None:
        """Pages of a hundred; past 10,000 GitLab tells no total."""

        def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            page = int(self.params(request)["page"][0])
            last = max(1, -(-len(people) // 100))
            headers = {"X-Next-Page": str(page + 1) if page < last else ""}
            if total:
                headers |= {"X-Total": str(len(people)), "X-Total-Pages": str(last)}
            return 200, headers, json_text(people[(page - 1) * 100 : page * 100])

        self.server.add_callback("GET", f"{API}{path}", callback=answer)

    def refuse(self, path: str, status: int) -> None:
        self.server.get(f"{API}{path}", status=status, json={"message": "Not for you"})

    def counted(self) -> Counter[str]:
        """How often each path was asked for since the last time."""
        seen = Counter(
            urlsplit(call.request.url or "").path.removeprefix("/api/v4")
            for call in self.server.calls
        )
        self.server.calls.reset()
        return seen


@pytest.fixture
def people(server: responses.RequestsMock) -> People:
    return People(server)


@pytest.fixture
def at_home(people: People, reader: GitLabReader) -> GitLabReader:
    """A reader that knows the one project in which loops are."""
    people.projects(*LOOPS)
    reader.answer([ACCESS])
    people.counted()
    return reader


@pytest.fixture
def spread(people: People, reader: GitLabReader) -> GitLabReader:
    """A reader that knows of a group with many projects."""
    people.projects(*MANY_PROJECTS)
    reader.answer([ACCESS])
    people.counted()
    return reader


# --- What is saved -----------------------------------------------------------------------


def test_members_of_the_one_project_need_not_be_looked_up(people, at_home):
    people.members(PROJECT, [member(name) for name in names(1, 30)])
    answers = at_home.answer(asked_for(names(1, 30)))
    assert people.counted() == {PROJECT: 1}
    assert answers == {UserNamed(f"mgr-{n}"): User(n, f"mgr-{n}", "Emea One") for n in range(1, 31)}
    assert list(answers) == asked_for(names(1, 30))


def test_of_many_projects_the_group_is_asked(people, spread):
    people.members(GROUP, [member(name) for name in names(1, 30)])
    spread.answer(asked_for(names(1, 30)))
    assert people.counted() == {GROUP: 1}


def test_projects_that_are_archived_do_not_count(people, reader):
    people.projects(*LOOPS, *(one | {"archived": True} for one in MANY_PROJECTS[1:]))
    people.members(PROJECT, [member(name) for name in names(1, 5)])
    reader.answer([ACCESS])
    reader.answer(asked_for(names(1, 5)))
    assert people.counted() == {"/groups/support/projects": 1, PROJECT: 1}


def test_a_group_without_a_project_has_members_all_the_same(people, reader):
    people.projects()
    people.members(GROUP, [member(name) for name in names(1, 5)])
    reader.answer([ACCESS])
    reader.answer(asked_for(names(1, 5)))
    assert people.counted() == {"/groups/support/projects": 1, GROUP: 1}


def test_names_wait_for_what_is_asked_with_them(people, reader):
    """So what the same questions tell about places and people is not asked for again."""
    people.projects(*MANY_PROJECTS)
    people.members(GROUP, [member(name) for name in names(2, 9)])
    manager = user_json(1, "mgr-1")
    paged(people.server, "/groups/support/issues", [issue_json(1, assignees=[manager])])
    questions = [*asked_for(names(1, 9)), IssuesOf(IssueQuery("support")), ACCESS]
    answers = reader.answer(questions)
    assert list(answers) == questions
    assert people.counted() == {
        "/groups/support/issues": 1,
        "/groups/support/projects": 1,
        GROUP: 1,
    }


def test_members_that_were_asked_for_are_known(people, at_home):
    people.members(PROJECT, [member(name) for name in names(1, 30)])
    people.members(GROUP, [member(name) for name in names(31, 60)])
    at_home.answer([MembersOf(20), GroupMembersOf("support")])
    at_home.answer(asked_for(names(1, 60)))
    assert people.counted() == {PROJECT: 1, GROUP: 1}


def test_a_name_in_another_case_is_the_same(people, at_home):
    people.members(PROJECT, [member(name) for name in names(1, 5)])
    answers = at_home.answer(asked_for(["MGR-1", "Mgr-2", "mgr-3"]))
    assert [user.username for user in answers.values()] == names(1, 3)
    assert people.counted() == {PROJECT: 1}


# --- What is still looked up ---------------------------------------------------------------


def test_two_names_are_worth_no_list(people, at_home):
    at_home.answer(asked_for(names(1, 2)))
    assert people.counted() == {"/users": 2}


def test_without_a_place_everybody_is_looked_up(people, reader):
    reader.answer(asked_for(names(1, 5)))
    assert people.counted() == {"/users": 5}


def test_a_group_that_cannot_be_seen_is_no_place(people, reader):
    people.refuse("/groups/support/projects", 404)
    assert isinstance(reader.answer([ACCESS])[ACCESS], Unreadable)
    reader.answer(asked_for(names(1, 5)))
    assert people.counted() == {"/groups/support/projects": 1, "/users": 5}


def test_who_stands_in_no_list_is_looked_up(people, at_home):
    people.missing = {"mgr-30"}
    people.members(PROJECT, [member(name) for name in names(1, 28)])
    answers = at_home.answer(asked_for(names(1, 30)))
    assert answers[UserNamed("mgr-29")] == User(29, "mgr-29", "Emea One")
    assert answers[UserNamed("mgr-30")] is None
    assert people.counted() == {PROJECT: 1, "/users": 2}


@pytest.mark.parametrize("state", ["blocked", "banned", "ldap_blocked", "deactivated"])
def test_a_member_who_is_not_active_is_judged_by_a_look_up(people, at_home, state):
    """A look-up hides blocked users from all but administrators; lists of members show them."""
    people.missing = {"mgr-3"}
    away = [member(name, state=state) for name in names(3, 4)]
    people.members(PROJECT, [*(member(name) for name in names(1, 2)), *away])
    answers = at_home.answer(asked_for(names(1, 4)))
    assert [user is None for user in answers.values()] == [False, False, True, False]
    assert people.counted() == {PROJECT: 1, "/users": 2}


def test_asking_for_members_makes_nobody_blocked_known(people, reader):
    people.missing = {"mgr-1"}
    people.members(PROJECT, [member("mgr-1", state="blocked")])
    reader.answer([MembersOf(20)])
    assert reader.answer([UserNamed("mgr-1")])[UserNamed("mgr-1")] is None


# --- What it costs at most -----------------------------------------------------------------


def test_each_list_is_read_once_a_run(people, at_home):
    people.members(PROJECT, [member(name) for name in names(1, 5)])
    at_home.answer(asked_for(names(1, 5)))
    at_home.answer([ACCESS])
    at_home.answer(asked_for(names(6, 10)))
    assert people.counted() == {PROJECT: 1, "/groups/support/projects": 1, "/users": 5}


def test_a_few_projects_are_asked_while_many_names_are_unknown(people, reader):
    people.projects(*MANY_PROJECTS[:3])
    reader.answer([ACCESS])
    people.members(PROJECT, staff(1))
    people.members("/projects/21/members/all", [member(name) for name in names(1, 9)])
    reader.answer(asked_for(names(1, 10)))
    assert people.counted() == {
        "/groups/support/projects": 1,
        PROJECT: 1,
        "/projects/21/members/all": 1,
        "/users": 1,
    }


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500])
def test_a_list_that_is_refused_is_passed_over(people, spread, status):
    people.refuse(GROUP, status)
    answers = spread.answer(asked_for(names(1, 5)))
    assert [user.id for user in answers.values()] == [1, 2, 3, 4, 5]
    seen = people.counted()
    assert seen.pop(GROUP) >= 1
    assert seen == {"/users": 5}
    spread.answer(asked_for(names(6, 9)))
    assert people.counted() == {"/users": 4}


@pytest.mark.parametrize("body", [{"message": "hello"}, [{"id": "one"}], ["mgr-1"]])
def test_a_list_that_is_nonsense_is_passed_over(people, at_home, body):
    people.server.get(f"{API}{PROJECT}", json=body, headers={"X-Next-Page": ""})
    answers = at_home.answer(asked_for(names(1, 3)))
    assert [user.id for user in answers.values()] == [1, 2, 3]
    assert people.counted() == {PROJECT: 1, "/users": 3}


def test_a_token_that_is_revoked_meanwhile_ends_it_all(people, at_home):
    people.refuse(PROJECT, 401)
    people.server.replace("GET", f"{API}/users", status=401, json={"message": "401 Unauthorized"})
    with pytest.raises(Refused, match="DRUMBEAT_TOKEN"):
        at_home.answer(asked_for(names(1, 3)))


def test_all_pages_are_read_where_they_hold_everybody(people, at_home):
    people.members(PROJECT, [member(name) for name in names(1, 1_000)])
    at_home.answer(asked_for(names(1, 1_000)))
    assert people.counted() == {PROJECT: 10}


def test_no_further_page_is_read_once_everybody_is_known(people, at_home):
    people.members(PROJECT, [*(member(name) for name in names(1, 20)), *staff(500)])
    at_home.answer(asked_for(names(1, 20)))
    assert people.counted() == {PROJECT: 1}


def test_more_pages_than_names_are_not_read(people, at_home):
    people.members(PROJECT, [*staff(600), *(member(name) for name in names(1, 5))])
    at_home.answer(asked_for(names(1, 5)))
    assert people.counted() == {PROJECT: 1, "/users": 5}


def test_as_many_pages_as_names_are_read(people, at_home):
    people.members(PROJECT, [*staff(580), *(member(name) for name in names(1, 6))])
    at_home.answer(asked_for(names(1, 6)))
    assert people.counted() == {PROJECT: 6}


def test_pages_that_find_fewer_than_they_cost_are_the_last(people, at_home):
    """Behind the first, eight are read side by side."""
    people.members(PROJECT, [*staff(3_000), *(member(name) for name in names(1, 50))])
    at_home.answer(asked_for(names(1, 50)))
    assert people.counted() == {PROJECT: 9, "/users": 50}


def test_a_list_that_tells_no_total_is_read_as_long_as_it_pays(people, at_home):
    """GitLab tells none past 10,000."""
    everybody = [member(name) for name in names(1, 1_500)]
    people.members(PROJECT, everybody, total=False)
    at_home.answer(asked_for(names(1, 1_500)))
    assert people.counted() == {PROJECT: 17}  # two past the end: eight at a time


def test_a_list_without_a_total_that_does_not_pay_is_left(people, at_home):
    people.members(PROJECT, [*staff(2_000), member("mgr-1")], total=False)
    at_home.answer(asked_for(names(1, 4)))
    assert people.counted() == {PROJECT: 5, "/users": 4}


def test_a_list_without_an_end_is_left(people, at_home):
    few = [
        one
        for n in range(300)
        for one in (*staff(98), *(member(f"mgr-{n * 2 + k}") for k in (1, 2)))
    ]
    people.members(PROJECT, few, total=False)
    at_home.answer(asked_for(names(1, 600)))
    assert people.counted() == {PROJECT: 200, "/users": 200}

"""The rarer filters of issue lists, and the statistics over them: ``lib/api/issues.rb``."""

from __future__ import annotations

import pytest

from tests.sandbox.world import new_space


def titles(answer):
    assert answer.ok, answer.text
    return [issue["title"] for issue in answer.json()]


@pytest.fixture
def timed(fixed):
    """On 2026-11-23: issues in milestones of the past, of now and to come, and in none."""
    space = new_space(fixed)
    group = f"/groups/{space.group['id']}/milestones"
    dates = {
        "past": ("2026-01-01", "2026-02-01"),
        "now": ("2026-11-01", "2026-11-30"),
        "next": ("2027-01-01", "2027-02-01"),
    }
    for title, (start, due) in dates.items():
        made = space.root.made(group, title=title, start_date=start, due_date=due)
        space.issue(title, milestone_id=made["id"])
        if title == "past":
            space.root.put(f"{group}/{made['id']}", {"state_event": "close"})
    space.issue("none")
    yield space
    space.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("milestone_id=Upcoming", ["now", "next"]),
        ("milestone_id=Started", ["now"]),
        ("milestone_id=Any", ["past", "now", "next"]),
        ("milestone_id=None", ["none"]),
        ("not[milestone_id]=Upcoming", ["past", "none"]),
        ("not[milestone_id]=Started", ["past", "next", "none"]),
        ("not[milestone_id]=None", ["past", "now", "next"]),
        ("not[milestone]=now", ["past", "next", "none"]),
        ("milestone=any", ["past", "now", "next"]),
    ],
)
def test_timeboxes(timed, query, found):
    for path in (timed.path, f"/groups/{timed.group['id']}"):
        assert titles(timed.root.get(f"{path}/issues?sort=asc&{query}")) == found


def test_by_who_closed_it(space):
    planner = space.member("planner")
    mine, theirs = space.issue("mine"), space.issue("theirs")
    space.issue("open")
    space.root.put(space.at(mine), {"state_event": "close"})
    planner.put(space.at(theirs), {"state_event": "close"})
    found = space.root.get(f"{space.path}/issues", {"closed_by_id": planner.user["id"]})
    assert titles(found) == ["theirs"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("not[weight]=3", ["light", "none"]),
        ("weight=1", ["light"]),
        ("epic_id=None", ["heavy", "light", "none"]),
        ("epic_id=Any", []),
        ("epic_id=3", []),
        ("iteration_id=Current", []),
        ("iteration_id=none", ["heavy", "light", "none"]),
        ("iteration_title=x", []),
        ("not[iteration_id]=Any", ["heavy", "light", "none"]),
        ("epic_id=None&iteration_id=7", []),
    ],
)
def test_what_paid_tiers_filter_by(premium, query, found):
    for title, weight in (("heavy", 3), ("light", 1), ("none", None)):
        premium.issue(title, weight=weight)
    assert titles(premium.root.get(f"{premium.path}/issues?sort=asc&{query}")) == found


def test_free_tiers_look_past_those(space):
    space.issue("a")
    assert titles(space.root.get(f"{space.path}/issues", {"epic_id": "Any"})) == ["a"]


def test_several_assignees_on_paid_tiers(premium):
    people = [premium.member("reporter").user for _ in range(2)]
    premium.issue("both", assignee_ids=[one["id"] for one in people])
    premium.issue("one", assignee_ids=[people[0]["id"]])
    names = ",".join(one["username"] for one in people)
    assert titles(premium.root.get(f"{premium.path}/issues?assignee_username={names}")) == ["both"]
    found = premium.root.get(f"{premium.path}/issues", {"not[assignee_username]": names})
    assert titles(found) == []


def test_archived_projects_are_asked_for(space):
    space.issue("old")
    space.root.post(f"{space.path}/archive")
    group = f"/groups/{space.group['id']}/issues"
    assert titles(space.root.get(group)) == []
    assert titles(space.root.get(group, {"non_archived": False})) == ["old"]


def test_statistics(space, client):
    planner = space.member("planner")
    space.issue("a", labels="x")
    closed = space.issue("b", by=planner)
    space.root.put(space.at(closed), {"state_event": "close"})

    def counts(path, who=space.root, **query):
        answer = who.get(f"{path}/issues_statistics", query)
        assert answer.ok, answer.text
        return answer.json()["statistics"]["counts"]

    both = {"all": 2, "closed": 1, "opened": 1}
    assert counts(space.path) == both
    assert counts(f"/groups/{space.group['id']}") == both
    assert counts(space.path, state="closed") == both
    assert counts(space.path, labels="x") == {"all": 1, "closed": 0, "opened": 1}
    assert counts("", planner) == {"all": 1, "closed": 1, "opened": 0}
    assert counts("", planner, scope="all", labels="x")["all"] == 1
    assert client(None).get("/issues_statistics").status_code == 401
    assert client(None).get("/issues_statistics", {"scope": "all"}).status_code == 200


def test_an_empty_page_has_no_cursors(space):
    answer = space.root.get(f"{space.path}/issues", {"pagination": "keyset"})
    assert answer.json() == []
    assert not {"Link", "X-Next-Cursor", "X-Prev-Cursor"} & set(answer.headers)

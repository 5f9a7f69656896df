"""Lists of issues: filters and order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sandbox.stock import ALL, Stocked, stock, titles
from tests.sandbox.world import new_space


@pytest.fixture(scope="module")
def stocked():
    with stock() as made:
        yield made


def ids(space: Stocked) -> dict[str, Any]:
    return {
        "ANN": space.ann.user["id"],
        "BOB": space.bob.user["id"],
        "ann": space.ann.user["username"],
        "bob": space.bob.user["username"],
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("state=all", ALL),
        ("state=opened", ["alpha", "Beta", "gamma"]),
        ("state=closed", ["delta"]),
        ("labels=a", ["alpha", "Beta"]),
        ("labels=a,b", ["alpha"]),
        ("labels[]=a&labels[]=b", ["alpha"]),
        ("labels=none", ["gamma"]),
        ("labels=No+Label", ["gamma"]),
        ("labels=Any", ["alpha", "Beta", "delta"]),
        ("labels=A", []),
        ("not[labels]=a", ["gamma", "delta"]),
        ("not[labels]=a,b", ["gamma"]),
        ("iids[]=1&iids[]=3", ["alpha", "gamma"]),
        ("iids=2", ["Beta"]),
        ("not[iids][]=1", ["Beta", "gamma", "delta"]),
        ("author_username={bob}", ["delta"]),
        ("author_id={BOB}", ["delta"]),
        ("not[author_username]={bob}", ["alpha", "Beta", "gamma"]),
        ("not[author_id]={BOB}", ["alpha", "Beta", "gamma"]),
        ("assignee_id={ANN}", ["Beta"]),
        ("assignee_id=None", ["alpha", "gamma", "delta"]),
        ("assignee_id=0", ["alpha", "gamma", "delta"]),
        ("assignee_id=Any", ["Beta"]),
        ("assignee_username={ann}", ["Beta"]),
        ("assignee_username[]={ann}", ["Beta"]),
        ("not[assignee_id]={ANN}", ["alpha", "gamma", "delta"]),
        ("not[assignee_username]={ann}", ["alpha", "gamma", "delta"]),
        ("milestone=M", ["gamma"]),
        ("milestone=None", ["alpha", "Beta", "delta"]),
        ("milestone=Any", ["gamma"]),
        ("not[milestone]=M", ["alpha", "Beta", "delta"]),
        ("search=NEEDLE", ["alpha"]),
        ("search=needle&in=title", []),
        ("search=alph&in=title", ["alpha"]),
        ("search=needle&in=nowhere", []),
        ("search=here+needle", ["alpha"]),
        ("search=%25", []),
        ("created_after=2026-01-03T00:00:00Z", ["gamma", "delta"]),
        ("created_before=2026-01-01T00:00:00Z", ["alpha"]),
        ("created_before=2026-01-02T00:00:00%2B01:00", ["alpha"]),
        ("updated_after=2026-01-05", ALL),
        ("updated_before=2026-01-05", []),
        ("due_date=0", ["alpha", "gamma", "delta"]),
        ("due_date=any", ["Beta"]),
        ("confidential=true", ["gamma"]),
        ("confidential=false", ["alpha", "Beta", "delta"]),
        ("issue_type=incident", ["delta"]),
        ("scope=created_by_me", ["alpha", "Beta", "gamma"]),
        ("scope=assigned-to-me", []),
        ("my_reaction_emoji=star", []),
        ("my_reaction_emoji=None", ALL),
        ("milestone_id=Any", ["gamma"]),
        ("milestone_id=None", ["alpha", "Beta", "delta"]),
        ("weight=7", ALL),
    ],
)
def test_filters(stocked, query, expected):
    query = query.format(**ids(stocked))
    answer = stocked.root.get(f"{stocked.path}/issues?sort=asc&{query}")
    assert titles(answer) == expected
    assert answer.headers["X-Total"] == str(len(expected))


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("overdue", ["-30", "-10", "-1"]),
        ("today", ["0"]),
        ("tomorrow", ["1"]),
        ("week", ["-1", "0", "1"]),
        ("month", ["-10", "-1", "0", "1"]),
        ("next_month_and_previous_two_weeks", ["-10", "-1", "0", "1", "25"]),
        ("any", ["-30", "-10", "-1", "0", "1", "25", "60"]),
    ],
)
def test_due_words_follow_the_clock(fixed, word, found):
    space = new_space(fixed)
    today = date(2026, 11, 24)
    fixed.put("/sandbox/clock", {"now": "2026-11-24T10:00:00Z"})
    for days in (-30, -10, -1, 0, 1, 25, 60):
        due = (today + timedelta(days=days)).isoformat()
        space.issue(str(days), due_date=due)
    assert titles(fixed.get(f"{space.path}/issues", {"due_date": word, "sort": "asc"})) == found


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"order_by": "created_at"}, ["delta", "gamma", "Beta", "alpha"]),
        ({"order_by": "title", "sort": "asc"}, ["alpha", "Beta", "delta", "gamma"]),
        ({"order_by": "due_date", "sort": "asc"}, ["Beta", "alpha", "gamma", "delta"]),
        ({"order_by": "due_date", "sort": "desc"}, ["Beta", "delta", "gamma", "alpha"]),
        ({"order_by": "updated_at", "sort": "desc"}, ["delta", "gamma", "Beta", "alpha"]),
        ({"order_by": "label_priority", "sort": "asc"}, ["delta", "alpha", "Beta", "gamma"]),
        ({"order_by": "priority", "sort": "asc"}, ["gamma", "delta", "alpha", "Beta"]),
        ({"order_by": "milestone_due", "sort": "asc"}, ["gamma", "alpha", "Beta", "delta"]),
        ({"order_by": "weight", "sort": "asc"}, ALL),
        ({"order_by": "popularity", "sort": "asc"}, ALL),
        ({"order_by": "relative_position", "sort": "asc"}, ALL),
    ],
)
def test_orders(stocked, order, expected):
    assert titles(stocked.root.get(f"{stocked.path}/issues", order)) == expected


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("order_by=mood", "order_by does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
        ("state=open", "state does not have a valid value"),
        ("scope=mine", "scope does not have a valid value"),
        ("due_date=someday", "due_date does not have a valid value"),
        ("page=x", "page is invalid"),
        ("per_page=0", "per_page has a value not allowed"),
        ("per_page=-1", "per_page is invalid"),
        ("author_id=x", "author_id is invalid"),
        ("created_after=x", "created_after is invalid"),
        ("not[author_id]=x", "not[author_id] is invalid"),
        ("milestone_id=", "milestone_id does not have a valid value"),
        ("milestone_id=7", "milestone_id does not have a valid value"),
        ("milestone_id=Any&milestone=M", "milestone_id, milestone are mutually exclusive"),
        ("author_id=1&author_username=root", "author_id, author_username are mutually exclusive"),
        ("assignee_id=x", "assignee_id should be an integer, 'None' or 'Any'"),
        ("weight=x", "weight should be an integer, 'None' or 'Any'"),
        ("iteration_id=x", "iteration_id should be an integer, 'none', 'any' or 'current'"),
        ("author_id=None", "author_id is invalid"),
        ("assignee_username=a,b", "assignee_username allows one value, but found 2: a, b"),
        ("not[assignee_id]=None", "not[assignee_id] is invalid"),
        (
            "not[milestone]=M&not[milestone_id]=Any",
            "not[milestone_id], not[milestone] are mutually exclusive",
        ),
    ],
)
def test_what_a_list_refuses(stocked, query, error):
    answer = stocked.root.get(f"{stocked.path}/issues?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_labels_in_detail(stocked):
    found = stocked.root.get(f"{stocked.path}/issues", {"with_labels_details": True, "iids[]": 2})
    (label,) = found.json()[0]["labels"]
    assert label["name"] == "a"
    assert set(label) == {
        "id",
        "name",
        "description",
        "description_html",
        "text_color",
        "color",
        "archived",
    }


def test_group_lists_name_issues_in_full(stocked):
    found = stocked.root.get(f"/groups/{stocked.group['id']}/issues", {"sort": "asc"})
    assert titles(found) == ALL
    path = stocked.project["path_with_namespace"]
    assert found.json()[0]["references"]["relative"] == f"{path}#1"
    assert "subscribed" not in found.json()[0]


def test_the_global_list_shows_ones_own(stocked):
    assert titles(stocked.bob.get("/issues")) == ["delta"]
    assert titles(stocked.ann.get("/issues", {"scope": "assigned_to_me"})) == ["Beta"]
    assert len(titles(stocked.ann.get("/issues", {"scope": "all"}))) == 4


def test_a_page_of_a_hundred_is_quick_and_asks_little(stocked):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    space = new_space(stocked.root)
    for number in range(30):
        space.issue(f"i{number}", labels=f"l{number},x")
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        stocked.root.get(f"{space.path}/issues", {"per_page": 100})
        few = len(asked)
        stocked.root.get(f"{space.path}/issues", {"per_page": 5})
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert few == len(asked) - few
    assert few < 12


@pytest.mark.parametrize(("word", "found"), [("3", ["a"]), ("None", ["b"]), ("Any", ["a"])])
def test_weights_on_premium(premium, word, found):
    premium.issue("a", weight=3)
    premium.issue("b")
    assert titles(premium.root.get(f"{premium.path}/issues", {"weight": word})) == found

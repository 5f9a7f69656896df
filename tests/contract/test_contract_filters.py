"""Filters of issue lists: how loops are found, whatever people did to them meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.citing import cites
from tests.contract.place import Place, new_place

ALL = ["alpha", "beta", "gamma", "delta", "epsilon"]
DAYS = {"alpha": 1, "beta": 2, "gamma": 3, "delta": 4}


@pytest.fixture(scope="module")
def stocked(root, top):
    """A project whose issues differ in all that one can filter by; `words` fills in its ids."""
    place = new_place(root, top["id"])
    planner = place.member("planner")
    milestone = root.made(f"{place.path}/milestones", title="M1")

    def made(title: str, **more: Any) -> dict[str, Any]:
        return place.issue(title, created_at=f"2026-01-0{DAYS[title]}T00:00:00.000Z", **more)

    made("alpha", labels="a,b", description="a needle in it")
    made("beta", labels="a", due_date="2026-12-01", assignee_ids=[planner.user["id"]])
    made("gamma", confidential=True, milestone_id=milestone["id"])
    shut = made("delta", labels="b")
    root.put(place.at(shut), {"state_event": "close"})
    place.issue("epsilon", by=planner, issue_type="incident")
    place.planner = planner  # type: ignore[attr-defined]
    yield place
    place.close()


def found(place: Place, query: str, where: str | None = None) -> list[str]:
    planner = place.planner.user  # type: ignore[attr-defined]
    text = query.format(
        PLANNER=planner["id"], planner=planner["username"], ROOT=place.root.user["id"]
    )
    answer = place.root.get(f"{where or place.path}/issues?sort=asc&{text}")
    assert answer.status_code == 200, answer.text
    return sorted((issue["title"] for issue in answer.json()), key=ALL.index)


def but(*left_out: str) -> list[str]:
    return [title for title in ALL if title not in left_out]


# Bounds, authors and labels: law 1 finds loops by these and by nothing else.
IDENTITY = [
    ("", ALL),
    ("state=all", ALL),
    ("state=opened", but("delta")),
    ("state=closed", ["delta"]),
    ("scope=all", ALL),
    ("created_after=2026-01-02T00:00:00Z", but("alpha")),
    ("created_after=2026-01-02T00:00:00.001Z", but("alpha", "beta")),
    ("created_before=2026-01-02T00:00:00Z", ["alpha", "beta"]),
    ("created_before=2026-01-01T23:59:59.999Z", ["alpha"]),
    ("created_after=2026-01-02T00:00:00Z&created_before=2026-01-03T00:00:00Z", ["beta", "gamma"]),
    ("created_after=2026-01-02T01:00:00%2B01:00", but("alpha")),
    ("author_id={PLANNER}", ["epsilon"]),
    ("author_username={planner}", ["epsilon"]),
    ("author_id=999999999", []),
    ("author_username=nobody-has-this-name", []),
    ("not[author_id]={PLANNER}", but("epsilon")),
    ("not[author_username]={planner}", but("epsilon")),
    ("labels=a", ["alpha", "beta"]),
    ("labels=a,b", ["alpha"]),
    ("labels[]=a&labels[]=b", ["alpha"]),
    ("labels=None", ["gamma", "epsilon"]),
    ("labels=none", ["gamma", "epsilon"]),
    ("labels=Any", ["alpha", "beta", "delta"]),
    ("labels=no-such-label", []),
    ("labels=a,no-such-label", []),
    ("labels=A", []),
    ("not[labels]=a", ["gamma", "delta", "epsilon"]),
    ("not[labels]=a,b", ["gamma", "epsilon"]),
    ("not[labels][]=a", ["gamma", "delta", "epsilon"]),
    ("not[labels]=no-such-label", ALL),
    ("labels=b&not[labels]=a", ["delta"]),
    ("iids[]=1&iids[]=3", ["alpha", "gamma"]),
    ("iids[]=0", []),
    ("not[iids][]=1", but("alpha")),
]
OTHERS = [
    ("assignee_id={PLANNER}", ["beta"]),
    ("assignee_id=None", but("beta")),
    ("assignee_id=Any", ["beta"]),
    ("assignee_username={planner}", ["beta"]),
    ("assignee_username[]={planner}", ["beta"]),
    ("not[assignee_id]={PLANNER}", but("beta")),
    ("not[assignee_username]={planner}", but("beta")),
    ("milestone=M1", ["gamma"]),
    ("milestone=None", but("gamma")),
    ("milestone=Any", ["gamma"]),
    ("milestone=no-such", []),
    ("milestone_id=None", but("gamma")),
    ("milestone_id=Any", ["gamma"]),
    ("not[milestone]=M1", but("gamma")),
    ("confidential=true", ["gamma"]),
    ("confidential=false", but("gamma")),
    ("search=needle", ["alpha"]),
    ("search=NEEDLE", ["alpha"]),
    ("search=needle&in=title", []),
    ("search=alpha&in=description", []),
    ("search=alpha&in=title,description", ["alpha"]),
    ("due_date=0", but("beta")),
    ("due_date=any", ["beta"]),
    ("issue_type=incident", ["epsilon"]),
    ("issue_type=issue", but("epsilon")),
    ("my_reaction_emoji=None", ALL),
    ("my_reaction_emoji=Any", []),
    ("scope=created_by_me&author_id={PLANNER}", []),
    ("scope=assigned_to_me", []),
    ("scope=created-by-me&state=closed", ["delta"]),
    ("updated_after=2026-01-09T00:00:00Z", ALL),
    ("updated_before=2026-01-09T00:00:00Z", []),
]


@pytest.mark.parametrize(("query", "expected"), IDENTITY)
@cites("doc/api/issues.md", "List project issues, attributes", laws=1)
def test_what_finds_a_loop(stocked, query, expected):
    assert found(stocked, query) == expected


@pytest.mark.parametrize(("query", "expected"), OTHERS)
@cites("doc/api/issues.md", "List project issues, attributes")
def test_other_filters(stocked, query, expected):
    assert found(stocked, query) == expected


@cites("app/models/concerns/created_at_filterable.rb", "created_before, created_after", laws=1)
def test_both_bounds_of_creation_are_inclusive(stocked):
    moment = "2026-01-03T00:00:00.000Z"
    assert found(stocked, f"created_after={moment}&created_before={moment}") == ["gamma"]


@pytest.mark.parametrize(
    "query",
    ["state=closed", "labels=a", "not[labels]=a", "created_before=2026-01-02T00:00:00Z"],
)
@cites("doc/api/issues.md", "List group issues, attributes", laws=1)
def test_a_group_list_filters_like_a_projects(stocked, query):
    assert found(stocked, query, stocked.group_path) == found(stocked, query)


@cites("lib/api/issues.rb", "groups, :id/issues, include_subgroups", laws=1)
def test_a_group_list_reaches_subgroups(fresh):
    sub = fresh.root.made("/groups", name="sub", path="sub", parent_id=fresh.group["id"])
    below = fresh.root.made("/projects", name="p", path="p", namespace_id=sub["id"])
    fresh.root.made(f"/projects/{below['id']}/issues", title="deep")
    assert fresh.listed(fresh.group_path) == ["deep"]


@cites("doc/api/issues.md", "Issues pagination, references.relative", laws=1)
def test_references_are_short_in_their_project_and_full_elsewhere(stocked):
    full = f"{stocked.project['path_with_namespace']}#1"
    inside = stocked.root.get(f"{stocked.path}/issues", {"iids[]": 1}).json()[0]
    outside = stocked.root.get(f"{stocked.group_path}/issues", {"iids[]": 1}).json()[0]
    assert inside["references"] == {"short": "#1", "relative": "#1", "full": full}
    assert outside["references"]["relative"] == full


@cites("doc/api/issues.md", "List issues, scope", laws=1)
def test_the_global_list_shows_only_what_one_wrote(stocked):
    mine = stocked.planner.get("/issues", {"per_page": 100}).json()
    assert [issue["title"] for issue in mine] == ["epsilon"]


@cites("doc/api/issues.md", "List issues, scope=assigned_to_me")
def test_the_global_list_of_what_one_is_assigned_to(stocked):
    given = stocked.planner.get("/issues", {"scope": "assigned_to_me"}).json()
    assert [issue["title"] for issue in given] == ["beta"]


@cites("lib/api/issues.rb", "authenticate! unless scope is all", laws=9)
def test_the_global_list_of_nobody(nobody):
    answer = nobody.get("/issues")
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


@cites("lib/api/entities/issue.rb", "subscribed, include_subscribed", laws=1)
def test_lists_do_not_tell_subscriptions(stocked):
    listed = stocked.root.get(f"{stocked.path}/issues").json()
    assert all("subscribed" not in issue for issue in listed)
    assert stocked.root.get(f"{stocked.path}/issues/1").json()["subscribed"] is True


@cites("doc/api/issues.md", "with_labels_details", laws=4)
def test_labels_in_detail(stocked):
    query = {"iids[]": 2, "with_labels_details": "true"}
    (label,) = stocked.root.get(f"{stocked.path}/issues", query).json()[0]["labels"]
    assert {"name", "color", "description", "description_html", "text_color"} <= set(label)
    assert label["name"] == "a"


@cites("lib/api/entities/issue_basic.rb", "labels, sorted titles", laws=4)
def test_labels_are_sorted_titles(fresh):
    made = fresh.issue("sorted", labels="c,a,b")
    assert made["labels"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("state=open", "state does not have a valid value"),
        ("scope=mine", "scope does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
        ("order_by=mood", "order_by does not have a valid value"),
        ("due_date=someday", "due_date does not have a valid value"),
        ("author_id=x", "author_id is invalid"),
        ("created_after=x", "created_after is invalid"),
        ("confidential=perhaps", "confidential is invalid"),
        ("not[author_id]=x", "not[author_id] is invalid"),
        ("author_id=1&author_username=a", "author_id, author_username are mutually exclusive"),
        ("milestone=M1&milestone_id=Any", "milestone_id, milestone are mutually exclusive"),
    ],
)
@cites("lib/api/issues.rb", "issues_params", laws=9)
def test_what_a_list_refuses(stocked, query, error):
    answer = stocked.root.get(f"{stocked.path}/issues?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    ("order", "sort", "first"),
    [
        ("created_at", "asc", "alpha"),
        ("created_at", "desc", "epsilon"),
        ("title", "asc", "alpha"),
        ("title", "desc", "gamma"),
        ("due_date", "asc", "beta"),
        ("due_date", "desc", "beta"),
    ],
)
@cites("lib/api/helpers/issues_helpers.rb", "sort_options", laws=1)
def test_orders(stocked, order, sort, first):
    query = {"order_by": order, "sort": sort}
    listed = stocked.root.get(f"{stocked.path}/issues", query).json()
    assert listed[0]["title"] == first


@cites("doc/api/issues.md", "List project issues, sort", laws=1)
def test_the_newest_first_unless_asked_otherwise(stocked):
    listed = stocked.root.get(f"{stocked.path}/issues").json()
    assert [issue["title"] for issue in listed] == ALL[::-1]


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("", {"all": 5, "closed": 1, "opened": 4}),
        ("state=closed", {"all": 5, "closed": 1, "opened": 4}),
        ("labels=b", {"all": 2, "closed": 1, "opened": 1}),
    ],
)
@cites("spec/requests/api/issues/get_project_issues_spec.rb", "issues_statistics", laws=8)
def test_statistics_count_by_state(stocked, query, counts):
    answer = stocked.root.get(f"{stocked.path}/issues_statistics?{query}")
    assert answer.json() == {"statistics": {"counts": counts}}

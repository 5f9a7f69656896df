"""Pages: whoever follows them sees every row once, and knows when something is missing."""

from __future__ import annotations

import pytest
import requests

from tests.contract.citing import cites, sandbox_only
from tests.contract.place import Place, new_place

TITLES = [f"issue {n}" for n in range(5)]


@pytest.fixture(scope="module")
def five(root, top):
    place = new_place(root, top["id"])
    for title in TITLES:
        place.issue(title, due_date="2026-12-01" if title == TITLES[2] else None)
    yield place
    place.close()


def page(place: Place, **query) -> requests.Response:
    return place.root.get(f"{place.path}/issues", {"sort": "asc"} | query)


def titles(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [issue["title"] for issue in answer.json()]


@cites("doc/api/rest/_index.md", "Offset-based pagination", laws=1)
def test_twenty_rows_unless_asked_otherwise(five):
    answer = page(five)
    assert titles(answer) == TITLES
    assert (answer.headers["X-Per-Page"], answer.headers["X-Page"]) == ("20", "1")


@cites("doc/api/rest/_index.md", "Offset-based pagination", laws=(1, 8))
def test_a_hundred_rows_at_most(five):
    assert page(five, per_page=101).headers["X-Per-Page"] == "100"


@pytest.mark.parametrize(
    ("number", "expected", "before", "after"),
    [(1, TITLES[:2], "", "2"), (2, TITLES[2:4], "1", "3"), (3, TITLES[4:], "2", "")],
)
@cites("doc/api/rest/_index.md", "Other pagination headers", laws=1)
def test_headers_of_each_page(five, number, expected, before, after):
    answer = page(five, per_page=2, page=number)
    assert titles(answer) == expected
    heads = answer.headers
    assert (heads["X-Prev-Page"], heads["X-Next-Page"]) == (before, after)
    assert (heads["X-Total"], heads["X-Total-Pages"]) == ("5", "3")


@pytest.mark.parametrize(
    ("number", "rels"),
    [
        (1, {"next", "first", "last"}),
        (2, {"prev", "next", "first", "last"}),
        (3, {"prev", "first", "last"}),
    ],
)
@cites("lib/gitlab/pagination/offset_header_builder.rb", "pagination_links", laws=1)
def test_links_of_each_page(five, number, rels):
    assert set(page(five, per_page=2, page=number).links) == rels


@cites("doc/api/rest/_index.md", "Pagination Link header", laws=1)
def test_following_the_links_reaches_every_row_once(five):
    answer, seen = page(five, per_page=2, state="opened"), []
    while True:
        seen += titles(answer)
        if "next" not in answer.links:
            break
        answer = five.root.get(answer.links["next"]["url"])
    assert seen == TITLES


@cites("lib/gitlab/pagination/offset_header_builder.rb", "page_href", laws=1)
def test_links_keep_the_filters(five):
    url = page(five, per_page=2, state="opened").links["next"]["url"]
    for part in ("state=opened", "sort=asc", "per_page=2", "page=2"):
        assert part in url


@cites("lib/gitlab/pagination/offset_pagination.rb", "total_pages", laws=1)
def test_an_empty_list_is_one_page(five):
    answer = page(five, search="there is no such title")
    assert answer.json() == []
    assert (answer.headers["X-Total"], answer.headers["X-Total-Pages"]) == ("0", "1")
    assert set(answer.links) == {"first", "last"}


@cites("lib/gitlab/pagination/offset_header_builder.rb", "execute", laws=1)
def test_a_page_past_the_end_is_empty(five):
    answer = page(five, per_page=2, page=9)
    assert answer.json() == []
    assert answer.headers["X-Next-Page"] == ""
    assert answer.headers["X-Total"] == "5"


@sandbox_only("a limit lowered from 10,000")
@cites("doc/api/rest/_index.md", "Pagination response headers", laws=(1, 8))
def test_above_ten_thousand_rows_nothing_is_counted(five, monkeypatch):
    monkeypatch.setattr("automation.sandbox.paging.COUNT_LIMIT", 4)
    answer = page(five, per_page=2)
    assert "X-Total" not in answer.headers
    assert "X-Total-Pages" not in answer.headers
    assert set(answer.links) == {"next", "first"}


@sandbox_only("a limit lowered from 10,000")
@cites("lib/gitlab/pagination/offset_pagination.rb", "exceeds_count", laws=1)
def test_at_the_limit_it_is_still_counted(five, monkeypatch):
    monkeypatch.setattr("automation.sandbox.paging.COUNT_LIMIT", 5)
    assert page(five, per_page=2).headers["X-Total"] == "5"


@sandbox_only("a limit lowered from 10,000")
@cites("doc/api/rest/_index.md", "Pagination response headers", laws=1)
def test_uncounted_pages_still_reach_every_row(five, monkeypatch):
    monkeypatch.setattr("automation.sandbox.paging.COUNT_LIMIT", 1)
    seen = [title for n in (1, 2, 3) for title in titles(page(five, per_page=2, page=n))]
    assert seen == TITLES


@pytest.mark.parametrize(
    "order", ["created_at", "updated_at", "title", "due_date", "relative_position"]
)
@pytest.mark.parametrize("sort", ["asc", "desc"])
@cites("doc/api/rest/_index.md", "Keyset-based pagination, supported resources", laws=1)
def test_keyset_pages_reach_every_row_once(five, order, sort):
    answer = page(five, pagination="keyset", order_by=order, sort=sort, per_page=2)
    seen = titles(answer)
    assert "X-Total" not in answer.headers
    for _ in range(5):
        if "next" not in answer.links:
            break
        answer = five.root.get(answer.links["next"]["url"])
        seen += titles(answer)
    assert sorted(seen) == TITLES
    if order in ("created_at", "title"):
        assert seen == (TITLES if sort == "asc" else TITLES[::-1])


@cites("doc/api/rest/_index.md", "Keyset-based pagination", laws=1)
def test_keyset_ends_without_a_link(five):
    answer = page(five, pagination="keyset", order_by="created_at", per_page=20)
    assert titles(answer) == TITLES
    assert "Link" not in answer.headers


@cites("doc/api/rest/_index.md", "Keyset-based pagination", laws=1)
def test_keyset_shows_no_other_headers(five):
    answer = page(five, pagination="keyset", order_by="created_at", per_page=2)
    assert set(answer.links) == {"next"}
    shown = {name.lower() for name in answer.headers}
    assert not shown & {"x-page", "x-next-page", "x-prev-page", "x-total", "x-per-page"}


@cites("doc/api/rest/_index.md", "Keyset-based pagination, supported resources", laws=1)
def test_group_lists_know_offset_pages_only(five):
    query = {"pagination": "offset", "per_page": 2, "sort": "asc"}
    answer = five.root.get(f"{five.group_path}/issues", query)
    assert titles(answer) == TITLES[:2]
    assert answer.headers["X-Total"] == "5"


@cites("lib/api/pagination_params.rb", "pagination, per_page", laws=9)
def test_a_page_of_no_rows_is_refused(five):
    answer = page(five, per_page=0)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "per_page has a value not allowed"},
    )


@pytest.mark.parametrize("name", ["page", "per_page"])
@cites("lib/api/pagination_params.rb", "pagination, type: Integer", laws=9)
def test_numbers_of_pages_are_numbers(five, name):
    answer = page(five, **{name: "x"})
    assert (answer.status_code, answer.json()) == (400, {"error": f"{name} is invalid"})


@cites("doc/api/rest/_index.md", "Offset-based pagination", laws=1)
@pytest.mark.parametrize("what", ["labels", "members/all", "boards", "milestones"])
def test_other_lists_have_the_same_headers(five, what):
    answer = five.root.get(f"{five.path}/{what}", {"per_page": 1})
    assert answer.status_code == 200
    for name in ("X-Page", "X-Per-Page", "X-Next-Page", "X-Prev-Page", "X-Total", "Link"):
        assert name in answer.headers


@cites("spec/support/shared_examples/requests/api/notes_shared_examples.rb", "page breaks", laws=4)
def test_notes_of_one_moment_do_not_repeat_over_pages(five):
    issue = five.issue("noted")
    when = "2026-01-02T03:04:05.000Z"
    for n in range(4):
        made = five.root.post(five.at(issue, "/notes"), {"body": f"n{n}", "created_at": when})
        assert made.status_code == 201
    seen = [
        note["body"]
        for n in (1, 2)
        for note in five.root.get(
            five.at(issue, "/notes"), {"per_page": 2, "page": n, "activity_filter": "only_comments"}
        ).json()
    ]
    five.root.delete(five.at(issue))
    assert seen == ["n3", "n2", "n1", "n0"]

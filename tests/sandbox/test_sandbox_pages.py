"""Pages of issue lists, by offset and by keyset, and the headers around them."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.stock import ALL, stock, titles


@pytest.fixture(scope="module")
def stocked():
    with stock() as made:
        yield made


def test_offset_pages_and_their_headers(stocked):
    url = f"{stocked.path}/issues"
    first = stocked.root.get(url, {"per_page": 2, "sort": "asc", "state": "all"})
    assert titles(first) == ["alpha", "Beta"]
    heads = {k: v for k, v in first.headers.items() if k.startswith("x-") and "x-r" not in k}
    assert heads == {
        "x-next-page": "2",
        "x-page": "1",
        "x-per-page": "2",
        "x-prev-page": "",
        "x-total": "4",
        "x-total-pages": "2",
    }
    links = requests.utils.parse_header_links(first.headers["Link"])
    assert {link["rel"] for link in links} == {"next", "first", "last"}
    base = f"{stocked.root.url}/api/v4{url}"
    assert first.links["next"]["url"] == f"{base}?page=2&per_page=2&sort=asc&state=all"
    second = stocked.root.get(first.links["next"]["url"])
    assert titles(second) == ["gamma", "delta"]
    assert second.headers["X-Next-Page"] == ""
    assert second.headers["X-Prev-Page"] == "1"
    assert set(second.links) == {"prev", "first", "last"}
    beyond = stocked.root.get(url, {"per_page": 2, "page": 9})
    assert beyond.json() == []
    assert beyond.headers["X-Prev-Page"] == ""


def test_per_page_is_at_most_a_hundred(stocked):
    answer = stocked.root.get(f"{stocked.path}/issues", {"per_page": 5000})
    assert answer.headers["X-Per-Page"] == "100"


def test_links_never_repeat_a_token(stocked):
    answer = requests.get(
        f"{stocked.root.url}/api/v4{stocked.path}/issues", params={"private_token": "root-token"}
    )
    assert answer.status_code == 200
    assert "root-token" not in answer.headers["Link"]


@pytest.mark.parametrize(
    "order",
    ["created_at", "updated_at", "title", "id", "due_date", "weight", "relative_position"],
)
@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_keyset_pages_reach_every_issue_once(stocked, order, sort):
    query = {"pagination": "keyset", "order_by": order, "sort": sort, "per_page": 3}
    first = stocked.root.get(f"{stocked.path}/issues", query)
    assert "X-Total" not in first.headers
    assert set(first.links) == {"next"}
    assert "X-Prev-Cursor" not in first.headers
    second = stocked.root.get(first.links["next"]["url"])
    assert "Link" not in second.headers
    assert "X-Next-Cursor" not in second.headers
    back = stocked.root.get(
        f"{stocked.path}/issues", {**query, "cursor": second.headers["X-Prev-Cursor"]}
    )
    assert back.json() == first.json()
    assert "X-Prev-Cursor" not in back.headers
    assert back.headers["X-Next-Cursor"] == first.headers["X-Next-Cursor"]
    both = titles(first) + titles(second)
    assert sorted(both) == sorted(ALL)
    if order not in ("title", "due_date"):
        assert both == (ALL if sort == "asc" else ALL[::-1])


def test_keyset_falls_back_to_offset_in_silence(stocked):
    query = {"pagination": "keyset", "order_by": "label_priority"}
    assert stocked.root.get(f"{stocked.path}/issues", query).headers["X-Total"] == "4"
    group = stocked.root.get(f"/groups/{stocked.group['id']}/issues", {"pagination": "keyset"})
    assert group.headers["X-Total"] == "4"


@pytest.mark.parametrize("cursor", ["!!", "bm90IGpzb24=", "WzFd"])
def test_a_broken_cursor(stocked, cursor):
    query = {"pagination": "keyset", "cursor": cursor}
    assert stocked.root.get(f"{stocked.path}/issues", query).status_code == 400


def test_above_ten_thousand_nothing_is_counted(stocked, monkeypatch):
    monkeypatch.setattr("automation.sandbox.paging.COUNT_LIMIT", 3)
    answer = stocked.root.get(f"{stocked.path}/issues", {"per_page": 2})
    assert "X-Total" not in answer.headers
    assert "X-Total-Pages" not in answer.headers
    assert set(answer.links) == {"next", "first"}
    assert answer.headers["X-Next-Page"] == "2"
    last = stocked.root.get(f"{stocked.path}/issues", {"per_page": 2, "page": 2})
    assert (last.headers["X-Next-Page"], last.headers["X-Prev-Page"]) == ("", "1")

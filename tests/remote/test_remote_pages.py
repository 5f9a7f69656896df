from __future__ import annotations

import json

import pytest

from automation.errors import RemoteError
from automation.remote.calls import Calls
from automation.remote.pages import READINGS, Listing, read_all, read_page
from tests.remote.remote_world import API, URL, paged

ISSUES = Listing("/groups/support/issues", {"scope": "all"}, "issues of support")
NOTES = Listing("/projects/1/issues/2/notes", {}, "notes of issue 2", gappy=True)


@pytest.fixture
def calls(gl, still):
    return Calls(gl, still.pacer())


def ids(found):
    return [fields.number("id") for fields in found]


def numbered(*numbers):
    return [{"id": number} for number in numbers]


class Pages:
    """Answers each request with the next (ids, headers); the last one serves again."""

    def __init__(self, server, listing, *pages):
        self.pages = list(pages)
        self.asked = []
        server.add_callback("GET", API + listing.path, callback=self)

    def __call__(self, request):
        self.asked.append(request.params)
        items, headers = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        return 200, headers, json.dumps(items)


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("count", [0, 1, 25, 99, 100, 101, 250])
@pytest.mark.parametrize("listing", [ISSUES, NOTES])
def test_not_only_the_first_page_is_handled(server, calls, listing, count, total):
    paged(server, listing.path, numbered(*range(count)), total=total)
    assert ids(read_all(calls, listing)) == list(range(count))
    assert len(server.calls) == max(1, -(-count // 100))


def test_not_only_the_first_page_is_handled_where_gitlab_gives_twenty_at_most(server, calls):
    paged(server, ISSUES.path, numbered(*range(25)), per_page=20)
    assert len(read_all(calls, ISSUES)) == 25


def test_each_page_is_asked_for_with_all_filters(server, calls):
    pages = Pages(
        server, ISSUES, (numbered(1), {"X-Next-Page": "2"}), (numbered(2), {"X-Next-Page": ""})
    )
    assert ids(read_all(calls, ISSUES)) == [1, 2]
    same = {"scope": "all", "per_page": "100"}
    assert pages.asked == [{**same, "page": "1"}, {**same, "page": "2"}]


def test_503_while_listing_aborts_instead_of_empty(server, calls, still):
    pages = [(numbered(*range(100)), {"X-Next-Page": "2"})]
    Pages(server, ISSUES, *pages)
    server.get(API + ISSUES.path, status=503, body="<html><title>Down</title></html>")
    with pytest.raises(RemoteError, match="status 503: Down"):
        read_all(calls, ISSUES)
    assert len(still.slept) == 4


def test_503_in_passing_loses_nothing(server, calls):
    server.get(API + ISSUES.path, status=503)
    server.get(API + ISSUES.path, json=numbered(1), headers={"X-Next-Page": ""})
    assert ids(read_all(calls, ISSUES)) == [1]


@pytest.mark.parametrize("body", ["{}", "null", '"x"', "3", '{"message": "no"}'])
def test_a_body_that_is_no_list_is_never_empty(server, calls, body):
    server.get(API + ISSUES.path, body=body)
    with pytest.raises(RemoteError, match="the issues of support is not a list"):
        read_all(calls, ISSUES)


@pytest.mark.parametrize("body", ["", "<html>Sign in</html>", '[{"id": 1', "[" * 100_000])
def test_a_body_that_is_no_json_is_never_empty(server, calls, body):
    server.get(API + ISSUES.path, body=body, content_type="application/json")
    with pytest.raises(RemoteError, match="GET /groups/support/issues is not JSON"):
        read_all(calls, ISSUES)


@pytest.mark.parametrize("item", [3, None, {"iid": 1}, {"id": "1"}])
def test_an_item_that_is_no_thing_with_an_id_is_refused(server, calls, item):
    server.get(API + ISSUES.path, json=[item], headers={"X-Next-Page": ""})
    with pytest.raises(RemoteError, match="an item of the issues of support"):
        read_all(calls, ISSUES)


# --- Changes while reading ---------------------------------------------------------

SHIFTED = [
    # An issue left the list after page 1: issue 3 slipped from page 2 to page 1.
    [(numbered(1, 2), {"X-Next-Page": "2", "X-Total": "4"}), (numbered(4), {"X-Next-Page": "", "X-Total": "3"})],
    # One came in before page 2: issue 2 shows twice.
    [(numbered(1, 2), {"X-Next-Page": "2", "X-Total": "3"}), (numbered(2, 3), {"X-Next-Page": "", "X-Total": "4"})],
    [(numbered(1, 2), {"X-Next-Page": "2"}), (numbered(2, 3), {"X-Next-Page": ""})],
    # Fewer came than were counted.
    [(numbered(1, 2), {"X-Next-Page": "", "X-Total": "3"})],
    # More pages are promised, but nothing is in them.
    [(numbered(1, 2), {"X-Next-Page": "2"}), ([], {"X-Next-Page": "3"})],
    [([], {"X-Next-Page": "2"})],
]  # fmt: skip


@pytest.mark.parametrize("pages", SHIFTED)
def test_a_list_that_changed_under_the_reading_is_read_again(server, calls, pages):
    settled = (numbered(1, 3, 4), {"X-Next-Page": "", "X-Total": "3"})
    Pages(server, ISSUES, *pages, settled)
    assert ids(read_all(calls, ISSUES)) == [1, 3, 4]


@pytest.mark.parametrize("pages", SHIFTED)
def test_a_list_that_never_settles_is_no_answer(server, calls, pages):
    asked = Pages(server, ISSUES, *(pages * READINGS))
    with pytest.raises(RemoteError, match="could not be read whole in 4 readings"):
        read_all(calls, ISSUES)
    assert len(asked.asked) == READINGS * len(pages)


def test_what_is_added_at_the_end_while_reading_is_taken(server, calls):
    pages = Pages(
        server,
        ISSUES,
        (numbered(1, 2), {"X-Next-Page": "2", "X-Total": "3"}),
        (numbered(3, 4), {"X-Next-Page": "", "X-Total": "4"}),
    )
    assert ids(read_all(calls, ISSUES)) == [1, 2, 3, 4]
    assert len(pages.asked) == 2


def test_a_list_with_gaps_is_not_held_to_its_totals(server, calls):
    Pages(
        server,
        NOTES,
        ([], {"X-Next-Page": "2", "X-Total": "9"}),
        (numbered(4, 3), {"X-Next-Page": "3", "X-Total": "10"}),
        (numbered(3, 2), {"X-Next-Page": "", "X-Total": "10"}),
    )
    assert ids(read_all(calls, NOTES)) == [4, 3, 2]


def test_a_list_with_gaps_from_which_something_went_is_read_again(server, calls):
    Pages(
        server,
        NOTES,
        (numbered(4, 3), {"X-Next-Page": "2", "X-Total": "4"}),
        (numbered(1), {"X-Next-Page": "", "X-Total": "3"}),
        (numbered(4, 2, 1), {"X-Next-Page": "", "X-Total": "3"}),
    )
    assert ids(read_all(calls, NOTES)) == [4, 2, 1]


def test_a_list_with_gaps_has_an_end(server, calls):
    class Endless:
        number = 1

        def __call__(self, request):
            self.number += 1
            return 200, {"X-Next-Page": str(self.number)}, "[]"

    server.add_callback("GET", API + NOTES.path, callback=Endless())
    with pytest.raises(RemoteError, match="without anything new"):
        read_all(calls, NOTES)


@pytest.mark.parametrize("follows", ["1", "0"])
def test_pages_that_go_in_circles_are_refused(server, calls, follows):
    Pages(server, ISSUES, (numbered(1), {"X-Next-Page": follows}))
    with pytest.raises(RemoteError, match="pages have no end"):
        read_all(calls, ISSUES)


@pytest.mark.parametrize("headers", [{"X-Next-Page": "two"}, {"X-Total": "-1"}, {"X-Total": "²"}])
def test_a_header_that_is_no_number_is_refused(server, calls, headers):
    server.get(API + ISSUES.path, json=[], headers=headers)
    with pytest.raises(RemoteError, match="is not a number"):
        read_all(calls, ISSUES)


# --- Links -------------------------------------------------------------------------


def link(url):
    return {"Link": f'<{url}>; rel="next", <{URL}/x>; rel="first"'}


def test_a_link_is_followed_where_there_are_no_page_numbers(server, calls):
    pages = Pages(
        server,
        ISSUES,
        (numbered(1), link(f"{API}/groups/support/issues?cursor=abc%3D&per_page=100&empty=")),
        (numbered(*range(2, 102)), {}),
    )
    assert ids(read_all(calls, ISSUES)) == list(range(1, 102))
    assert pages.asked[1] == {"cursor": "abc=", "per_page": "100", "empty": ""}


def test_page_numbers_go_before_a_link(server, calls):
    away = link("https://evil.example.com/api/v4/groups/support/issues?page=2")
    Pages(
        server,
        ISSUES,
        (numbered(1), {"X-Next-Page": "2", **away}),
        (numbered(2), {"X-Next-Page": "", **away}),
    )
    assert ids(read_all(calls, ISSUES)) == [1, 2]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/api/v4/groups/support/issues?page=2",
        "http://gitlab.example.com/api/v4/groups/support/issues?page=2",
        "https://gitlab.example.com:444/api/v4/groups/support/issues?page=2",
        "https://gitlab.example.com/api/v4/user?page=2",
        "//evil.example.com/api/v4/groups/support/issues",
        "https://[broken",
    ],
)
def test_token_never_follows_a_foreign_link(server, calls, url):
    Pages(server, ISSUES, (numbered(1), link(url)))
    with pytest.raises(RemoteError, match="goes on at another address"):
        read_all(calls, ISSUES)
    assert len(server.calls) == 1


def test_links_that_go_in_circles_are_refused(server, calls):
    Pages(server, ISSUES, (numbered(1), link(f"{API}/groups/support/issues?cursor=a")))
    with pytest.raises(RemoteError, match="came twice"):
        read_all(calls, ISSUES)


def test_a_full_page_that_does_not_say_whether_there_is_more_is_refused(server, calls):
    Pages(server, ISSUES, (numbered(*range(100)), {}))
    with pytest.raises(RemoteError, match="does not tell whether there are more"):
        read_all(calls, ISSUES)


def test_a_full_page_whose_total_is_told_is_enough(server, calls):
    Pages(server, ISSUES, (numbered(*range(100)), {"X-Total": "100"}))
    assert len(read_all(calls, ISSUES)) == 100


def test_progress_is_told(server, calls):
    lines: list[str] = []
    paged(server, ISSUES.path, numbered(*range(150)))
    read_all(calls, ISSUES, lines.append)
    assert lines == ["issues of support: 100 of 150", "issues of support: 150 of 150"]
    paged(server, NOTES.path, numbered(1), total=False)
    read_all(calls, NOTES, lines.append)
    assert lines[2:] == ["notes of issue 2: 1"]


# --- One page -------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "more"), [(1, True), (2, True), (3, False)])
def test_one_page_tells_whether_more_follow_and_how_many_there_are(server, calls, number, more):
    paged(server, NOTES.path, numbered(*range(250)))
    part = read_page(calls, NOTES, number)
    assert ids(part.items) == list(range(250))[(number - 1) * 100 : number * 100]
    assert part.more is more


@pytest.mark.parametrize(
    ("headers", "more", "pages"),
    [
        ({"X-Next-Page": "", "X-Total-Pages": "4"}, False, 4),
        ({"X-Next-Page": "5"}, True, None),
        ({"Link": f'<{API}{NOTES.path}?page=5>; rel="next"'}, True, None),
        ({"X-Total": "301"}, False, None),
    ],
)
def test_a_page_is_asked_for_by_its_number(server, calls, headers, more, pages):
    served = Pages(server, NOTES, (numbered(1), headers))
    part = read_page(calls, NOTES, 4)
    assert (ids(part.items), part.more, part.pages) == ([1], more, pages)
    assert served.asked == [{"per_page": "100", "page": "4"}]


def test_a_full_page_that_hides_whether_more_follow_is_an_error(server, calls):
    Pages(server, NOTES, (numbered(*range(100)), {}))
    with pytest.raises(RemoteError, match="more pages"):
        read_page(calls, NOTES, 1)

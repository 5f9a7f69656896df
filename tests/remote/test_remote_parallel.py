"""Reading side by side gives what reading one by one gives, with as many requests."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.errors import Refused, RemoteError
from automation.model.issue import Issue, IssueQuery, IssueRef, User
from automation.model.questions import IssuesOf, LabelsOf, NotesOf, UserNamed, WhoAmI
from automation.model.snapshot import Unreadable
from automation.remote import Connection, GitLabReader, connect
from automation.remote.calls import Calls
from automation.remote.lanes import Lanes
from automation.remote.pages import READINGS, Listing, read_all
from tests.remote.loopback import Asked, Loopback, Said, loopback, page_of
from tests.remote.remote_world import (
    TOKEN,
    StillTime,
    issue_json,
    label_json,
    note_json,
    user_json,
)

ISSUES = IssuesOf(IssueQuery("support"))
LIST = Listing("/groups/support/issues", {}, "issues of support", size=2)
GAPPY = Listing("/groups/support/issues", {}, "issues of support", gappy=True, size=2)


def reader_of(server: Loopback, lanes: int = 8) -> GitLabReader:
    return connect(server.url, TOKEN, pacer=StillTime().pacer(), lanes=lanes)[0]


def issues_in(reader: GitLabReader) -> tuple[Issue, ...]:
    return cast("tuple[Issue, ...]", reader.answer([ISSUES])[ISSUES])


def user(number: int) -> User:
    return User(7, f"mgr-{number}", "Emea One")


def numbered(*ids: int) -> list[object]:
    return [{"id": n} for n in ids]


def read(server: Loopback, listing: Listing = LIST, lanes: int = 4) -> list[int]:
    """The ids of everything in the list."""
    with Connection(server.url, TOKEN).open() as gl:
        calls = Calls(gl, StillTime().pacer())
        return [one.number("id") for one in read_all(calls, listing, None, Lanes(lanes))]


def pages_asked(server: Loopback) -> list[int]:
    return [one.page for one in server.asked]


# --- As many at once as there are lanes, and not one request more ----------------------


class Crowd:
    """Answers nobody before `size` are waiting, from the second request on."""

    def __init__(self, items: list[object], size: int) -> None:
        self.items = items
        self.barrier = threading.Barrier(size)
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> Said:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if asked.page > 1:
            self.barrier.wait(10)
        with self.lock:
            self.now -= 1
        return page_of(self.items, asked)


def test_pages_of_one_list_are_read_side_by_side():
    crowd = Crowd(list(map(issue_json, range(1, 901))), 8)
    with loopback(crowd) as server:
        issues = issues_in(reader_of(server))
        assert [one.id for one in issues] == list(range(1, 901))
        assert sorted(pages_asked(server)) == list(range(1, 10))
        assert crowd.most == 8
        # Connections are kept: eight lanes, eight of them, whatever the requests.
        assert server.connections <= 8
        before = {one.client for one in server.asked}
        crowd.barrier = threading.Barrier(1)
        reader = reader_of(server)
        reader.answer([ISSUES])
        reader.answer([ISSUES])
        assert len({one.client for one in server.asked} - before) <= 8


def test_one_lane_reads_one_by_one():
    crowd = Crowd(list(map(issue_json, range(1, 501))), 1)
    with loopback(crowd) as server:
        assert len(issues_in(reader_of(server, lanes=1))) == 500
        assert pages_asked(server) == [1, 2, 3, 4, 5]
        assert (crowd.most, server.connections) == (1, 1)


def test_questions_are_answered_side_by_side():
    together = threading.Barrier(3)

    def speak(asked):
        together.wait(10)
        return page_of([user_json(username=asked.query["username"])], asked)

    with loopback(speak) as server:
        questions = [UserNamed(f"mgr-{n}") for n in range(3)]
        answers = reader_of(server).answer(questions)
        assert [str(answers[one]) for one in questions] == [str(user(n)) for n in range(3)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("listing", [LIST, GAPPY])
@pytest.mark.parametrize("total", [True, False])
def test_there_is_not_one_request_more(count, listing, total):
    with loopback(lambda asked: page_of(numbered(*range(count)), asked, total=total)) as server:
        assert read(server, listing) == list(range(count))
        assert sorted(pages_asked(server)) == list(range(1, max(1, -(-count // 2)) + 1))


# --- What comes back does not depend on time -------------------------------------------

NOTES = NotesOf(IssueRef(20, 5))
QUESTIONS = [WhoAmI(), ISSUES, LabelsOf("support"), NOTES, UserNamed("gone"), UserNamed("hidden")]


class Uneven:
    """A GitLab whose answers take as long as the test says."""

    def __init__(self, delays: list[int]) -> None:
        self.delays = delays
        self.lock = threading.Lock()
        self.count = 0

    def __call__(self, asked: Asked) -> Said:
        with self.lock:
            self.count += 1
            delay = self.delays[self.count % len(self.delays)]
        time.sleep(delay / 1000)
        if asked.path.endswith("/user"):
            return Said(user_json())
        if asked.path.endswith("/labels"):
            return page_of([label_json(n, f"l{n}") for n in range(230)], asked)
        if asked.path.endswith("/notes"):
            return page_of([note_json(n) for n in range(310)], asked, total=False)
        if asked.query.get("username") == "hidden":
            return Said({"message": "403 Forbidden"}, 403)
        if asked.path.endswith("/users"):
            return page_of([], asked)
        return page_of(list(map(issue_json, range(1, 421))), asked)


@settings(deadline=None, max_examples=12)
@given(
    delays=st.lists(st.integers(0, 6), min_size=1, max_size=9),
    order=st.permutations(QUESTIONS),
    lanes=st.integers(2, 8),
)
def test_what_is_read_does_not_depend_on_the_order_of_answers(delays, order, lanes):
    with loopback(Uneven([0])) as server:
        expected = reader_of(server, lanes=1).answer(order)
    with loopback(Uneven(delays)) as server:
        answers = reader_of(server, lanes).answer(order)
        assert list(answers.items()) == list(expected.items())
        assert len(server.asked) == 1 + 5 + 3 + 4 + 1 + 1
    assert isinstance(answers[UserNamed("hidden")], Unreadable)


# --- Errors ------------------------------------------------------------------------------


def test_the_first_error_in_the_order_of_questions_is_raised():
    """The second question fails at once, the first only after that."""
    second_failed = threading.Event()

    def speak(asked):
        if "first" in asked.path:
            second_failed.wait(10)
            return Said({"message": "First"}, 400)
        second_failed.set()
        return Said({"message": "Second"}, 400)

    with loopback(speak) as server:
        questions = [IssuesOf(IssueQuery(place)) for place in ("first", "second")]
        for _ in range(3):
            with pytest.raises(Refused, match="First"):
                reader_of(server).answer(questions)


def test_what_comes_after_an_error_is_given_up():
    """Page 2 is refused; those that were on their way end, and no other is asked for."""
    others = threading.Barrier(3)

    def speak(asked):
        if asked.page == 2:
            others.wait(10)
            return Said({"message": "No"}, 400)
        if asked.page > 2:
            others.wait(10)
            refused.wait(0.2)
        return page_of(numbered(*range(40)), asked)

    refused = threading.Event()
    with loopback(speak) as server:
        with pytest.raises(Refused, match="No"):
            read(server, lanes=3)
        assert sorted(pages_asked(server)) == [1, 2, 3, 4]


def test_a_page_that_fails_in_passing_is_asked_for_again():
    failed: set[int] = set()

    def speak(asked):
        if asked.page % 2 == 0 and asked.page not in failed:
            failed.add(asked.page)
            return Said(b"", 502)
        return page_of(numbered(*range(12)), asked)

    with loopback(speak) as server:
        assert read(server) == list(range(12))
        assert len(server.asked) == 6 + 3


def test_an_interruption_stops_at_once():
    hold = threading.Event()
    answered: list[int] = []

    def speak(asked):
        if asked.page == 1:
            return page_of(list(map(issue_json, range(1, 2001))), asked)
        if len(server.asked) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        hold.wait(10)
        answered.append(asked.page)
        return page_of(list(map(issue_json, range(1, 2001))), asked)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with loopback(speak) as server:
            with pytest.raises(KeyboardInterrupt):
                reader_of(server, lanes=4).answer([ISSUES])
            assert answered == []
            hold.set()
            for lane in [one for one in threading.enumerate() if one.name == "drumbeat-lane"]:
                lane.join(5)
            assert len(server.asked) == 5
    finally:
        signal.signal(signal.SIGINT, before)


# --- The proof stays as strict -------------------------------------------------------------


def told(asked: Asked, items: list[object], total: int, pages: int, following: str) -> Said:
    headers = {"X-Total": str(total), "X-Total-Pages": str(pages), "X-Next-Page": following}
    return Said(items, headers=headers)


def first_time(speak, otherwise):
    """The first reading, told apart by its page 1, goes one way, and all others another."""
    readings = [0]

    def answer(asked):
        if asked.page == 1:
            readings[0] += 1
        return (speak if readings[0] == 1 else otherwise)(asked)

    return answer


def whole(asked: Asked) -> Said:
    return page_of(numbered(*range(6)), asked)


def with_page(number, said):
    return lambda asked: said(asked) if asked.page == number else whole(asked)


MOVED = {
    "a total that fell": with_page(3, lambda a: told(a, numbered(4, 5), 5, 3, "")),
    "a total that grew": with_page(2, lambda a: told(a, numbered(2, 3), 7, 4, "3")),
    "a page without a total": with_page(2, lambda a: page_of(numbered(*range(6)), a, total=False)),
    "an item that came twice": with_page(2, lambda a: told(a, numbered(1, 3), 6, 3, "3")),
    "an item that is missing": with_page(2, lambda a: told(a, numbered(2), 6, 3, "3")),
    "an empty page": with_page(2, lambda a: told(a, [], 6, 3, "3")),
    "an end too soon": with_page(2, lambda a: told(a, numbered(2, 3), 6, 3, "")),
    "a last page that is none": with_page(3, lambda a: told(a, numbered(4, 5), 6, 3, "4")),
    "a page that leads elsewhere": with_page(2, lambda a: told(a, numbered(2, 3), 6, 3, "5")),
}


@pytest.mark.parametrize("moved", MOVED.values(), ids=MOVED)
def test_a_list_that_changed_while_it_was_read_is_read_again_page_by_page(moved):
    with loopback(first_time(moved, whole)) as server:
        assert read(server) == list(range(6))
        assert pages_asked(server)[3:] == [1, 2, 3]


HARMLESS = {"a page without a total", "a last page that is none"}
"""Page by page, the first is no contradiction, and the second ends with an empty page."""


@pytest.mark.parametrize("name", sorted(MOVED.keys() - HARMLESS))
def test_a_list_that_never_fits_together_is_no_answer(name):
    with (
        loopback(MOVED[name]) as server,
        pytest.raises(RemoteError, match=f"in {READINGS} readings"),
    ):
        read(server)


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_only_looks_odd_side_by_side_is_an_answer_page_by_page(name):
    with loopback(MOVED[name]) as server:
        assert read(server) == list(range(6))


# --- Past ten thousand ------------------------------------------------------------------------

LONG = Listing("/projects/1/issues", {"order_by": "created_at"}, "issues of p", size=2, keyset=True)


class Uncounted:
    """Tells no totals, and knows keyset, or does not; `lost` links do not arrive."""

    def __init__(self, count: int, *, knows: bool = True, lost: int = 0) -> None:
        self.items = numbered(*range(count))
        self.knows = knows
        self.lost = lost

    def __call__(self, asked: Asked) -> Said:
        if asked.query.get("pagination") != "keyset" or not self.knows:
            return page_of(self.items, asked, total=False)
        begin = int(asked.query.get("cursor", 0))
        following = begin + 2
        said = Said(self.items[begin:following])
        if following < len(self.items) and following != self.lost:
            link = f"{asked.path}?pagination=keyset&per_page=2&cursor={following}"
            said.headers["Link"] = f'<{link}>; rel="next"'
        return said


@pytest.mark.parametrize(
    ("count", "requests"), [(1, 1), (2, 1), (3, 1 + 2), (4, 1 + 2 + 1), (9, 1 + 5)]
)
def test_a_long_list_is_read_by_keyset(count, requests):
    """The first page tells that it is long; where the last is full, one look more is taken."""
    with loopback(Uncounted(count)) as server:
        assert read(server, LONG) == list(range(count))
        assert len(server.asked) == requests


def test_a_server_without_keyset_goes_on_by_numbers():
    with loopback(Uncounted(9, knows=False)) as server:
        assert read(server, LONG) == list(range(9))
        assert pages_asked(server) == [1, 1, 2, 3, 4, 5]


def test_a_link_that_got_lost_is_not_the_end():
    with (
        loopback(Uncounted(9, lost=4)) as server,
        pytest.raises(RemoteError, match="more than the 4 that came by keyset"),
    ):
        read(server, LONG)


def test_issues_of_a_project_are_a_list_with_keyset():
    many: list[Any] = [issue_json(n) for n in range(1, 251)]

    def speak(asked):
        if asked.query.get("pagination") != "keyset":
            return page_of(many, asked, total=False)
        begin = int(asked.query.get("cursor", 0))
        link = f"<{asked.path}?pagination=keyset&per_page=100&cursor={begin + 100}>"
        headers = {"Link": f'{link}; rel="next"'} if begin < 200 else {}
        return Said(many[begin : begin + 100], headers=headers)

    in_project = IssuesOf(IssueQuery("support/loops", in_group=False))
    with loopback(speak) as server:
        issues = cast("tuple[Issue, ...]", reader_of(server).answer([in_project])[in_project])
        assert [one.id for one in issues] == list(range(1, 251))
        assert [one.query.get("pagination") for one in server.asked] == [None, *["keyset"] * 3]


LIES = {
    "more pages than items": (6, 900),
    "fewer pages than items": (6, 2),
    "no end of pages": (10**9, 5 * 10**8),
}


@pytest.mark.parametrize(("total", "pages"), LIES.values(), ids=LIES)
def test_totals_that_do_not_add_up_start_nothing(total, pages):
    """They are read page by page, and at most as often as any list is."""

    def speak(asked):
        said = page_of(numbered(*range(6)), asked)
        said.headers |= {"X-Total": str(total), "X-Total-Pages": str(pages)}
        return said

    with loopback(speak) as server:
        if total == 6:
            assert read(server) == list(range(6))
        else:
            with pytest.raises(RemoteError, match="6 came of 1000000000"):
                read(server)
        assert len(server.asked) in (3, 3 * READINGS)


def test_issues_too_long_for_one_answer_are_read_a_few_at_a_time():
    """Whoever writes a hundred huge descriptions does not stop the run."""
    written: list[Any] = [issue_json(n, description="x" * 900) for n in range(1, 251)]
    with loopback(lambda asked: page_of(written, asked)) as server:
        connection = Connection(server.url, TOKEN, largest_answer=20_000)
        with connection.open() as gl:
            issues = issues_in(GitLabReader(gl, StillTime().pacer()))
        assert [one.id for one in issues] == list(range(1, 251))
        assert {one.query["per_page"] for one in server.asked} == {"100", "10"}
        assert len(server.asked) == 1 + 25


def test_progress_is_told_one_line_at_a_time():
    lines: list[str] = []
    busy = threading.Lock()

    def tell(line):
        assert busy.acquire(blocking=False)
        time.sleep(0.001)
        lines.append(line)
        busy.release()

    issues = list(map(issue_json, range(1, 801)))
    with loopback(lambda asked: page_of(issues, asked)) as server:
        reader, _ = connect(server.url, TOKEN, progress=tell)
        reader.answer([ISSUES, IssuesOf(IssueQuery("sales"))])
    for place in ("support", "sales"):
        told = [line for line in lines if place in line]
        assert told == [f"issues of {place}: {n} of 800" for n in range(100, 801, 100)]

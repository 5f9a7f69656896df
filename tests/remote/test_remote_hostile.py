"""A server that answers with nonsense, or without an end, gets an error and no token."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import pytest

from automation.errors import OutcomeUnknown, RemoteError
from automation.model.change import CreateIssue
from automation.model.issue import Issue, IssueQuery
from automation.model.questions import IssuesOf, WhoAmI
from automation.remote import Connection, GitLabReader, GitLabWriter, connect
from tests.remote.loopback import Asked, Said, loopback, page_of
from tests.remote.remote_world import TOKEN, StillTime, issue_json

ISSUES = IssuesOf(IssueQuery("support"))
CREATE = CreateIssue(
    key="k", reason="", project_id=1, project="a/b", title="t", description="", labels=()
)
MIB = 1024 * 1024
ALL: list[Any] = list(map(issue_json, range(1, 401)))
TOTALS = {"X-Total": "400", "X-Total-Pages": "4"}


def reader_of(url: str, **limits) -> GitLabReader:
    return GitLabReader(Connection(url, TOKEN, **limits).open(), StillTime().pacer())


def issues_in(reader: GitLabReader) -> tuple[Issue, ...]:
    return cast("tuple[Issue, ...]", reader.answer([ISSUES])[ISSUES])


def packed(body: bytes, times: int = 1) -> Said:
    for _ in range(times):
        body = gzip.compress(body, 1)
    return Said(body, headers={"Content-Encoding": ", ".join(["gzip"] * times)})


def with_next(said: Said, asked: Asked, **more: str) -> Said:
    following = str(asked.page + 1) if asked.page < 4 else ""
    said.headers |= {"X-Next-Page": following, **TOTALS, **more}
    return said


def page(asked: Asked) -> list[Any]:
    return ALL[(asked.page - 1) * 100 : asked.page * 100]


NONSENSE = {
    "HTML": lambda a: Said(b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
    "nothing": lambda a: Said(b""),
    "half of it": lambda a: Said(json.dumps(page(a)).encode()[:-9]),
    "a number": lambda a: Said(7),
    "null": lambda a: Said(None),
    "an object": lambda a: Said({"data": page(a)}),
    "a list of lists": lambda a: Said([[one] for one in page(a)]),
    "a list of nulls": lambda a: Said([None] * 100),
    "ids of text": lambda a: Said([{**one, "id": str(one["id"])} for one in page(a)]),
    "ids that are true": lambda a: Said([{**one, "id": True} for one in page(a)]),
    "titles that are numbers": lambda a: Said([{**one, "title": 1} for one in page(a)]),
    "labels that are objects": lambda a: Said([{**one, "labels": [{}]} for one in page(a)]),
    "a day that is none": lambda a: Said([{**one, "due_date": "2026-02-30"} for one in page(a)]),
    "invalid UTF-8": lambda a: Said(json.dumps(page(a)).encode().replace(b"Loop", b"L\xff\xfep")),
    "lone halves of UTF-16": lambda a: Said(b"\xff\xfe[\x00]"),
    "the same page always": lambda a: Said(ALL[:100]),
    "the same issue always": lambda a: Said([ALL[0]] * 100),
    "no end of brackets": lambda a: Said(b"[" * 200_000),
    "a number without an end": lambda a: Said(b"[" + b"9" * 10_000 + b"]"),
    "a broken archive": lambda a: Said(b"no gzip", headers={"Content-Encoding": "gzip"}),
    "no known packing": lambda a: Said(b"\x00\x01", headers={"Content-Encoding": "zzz"}),
    "a bomb": lambda a: packed(b" " * 2 * MIB),
    "a bomb in a bomb": lambda a: packed(b" " * 2 * MIB, 2),
    "too much": lambda a: Said(b" " * (MIB + 1)),
    "a longer body than said": lambda a: Said(b"[]", headers={"Content-Length": "9"}),
    "a negative length": lambda a: Said(b"[]", headers={"Content-Length": "-9"}),
    "a page that is gone": lambda a: Said(b"", 204),
    "an answer in parts": lambda a: Said(b"[]", 206),
    "the end is next": lambda a: Said(page(a), headers={"X-Next-Page": str(a.page)}),
    "page minus one is next": lambda a: Said(page(a), headers={"X-Next-Page": "-1"}),
    "page half is next": lambda a: Said(page(a), headers={"X-Next-Page": "0.5"}),
    "no digits": lambda a: Said(page(a), headers={"X-Next-Page": "٢"}),
    "a negative total": lambda a: Said(page(a), headers={"X-Total": "-400"}),
    "a total of digits only": lambda a: Said(page(a), headers={"X-Total": "9" * 5_000}),
    "a smaller total": lambda a: Said(page(a), headers={"X-Total": "100", "X-Total-Pages": "1"}),
    "a larger total": lambda a: Said(page(a), headers={"X-Total": "401", "X-Total-Pages": "5"}),
    "empty pages": lambda a: Said([]),
    "endless empty pages": lambda a: Said([], headers={"X-Next-Page": str(a.page + 1)}),
}  # fmt: skip
LEFT_WAITING = ("a longer body than said", "a negative length")
"""Whoever reads these waits for more until it has waited long enough, and tries again."""


@pytest.mark.parametrize(
    ("beginning", "lanes"), [(1, 1), (3, 8)], ids=["from page 1", "from page 3"]
)
@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_never_taken_for_a_list(name, beginning, lanes):
    """Whether it stands on all pages or on later ones only."""

    def speak(asked):
        if asked.page < beginning:
            return page_of(ALL, asked)
        said = NONSENSE[name](asked)
        return with_next(said, asked, **said.headers)

    with loopback(speak) as server:
        timeout = 0.1 if name in LEFT_WAITING else 0.5
        gl = Connection(server.url, TOKEN, largest_answer=MIB, read_timeout=timeout).open()
        reader = GitLabReader(gl, StillTime().pacer(), lanes=lanes)
        with pytest.raises(RemoteError) as caught:
            reader.answer([ISSUES])
        assert TOKEN not in str(caught.value)
        assert len(server.asked) <= 4 * 5 * 4


WRITTEN = ["HTML", "nothing", "a number", "null", "a list of nulls", "invalid UTF-8", "a bomb",
           "too much", "a broken archive", "no end of brackets", "a number without an end"]  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_a_write_that_is_answered_with_nonsense_may_have_happened(name):
    with loopback(NONSENSE[name]) as server:
        gl = Connection(server.url, TOKEN, largest_answer=MIB).open()
        with pytest.raises(OutcomeUnknown):
            GitLabWriter(gl, StillTime().pacer()).create_issue(CREATE)
        assert len(server.asked) == 1


def test_what_is_too_large_is_said():
    with loopback(lambda _: packed(b" " * 65 * MIB)) as server:
        reader, writer = connect(server.url, TOKEN, pacer=StillTime().pacer())
        with pytest.raises(RemoteError, match="answer is longer than 64 MiB") as caught:
            reader.answer([ISSUES])
        assert "GitLab's own" in caught.value.remedy
        with pytest.raises(OutcomeUnknown, match="the answer is longer than 64 MiB"):
            writer.create_issue(CREATE)
        assert len(server.asked) == 2 + 1


def test_of_a_long_refusal_only_the_beginning_is_read():
    with loopback(lambda _: Said(b"x" * 20 * MIB, 400)) as server:
        reader, _ = connect(server.url, TOKEN, pacer=StillTime().pacer())
        with pytest.raises(RemoteError, match=r"status 400: x+") as caught:
            reader.answer([WhoAmI()])
    assert len(caught.value.message) < 400


# --- Where the token goes ------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_follows_no_redirect_from_any_page(at, status):
    with loopback(lambda _: Said([])) as evil:

        def speak(asked):
            if asked.page == at:
                return Said(b"", status, {"Location": f"{evil.url}{asked.path}?page={at}"})
            return page_of(ALL, asked)

        with loopback(speak) as server, pytest.raises(RemoteError, match="follows no redirect"):
            reader_of(server.url).answer([ISSUES])
        assert evil.asked == []


def test_the_token_follows_no_link_from_any_page():
    with loopback(lambda _: Said([])) as evil:

        def speak(asked):
            said = page_of(ALL, asked)
            said.headers["Link"] = f'<{evil.url}{asked.path}?page=9>; rel="next"'
            if asked.page == 3:
                del said.headers["X-Next-Page"]
            return said

        with loopback(speak) as server, pytest.raises(RemoteError, match="another address"):
            reader_of(server.url).answer([ISSUES])
        assert evil.asked == []


def test_no_cookie_comes_back():
    def speak(asked):
        said = page_of(ALL, asked)
        said.headers["Set-Cookie"] = "_gitlab_session=stolen; Path=/"
        return said

    with loopback(speak) as server:
        reader = reader_of(server.url)
        reader.answer([ISSUES])
        reader.answer([ISSUES])
        assert len(server.asked) == 8
        assert not [one for one in server.asked if "Cookie" in one.headers]


# --- Servers that take their time -----------------------------------------------------------


@contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """Says the beginning, and then one letter after the other, for ever."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(beginning)
            while not over.wait(0.01):
                connection.sendall(b"a")

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = sock.accept()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as sock:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            over.set()
            sock.shutdown(socket.SHUT_RDWR)
            thread.join(5)


DRIPS = {
    "a status": b"HTTP/1.1 2",
    "a header": b"HTTP/1.1 200 OK\r\nX-A: ",
    "a body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[",
    "a body without an end": b"HTTP/1.1 200 OK\r\n\r\n[",
    "a refusal": b"HTTP/1.1 400 Bad\r\nContent-Length: 1000000\r\n\r\n[",
}


@pytest.mark.parametrize("beginning", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_goes_on_and_on_is_given_up(beginning):
    """No silence is ever as long as the time-out for silence."""
    with dripping(beginning) as url:
        reader = reader_of(url, read_timeout=5, answer_timeout=0.1)
        with pytest.raises(RemoteError, match="GET /user"):
            reader.answer([WhoAmI()])


def test_a_proxy_that_goes_on_and_on_is_given_up(monkeypatch):
    with dripping(b"HTTP/1.1 2") as proxy:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        reader = reader_of("https://gitlab.example.com", read_timeout=5, answer_timeout=0.1)
        with pytest.raises(RemoteError, match="GET /user"):
            reader.answer([WhoAmI()])


def test_an_answer_has_its_time_anew_on_a_kept_connection():
    """Each of them is quick; together they take longer than one may."""

    def speak(asked):
        threading.Event().wait(0.02)
        return page_of(ALL, asked)

    with loopback(speak) as server:
        gl = Connection(server.url, TOKEN, answer_timeout=0.5, read_timeout=0.5).open()
        reader = GitLabReader(gl, StillTime().pacer(), lanes=1)
        for _ in range(8):
            assert len(issues_in(reader)) == 400
        assert (len(server.asked), server.connections) == (32, 1)

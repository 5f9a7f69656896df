"""What stands on GitLab's answers to writes: its id of the request, and its time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses

from automation.errors import OutcomeUnknown, Refused, Throttled
from automation.ports import receipts, receive
from automation.remote import GitLabWriter
from automation.remote.calls import Calls
from tests.remote.remote_world import API, StillTime, issue_json
from tests.remote.test_remote_writer import ISSUE, NOTES, WEB, create, done, told

DATE = "Mon, 23 Nov 2026 09:00:00 GMT"
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
ISSUES = f"{API}/projects/20/issues"


def stamped(number: int, date: str = DATE) -> dict[str, str]:
    return {"X-Request-Id": f"01K-request.{number}", "Date": date}


def test_an_answer_tells_its_id_and_gitlabs_time(
    server: responses.RequestsMock, writer: GitLabWriter
) -> None:
    server.post(ISSUES, json=issue_json(web_url=WEB), status=201, headers=stamped(1))
    with receipts() as collected:
        writer.create_issue(create())
    assert (collected.request_ids, collected.at) == (["01K-request.1"], NINE)


def test_a_change_of_two_writes_has_two_ids_and_the_last_time(
    server: responses.RequestsMock, writer: GitLabWriter
) -> None:
    note = {"id": 77, "body": "x", "commands_changes": {}}
    server.post(NOTES, json=note, status=201, headers=stamped(1))
    late = "Mon, 23 Nov 2026 09:00:05 GMT"
    answer = issue_json(web_url=WEB, labels=["loop::done"], state="closed")
    server.put(ISSUE, json=answer, headers=stamped(2, late))
    with receipts() as collected:
        writer.transition(told())
    assert collected.request_ids == ["01K-request.1", "01K-request.2"]
    assert collected.at == NINE.replace(second=5)


@pytest.mark.parametrize(
    ("status", "error"), [(403, Refused), (500, OutcomeUnknown), (429, Throttled)]
)
def test_a_refusal_has_an_id_too(
    server: responses.RequestsMock, writer: GitLabWriter, status: int, error: type[Exception]
) -> None:
    server.put(ISSUE, json={"message": "no"}, status=status, headers=stamped(3))
    with receipts() as collected, pytest.raises(error):
        writer.transition(done())
    assert collected.request_ids == ["01K-request.3"]


def test_an_answer_that_never_came_has_none(
    server: responses.RequestsMock, writer: GitLabWriter
) -> None:
    server.put(ISSUE, body=requests.ReadTimeout())
    with receipts() as collected, pytest.raises(OutcomeUnknown):
        writer.transition(done())
    assert (collected.request_ids, collected.at) == ([], None)


@pytest.mark.parametrize("odd", ["", "a b", "x" * 129, "<!--", "ünf"])
def test_what_is_no_id_is_none(
    server: responses.RequestsMock, gl: Any, still: StillTime, odd: str
) -> None:
    server.delete(f"{API}/x", status=204, headers={"X-Request-Id": odd, "Date": "yesterday"})
    with receipts() as collected:
        Calls(gl, still.pacer()).delete("/x")
    assert (collected.request_ids, collected.at) == ([], None)


def test_reads_are_no_matter_of_a_change(
    server: responses.RequestsMock, gl: Any, still: StillTime
) -> None:
    server.get(f"{API}/x", json={}, headers=stamped(1))
    with receipts() as collected:
        Calls(gl, still.pacer()).get("/x", {})
    assert collected.request_ids == []


def test_a_thread_collects_what_is_its_own_and_an_answer_without_a_time_keeps_the_last() -> None:
    found: list[list[str]] = []

    def work() -> None:
        with receipts() as mine:
            receive("b", None)
        found.append(mine.request_ids)

    receive("nobody's", NINE)
    with receipts() as collected:
        receive("a", NINE)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        receive("c", None)
    assert (collected.request_ids, collected.at, found) == (["a", "c"], NINE, [["b"]])

"""Comments on many issues in one list: GitLab's events, by project or by the token's user."""

from __future__ import annotations

from datetime import date

import pytest

from automation.model.issue import Comment, IssueRef
from automation.model.questions import CommentsPageOf
from automation.model.snapshot import Unreadable
from tests.remote.remote_world import API, note_json, paged

SINCE = date(2026, 11, 24)
OWN, THERE = CommentsPageOf(SINCE), CommentsPageOf(SINCE, 20)


def event_json(id=1, iid=5, kind="Issue", **more):
    said = note_json(id, noteable_type=kind, noteable_iid=iid, noteable_id=900)
    return {"id": 500 + id, "project_id": 20, "action_name": "commented on", "note": said, **more}


def ask(reader, question):
    return reader.answer([question])[question]


@pytest.mark.parametrize(("question", "path"), [(OWN, "/events"), (THERE, "/projects/20/events")])
def test_a_page_of_a_list(server, reader, question, path):
    paged(server, path, [event_json(n, n) for n in range(250, 0, -1)])
    found = ask(reader, CommentsPageOf(question.since, question.project_id, 2))
    assert [one.ref for one in found.entries] == [IssueRef(20, n) for n in range(150, 50, -1)]
    assert [one.note.id for one in found.entries] == list(range(150, 50, -1))
    assert found.more
    assert server.calls[-1].request.params == {
        "action": "commented",
        "after": "2026-11-23",  # that day is left out
        "sort": "desc",
        "per_page": "100",
        "page": "2",
    }


def test_comments_on_other_things_are_left_out(server, reader):
    paged(
        server,
        "/events",
        [
            event_json(1, kind="MergeRequest"),
            event_json(2, None, kind="Commit"),
            event_json(3, None, kind=None),
            {"id": 504, "project_id": 20, "action_name": "commented on", "target_type": "Note"},
            event_json(5, note=None),
            event_json(6, project_id=None),
            event_json(7, kind="WorkItem"),
        ],
    )
    (found,) = ask(reader, OWN).entries
    assert isinstance(found, Comment)
    assert (found.ref, found.note.id) == (IssueRef(20, 5), 7)


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_that_is_refused_stops_nothing(server, reader, status):
    server.add("GET", f"{API}/projects/20/events", status=status, json={"message": "no"})
    assert isinstance(ask(reader, THERE), Unreadable)


@pytest.mark.parametrize("body", [{"message": "odd"}, [{"id": 1, "note": "odd"}]])
def test_nonsense_is_no_list(server, reader, body):
    server.add("GET", f"{API}/projects/20/events", json=body)
    assert isinstance(ask(reader, THERE), Unreadable)

"""What triage has written: milestones, dates, reopening, threads, internal notes, moves."""

from __future__ import annotations

from datetime import date

import pytest

from automation.errors import OutcomeUnknown, Refused
from automation.model.change import MilestoneChoice
from tests.remote.remote_world import API, URL, issue_json, note_json
from tests.remote.test_remote_writer import ISSUE, NOTES, WEB, sent, transition, verbs

MILESTONE = MilestoneChoice(id=4, title="17.8")
DATED = {"milestone": MILESTONE, "due_date": date(2026, 11, 27), "reopen": True}
ALL = {"milestone_id": 4, "due_date": "2026-11-27", "state_event": "reopen"}


def as_wished(**more):
    return issue_json(5, **{"milestone": {"id": 4}, "due_date": "2026-11-27", **more})


def test_without_a_word_one_put_does_it_all(server, writer):
    server.put(ISSUE, json=as_wished())
    assert writer.transition(transition(**DATED)) == WEB
    assert sent(server) == ("PUT", ISSUE, ALL)


def test_with_a_word_quick_actions_do_it_all(server, writer):
    server.post(NOTES, status=201, json={**note_json(9), "commands_changes": ALL})
    writer.transition(transition(say="Hi", **DATED))
    body = sent(server)[2]["body"]
    assert body == 'Hi\n\n/milestone %"17.8"\n/due 2026-11-27\n/reopen'
    assert verbs(server) == ["POST"]


def test_a_milestone_that_no_quick_action_can_name_is_made_up_for(server, writer):
    server.post(NOTES, status=201, json=note_json(9))
    server.put(ISSUE, json=as_wished())
    writer.transition(transition(say="Hi", milestone=MilestoneChoice(id=4, title='a"b')))
    assert sent(server, 0)[2]["body"] == "Hi"
    assert sent(server)[2] == {"milestone_id": 4}


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"state": "closed"}, "the issue is still closed"),
        ({"milestone": None}, "the issue did not get the milestone"),
        ({"milestone": {"id": 5}}, "the issue did not get the milestone"),
        ({"due_date": None}, "the issue did not get the due date"),
    ],
)
def test_what_gitlab_drops_is_told(server, writer, facts, wrong):
    server.put(ISSUE, json=as_wished(**facts))
    with pytest.raises(Refused, match=wrong):
        writer.transition(transition(**DATED))


def test_an_internal_note(server, writer):
    server.post(NOTES, status=201, json=note_json(9))
    writer.transition(transition(say="Hi", internal=True))
    assert sent(server) == ("POST", NOTES, {"body": "Hi", "internal": True})


def test_a_thread_does_not_tell_what_its_quick_actions_did(server, writer):
    threads = f"{ISSUE}/discussions"
    server.post(threads, status=201, json={"id": "a", "notes": [note_json(9)]})
    server.put(ISSUE, json=issue_json(5, labels=["x"]))
    url = writer.transition(transition(say="Hi", thread=True, add_labels=("x",)))
    assert url == f"{WEB}#note_9"
    assert sent(server, 0) == ("POST", threads, {"body": 'Hi\n\n/label ~"x"'})
    assert sent(server)[2] == {"add_labels": "x"}


MOVED = {"project_id": 30, "web_url": f"{URL}/support/other/-/issues/1"}


def test_a_move_comes_last(server, writer):
    server.get(f"{API}/projects/support%2Fother", json={"id": 30})
    server.put(ISSUE, json=issue_json(5, labels=["x"]))
    server.post(f"{ISSUE}/move", status=201, json=MOVED)
    url = writer.transition(transition(move_to="support/other", add_labels=("x",)))
    assert url == MOVED["web_url"]
    assert verbs(server) == ["GET", "PUT", "POST"]
    assert sent(server)[2] == {"to_project_id": 30}


def test_a_move_that_did_not_happen_is_told(server, writer):
    server.get(f"{API}/projects/support%2Fother", json={"id": 30})
    server.post(f"{ISSUE}/move", status=201, json={**MOVED, "project_id": 20})
    with pytest.raises(Refused, match="but it is not in support/other"):
        writer.transition(transition(move_to="support/other"))


def test_a_move_whose_project_is_not_there_does_nothing_else(server, writer):
    server.get(f"{API}/projects/support%2Fother", status=404, json={"message": "404"})
    with pytest.raises(Refused):
        writer.transition(transition(move_to="support/other", add_labels=("x",)))
    assert verbs(server) == ["GET"]


def test_a_move_whose_answer_was_lost_is_not_repeated(server, writer):
    server.get(f"{API}/projects/support%2Fother", json={"id": 30})
    server.post(f"{ISSUE}/move", status=502, body="")
    with pytest.raises(OutcomeUnknown):
        writer.transition(transition(move_to="support/other"))
    assert verbs(server) == ["GET", "POST"]

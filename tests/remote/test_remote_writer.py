from __future__ import annotations

import json
from datetime import date

import pytest
import requests

from automation.errors import OutcomeUnknown, Refused, Throttled, Unreachable
from automation.model.change import (
    Assignee,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    Target,
    Transition,
)
from automation.ports import Writer
from automation.remote.writer import note_body
from tests.remote.remote_world import API, URL, issue_json, label_json, note_json, paged, user_json
from tests.remote.test_remote_pacing import unsent

WEB = f"{URL}/support/loops/-/issues/5"
ISSUE = f"{API}/projects/20/issues/5"
NOTES = f"{ISSUE}/notes"
MARKER = "<!-- drumbeat:said one-on-one/mgr-emea-1/2026-W48 done -->"


def create(**more):
    return CreateIssue(
        **{
            "key": "k",
            "reason": "due",
            "project_id": 20,
            "project": "support/loops",
            "title": "1:1 W48",
            "description": "- [ ] a",
            "labels": ("loop::open", "1:1"),
            **more,
        }
    )


def transition(**more):
    return Transition(
        **{
            "key": "k",
            "reason": "all ticked",
            "to": "loop::done",
            "target": Target(project_id=20, project="support/loops", iid=5, web_url=WEB),
            "before": IssueBefore(opened=True, labels=("loop::open",)),
            **more,
        }
    )


def done(**more):
    return transition(
        **{
            "add_labels": ("loop::done",),
            "remove_labels": ("loop::open", "loop::overdue"),
            "close": True,
            **more,
        }
    )


def told(**more):
    return done(say="All done.\n", marker=MARKER, **more)


def sent(server, index=-1):
    request = server.calls[index].request
    return request.method, request.url, json.loads(request.body)


def verbs(server):
    return [call.request.method for call in server.calls]


def test_it_is_a_writer(writer):
    as_writer: Writer = writer
    assert as_writer is writer


# --- Issues ------------------------------------------------------------------------


def test_an_issue_is_created_with_all_that_it_needs(server, writer):
    people = [user_json(7), user_json(8)]
    made = issue_json(5, confidential=True, assignees=people)
    server.post(f"{API}/projects/20/issues", status=201, json=made)
    change = create(assignee_ids=(7, 8), due_date=date(2026, 11, 27), confidential=True)
    assert writer.create_issue(change) == WEB
    assert sent(server) == (
        "POST",
        f"{API}/projects/20/issues",
        {
            "title": "1:1 W48",
            "description": "- [ ] a",
            "labels": "loop::open,1:1",
            "assignee_ids": [7, 8],
            "due_date": "2026-11-27",
            "confidential": True,
        },
    )


def test_an_assignee_whom_gitlab_drops_is_reported(server, writer):
    server.post(f"{API}/projects/20/issues", status=201, json=issue_json(5))
    with pytest.raises(Refused, match=f"{WEB} was created, but GitLab did not assign it to @mgr"):
        writer.create_issue(create(assignee_ids=(7,), assignees=("mgr",)))


def test_an_issue_needs_neither_assignee_nor_due_date(server, writer):
    server.post(f"{API}/projects/20/issues", status=201, json=issue_json(5))
    writer.create_issue(create())
    assert set(sent(server)[2]) == {"title", "description", "labels", "confidential"}


@pytest.mark.parametrize(
    ("wanted", "word"), [(True, "confidential"), (False, "open to all members")]
)
def test_an_issue_of_another_confidentiality_is_reported(server, writer, wanted, word):
    server.post(
        f"{API}/projects/20/issues", status=201, json=issue_json(5, confidential=not wanted)
    )
    with pytest.raises(Refused, match=f"{WEB} was created, but GitLab did not make it {word}"):
        writer.create_issue(create(confidential=wanted))


def test_post_after_time_out_not_repeated(server, writer, still):
    server.post(f"{API}/projects/20/issues", body=requests.ReadTimeout())
    with pytest.raises(OutcomeUnknown, match="POST /projects/20/issues was sent"):
        writer.create_issue(create())
    assert (len(server.calls), still.slept) == (1, [])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_creation_with_a_server_error_is_unknown(server, writer, status):
    server.post(f"{API}/projects/20/issues", status=status)
    with pytest.raises(OutcomeUnknown):
        writer.create_issue(create())
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "<html>", '{"id": 1}', '{"web_url": 3}', '{"web_url": "u"', "[" * 100_000],
)
def test_a_creation_whose_answer_is_unclear_is_unknown(server, writer, body):
    server.post(f"{API}/projects/20/issues", status=201, body=body)
    with pytest.raises(OutcomeUnknown):
        writer.create_issue(create())
    assert len(server.calls) == 1


def test_a_throttled_creation_is_sent_again(server, writer, still):
    server.post(
        f"{API}/projects/20/issues", status=429, body="Retry later\n", headers={"Retry-After": "3"}
    )
    server.post(f"{API}/projects/20/issues", status=201, json=issue_json(5))
    assert writer.create_issue(create()) == WEB
    assert still.slept == [3.5]


# --- Transitions -------------------------------------------------------------------


def test_what_is_said_comes_before_marker_and_quick_actions():
    assert note_body(told()) == (
        "All done.\n\n"
        f"{MARKER}\n\n"
        '/label ~"loop::done"\n/unlabel ~"loop::open" ~"loop::overdue"\n/close'
    )


def test_a_bare_unlabel_is_never_sent():
    body = note_body(transition(say="Hello", marker=MARKER, add_labels=("a b",)))
    assert body == f'Hello\n\n{MARKER}\n\n/label ~"a b"'
    assert note_body(transition(say="Hello", close=True)) == "Hello\n\n/close"
    assert note_body(transition(say="Hello", marker=MARKER)) == f"Hello\n\n{MARKER}"


def test_a_transition_with_a_word_is_one_write(server, writer):
    changes = {"add_label_ids": [1], "remove_label_ids": [2, 3], "state_event": "close"}
    server.post(NOTES, status=201, json=note_json(77, commands_changes=changes))
    assert writer.transition(told()) == f"{WEB}#note_77"
    assert sent(server) == ("POST", NOTES, {"body": note_body(told())})
    assert len(server.calls) == 1


def test_a_word_without_any_change_is_one_write(server, writer):
    server.post(NOTES, status=201, json=note_json(77, commands_changes={}))
    assert writer.transition(transition(say="Reminder")) == f"{WEB}#note_77"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("changes", "update"),
    [
        (
            {"add_label_ids": [1], "remove_label_ids": [2, 3]},
            {"state_event": "close"},
        ),
        (
            {"add_label_ids": [], "remove_label_ids": [2, 3], "state_event": "close"},
            {"add_labels": "loop::done"},
        ),
        (
            {"add_label_ids": [1], "remove_label_ids": [2], "state_event": "close"},
            {"remove_labels": "loop::open,loop::overdue"},
        ),
        (
            {},
            {
                "add_labels": "loop::done",
                "remove_labels": "loop::open,loop::overdue",
                "state_event": "close",
            },
        ),
    ],
)
def test_what_the_quick_actions_did_not_do_is_done_silently(server, writer, changes, update):
    server.post(NOTES, status=201, json=note_json(77, commands_changes=changes))
    server.put(ISSUE, json=issue_json(5, state="closed", labels=["loop::done"]))
    assert writer.transition(told()) == f"{WEB}#note_77"
    assert verbs(server) == ["POST", "PUT"]
    assert sent(server) == ("PUT", ISSUE, update)


@pytest.mark.parametrize("more", [{}, {"commands_changes": None}])
def test_an_answer_that_is_silent_on_commands_is_not_believed(server, writer, more):
    server.post(NOTES, status=201, json=note_json(77, **more))
    server.put(ISSUE, json=issue_json(5, state="closed", labels=["loop::done"]))
    writer.transition(told())
    assert verbs(server) == ["POST", "PUT"]


def test_a_note_that_is_written_and_not_carried_out_says_so(server, writer):
    server.post(NOTES, status=201, json=note_json(77))
    server.put(ISSUE, status=403, json={"message": "403 Forbidden"})
    with pytest.raises(Refused, match=f"The note {WEB}#note_77 was written, but.*403") as caught:
        writer.transition(told())
    assert caught.value.status == 403


@pytest.mark.parametrize("failure", [requests.ReadTimeout(), unsent()], ids=["lost", "unsent"])
def test_a_note_that_is_written_and_perhaps_not_carried_out_is_unknown(server, writer, failure):
    server.post(NOTES, status=201, json=note_json(77))
    server.put(ISSUE, body=failure)
    with pytest.raises(OutcomeUnknown, match=f"The note {WEB}#note_77 was written"):
        writer.transition(told())


def test_403_on_a_note_is_a_failure(server, writer):
    server.post(NOTES, status=403, json={"message": "403 Forbidden"})
    with pytest.raises(Refused, match="403 Forbidden") as caught:
        writer.transition(told())
    assert caught.value.status == 403
    assert verbs(server) == ["POST"]


def test_an_answer_of_commands_only_is_unknown(server, writer):
    server.post(NOTES, status=202, json={"commands_changes": {}, "summary": ["Closed this issue."]})
    with pytest.raises(OutcomeUnknown, match="no `id`"):
        writer.transition(told())


def test_a_note_that_is_too_long_is_not_sent(server, writer):
    with pytest.raises(Refused, match="longer"):
        writer.transition(transition(say="x" * 1_000_001))
    assert len(server.calls) == 0


def test_a_word_gives_the_issue_to_somebody(server, writer):
    changes = {"assignee_ids": [7]}
    server.post(NOTES, status=201, json=note_json(1, commands_changes=changes))
    given = transition(say="Yours.", marker=MARKER, assign=Assignee(id=7, username="mgr-emea-1"))
    writer.transition(given)
    actions = "/unassign\n/assign @mgr-emea-1"  # `/reassign` is of paid tiers
    assert sent(server)[2]["body"] == f"Yours.\n\n{MARKER}\n\n{actions}"
    assert verbs(server) == ["POST"]


def test_an_assignment_that_gitlab_drops_is_reported(server, writer):
    server.put(ISSUE, json=issue_json(5, assignees=[]))
    given = transition(assign=Assignee(id=7, username="mgr-emea-1"))
    with pytest.raises(Refused, match="but the issue was not assigned"):
        writer.transition(given)
    assert sent(server) == ("PUT", ISSUE, {"assignee_ids": [7]})


def test_a_silent_transition_is_one_put(server, writer):
    server.put(ISSUE, json=issue_json(5, state="closed", labels=["loop::done", "x"]))
    assert writer.transition(done()) == WEB
    assert sent(server) == (
        "PUT",
        ISSUE,
        {
            "add_labels": "loop::done",
            "remove_labels": "loop::open,loop::overdue",
            "state_event": "close",
        },
    )


def test_a_silent_transition_to_nothing_sends_nothing(server, writer):
    assert writer.transition(transition()) == WEB
    assert len(server.calls) == 0


@pytest.mark.parametrize(
    ("state", "labels", "wrong"),
    [
        ("opened", ["loop::done"], "the issue is still open"),
        ("closed", ["x"], "the issue does not bear loop::done"),
        ("closed", ["loop::done", "loop::open"], "the issue still bears loop::open"),
    ],
)
def test_an_update_that_gitlab_dropped_is_a_failure(server, writer, state, labels, wrong):
    server.put(ISSUE, json=issue_json(5, state=state, labels=labels))
    with pytest.raises(Refused, match=f"support/loops#5, but {wrong}"):
        writer.transition(done())


def test_labels_alone_do_not_close(server, writer):
    server.put(ISSUE, json=issue_json(5, labels=["loop::overdue"]))
    writer.transition(transition(add_labels=("loop::overdue",)))
    assert sent(server)[2] == {"add_labels": "loop::overdue"}


@pytest.mark.parametrize(
    "label", ['a" /close', "a,b", "a\n/close", "a\r", "", "  ", ".", "..", '"']
)
def test_a_label_that_would_be_read_as_something_else_is_not_sent(server, writer, label):
    for change in (told(add_labels=(label,)), done(add_labels=(label,))):
        with pytest.raises(Refused, match="does not send the label"):
            writer.transition(change)
    with pytest.raises(Refused):
        writer.create_issue(create(labels=(label,)))
    with pytest.raises(Refused):
        writer.ensure_label(label_change(name=label))
    assert len(server.calls) == 0


# --- Labels and boards -------------------------------------------------------------


def label_change(**more):
    return EnsureLabel(
        **{
            "key": "loop::open",
            "reason": "",
            "group": "support/a",
            "name": "loop::open",
            "color": "#00FF00",
            **more,
        }
    )


def test_a_label_is_created(server, writer):
    server.post(f"{API}/groups/support%2Fa/labels", status=201, json=label_json())
    assert writer.ensure_label(label_change(description="d")) == f"{URL}/groups/support/a/-/labels"
    assert sent(server)[2] == {"name": "loop::open", "color": "#00FF00", "description": "d"}


def test_a_label_is_updated(server, writer):
    server.put(f"{API}/groups/support%2Fa/labels/9", json=label_json())
    writer.ensure_label(
        label_change(name="a/b c", before=LabelBefore(id=9, color="#000000", description=""))
    )
    assert sent(server)[2] == {"color": "#00FF00", "description": ""}


TAKEN = [
    (409, {"message": "Label already exists"}),
    (400, {"message": {"title": ["has already been taken"]}}),
]


@pytest.mark.parametrize(("status", "message"), TAKEN)
def test_a_label_that_another_shard_made_meanwhile_is_as_good(server, writer, status, message):
    server.post(f"{API}/groups/support%2Fa/labels", status=status, json=message)
    server.get(f"{API}/groups/support%2Fa/labels", json=[label_json()])
    assert writer.ensure_label(label_change()) == f"{URL}/groups/support/a/-/labels"


@pytest.mark.parametrize(("status", "message"), TAKEN)
def test_a_label_that_is_not_there_after_all_is_a_refusal(server, writer, status, message):
    server.post(f"{API}/groups/support%2Fa/labels", status=status, json=message)
    server.get(f"{API}/groups/support%2Fa/labels", json=[])
    with pytest.raises(Refused, match="already") as caught:
        writer.ensure_label(label_change())
    assert caught.value.status == status


def test_a_label_that_may_not_be_made_is_not_looked_for(server, writer):
    server.post(f"{API}/groups/support%2Fa/labels", status=403)
    with pytest.raises(Refused):
        writer.ensure_label(label_change())
    assert len(server.calls) == 1


def test_a_label_of_a_group_above_says_so(server, writer):
    server.put(
        f"{API}/groups/support%2Fa/labels/9",
        status=404,
        json={"message": "404 Label Not Found"},
    )
    with pytest.raises(Refused, match="404 Label Not Found") as caught:
        writer.ensure_label(label_change(before=LabelBefore(id=9, color="#000000", description="")))
    assert "group above" in caught.value.remedy


def test_another_refusal_of_a_label_keeps_its_own_remedy(server, writer):
    server.put(f"{API}/groups/support%2Fa/labels/9", status=403)
    with pytest.raises(Refused, match="Planner"):
        writer.ensure_label(label_change(before=LabelBefore(id=9, color="#000000", description="")))


def board_change(**more):
    return EnsureBoard(
        **{
            "key": "EMEA",
            "reason": "",
            "place": "support/loops",
            "in_group": False,
            "name": "EMEA",
            "missing": ("loop::open", "mine"),
            "labels_group": "support",
            **more,
        }
    )


def test_a_board_of_a_project_is_made_with_its_lists(server, writer):
    own = [label_json(8, "mine"), label_json(9, "loop::open")]
    paged(server, "/projects/support%2Floops/labels", own)
    paged(server, "/groups/support/labels", [label_json(1, "loop::open")])
    server.post(f"{API}/projects/support%2Floops/boards", status=201, json={"id": 3})
    server.post(f"{API}/projects/support%2Floops/boards/3/lists", status=201, json={"id": 30})
    assert writer.ensure_board(board_change()) == f"{URL}/support/loops/-/boards/3"
    assert [sent(server, index)[2] for index in (-3, -2, -1)] == [
        {"name": "EMEA"},
        {"label_id": 1},
        {"label_id": 8},
    ]


def test_a_board_of_a_group_gets_what_it_lacks(server, writer):
    paged(server, "/groups/support/labels", [label_json(1, "loop::open")])
    server.post(f"{API}/groups/support/boards/3/lists", status=201, json={"id": 30})
    change = board_change(place="support", in_group=True, missing=("loop::open",), before=3)
    assert writer.ensure_board(change) == f"{URL}/groups/support/-/boards/3"
    assert verbs(server) == ["GET", "POST"]


def test_a_board_without_lists_needs_no_labels(server, writer):
    server.post(f"{API}/projects/support%2Floops/boards", status=201, json={"id": 3})
    writer.ensure_board(board_change(missing=()))
    assert verbs(server) == ["POST"]


def test_a_board_whose_labels_do_not_exist_is_not_begun(server, writer):
    paged(server, "/projects/support%2Floops/labels", [])
    paged(server, "/groups/support/labels", [label_json(1, "loop::open")])
    with pytest.raises(Refused, match="labels that do not exist: mine"):
        writer.ensure_board(board_change())
    assert verbs(server) == ["GET", "GET"]


def test_a_board_that_the_tier_does_not_allow_is_a_refusal(server, writer):
    server.post(f"{API}/groups/support/boards", status=403, json={"message": "403 Forbidden"})
    with pytest.raises(Refused):
        writer.ensure_board(board_change(place="support", in_group=True, missing=()))


def test_a_write_that_cannot_be_sent_or_is_throttled_provably_never_happened(server, writer):
    server.put(ISSUE, body=unsent())
    with pytest.raises(Unreachable):
        writer.transition(done())
    server.post(NOTES, status=429)
    with pytest.raises(Throttled):
        writer.transition(told())


@pytest.mark.parametrize("label", ["a,b", "", "  "])
def test_what_a_list_of_labels_would_read_as_another_is_not_taken_off(server, writer, label):
    for change in (told(remove_labels=(label,)), done(remove_labels=(label,))):
        with pytest.raises(Refused, match="does not send the label"):
            writer.transition(change)
    assert len(server.calls) == 0


@pytest.mark.parametrize(
    "label",
    ['"', 'a" ~"b', "a\n/close", "a\r", "a\x85b", "a\u2028/close", "`", "@all", "<!-- x", "-->"],
)
def test_a_label_that_cannot_be_spoken_is_taken_off_after_the_word(server, writer, label):
    server.post(NOTES, status=201, json=note_json(77, commands_changes={"remove_label_ids": [2]}))
    server.put(ISSUE, json=issue_json(5, labels=[]))
    writer.transition(transition(say="Away.", remove_labels=("b", label)))
    (post, put) = (json.loads(call.request.body) for call in server.calls)
    assert post == {"body": 'Away.\n\n/unlabel ~"b"'}
    assert put == {"remove_labels": f"b,{label}"}


def test_with_no_label_to_speak_of_no_label_is_spoken_of(server, writer):
    server.post(NOTES, status=201, json=note_json(77, commands_changes={}))
    server.put(ISSUE, json=issue_json(5, labels=[]))
    writer.transition(transition(say="Away.", remove_labels=('"',)))
    assert json.loads(server.calls[0].request.body) == {"body": "Away."}
    assert sent(server) == ("PUT", ISSUE, {"remove_labels": '"'})

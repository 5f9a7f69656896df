"""Notes that end in quick actions: what is done, what is said about it, what is left."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites, sandbox_only

CREATE = "app/services/notes/create_service.rb"
ACTIONS = "lib/gitlab/quick_actions/issuable_actions.rb"
HELPERS = "lib/api/helpers/notes_helpers.rb"


@pytest.fixture(scope="module")
def labelled(place):
    """The labels that these notes speak of, by name."""
    return {name: place.label(name)["id"] for name in ("a", "b", "two words", "s::1")}


@cites(HELPERS, "process_note_creation_result, commands_only", laws=4)
def test_commands_alone_answer_202_and_leave_no_note(place):
    issue = place.issue("spoken to")
    answer = place.say(issue, "/close")
    assert answer.status_code == 202
    assert answer.json()["commands_changes"] == {"state_event": "close"}
    assert answer.json()["summary"] == ["Closed this issue."]
    assert "id" not in answer.json()
    assert place.notes(issue, activity_filter="only_comments") == []
    assert place.again(issue)["user_notes_count"] == 0


@cites("lib/api/entities/note.rb", "commands_changes", laws=4)
def test_text_with_commands_answers_201_with_what_they_changed(place, labelled):
    issue = place.issue("spoken to")
    answer = place.say(issue, "Done.\n\n/label ~a\n/close")
    assert answer.status_code == 201
    assert answer.json()["body"] == "Done."
    changes = answer.json()["commands_changes"]
    assert changes == {"add_label_ids": [labelled["a"]], "state_event": "close"}
    after = place.again(issue)
    assert (after["state"], after["labels"]) == ("closed", ["a"])


@cites("lib/api/entities/note.rb", "commands_changes || {}", laws=4)
def test_a_note_read_later_does_not_tell_its_commands(place):
    issue = place.issue("spoken to")
    note = place.say(issue, "Done.\n/close").json()
    again = place.root.get(place.at(issue, f"/notes/{note['id']}")).json()
    assert again["commands_changes"] == {}


@cites(ACTIONS, "label, find_labels.any?", laws=4)
def test_a_label_that_does_not_exist_does_nothing_and_the_note_stays(place):
    issue = place.issue("spoken to")
    answer = place.say(issue, "Words.\n/label ~no-such-label")
    assert (answer.status_code, answer.json()["commands_changes"]) == (201, {})
    after = place.again(issue)
    assert (after["labels"], after["user_notes_count"]) == ([], 1)
    assert place.root.get(f"{place.path}/labels/no-such-label").status_code == 404


@cites(ACTIONS, "label, find_labels.any?", laws=4)
def test_one_unknown_label_does_not_hinder_the_other(place, labelled):
    issue = place.issue("spoken to")
    place.say(issue, "Words.\n/label ~a ~no-such-label")
    assert place.again(issue)["labels"] == ["a"]


@pytest.mark.parametrize(
    ("text", "left", "said"),
    [
        ("/label ~b", ["a", "b"], 'Added ~"b" label.'),
        ('/label ~b ~"two words"', ["a", "b", "two words"], 'Added ~"b" ~"two words" labels.'),
        ("/labels ~b", ["a", "b"], 'Added ~"b" label.'),
        ("/label b", ["a", "b"], 'Added ~"b" label.'),
        ("/label ~s::1", ["a", "s::1"], 'Added ~"s::1" label.'),
        ("/unlabel ~a", [], 'Removed ~"a" label.'),
        ("/remove_label ~a", [], 'Removed ~"a" label.'),
        ("/unlabel", [], "Removed all labels."),
        ("/unlabel ~no-such-label", ["a"], "Removed all labels."),
        ("/relabel ~b", ["b"], 'Replaced all labels with ~"b" label.'),
    ],
)
@cites(ACTIONS, "label, unlabel, relabel", laws=4)
def test_label_commands(place, labelled, text, left, said):
    issue = place.issue("spoken to", labels="a")
    answer = place.say(issue, text)
    assert (answer.status_code, answer.json()["summary"]) == (202, [said])
    assert place.again(issue)["labels"] == left


@cites("app/models/label.rb", "reference_pattern, label_id", laws=4)
def test_a_label_by_its_id(place, labelled):
    issue = place.issue("spoken to")
    place.say(issue, f"/label ~{labelled['b']}")
    assert place.again(issue)["labels"] == ["b"]


@cites("doc/user/project/quick_actions.md", "Parameters", laws=4)
def test_label_names_are_case_sensitive(place, labelled):
    issue = place.issue("spoken to")
    place.say(issue, "Words.\n/label ~A")
    assert place.again(issue)["labels"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/close", "Closed this issue."),
        ("/title A new name", 'Changed the title to "A new name".'),
        ("/confidential", "Made this issue confidential."),
        ("/todo", "Added a to-do item."),
        ("/due 2026-12-24", "Set the due date to Dec 24, 2026."),
        ("/due no such day at all", "Failed to set due date because the date format is invalid."),
        ("/lock", "Locked the discussion."),
        ("/unsubscribe", "Unsubscribed from notifications."),
    ],
)
@cites("lib/gitlab/quick_actions/issue_actions.rb", "execution messages", laws=4)
def test_what_is_said_about_a_command(place, text, said):
    answer = place.say(place.issue("spoken to"), text)
    assert (answer.status_code, answer.json()["summary"]) == (202, [said])


@pytest.mark.parametrize("name", ["reopen", "unlabel", "relabel", "remove_due_date", "unassign"])
@cites("lib/gitlab/quick_actions/command_definition.rb", "execute_message, available?", laws=4)
def test_a_command_that_does_not_fit_says_so(place, name):
    answer = place.say(place.issue("spoken to"), f"/{name}")
    assert answer.status_code == 202
    assert answer.json()["commands_changes"] == {}
    assert answer.json()["summary"] == [f"Could not apply {name} command."]


@cites(ACTIONS, "close, condition open?", laws=(4, 10))
def test_closing_what_is_closed_says_so_and_does_nothing(place):
    issue = place.issue("shut")
    place.root.put(place.at(issue), {"state_event": "close"})
    answer = place.say(issue, "/close")
    assert answer.json()["summary"] == ["Could not apply close command."]
    assert len(place.events(issue, "state")) == 1


@cites(CREATE, "do_commands, Failed to apply commands", laws=9)
def test_a_command_that_says_nothing_is_refused_when_alone(place):
    answer = place.say(place.issue("spoken to"), "/label ~no-such-label")
    assert answer.status_code == 400
    assert answer.json() == {"message": "400 Bad request - Failed to apply commands."}


@cites(CREATE, "quick_actions_update_errors", laws=(2, 4, 9))
def test_a_refused_update_leaves_the_note_and_answers_400(place):
    issue = place.issue("spoken to")
    answer = place.say(issue, f"Words.\n/title {'x' * 256}")
    assert answer.status_code == 400
    assert "too long (maximum is 255 characters)" in answer.json()["message"]
    assert place.notes(issue, activity_filter="only_comments") == ["Words."]
    assert place.again(issue)["title"] == "spoken to"


@cites("doc/user/project/labels.md", "Scoped labels, tier", laws=4)
def test_scoped_labels_live_side_by_side_on_the_free_tier(place):
    if place.root.get("/metadata").json()["enterprise"] and "weight" in place.issue("probe"):
        pytest.skip("this server plays a paid tier")
    made = place.issue("scoped", labels="t::1")
    both = place.root.put(place.at(made), {"add_labels": "t::2"}).json()
    assert both["labels"] == ["t::1", "t::2"]


@sandbox_only("a tier that it can play")
@pytest.mark.parametrize(
    ("held", "added", "left"),
    [
        ("t::1", "t::2", ["t::2"]),
        ("w::back::1", "w::back::2", ["w::back::2"]),
        ("w::back::1", "w::front::1", ["w::back::1", "w::front::1"]),
        ("t::1,plain", "t::2", ["plain", "t::2"]),
    ],
)
@cites("doc/user/project/labels.md", "Scoped labels, nested scopes", laws=4)
def test_scoped_labels_replace_each_other_on_paid_tiers(premium, held, added, left):
    made = premium.issue("scoped", labels=held)
    after = premium.root.put(premium.at(made), {"add_labels": added}).json()
    assert after["labels"] == left


@cites("lib/api/notes.rb", "create, requires :body", laws=9)
def test_a_note_needs_a_body(place):
    answer = place.root.post(place.at(place.issue("mute"), "/notes"), {})
    assert (answer.status_code, answer.json()) == (400, {"error": "body is missing"})


@cites("spec/support/shared_examples/requests/api/notes_shared_examples.rb", "created_at", laws=6)
def test_an_owner_may_date_a_note(place):
    issue = place.issue("dated")
    when = "2026-01-02T03:04:05.000Z"
    note = place.root.made(place.at(issue, "/notes"), body="then", created_at=when)
    assert (note["created_at"], note["updated_at"]) == (when, when)
    other = place.member("developer").made(place.at(issue, "/notes"), body="now", created_at=when)
    assert other["created_at"] > when


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["two", "one"]),
        ({"sort": "asc"}, ["one", "two"]),
        ({"order_by": "updated_at"}, ["one", "two"]),
        ({"order_by": "updated_at", "sort": "asc"}, ["two", "one"]),
    ],
)
@cites("doc/api/notes.md", "List project issue notes, sort and order_by", laws=4)
def test_orders_of_notes(place, query, expected):
    issue = place.issue("spoken to")
    first = place.say(issue, "one").json()
    place.say(issue, "two")
    place.root.put(place.at(issue, f"/notes/{first['id']}"), {"body": "one"})
    place.root.put(place.at(issue, f"/notes/{first['id']}"), {"body": "one "})
    notes = place.root.get(place.at(issue, "/notes"), query).json()
    bodies = [note["body"] for note in notes if not note["system"]]
    if "order_by" in query:
        changed = {note["body"]: note["updated_at"] for note in notes}
        expected = sorted(
            expected, key=lambda body: changed[body], reverse=query.get("sort") != "asc"
        )
    assert bodies == expected


@pytest.mark.parametrize(
    ("kind", "systems"),
    [("all_notes", {True, False}), ("only_comments", {False}), ("only_activity", {True})],
)
@cites("lib/api/notes.rb", "activity_filter", laws=6)
def test_notes_by_kind(place, kind, systems):
    issue = place.issue("busy")
    place.say(issue, "words")
    place.root.put(place.at(issue), {"title": "busier"})
    notes = place.root.get(place.at(issue, "/notes"), {"activity_filter": kind}).json()
    assert {note["system"] for note in notes} == systems


@cites("lib/api/notes.rb", "activity_filter, values", laws=9)
def test_an_unknown_kind_of_notes(place):
    issue = place.issue("busy")
    answer = place.root.get(place.at(issue, "/notes"), {"activity_filter": "humans"})
    assert answer.json() == {"error": "activity_filter does not have a valid value"}


@cites("lib/api/helpers/notes_helpers.rb", "update_note", laws=4)
def test_a_note_can_be_changed_and_deleted(place):
    issue = place.issue("spoken to")
    note = place.say(issue, "one").json()
    at = place.at(issue, f"/notes/{note['id']}")
    assert place.root.put(at, {"body": "two"}).json()["body"] == "two"
    assert place.root.delete(at).status_code == 204
    assert place.root.get(at).status_code == 404
    assert place.again(issue)["user_notes_count"] == 0


@cites("doc/user/permissions.md", "Edit comments posted by other users", laws=4)
def test_who_may_change_another_persons_note(place):
    issue = place.issue("spoken to")
    note = place.say(issue, "one").json()
    at = place.at(issue, f"/notes/{note['id']}")
    assert place.member("developer").put(at, {"body": "two"}).status_code == 403
    assert place.member("maintainer").put(at, {"body": "two"}).status_code == 200


@cites("app/policies/note_policy.rb", "editable", laws=6)
def test_nobody_changes_what_the_system_wrote(place):
    issue = place.issue("busy")
    place.root.put(place.at(issue), {"title": "busier"})
    (note,) = place.root.get(place.at(issue, "/notes"), {"activity_filter": "only_activity"}).json()
    answer = place.root.put(place.at(issue, f"/notes/{note['id']}"), {"body": "no"})
    assert answer.status_code == 403

"""Quick actions: what is read as one, what each does, and who may give it."""

from __future__ import annotations

import pytest
import requests

from automation.sandbox.quick_actions import Command, extract

CLOSE = [Command("close")]


@pytest.mark.parametrize(
    ("text", "rest", "commands"),
    [
        ("", "", []),
        ("just words", "just words", []),
        ("/close", "", CLOSE),
        ("/CLOSE", "", CLOSE),
        ("hi\n/close", "hi", CLOSE),
        ("hi\n/close\nbye", "hi\nbye", CLOSE),
        ("/close\nhi\n", "hi", CLOSE),
        ("hi\n\n/close   \n\n\nbye", "hi\n\n\nbye", CLOSE),
        ("/close\n\nhi\n\n/close\n\nbye", "hi\n\nbye", CLOSE * 2),
        (" /close", " /close", []),
        ("a /close", "a /close", []),
        ("\\/close", "\\/close", []),
        ("/closed", "/closed", []),
        ("/close now", "", [Command("close", "now")]),
        ("/unknown x", "/unknown x", []),
        ("/spend 1h\n/estimates", "/estimates", [Command("spend", "1h")]),
        ("/clo\rse", "", CLOSE),
        ("hi\r\n/close\r\n", "hi", CLOSE),
        (
            '/label ~a ~"b c"\n/labels ~d',
            "",
            [Command("label", '~a ~"b c"'), Command("label", "~d")],
        ),
        ("/remove_label ~a", "", [Command("unlabel", "~a")]),
        ("/unlabel", "", [Command("unlabel")]),
        ("/due 2026-12-01", "", [Command("due", "2026-12-01")]),
        ("/remove_due_date", "", [Command("remove_due_date")]),
        # Code
        ("```\n/close\n```", "```\n/close\n```", []),
        ("```sh\n/close\n```\n/close", "```sh\n/close\n```", CLOSE),
        ("```\n/close", "```\n/close", []),
        ("~~~\n/close\n~~~", "~~~\n/close\n~~~", []),
        ("`\n/close\n`", "`\n/close\n`", []),
        ("see `a\n/close\nb` there", "see `a\n/close\nb` there", []),
        ("`/close`", "`/close`", []),
        ("one ` tick\n/close", "one ` tick", CLOSE),
        ("    /close", "    /close", []),
        # HTML
        ("<div>\n/close\n</div>", "<div>\n/close\n</div>", []),
        ("<div>\n\n/close\n\n</div>", "<div>\n\n/close\n\n</div>", []),
        ("<div>\n\n<br>\n\n</p>\n\n</div>\n\n/close", "<div>\n\n<br>\n\n</p>\n\n</div>", CLOSE),
        ("<div>\n\n<b>\n\n</div>\n\n/close", "<div>\n\n<b>\n\n</div>", CLOSE),
        ("<div>/close</div>", "<div>/close</div>", []),
        ("a\n<b>\n/close\n</b>", "a\n<b>\n/close\n</b>", []),
        ("<!-- a -->\n/close\n<!-- b -->", "<!-- a -->\n<!-- b -->", CLOSE),
        ("<!--\n/close\n-->", "<!--\n/close\n-->", []),
        # Other blocks
        (">>>\n/close\n>>>", ">>>\n/close\n>>>", []),
        ("> /close", "> /close", []),
        ("> quote\n/close", "> quote\n/close", []),
        ("- item\n/close", "- item\n/close", []),
        ("- item\n\n/close", "- item", CLOSE),
        ("| a |\n|---|\n| b |\n/close", "| a |\n|---|\n| b |\n/close", []),
        ("/close\n---", "/close\n---", []),
        ("# Heading\n/close", "# Heading", CLOSE),
        ("---\n/close\n---\nhi", "---\n/close\n---\nhi", []),
        # Substitutions
        ("nice /shrug", "nice /shrug", []),
        ("/shrug oh well\nbye", "oh well ¯\\＿(ツ)＿/¯\nbye", []),
        ("/tableflip", "(╯°□°)╯︵ ┻━┻", []),
        ("trailing  \n\n", "trailing", []),
    ],
)
def test_extract(text, rest, commands):
    assert extract(text) == (rest, commands)


def say(space, issue, body, by=None) -> requests.Response:
    return (by or space.root).post(space.at(issue, "/notes"), {"body": body})


def test_commands_alone_leave_no_note_and_answer_202(space):
    bug = space.label("bug")
    issue = space.issue()
    answer = say(
        space, issue, "/label ~bug\n/close\n/assign @root\n/title New name\n/due 2026-12-24"
    )
    assert answer.status_code == 202
    summary = (
        'Added ~"bug" label. Closed this issue. Assigned @root. '
        'Changed the title to "New name". Set the due date to Dec 24, 2026.'
    )
    assert answer.json() == {
        "commands_changes": {
            "add_label_ids": [bug["id"]],
            "state_event": "close",
            "assignee_ids": [1],
            "title": "New name",
            "due_date": "2026-12-24",
        },
        "summary": [summary],
    }
    after = space.again(issue)
    assert (after["state"], after["labels"], after["title"]) == ("closed", ["bug"], "New name")
    assert after["user_notes_count"] == 0


def test_text_and_commands_save_the_text_and_answer_201(space):
    space.label("a b")
    issue = space.issue()
    answer = say(space, issue, 'Done here.\n\n/label ~"a b"\n/close')
    assert answer.status_code == 201
    note = answer.json()
    assert note["body"] == "Done here."
    assert set(note["commands_changes"]) == {"add_label_ids", "state_event"}
    assert space.again(issue)["state"] == "closed"
    assert space.again(issue)["labels"] == ["a b"]
    stored = space.root.get(space.at(issue, f"/notes/{note['id']}")).json()
    assert stored["commands_changes"] == {}
    assert stored["body"] == "Done here."


def test_a_label_that_does_not_exist_does_nothing_and_the_note_stays(space):
    issue = space.issue()
    answer = say(space, issue, "text\n/label ~nope")
    assert (answer.status_code, answer.json()["commands_changes"]) == (201, {})
    assert space.again(issue)["labels"] == []
    refused = say(space, issue, "/label ~nope")
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": "400 Bad request - Failed to apply commands."},
    )
    assert space.root.get(f"{space.path}/labels").json() == []


@pytest.mark.parametrize(
    ("text", "labels", "summary"),
    [
        ("/label ~c", ["a", "b", "c"], 'Added ~"c" label.'),
        ("/label ~c ~a", ["a", "b", "c"], 'Added ~"c" ~"a" labels.'),
        ("/label c", ["a", "b", "c"], 'Added ~"c" label.'),
        ('/label "x y" c', ["a", "b", "c", "x y"], 'Added ~"x y" ~"c" labels.'),
        ("/label ~s::1", ["a", "b", "s::1"], 'Added ~"s::1" label.'),
        ("/label ~c.", ["a", "b", "c"], 'Added ~"c" label.'),
        ("/label ~c\n/label ~c", ["a", "b", "c"], 'Added ~"c" label. Added ~"c" label.'),
        ("/unlabel ~a", ["b"], 'Removed ~"a" label.'),
        ("/unlabel ~a ~b", [], 'Removed ~"a" ~"b" labels.'),
        ("/unlabel", [], "Removed all labels."),
        ("/unlabel ~nope", ["a", "b"], "Removed all labels."),
        ("/relabel ~c", ["c"], 'Replaced all labels with ~"c" label.'),
        (
            "/relabel ~c\n/unlabel ~c",
            [],
            'Replaced all labels with ~"c" label. Removed ~"c" label.',
        ),
    ],
)
def test_label_commands(space, text, labels, summary):
    for name in ("a", "b", "c", "x y", "s::1"):
        space.label(name)
    issue = space.issue(labels="a,b")
    answer = say(space, issue, text)
    assert (answer.status_code, answer.json()["summary"]) == (202, [summary])
    assert space.again(issue)["labels"] == labels


def test_labels_by_id(space):
    bug = space.label("bug")
    issue = space.issue()
    say(space, issue, f"/label ~{bug['id']}")
    assert space.again(issue)["labels"] == ["bug"]


@pytest.mark.parametrize(
    "text",
    ["/label", "/relabel ~nope", "/title", "/assign", "/due", "/milestone", "/milestone %nope"],
)
def test_a_command_that_says_nothing_fails_alone(space, text):
    issue = space.issue(labels="a")
    assert say(space, issue, text).json() == {
        "message": "400 Bad request - Failed to apply commands."
    }


@pytest.mark.parametrize(
    "name",
    [
        "reopen",
        "unlabel",
        "relabel",
        "unassign",
        "remove_due_date",
        "unlock",
        "remove_milestone",
        "reassign",
        "done",
        "subscribe",
        "clear_weight",
        "severity",
        "type",
    ],
)
def test_a_command_that_does_not_fit(space, name):
    issue = space.issue()
    answer = say(space, issue, f"/{name}")
    assert answer.status_code == 202
    assert answer.json() == {
        "commands_changes": {},
        "summary": [f"Could not apply {name} command."],
    }


def test_dates_people_locks_and_the_rest(space):
    ann = space.member("planner")
    name = ann.user["username"]
    issue = space.issue()
    milestone = space.root.made(f"{space.path}/milestones", title="M 1")

    def done(text: str) -> str:
        answer = say(space, issue, text)
        assert answer.status_code == 202, answer.text
        return answer.json()["summary"][0]

    assert done(f"/assign @{name}") == f"Assigned @{name}."
    assert done("/assign me") == "Assigned @root."
    assert done("/assign @nobody") == "Failed to assign a user because no user was found."
    assert done("/unassign") == "Removed assignee @root."
    assert done("/due whenever") == ("Failed to set due date because the date format is invalid.")
    assert done("/due today").startswith("Set the due date to ")
    assert done("/due tomorrow").startswith("Set the due date to ")
    assert done("/due in 2 weeks").startswith("Set the due date to ")
    assert done("/remove_due_date") == "Removed the due date."
    assert done("/confidential") == "Made this issue confidential."
    assert done("/confidential") == "Could not apply confidential command."
    assert done("/lock") == "Locked the discussion."
    assert done("/unlock") == "Unlocked the discussion."
    assert done('/milestone %"M 1"') == "Set the milestone to %M 1."
    assert space.again(issue)["milestone"]["id"] == milestone["id"]
    assert done("/remove_milestone") == "Removed %M 1 milestone."
    assert done("/close") == "Closed this issue."
    assert done("/close") == "Could not apply close command."
    assert done("/reopen") == "Reopened this issue."
    assert done("/todo") == "Added a to-do item."
    assert done("/done") == "Marked to-do item as done."
    assert done("/unsubscribe") == "Unsubscribed from notifications."
    assert done("/subscribe") == "Subscribed to notifications."


def test_duplicates(space):
    original, issue = space.issue(), space.issue()
    for text, said in (
        (
            "/duplicate #99",
            "Failed to mark this issue as a duplicate because referenced item was not found.",
        ),
        (
            "/duplicate that",
            "Failed to mark this issue as a duplicate because referenced item was not found.",
        ),
        (f"/duplicate #{issue['iid']}", "Failed to mark this item as a duplicate of itself."),
    ):
        assert say(space, issue, text).json()["summary"] == [said]
    answer = say(space, issue, f"/duplicate #{original['iid']}").json()
    assert answer["commands_changes"] == {"canonical_issue_id": original["id"]}
    after = space.again(issue)
    assert after["state"] == "closed"
    assert after["_links"]["closed_as_duplicate_of"] == original["_links"]["self"]
    assert space.notes(issue) == [
        "marked this issue as a duplicate of #1",
        "marked this issue as related to #1",
    ]
    assert space.notes(original) == [
        "marked #2 as a duplicate of this issue",
        "marked this issue as related to #2",
    ]


def test_a_secret_original_is_not_named(space):
    original, issue = space.issue(confidential=True), space.issue()
    say(space, issue, f"/duplicate #{original['iid']}")
    seen = space.member("guest").get(space.at(issue)).json()
    assert seen["_links"]["closed_as_duplicate_of"] is None


def test_a_duplicate_in_another_project_is_named_in_full(new):
    one, other = new(), new()
    original, issue = other.issue(), one.issue()
    path = other.project["path_with_namespace"]
    say(one, issue, f"/duplicate {path}#1")
    assert one.notes(issue)[0] == f"marked this issue as a duplicate of {path}#1"
    own = one.project["path_with_namespace"]
    assert other.notes(original)[0] == f"marked {own}#1 as a duplicate of this issue"


def test_premium_assigns_many(premium):
    people = [premium.member("reporter") for _ in range(3)]
    names = [f"@{p.user['username']}" for p in people]
    issue = premium.issue()
    first = say(premium, issue, f"/assign {names[0]} and {names[1]}").json()
    assert first["summary"] == [f"Assigned {names[0]} and {names[1]}."]
    say(premium, issue, f"/assign {names[2]}")
    assert len(premium.again(issue)["assignees"]) == 3
    gone = say(premium, issue, f"/unassign {names[0]}").json()
    assert gone["summary"] == [f"Removed assignee {names[0]}."]
    assert say(premium, issue, "/unassign").json()["summary"] == [
        f"Removed assignees {names[1]} and {names[2]}."
    ]
    assert say(premium, issue, f"/reassign {names[0]}").json()["summary"] == [
        f"Reassigned to {names[0]}."
    ]
    assert say(premium, issue, "/reassign @nobody").json()["summary"] == [
        "Failed to assign a user because no user was found."
    ]


def test_a_guests_commands_do_nothing_to_others_issues(space):
    space.label("bug")
    issue = space.issue()
    guest = space.member("guest")
    answer = say(space, issue, "please\n/label ~bug\n/close\n/title x", by=guest)
    assert (answer.status_code, answer.json()["commands_changes"]) == (201, {})
    alone = say(space, issue, "/close", by=guest)
    assert (alone.status_code, alone.json()["summary"]) == (202, ["Could not apply close command."])
    after = space.again(issue)
    assert (after["state"], after["labels"], after["title"]) == ("opened", [], "An issue")


def test_a_guest_may_close_an_issue_of_their_own_but_not_label_it(space):
    space.label("bug")
    guest = space.member("guest")
    issue = space.issue(by=guest)
    answer = say(space, issue, "bye\n/label ~bug\n/close", by=guest)
    assert answer.json()["commands_changes"] == {"state_event": "close"}


def test_commands_in_a_new_description(space):
    space.label("bug")
    issue = space.issue(
        description="Hello\r\n/label ~bug\n/close\n/confidential\n/due 2026-12-01\n", labels="other"
    )
    assert issue["description"] == "Hello"
    assert issue["labels"] == ["bug", "other"]
    assert issue["state"] == "opened"
    assert issue["confidential"] is True
    assert issue["due_date"] == "2026-12-01"


def test_a_guests_new_description_may_label(space):
    space.label("bug")
    guest = space.member("guest")
    assert space.issue(by=guest, description="x\n/label ~bug")["labels"] == ["bug"]


def test_an_outsiders_new_description_may_not(new):
    space = new(visibility="public")
    space.label("bug")
    issue = space.issue(by=space.someone(), description="x\n/label ~bug\n/confidential")
    assert issue["labels"] == []
    assert issue["confidential"] is True


def test_commands_in_an_edited_description(space):
    space.label("bug")
    issue = space.issue(labels="a")
    put = space.root.put(
        space.at(issue), {"description": "text\n/label ~bug\n/close", "labels": "b"}
    )
    assert put.json()["description"] == "text"
    assert put.json()["labels"] == ["b", "bug"]
    assert put.json()["state"] == "closed"


def test_a_description_loses_carriage_returns_and_its_tail(space):
    assert space.issue(description="a\r\nb  \n\n")["description"] == "a\nb"


def test_commands_in_an_edited_note(space):
    issue = space.issue()
    note = say(space, issue, "words").json()
    at = space.at(issue, f"/notes/{note['id']}")
    assert space.root.put(at, {"body": "more\n/close"}).json()["body"] == "more"
    assert space.again(issue)["state"] == "closed"
    assert space.root.put(at, {"body": "/reopen"}).status_code == 202
    assert space.root.get(at).status_code == 404
    assert space.again(issue)["user_notes_count"] == 0


def test_updates_that_the_issue_refuses_leave_the_note(space):
    issue = space.issue()
    long = f"/title {'x' * 256}"
    problem = "Title is too long (maximum is 255 characters)"
    for text in (f"words\n{long}\n/close", long):
        answer = say(space, issue, text)
        assert answer.status_code == 400
        assert answer.json() == {
            "message": f'400 Bad request - Note {{:validation=>["{problem}"]}}'
        }
    assert space.notes(issue) == ["words"]
    assert space.again(issue)["state"] == "opened"


def test_a_label_with_a_quote_in_its_name_is_spoken_by_id(space):
    made = space.label('say "hi"')
    issue = space.issue()
    said = say(space, issue, f"/label ~{made['id']}").json()["summary"]
    assert said == [f"Added ~{made['id']} label."]

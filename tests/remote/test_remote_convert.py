from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from automation.errors import RemoteError
from automation.model.issue import (
    Board,
    BoardList,
    Event,
    EventKind,
    IssueRef,
    Label,
    Note,
    Project,
    TaskCounts,
    User,
)
from automation.remote import convert
from automation.remote.fields import Fields
from tests.remote.remote_world import (
    URL,
    issue_json,
    label_json,
    note_json,
    project_json,
    user_json,
)

EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def fields(data):
    return Fields(data, "the thing")


def test_an_issue_is_taken_with_all_that_rules_look_at():
    issue = convert.issue(
        fields(
            issue_json(
                5,
                state="closed",
                closed_at="2026-11-24T08:00:00Z",
                due_date="2026-11-27",
                confidential=True,
                moved_to_id=9,
                assignees=[user_json(8, "se-101")],
            )
        )
    )
    assert issue.ref == IssueRef(20, 5)
    assert issue.reference == "support/loops#5"
    assert issue.opened is False
    assert issue.labels == {"loop::open"}
    assert issue.author == User(7, "mgr-emea-1", "Emea One", None)
    assert issue.created_at == datetime(2026, 11, 23, 8, 0, 0, 123000, UTC)
    assert issue.updated_at == EIGHT
    assert issue.closed_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert issue.due_date == date(2026, 11, 27)
    assert issue.tasks == TaskCounts(2, 1)
    assert issue.assignees[0].username == "se-101"
    assert (issue.confidential, issue.moved_to_id) == (True, 9)


def test_an_empty_description_is_empty_text():
    assert convert.issue(fields(issue_json(description=None))).description == ""


def test_comments_that_are_not_counted_are_not_none():
    """None is no number: what is not known may be read, what is zero is not."""
    given: list[dict[str, int | None]] = [
        {"user_notes_count": 0},
        {"user_notes_count": 3},
        {"user_notes_count": None},
        {},
    ]
    found = [convert.issue(fields(issue_json(**one))) for one in given]
    assert [one.comments for one in found] == [0, 3, None, None]
    assert [one.is_uncommented for one in found] == [True, False, False, False]


@pytest.mark.parametrize("kind", ["issue", "incident", "task", "objective", "something new"])
def test_issues_of_every_type_are_taken(kind):
    assert convert.issue(fields(issue_json(issue_type=kind))).opened


@pytest.mark.parametrize(
    ("references", "web_url", "path"),
    [
        ({"full": "a/b/c#1"}, "", "a/b/c"),
        (None, f"{URL}/a/b/-/issues/1", "a/b"),
        ({"full": "#1"}, f"{URL}/a/b/-/work_items/1", "a/b"),
        ({"full": "odd"}, f"{URL}/a/b/-/issues/1", "a/b"),
    ],
)
def test_the_project_comes_from_the_reference_or_else_the_address(references, web_url, path):
    data = issue_json(references=references, web_url=web_url)
    assert convert.issue(fields(data)).project == path


@pytest.mark.parametrize(
    "name", [name for name in issue_json() if name not in ("references", "issue_type")]
)
def test_a_missing_field_is_named(name):
    data = issue_json()
    del data[name]
    with pytest.raises(RemoteError, match=f"the thing has no `{name}`") as caught:
        convert.issue(fields(data))
    assert "17.7" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("iid", "5", "a number"),
        ("iid", True, "a number"),
        ("iid", None, "a number"),
        ("title", 5, "a text"),
        ("title", None, "a text"),
        ("description", [], "a text"),
        ("confidential", 1, "true or false"),
        ("confidential", None, "true or false"),
        ("labels", "a,b", "a list"),
        ("labels", [{"name": "a"}], "a list of texts"),
        ("assignees", None, "a list"),
        ("author", None, "an object"),
        ("author", [], "an object"),
        ("created_at", "yesterday", "a time"),
        ("created_at", "2026-11-23T08:00:00", "a time with its zone"),
        ("due_date", "2026-13-01", "a date"),
    ],
)
def test_a_field_of_another_kind_is_named(name, value, wanted):
    with pytest.raises(RemoteError, match=f"`{name}` of the thing is not {wanted}\n"):
        convert.issue(fields(issue_json(**{name: value})))


def test_what_is_inside_a_field_is_named_with_it():
    data = issue_json(author={"id": 1, "name": "x"})
    with pytest.raises(RemoteError, match="`author` of the thing has no `username`"):
        convert.issue(fields(data))
    with pytest.raises(RemoteError, match="`assignees` of the thing is not an object"):
        convert.issue(fields(issue_json(assignees=[3])))


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_a_thing_that_is_no_object_is_refused(data):
    with pytest.raises(RemoteError, match="the thing is not an object"):
        fields(data)


def test_a_user_may_say_that_it_is_a_bot():
    assert convert.user(fields(user_json(bot=True))).bot is True
    assert convert.user(fields(user_json(bot=False))).bot is False
    assert convert.user(fields(user_json(1, "ghost", bot=None))).bot is None


def test_a_note():
    note = convert.note(fields(note_json(3, system=True, body="changed the description")))
    assert note == Note(3, note.author, "changed the description", EIGHT, system=True)


@pytest.mark.parametrize(
    ("kind", "data", "event"),
    [
        (
            EventKind.LABEL,
            {"action": "add", "label": {"name": "SGG"}},
            Event(EventKind.LABEL, None, EIGHT, "add", "SGG"),
        ),
        (
            EventKind.LABEL,
            {"action": "remove", "label": None},
            Event(EventKind.LABEL, None, EIGHT, "remove"),
        ),
        (EventKind.STATE, {"state": "reopened"}, Event(EventKind.STATE, None, EIGHT, "reopened")),
        (
            EventKind.MILESTONE,
            {"action": "add", "milestone": {}},
            Event(EventKind.MILESTONE, None, EIGHT, "add"),
        ),
    ],
)
def test_an_event_of_a_user_who_is_gone(kind, data, event):
    data = {"id": 1, "user": None, "created_at": "2026-11-23T08:00:00Z", **data}
    assert convert.event(fields(data), kind) == event


def test_an_event_of_a_user():
    data = {"id": 1, "user": user_json(), "created_at": "2026-11-23T08:00:00Z", "state": "closed"}
    event = convert.event(fields(data), EventKind.STATE)
    assert event.user is not None
    assert event.user.username == "mgr-emea-1"


@pytest.mark.parametrize(
    ("more", "enabled"),
    [
        ({}, True),
        ({"issues_access_level": "private"}, True),
        ({"issues_access_level": "disabled"}, False),
        ({"issues_enabled": False}, False),
        ({"issues_enabled": None, "issues_access_level": None}, True),
    ],
)
def test_a_project_tells_whether_it_takes_issues(more, enabled):
    project = convert.project(fields(project_json(archived=True, **more)))
    assert project == Project(20, "support/loops", archived=True, issues_enabled=enabled)


@pytest.mark.parametrize(
    ("more", "archived"),
    [
        ({}, False),
        ({"marked_for_deletion_on": None}, False),
        ({"marked_for_deletion_on": "2026-12-01"}, True),
        ({"archived": True}, True),
    ],
)
def test_a_project_that_waits_for_its_deletion_is_as_good_as_archived(more, archived):
    assert convert.project(fields(project_json(**more))).archived is archived


def test_a_label():
    assert convert.label(fields(label_json())) == Label("loop::open", "#6699CC", "")


def test_a_boards_lists_come_in_their_order():
    board = convert.board(
        fields(
            {
                "id": 1,
                "name": "EMEA",
                "lists": [
                    {"id": 9, "position": None},
                    {"id": 5, "position": 1, "label": label_json(name="loop::overdue")},
                    {"id": 6, "position": 0, "label": label_json(name="loop::open")},
                    {"id": 7, "position": 2, "label": None},
                ],
            }
        )
    )
    assert board == Board(
        1,
        "EMEA",
        (
            BoardList(6, "loop::open", 0),
            BoardList(5, "loop::overdue", 1),
            BoardList(7, None, 2),
            BoardList(9, None, None),
        ),
    )

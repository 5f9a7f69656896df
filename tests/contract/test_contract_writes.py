"""Making, changing, moving and deleting an issue, and what is refused with nothing done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.citing import cites
from tests.contract.place import unique

POSTS = "spec/requests/api/issues/post_projects_issues_spec.rb"
PUTS = "spec/requests/api/issues/put_projects_issues_spec.rb"
LONG = {"title": ["is too long (maximum is 255 characters)"]}


@cites("doc/api/issues.md", "New issue, example response", laws=1)
def test_a_new_issue_in_full(place):
    made = place.issue("plain")
    types: dict[str, Any] = {
        "id": int, "iid": int, "project_id": int, "title": str, "state": str, "created_at": str,
        "updated_at": str, "labels": list, "assignees": list, "author": dict, "type": str,
        "user_notes_count": int, "merge_requests_count": int, "upvotes": int, "downvotes": int,
        "confidential": bool, "issue_type": str, "web_url": str, "time_stats": dict,
        "task_completion_status": dict, "has_tasks": bool, "_links": dict, "references": dict,
        "severity": str, "subscribed": bool, "imported": bool, "imported_from": str,
    }  # fmt: skip
    assert {name: type(made[name]) for name in types} == types
    empty = ("description", "closed_at", "closed_by", "milestone", "assignee", "due_date",
             "moved_to_id", "discussion_locked")  # fmt: skip
    assert {name: made[name] for name in empty} == dict.fromkeys(empty)
    assert (made["state"], made["type"], made["severity"]) == ("opened", "ISSUE", "UNKNOWN")


@cites("lib/api/entities/issue.rb", "_links", laws=10)
def test_the_links_of_an_issue_lead_back_to_it(place):
    made = place.issue("linked")
    own = f"{place.root.url}/api/v4{place.at(made)}"
    links = made["_links"]
    assert (links["self"], links["notes"]) == (own, f"{own}/notes")
    assert links["award_emoji"] == f"{own}/award_emoji"
    assert links["project"] == f"{place.root.url}/api/v4{place.path}"


@cites("lib/api/entities/user_basic.rb", "UserBasic", laws=6)
def test_people_in_short(place):
    author = place.issue("by someone")["author"]
    assert {"id", "username", "name", "state", "avatar_url", "web_url"} <= set(author)
    assert "bot" not in author


FORMS = ("json", "form", "multipart", "query")


@pytest.mark.parametrize("form", FORMS)
@cites("doc/api/rest/_index.md", "Request payload; array and hash types", laws=1)
def test_every_form_of_a_body_will_do(place, form):
    me = place.root.user["id"]
    flat = [("title", "in a form"), ("labels", "a,b"), ("confidential", "true"),
            ("description", "é\nü"), ("assignee_ids[]", str(me))]  # fmt: skip
    whole = {"title": "in a form", "labels": ["a", "b"], "confidential": True,
             "description": "é\nü", "assignee_ids": [me]}  # fmt: skip
    sent: Any = {
        "json": {"json": whole},
        "form": {"data": flat},
        "multipart": {"files": [(name, (None, value)) for name, value in flat]},
        "query": {"params": flat},
    }[form]
    answer = place.root.send("POST", f"{place.path}/issues", **sent)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["title"], made["labels"], made["confidential"]) == ("in a form", ["a", "b"], True)
    assert made["description"] == "é\nü"
    assert [user["id"] for user in made["assignees"]] == [me]


@pytest.mark.parametrize("form", FORMS)
@cites("doc/api/rest/_index.md", "Request payload", laws=4)
def test_every_form_of_a_change_will_do(place, form):
    issue = place.issue("changed", labels="a")
    change = {"add_labels": "b", "state_event": "close"}
    sent: Any = {
        "json": {"json": change},
        "form": {"data": change},
        "multipart": {"files": {name: (None, value) for name, value in change.items()}},
        "query": {"params": change},
    }[form]
    after = place.root.send("PUT", place.at(issue), **sent).json()
    assert (after["labels"], after["state"]) == (["a", "b"], "closed")


@cites("doc/api/rest/_index.md", "Namespaced paths", laws=1)
def test_a_project_by_its_encoded_path(place):
    issue = place.issue("by path")
    path = place.project["path_with_namespace"].replace("/", "%2F")
    found = place.root.get(f"/projects/{path}/issues/{issue['iid']}")
    assert found.json()["id"] == issue["id"]


@cites("doc/api/rest/_index.md", "id vs iid", laws=1)
def test_issues_are_found_by_iid_not_by_id(place):
    issue = place.issue("by iid")
    assert place.root.get(place.at(issue)).json()["id"] == issue["id"]
    answer = place.root.get(f"{place.path}/issues/{issue['id'] + 100_000}")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


@cites(POSTS, "an internal ID is provided, by an owner", laws=1)
def test_an_owner_chooses_the_iid(place):
    made = place.root.made(f"{place.path}/issues", title="chosen", iid=9001)
    assert made["iid"] == 9001


@cites(POSTS, "an issue with the same IID exists", laws=(1, 2))
def test_a_taken_iid_answers_409_and_makes_nothing(place):
    first = place.issue(unique("first"))
    again = {"title": unique("again"), "iid": first["iid"]}
    answer = place.root.post(f"{place.path}/issues", again)
    assert (answer.status_code, answer.json()) == (409, {"message": "Duplicated issue"})
    assert place.listed(search=again["title"]) == []


@cites(POSTS, "an internal ID is provided, by another user", laws=1)
def test_others_do_not_choose_the_iid(place):
    made = place.issue("unchosen", by=place.member("developer"), iid=123456)
    assert made["iid"] != 123456


@cites(POSTS, "setting created_at, by another user", laws=1)
def test_others_do_not_choose_the_date(place):
    when = "2020-01-02T03:04:05.000Z"
    assert place.issue("dated", created_at=when)["created_at"] == when
    assert (
        place.issue("undated", by=place.member("developer"), created_at=when)["created_at"] > when
    )


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, {"error": "title is missing"}),
        ({"title": ""}, {"message": {"title": ["can't be blank"]}}),
        ({"title": "   "}, {"message": {"title": ["can't be blank"]}}),
        ({"title": "g" * 256}, {"message": LONG}),
        ({"title": "x", "confidential": "foo"}, {"error": "confidential is invalid"}),
        ({"title": "x", "confidential": ""}, {"error": "confidential is empty"}),
        ({"title": "x", "milestone_id": "x"}, {"error": "milestone_id is invalid"}),
        ({"title": "x", "issue_type": "bug"}, {"error": "issue_type does not have a valid value"}),
        ({"title": "x", "created_at": "x"}, {"error": "created_at is invalid"}),
    ],
)
@cites("lib/api/issues.rb", "create, issue_params", laws=(2, 9))
def test_what_a_new_issue_is_refused_for(place, body, answer):
    before = place.root.get(f"{place.path}/issues").headers["X-Total"]
    refused = place.root.post(f"{place.path}/issues", body)
    assert (refused.status_code, refused.json()) == (400, answer)
    assert place.root.get(f"{place.path}/issues").headers["X-Total"] == before


@cites("app/models/concerns/issuable.rb", "TITLE_LENGTH_MAX", laws=8)
def test_a_title_of_255_characters_is_kept(place):
    assert len(place.issue("é" * 255)["title"]) == 255


@cites("app/models/concerns/issuable.rb", "DESCRIPTION_LENGTH_MAX, bytesize", laws=8)
def test_a_description_has_a_limit(place):
    fits = "x" * 1_048_576
    assert len(place.issue("long", description=fits)["description"]) == len(fits)
    answer = place.root.post(f"{place.path}/issues", {"title": "x", "description": f"{fits}x"})
    assert answer.status_code == 400
    assert "is too long" in str(answer.json()["message"]["description"])


@cites("app/models/concerns/issuable.rb", "strip_attributes! :title", laws=1)
def test_a_title_loses_the_spaces_around_it(place):
    assert place.issue("  around  ")["title"] == "around"


@pytest.mark.parametrize(
    ("sent", "kept"), [("2026-12-24", "2026-12-24"), ("no date", None), ("", None)]
)
@cites("doc/api/issues.md", "New issue, due_date")
def test_due_dates(place, sent, kept):
    assert place.issue("due", due_date=sent)["due_date"] == kept


@cites("doc/api/issues.md", "New issue, labels", laws=4)
def test_unknown_labels_of_a_new_issue_become_labels_of_the_project(place):
    name = unique("label")
    assert place.issue("labelled", labels=name)["labels"] == [name]
    made = place.root.get(f"{place.path}/labels/{name}").json()
    assert (made["name"], made["is_project_label"]) == (name, True)


@cites("doc/api/issues.md", "Edit an issue, add_labels", laws=4)
def test_unknown_labels_of_a_change_become_labels_of_the_project(place):
    name = unique("label")
    place.root.put(place.at(place.issue("labelled")), {"add_labels": name})
    assert place.root.get(f"{place.path}/labels/{name}").status_code == 200


@cites(POSTS, "the user can only read the issue", laws=7)
def test_who_may_not_make_labels_makes_none_by_naming_them(place):
    name = unique("label")
    made = place.issue("by a guest", by=place.member("guest"), labels=name)
    assert made["labels"] == []
    assert place.root.get(f"{place.path}/labels/{name}").status_code == 404


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"add_labels": "c"}, ["a", "b", "c"]),
        ({"add_labels": "c,d"}, ["a", "b", "c", "d"]),
        ({"add_labels": ["c", "d"]}, ["a", "b", "c", "d"]),
        ({"add_labels": "a"}, ["a", "b"]),
        ({"remove_labels": "a"}, ["b"]),
        ({"remove_labels": "a, b"}, []),
        ({"remove_labels": "no-such-label"}, ["a", "b"]),
        ({"add_labels": "c", "remove_labels": "a"}, ["b", "c"]),
        ({"labels": "c"}, ["c"]),
        ({"labels": ""}, []),
        ({"labels": [""]}, []),
        ({"title": "new"}, ["a", "b"]),
        ({"state_event": "close"}, ["a", "b"]),
    ],
)
@cites(PUTS, "to update labels", laws=3)
def test_labels_are_added_and_removed_or_replaced(place, change, left):
    issue = place.issue("labelled", labels="a,b")
    assert place.root.put(place.at(issue), change).json()["labels"] == left


@cites(PUTS, "to update state and label", laws=4)
def test_labels_and_state_change_in_one_request(place):
    issue = place.issue("moved on", labels="a")
    body = {"add_labels": "b", "remove_labels": "a", "state_event": "close"}
    after = place.root.put(place.at(issue), body).json()
    assert (after["labels"], after["state"]) == (["b"], "closed")


@pytest.mark.parametrize(
    "name", ["label?", "label&foo", "?", "&", "label:foo", "label/bar", "a::b", "é"]
)
@cites(PUTS, "allows special label names", laws=4)
def test_odd_names_of_labels(place, name):
    issue = place.issue("odd")
    after = place.root.put(place.at(issue), {"add_labels": name}).json()
    assert after["labels"] == [name]


@cites("lib/api/issues.rb", "update, at_least_one_of", laws=9)
def test_a_change_of_nothing_is_refused(place):
    answer = place.root.put(place.at(place.issue("same")), {})
    assert answer.status_code == 400
    error = answer.json()["error"]
    for name in ("title", "description", "labels", "add_labels", "remove_labels", "state_event"):
        assert name in error
    assert error.endswith("are missing, at least one parameter must be provided")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"title": "g" * 256}, {"message": LONG}),
        ({"title": ""}, {"message": {"title": ["can't be blank"]}}),
        ({"state_event": "finish"}, {"error": "state_event does not have a valid value"}),
        ({"confidential": "foo"}, {"error": "confidential is invalid"}),
        ({"updated_at": "invalid-format"}, {"error": "updated_at is invalid"}),
        ({"updated_at": ""}, {"error": "updated_at is empty"}),
    ],
)
@cites(PUTS, "400 answers", laws=(2, 9))
def test_what_a_change_is_refused_for(place, body, answer):
    issue = place.issue("same", labels="a")
    refused = place.root.put(place.at(issue), body | {"add_labels": "b"})
    assert (refused.status_code, refused.json()) == (400, answer)
    assert place.again(issue) == issue


@cites(PUTS, "404 if issue iid not found", laws=9)
def test_a_change_of_what_is_not_there(place):
    answer = place.root.put(f"{place.path}/issues/44444", {"title": "x"})
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


@pytest.mark.parametrize("empty", [{"assignee_id": 0}, {"assignee_ids": [0]}, {"assignee_ids": []}])
@cites(PUTS, "removes assignee", laws=6)
def test_assignees_can_be_removed(place, empty):
    issue = place.issue("given", assignee_ids=[place.root.user["id"]])
    after = place.root.put(place.at(issue), empty).json()
    assert (after["assignees"], after["assignee"]) == ([], None)


@cites(POSTS, "single assignee restrictions")
def test_one_assignee_on_the_free_tier(place):
    if "weight" in place.issue("probe"):
        pytest.skip("this server plays a paid tier")
    ids = [place.root.user["id"], place.member("reporter").user["id"]]
    assert len(place.issue("given", assignee_ids=ids)["assignees"]) == 1


@cites(PUTS, "to update updated_at param", laws=6)
def test_an_owner_may_date_a_change(place):
    issue = place.issue("dated")
    when = "2020-01-02T03:04:05.000Z"
    after = place.root.put(place.at(issue), {"title": "then", "updated_at": when}).json()
    assert (after["title"], after["updated_at"]) == ("then", when)

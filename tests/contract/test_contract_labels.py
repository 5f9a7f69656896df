"""Labels of projects and groups, from the floor above and for the floor above."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites
from tests.contract.place import unique

HELPERS = "lib/api/helpers/label_helpers.rb"
DOCS = "doc/api/labels.md"


@cites(DOCS, "Create a new label, example response", laws=4)
def test_a_new_label_in_full(place):
    name = unique("full")
    made = place.root.made(f"{place.path}/labels", name=name, color="#5843AD")
    assert type(made.pop("id")) is int
    assert made == {
        "name": name, "color": "#5843AD", "text_color": "#FFFFFF", "description": None,
        "description_html": "", "archived": False, "subscribed": False, "priority": None,
        "is_project_label": True,
    } | {"description_html": made["description_html"]}  # fmt: skip
    assert not made["description_html"]


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({"color": "#FFAABB"}, 400, {"error": "name is missing"}),
        ({"name": "Foo"}, 400, {"error": "color is missing"}),
        (
            {"name": "Foo", "color": "#FFAA0"},
            400,
            {"message": {"color": ["must be a valid color code"]}},
        ),
        (
            {"name": "Foo", "color": "#FFAAFFFF"},
            400,
            {"message": {"color": ["must be a valid color code"]}},
        ),
        ({"name": ",", "color": "#FFAABB"}, 400, {"message": {"title": ["is invalid"]}}),
        ({"name": "held", "color": "#FFAABB"}, 409, {"message": "Label already exists"}),
    ],
)
@cites("spec/requests/api/labels_spec.rb", "POST /projects/:id/labels", laws=(9, 10))
def test_what_a_new_label_is_refused_for(place, body, status, answer):
    place.root.post(f"{place.path}/labels", {"name": "held", "color": "#FFAABB"})
    refused = place.root.post(f"{place.path}/labels", body)
    assert (refused.status_code, refused.json()) == (status, answer)


@cites(HELPERS, "create_label, available_labels_for", laws=(4, 10))
def test_a_project_cannot_have_a_label_that_its_group_has(fresh):
    fresh.label("above", where="group")
    answer = fresh.root.post(f"{fresh.path}/labels", {"name": "above", "color": "#FFAABB"})
    assert (answer.status_code, answer.json()) == (409, {"message": "Label already exists"})


@cites(DOCS, "List labels", laws=4)
def test_a_project_has_its_groups_labels_too(fresh):
    fresh.label("above", where="group")
    fresh.label("below")
    both = fresh.root.get(f"{fresh.path}/labels").json()
    assert [(one["name"], one["is_project_label"]) for one in both] == [
        ("above", False),
        ("below", True),
    ]


@cites("app/finders/concerns/finder_with_group_hierarchy.rb", "groups_to_include", laws=4)
def test_without_the_groups_above_the_nearest_group_still_counts(fresh):
    fresh.label("top", where="group")
    sub = fresh.root.made("/groups", name="sub", path="sub", parent_id=fresh.group["id"])
    fresh.root.made(f"/groups/{sub['id']}/labels", name="near", color="#fff")
    below = fresh.root.made("/projects", name="p", path="p", namespace_id=sub["id"])
    at = f"/projects/{below['id']}/labels"
    fresh.root.made(at, name="own", color="#fff")
    found = fresh.root.get(at, {"include_ancestor_groups": "false"}).json()
    assert [one["name"] for one in found] == ["near", "own"]
    assert len(fresh.root.get(at).json()) == 3


@cites("doc/user/project/labels.md", "Types of labels", laws=4)
def test_a_groups_label_is_not_made_again_by_naming_it(fresh):
    above = fresh.label("above", where="group")
    assert fresh.issue("labelled", labels="above")["labels"] == ["above"]
    found = fresh.root.get(f"{fresh.path}/labels").json()
    assert [one["id"] for one in found] == [above["id"]]


@cites("doc/user/project/labels.md", "Types of labels", laws=4)
def test_a_subgroups_projects_have_the_labels_of_the_group_above(fresh):
    above = fresh.label("above", where="group")
    sub = fresh.root.made("/groups", name="sub", path="sub", parent_id=fresh.group["id"])
    below = fresh.root.made("/projects", name="p", path="p", namespace_id=sub["id"])
    found = fresh.root.get(f"/projects/{below['id']}/labels").json()
    assert [one["id"] for one in found] == [above["id"]]


@cites(HELPERS, "find_label, id or title", laws=4)
def test_a_label_by_id_and_by_name(place):
    name = unique("two words/and more")
    made = place.label(name)
    by_id = place.root.get(f"{place.path}/labels/{made['id']}").json()
    by_name = place.root.get(f"{place.path}/labels/{name.replace('/', '%2F')}").json()
    assert by_id == by_name
    answer = place.root.get(f"{place.path}/labels/no-such-label")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Label Not Found"})


@cites(DOCS, "Edit an existing label", laws=4)
def test_a_renamed_label_stays_on_its_issues(place):
    old, new = unique("old"), unique("new")
    made = place.label(old)
    issue = place.issue("labelled", labels=old)
    changed = place.root.put(f"{place.path}/labels/{made['id']}", {"new_name": new}).json()
    assert (changed["id"], changed["name"]) == (made["id"], new)
    assert place.again(issue)["labels"] == [new]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"new_name": ","}, {"message": {"title": ["is invalid"]}}),
        ({"color": "#FF"}, {"message": {"color": ["must be a valid color code"]}}),
        ({"new_name": "held"}, {"message": {"title": ["has already been taken"]}}),
    ],
)
@cites("spec/requests/api/labels_spec.rb", "PUT /projects/:id/labels", laws=9)
def test_what_a_change_of_a_label_is_refused_for(place, body, answer):
    place.root.post(f"{place.path}/labels", {"name": "held", "color": "#FFAABB"})
    made = place.label(unique("changed"))
    refused = place.root.put(f"{place.path}/labels/{made['id']}", body)
    assert (refused.status_code, refused.json()) == (400, answer)


@cites(HELPERS, "project_label_update_params, at_least_one_of", laws=9)
def test_a_change_of_nothing_is_refused(place):
    made = place.label(unique("same"))
    answer = place.root.put(f"{place.path}/labels/{made['id']}", {})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("are missing, at least one parameter must be provided")


@cites(HELPERS, "update_priority", laws=4)
def test_a_labels_priority_can_be_set_and_removed(place):
    at = f"{place.path}/labels/{place.label(unique('urgent'), priority=5)['id']}"
    assert place.root.get(at).json()["priority"] == 5
    assert place.root.put(at, {"priority": 0}).json()["priority"] == 0
    assert place.root.put(at, {"priority": None}).json()["priority"] is None


@cites("lib/api/labels.rb", "delete", laws=4)
def test_a_deleted_label_leaves_its_issues(place):
    name = unique("gone")
    made = place.label(name)
    issue = place.issue("labelled", labels=name)
    assert place.root.delete(f"{place.path}/labels/{made['id']}").status_code == 204
    assert place.again(issue)["labels"] == []


@cites(HELPERS, "promote_label", laws=4)
def test_a_promoted_label_becomes_the_groups(fresh):
    made = fresh.label("rising")
    issue = fresh.issue("labelled", labels="rising")
    answer = fresh.root.put(f"{fresh.path}/labels/{made['id']}/promote")
    assert answer.status_code == 200
    assert answer.json()["name"] == "rising"
    above = fresh.root.get(f"{fresh.group_path}/labels").json()
    assert [one["name"] for one in above] == ["rising"]
    assert fresh.again(issue)["labels"] == ["rising"]


@cites("lib/api/subscriptions.rb", "not_modified!", laws=10)
def test_following_a_label_twice_changes_nothing(place):
    at = f"{place.path}/labels/{place.label(unique('followed'))['id']}"
    first = place.root.post(f"{at}/subscribe")
    assert (first.status_code, first.json()["subscribed"]) == (201, True)
    assert place.root.post(f"{at}/subscribe").status_code == 304
    assert place.root.post(f"{at}/unsubscribe").json()["subscribed"] is False
    assert place.root.post(f"{at}/unsubscribe").status_code == 304


@cites("lib/api/entities/label.rb", "with_counts", laws=8)
def test_labels_count_issues_when_asked(fresh):
    fresh.issue("one", labels="counted")
    shut = fresh.issue("two", labels="counted")
    fresh.root.put(fresh.at(shut), {"state_event": "close"})
    (plain,) = fresh.root.get(f"{fresh.path}/labels").json()
    assert "open_issues_count" not in plain
    (counted,) = fresh.root.get(f"{fresh.path}/labels", {"with_counts": "true"}).json()
    assert (counted["open_issues_count"], counted["closed_issues_count"]) == (1, 1)


@cites(DOCS, "List labels, search", laws=4)
def test_labels_can_be_searched(fresh):
    fresh.label("red apple")
    fresh.label("green", description="like an apple")
    fresh.label("blue")
    found = fresh.root.get(f"{fresh.path}/labels", {"search": "apple"}).json()
    assert {one["name"] for one in found} == {"red apple", "green"}

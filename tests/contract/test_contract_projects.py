"""Projects: making, finding, changing and ending them."""

from __future__ import annotations

import re

import pytest

from tests.contract.citing import cites
from tests.contract.place import group_in, ids, project_in, unique

PROJECTS = "spec/requests/api/projects_spec.rb"


@pytest.mark.parametrize(
    ("body", "name", "path"),
    [
        ({"name": "Foo Project"}, "Foo Project", "foo-project"),
        ({"path": "foo_project"}, "foo_project", "foo_project"),
        ({"name": "Foo Project", "path": "path-Foo"}, "Foo Project", "path-Foo"),
    ],
)
@cites(PROJECTS, "POST /projects, name and path")
def test_a_name_or_a_path_makes_a_project(fresh, body, name, path):
    made = fresh.root.made("/projects", namespace_id=fresh.group["id"], **body)
    assert (made["name"], made["path"]) == (name, path)
    assert made["path_with_namespace"] == f"{fresh.group['full_path']}/{path}"
    assert made["namespace"]["id"] == fresh.group["id"]


@cites(PROJECTS, "POST /projects, without name or path", laws=9)
def test_a_project_needs_a_name_or_a_path(place):
    answer = place.root.post("/projects", {"namespace_id": place.group["id"]})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "name, path are missing, at least one parameter must be provided"},
    )


@cites(PROJECTS, "POST /projects, has already been taken", laws=(2, 9, 10))
def test_a_path_of_a_project_is_taken_once(place):
    body = {"name": "project", "path": "project", "namespace_id": place.group["id"]}
    answer = place.root.post("/projects", body)
    assert answer.status_code == 400
    assert answer.json()["message"]["path"] == ["has already been taken"]


@cites(PROJECTS, "issues_access_level and issues_enabled", laws=9)
def test_issues_can_be_switched_off(fresh):
    after = fresh.root.put(fresh.path, {"issues_access_level": "disabled"}).json()
    assert (after["issues_access_level"], after["issues_enabled"]) == ("disabled", False)
    assert fresh.root.post(f"{fresh.path}/issues", {"title": "t"}).status_code == 403


@cites(PROJECTS, "GET /projects, open_issues_count if issues are disabled")
def test_open_issues_are_not_counted_where_there_are_none(fresh):
    fresh.issue("open")
    at = f"{fresh.group_path}/projects"
    (before,) = fresh.root.get(at).json()
    fresh.root.put(fresh.path, {"issues_access_level": "disabled"})
    (after,) = fresh.root.get(at).json()
    assert type(before["open_issues_count"]) is int
    assert "open_issues_count" not in after


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ({}, ["kept", "shelved"]),
        ({"archived": "true"}, ["shelved"]),
        ({"archived": "false"}, ["kept"]),
        ({"active": "true"}, ["kept"]),
        ({"active": "false"}, ["shelved"]),
        ({"with_issues_enabled": "true"}, ["kept", "shelved"]),
        ({"search": "shelv"}, ["shelved"]),
        ({"search": "nothing"}, []),
        ({"visibility": "private"}, ["kept", "shelved"]),
        ({"visibility": "public"}, []),
        ({"membership": "true"}, ["kept", "shelved"]),
        ({"owned": "true"}, ["kept", "shelved"]),
        ({"min_access_level": 50}, ["kept", "shelved"]),
        ({"starred": "true"}, []),
        ({"imported": "true"}, []),
    ],
)
@cites(PROJECTS, "GET /projects, filters", laws=1)
def test_projects_by_what_they_are(place, shelf, query, which):
    words = {"search": f"{shelf['mark']}-{query.pop('search')}"} if "search" in query else {}
    asked = {"search": shelf["mark"], "id_after": shelf["before"]} | query | words
    found = ids(place.root.get("/projects", asked))
    assert found == sorted((shelf[name] for name in which), reverse=True)


@pytest.fixture(scope="module")
def shelf(place):
    mark = unique("shelf")
    kept = project_in(place, name=f"{mark}-kept", path=f"{mark}-kept")
    old = project_in(place, name=f"{mark}-shelved", path=f"{mark}-shelved")
    place.root.post(f"/projects/{old['id']}/archive")
    return {"mark": mark, "kept": kept["id"], "shelved": old["id"], "before": kept["id"] - 1}


@cites(PROJECTS, "GET /projects, simple=true", laws=1)
def test_projects_in_short(place):
    (short,) = place.root.get(
        f"{place.group_path}/projects", {"simple": "true", "per_page": 1}
    ).json()
    assert {"id", "name", "path_with_namespace", "web_url", "created_at"} <= set(short)
    assert "permissions" not in short
    assert "issues_access_level" not in short


@cites(PROJECTS, "GET /projects, default created_at desc order", laws=1)
def test_the_newest_project_comes_first(fresh):
    later = project_in(fresh)
    found = ids(fresh.root.get(f"{fresh.group_path}/projects"))
    assert found == [later["id"], fresh.project["id"]]


@pytest.mark.parametrize("which", ["updated_after", "updated_before"])
@cites(PROJECTS, "GET /projects, updated_at filter and sorting must be paired", laws=9)
def test_projects_by_change_come_in_that_order(place, which):
    query = {which: "2020-01-01T00:00:00Z", "order_by": "id"}
    answer = place.root.get("/projects", query)
    words = "400 Bad request - `updated_at` filter and `updated_at` sorting must be paired"
    assert (answer.status_code, answer.json()) == (400, {"message": words})


@pytest.mark.parametrize(("sort", "mark"), [("asc", "id_after"), ("desc", "id_before")])
@cites(PROJECTS, "GET /projects, keyset pagination", laws=1)
def test_pages_of_projects_go_on_by_id(fresh, sort, mark):
    every = [fresh.project["id"], *(project_in(fresh)["id"] for _ in range(2))]
    every.sort(reverse=sort == "desc")
    query = {"id_after": min(every) - 1, "id_before": max(every) + 1, "membership": "true"}
    where, seen = "/projects", list[int]()
    asked = query | {"pagination": "keyset", "order_by": "id", "sort": sort, "per_page": 1}
    while (answer := fresh.root.get(where, asked)).json() and len(seen) < 10:
        assert "X-Total" not in answer.headers
        seen += ids(answer)
        link = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        assert link is not None
        assert "pagination=keyset" in link[1]
        assert f"{mark}={seen[-1]}" in link[1]
        where, asked = link[1], {}
    assert seen == every
    assert "Link" not in answer.headers


@cites(PROJECTS, "GET /projects, keyset if order_by is different from id", laws=9)
def test_pages_of_projects_by_key_come_by_id_only(place):
    answer = place.root.get("/projects", {"pagination": "keyset", "order_by": "created_at"})
    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("role", "status"), [("guest", 403), ("developer", 403), ("maintainer", 200)]
)
@cites("lib/api/projects.rb", "update, authorize_admin_project", laws=9)
def test_who_changes_a_project(place, role, status):
    answer = place.member(role).put(place.path, {"description": role})
    assert answer.status_code == status


@cites("lib/api/projects.rb", "update, at_least_one_of", laws=9)
def test_a_change_of_no_project_setting_is_refused(place):
    answer = place.root.put(place.path, {})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("are missing, at least one parameter must be provided")


@pytest.mark.parametrize("tail", ["archive", "unarchive"])
@cites("lib/api/projects.rb", "archive and unarchive, status 201")
def test_a_project_can_be_archived_and_come_back(fresh, tail):
    answer = fresh.root.post(f"{fresh.path}/{tail}")
    assert (answer.status_code, answer.json()["archived"]) == (201, tail == "archive")


@cites("lib/api/projects.rb", "delete, status 202")
def test_a_project_is_removed_in_its_own_time(place):
    answer = place.root.delete(f"/projects/{project_in(place)['id']}")
    assert (answer.status_code, answer.json()) == (202, {"message": "202 Accepted"})


@cites("doc/api/groups.md", "List all projects in a group, include_subgroups", laws=1)
def test_projects_of_subgroups_when_asked(fresh):
    below = project_in(fresh, namespace_id=group_in(fresh)["id"])
    at = f"{fresh.group_path}/projects"
    assert ids(fresh.root.get(at)) == [fresh.project["id"]]
    found = set(ids(fresh.root.get(at, {"include_subgroups": "true"})))
    assert found == {fresh.project["id"], below["id"]}

"""Milestones: GitLab's ``lib/api/milestone_responses.rb`` and its project and group halves."""

from __future__ import annotations

import pytest

TAKEN = '["already being used for another group or project milestone."]'


@pytest.fixture(params=["project", "group"])
def place(request, space):
    """Where milestones are: in a project, or in a group."""
    return space.path if request.param == "project" else f"/groups/{space.group['id']}"


def titles(answer):
    assert answer.ok, answer.text
    return [milestone["title"] for milestone in answer.json()]


def test_a_milestone_from_first_to_last(space, place):
    base = f"{place}/milestones"
    made = space.root.made(base, title=" M ", start_date="2026-01-01", due_date="2026-02-01")
    where = "project_id" if place == space.path else "group_id"
    assert list(made) == [
        "id", "iid", where, "title", "description", "state", "created_at", "updated_at",
        "due_date", "start_date", "expired", "web_url",
    ]  # fmt: skip
    assert (made["title"], made["description"], made["state"]) == ("M", "", "active")
    assert (made["iid"], made["expired"]) == (1, True)
    at = f"{base}/{made['id']}"
    assert space.root.get(at).json() == made
    closed = space.root.put(at, {"state_event": "close", "description": "d"}).json()
    assert (closed["state"], closed["description"]) == ("closed", "d")
    changed = space.root.put(at, {"title": "N", "due_date": "", "state_event": "activate"}).json()
    assert (changed["title"], changed["due_date"], changed["state"]) == ("N", None, "active")
    assert changed["start_date"] == "2026-01-01"
    assert space.root.get(f"{at}/merge_requests").json() == []
    assert space.root.delete(at).status_code == 204
    assert space.root.get(at).json() == {"message": "404 Not found"}


def test_lists_of_milestones(space, place):
    base = f"{place}/milestones"
    late = space.root.made(base, title="late", due_date="2026-12-01", description="with words")
    soon = space.root.made(base, title="soon", due_date="2026-11-01")
    never = space.root.made(base, title="never")
    space.root.put(f"{base}/{soon['id']}", {"state_event": "close"})

    def found(query=""):
        return titles(space.root.get(f"{base}?{query}"))

    assert found() == ["soon", "late", "never"]
    assert found("state=active") == ["late", "never"]
    assert found("state=closed") == ["soon"]
    assert found("state=all&title=late") == ["late"]
    assert found(f"iids[]={late['iid']}&iids[]={never['iid']}") == ["late", "never"]
    assert found("search=WORDS") == ["late"]
    assert found("search=soo") == ["soon"]
    assert found(f"updated_before={late['updated_at']}") == ["late"]
    assert found(f"updated_after={never['updated_at']}") == ["soon", "never"]
    wrong = space.root.get(base, {"state": "open"})
    assert wrong.json() == {"error": "state does not have a valid value"}


@pytest.mark.parametrize("name", ["include_ancestors", "include_parent_milestones"])
def test_those_of_groups_above(space, name):
    group = f"/groups/{space.group['id']}/milestones"
    space.root.made(group, title="above")
    space.root.made(f"{space.path}/milestones", title="here")
    assert titles(space.root.get(f"{space.path}/milestones")) == ["here"]
    both = space.root.get(f"{space.path}/milestones", {name: True})
    assert titles(both) == ["above", "here"]
    assert both.json()[0]["web_url"].endswith(f"/groups/{space.group['path']}/-/milestones/1")
    assert titles(space.root.get(group, {name: True})) == ["above"]


def test_what_is_refused(space, place):
    base = f"{place}/milestones"
    made = space.root.made(base, title="M", start_date="2026-03-01")
    at = f"{base}/{made['id']}"

    def why(answer):
        assert answer.status_code == 400
        return answer.json()

    assert why(space.root.post(base, {})) == {"error": "title is missing"}
    assert why(space.root.post(base, {"title": " "})) == {
        "message": 'Failed to create milestone {:title=>["can\'t be blank"]}'
    }
    assert why(space.root.post(base, {"title": "M"})) == {
        "message": f"Failed to create milestone {{:title=>{TAKEN}}}"
    }
    assert why(space.root.put(at, {"due_date": "2026-03-01"})) == {
        "message": 'Failed to update milestone {:due_date=>["must be greater than start date"]}'
    }
    assert why(space.root.put(at, {})) == {
        "error": "title, description, start_date, due_date, state_event are missing, "
        "at least one parameter must be provided"
    }
    assert why(space.root.put(at, {"state_event": "open"})) == {
        "error": "state_event does not have a valid value"
    }
    assert space.root.put(at, {"title": "M"}).status_code == 200
    assert space.root.get(f"{base}/x").json() == {"error": "milestone_id is invalid"}
    guest = space.member("guest")
    assert guest.post(base, {"title": "N"}).status_code == 403
    assert guest.get(at).status_code == 200


def test_titles_are_unique_in_a_group_and_its_projects(space):
    group, project = f"/groups/{space.group['id']}/milestones", f"{space.path}/milestones"
    above = space.root.made(group, title="A")
    here = space.root.made(project, title="B")
    assert space.root.post(project, {"title": "A"}).status_code == 400
    assert space.root.post(group, {"title": "B"}).status_code == 400
    assert space.root.get(f"{project}/{above['id']}").status_code == 404
    assert space.root.get(f"{group}/{here['id']}").status_code == 404


def test_the_issues_of_a_milestone(space, place):
    made = space.root.made(f"{place}/milestones", title="M")
    issue = space.issue(milestone_id=made["id"], confidential=True)
    space.issue()
    at = f"{place}/milestones/{made['id']}"
    (shown,) = space.root.get(f"{at}/issues").json()
    assert shown["id"] == issue["id"]
    assert "references" not in shown
    assert space.member("guest").get(f"{at}/issues").json() == []
    assert space.root.delete(at).status_code == 204
    assert space.again(issue)["milestone"] is None
    last = space.events(issue, "milestone")[-1]
    assert (last["action"], last["milestone"]) == ("remove", None)


def test_an_issue_takes_a_milestone_by_title(space):
    space.root.made(f"/groups/{space.group['id']}/milestones", title="above")
    issue = space.issue(milestone="above")
    assert issue["milestone"]["title"] == "above"
    both = space.root.put(space.at(issue), {"milestone": "above", "milestone_id": 1})
    assert both.json() == {"error": "milestone_id, milestone are mutually exclusive"}
    cleared = space.root.put(space.at(issue), {"milestone": "unknown"}).json()
    assert cleared["milestone"] is None


def test_promoting(space):
    second = space.root.made("/projects", name="s", path="s", namespace_id=space.group["id"])
    made = space.root.made(f"{space.path}/milestones", title="M", due_date="2027-01-01")
    twin = space.root.made(f"/projects/{second['id']}/milestones", title="M")
    issue = space.issue(milestone_id=made["id"])
    at = f"{space.path}/milestones/{made['id']}/promote"
    assert space.member("planner").post(at).status_code == 403
    assert space.root.post(at).status_code == 200
    now = space.again(issue)["milestone"]
    assert (now["group_id"], now["due_date"]) == (space.group["id"], "2027-01-01")
    assert space.root.get(f"/projects/{second['id']}/milestones/{twin['id']}").status_code == 404
    assert [e["milestone"]["id"] for e in space.events(issue, "milestone")] == [now["id"]]


def test_nothing_to_promote_to(space):
    person = space.someone()
    own = person.made("/projects", name="p", path="p")
    made = person.made(f"/projects/{own['id']}/milestones", title="M")
    answer = person.post(f"/projects/{own['id']}/milestones/{made['id']}/promote")
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": "Promotion failed - Project does not belong to a group."},
    )

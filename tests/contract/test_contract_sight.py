"""Who sees what: a token that is blind to secrets must be told from one that is not."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites, sandbox_only

SEEING = ("planner", "reporter", "developer", "maintainer")


@pytest.mark.parametrize("role", SEEING)
@cites("doc/user/permissions.md", "Project planning: View confidential issues", laws=1)
def test_planners_and_above_see_every_confidential_issue(place, role):
    secret = place.issue("secret", confidential=True)
    person = place.member(role)
    assert person.get(place.at(secret)).status_code == 200
    listed = person.get(f"{place.path}/issues", {"iids[]": secret["iid"]}).json()
    assert [issue["iid"] for issue in listed] == [secret["iid"]]


@cites("app/policies/project_policy.rb", "read_confidential_issues", laws=1)
def test_a_guest_gets_a_list_that_leaves_secrets_out(fresh):
    fresh.issue("secret", confidential=True)
    fresh.issue("plain")
    answer = fresh.member("guest").get(f"{fresh.path}/issues")
    assert answer.status_code == 200
    assert [issue["title"] for issue in answer.json()] == ["plain"]
    assert answer.headers["X-Total"] == "1"


@cites("spec/requests/api/issues/get_project_issues_spec.rb", "confidential for author", laws=1)
def test_a_guest_sees_the_secret_that_they_wrote(place):
    guest = place.member("guest")
    mine = place.issue("mine", by=guest, confidential=True)
    assert mine["confidential"] is True
    assert guest.get(place.at(mine)).status_code == 200


@cites("spec/requests/api/issues/get_project_issues_spec.rb", "confidential for assignee", laws=1)
def test_a_guest_sees_the_secret_that_they_are_assigned_to(place):
    guest = place.member("guest")
    given = place.issue("given", confidential=True, assignee_ids=[guest.user["id"]])
    assert guest.get(place.at(given)).status_code == 200


@pytest.mark.parametrize("tail", ["", "/notes", "/resource_label_events", "/links"])
@cites("app/policies/issue_policy.rb", "confidential, can_read_confidential", laws=1)
def test_for_a_guest_a_secret_does_not_exist(place, tail):
    secret = place.issue("secret", confidential=True)
    answer = place.member("guest").get(place.at(secret, tail))
    assert answer.status_code == 404


@cites("spec/requests/api/issues/put_projects_issues_spec.rb", "403 for guests", laws=9)
def test_a_guest_may_not_change_a_secret(place):
    secret = place.issue("secret", confidential=True)
    answer = place.member("guest").put(place.at(secret), {"title": "x"})
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})


@cites("doc/user/permissions.md", "Project planning, footnote 1", laws=9)
def test_a_guest_keeps_the_words_of_their_own_issue_but_not_its_labels(place):
    guest = place.member("guest")
    mine = place.issue("mine", by=guest)
    answer = guest.put(
        place.at(mine), {"title": "better", "add_labels": "x", "due_date": "2027-01-01"}
    )
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["labels"]) == ("better", [])
    assert answer.json()["due_date"] is None


@cites("doc/user/permissions.md", "Project planning, footnote 2", laws=5)
def test_a_guest_closes_and_reopens_their_own_issue(place):
    guest = place.member("guest")
    at = place.at(place.issue("mine", by=guest))
    assert guest.put(at, {"state_event": "close"}).json()["state"] == "closed"
    assert guest.put(at, {"state_event": "reopen"}).json()["state"] == "opened"


RIGHTS = {
    "comment": ("guest", lambda c, p, i: c.post(p.at(i, "/notes"), {"body": "x"})),
    "create": ("guest", lambda c, p, i: c.post(f"{p.path}/issues", {"title": "x"})),
    "edit": ("planner", lambda c, p, i: c.put(p.at(i), {"title": "y"})),
    "label": ("planner", lambda c, p, i: c.put(p.at(i), {"add_labels": "x"})),
    "close": ("planner", lambda c, p, i: c.put(p.at(i), {"state_event": "close"})),
    "new label": (
        "planner",
        lambda c, p, i: c.post(f"{p.path}/labels", {"name": f"n{i['id']}", "color": "#fff"}),
    ),
    "board": ("planner", lambda c, p, i: c.post(f"{p.path}/boards", {"name": "b"})),
    "milestone": (
        "planner",
        lambda c, p, i: c.post(f"{p.path}/milestones", {"title": f"m{i['id']}"}),
    ),
    "internal note": (
        "planner",
        lambda c, p, i: c.post(p.at(i, "/notes"), {"body": "x", "internal": True}),
    ),
    "settings": ("maintainer", lambda c, p, i: c.put(p.path, {"description": "d"})),
}
RANKS = ("guest", "planner", "reporter", "developer", "maintainer")


@pytest.mark.parametrize("deed", RIGHTS)
@cites("doc/user/permissions.md", "Project planning and Projects", laws=(1, 4))
def test_the_least_role_for_a_deed(place, deed):
    least, act = RIGHTS[deed]
    issue = place.issue("theirs")
    allowed = act(place.member(least), place, issue)
    assert allowed.ok, allowed.text
    below = RANKS.index(least) - 1
    if below >= 0:
        refused = act(place.member(RANKS[below]), place, issue)
        assert (refused.status_code, refused.json()) == (403, {"message": "403 Forbidden"})


@cites("app/policies/project_policy.rb", "planner_access, destroy_issue", laws=1)
def test_planners_delete_issues_and_reporters_do_not(place):
    issue = place.issue("theirs")
    assert place.member("reporter").delete(place.at(issue)).status_code == 403
    assert place.member("planner").delete(place.at(issue)).status_code == 204


@cites("app/policies/note_policy.rb", "internal, can_read_internal_note", laws=4)
def test_internal_notes_are_hidden_from_guests(place):
    issue = place.issue("noted")
    note = place.root.made(place.at(issue, "/notes"), body="inside", internal=True)
    assert (note["internal"], note["confidential"]) == (True, True)
    guest = place.member("guest")
    assert guest.get(place.at(issue, "/notes")).json() == []
    assert guest.get(place.at(issue, f"/notes/{note['id']}")).status_code == 404
    assert len(place.member("planner").get(place.at(issue, "/notes")).json()) == 1


@cites("app/policies/note_policy.rb", "internal prevents, even for its author", laws=4)
def test_who_became_a_guest_sees_their_internal_note_no_more(place):
    issue = place.issue("noted")
    person = place.member("planner")
    note = person.made(place.at(issue, "/notes"), body="inside", internal=True)
    member = f"{place.path}/members/{person.user['id']}"
    changed = place.root.put(member, {"access_level": 10})
    assert changed.status_code == 200, changed.text
    assert person.get(place.at(issue, f"/notes/{note['id']}")).status_code == 404
    assert person.get(place.at(issue, "/notes")).json() == []


@pytest.mark.parametrize(
    ("tail", "status"), [("", 404), ("/issues", 404), ("/labels", 401), ("/members", 401)]
)
@cites("lib/api/helpers.rb", "find_project!, authenticate!", laws=9)
def test_a_private_project_does_not_exist_for_nobody(place, nobody, tail, status):
    answer = nobody.get(f"{place.path}{tail}")
    words = "404 Project Not Found" if status == 404 else "401 Unauthorized"
    assert (answer.status_code, answer.json()) == (status, {"message": words})


@cites("lib/api/helpers.rb", "find_project!, find_group!", laws=1)
def test_a_private_project_and_group_do_not_exist_for_strangers(place):
    stranger = place.someone()
    for path, what in ((place.path, "Project"), (place.group_path, "Group")):
        answer = stranger.get(path)
        assert (answer.status_code, answer.json()) == (404, {"message": f"404 {what} Not Found"})


@cites("spec/requests/api/issues/get_project_issues_spec.rb", "when project does not exist", laws=1)
def test_a_project_that_never_was(place):
    answer = place.root.get("/projects/999999999/issues")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})


@cites("app/policies/project_policy.rb", "archived abilities", laws=1)
def test_an_archived_project_can_be_read_only(fresh):
    issue = fresh.issue("old")
    assert fresh.root.post(f"{fresh.path}/archive").json()["archived"] is True
    person = fresh.root
    assert person.get(fresh.at(issue)).status_code == 200
    assert fresh.listed() == ["old"]
    refused = (
        person.post(f"{fresh.path}/issues", {"title": "x"}),
        person.put(fresh.at(issue), {"title": "x"}),
        person.post(fresh.at(issue, "/notes"), {"body": "x"}),
    )
    assert [answer.status_code for answer in refused] == [403, 403, 403]


@cites("doc/api/issues.md", "List group issues, non_archived", laws=1)
def test_group_lists_leave_archived_projects_out(fresh):
    fresh.issue("old")
    fresh.root.post(f"{fresh.path}/archive")
    assert fresh.listed(fresh.group_path) == []
    assert fresh.listed(fresh.group_path, non_archived="false") == ["old"]


@cites("app/policies/project_policy.rb", "issues_disabled", laws=1)
def test_a_project_with_issues_switched_off(new):
    place = new(issues_access_level="disabled")
    seen = place.root.get(place.path).json()
    assert (seen["issues_enabled"], seen["issues_access_level"]) == (False, "disabled")
    refused = place.root.post(f"{place.path}/issues", {"title": "x"})
    assert (refused.status_code, refused.json()) == (403, {"message": "403 Forbidden"})
    assert place.listed() == []


@sandbox_only("public groups, which are not below the one of all cases")
@cites(
    "spec/requests/api/issues/get_project_issues_spec.rb", "access to project not issues", laws=1
)
def test_issues_for_members_only_are_an_empty_list_for_others(new):
    place = new(visibility="public", issues_access_level="private")
    place.issue("inside")
    answer = place.someone().get(f"{place.path}/issues")
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("least", "seen"), [(10, True), (15, True), (20, True), (30, False), (50, False)]
)
@cites("doc/api/projects.md", "List all projects, min_access_level", laws=1)
def test_projects_by_the_least_role_that_one_has(place, least, seen):
    person = place.member("reporter")
    found = person.get("/projects", {"min_access_level": least, "per_page": 100}).json()
    assert (place.project["id"] in [project["id"] for project in found]) is seen


@pytest.mark.parametrize(("role", "level"), [("guest", 10), ("planner", 15), ("reporter", 20)])
@cites("doc/api/projects.md", "permissions, project_access", laws=1)
def test_a_project_tells_the_callers_role(place, role, level):
    permissions = place.member(role).get(place.path).json()["permissions"]
    assert permissions["project_access"]["access_level"] == level

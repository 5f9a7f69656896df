"""The same behaviour through python-gitlab, which never saw this project."""

from __future__ import annotations

from typing import Any

import gitlab
import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabCreateError, GitlabGetError

from tests.contract.citing import cites


@pytest.fixture
def project(gl, place):
    return gl.projects.get(place.project["id"])


@cites("doc/api/rest/authentication.md", "Personal/project/group access tokens", laws=1)
def test_a_client_signs_in(gl, root):
    gl.auth()
    assert gl.user is not None
    assert gl.user.id == root.user["id"]
    assert gl.version()[0] != "unknown"


@cites("doc/api/rest/authentication.md", "401 Unauthorized", laws=9)
def test_a_client_with_a_wrong_token(server):
    with (
        gitlab.Gitlab(server[0], private_token="wrong") as client,
        pytest.raises(GitlabAuthenticationError, match="401"),
    ):
        client.auth()


@cites("doc/api/rest/_index.md", "Namespaced paths", laws=1)
def test_a_project_by_its_path(gl, place):
    found = gl.projects.get(place.project["path_with_namespace"])
    assert found.id == place.project["id"]


@pytest.mark.parametrize("keyset", [False, True])
@cites("doc/api/rest/_index.md", "Pagination", laws=1)
def test_a_client_reads_all_pages(gl, fresh, keyset):
    for n in range(5):
        fresh.issue(f"i{n}")
    project = gl.projects.get(fresh.project["id"], lazy=True)
    more = {"pagination": "keyset", "order_by": "created_at"} if keyset else {}
    listed = project.issues.list(iterator=True, per_page=2, sort="asc", **more)
    assert [issue.title for issue in listed] == [f"i{n}" for n in range(5)]


@cites("lib/gitlab/pagination/offset_header_builder.rb", "execute", laws=8)
def test_a_client_knows_how_many_there_are(gl, fresh):
    for n in range(3):
        fresh.issue(f"i{n}")
    project = gl.projects.get(fresh.project["id"], lazy=True)
    listed = project.issues.list(iterator=True, per_page=2)
    assert (listed.total, listed.total_pages, listed.per_page) == (3, 2, 2)


@cites("doc/api/issues.md", "New issue; edit an issue", laws=(3, 4))
def test_a_client_makes_and_changes_an_issue(project):
    issue = project.issues.create({"title": "made", "labels": ["a", "b"]})
    assert issue.labels == ["a", "b"]
    project.issues.update(
        issue.iid, {"add_labels": "c", "remove_labels": "a", "state_event": "close"}
    )
    again = project.issues.get(issue.iid)
    assert (again.labels, again.state) == (["b", "c"], "closed")


@cites("lib/api/helpers/notes_helpers.rb", "process_note_creation_result", laws=4)
def test_a_client_speaks(project):
    issue = project.issues.create({"title": "spoken to"})
    note = issue.notes.create({"body": "bye\n/close"})
    assert (note.body, note.commands_changes) == ("bye", {"state_event": "close"})
    silent = issue.notes.create({"body": "/reopen"})
    assert silent.attributes["commands_changes"] == {"state_event": "reopen"}
    assert "id" not in silent.attributes


@cites("doc/api/resource_label_events.md", "Issues", laws=6)
def test_a_client_reads_events(project):
    issue = project.issues.create({"title": "busy", "labels": "a"})
    project.issues.update(issue.iid, {"state_event": "close"})
    assert [event.action for event in issue.resourcelabelevents.list(get_all=True)] == ["add"]
    assert [event.state for event in issue.resourcestateevents.list(get_all=True)] == ["closed"]


@cites("spec/requests/api/issues/post_projects_issues_spec.rb", "title is too long", laws=9)
def test_a_client_is_told_why(project):
    with pytest.raises(GitlabCreateError, match="too long") as caught:
        project.issues.create({"title": "g" * 256})
    assert caught.value.response_code == 400
    told: Any = caught.value.error_message
    assert told == {"title": ["is too long (maximum is 255 characters)"]}


@cites("lib/api/helpers.rb", "not_found!", laws=9)
def test_a_client_is_told_what_is_not_there(project):
    with pytest.raises(GitlabGetError, match="404"):
        project.issues.get(44444)


@cites("lib/api/helpers/label_helpers.rb", "create_label", laws=4)
def test_a_client_keeps_labels(project):
    label = project.labels.create({"name": "from a client/with: odd", "color": "red"})
    label.new_name = "renamed by a client"
    label.save()
    assert project.labels.get(label.id).name == "renamed by a client"
    project.labels.delete("renamed by a client")
    with pytest.raises(GitlabGetError):
        project.labels.get("renamed by a client")


@cites("lib/api/boards_responses.rb", "create_list, move_list")
def test_a_client_keeps_boards(project):
    board = project.boards.create({"name": "from a client"})
    made = [
        board.lists.create({"label_id": project.labels.create({"name": name, "color": "#fff"}).id})
        for name in ("client one", "client two")
    ]
    made[1].position = 0
    made[1].save()
    listed = sorted(board.lists.list(get_all=True), key=lambda one: one.position)
    assert [one.label["name"] for one in listed] == ["client two", "client one"]
    board.delete()


@cites("doc/api/members.md", "List all members, including inherited", laws=1)
def test_a_client_reads_members(project, place):
    someone = place.member("planner")
    found = {member.id: member.access_level for member in project.members_all.list(get_all=True)}
    assert found[someone.user["id"]] == 15


@cites("doc/api/pipeline_schedules.md", "Create a new pipeline schedule")
def test_a_client_keeps_schedules(project):
    made = project.pipelineschedules.create(
        {"description": "client", "ref": "main", "cron": "0 1 * * *"}
    )
    made.variables.create({"key": "A", "value": "1"})
    again = project.pipelineschedules.get(made.id)
    assert again.attributes["variables"][0]["key"] == "A"
    made.delete()

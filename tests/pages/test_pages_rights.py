"""Pages show and do what the API would for the same person, and nothing else."""

from __future__ import annotations

import pytest

from tests.pages.people import page_of, titles, words


def test_a_confidential_issue_is_not_there_for_a_guest(space, visit):
    secret = space.issue("Secret", confidential=True)
    space.issue("Plain")
    guest = visit(space.member("guest"))
    here = page_of(space, f"issues/{secret['iid']}")
    for answer in (
        guest.see(here),
        guest.see(f"{here}/edit"),
        guest.send(f"{here}/task", {"line": 0, "byte": 3, "source": "", "done": "true"}),
        guest.send(f"{here}/notes", {"body": "hi"}),
        guest.send(f"{here}/state", {"state_event": "close"}),
    ):
        assert answer.status_code == 404
        assert "Secret" not in answer.text
    assert titles(guest.see(page_of(space, "issues"))) == ["Plain"]
    assert titles(visit(space.member("planner")).see(page_of(space, "issues"))) == [
        "Plain",
        "Secret",
    ]


def test_whoever_is_assigned_sees_their_secret(space, visit):
    guest = space.member("guest")
    secret = space.issue("Mine", confidential=True, assignee_ids=[guest.user["id"]])
    visitor = visit(guest)
    assert "Mine" in words(visitor.see(page_of(space, f"issues/{secret['iid']}")))
    assert titles(visitor.see("/"))[0] == "Mine"


@pytest.mark.parametrize("tail", ["", "issues", "issues/1", "labels", "boards", "nothing"])
def test_a_private_project_is_not_there_for_others(space, visit, tail):
    space.issue()
    visitor = visit(space.someone())
    assert visitor.see(page_of(space, tail)).status_code == 404


def test_a_private_group_is_not_there_for_others(space, visit):
    visitor = visit(space.someone())
    for path in (f"/groups/{space.group['full_path']}", f"/{space.group['full_path']}", "/groups/"):
        assert visitor.see(path).status_code == 404
    assert space.group["full_path"] not in visitor.see("/").text


def test_a_public_project_is_there_for_everybody(new, stranger):
    space = new(visibility="public")
    space.issue("Open to all")
    page = stranger.see(page_of(space, "issues/1"))
    assert "Open to all" in words(page)
    assert "Sign in" in page.text
    assert "Comment</button>" not in page.text
    assert titles(stranger.see(page_of(space, "issues"))) == ["Open to all"]
    answer = stranger.send(page_of(space, "issues/1/notes"), {"body": "x"})
    assert answer.status_code == 401
    assert stranger.send(page_of(space, "issues"), {"title": "x"}).status_code == 401


def test_a_guest_changes_nothing_of_others(space, visit):
    issue = space.issue("Theirs", description="- [ ] a", labels="one")
    guest = visit(space.member("guest"))
    here = page_of(space, f"issues/{issue['iid']}")
    page = guest.see(here).text
    assert "disabled" in page
    assert f"{here}/edit" not in page
    box = {"line": 0, "byte": 3, "source": "- [ ] a", "done": "true"}
    for tail, form in (
        ("task", box),
        ("state", {"state_event": "close"}),
        ("edit", {"title": "Mine", "description": ""}),
        ("labels", {"held[]": "one"}),
    ):
        assert guest.send(f"{here}/{tail}", form).status_code in (403, 404)
    assert guest.see(f"{here}/edit").status_code == 403
    assert space.again(issue)["updated_at"] == issue["updated_at"]


def test_authors_edit_their_own_but_do_not_label(space, visit):
    guest = space.member("guest")
    issue = space.issue("Own", by=guest, description="- [ ] a")
    visitor = visit(guest)
    here = page_of(space, f"issues/{issue['iid']}")
    page = visitor.see(here).text
    assert f"{here}/edit" in page
    assert "Change labels" not in page
    box = {"line": 0, "byte": 3, "source": "- [ ] a", "done": "true"}
    assert visitor.send(f"{here}/task", box).ok
    assert space.again(issue)["description"] == "- [x] a"


def test_issues_that_are_switched_off(new, visit):
    space = new(issues_access_level="disabled")
    visitor = visit(space.member("guest"))
    assert titles(visitor.see(page_of(space, "issues"))) == []
    for tail in ("labels", "boards", "issues/new"):
        assert visitor.see(page_of(space, tail)).status_code in (403, 404)


def test_an_archived_project_is_for_reading(space, visit):
    issue = space.issue("Old", description="- [ ] a")
    visitor = visit(space.root)
    space.root.post(f"{space.path}/archive")
    page = visitor.see(page_of(space, f"issues/{issue['iid']}")).text
    assert "Comment</button>" not in page
    assert "archived" in visitor.see("/").text
    assert visitor.see(page_of(space, "issues/new")).status_code == 403
    answer = visitor.send(page_of(space, "issues/1/state"), {"state_event": "close"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/nothing", "/-/x", "/nothing/-/issues", "/groups/x/-/boards/1"])
def test_addresses_that_lead_nowhere(space, visit, path):
    answer = visit(space.root).see(path)
    assert answer.status_code == 404
    assert "There is nothing here that you can see" in words(answer)


def test_a_groups_issue_is_found_in_its_project_only(space, visit):
    space.issue()
    visitor = visit(space.root)
    group = f"/groups/{space.group['full_path']}/-"
    for path in (f"{group}/issues/1", f"{group}/issues/new", f"{group}/boards/x",
                 page_of(space, "issues/x"), page_of(space, "boards/99999"),
                 page_of(space, "boards/1%2Flists")):  # fmt: skip
        assert visitor.see(path).status_code in (400, 404)

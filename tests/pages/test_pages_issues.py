"""Lists of issues, one issue, and what can be done to it."""

from __future__ import annotations

import pytest

from tests.pages.people import page_of, titles, words


def box(text, line=0, byte=3, done="true"):
    return {"line": line, "byte": byte, "source": text, "done": done}


# --- Lists -----------------------------------------------------------------------------


def test_filters_of_the_list(space, visit):
    ann = space.member("planner")
    space.issue("One bug", labels="bug,ui", assignee_ids=[ann.user["id"]])
    space.issue("Two bugs", labels="bug", by=ann)
    done = space.issue("Three", description="a bug in the text")
    space.root.put(space.at(done), {"state_event": "close"})
    visitor, here = visit(space.root), page_of(space, "issues")

    def found(query):
        return titles(visitor.see(f"{here}?{query}"))

    assert found("") == ["Two bugs", "One bug"]
    assert found("state=closed") == ["Three"]
    assert found("state=all&search=bug") == ["Three", "Two bugs", "One bug"]
    assert found("label_name[]=bug&label_name[]=ui") == ["One bug"]
    assert found("label_name[]=bug,ui") == ["One bug"]
    assert found(f"author_username={ann.user['username']}") == ["Two bugs"]
    assert found(f"assignee_username={ann.user['username']}") == ["One bug"]
    assert visitor.see(f"{here}?state=odd").status_code == 400
    group = f"/groups/{space.group['full_path']}/-/issues"
    assert titles(visitor.see(group)) == ["Two bugs", "One bug"]
    assert "New issue" not in visitor.see(group).text


def test_a_long_list_has_pages(space, visit):
    for number in range(21):
        space.issue(f"Number {number}")
    visitor, here = visit(space.root), page_of(space, "issues")
    first = visitor.see(here)
    assert "21 issues" in words(first)
    assert titles(first)[0] == "Number 20"
    assert '<a href="?state=opened&amp;page=2">Next</a>' in first.text
    second = visitor.see(f"{here}?state=opened&page=2")
    assert titles(second) == ["Number 0"]
    assert "Previous</a>" in second.text


def test_an_empty_list_says_so(space, visit):
    page = visit(space.root).see(page_of(space))
    assert page.url.endswith(page_of(space, "issues"))
    assert "No issue is like that." in words(page)


def test_a_group_shows_what_is_in_it(space, visit):
    inner = space.root.made("/groups", name="Inner", path="inner", parent_id=space.group["id"])
    space.root.put(f"/groups/{inner['id']}", {"description": "Deep down"})
    visitor = visit(space.root)
    page = visitor.see(f"/{space.group['full_path']}")
    assert inner["full_path"] in page.text
    assert space.project["path_with_namespace"] in page.text
    assert "Deep down" in words(visitor.see(inner["web_url"]))


def test_labels_with_their_counts(space, visit):
    space.label("mine", description="Some words")
    space.label("ours", where="group")
    space.issue(labels="mine")
    visitor = visit(space.root)
    page = words(visitor.see(page_of(space, "labels")))
    assert "mine Some words 1 open 0 closed" in page
    assert "ours" in page
    group = words(visitor.see(f"/groups/{space.group['full_path']}/-/labels"))
    assert "ours" in group
    assert "mine" not in group


# --- One issue -------------------------------------------------------------------------


def test_the_address_that_the_api_gives_leads_to_the_issue(space, visit):
    issue = space.issue("Here I am", due_date="2020-01-01")
    page = visit(space.root).see(issue["web_url"])
    assert page.status_code == 200
    assert "<title>Here I am (#1)" in page.text
    assert "1 Jan 2020 overdue" in words(page)


def test_a_new_issue(space, visit):
    visitor = visit(space.root)
    assert visitor.see(page_of(space, "issues/new")).ok
    form = {"title": "Fresh", "description": "- [ ] a\r\n- [x] b", "due_date": "2030-02-03"}
    page = visitor.send(page_of(space, "issues"), form)
    assert page.url.endswith(page_of(space, "issues/1"))
    made = space.root.get(f"{space.path}/issues/1").json()
    assert made["description"] == "- [ ] a\n- [x] b"
    assert made["due_date"] == "2030-02-03"


def test_what_is_wrong_with_a_form_is_told_and_the_text_kept(space, visit):
    visitor = visit(space.root)
    page = visitor.send(page_of(space, "issues"), {"title": "x" * 256, "description": "Kept"})
    assert page.status_code == 422
    assert "Title is too long (maximum is 255 characters)" in words(page)
    assert "Kept" in page.text
    issue = space.issue("Good")
    edit = page_of(space, f"issues/{issue['iid']}/edit")
    page = visitor.send(edit, {"title": " ", "description": "Kept too"})
    assert page.status_code == 422
    assert "Title can't be blank" in words(page)
    assert "Kept too" in page.text
    assert space.again(issue)["title"] == "Good"


def test_editing(space, visit):
    issue = space.issue("Old", description="\n- [ ] a", due_date="2030-01-01")
    visitor, edit = visit(space.root), page_of(space, f"issues/{issue['iid']}/edit")
    assert 'value="2030-01-01"' in visitor.see(edit).text
    visitor.send(edit, {"title": "New", "description": "- [~] a", "due_date": ""})
    after = space.again(issue)
    assert (after["title"], after["description"], after["due_date"]) == ("New", "- [~] a", None)
    assert after["task_completion_status"] == {"count": 0, "completed_count": 0}


# --- Boxes -----------------------------------------------------------------------------


def test_ticking_is_the_apis_own_update(space, visit):
    issue = space.issue(description="- [ ] *a* `b`")
    visitor, here = visit(space.root), page_of(space, f"issues/{issue['iid']}/task")
    visitor.send(here, box("- [ ] *a* `b`"))
    after = space.again(issue)
    assert after["task_completion_status"] == {"count": 1, "completed_count": 1}
    assert after["updated_at"] > issue["updated_at"]
    visitor.send(here, box("- [x] *a* `b`", done="false"))
    assert space.again(issue)["description"] == "- [ ] *a* `b`"
    assert space.notes(issue) == [
        "marked the checklist item **a b** as completed",
        "marked the checklist item **a b** as incomplete",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "- [ ] other"}, {"line": 7}, {"line": -1}, {"byte": 4},
        {"line": 1, "source": "- [~] b"}, {"line": 2, "source": "plain [ ] words", "byte": 7},
    ],
)  # fmt: skip
def test_a_box_that_is_not_there_is_not_ticked(space, visit, wrong):
    text = "- [ ] a\n- [~] b\n\nplain [ ] words"
    issue = space.issue(description=text)
    visitor = visit(space.root)
    form = box("- [ ] a") | wrong
    page = visitor.send(page_of(space, f"issues/{issue['iid']}/task"), form)
    assert "Somebody changed that line in the meantime" in words(page)
    assert space.again(issue)["description"] == text
    assert "in the meantime" not in words(visitor.see(page.url))


@pytest.mark.parametrize("wrong", [{"line": "x"}, {"line": None}, {"done": "maybe"}])
def test_a_strange_request_is_refused(space, visit, wrong):
    issue = space.issue(description="- [ ] a")
    form = box("- [ ] a") | wrong
    page = visit(space.root).send(page_of(space, f"issues/{issue['iid']}/task"), form)
    assert page.status_code == 400
    assert "That did not work" in words(page)


# --- What happens to it ----------------------------------------------------------------


def test_comments_and_quick_actions(space, visit):
    space.label("late")
    issue = space.issue()
    visitor, here = visit(space.root), page_of(space, f"issues/{issue['iid']}/notes")
    page = visitor.send(here, {"body": "Some **words**\n\n/label ~late"})
    assert "#note_" in page.url
    assert "<strong>words</strong>" in page.text
    assert space.again(issue)["labels"] == ["late"]
    page = visitor.send(here, {"body": "/close"})
    assert "Closed this issue" in words(page)
    assert space.again(issue)["state"] == "closed"
    assert "Closed this issue" not in words(visitor.see(page.url))


def test_a_comment_that_is_refused_is_not_lost(space, visit):
    issue = space.issue()
    visitor, here = visit(space.root), page_of(space, f"issues/{issue['iid']}/notes")
    page = visitor.send(here, {"body": "/label ~nowhere"})
    assert page.status_code == 422
    assert "Failed to apply commands." in words(page)
    assert "/label ~nowhere</textarea>" in page.text
    assert visitor.send(here, {}).status_code == 422
    page = visitor.send(here, {"body": "Stays\n\n/title " + "x" * 300})
    assert page.status_code == 422
    assert space.notes(issue) == ["Stays"]


def test_internal_notes_are_for_planners(space, visit):
    issue = space.issue()
    visitor = visit(space.member("planner"))
    here = page_of(space, f"issues/{issue['iid']}")
    page = visitor.send(f"{here}/notes", {"body": "Among us", "internal": "true"})
    assert "Internal Among us" in words(page)
    assert "Among us" not in visit(space.member("guest")).see(here).text


def test_closing_reopening_and_labels(space, visit):
    for name in ("one", "two", "three"):
        space.label(name)
    issue = space.issue(labels="one,two")
    visitor, here = visit(space.root), page_of(space, f"issues/{issue['iid']}")
    assert "Reopen issue" in visitor.send(f"{here}/state", {"state_event": "close"}).text
    assert "Close issue" in visitor.send(f"{here}/state", {"state_event": "reopen"}).text
    form = {"held[]": ["one", "two"], "wanted[]": ["two", "three"]}
    page = words(visitor.send(f"{here}/labels", form))
    assert space.again(issue)["labels"] == ["three", "two"]
    assert "closed this issue" in page
    assert "reopened this issue" in page
    assert "added three removed one" in page


def test_history_names_milestones_and_deleted_labels(space, visit):
    stone = space.root.made(f"{space.path}/milestones", title="M1")
    gone = space.label("gone")
    issue = space.issue(labels="gone", milestone_id=stone["id"])
    space.root.put(space.at(issue), {"milestone_id": 0})
    space.root.delete(f"{space.path}/labels/{gone['id']}")
    page = words(visit(space.root).see(page_of(space, f"issues/{issue['iid']}")))
    assert "set the milestone to M1" in page
    assert "removed the milestone M1" in page
    assert "added a deleted label" in page


def test_a_long_history_is_shown_whole(space, visit):
    issue = space.issue()
    for number in range(101):
        space.root.post(space.at(issue, "/notes"), {"body": f"Word {number}"})
    page = words(visit(space.root).see(page_of(space, f"issues/{issue['iid']}")))
    assert "Word 0" in page
    assert "Word 100" in page

"""Task lists as the server counts them: completion rests on these numbers."""

from __future__ import annotations

import re

import pytest

from tests.contract.citing import cites

DOCS = "doc/user/markdown.md"
BOTH = "- [x] a\n- [~] b\n- [ ] c\n  - [x] d\n  - [~] e\n  - [ ] f"

COUNTED = [
    ("- [ ] a\n- [x] b", 2, 1),
    ("* [X] a\n* [ ] b", 2, 1),
    ("+ [x] a", 1, 1),
    ("1. [x] a\n1. [ ] b", 2, 1),
    ("1) [x] a", 1, 1),
    (BOTH, 4, 2),
    ("1. [x] a\n1. [~] b\n1. [ ] c\n   1. [x] d\n   1. [~] e\n   1. [ ] f", 4, 2),
    ("- [x] a\n\n- [ ] b", 2, 1),
    ("- a\n  - [x] b", 1, 1),
    ("> - [ ] a", 1, 0),
    ("- [x] *a* `b` [c](d)", 1, 1),
    ("text\n\n- [ ] a\n\nmore\n\n- [x] b", 2, 1),
]
LEFT_OUT = [
    "- [~] a",
    "- [~] a\n- [~] b",
    "```\n- [ ] a\n```",
    "~~~\n- [ ] a\n~~~",
    "    - [ ] a",
    "<!--\n- [ ] a\n-->",
    "`- [ ] a`",
    "text [ ] a",
    "[ ] a",
    "-[ ] a",
    "- [] a",
    "- [ ]a",
    "- \\[ ] a",
    "- [o] a",
    "- plain",
    "- [x] a\n\n[x]: https://example.com",
]
SPACES = {"no-break": "\u00a0", "figure": "\u2007", "narrow": "\u202f", "thin": "\u2009"}


@pytest.mark.parametrize(("text", "count", "done"), COUNTED)
@cites(DOCS, "Task lists", laws=3)
def test_what_counts(place, text, count, done):
    made = place.issue("tasks", description=text)
    assert made["task_completion_status"] == {"count": count, "completed_count": done}


@pytest.mark.parametrize("text", LEFT_OUT)
@cites(DOCS, "Task lists, inapplicable; code spans and blocks; links", laws=3)
def test_what_does_not_count(place, text):
    made = place.issue("tasks", description=text)
    assert made["task_completion_status"] == {"count": 0, "completed_count": 0}


@pytest.mark.parametrize("kind", SPACES)
@cites("spec/models/concerns/taskable_spec.rb", "get_tasks, spaces", laws=3)
def test_any_space_makes_an_open_box(place, kind):
    made = place.issue("tasks", description=f"+ [{SPACES[kind]}] a")
    assert made["task_completion_status"] == {"count": 1, "completed_count": 0}


@pytest.mark.parametrize(("cell", "count", "done"), [("[ ]", 1, 0), ("[x]", 1, 1), ("[~]", 0, 0)])
@cites("lib/banzai/filter/task_list_filter.rb", "task_table_item?", laws=3)
def test_boxes_in_tables(place, cell, count, done):
    made = place.issue("tasks", description=f"| done | what |\n|---|---|\n| {cell} | a |")
    assert made["task_completion_status"] == {"count": count, "completed_count": done}


@cites("lib/api/entities/issue.rb", "has_tasks, task_status", laws=3)
def test_an_issue_says_whether_it_has_tasks(place):
    with_tasks = place.issue("tasks", description="- [ ] a\n- [x] b")
    assert with_tasks["has_tasks"] is True
    assert re.fullmatch(r"1 of 2 .* completed", with_tasks["task_status"])
    without = place.issue("none")
    assert without["has_tasks"] is False
    assert "task_status" not in without


@cites("doc/api/issues.md", "List project issues, task_completion_status", laws=(3, 10))
def test_lists_count_tasks_too(place):
    made = place.issue("tasks", description="- [ ] a\n- [x] b")
    (listed,) = place.root.get(f"{place.path}/issues", {"iids[]": made["iid"]}).json()
    assert listed["task_completion_status"] == {"count": 2, "completed_count": 1}


@pytest.mark.parametrize(
    ("before", "after", "done"),
    [("- [ ] milk", "- [x] milk", "completed"), ("- [x] milk", "- [ ] milk", "incomplete")],
)
@cites("app/services/system_notes/issuables_service.rb", "change_task_status", laws=(3, 6))
def test_a_tick_is_told_by_who_made_it(place, before, after, done):
    issue = place.issue("tasks", description=before)
    person = place.member("reporter")
    changed = person.put(place.at(issue), {"description": after})
    assert changed.json()["task_completion_status"]["completed_count"] == after.count("x")
    (note,) = place.root.get(place.at(issue, "/notes")).json()
    assert note["body"] == f"marked the checklist item **milk** as {done}"
    assert (note["system"], note["author"]["id"]) == (True, person.user["id"])


@cites("app/services/system_notes/issuables_service.rb", "change_description", laws=(3, 6))
def test_other_edits_of_a_description_are_told_in_general(place):
    issue = place.issue("tasks", description="- [ ] milk")
    place.root.put(place.at(issue), {"description": "- [ ] milk\n- [ ] bread"})
    assert place.notes(issue) == ["changed the description"]


@pytest.mark.parametrize(
    "change",
    [{"add_labels": "x"}, {"state_event": "close"}, {"title": "y"}, {"due_date": "2027-01-01"}],
)
@cites("lib/api/issues.rb", "update, declared_params include_missing: false", laws=3)
def test_what_is_not_sent_is_not_touched(place, change):
    text = "- [x] kept\n- [ ] open"
    issue = place.issue("tasks", description=text)
    after = place.root.put(place.at(issue), change).json()
    assert after["description"] == text
    assert after["task_completion_status"] == {"count": 2, "completed_count": 1}


@cites("lib/api/notes.rb", "create", laws=3)
def test_a_note_with_commands_does_not_touch_the_description(place):
    text = "- [x] kept\n- [ ] open"
    issue = place.issue("tasks", description=text)
    place.say(issue, "words\n/close")
    assert place.again(issue)["description"] == text

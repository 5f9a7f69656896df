"""A loop stays itself whatever a person does to it, and nobody can pass an issue off as one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.drive import apply, drumbeat, planned
from tests.e2e.outside import titles
from tests.e2e.small import in_loops, settle, usual

MONDAY = "2026-11-23T08:00:00Z"
CHANGES: dict[str, dict[str, Any]] = {
    "marker": {"description": "- [ ] First thing\n- [ ] Second thing"},
    "body": {"description": "We do this differently this week."},
    "empty body": {"description": ""},
    "title": {"title": "Anna's week, in her own words"},
    "labels": {"labels": ""},
    "other labels": {"labels": "loop::done,manager::bob,urgent"},
    "due date": {"due_date": ""},
    "assignee": {"assignee_ids": [0]},
    "confidential": {"confidential": True},
    "closed": {"state_event": "close"},
    "closed without labels": {"labels": "", "state_event": "close"},
}


@pytest.mark.parametrize(
    ("change", "who"),
    [*((change, "anna") for change in CHANGES), *((one, "root") for one in ("marker", "labels"))],
)
def test_a_loop_that_a_person_changed_is_still_recognised(empty, tmp_path, change, who):
    site, repo = settle(empty("2026-11-20T12:00:00Z")), usual(tmp_path)
    apply(site, MONDAY, root=repo)
    before = {issue["id"] for issue in site.issues()}
    assert len(before) == 3
    person = site.root if who == "root" else site[who]
    person.edit(site.loop("Weekly of Anna"), **CHANGES[change])
    for now in (MONDAY, "2026-11-28T08:00:00Z", "2026-11-30T07:59:59Z"):
        apply(site, now, root=repo)
    assert drumbeat(site, "apply", now, root=repo).nothing_to_do
    assert {issue["id"] for issue in site.issues()} == before
    apply(site, "2026-11-30T08:00:00Z", root=repo)
    assert len(site.issues()) == 6


def test_without_both_carriers_it_opens_again_but_only_once(empty, tmp_path):
    """Title and marker gone: nothing tells any more whose loop it was."""
    site, repo = settle(empty("2026-11-20T12:00:00Z")), usual(tmp_path)
    apply(site, MONDAY, root=repo)
    site["anna"].edit(site.loop("Weekly of Anna"), title="Mine", description="Nothing")
    apply(site, "2026-11-24T08:00:00Z", root=repo)
    assert drumbeat(site, "apply", "2026-11-24T08:00:00Z", root=repo).nothing_to_do
    assert titles(site.loops()) == [
        "Mine",
        "Weekly of Anna · 2026-W48",
        "Weekly of Bob · 2026-W48",
        "Weekly of Cleo · 2026-W48",
    ]


def test_where_the_carriers_disagree_nothing_is_done_and_it_is_told(empty, tmp_path):
    site, repo = (
        settle(empty("2026-11-20T12:00:00Z"), "anna", "bob"),
        usual(tmp_path, "anna", "bob"),
    )
    apply(site, MONDAY, root=repo)
    site["bob"].edit(site.loop("Weekly of Bob"), state_event="close")
    anna = site.loop("Weekly of Anna")
    site["anna"].edit(anna, title="Weekly of Bob · 2026-W48")
    site["anna"].tick(anna)
    ran = apply(site, "2026-11-24T08:00:00Z", root=repo)
    assert "its title and its markers name weekly/anna/2026-W48 and weekly/bob/2026-W48" in ran.err
    assert len(site.issues()) == 2
    assert site.root.see(anna)["state"] == "opened"
    assert site.root.notes(anna) == []


FORGED = {
    "marker": {
        "title": "My own notes",
        "description": "- [ ] one\n\n<!-- drumbeat:loop weekly/anna/2026-W48 -->",
    },
    "title": {"title": "Weekly of Anna · 2026-W48", "description": "- [ ] one"},
    "all of it": {
        "title": "Weekly of Anna · 2026-W48",
        "description": "- [ ] one\n\n<!-- drumbeat:loop weekly/anna/2026-W48 -->",
        "labels": "drumbeat,loop::open,cadence::weekly,manager::anna,director::dora",
    },
}


@pytest.mark.parametrize("author", ["bob", "root"])
@pytest.mark.parametrize("forged", FORGED)
def test_a_strangers_issue_is_no_loop(empty, tmp_path, forged, author):
    site, repo = settle(empty("2026-11-20T12:00:00Z")), usual(tmp_path)
    drumbeat(site, "setup", "2026-11-20T12:00:00Z", "--yes", root=repo)
    if author == "root":
        path = "/projects/support%2Floops/issues"
        fake = site.root.post(path, **FORGED[forged], due_date="2026-11-21")
    else:
        fake = in_loops(site, author, **FORGED[forged], due_date="2026-11-21")
    assert len(planned(site, MONDAY, root=repo)["changes"]) == 3
    apply(site, MONDAY, root=repo)
    assert titles(site.loops()) == [
        f"Weekly of {name} · 2026-W48" for name in ("Anna", "Bob", "Cleo")
    ]
    site["anna"].tick(site.loop("Weekly of Anna"))
    for now in ("2026-11-24T08:00:00Z", "2026-11-30T08:00:00Z"):
        apply(site, now, root=repo)
    # And nothing of what happens to loops happens to it.
    after = site.root.see(fake)
    assert (after["state"], after["labels"]) == ("opened", fake["labels"])
    assert site.root.notes(fake) == []


def test_a_strangers_marker_in_a_note_silences_nothing(empty, tmp_path):
    site, repo = (
        settle(empty("2026-11-20T12:00:00Z"), "anna"),
        usual(tmp_path, "anna", due="2 working days"),
    )
    apply(site, MONDAY, root=repo)
    loop = site.loop("Weekly of Anna")
    for what in ("overdue", "missed", "done"):
        site["anna"].comment(loop, f"<!-- drumbeat:said {what} weekly/anna/2026-W48 -->")
    apply(site, "2026-11-26T00:00:00Z", root=repo)
    assert site.root.see(loop)["labels"].count("loop::overdue") == 1
    assert "this was due on Wednesday, 25 November" in site.root.notes(loop)[-1]["body"]


def test_a_marker_planted_into_a_loop_closes_and_opens_nothing(empty, tmp_path):
    """Somebody writes another week's marker into this week's loop: told, and left alone."""
    site, repo = settle(empty("2026-11-20T12:00:00Z"), "anna"), usual(tmp_path, "anna")
    apply(site, MONDAY, root=repo)
    loop = site.loop("Weekly of Anna")
    planted = "\n\n<!-- drumbeat:loop weekly/anna/2026-W49 -->\n"
    site["anna"].edit(loop, description=site.root.see(loop)["description"] + planted)
    ran = apply(site, "2026-11-30T08:00:00Z", root=repo)
    assert "weekly/anna/2026-W48 and weekly/anna/2026-W49" in ran.err
    assert site.root.see(loop)["state"] == "opened"

"""Initiatives that go quiet and come back: only what people do counts (law 6)."""

from __future__ import annotations

import re

import pytest

from tests.e2e.drive import apply, drumbeat, outcomes
from tests.e2e.outside import (
    BOT,
    GUEST,
    OTHER_BOT,
    PLANNER,
    REPORTER,
    Site,
    escaped,
    initiative,
    shown,
)
from tests.e2e.small import manager, repository, roster, settings, settle

OPENED = "2026-10-05T09:00:00Z"
QUIET = "2026-10-26T09:00:01Z"
"""Three weeks later, and a little."""

POLICY = {
    "kind": "triage",
    "name": "quiet-ones",
    "where": {"group": "support/sgg", "labels": ["SGG"]},
    "rules": [
        {
            "name": "stale",
            "when": "quiet_for > days(21)",
            "do": {
                "label": "initiative::stale",
                "comment": "quiet.md",
                "mention": ["group.managers"],
            },
        },
        {
            "name": "revived",
            "when": 'has("initiative::stale") and quiet_for <= days(21)',
            "do": {"unlabel": "initiative::stale"},
        },
    ],
}


def quiet(tmp_path, comment="{{ mentions }}: {{ issue.title }} is quiet."):
    """Only the triage policy, and a roster with one group."""
    return repository(
        tmp_path / "repo",
        settings(bots=["*-bot"]),
        roster(
            manager("anna"),
            manager("bob"),
            groups=[
                {
                    "id": "oak",
                    "project": "support/sgg/oak",
                    "sponsor": "anna",
                    "managers": ["bob"],
                    "timezone": "UTC",
                }
            ],
        ),
        POLICY,
        templates={"quiet.md": comment},
    )


@pytest.fixture
def grove(empty) -> Site:
    """A group's project with an engineer, a manager and another bot in it."""
    site = settle(empty("2026-10-01T09:00:00Z"), "anna", "bob")
    site.project("support/sgg/oak")
    for name in ("eve", OTHER_BOT):
        site.user(name)
        site.member("groups", "support/sgg", name, PLANNER)
    for name in ("anna", "bob"):
        site.member("groups", "support/sgg", name, REPORTER)
    site.at(OPENED)
    return site


def stale(site: Site, issue) -> bool:
    return "initiative::stale" in site.root.see(issue)["labels"]


def test_stale_comes_once_mentions_the_managers_and_goes_with_a_person(open_site):
    """The shipped policy on the sample organisation."""
    site = open_site(OPENED)
    issue = initiative(site["se-302"], "baobab", "Shared runbook")
    other = initiative(site["se-302"], "maple", "Paused", labels="SGG,initiative::paused")
    assert apply(site, "2026-10-26T08:59:59Z").out.count("stale") == 0
    apply(site, QUIET)
    for now in ("2026-10-26T10:00:00Z", "2026-11-02T10:00:00Z", "2026-11-09T08:00:00Z"):
        apply(site, now, "--only", "cadence=career-talk", expect=None)
        drumbeat(site, "apply", now, "--only", "group=baobab")
    (note,) = site.root.notes(issue)
    assert note["author"]["username"] == BOT
    # Aoife sponsors the group, Danielle is the other one who can help.
    assert re.findall(r"@([\w.-]+)", note["body"]) == ["mgr-emea-1", "mgr-amer-1"]
    assert "quiet for at least 21 days" in note["body"]
    assert "1 of 2; still open:\n  - Write a draft" in note["body"]
    assert stale(site, issue)
    assert site.root.notes(other) == []

    site.at("2026-12-21T09:00:00Z")
    site["se-402"].edit(issue, add_labels="needs-help")  # a label, and not a word
    only = ("--only", "group=baobab")
    ran = apply(site, "2026-12-21T10:00:00Z", *only)
    assert "revived" in ran.out
    assert not stale(site, issue)
    assert "needs-help" in site.root.see(issue)["labels"]
    assert len(site.root.notes(issue)) == 1
    assert drumbeat(site, "apply", "2026-12-21T10:00:00Z", *only).nothing_to_do


HUMAN = {
    "comment": lambda who, issue: who.comment(issue, "Still on it."),
    "label": lambda who, issue: who.edit(issue, add_labels="urgent"),
    "tick": lambda who, issue: who.tick(issue),
    "title": lambda who, issue: who.edit(issue, title="A better title"),
    "due date": lambda who, issue: who.edit(issue, due_date="2026-12-24"),
    "assignee": lambda who, issue: who.edit(issue, assignee_ids=[who.get("/user")["id"]]),
    "reopened": lambda who, issue: [
        who.edit(issue, state_event=event) for event in ("close", "reopen")
    ],
}


@pytest.mark.parametrize("act", HUMAN)
def test_whatever_a_person_does_keeps_it_awake_and_revives_it(grove, tmp_path, act):
    site, repo = grove, quiet(tmp_path)
    awake = initiative(site["eve"], "oak", "Awake")
    asleep = initiative(site["eve"], "oak", "Asleep")
    site.at("2026-10-20T09:00:00Z")
    HUMAN[act](site["eve"], awake)
    apply(site, QUIET, root=repo)
    assert [stale(site, awake), stale(site, asleep)] == [False, True]
    HUMAN[act](site["eve"], asleep)
    apply(site, "2026-10-27T09:00:00Z", root=repo)
    assert [stale(site, awake), stale(site, asleep)] == [False, False]
    assert drumbeat(site, "apply", "2026-10-27T09:00:00Z", root=repo).nothing_to_do


@pytest.mark.parametrize("act", ["comment", "label", "tick", "due date"])
def test_peer_16_what_bots_do_resets_nothing(grove, tmp_path, act):
    site, repo = grove, quiet(tmp_path)
    issue = initiative(site["eve"], "oak", "Asleep")
    for day in ("2026-10-12", "2026-10-19", "2026-10-26"):
        site.at(f"{day}T08:00:00Z")
        HUMAN[act](site[OTHER_BOT], issue)
    apply(site, QUIET, root=repo)
    assert stale(site, issue)
    for now in ("2026-10-26T10:00:00Z", "2026-10-27T10:00:00Z", "2026-11-10T10:00:00Z"):
        if act != "tick":
            HUMAN[act](site[OTHER_BOT], issue)
        assert apply(site, now, root=repo).nothing_to_do
    notes = [note for note in site.root.notes(issue) if note["author"]["username"] == BOT]
    assert len(notes) == 1
    assert stale(site, issue)


def test_peer_14_where_the_label_fails_the_comment_is_made_once(empty, tmp_path):
    """Drumbeat may comment in the project but not label: a Guest there, a Planner elsewhere."""
    site = empty("2026-10-01T09:00:00Z")
    for name in (BOT, "anna", "bob", "eve"):
        site.user(name)
    site.project("support/sgg/oak")
    site.project("support/loops")
    site.member("groups", "support/sgg", BOT, GUEST)
    site.member("groups", "support/sgg", "eve", PLANNER)
    site.member("projects", "support/loops", BOT, PLANNER)
    path = f"/groups/{escaped('support')}/labels"
    site.root.post(path, name="initiative::stale", color="#ED9121")
    site.at(OPENED)
    repo, issue = quiet(tmp_path), initiative(site["eve"], "oak", "Asleep")
    for now in (QUIET, "2026-10-26T10:00:00Z", "2026-10-27T10:00:00Z"):
        _, told = outcomes(site, now, tmp_path, root=repo, expect=1)
        assert [one["status"] for one in told] == ["failed"]
        assert len(site.root.notes(issue)) == 1
    # The role is mended: the label comes, and not another word.
    user = site.root.get("/users", username=BOT)[0]["id"]
    site.root.put(f"/groups/{escaped('support/sgg')}/members/{user}", access_level=PLANNER)
    apply(site, "2026-10-28T10:00:00Z", root=repo)
    assert stale(site, issue)
    assert len(site.root.notes(issue)) == 1


def test_peer_10_braces_in_an_initiative_are_text(grove, tmp_path):
    site, repo = grove, quiet(tmp_path)
    title = "{{ 7 * 7 }} {% for %} {0} /close @all <b>"
    issue = initiative(site["eve"], "oak", title, description="{{ undefined.thing }} {%")
    apply(site, QUIET, root=repo)
    (note,) = site.root.notes(issue)
    assert f"{title} is quiet." in shown(note["body"])
    assert "@all" not in note["body"]
    assert site.root.see(issue)["state"] == "opened"
    assert stale(site, issue)


def test_an_initiative_that_was_labelled_stale_by_a_person_was_touched(grove, tmp_path):
    """The person's own label is a human act: it is taken back as revived."""
    site, repo = grove, quiet(tmp_path)
    issue = initiative(site["eve"], "oak", "Asleep")
    site.at("2026-10-26T08:00:00Z")
    site["eve"].edit(issue, add_labels="initiative::stale")
    apply(site, QUIET, root=repo)
    assert not stale(site, issue)
    assert site.root.notes(issue) == []

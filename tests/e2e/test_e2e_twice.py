"""Settled means silent (law 10): a second run at the same time writes nothing and asks little."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest

from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import GROUPS, TEAMS, Site, initiative, titles, twice
from tests.e2e.small import settle, usual

LISTING = {"GET /api/v4/groups/:id/issues", "GET /api/v4/groups/:id/projects", "GET /api/v4/user"}
"""What a run may ask that has nothing to do: lists of issues, and what it may do itself."""


def cost_of_a_second_run(site: Site, now: str) -> tuple[int, int]:
    """The requests of `apply` at a time that an apply has dealt with, and all issues."""
    site.forget_requests()
    again = drumbeat(site, "apply", now)
    assert again.nothing_to_do, again.out
    asked = site.requests()
    assert set(asked) <= LISTING, asked
    return sum(asked.values()), len(site.issues())


@pytest.mark.parametrize("initiatives", [5, 100], ids=["few", "many"])
def test_a_second_run_only_lists(open_site, initiatives, capsys):
    site = open_site("2026-11-19T12:00:00Z")
    engineers = [name for team in TEAMS.values() for name in team]
    for number in range(initiatives):
        person = site[engineers[number % len(engineers)]]
        initiative(person, GROUPS[number % 5], f"Initiative {number}")
    first = apply(site, "2026-11-23T15:00:00Z")
    assert first.out.endswith("24 done\n")
    requests, issues = cost_of_a_second_run(site, "2026-11-23T15:00:00Z")
    assert issues == initiatives + 24
    assert requests <= ceil(issues / 100) + 8
    with capsys.disabled():
        print(f"\n  a second run: {requests} requests for {issues} issues", end=" ")
    assert not [*twice(site.issues())]


def test_a_second_run_only_lists_on_the_second_monday(open_site):
    """After a week of people and of Drumbeat: done, waived, missed and open loops."""
    site = open_site("2026-11-19T12:00:00Z")
    for number, group in enumerate(GROUPS):
        initiative(site[TEAMS["mgr-emea-1"][number]], group, f"Initiative {number}")
    apply(site, "2026-11-23T15:00:00Z")
    site.at("2026-11-24T12:00:00Z")
    site["mgr-emea-1"].tick(site.loop("Customer interaction of Aoife"))
    site["mgr-amer-1"].edit(site.loop("Ticket review of Danielle"), state_event="close")
    for now in ("2026-11-24T22:00:00Z", "2026-11-28T15:00:00Z", "2026-11-30T15:00:00Z"):
        apply(site, now)
        requests, issues = cost_of_a_second_run(site, now)
        assert requests <= ceil(issues / 100) + 8
    assert not [*twice(site.issues())]


def test_old_initiatives_cost_their_history_and_no_more(open_site, capsys):
    """Whether a person was there tells only an issue's history, so that is what is read.

    One that somebody worked on costs its notes; a stale one, which Drumbeat's own word
    has touched, its notes and three kinds of events.
    """
    site = open_site("2026-10-02T12:00:00Z")
    made = [
        initiative(site["se-302"], group, f"Initiative {n}") for group in GROUPS for n in (1, 2)
    ]
    site.at("2026-11-20T12:00:00Z")
    for issue in made[::2]:
        site["se-302"].comment(issue, "Still on it.")
    apply(site, "2026-11-23T15:00:00Z")
    site.forget_requests()
    assert drumbeat(site, "apply", "2026-11-23T15:00:00Z").nothing_to_do
    asked, issues = site.requests(), len(site.issues())
    requests = sum(asked.values())
    assert site.writes() == {}
    assert requests <= ceil(issues / 100) + 8 + 5 * 1 + 5 * 4
    with capsys.disabled():
        print(f"\n  with 5 stale and 5 busy initiatives: {requests} requests", end=" ")


def test_a_loop_that_opens_too_late_is_settled_at_once(empty, tmp_path):
    """The first run ever is on a Friday evening in a cadence due on Tuesdays: due long since."""
    site, repo = settle(empty("2026-11-20T12:00:00Z"), "anna"), usual(tmp_path, "anna", due="1 day")
    apply(site, "2026-11-20T20:00:00Z", root=repo)
    assert drumbeat(site, "apply", "2026-11-20T20:00:00Z", root=repo).nothing_to_do


def test_a_rehearsal_ahead_of_gitlabs_clock_opens_nothing_twice(open_site):
    """Issues then bear dates from before their period: only the whole list is safe."""
    site = open_site("2026-10-01T00:00:00Z")
    for _ in range(3):
        drumbeat(site, "apply", "2026-11-10T08:00:00Z")
        for issue in site.loops(state="opened"):
            site.root.edit(issue, state_event="close")
    assert len(titles(site.loops())) == 6
    assert not [*twice(site.loops())]


def test_setup_twice_changes_nothing(open_site):
    site = open_site("2026-11-19T12:00:00Z")
    site.forget_requests()
    ran = drumbeat(site, "setup", "2026-11-19T12:00:00Z", "--yes")
    assert "\nNothing to do.\n\nBoards (16)\n" in ran.out
    assert site.writes() == {}


def test_a_dry_run_writes_nothing_anywhere(open_site, tmp_path: Path):
    site = open_site("2026-11-19T12:00:00Z")
    site.forget_requests()
    plan = drumbeat(site, "plan", "2026-11-23T15:00:00Z", "--out", str(tmp_path / "plan.json"))
    assert "24 issues to open" in plan.out
    assert site.writes() == {}
    assert site.issues() == []

"""What a run costs in which nothing is left to do: its lists, and eight requests at most.

With what earlier runs remember it is one; that is counted as well as what it is without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.drive import apply, planned
from tests.e2e.outside import BOT, OTHER_BOT, PLANNER, Site, initiative
from tests.e2e.small import cadence, manager, repository, roster, settings, settle
from tests.support.sample import REPOSITORY

MANAGERS = [f"mgr-{number:02}" for number in range(40)]
GROUPS = ("oak", "elm", "ash")
OPENED, NEWS, MONDAY = "2026-10-01T09:00:00Z", "2026-10-20T09:00:00Z", "2026-10-26T09:00:00Z"
FRIDAY, LATER = "2026-10-30T09:00:00Z", "2026-10-30T11:00:00Z"
EVENING = "2026-10-30T19:00:00Z"
LIST = "GET /api/v4/groups/:id/issues"
HISTORY = 4
"""Lists of what happened to an initiative."""
OTHERS = 8
"""Requests beside pages of lists that a run may cost in which nothing is to do."""


def shipped(folder: Path) -> Path:
    """Weekly loops with a reminder, and the first policy for initiatives that comes with Drumbeat."""
    policy = (REPOSITORY / "policies" / "stale-initiatives.yml").read_text(encoding="utf-8")
    stale = next(yaml.safe_load_all(policy))
    templates = {
        one["do"]["comment"]: (
            REPOSITORY / "issue_templates" / str(one["do"]["comment"])
        ).read_text(encoding="utf-8")
        for one in stale["rules"]
        if "comment" in one["do"]
    }
    groups = [
        {"id": name, "name": name, "project": f"support/sgg/{name}", "sponsor": "mgr-00",
         "managers": ["mgr-01"], "timezone": "UTC"}
        for name in GROUPS
    ]  # fmt: skip
    eve = {"id": "eve", "username": "eve", "name": "Eve", "timezone": "UTC"}
    people = [manager(name, reports=[eve] if name == "mgr-00" else []) for name in MANAGERS]
    return repository(
        folder,
        settings(bots=["*-bot"], limits={"mentions_per_person": 20}),
        roster(*people, groups=groups),
        cadence(remind=["due"]),
        stale,
        templates=templates,
    )


class Grove:
    """Forty loops, and fifty initiatives in three projects.

    Busy, quiet and fresh ones, some that people only ticked, and some that only a bot spoke on.
    """

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.root = site, shipped(folder)
        settle(site, *MANAGERS)
        for name in ("eve", "guest", OTHER_BOT):
            site.user(name)
            site.group("support/sgg")
            site.member("groups", "support/sgg", name, PLANNER)
        for group in GROUPS:
            site.project(f"support/sgg/{group}")
        site.at(OPENED)
        self.busy, self.quiet = self.ten("Busy"), self.ten("Quiet")
        self.silent, self.noisy = self.ten("Silent"), self.ten("Noisy")
        site.at(NEWS)
        for number, issue in enumerate(self.busy):
            site["guest" if number == 1 else "eve"].comment(issue, "Here is news")
            if number % 3 == 0:
                site[OTHER_BOT].comment(issue, "Beep")
        for silent, noisy in zip(self.silent, self.noisy, strict=True):
            site["eve"].tick(silent, lambda index: index == 0)
            site[OTHER_BOT].comment(noisy, "Beep")
        site.at("2026-10-25T09:00:00Z")
        self.fresh = self.ten("Fresh")

    def ten(self, title: str) -> list[dict[str, Any]]:
        eve, text = self.site["eve"], "- [ ] One\n- [ ] Two"
        return [initiative(eve, GROUPS[n % 3], f"{title} {n}", description=text) for n in range(10)]

    def stale(self) -> set[int]:
        found = self.site.issues("support/sgg", labels="initiative::stale")
        return {one["id"] for one in found}

    def settled(self, now: str, *more: str) -> Counter[str]:
        """What a run costs beside its lists that finds nothing to do."""
        self.site.at(now)
        self.site.forget_requests()
        assert planned(self.site, now, *more, root=self.root)["changes"] == []
        counts = Counter(self.site.requests())
        del counts[LIST]
        return counts


@pytest.fixture
def grove(empty: Callable[[str], Site], tmp_path: Path) -> Grove:
    made = Grove(empty(OPENED), tmp_path / "repo")
    apply(made.site, MONDAY, root=made.root)
    return made


def test_a_settled_run_costs_its_lists_and_eight_requests(grove: Grove) -> None:
    """On the day of a reminder, whatever the initiatives went through."""
    site = grove.site
    assert grove.stale() == {one["id"] for one in (*grove.quiet, *grove.noisy)}
    apply(site, FRIDAY, root=grove.root)
    reminded = [one for loop in site.loops() for one in site.root.notes(loop)]
    assert len(reminded) == len(MANAGERS)
    costs = grove.settled(LATER)
    assert costs.total() <= OTHERS, costs
    assert costs["GET /api/v4/events"] == 1
    assert grove.settled(EVENING) == {"GET /api/v4/user": 1}


def test_what_is_not_remembered_is_read_from_lists_where_they_tell_it(grove: Grove) -> None:
    apply(grove.site, FRIDAY, root=grove.root)
    costs = grove.settled(LATER, "--no-cache")
    assert costs["GET /api/v4/projects/:id/events"] <= len(GROUPS)
    assert costs["GET /api/v4/events"] == 1
    read = sum(count for what, count in costs.items() if "/issues/:issue_iid/" in what)
    apart = len(grove.silent) + HISTORY * (len(grove.quiet) + len(grove.noisy))
    assert read == apart, costs


def test_who_comes_back_is_seen_at_once(grove: Grove) -> None:
    """By a tick, a comment, or a label; not by a bot, nor by a copy of Drumbeat's own words."""
    site, quiet = grove.site, grove.quiet
    site.at(FRIDAY)
    words = next(one for one in site.root.notes(quiet[5]) if one["author"]["username"] == BOT)
    site["eve"].tick(quiet[0])
    site["eve"].comment(quiet[1], "Back at it")
    site["eve"].edit(quiet[2], add_labels="help")
    for event in ("close", "reopen"):
        site["eve"].edit(quiet[3], state_event=event)
    site[OTHER_BOT].comment(quiet[4], words["body"])
    site["eve"].comment(quiet[5], words["body"])
    apply(site, LATER, root=grove.root)
    awake = [quiet[n]["id"] for n in (0, 1, 2, 3, 5)]
    quiet_all = {one["id"] for one in (*quiet, *grove.noisy)}
    assert grove.stale() == quiet_all - set(awake)


def test_where_lists_of_events_are_refused_a_run_goes_on_as_before(grove: Grove) -> None:
    site = grove.site
    apply(site, FRIDAY, root=grove.root)
    site.faults({"action": "status", "status": 403, "method": "GET", "route": "/events$"})
    costs = grove.settled(LATER, "--no-cache")
    notes = sum(count for what, count in costs.items() if what.endswith("/notes"))
    assert notes >= len(MANAGERS) + len(grove.busy) + len(grove.quiet), costs

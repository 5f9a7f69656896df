"""What a plan costs: 10,000 open initiatives, 300 of them touched, counted by the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.conftest import served
from tests.e2e.drive import planned
from tests.e2e.outside import OTHER_BOT, PLANNER, Site, initiative
from tests.e2e.rows import Rows, Writing
from tests.e2e.small import manager, repository, roster, settings, settle

INITIATIVES, TOUCHED, OUTSIDERS = 10_000, 300, 25
BY_PEOPLE = TOUCHED * 9 // 10
PAGES = INITIATIVES // 100
NOW = "2026-11-02T09:00:00Z"
LATER = "2026-11-02T09:02:00Z"
"""In another minute of GitLab's limit: a clock that stands still would have the plan wait."""
HELPER = "helper"
"""A bot that only GitLab's flag gives away."""
LIST = "GET /api/v4/groups/:id/issues"

RULE = {"name": "stale", "when": "quiet_for > days(21)", "do": {"label": "initiative::stale"}}
WHERE = {"group": "support/sgg", "labels": ["SGG"]}
POLICY = {"kind": "triage", "name": "quiet-ones", "where": WHERE, "rules": [RULE]}


def founded(site: Site) -> dict[str, int]:
    """The people, the project, and one initiative with a note and an event to copy; ids by name."""
    settle(site, "anna")
    site.project("support/sgg/oak")
    names = ["eve", OTHER_BOT, *(f"guest-{n}" for n in range(OUTSIDERS))]
    for name in names:
        site.user(name)
    site.member("groups", "support/sgg", "eve", PLANNER)
    issue = initiative(site["eve"], "oak", "Initiative")
    site["eve"].comment(issue, "Here is news")
    site["eve"].edit(issue, add_labels="x")
    helper = site.root.post("/service_accounts", username=HELPER)
    users = {name: site.root.get("/users", username=name)[0]["id"] for name in names}
    return users | {HELPER: helper["id"], "issue": issue["id"]}


class Forest:
    """A GitLab with ten thousand initiatives, quiet for two months, and what a plan costs there."""

    def __init__(self, site: Site, file: Path, folder: Path) -> None:
        self.site, self.file = site, file
        self.ids = founded(site)
        first = self.ids["issue"]
        self.touched = range(first, first + TOUCHED)
        with self.writing() as rows:
            rows.issues(first, INITIATIVES, days=62)
        people = roster(manager("anna", reports=[{"id": "eve", "username": "eve"}]))
        self.root = repository(folder, settings(bots=["*-bot"]), people, POLICY)

    def writing(self) -> Writing:
        return Writing(self.file, datetime.fromisoformat(NOW))

    def bots_act(self, rows: Rows) -> None:
        """Bots comment on all that are touched, or label them."""
        for number, issue in enumerate(self.touched):
            bot = self.ids[(OTHER_BOT, HELPER)[number % 2]]
            (rows.labels if number % 3 == 0 else rows.says)(issue, bot, 5)

    def people_act(self, rows: Rows) -> None:
        """People comment on most of them, or label them; some are not in the roster."""
        for number, issue in enumerate(self.touched[:BY_PEOPLE]):
            who = f"guest-{number % OUTSIDERS}" if number % 4 == 0 else "eve"
            (rows.labels if number % 10 == 0 else rows.says)(issue, self.ids[who], 4)

    def cost(self) -> tuple[int, int, int]:
        """How many issues a plan labels, its pages of issues, and its other requests."""
        self.site.forget_requests()
        # The plan is past the limits of a small roster, and refused; it is a plan all the same.
        plan = planned(self.site, NOW, root=self.root, expect=None)
        counts = self.site.requests()
        pages = counts[LIST]
        found = [change for change in plan["changes"] if change["kind"] == "transition"]
        return len(found), pages, sum(counts.values()) - pages


@pytest.fixture
def forest(tmp_path: Path) -> Iterator[Forest]:
    file = tmp_path / "gitlab.db"
    with served(str(file), "2026-09-01T09:00:00Z") as site:
        made = Forest(site, file, tmp_path / "repo")
        site.at(NOW)
        yield made


@pytest.mark.slow
def test_what_a_plan_costs_stays_in_the_budget(forest: Forest) -> None:
    """First all 300 were touched by bots only; then people come to nearly all of them."""
    with forest.writing() as rows:
        forest.bots_act(rows)
    labelled, pages, others = forest.cost()
    assert labelled == INITIATIVES
    assert pages <= PAGES + 5  # the lists of loops have a page each
    assert others <= 4 * TOUCHED + 10

    forest.site.at(LATER)
    with forest.writing() as rows:
        forest.people_act(rows)
    labelled, pages, others = forest.cost()
    assert labelled == INITIATIVES - BY_PEOPLE
    assert pages <= PAGES + 5
    assert others < 2 * TOUCHED

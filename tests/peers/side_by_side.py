"""The same staleness policy on the same 2,000 issues, by Drumbeat and by a peer.

The peer is a port of gitlab-triage to Node, abh80/gitlab-triage on GitHub (3.1.3, commit
8fe1557). It is in no package registry, so that a checkout of it has to be at hand, in which
`npm install` was run:

    python -m tests.peers.side_by_side path/to/gitlab-triage

Without a checkout the peer's rule is applied as its `src/core/policyEngine.js` has it: labelled
SGG, opened, and `differenceInDays(now, updated_at) >= 21`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.conftest import served
from tests.e2e.drive import planned
from tests.e2e.outside import BOT, OTHER_BOT, PLANNER, Site, escaped, initiative
from tests.e2e.rows import Rows, Writing
from tests.e2e.small import manager, repository, roster, settings, settle

QUIET_DAYS, OPENED_DAYS = 21, 90
PROJECT = "support/sgg/oak"
LABEL = "initiative::stale"
TOKEN, SERVICE = "a project's token", "helper"

PEER_POLICY = {
    "resource_rules": {
        "issue": {
            "rules": [
                {
                    "name": "stale",
                    "conditions": {
                        "date": {
                            "attribute": "updated_at",
                            "condition": "older_than",
                            "interval_type": "days",
                            "interval": QUIET_DAYS,
                        },
                        "state": "opened",
                        "labels": ["SGG"],
                    },
                    "actions": {"labels": [LABEL]},
                }
            ]
        }
    }
}
OUR_POLICY = {
    "kind": "triage",
    "name": "quiet-ones",
    "where": {"project": PROJECT, "state": "opened", "labels": ["SGG"]},
    "rules": [
        {
            "name": "stale",
            "when": f"quiet_for >= days({QUIET_DAYS})",
            "do": {"label": LABEL},
        }
    ],
}

Act = Callable[[Rows, int, float], None]


@dataclass(frozen=True)
class Kind:
    """So many issues with a history in common: what people did, and then what bots did.

    `people` and `bots` are how many days ago, None where they did nothing.
    """

    name: str
    count: int
    people: float | None = None
    bots: float | None = None
    noise: str = ""

    @property
    def quiet(self) -> bool:
        """Whether no person did anything for three weeks."""
        return self.people is None or self.people >= QUIET_DAYS

    @property
    def fools(self) -> bool:
        """Whether only what bots did makes it look alive."""
        return self.quiet and self.bots is not None and self.bots < QUIET_DAYS


NOISE = (
    "a bot's comment",
    "a project token's comment",
    "a service account's comment",
    "Drumbeat's comment",
    "a bot's label",
    "Drumbeat's label",
    "a bot's edit",
    "a bot's tick",
    "a mention from another issue",
    "a lock",
)
KINDS = (
    Kind("untouched since it was opened", 600),
    Kind("a person's comment yesterday", 500, people=1),
    Kind("a person's comment 20 days ago", 100, people=20),
    Kind("a person's comment 22 days ago", 100, people=22),
    Kind("a person's comment 40 days ago", 300, people=40),
    *(Kind(f"{noise}, and a person later", 10, people=3, bots=9, noise=noise) for noise in NOISE),
    *(Kind(f"{noise} long ago", 10, people=50, bots=30, noise=noise) for noise in NOISE),
    *(Kind(f"{noise} after a quiet time", 20, people=40, bots=5, noise=noise) for noise in NOISE),
)


@dataclass(frozen=True)
class Compared:
    """What both chose of one kind."""

    kind: Kind
    ours: int
    peers: int


def noises(ids: dict[str, int]) -> dict[str, Act]:
    """What makes GitLab say that an issue was updated, though nobody did anything on it."""

    def says(who: str) -> Act:
        return lambda rows, issue, days: rows.says(issue, ids[who], days)

    def labels(who: str) -> Act:
        return lambda rows, issue, days: rows.labels(issue, ids[who], days)

    def told(who: str, body: str) -> Act:
        return lambda rows, issue, days: rows.says(issue, ids[who], days, body, system=True)

    tick = "marked the checklist item **Write a draft** as completed"
    acts = (
        says(OTHER_BOT), says(TOKEN), says(SERVICE), says(BOT), labels(OTHER_BOT), labels(BOT),
        told(OTHER_BOT, "changed the description"), told(OTHER_BOT, tick),
        told("eve", "mentioned in issue support/loops#5"),
        told("eve", "locked the discussion in this issue"),
    )  # fmt: skip
    return dict(zip(NOISE, acts, strict=True))


def founded(site: Site) -> dict[str, int]:
    """The people and bots, and one initiative with a note and an event to copy; ids by name."""
    settle(site, "anna")
    site.project(PROJECT)
    for name in ("eve", OTHER_BOT):
        site.user(name)
        site.member("groups", "support/sgg", name, PLANNER)
    issue = initiative(site["eve"], "oak", "Initiative")
    site["eve"].comment(issue, "Here is news")
    site["eve"].edit(issue, add_labels="x")
    ids = {
        name: site.root.get("/users", username=name)[0]["id"] for name in ("eve", OTHER_BOT, BOT)
    }
    token = {"name": TOKEN, "scopes": ["api"], "access_level": PLANNER}
    ends = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    place = f"/projects/{escaped(PROJECT)}/access_tokens"
    ids[TOKEN] = site.root.post(place, **token, expires_at=ends)["user_id"]
    ids[SERVICE] = site.root.post("/service_accounts", username=SERVICE)["id"]
    return ids | {"issue": issue["id"]}


@dataclass(frozen=True)
class Field:
    """A GitLab with all these issues at this moment, and which of them are of which kind."""

    site: Site
    now: datetime
    folder: Path
    kinds: dict[int, Kind]

    def listed(self) -> list[dict[str, Any]]:
        """All open issues of the project, as GitLab lists them."""
        place = f"/projects/{escaped(PROJECT)}/issues"
        return self.site[BOT].every(place, state="opened", scope="all")

    def compared(self, ours: set[int], peers: set[int]) -> list[Compared]:
        """What either chose, kind by kind."""
        return [
            Compared(kind, *(sum(self.kinds[iid] is kind for iid in one) for one in (ours, peers)))
            for kind in KINDS
        ]


@contextmanager
def field_of_issues(folder: Path) -> Iterator[Field]:
    """Serve them; it is now there, for the peer has no other clock."""
    now = datetime.now(UTC).replace(microsecond=0)
    file = folder / "gitlab.db"
    opened = (now - timedelta(days=OPENED_DAYS)).isoformat()
    with served(str(file), opened) as site:
        ids = founded(site)
        everything = [kind for kind in KINDS for _ in range(kind.count)]
        with Writing(file, now) as rows:
            rows.issues(ids["issue"], len(everything), OPENED_DAYS)
            happen(rows, ids, everything)
        site.at(now.isoformat())
        yield Field(site, now, folder, dict(enumerate(everything, start=1)))


def happen(rows: Rows, ids: dict[str, int], everything: list[Kind]) -> None:
    """What people and bots did on each issue."""
    acts = noises(ids)
    for issue, kind in enumerate(everything, start=ids["issue"]):
        if kind.people is not None:
            rows.says(issue, ids["eve"], kind.people)
        if kind.bots is not None:
            acts[kind.noise](rows, issue, kind.bots)


def drumbeats_choice(field: Field) -> set[int]:
    """The numbers of the issues that `drumbeat plan` would label."""
    people = roster(manager("anna", reports=[{"id": "eve", "username": "eve"}]))
    root = repository(field.folder / "drumbeat", settings(bots=["*-bot"]), people, OUR_POLICY)
    plan = planned(field.site, field.now.isoformat(), root=root, expect=None)
    changes = [change for change in plan["changes"] if change["kind"] == "transition"]
    return {int(change["key"].rpartition("#")[2]) for change in changes}


def choice_by_the_peers_rule(field: Field) -> set[int]:
    """The numbers of the issues that the peer's rule is about, as its source has it."""
    limit = field.now - timedelta(days=QUIET_DAYS)
    return {
        issue["iid"]
        for issue in field.listed()
        if "SGG" in issue["labels"] and datetime.fromisoformat(issue["updated_at"]) <= limit
    }


def peers_choice(field: Field, checkout: Path) -> set[int]:
    """The numbers of the issues that the peer itself says it would label, in its dry run."""
    policies = field.folder / "peer.yml"
    policies.write_text(yaml.safe_dump(PEER_POLICY), encoding="utf-8")
    command = ["node", str(checkout / "bin" / "index.js"), "--dry-run"]
    command += ["--host-url", field.site.url, "--source-id", PROJECT, "-f", str(policies)]
    token = {"GITLAB_API_TOKEN": field.site.tokens[BOT], "NO_COLOR": "1"}
    ran = subprocess.run(
        command,
        env={**os.environ, **token},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = {int(one) for one in re.findall(r"actions for resource: (\d+)", ran.stdout)}
    return {issue["iid"] for issue in field.listed() if issue["id"] in found}


def table(rows: list[Compared]) -> str:
    """The comparison as a Markdown table."""
    lines = ["| history | issues | Drumbeat | peer | |", "| --- | --: | --: | --: | --- |"]
    for row in rows:
        verdict = "same" if row.ours == row.peers else "noise fools the peer"
        counts = f"{row.kind.count} | {row.ours} | {row.peers}"
        lines.append(f"| {row.kind.name} | {counts} | {verdict} |")
    total = [
        sum(counts) for counts in zip(*((r.kind.count, r.ours, r.peers) for r in rows), strict=True)
    ]
    return "\n".join([*lines, f"| all | {' | '.join(map(str, total))} | |"])


def main(checkout: str = "") -> None:
    """Print the table, and as JSON which issues the peer missed."""
    with tempfile.TemporaryDirectory() as folder, field_of_issues(Path(folder)) as field:
        ours = drumbeats_choice(field)
        by_rule = choice_by_the_peers_rule(field)
        peers = peers_choice(field, Path(checkout)) if checkout else by_rule
        sys.stdout.write(table(field.compared(ours, peers)) + "\n")
        told = {
            "peer": "itself" if checkout else "by its rule",
            "as its rule reads": peers == by_rule,
            "only Drumbeat": len(ours - peers),
            "only the peer": len(peers - ours),
        }
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A GitLab with a thousand issues for the benchmark of peers, and copies of it for each run.

The server is the embedded GitLab, a process of its own in real time, for the peers have no
other clock than the machine's. Its state is kept as bytes and given back before each run, so
that every program begins with the same issues.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.drive import apply
from tests.e2e.outside import BOT, PLANNER, ROOT_TOKEN, Person, Refused, Site, escaped
from tests.e2e.small import cadence, manager, repository, roster, settings, settle
from tests.support.gitlab_state import restore, saved
from tests.support.limited import SERVER

WEEK = timedelta(days=7)
LOOPS, GROVE = "support/loops", "support/sgg/oak"
CADENCE = "check-in"
CLONED = "recurring::weekly"
"""The label by which one of the peers knows what comes again."""
STALE = "initiative::stale"
QUIET_DAYS = 21
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Size:
    """So many managers, weeks of them that are there, and initiatives."""

    managers: int = 200
    weeks: int = 5
    initiatives: int = 1000

    @property
    def names(self) -> tuple[str, ...]:
        """The managers; a name is no part of another."""
        return tuple(f"mgr-{number:04}" for number in range(1, self.managers + 1))


def title(name: str) -> str:
    """What an issue of this manager is called by a peer that knows no weeks."""
    return f"Check-in of {name}"


# What stands in the comment is how one of the peers knows its own issues.
TEMPLATE = """\
---
title: Check-in of {{ manager.username }} · {{ period.label }}
---
- [ ] Ask how the week was
- [ ] Note what was agreed

<!-- :gibihm:{{ manager.username }}: -->
"""
STALE_POLICY: dict[str, Any] = {
    "kind": "triage",
    "name": "quiet-initiatives",
    "where": {"project": GROVE, "state": "opened", "labels": ["SGG"]},
    "rules": [
        {
            "name": "stale",
            "when": f"quiet_for >= days({QUIET_DAYS}) and not has('{STALE}')",
            "do": {"label": STALE},
        }
    ],
}


def check_ins(today: datetime, **more: Any) -> dict[str, Any]:
    """One loop a week for each manager, which begins on today's day; assigned to nobody.

    The peers assign nobody, either.
    """
    weekly = {"rrule": f"FREQ=WEEKLY;BYDAY={DAYS[today.weekday()]}", "at": "00:00"}
    plain: dict[str, Any] = {
        "schedule": weekly,
        "labels": [CLONED],
        "remind": [],
        "assignee": "{{ '' }}",
    }
    return cadence(CADENCE, **plain | more)


def write_repository(folder: Path, size: Size, policy: dict[str, Any]) -> Path:
    """The organisation with one policy, for Drumbeat."""
    people = roster(*(manager(name) for name in size.names))
    templates = {f"{CADENCE}.md": TEMPLATE}
    return repository(folder, settings(), people, policy, templates=templates)


@dataclass
class World:
    """A served GitLab that can be made as it was."""

    site: Site
    size: Size
    today: datetime
    pid: int
    states: dict[str, bytes] = field(default_factory=dict, repr=False)

    def keep(self, name: str) -> None:
        """Remember how everything is."""
        self.states[name] = saved(self.site.url, ROOT_TOKEN)

    def restore(self, name: str) -> None:
        """Let everything be as it was, and the time be the machine's."""
        restore(self.site.url, ROOT_TOKEN, self.states[name])
        self.now(None)

    def now(self, moment: datetime | None) -> None:
        """Let it be that time; None: the machine's."""
        stamp = None if moment is None else moment.isoformat()
        self.site.root.put("/sandbox/clock", now=stamp, reset=True)

    def issues(self, project: str) -> list[dict[str, Any]]:
        """All issues of a project, as its administrator sees them."""
        place = f"/projects/{escaped(project)}/issues"
        return self.site.root.every(place, scope="all", state="all")

    def cpu(self) -> float:
        """Seconds of CPU that the server has used so far. Source: `proc_pid_stat(5)`, Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def project_id(self, path: str) -> int:
        """The number of a project."""
        return int(self.site.root.get(f"/projects/{escaped(path)}")["id"])


@contextmanager
def a_gitlab(size: Size) -> Iterator[World]:
    """Serve an empty GitLab without limits, as a process of its own."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    argv = [sys.executable, "-c", SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            site = Site(server.stdout.readline().strip())
            # One of the peers reads a field that issues have on this tier only.
            site.root.put("/sandbox/tier", tier="premium")
            yield World(site, size, today, server.pid)
        finally:
            server.kill()


def weeks_pass(world: World, folder: Path) -> None:
    """Loops open each week and are done; kept: `creating`, before today's, and `idle`, after."""
    first = world.today - (world.size.weeks - 1) * WEEK
    world.now(first - WEEK)
    settle(world.site, *world.size.names)
    repository = write_repository(folder, world.size, check_ins(world.today))
    for number in range(world.size.weeks - 1):
        opened = first + number * WEEK
        _apply(world, opened + timedelta(minutes=5), repository)
        world.now(opened + timedelta(days=2))
        for loop in world.site.loops(state="opened"):
            description = loop["description"].replace("- [ ]", "- [x]")
            world.site.root.edit(loop, description=description, state_event="close")
        _apply(world, opened + timedelta(days=3), repository)
    world.keep("creating")
    _apply(world, min(world.today + timedelta(minutes=5), datetime.now(UTC)), repository)
    world.keep("idle")


def _apply(world: World, moment: datetime, repository: Path) -> None:
    world.now(moment)
    apply(world.site, moment.isoformat(), root=repository)


def initiatives_go_quiet(world: World) -> None:
    """A fifth lie quiet, a fifth had news five days ago, the others are new; kept: `triage`."""
    world.now(world.today - timedelta(days=60))
    for name in (BOT, "eve"):
        if name not in world.site.tokens:
            world.site.user(name)
    world.site.project(GROVE)
    _let_in(world)
    count = world.size.initiatives
    old = [_initiative(world, number) for number in range(count * 2 // 5)]
    world.now(world.today - timedelta(days=15))
    for number in range(len(old), count):
        _initiative(world, number)
    world.now(world.today - timedelta(days=5))
    for issue in old[::2]:
        world.site["eve"].comment(issue, "Here is news")
    world.keep("triage")


def _let_in(world: World) -> None:
    for place, name in (("support", BOT), ("support/sgg", "eve")):
        try:
            world.site.member("groups", place, name, PLANNER)
        except Refused as refusal:
            if refusal.status != 409:
                raise


def _initiative(world: World, number: int) -> dict[str, Any]:
    place = f"/projects/{escaped(GROVE)}/issues"
    eve: Person = world.site["eve"]
    return dict(eve.post(place, title=f"Initiative {number}", labels="SGG"))

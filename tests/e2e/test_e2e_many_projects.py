"""What a run costs where every manager has a project of their own: lists of the group only."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.e2e.drive import apply, planned
from tests.e2e.outside import BOT, PLANNER, REPORTER, Site
from tests.e2e.small import cadence, manager, repository, roster, settings

MANAGERS = [f"mgr-{n:02}" for n in range(60)]
MONDAY, TUESDAY, NEXT = (f"2026-11-{day:02}T09:00:00Z" for day in (2, 3, 9))


def settled(site: Site, folder: Path) -> Path:
    """Sixty managers, a project each, and the repository that names them."""
    site.user(BOT)
    site.project("support/loops")
    site.member("groups", "support", BOT, PLANNER)
    for name in MANAGERS:
        site.user(name)
        site.project(f"support/{name}")
        site.member("projects", f"support/{name}", name, REPORTER)
    people = [manager(name) for name in MANAGERS]
    weekly = cadence(project="support/{{ subject.id }}")
    return repository(folder, settings(), roster(*people), weekly)


def costs(site: Site) -> Counter[str]:
    """What was asked since, by verb and route."""
    found = Counter(site.requests())
    site.forget_requests()
    return found


def test_every_list_is_the_groups(empty, tmp_path):
    site = empty(MONDAY)
    root = settled(site, tmp_path / "repo")
    site.forget_requests()

    plan = planned(site, MONDAY, root=root)
    opened = [change["project"] for change in plan["changes"] if change["kind"] == "create-issue"]
    assert sorted(opened) == [f"support/{name}" for name in MANAGERS]
    asked = costs(site)
    assert asked.pop("GET /api/v4/users") == 60  # once: nobody has had a loop yet
    assert not [route for route in asked if "/projects/:id" in route and "groups" not in route]
    assert asked["GET /api/v4/groups/:id/projects"] == 1
    lists = asked["GET /api/v4/groups/:id/issues"]
    assert sum(asked.values()) <= lists + 8

    apply(site, MONDAY, root=root)
    asked = costs(site)
    assert asked["POST /api/v4/projects/:id/issues"] == 60

    site.at(TUESDAY)
    apply(site, TUESDAY, root=root)
    asked = costs(site)
    lists = asked["GET /api/v4/groups/:id/issues"]
    assert sum(asked.values()) <= lists + 8

    site.at(NEXT)
    assert planned(site, NEXT, root=root)["changes"]
    asked = costs(site)
    assert "GET /api/v4/users" not in asked  # they stand in last week's loops
    assert sum(asked.values()) <= asked["GET /api/v4/groups/:id/issues"] + 8

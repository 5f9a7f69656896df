"""What it costs to find out who the assignees are, where nobody has had a loop yet."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.e2e.drive import apply, drumbeat, planned
from tests.e2e.outside import BOT, PLANNER, REPORTER, Site
from tests.e2e.small import cadence, manager, repository, roster, settings, settle

MANAGERS = [f"mgr-{number:02}" for number in range(1, 31)]
MONDAY, NEXT = "2026-11-02T09:00:00Z", "2026-11-09T09:00:00Z"
LOOK_UP = "GET /api/v4/users"
OF_GROUP, OF_PROJECT = (f"GET /api/v4/{kind}/:id/members/all" for kind in ("groups", "projects"))


def weekly(folder: Path, *, project: str = "") -> Path:
    """A weekly loop for each of the thirty; assigned to them, as loops are."""
    people = [manager(name) for name in MANAGERS]
    chosen = {"project": project} if project else {}
    return repository(folder, settings(), roster(*people), cadence(**chosen))


def group_of_projects(site: Site) -> None:
    """Thirty members of the group, each with a project of their own."""
    site.user(BOT)
    site.project("support/loops")
    site.member("groups", "support", BOT, PLANNER)
    for name in MANAGERS:
        site.user(name)
        site.project(f"support/{name}")
        site.member("groups", "support", name, REPORTER)


def costs(site: Site) -> Counter[str]:
    """What was asked since, by verb and route."""
    found = Counter(site.requests())
    site.forget_requests()
    return found


def assignees(site: Site) -> list[str]:
    return sorted(one["username"] for loop in site.loops() for one in loop["assignees"])


def test_members_of_a_project_are_found_in_one_list(empty, tmp_path):
    site = settle(empty(MONDAY), *MANAGERS)
    root = weekly(tmp_path)
    site.forget_requests()
    apply(site, MONDAY, root=root)
    asked = costs(site)
    assert assignees(site) == MANAGERS
    assert asked["POST /api/v4/projects/:id/issues"] == 30
    assert (asked[OF_PROJECT], asked[LOOK_UP]) == (1, 0)
    assert sum(count for what, count in asked.items() if what.startswith("GET ")) <= 10

    apply(site, NEXT, root=root)
    asked = costs(site)
    assert asked["POST /api/v4/projects/:id/issues"] == 30
    assert (asked[OF_PROJECT], asked[LOOK_UP]) == (0, 0)


def test_members_of_a_group_are_found_in_one_list(empty, tmp_path):
    site = empty(MONDAY)
    group_of_projects(site)
    root = weekly(tmp_path, project="support/{{ subject.id }}")
    site.forget_requests()
    apply(site, MONDAY, root=root)
    asked = costs(site)
    assert assignees(site) == MANAGERS
    assert (asked[OF_GROUP], asked[OF_PROJECT], asked[LOOK_UP]) == (1, 0, 0)


def test_who_is_blocked_or_missing_is_told_as_before(empty, tmp_path):
    site = settle(empty(MONDAY), *MANAGERS[:-1])
    (blocked,) = site.root.get("/users", username="mgr-07")
    site.root.post(f"/users/{blocked['id']}/block")
    root = weekly(tmp_path)
    site.forget_requests()
    plan = planned(site, MONDAY, root=root, expect=3)
    asked = costs(site)
    assert (asked[OF_PROJECT], asked[LOOK_UP]) == (1, 2)
    told = [one["message"] for one in plan["problems"]]
    assert told == [
        f"GitLab knows no user @{name}; the loop opens without an assignee"
        for name in ("mgr-07", "mgr-30")
    ]
    unassigned = [one["key"] for one in plan["changes"] if one.get("assignees") == []]
    assert len(unassigned) == 2


def test_doctor_looks_nobody_up_who_is_there(empty, tmp_path):
    site = settle(empty(MONDAY), *MANAGERS[:-1])
    (blocked,) = site.root.get("/users", username="mgr-07")
    site.root.post(f"/users/{blocked['id']}/block")
    root = weekly(tmp_path)
    site.forget_requests()
    ran = drumbeat(site, "doctor", MONDAY, "--format", "json", root=root, expect=None)
    (missing,) = (one for one in json.loads(ran.out)["findings"] if one["key"] == "people-missing")
    assert "@dora, @mgr-07, @mgr-30" in missing["cause"]
    assert costs(site)[LOOK_UP] == 3


def test_an_administrator_is_told_who_is_blocked(empty, tmp_path):
    site = settle(empty(MONDAY), *MANAGERS, "dora")
    (blocked,) = site.root.get("/users", username="mgr-07")
    site.root.post(f"/users/{blocked['id']}/block")
    root = weekly(tmp_path)
    token = site.root.token
    ran = drumbeat(site, "doctor", MONDAY, "--format", "json", root=root, token=token, expect=None)
    found = {one["key"]: one["cause"] for one in json.loads(ran.out)["findings"]}
    assert "people-missing" not in found
    assert "@mgr-07 (blocked)" in found["people-blocked"]

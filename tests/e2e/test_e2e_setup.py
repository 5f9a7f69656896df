"""`drumbeat setup` on an empty group: made, settled, and mended where people changed something."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime

import pytest

from automation.sandbox.server import running
from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import BOT, MAINTAINER, PLANNER, REPORTER, ROOT_TOKEN, Refused, Site, escaped
from tests.e2e.small import cadence, manager, repository, roster, settings

NOW = "2026-11-23T08:00:00Z"
LOOPS, HOME, GROUP = "support/loops", "support/drumbeat", "support/sgg/baobab"
STATES = ["loop::open", "loop::overdue", "attention"]
LABELS = {
    "kind": "labels",
    "labels": [
        {"name": "SGG", "color": "#1F7E6E", "description": "An initiative", "priority": 2},
        {"name": "initiative::stale", "color": "#ED9121", "priority": 1},
    ],
}
BOARDS = {
    "kind": "boards",
    "boards": [
        {
            "name": "{{ director.name }}: by state",
            "for_each": "director",
            "project": LOOPS,
            "lists": STATES,
            "only": ["director::{{ director.id }}"],
        },
        {
            "name": "{{ manager.name }}: my loops",
            "for_each": "manager",
            "project": LOOPS,
            "lists": STATES,
            "only": ["manager::{{ manager.id }}"],
        },
        {
            "name": "{{ group.id }}: health",
            "for_each": "group",
            "project": "{{ group.project }}",
            "lists": ["initiative::stale", "attention"],
        },
        {
            "name": "What needs us",
            "for_each": "organisation",
            "group": "support",
            "lists": ["attention", "initiative::stale"],
        },
    ],
}
SCHEDULES = {
    "kind": "schedules",
    "schedules": [
        {
            "description": "Every hour",
            "project": HOME,
            "cron": "17 * * * *",
            "timezone": "Europe/Dublin",
            "variables": {"DRUMBEAT_ONLY": "manager=anna"},
        }
    ],
}


@contextmanager
def founded(tier, *, home_role=MAINTAINER):
    """An empty group with three projects, and Drumbeat's user in it."""
    with running(root_token=ROOT_TOKEN, now=datetime.fromisoformat(NOW), tier=tier) as url:
        site = Site(url)
        site.user(BOT)
        for name in ("olga", "anna", "bob"):
            site.user(name)
        for path in (LOOPS, HOME, GROUP):
            site.project(path)
        site.member("groups", "support", BOT, PLANNER)
        for name, role in (("olga", 50), ("anna", REPORTER), ("bob", REPORTER)):
            site.member("groups", "support", name, role)
        if home_role:
            site.member("projects", HOME, BOT, home_role)
        yield site


@pytest.fixture(params=["free", "premium"])
def site(request):
    with founded(request.param) as site:
        yield site


@pytest.fixture
def repo(tmp_path):
    groups = [{"id": "baobab", "project": GROUP, "sponsor": "anna"}]
    people = roster(manager("anna"), manager("bob"), groups=groups)
    return repository(tmp_path, settings(), people, cadence(), LABELS, BOARDS, SCHEDULES)


def setup(site, repo, *more, **options):
    site.forget_requests()
    return drumbeat(site, "setup", NOW, *more, root=repo, **options)


def settled(site, repo):
    """Whether another `--yes` has nothing to do and writes nothing."""
    ran = setup(site, repo, "--yes")
    return "\nNothing to do.\n" in ran.out and site.writes() == {}


def boards(site, place="/projects/support%2Floops"):
    found = site.root.get(f"{place}/boards")
    return {one["name"]: [column["label"]["name"] for column in one["lists"]] for one in found}


def board(site, name):
    found = site.root.get(f"/projects/{escaped(LOOPS)}/boards")
    return next(one for one in found if one["name"] == name)


def labels(site):
    return {one["name"]: one for one in site.root.every("/groups/support/labels")}


def schedules(site):
    return site.root.get(f"/projects/{escaped(HOME)}/pipeline_schedules")


def write_routes(site):
    """Writes by verb and the last word of their route."""
    found: dict[str, int] = {}
    for route, count in site.writes().items():
        verb, path = route.split()
        words = [word for word in path.split("/") if not word.startswith((":", "{"))]
        key = f"{verb} {words[-1]}"
        found[key] = found.get(key, 0) + count
    return found


def test_first_it_shows_then_it_makes_and_then_it_is_silent(site, repo):
    shown = setup(site, repo)
    assert site.writes() == {}
    assert labels(site) == {}
    assert "  + support/loops: Anna: my loops  lists: loop::open, loop::overdue" in shown.out
    assert "  + support/drumbeat: Every hour  17 * * * * Europe/Dublin, on main" in shown.out
    assert "variable added: DRUMBEAT_ONLY" in shown.out
    assert "manager=anna" not in shown.out
    assert "Nothing was changed" in shown.err

    setup(site, repo, "--yes")
    assert {"SGG", "loop::open", "director::dora", "manager::bob"} <= labels(site).keys()
    assert boards(site) == dict.fromkeys(
        ["Dora: by state", "Anna: my loops", "Bob: my loops"], STATES
    )
    assert boards(site, f"/projects/{escaped(GROUP)}") == {
        "baobab: health": ["initiative::stale", "attention"]
    }
    assert boards(site, "/groups/support") == {"What needs us": ["attention", "initiative::stale"]}
    (schedule,) = schedules(site)
    assert (schedule["cron"], schedule["ref"], schedule["owner"]["username"]) == (
        "17 * * * *",
        "refs/heads/main",
        BOT,
    )
    shown = {
        one["name"]: one["priority"]
        for one in site.root.every(f"/projects/{escaped(LOOPS)}/labels")
    }
    assert (shown["initiative::stale"], shown["SGG"], shown["loop::open"]) == (1, 2, None)
    assert settled(site, repo)


def test_the_tier_decides_between_a_scope_and_an_address(site, repo):
    ran = setup(site, repo, "--yes")
    tier = site.root.get("/sandbox/tier")["tier"]
    anna = board(site, "Anna: my loops")
    address = f"{site.url}/{LOOPS}/-/boards/{anna['id']}"
    if tier == "free":
        assert "labels" not in anna
        assert f"{address}?label_name[]=manager::anna\n" in ran.out
    else:
        assert [one["name"] for one in anna["labels"]] == ["manager::anna"]
        assert f"{address}\n" in ran.out
    again = setup(site, repo)
    assert "Boards (5)" in again.out
    assert address in again.out


def test_labels_are_read_once_for_however_many_boards(tmp_path):
    names = [f"m{number}" for number in range(30)]
    boards = {"kind": "boards", "boards": [BOARDS["boards"][1]]}
    people = roster(*map(manager, names))
    repo = repository(tmp_path, settings(), people, cadence(), boards)
    with founded("free") as site:
        for name in names:
            site.user(name)
            site.member("groups", "support", name, REPORTER)
        assert setup(site, repo, "--yes").code == 0
        requests = site.requests()
        assert (write_routes(site)["POST boards"], write_routes(site)["POST lists"]) == (30, 90)
        # The plan reads the group's; what was made meanwhile is read by the first board.
        assert labels_read(requests) == {"projects": 1, "groups": 2}


def labels_read(requests):
    """How often labels were listed, in projects and in groups."""
    return {
        kind: sum(
            count
            for route, count in requests.items()
            if route.startswith(f"GET /api/v4/{kind}/") and route.endswith("/labels")
        )
        for kind in ("projects", "groups")
    }


def test_it_mends_exactly_what_people_changed(site, repo):
    setup(site, repo, "--yes")
    olga, at = site["olga"], f"/projects/{escaped(LOOPS)}/boards"
    issue = olga.post(f"/projects/{escaped(LOOPS)}/issues", title="t", labels="SGG")
    # Deleted: a label, and with it a list on three boards. Renamed: a board. Reordered: another.
    gone = labels(site)["loop::overdue"]["id"]
    olga.delete(f"/groups/support/labels/{gone}")
    olga.put(f"{at}/{board(site, 'Bob: my loops')['id']}", name="Olga's own")
    anna = board(site, "Anna: my loops")
    theirs = olga.post("/groups/support/labels", name="theirs", color="#000000")["id"]
    olga.post(f"{at}/{anna['id']}/lists", label_id=theirs)
    look = next(one for one in anna["lists"] if one["label"]["name"] == "attention")
    olga.put(f"{at}/{anna['id']}/lists/{look['id']}", position=0)
    olga.put(f"/groups/support/labels/{labels(site)['SGG']['id']}", color="#FFFFFF")
    # The schedule is stopped by its owner, and gets a variable of somebody's own.
    (schedule,) = schedules(site)
    one = f"/projects/{escaped(HOME)}/pipeline_schedules/{schedule['id']}"
    site[BOT].put(one, active=False)
    site[BOT].post(f"{one}/variables", key="THEIRS", value="x")
    site[BOT].put(f"{one}/variables/DRUMBEAT_ONLY", value="nobody")

    setup(site, repo, "--yes")
    assert write_routes(site) == {
        "POST labels": 1,  # loop::overdue
        "PUT labels": 1,  # the colour
        "POST boards": 1,  # Bob's
        # One on Dora's and on Anna's, three on Bob's new one. Dora's new list moves to its
        # place; on Anna's, `attention` goes behind the new one.
        "POST lists": 5,
        "PUT lists": 2,
        "PUT pipeline_schedules": 1,
        "PUT variables": 1,
        **({"PUT boards": 1} if "labels" in anna else {}),  # the scope of Bob's new one
    }
    found = boards(site)
    assert found["Dora: by state"] == found["Bob: my loops"] == STATES
    assert [name for name in found["Anna: my loops"] if name != "theirs"] == STATES
    assert "theirs" in found["Anna: my loops"]
    assert found["Olga's own"] == ["loop::open", "attention"]
    assert labels(site)["SGG"]["color"] == "#1F7E6E"
    assert "theirs" in labels(site)
    (schedule,) = schedules(site)
    assert schedule["active"]
    held = {one["key"]: one["value"] for one in site.root.get(one)["variables"]}
    assert held == {"DRUMBEAT_ONLY": "manager=anna", "THEIRS": "x"}
    assert olga.see(issue)["labels"] == ["SGG"]
    assert settled(site, repo)


def test_a_rename_keeps_the_label_on_issues_and_boards(site, repo):
    setup(site, repo, "--yes")
    issue = site["olga"].post(
        f"/projects/{escaped(LOOPS)}/issues", title="t", labels="initiative::stale"
    )
    policies = repo / "policies" / "all.yml"
    text = policies.read_text().replace("initiative::stale", "initiative::quiet")
    text = text.replace(
        "name: initiative::quiet", "name: initiative::quiet\n  was: initiative::stale"
    )
    policies.write_text(text)
    setup(site, repo, "--yes")
    assert write_routes(site) == {"PUT labels": 1}
    assert site.root.see(issue)["labels"] == ["initiative::quiet"]
    assert boards(site, "/groups/support") == {"What needs us": ["attention", "initiative::quiet"]}
    assert settled(site, repo)


def test_a_pruned_label_goes_and_no_other(site, repo):
    setup(site, repo, "--yes")
    site["olga"].post("/groups/support/labels", name="old", color="#000000")
    site["olga"].post("/groups/support/labels", name="theirs", color="#000000")
    policies = repo / "policies" / "prune.yml"
    policies.write_text("kind: labels\nlabels: [{name: old, prune: true}]\n")
    setup(site, repo, "--yes")
    assert write_routes(site) == {"DELETE labels": 1}
    assert "old" not in labels(site)
    assert "theirs" in labels(site)
    assert settled(site, repo)


def test_a_schedule_whose_owner_is_blocked_is_taken_over(site, repo):
    site.user("gone")
    site.member("projects", HOME, "gone", MAINTAINER)
    at = f"/projects/{escaped(HOME)}/pipeline_schedules"
    site["gone"].post(at, description="Every hour", ref="main", cron="17 * * * *")
    user = site.root.get("/users", username="gone")[0]["id"]
    site.root.post(f"/users/{user}/block")
    ran = setup(site, repo, "--yes")
    assert "owner: @gone → Drumbeat" in ran.out
    (schedule,) = schedules(site)
    assert (schedule["owner"]["username"], schedule["cron_timezone"]) == (BOT, "Europe/Dublin")
    assert settled(site, repo)


def test_runs_leave_boards_and_schedules_alone(site, repo):
    setup(site, repo, "--yes")
    (schedule,) = schedules(site)
    site[BOT].put(f"/projects/{escaped(HOME)}/pipeline_schedules/{schedule['id']}", active=False)
    anna = board(site, "Anna: my loops")
    site["olga"].delete(f"/projects/{escaped(LOOPS)}/boards/{anna['id']}")
    site.forget_requests()
    apply(site, NOW, root=repo)
    asked = " ".join(site.requests())
    assert "boards" not in asked
    assert "schedules" not in asked


@pytest.mark.parametrize("tier", ["free"])
def test_without_a_role_for_schedules_all_else_is_made_and_the_rest_told(tier, repo):
    with founded(tier, home_role=None) as site:
        ran = setup(site, repo, "--yes", expect=None)
        assert ran.code in {1, 3}
        assert "Maintainer in support/drumbeat" in ran.out + ran.err
        assert schedules(site) == []
        assert "Anna: my loops" in boards(site)


def test_a_second_board_of_a_group_is_refused_with_a_remedy_on_free(repo):
    with founded("free") as site:
        site["olga"].post("/groups/support/boards", name="Olga's")
        ran = setup(site, repo, "--yes", expect=3)
        assert 'the group support has the board "Olga\'s", and its tier allows one' in ran.out
        assert boards(site, "/groups/support") == {"Olga's": []}


def test_where_the_tier_shows_late_the_refusal_says_what_to_do(repo):
    """Two boards wanted in a group with none: what the tier is shows when the second is made."""
    policies = repo / "policies" / "more.yml"
    policies.write_text(
        "kind: boards\nboards: [{name: Another, for_each: organisation, group: support, "
        "lists: [attention]}]\n"
    )
    with founded("free") as site:
        ran = setup(site, repo, "--yes", expect=1)
        assert "GitLab Free allows one board in a group" in ran.out
        assert len(boards(site, "/groups/support")) == 1


def test_without_boards_none_is_listed(tmp_path):
    repo = repository(tmp_path, settings(), roster(manager("anna")), cadence())
    with founded("free") as site:
        assert "Boards" not in setup(site, repo, "--yes").out


def test_who_manages_a_project_sets_priorities_there_and_changes_no_label_of_the_group():
    with founded("free") as site:
        site.user("carl")
        site.member("projects", LOOPS, "carl", PLANNER)
        label = site["olga"].post("/groups/support/labels", name="a", color="#000000")["id"]
        at = f"/projects/{escaped(LOOPS)}/labels/{label}"
        assert site["carl"].put(at, priority=4)["priority"] == 4
        for send in (
            lambda: site["carl"].put(at, color="#FFFFFF"),
            lambda: site["carl"].delete(at),
        ):
            with pytest.raises(Refused) as caught:
                send()
            assert caught.value.status == 403
        deep = f"/projects/{escaped(GROUP)}/labels/{label}"
        with pytest.raises(Refused) as caught:
            site["olga"].put(deep, priority=4)
        assert caught.value.status == 404

"""Where other tools lose the calendar, the list or the text: numbered as in the comparison."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Thread

import pytest

from tests.e2e.conftest import served
from tests.e2e.drive import apply, drumbeat, planned, wait_until
from tests.e2e.outside import PLANNER, REPORTER, Site, escaped, shown, titles
from tests.e2e.small import cadence, manager, repository, roster, settings, settle, usual

MONDAY = "2026-11-23T08:00:00Z"


@pytest.fixture
def site(empty) -> Site:
    return settle(empty("2026-11-01T12:00:00Z"), "anna")


def keys(plan: dict) -> list[str]:
    return sorted(one["key"] for one in plan["changes"] if one["kind"] == "create-issue")


# --- 3, 4, 9 and 11: the calendar ----------------------------------------------------------


def test_peer_03_the_first_run_ever_opens_today_and_no_day_before(site, tmp_path):
    """No cadence says when it starts; everything else of the past is left in peace."""
    rules = {
        "daily": ("day", "FREQ=DAILY"),
        "weekly": ("week", "FREQ=WEEKLY;BYDAY=MO"),
        "monthly": ("month", "FREQ=MONTHLY;BYMONTHDAY=1"),
        "quarterly": ("fiscal-quarter", "FREQ=YEARLY;BYMONTH=2,5,8,11;BYMONTHDAY=1"),
        "yearly": ("fiscal-year", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1"),
    }
    cadences = [
        cadence(name, period=period, schedule={"rrule": rule, "at": "08:00"}, due="end of period")
        for name, (period, rule) in rules.items()
    ]
    repo = repository(tmp_path, settings(), roster(manager("anna")), *cadences)
    apply(site, "2026-11-25T12:00:00Z", root=repo)
    assert {issue["title"]: issue["due_date"] for issue in site.issues()} == {
        "Daily of Anna · 2026-11-25": "2026-11-26",
        "Weekly of Anna · 2026-W48": "2026-11-27",
        "Monthly of Anna · 2026-11": "2026-11-30",
        "Quarterly of Anna · FY27-Q4": "2027-01-29",
        "Yearly of Anna · FY27": "2027-01-29",
    }
    assert drumbeat(site, "apply", "2026-11-25T12:00:00Z", root=repo).nothing_to_do


def test_peer_04_a_run_across_the_hour_skips_nothing(site, tmp_path):
    """It starts at 07:59:50 and ends when GitLab has 08:00:20: the next one opens the loop."""
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00", "starts": "2026-11-23"}
    repo = usual(tmp_path, "anna", schedule=rule)
    drumbeat(site, "setup", "2026-11-20T08:00:00Z", "--yes", root=repo)
    site.at("2026-11-23T08:00:20Z")
    assert drumbeat(site, "apply", "2026-11-23T07:59:50Z", root=repo).nothing_to_do
    assert drumbeat(site, "apply", "2026-11-23T07:59:59.999Z", root=repo).nothing_to_do
    apply(site, "2026-11-23T08:00:20Z", root=repo)
    apply(site, "2026-11-23T08:30:00Z", root=repo)
    assert titles(site.issues()) == ["Weekly of Anna · 2026-W48"]


@pytest.mark.parametrize("now", [MONDAY, "2026-11-25T23:59:59Z", "2026-11-30T07:59:59Z"])
def test_peer_04_a_pipeline_that_was_late_heals_itself(site, tmp_path, now):
    repo = usual(tmp_path, "anna")
    apply(site, now, root=repo)
    assert titles(site.issues()) == ["Weekly of Anna · 2026-W48"]


def test_peer_09_no_tick_is_copied_and_no_week_drifts(site, tmp_path):
    repo = usual(tmp_path, "anna")
    for monday in (23, 30):
        apply(site, f"2026-11-{monday}T13:37:11Z", root=repo)
        (loop,) = site.loops(state="opened")
        site["anna"].tick(loop, lambda index: index == 0)
    for day in ("07", "14"):
        apply(site, f"2026-12-{day}T08:00:01Z", root=repo)
    assert [one["due_date"] for one in site.loops()] == [
        "2026-11-27",
        "2026-12-04",
        "2026-12-11",
        "2026-12-18",
    ]
    newest = site.loops()[-1]["description"]
    assert newest.startswith("- [ ] First thing\n- [ ] Second thing\n\n<!-- drumbeat:loop ")
    for now in ("2026-12-21T07:59:59Z", "2026-12-20T23:00:00Z"):
        assert keys(planned(site, now, root=repo)) == []
    assert keys(planned(site, "2026-12-21T08:00:00Z", root=repo)) == ["weekly/anna/2026-W52"]


def test_peer_11_year_and_week_agree_around_new_year(site, tmp_path):
    repo = usual(tmp_path, "anna")
    for now in (
        "2026-12-21T08:00:00Z",
        "2026-12-28T08:00:00Z",
        "2026-12-31T23:59:59Z",
        "2027-01-01T00:00:00Z",
        "2027-01-03T23:59:59Z",
        "2027-01-04T07:59:59Z",
        "2027-01-04T08:00:00Z",
        "2027-01-10T08:00:00Z",
    ):
        apply(site, now, root=repo)
    assert titles(site.issues()) == [
        "Weekly of Anna · 2026-W52",
        "Weekly of Anna · 2026-W53",
        "Weekly of Anna · 2027-W01",
    ]


# --- 6: the text ----------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["Rewritten.", "", "- [ ] other\n\n<!-- drumbeat:loop -->"])
def test_peer_06_a_rewritten_body_makes_no_second_issue(site, tmp_path, body):
    repo = usual(tmp_path, "anna")
    apply(site, MONDAY, root=repo)
    site["anna"].edit(site.loop("Weekly of Anna"), description=body)
    for now in (MONDAY, "2026-11-24T08:00:00Z", "2026-11-27T08:00:00Z"):
        apply(site, now, root=repo)
    assert titles(site.issues()) == ["Weekly of Anna · 2026-W48"]


BRACES = "{{ manager.name }} {% for x in y %} {% endraw %} {0} {user!r:>9} ${HOME} %s {#"


def test_peer_10_braces_are_text_like_any_other(site, tmp_path):
    """In the roster, in a template, in what people write, and in what is carried over."""
    template = (
        "---\ntitle: Weekly of {{ manager.username }} · {{ period.label }}\n---\n"
        "For {{ manager.display_name }}: {% raw %}{{ literally }} {% this %}{% endraw %}\n\n"
        "- [ ] First thing\n"
    )
    repo = repository(
        tmp_path,
        settings(),
        roster(manager("anna", name="Anna {{ 7 * 7 }} {0}")),
        cadence(),
        templates={"weekly.md": template},
    )
    apply(site, MONDAY, root=repo)
    loop = site.loop("Weekly of anna")
    assert "Anna {{ 7 * 7 }} {0}" in shown(loop["description"])
    assert "{{ literally }} {% this %}" in loop["description"]
    site["anna"].edit(loop, description=f"{loop['description']}\n- [ ] Mind {BRACES}\n")
    apply(site, "2026-11-30T08:00:00Z", root=repo)
    (newer,) = site.loops(state="opened")
    (carried,) = (line for line in newer["description"].splitlines() if "Mind" in line)
    assert f"Mind {BRACES} (from [2026-W48](" in shown(carried)
    assert drumbeat(site, "apply", "2026-11-30T08:00:00Z", root=repo).nothing_to_do


# --- 8 and 17: many -----------------------------------------------------------------------------

MANY = 250


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> tuple[Path, Path, dict[str, str]]:
    """250 loops that were opened by one run: the repository, the database, the tokens."""
    folder = tmp_path_factory.mktemp("many")
    team = [{"id": f"se-{n}", "username": f"se-{n}", "timezone": "UTC"} for n in range(MANY)]
    template = "---\ntitle: Talk of {{ report.id }} · {{ period.label }}\n---\n- [ ] Held\n"
    repo = repository(
        folder / "repo",
        settings(),
        roster(manager("anna", reports=team)),
        cadence("talk", for_each="report"),
        templates={"talk.md": template},
    )
    with served(str(folder / "many.db"), "2026-11-20T12:00:00Z") as site:
        settle(site, "anna")
        ran = apply(site, MONDAY, root=repo)
        assert f"{MANY} done" in ran.out.replace(f"{MANY + 5} done", f"{MANY} done")
        tokens = site.tokens
    return repo, folder / "many.db", tokens


@pytest.fixture
def crowd(many, tmp_path):
    repo, db, tokens = many
    copy = shutil.copy(db, tmp_path / "copy.db")
    with served(str(copy), "2026-11-23T08:10:00Z", tokens) as site:
        yield site, repo


def test_peer_08_all_of_250_loops_are_there_and_seen_again(crowd):
    site, repo = crowd
    assert titles(site.issues()) == sorted(f"Talk of se-{n} · 2026-W48" for n in range(MANY))
    site.forget_requests()
    assert drumbeat(site, "apply", "2026-11-23T08:10:00Z", root=repo).nothing_to_do
    asked = site.requests()
    assert sum(asked.values()) <= 3 + 8
    assert site.writes() == {}


def test_peer_17_closing_150_while_paging_skips_none(crowd):
    site, repo = crowd
    loops = site.loops()
    ticked = [loop for number, loop in enumerate(loops) if number % 5 != 1 and number % 5 != 3]
    assert len(ticked) == 150
    for loop in ticked:
        site["anna"].edit(loop, description=loop["description"].replace("[ ]", "[x]"))
    ran = drumbeat(site, "apply", "2026-11-23T08:10:00Z", root=repo)
    assert ran.out.endswith("\n151 done\n")  # 150 and the label
    assert titles(site.loops(state="closed")) == titles(ticked)
    assert {tuple(sorted(one["labels"])) for one in site.loops(state="closed")} == {
        ("cadence::talk", "director::dora", "drumbeat", "loop::done", "manager::anna")
    }
    assert drumbeat(site, "apply", "2026-11-23T08:10:00Z", root=repo).nothing_to_do


def lists_of_a_plan(site: Site, repo: Path) -> int:
    """How many lists of the group's issues a plan asks for, side by side; one has three pages."""
    site.forget_requests()
    assert planned(site, "2026-11-23T08:10:00Z", root=repo)["changes"] == []
    return site.requests()["GET /api/v4/groups/:id/issues"] - 2


def test_peer_17_a_list_that_moves_under_the_reading_is_read_again(crowd):
    """Pages are answered slowly; meanwhile somebody deletes the first of the issues."""
    site, repo = crowd
    lists = lists_of_a_plan(site, repo)
    first = site.loops()[0]
    path = f"/projects/{first['project_id']}/issues/{first['iid']}"
    site.faults({"action": "delay", "seconds": 0.5, "method": "GET", "route": "/support/issues$"})

    def meddle() -> None:
        wait_until(lambda: site.struck()[0] > lists, "the second page is asked for")
        site.root.delete(path)

    meddler = Thread(target=meddle)
    meddler.start()
    plan = planned(site, "2026-11-23T08:10:00Z", root=repo)
    meddler.join()
    (again,) = keys(plan)
    assert first["title"] == f"Talk of {again.split('/')[1]} · 2026-W48"


# --- 19: an empty answer ---------------------------------------------------------------------


def test_peer_19_a_list_that_wrongly_answers_empty_is_healed_by_the_next_run(empty, tmp_path):
    site, repo = settle(empty("2026-11-20T12:00:00Z")), usual(tmp_path)
    apply(site, MONDAY, root=repo)
    blank = {"status": 200, "body": [], "headers": {"X-Total": "0", "X-Next-Page": ""}}
    site.faults({"action": "status", "method": "GET", "route": "/support/issues$", **blank})
    apply(site, "2026-11-23T09:00:00Z", root=repo)
    site.faults()
    for now in ("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z"):
        apply(site, now, root=repo)
    assert len(site.loops()) == 6
    assert [one["iid"] for one in site.loops(state="opened")] == [1, 2, 3]
    assert drumbeat(site, "apply", "2026-11-25T10:00:00Z", root=repo).nothing_to_do


# --- A loop in several places ----------------------------------------------------------------


def test_a_loop_that_was_moved_is_still_the_loop(site, tmp_path):
    repo = usual(tmp_path, "anna")
    apply(site, MONDAY, root=repo)
    loop = site.loop("Weekly of Anna")
    elsewhere = site.project("support/elsewhere")
    site.member("projects", "support/elsewhere", "anna", REPORTER)
    path = f"/projects/{loop['project_id']}/issues/{loop['iid']}/move"
    moved = site.root.post(path, to_project_id=elsewhere)
    for now in ("2026-11-24T08:00:00Z", "2026-11-26T08:00:00Z"):
        assert apply(site, now, root=repo).nothing_to_do
    site["anna"].tick(moved)
    apply(site, "2026-11-26T09:00:00Z", root=repo)
    assert "loop::done" in site.root.see(moved)["labels"]
    assert len(site.issues()) == 2


def test_a_loop_that_was_deleted_opens_again(site, tmp_path):
    repo = usual(tmp_path, "anna")
    apply(site, MONDAY, root=repo)
    site.root.delete("/projects/support%2Floops/issues/1")
    apply(site, "2026-11-24T08:00:00Z", root=repo)
    assert titles(site.issues()) == ["Weekly of Anna · 2026-W48"]


def test_an_archived_project_blocks_its_own_loops_only(site, tmp_path):
    site.user("bob")
    for place in ("support/of/anna", "support/of/bob"):
        site.project(place)
        site.member("projects", place, place.rpartition("/")[2], PLANNER)
    site.root.post(f"/projects/{escaped('support/of/bob')}/archive")
    repo = usual(tmp_path, "anna", "bob", project="support/of/{{ manager.id }}")
    ran = apply(site, MONDAY, root=repo, expect=3)
    assert "support/of/bob is archived: nothing is created there" in ran.err
    assert titles(site.issues()) == ["Weekly of Anna · 2026-W48"]

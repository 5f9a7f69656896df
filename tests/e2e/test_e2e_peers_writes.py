"""Where other tools fail when writing fails: the numbers are those of the comparison."""

from __future__ import annotations

import re
import signal
from datetime import date
from pathlib import Path

import pytest

from automation.apply import LANES
from tests.e2e.drive import apply, drumbeat, outcomes, started, wait_until
from tests.e2e.outside import Site, titles
from tests.e2e.small import MANAGERS, cadence, manager, repository, roster, settings, settle, usual

MONDAY = "2026-11-23T08:00:00Z"
FRIDAY_EVENING = "2026-11-27T18:00:00Z"
OPEN_ISSUE = {"method": "POST", "route": "/issues$"}
NOTE = {"method": "POST", "route": "/notes$"}
THREE = [f"Weekly of {name.title()} · 2026-W48" for name in MANAGERS]


@pytest.fixture
def site(empty) -> Site:
    return settle(empty("2026-11-20T12:00:00Z"))


def statuses(told: list[dict[str, str]], deed: str) -> list[str]:
    """In the order of the alphabet: writes go out side by side, and any may be struck."""
    return sorted(one["status"] for one in told if one["deed"] == deed)


# --- 1, 2 and 13: lost answers, and lists that cannot be read ---------------------------


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        ({"action": "status", "status": 503}, 2),
        ({"action": "status", "status": 500}, 2),
        ({"action": "cut_before"}, 2),
        ({"action": "cut_after"}, 3),
        ({"action": "truncate"}, 3),
    ],
    ids=lambda value: str(value.get("status", value["action"])) if isinstance(value, dict) else "",
)
def test_peer_01_second_write_fails_and_the_rerun_does_not_duplicate(site, tmp_path, fault, there):
    repo = usual(tmp_path)
    site.faults({**fault, **OPEN_ISSUE, "nth": 2})
    ran, told = outcomes(site, MONDAY, tmp_path, root=repo, expect=1)
    assert statuses(told, "open") == ["done", "done", "unknown"]
    assert "it may have happened" in ran.out
    assert site.struck() == [3]  # none of them was sent twice
    assert len(site.loops()) == there
    again = drumbeat(site, "apply", MONDAY, root=repo)
    assert again.nothing_to_do == (there == 3)
    assert titles(site.issues()) == THREE
    assert drumbeat(site, "apply", MONDAY, root=repo).nothing_to_do


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        ("/groups/support/issues$", {"status": 503, "headers": {"Retry-After": "0"}}),
        ("/groups/support/issues$", {"status": 403, "body": {"message": "403 Forbidden"}}),
        ("/groups/support/issues$", {"status": 404, "body": {"message": "404 Not found"}}),
        ("/groups/support/issues$", {"status": 200, "body": "<html>Sign in</html>"}),
        ("/groups/support/issues$", {"status": 200, "body": {"message": "fine"}}),
        ("/groups/support/projects$", {"status": 503, "headers": {"Retry-After": "0"}}),
        ("/groups/support/projects$", {"status": 403, "body": {"message": "403 Forbidden"}}),
        ("/groups/support/projects$", {"status": 200, "body": [], "headers": {"X-Total": "0"}}),
    ],
)
def test_peer_02_a_list_that_cannot_be_read_creates_nothing_and_sets_no_baseline(
    site, tmp_path, route, fault
):
    repo = usual(tmp_path)
    drumbeat(site, "setup", MONDAY, "--yes", root=repo)
    site.forget_requests()
    site.faults({"action": "status", "method": "GET", "route": route, **fault})
    ran = apply(site, MONDAY, root=repo, expect=3)
    assert site.writes() == {}
    assert "support" in ran.err
    site.faults()
    apply(site, "2026-11-24T09:00:00Z", root=repo)
    assert titles(site.issues()) == THREE


@pytest.mark.parametrize("action", ["cut_after", "cut_before", "truncate"])
def test_peer_13_a_note_whose_answer_was_lost_is_not_written_twice(site, tmp_path, action):
    repo = usual(tmp_path, due="2 working days")
    apply(site, MONDAY, root=repo)
    site.faults({"action": action, **NOTE, "nth": 1})
    _, told = outcomes(site, "2026-11-26T09:00:00Z", tmp_path, root=repo, expect=1)
    assert statuses(told, "overdue") == ["done", "done", "unknown"]
    apply(site, "2026-11-26T09:00:00Z", root=repo)
    apply(site, "2026-11-26T21:00:00Z", root=repo)
    for loop in site.loops():
        assert len(site.root.notes(loop)) == 1
        assert "loop::overdue" in loop["labels"]


# --- 5, 7 and 18: state, and what happens meanwhile ------------------------------------


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_peer_05_a_fresh_runner_knows_all_that_the_last_one_knew(site, tmp_path):
    """Each run has a new folder and a new home, and leaves both as they were."""
    for number in range(3):
        home, repo = tmp_path / f"home-{number}", usual(tmp_path / f"checkout-{number}")
        home.mkdir()
        before = tree(repo)
        where = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
        with started(site, "apply", MONDAY, root=repo, **where) as process:
            out, err = process.communicate(timeout=60)
        assert (process.returncode, err.count("Error")) == (0, 0), err
        assert ("Nothing to do." in out) == (number > 0)
        assert tree(repo) == before
        assert tree(home) == {}
    assert titles(site.issues()) == THREE


class Paused:
    """A run that was stopped when it had read all lists and written nothing."""

    def __init__(self, site: Site, process) -> None:
        self.site, self.process = site, process

    def stop(self) -> None:
        """GitLab answers the last question of a run slowly: then is the time."""
        asked = "GET /api/v4/groups/:id/labels"
        wait_until(lambda: self.site.requests().get(asked), "the run has asked for labels")
        self.process.send_signal(signal.SIGSTOP)
        self.site.faults()

    def go_on(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGCONT)
        return self.process.communicate(timeout=60)


SLOW_LABELS = {"action": "delay", "seconds": 2.0, "method": "GET", "route": "/labels$", "nth": 1}


def test_peer_07_two_runs_at_once_are_healed_by_the_next(site, tmp_path):
    repo = usual(tmp_path)
    drumbeat(site, "setup", MONDAY, "--yes", root=repo)
    site.at(MONDAY)
    site.forget_requests()
    site.faults(SLOW_LABELS)
    with started(site, "apply", MONDAY, root=repo) as process:
        run = Paused(site, process)
        run.stop()
        drumbeat(site, "apply", MONDAY, root=repo)
        run.go_on()
    assert titles(site.loops()) == sorted([*THREE, *THREE])  # the overlap took place
    older, newer = (
        [one for one in site.loops() if one["title"].startswith("Weekly of Anna")][place]
        for place in (0, 1)
    )
    site["anna"].tick(newer, lambda index: index == 1)

    apply(site, "2026-11-23T09:00:00Z", root=repo)
    assert titles(site.loops(state="opened")) == THREE
    assert older["id"] in {issue["id"] for issue in site.loops(state="opened")}
    (note,) = site.root.notes(newer)
    assert older["web_url"] in note["body"]
    assert "- Second thing" in note["body"]
    assert "- First thing" not in note["body"]
    assert site.root.notes(older) == []
    for now in ("2026-11-23T09:00:00Z", "2026-11-25T09:00:00Z"):
        assert apply(site, now, root=repo).nothing_to_do
    apply(site, "2026-11-30T08:00:00Z", root=repo)
    assert len(site.loops(state="opened")) == 3
    assert len(site.loops()) == 9


def test_peer_18_a_tick_made_during_a_run_stays(site, tmp_path):
    """The run has read the description, a person ticks, and then the run goes on."""
    repo = usual(tmp_path, due="2 working days")
    apply(site, MONDAY, root=repo)
    loop = site.loop("Weekly of Anna")
    site.at("2026-11-26T09:00:00Z")
    site.forget_requests()
    site.faults(SLOW_LABELS)
    with started(site, "apply", "2026-11-26T09:00:00Z", root=repo) as process:
        run = Paused(site, process)
        run.stop()
        site["anna"].tick(loop)
        _, err = run.go_on()
    assert process.returncode == 0, err
    assert "loop::overdue" in site.root.see(loop)["labels"]
    assert site.root.see(loop)["task_completion_status"] == {"count": 2, "completed_count": 2}
    apply(site, "2026-11-26T10:00:00Z", root=repo)
    assert site.root.see(loop)["state"] == "closed"


# --- 12, 14 and 15: some writes are refused -------------------------------------------------


def test_peer_12_a_403_on_a_note_is_told_and_the_rest_is_done(site, tmp_path):
    repo = usual(tmp_path, due="2 working days")
    apply(site, MONDAY, root=repo)
    refusal = {"action": "status", "status": 403, "body": {"message": "403 Forbidden"}}
    site.faults({**refusal, **NOTE, "nth": 2})
    ran, told = outcomes(site, "2026-11-26T09:00:00Z", tmp_path, root=repo, expect=1)
    assert statuses(told, "overdue") == ["done", "done", "failed"]
    assert re.search(r"FAILED  overdue   weekly/\w+/2026-W48  GitLab refused POST", ran.out)
    assert "Some changes failed" in ran.err
    apply(site, "2026-11-26T09:30:00Z", root=repo)
    assert [len(site.root.notes(loop)) for loop in site.loops()] == [1, 1, 1]


def test_peer_15_a_429_is_waited_for_and_ends_nothing(site, tmp_path):
    repo = usual(tmp_path)
    busy = {"action": "status", "status": 429, "nth": 2, "headers": {"Retry-After": "0"}}
    site.faults(
        {**busy, **OPEN_ISSUE, "body": {"message": {"error": "Too many requests"}}},
        {**busy, "method": "GET", "route": "/issues$", "body": "Retry later\n"},
    )
    apply(site, MONDAY, root=repo)
    assert site.struck()[0] == 4
    assert titles(site.issues()) == THREE


def test_peer_15_a_label_that_cannot_be_made_stops_only_what_needs_it(site, tmp_path):
    repo = usual(tmp_path)
    drumbeat(site, "setup", MONDAY, "--yes", root=repo)
    site.root.delete("/groups/support/labels/manager%3A%3Aanna")
    refusal = {"action": "status", "status": 403, "body": {"message": "403 Forbidden"}}
    site.faults({**refusal, "method": "POST", "route": "/labels$", "nth": 1})
    ran, told = outcomes(site, MONDAY, tmp_path, root=repo, expect=1)
    assert statuses(told, "open") == ["done", "done", "failed"]
    assert "weekly/anna/2026-W48  not tried: there is no label manager::anna" in ran.out
    assert titles(site.issues()) == THREE[1:]
    apply(site, MONDAY, root=repo)
    assert titles(site.issues()) == THREE


# --- 21 and the count ------------------------------------------------------------------------


def test_peer_21_what_nobody_does_leaves_one_open_issue(site, tmp_path):
    repo = usual(tmp_path)
    mondays = [date.fromordinal(date(2026, 11, 23).toordinal() + 7 * week) for week in range(6)]
    for monday in mondays:
        apply(site, f"{monday}T08:00:00Z", root=repo)
    assert len(site.loops()) == 18
    assert titles(site.loops(state="opened")) == [
        f"Weekly of {name.title()} · 2026-W53" for name in MANAGERS
    ]
    assert all("loop::missed" in one["labels"] for one in site.loops(state="closed"))


def test_peer_21_wait_opens_the_next_only_when_the_last_is_closed(site, tmp_path):
    repo = usual(tmp_path, when_previous_open="wait")
    for now in (MONDAY, "2026-11-30T08:00:00Z", "2026-12-07T08:00:00Z"):
        apply(site, now, root=repo)
    assert titles(site.loops()) == THREE
    site["anna"].tick(site.loop("Weekly of Anna"))
    apply(site, "2026-12-08T08:00:00Z", root=repo)
    apply(site, "2026-12-08T09:00:00Z", root=repo)
    assert titles(site.loops(state="opened")) == ["Weekly of Anna · 2026-W50", *THREE[1:]]


def test_one_dead_end_stops_neither_the_run_nor_the_exit_code(empty, tmp_path):
    """The token is no longer taken in the middle of a run: the rest is not tried, and told."""
    names = [f"m{number}" for number in range(LANES + 4)]
    site, repo = settle(empty("2026-11-20T12:00:00Z"), *names), usual(tmp_path, *names)
    site.faults({"action": "status", "status": 401, **OPEN_ISSUE})
    _, told = outcomes(site, MONDAY, tmp_path, root=repo, expect=1)
    assert statuses(told, "open") == ["failed"] * len(names)
    assert "no longer takes the token" in told[-1]["detail"]
    assert 1 <= site.struck()[0] <= LANES


def test_a_plan_past_its_limits_is_refused_until_somebody_says_why(site, tmp_path):
    repo = repository(
        tmp_path,
        settings(limits={"create": 0.1, "close": 1, "notes": 0, "mentions_per_person": 0}),
        roster(*map(manager, MANAGERS)),
        cadence(),
    )
    site.forget_requests()
    ran = apply(site, MONDAY, root=repo, expect=4)
    assert "3 issues to open, the limit is 1" in ran.err
    assert site.writes() == {}
    file = tmp_path / "outcomes.json"
    apply(site, MONDAY, "--force", "the first day", "--outcomes", str(file), root=repo)
    assert '"forced": "the first day"' in file.read_text()
    assert titles(site.issues()) == THREE

"""The benchmark of peers counts right, judges right, and runs where no peer is installed."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from automation import __version__
from tests.bench import peers
from tests.bench.peer_figures import (
    Figures,
    labelled,
    middle,
    opened,
    ratios,
    spread,
    table,
    unfit,
    verdicts,
)
from tests.bench.peer_list import ASSIGNING, DRUMBEAT, PEERS
from tests.bench.peer_tools import Peer, Stage, Task
from tests.bench.peer_versions import version_of
from tests.bench.peer_world import STALE, Size
from tests.e2e.outside import Person
from tests.support.counting_proxy import counting

NAMES = ("mgr-0001", "mgr-0002")


def figures(peer: str, task: Task, requests: int, wall: float, **more: Any) -> Figures:
    wanted = 200 if task is Task.CREATING else 0
    plain: dict[str, Any] = {
        "cpu": 1.0, "server": 0.5, "done": wanted, "wanted": wanted, "wrong": 0,
        "judged": peer != "drumbeat",
    }  # fmt: skip
    return Figures(peer, task, requests, wall, **plain | more)


OURS = [
    figures("drumbeat", Task.IDLE, 10, 1.0),
    figures("drumbeat", Task.CREATING, 210, 4.0),
]
TOOL = [
    figures("a tool", Task.IDLE, 50, 8.0),
    figures("a tool", Task.CREATING, 420, 32.0),
]


def issue(iid: int, title: str, *labels: str) -> dict[str, Any]:
    return {"iid": iid, "title": title, "labels": list(labels)}


def a_stage(task: Task, folder: Path) -> Stage:
    today = datetime(2026, 11, 30, tzinfo=UTC)
    return Stage(task, "http://127.0.0.1:9", "secret", 7, folder, Size(2), today, ("Check-in",))


def named(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)


# --- What was done -----------------------------------------------------------------------


def test_a_manager_counts_once_and_what_is_more_is_wrong():
    before = [issue(1, "Check-in of mgr-0001 · W1")]
    after = [*before, issue(2, "Check-in of mgr-0001 · W2"), issue(3, "Check-in of mgr-0002")]
    assert opened(NAMES, before, after) == (2, 0)
    assert opened(NAMES, before, [*after, issue(4, "Check-in of mgr-0002")]) == (2, 1)
    assert opened(NAMES, before, [*before, issue(5, "Of nobody")]) == (0, 1)
    assert opened(NAMES, after, after) == (0, 0)


def test_a_label_on_what_was_not_quiet_is_wrong():
    after = [issue(1, "a", STALE), issue(2, "b"), issue(3, "c", STALE)]
    assert labelled({1, 2}, after) == (1, 1)


@pytest.mark.parametrize(
    ("one", "whole", "words"),
    [
        (figures("x", Task.CREATING, 1, 1), True, "200 of 200"),
        (figures("x", Task.CREATING, 1, 1, done=20), False, "20 of 200"),
        (figures("x", Task.CREATING, 1, 1, wrong=3), False, "200 of 200, 3 that nobody wanted"),
        (figures("x", Task.IDLE, 1, 1), True, "nothing"),
        (figures("x", Task.IDLE, 1, 1, wrong=200), False, "200 opened again"),
        (figures("x", Task.IDLE, 1, 1, code=3), False, "nothing, exit code 3"),
    ],
)
def test_what_a_program_did_is_told_in_words(one: Figures, whole: bool, words: str):
    assert (one.whole, one.did) == (whole, words)


def test_the_run_in_the_middle_counts():
    runs = [figures("x", Task.IDLE, 1, wall) for wall in (9.0, 1.0, 2.0)]
    assert middle(runs).wall == 2.0
    assert middle(runs[:2]).wall == 9.0
    assert spread(runs) == 4.5


# --- What is promised --------------------------------------------------------------------


def test_targets_that_are_just_met():
    judged = list(verdicts([*OURS, *TOOL]))
    assert [(one.task, one.what, one.ratio, one.met) for one in judged] == [
        (Task.IDLE, "requests", 5.0, True),
        (Task.IDLE, "wall", 8.0, True),
        (Task.CREATING, "requests", 2.0, True),
        (Task.CREATING, "wall", 8.0, True),
    ]
    assert str(judged[0]).startswith("ok   idle, requests: 5.0 times less than a tool")
    assert list(unfit([*OURS, *TOOL])) == []


def test_the_run_that_assigns_has_the_same_targets():
    assigning = [
        figures("drumbeat, assigning", Task.IDLE, 10, 1.0, judged=False),
        figures("drumbeat, assigning", Task.CREATING, 211, 4.0, judged=False),
    ]
    judged = list(verdicts([*OURS, *assigning, *TOOL]))
    assert [one.met for one in judged] == [True] * 6 + [False, True]
    assert str(judged[2]).startswith("ok   idle, assigning, requests: 5.0 times less than a tool")
    assert str(judged[6]).startswith("MISS creating, assigning, requests: 2.0 times less than")


def test_the_best_of_the_tools_is_the_one_to_beat():
    better = [
        figures("another", Task.IDLE, 49, 20.0),
        figures("another", Task.CREATING, 500, 31.0),
    ]
    judged = list(verdicts([*OURS, *TOOL, *better]))
    assert [one.met for one in judged] == [False, True, True, False]
    assert [one.peer for one in judged] == ["another", "a tool", "a tool", "another"]
    assert str(judged[0]).startswith("MISS idle, requests: 4.9 times less than another")


def test_who_cannot_open_what_lacks_is_not_idle_at_no_cost():
    blind = [
        figures("blind", Task.IDLE, 1, 0.1),
        figures("blind", Task.CREATING, 1, 0.1, done=20),
    ]
    assert list(verdicts([*OURS, *TOOL, *blind])) == list(verdicts([*OURS, *TOOL]))
    assert list(verdicts([*OURS, *blind])) == []
    assert list(unfit([*OURS, *blind])) == [
        "idle: no tool that is installed did all of it",
        "creating: no tool that is installed did all of it",
    ]


def test_a_loop_that_a_person_writes_is_shown_and_not_judged():
    loop = [replace(one, peer="a loop", requests=1, judged=False) for one in TOOL]
    assert list(verdicts([*OURS, *TOOL, *loop])) == list(verdicts([*OURS, *TOOL]))
    told = list(ratios([*OURS, *loop]))
    assert told[0] == "idle: a loop: requests × 0.10, wall × 8.00, CPU × 1.00"
    assert len(told) == 2


def test_figures_without_drumbeats_own_prove_nothing():
    assert list(verdicts(TOOL)) == []
    assert list(ratios(TOOL)) == []
    assert list(unfit(TOOL)) == [
        "idle: Drumbeat itself did not do all of it: it did not run",
        "creating: Drumbeat itself did not do all of it: it did not run",
    ]
    failed = [OURS[0], replace(OURS[1], done=199, code=1)]
    assert list(unfit([*failed, *TOOL])) == [
        "creating: Drumbeat itself did not do all of it: 199 of 200, exit code 1"
    ]


def test_the_table_is_ordered_by_task_and_requests():
    part = replace(TOOL[1], peer="part", done=20, requests=3)
    text = table([*TOOL, *OURS, part], {"drumbeat": "1.2.0"})
    rows = text.splitlines()[2:]
    assert [row.split(" | ")[1] for row in rows] == [
        "**drumbeat** 1.2.0", "a tool", "part", "**drumbeat** 1.2.0", "a tool",
    ]  # fmt: skip
    assert rows[0] == "| idle | **drumbeat** 1.2.0 | 10 | 1.0 | 1.0 | 0.5 | nothing |"


# --- How it is measured ------------------------------------------------------------------


def test_a_program_is_measured_with_what_it_starts(tmp_path: Path):
    work = "sum(range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{work}'], check=True)"
    bare = peers.costs([sys.executable, "-c", "print('hello'); raise SystemExit(4)"], {}, tmp_path)
    assert (bare.code, bare.said) == (4, "hello\n")
    both = peers.costs([sys.executable, "-c", child], {}, tmp_path)
    assert both.code == 0
    assert both.cpu > bare.cpu > 0


def test_a_program_that_does_not_end_is_stopped(tmp_path: Path):
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    assert peers.costs(sleeping, {}, tmp_path, patience=0.01).code == -9


def test_the_proxy_answers_in_the_servers_stead_and_counts_that():
    with counting("http://127.0.0.1:9", 0.001, {"/api/v4/x?path=a": b"[1]"}) as counts:
        assert Person(counts.url, "token").get("/x", path="a") == [1]
        (seen,) = counts.take()
        assert (seen.method, seen.path, seen.status) == ("GET", "/api/v4/x", 200)


# --- The peers ---------------------------------------------------------------------------


def test_every_peer_has_a_name_of_its_own_and_a_way_to_install_it():
    every = (DRUMBEAT, ASSIGNING, *PEERS)
    assert max(Counter(peer.name for peer in every).values()) == 1
    homes = {peer.name for peer in PEERS if peer.install}
    assert {peer.home or peer.name for peer in PEERS} == homes
    assert [peer.name for peer in every if not peer.tasks] == []


@pytest.mark.parametrize(
    ("peer", "task"),
    [(peer, task) for peer in PEERS for task in Task if task in peer.tasks],
    ids=str,
)
def test_a_peer_is_told_the_address_and_the_token(peer: Peer, task: Task, tmp_path: Path):
    stage = a_stage(task, tmp_path)
    program = peer.asks(tmp_path / "home", stage)
    written = " ".join(one.read_text("utf-8") for one in tmp_path.rglob("*") if one.is_file())
    told = " ".join([*program.argv, *program.env.values(), written])
    assert "http://127.0.0.1:9" in told
    assert "secret" in told
    assert "secret" not in repr(program)
    assert "secret" not in repr(stage)


def test_the_peers_that_know_names_are_told_each_manager(tmp_path: Path):
    stage = a_stage(Task.CREATING, tmp_path)
    schedules = b" ".join(text for peer in PEERS for text in peer.files(stage).values())
    named("work-item-automations").asks(tmp_path, stage)
    written = (tmp_path / "automations.yml").read_text(encoding="utf-8")
    for name in Size(2).names:
        assert name.encode() in schedules
        assert f"Check-in of {name}" in written


def test_one_peer_is_told_when_it_ran_last_where_nothing_is_to_do(tmp_path: Path):
    stage = a_stage(Task.IDLE, tmp_path)
    named("work-item-automations, kept").asks(tmp_path, stage)
    moments = [int(one.read_text()) for one in (tmp_path / "kept").iterdir()]
    assert moments == [int(stage.today.timestamp()) + 60] * 2


def test_versions_are_read_from_what_an_installer_left(tmp_path: Path):
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (packages / "Python_GitLab-8.6.0.dist-info").mkdir(parents=True)
    (packages / "other-1.0.dist-info").mkdir()
    assert version_of(named("python-gitlab"), tmp_path) == "8.6.0"
    assert version_of(named("gibihm"), tmp_path) == ""

    beaker = tmp_path / "node_modules" / "@gitbeaker" / "rest"
    beaker.mkdir(parents=True)
    (beaker / "package.json").write_text('{"name": "@gitbeaker/rest", "version": "43.8.0"}')
    (tmp_path / "package.json").write_text('{"name": "triage-bot", "version": "3.1.3"}')
    assert version_of(named("gitbeaker"), tmp_path) == "43.8.0"
    assert version_of(named("gitlab-triage-node"), tmp_path) == "3.1.3"
    assert version_of(DRUMBEAT, tmp_path) == __version__


# --- All of it, small --------------------------------------------------------------------


def test_it_runs_and_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    argv = [
        str(tmp_path),
        "--managers",
        "2",
        "--weeks",
        "2",
        "--initiatives",
        "5",
        "--only",
        "gibihm",
    ]
    assert peers.main(argv) == 1
    said = capsys.readouterr()
    assert "gibihm is not there" in said.err
    assert "gibihm/bin/pip install" in said.err
    assert "python-gitlab is not there" not in said.err
    rows = [row.split(" | ") for row in said.out.splitlines() if row.startswith("| ")][2:]
    told = {(row[0], row[1].split()[0]): row[-1] for row in rows}
    assert told["| idle", "**drumbeat**"] == "nothing |"
    assert told["| creating", "**drumbeat**"] == "2 of 2 |"
    assert told["| triage", "**drumbeat**"] == "1 of 1 |"
    assert "MISS idle: no tool that is installed did all of it" in said.out

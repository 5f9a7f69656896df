"""Drumbeat beside its peers: the same GitLab, the same 1,000 issues, 50 ms for every answer.

    python -m tests.bench.peers FOLDER [--times N] [--only NAME …]

FOLDER holds what is installed of the peers, each in a folder of its own; nothing is installed
here, and what is missing is passed over and named with the commands that install it. Three
tasks: `idle`, where everything is there and in order; `creating`, where 200 managers have no
issue for today; `triage`, where 200 of 1,000 initiatives lie quiet and lack a label. Requests
are counted by a proxy outside of the programs, which also holds every answer back; CPU is the
program's own, not the server's. Targets are held against the tools that did all of a task.
Exit code 1 when one is missed or could not be measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as installed
from pathlib import Path

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
from tests.bench.peer_tools import (
    Peer,
    Stage,
    Task,
    environment,
)
from tests.bench.peer_versions import version_of
from tests.bench.peer_world import (
    GROVE,
    LOOPS,
    QUIET_DAYS,
    Size,
    World,
    a_gitlab,
    initiatives_go_quiet,
    weeks_pass,
)
from tests.e2e.outside import BOT
from tests.support.counting_proxy import counting

LATENCY = 0.05
PATIENCE = 600
"""Seconds after which a program is stopped."""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of wall and CPU, its exit code, the end of what it said."""

    wall: float
    cpu: float
    code: int
    said: str


def costs(
    argv: Sequence[str], env: Mapping[str, str], folder: Path, patience: float = PATIENCE
) -> Cost:
    """Run a program to its end, with all that it starts and waits for."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        code, cpu = _ended(process, began + patience)
        wall = time.monotonic() - began
    return Cost(wall, cpu, code, said.read_text(encoding="utf-8", errors="replace")[-2000:])


def _ended(process: subprocess.Popen[bytes], deadline: float) -> tuple[int, float]:
    """Exit code and CPU seconds; a program that takes too long is stopped."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.005)


@dataclass(frozen=True)
class Bench:
    """Everybody's tasks, on one server."""

    world: World
    quiet: frozenset[int]
    titles: tuple[str, ...]
    latency: float = LATENCY

    def run(self, peer: Peer, home: Path, task: Task) -> Figures:
        """One program does one task, and the server is as it was before."""
        self.world.restore(task)
        place = GROVE if task is Task.TRIAGE else LOOPS
        before = self.world.issues(place)
        with tempfile.TemporaryDirectory() as folder:
            cost, requests, server = self._run(peer, home, task, place, Path(folder))
        done, wanted, wrong = self._did(task, before, place)
        if cost.code:
            sys.stderr.write(f"{peer.name}, {task}: exit code {cost.code}\n{cost.said}\n")
        return Figures(
            peer.name, task, requests, cost.wall, cost.cpu, server, done, wanted, wrong,
            cost.code, peer.judged,
        )  # fmt: skip

    def _run(
        self, peer: Peer, home: Path, task: Task, place: str, folder: Path
    ) -> tuple[Cost, int, float]:
        stage = Stage(
            task, "", self.world.site.tokens[BOT], self.world.project_id(place), folder,
            self.world.size, self.world.today, self.titles,
        )  # fmt: skip
        with counting(self.world.site.url, self.latency, peer.files(stage)) as counts:
            program = peer.asks(home, stage.at(counts.url))
            before = self.world.cpu()
            cost = costs(program.argv, environment(stage, program), folder)
            server = self.world.cpu() - before
        return cost, len(counts.take()), server

    def _did(self, task: Task, before: list[dict[str, object]], place: str) -> tuple[int, int, int]:
        after = self.world.issues(place)
        if task is Task.TRIAGE:
            done, wrong = labelled(self.quiet, after)
            return done, len(self.quiet), wrong
        done, more = opened(self.world.size.names, before, after)
        if task is Task.IDLE:
            return 0, 0, done + more
        return done, self.world.size.managers, more


def benched(world: World, folder: Path, latency: float = LATENCY) -> Bench:
    """Let the weeks pass and the initiatives go quiet."""
    weeks_pass(world, folder)
    old = {issue["iid"] for issue in world.issues(LOOPS)}
    world.restore(Task.CREATING)
    new = old - {issue["iid"] for issue in world.issues(LOOPS)}
    initiatives_go_quiet(world)
    limit = world.today - timedelta(days=QUIET_DAYS)
    quiet = {
        issue["iid"]
        for issue in world.issues(GROVE)
        if datetime.fromisoformat(issue["updated_at"]) < limit
    }
    world.restore(Task.IDLE)
    titles = [issue["title"] for issue in world.issues(LOOPS) if issue["iid"] in new]
    return Bench(world, frozenset(quiet), tuple(sorted(titles)), latency)


def measured(bench: Bench, there: Sequence[tuple[Peer, Path]], times: int) -> Iterator[Figures]:
    """Every program does each of its tasks so many times; the run in the middle counts."""
    for task in Task:
        for peer, home in there:
            if task in peer.tasks:
                runs = [bench.run(peer, home, task) for _ in range(times)]
                one = middle(runs)
                sys.stderr.write(
                    f"{task} {peer.name}: {one.requests} requests, {one.wall:.1f} s "
                    f"(slowest {spread(runs):.2f} of the middle): {one.did}\n"
                )
                yield one


def present(folder: Path, only: Sequence[str]) -> Iterator[tuple[Peer, Path]]:
    """Drumbeat, and the peers that are installed; the others are named."""
    yield DRUMBEAT, folder
    yield ASSIGNING, folder
    for peer in PEERS:
        home = peer.found(folder)
        if only and peer.name not in only:
            continue
        if home:
            yield peer, home
        elif peer.install:
            how = "\n  ".join(peer.install)
            sys.stderr.write(f"{peer.name} is not there. In {folder}:\n  {how}\n")


def machine(before: float) -> str:
    """What it ran on, in a line; how busy it was `before` and is now, as processes that ran."""
    now = datetime.now(UTC)
    return (
        f"{now:%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, python-gitlab {installed('python-gitlab')}, "
        f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    )


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers")
    parser.add_argument("folder", type=Path, help="where the peers are installed")
    parser.add_argument("--times", type=int, default=1, help="runs of each; the middle counts")
    parser.add_argument("--only", nargs="*", default=(), help="these peers only")
    parser.add_argument("--managers", type=int, default=Size.managers)
    parser.add_argument("--weeks", type=int, default=Size.weeks, help="that the managers have seen")
    parser.add_argument("--initiatives", type=int, default=Size.initiatives)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a target is missed."""
    given = arguments(argv)
    there = list(present(given.folder.resolve(), given.only))
    load = os.getloadavg()[0]
    size = Size(given.managers, given.weeks, given.initiatives)
    with a_gitlab(size) as world, tempfile.TemporaryDirectory() as folder:
        figures = list(measured(benched(world, Path(folder)), there, given.times))
    versions = {peer.name: version_of(peer, home) for peer, home in there}
    print(f"{machine(load)}\n\n{table(figures, versions)}\n", *ratios(figures), sep="\n")
    judged, doubts = list(verdicts(figures)), list(unfit(figures))
    print("", *judged, *(f"MISS {doubt}" for doubt in doubts), sep="\n")
    return int(bool(doubts) or not all(one.met for one in judged))


if __name__ == "__main__":
    sys.exit(main())

"""What came out of the benchmark of peers: figures, a table, and whether a target was missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.peer_tools import Task
from tests.bench.peer_world import STALE

FEWER = {Task.IDLE: 5.0, Task.CREATING: 2.0}
"""How many times fewer requests Drumbeat has to send than the best of the peers."""
FASTER = {Task.IDLE: 8.0, Task.CREATING: 8.0}
"""How many times less wall time it has to take."""
US = "drumbeat"
OURS = {US: "", "drumbeat, assigning": ", assigning"}
"""Drumbeat's own runs that the targets are for, and how they are told apart."""
Issues = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Figures:
    """What one program took for one task: requests, seconds, and what it had done in the end.

    `server` are the CPU seconds of the server behind the proxy. `done` counts what was
    wanted, of `wanted`; `wrong` what was not, such as a second issue for the same manager.
    """

    peer: str
    task: Task
    requests: int
    wall: float
    cpu: float
    server: float
    done: int
    wanted: int
    wrong: int
    code: int = 0
    judged: bool = False

    @property
    def whole(self) -> bool:
        """Whether it did all of the task, and nothing else."""
        return self.done == self.wanted and not self.wrong and not self.code

    @property
    def did(self) -> str:
        """What it did, in words."""
        ended = f", exit code {self.code}" if self.code else ""
        if self.task is Task.IDLE:
            return f"{self.wrong} opened again{ended}" if self.wrong else f"nothing{ended}"
        wrong = f", {self.wrong} that nobody wanted" if self.wrong else ""
        return f"{self.done} of {self.wanted}{wrong}{ended}"


def opened(names: Collection[str], before: Issues, after: Issues) -> tuple[int, int]:
    """For how many managers a new issue is there, and how many are there beside one for each."""
    old = {issue["iid"] for issue in before}
    new = [issue["title"] for issue in after if issue["iid"] not in old]
    per_name = Counter(name for title in new for name in names if name in title)
    return len(per_name), len(new) - len(per_name)


def labelled(quiet: Collection[int], after: Issues) -> tuple[int, int]:
    """How many quiet issues bear the label, and how many others do."""
    bear = {issue["iid"] for issue in after if STALE in issue["labels"]}
    return len(bear & set(quiet)), len(bear - set(quiet))


def middle(runs: Collection[Figures]) -> Figures:
    """Of several runs of one program, the one in the middle by wall time; the worse of two."""
    ordered = sorted(runs, key=lambda one: one.wall)
    return ordered[len(ordered) // 2]


def spread(runs: Collection[Figures]) -> float:
    """How far the slowest run is from the middle: a machine that is busy with others shows it."""
    return max(one.wall for one in runs) / median(one.wall for one in runs)


@dataclass(frozen=True)
class Verdict:
    """How many times less of something Drumbeat took than the best of the peers."""

    task: Task
    what: str
    peer: str
    ratio: float
    target: float
    ours: str = US

    @property
    def met(self) -> bool:
        """Whether it is as much as was promised."""
        return self.ratio >= self.target

    def __str__(self) -> str:
        sign = "ok  " if self.met else "MISS"
        return (
            f"{sign} {self.task}{OURS[self.ours]}, {self.what}: {self.ratio:.1f} times less than {self.peer}, "
            f"the best of the tools that did all of it (at least {self.target:g})"
        )


def able(figures: Collection[Figures], task: Task) -> Iterator[Figures]:
    """The judged tools that did the whole task.

    One that cannot open what lacks does not count as idle either: who looks at nothing is
    idle at no cost.
    """
    openers = {one.peer for one in figures if one.task is Task.CREATING and one.whole}
    for one in figures:
        if one.judged and one.task is task and one.whole and one.peer in openers:
            yield one


def verdicts(figures: Collection[Figures]) -> Iterator[Verdict]:
    """Drumbeat against the best of the tools that can do the job, for every target.

    Its run that assigns is held against tools that do not: it is what Drumbeat does by default.
    """
    for task in (Task.IDLE, Task.CREATING):
        rivals = list(able(figures, task))
        for ours in figures:
            if rivals and ours.task is task and ours.peer in OURS:
                yield from _against(ours, rivals)


def _against(ours: Figures, rivals: Collection[Figures]) -> Iterator[Verdict]:
    task, us = ours.task, ours.peer
    fewest = min(rivals, key=lambda one: one.requests)
    fastest = min(rivals, key=lambda one: one.wall)
    fewer, faster = fewest.requests / ours.requests, fastest.wall / ours.wall
    yield Verdict(task, "requests", fewest.peer, fewer, FEWER[task], us)
    yield Verdict(task, "wall", fastest.peer, faster, FASTER[task], us)


def unfit(figures: Collection[Figures]) -> Iterator[str]:
    """Why the figures prove nothing, one sentence each: Drumbeat failed, or nobody is there."""
    for task in (Task.IDLE, Task.CREATING):
        ours = [one for one in figures if (one.peer, one.task) == (US, task)]
        if not ours or not ours[0].whole:
            told = ours[0].did if ours else "it did not run"
            yield f"{task}: Drumbeat itself did not do all of it: {told}"
        if not any(able(figures, task)):
            yield f"{task}: no tool that is installed did all of it"


def table(figures: Iterable[Figures], versions: Mapping[str, str]) -> str:
    """The figures as a Markdown table, the programs of a task by their requests."""
    head = "| task | program | requests | wall, s | CPU, s | server CPU, s | what it did |"
    lines = [head, "| --- | --- | --: | --: | --: | --: | --- |"]
    order = list(Task)
    for one in sorted(figures, key=lambda one: (order.index(one.task), one.requests)):
        name = f"**{one.peer}**" if one.peer == US else one.peer
        seconds = f"{one.wall:.1f} | {one.cpu:.1f} | {one.server:.1f}"
        version = versions.get(one.peer, "")
        named = f"{name} {version}".strip()
        lines.append(f"| {one.task} | {named} | {one.requests} | {seconds} | {one.did} |")
    return "\n".join(lines)


def ratios(figures: Collection[Figures]) -> Iterator[str]:
    """How every other program compares to Drumbeat, judged or not."""
    for task in Task:
        ours = next((one for one in figures if (one.peer, one.task) == (US, task)), None)
        if ours is None:
            continue
        for one in figures:
            if one.task is task and one is not ours:
                part = "" if one.whole else f" ({one.did})"
                yield (
                    f"{task}: {one.peer}{part}: requests × {one.requests / ours.requests:.2f}, "
                    f"wall × {one.wall / ours.wall:.2f}, CPU × {one.cpu / ours.cpu:.2f}"
                )

"""What `drumbeat plan` costs a large organisation in which nothing is to do.

    PYTHONPATH=. python tests/bench/plan_speed.py [MANAGERS …]

CPU seconds and peak memory of the command as a whole process, and how the CPU grows from one
size to the next. Exit code 1 when 10,000 loops cost more than the targets.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.large import CADENCES, NOW, pages_of, serving, write_organisation

MANAGERS = 2_000
SECONDS = 8.0
MEGABYTES = 300.0


@dataclass(frozen=True)
class Cost:
    """What one plan cost: loops looked at, CPU and wall seconds, peak memory in MB."""

    loops: int
    cpu: float
    wall: float
    memory: float


def measured(managers: int) -> Cost:
    """Plan for so many managers, all of whose loops are open."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "organisation"
        folder.mkdir()
        write_organisation(folder, managers)
        lists = pages_of(folder, managers)
        with serving(lists) as url:
            begun = time.monotonic()
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "automation",
                    "plan",
                    "-C",
                    str(folder),
                    f"--now={NOW.isoformat()}",
                ],
                env={**os.environ, "DRUMBEAT_URL": url, "DRUMBEAT_TOKEN": "glpat-bench"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            assert process.stdout is not None
            said = process.stdout.read().decode()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - begun
    if status or "Nothing to do" not in said:
        raise SystemExit(f"the plan was not empty (status {status}):\n{said[-2000:]}")
    return Cost(len(lists["issues"]), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def main() -> int:
    """Measure each size and compare."""
    sizes = [int(text) for text in sys.argv[1:]] or [MANAGERS]
    costs = [measured(managers) for managers in sizes]
    for managers, cost in zip(sizes, costs, strict=True):
        print(
            f"{managers} managers, {len(CADENCES)} cadences, {cost.loops} open loops: "
            f"{cost.cpu:.1f} s CPU, {cost.wall:.1f} s wall, {cost.memory:.0f} MB"
        )
    for one, two in itertools.pairwise(costs):
        growth = (two.cpu / two.loops) / (one.cpu / one.loops)
        print(f"{one.loops} → {two.loops} loops: CPU per loop × {growth:.2f}")
    late = [cost for size, cost in zip(sizes, costs, strict=True) if size <= MANAGERS]
    return int(any(cost.cpu > SECONDS or cost.memory > MEGABYTES for cost in late))


if __name__ == "__main__":
    sys.exit(main())

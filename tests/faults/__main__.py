"""`python -m tests.faults --runs 500 --seed 1`: campaigns by seed, and what they came to."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.campaign import WORLDS, Result, Stage, draft, play
from tests.faults.trouble import KINDS


def main(argv: list[str] | None = None) -> int:
    """Run campaigns; 1 when any of them broke a law."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="how many campaigns")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="how many organisations")
    parser.add_argument("--lanes", type=int, default=1, help="how many requests at once")
    asked = parser.parse_args(argv)
    began = time.process_time()
    gc.set_threshold(100_000)  # what a request leaves behind is small: a sixth less time
    results: list[Result] = []
    with TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        for seed in range(asked.seed, asked.seed + asked.runs):
            drafted = draft(stage, seed, asked.worlds, asked.lanes)
            results.append(play(stage, drafted, seed))
            _progress(results, asked.runs)
    sys.stdout.write(table(results, time.process_time() - began))
    return int(any(one.broken for one in results))


def _progress(results: list[Result], runs: int) -> None:
    last = results[-1]
    if last.broken:
        sys.stdout.write(f"\n{last}\n")
    if len(results) % 25 == 0 or last.broken:
        broken = sum(bool(one.broken) for one in results)
        sys.stderr.write(f"{len(results)} of {runs}, {broken} broken\n")
    sys.stdout.flush()


def table(results: list[Result], seconds: float) -> str:
    """Each kind of trouble, how often it struck, and in how many campaigns something broke."""
    struck: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for one in results:
        struck += one.struck
        codes += one.codes
    lines = [f"{'trouble':<28} {'requests':>8} {'campaigns':>9} {'broken':>6}"]
    for name in KINDS:
        met = [one for one in results if one.struck[name]]
        broken = sum(bool(one.broken) for one in met)
        lines.append(f"{name:<28} {struck[name]:>8} {len(met):>9} {broken:>6}")
    failed = [str(one.seed) for one in results if one.broken]
    runs = sum(one.runs for one in results)
    ends = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    lines += [
        f"{len(results)} campaigns, {runs} runs of Drumbeat, {seconds:.0f} s of CPU",
        f"exit codes: {ends}",
        f"violations: {len(failed)}{' (seeds ' + ', '.join(failed) + ')' if failed else ''}",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

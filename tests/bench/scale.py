"""How far one run reaches: a table of managers, requests, minutes and limits.

    python -m tests.bench.scale [--planner MANAGERS] [--up-to MANAGERS]

The real planner counts the requests of made-up organisations that fit into memory; for larger
ones its counts grow with the managers, which is checked between two sizes. How long they take
is found in virtual time, with the real pacing and GitLab.com's limits.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from automation.remote.budget import Budget
from automation.remote.limits import GITLAB_COM, Kind
from tests.bench.made_up_org import OWN, Measured, Profile, measured, memory_for
from tests.bench.virtual import LATENCY, OWN_LIMITS, REQUESTS, Job, World

LANES = 8
SIZES = (10, 100, 500, 2_000, 10_000, 50_000, 200_000)
SHARDS = (4, 16)
MOST = 40_000
"""Of more requests than this only a part is simulated: the pace does not change any more."""
TEXT = 2_000
"""Bytes of an issue's title and description."""
BASE = 60e6
"""Bytes of the program itself."""


@dataclass(frozen=True)
class Time:
    """How long a run takes in minutes, and which part of its requests was refused."""

    minutes: float
    refused: float


def time_of(parts: list[Profile], *, own_tokens: bool = False, lanes: int = LANES) -> Time:
    """Shards that begin at the same time, with one token or with one of another user each.

    What the rest of the run reads once more after them is left out.
    """
    whole = max(1.0, sum(part.requests for part in parts) / MOST)
    world = World()
    for number, part in enumerate(parts):
        user = f"user-{number if own_tokens else 0}"
        budget = Budget(GITLAB_COM, 1.0 if own_tokens else 1 / len(parts))
        job = Job(world, user, budget, part.times(1 / whole), lanes)
        world.at(world.now, job.start)
    return Time(world.run() * whole / 60, world.server.refused / world.server.served)


def in_parts(profile: Profile, shards: int, cpu: float) -> list[Profile]:
    """What each shard does: all of the lists, and its part of all else."""
    writes = tuple((kind, scope, -(-number // shards)) for kind, scope, number in profile.writes)
    return [replace(profile, single=-(-profile.single // shards), writes=writes, cpu=cpu)] * shards


def spread(profile: Profile) -> Profile:
    """The same with the loops in so many projects that no one of them comes near its limit."""
    return replace(
        profile, writes=tuple((kind, scope and OWN, n) for kind, scope, n in profile.writes)
    )


def least(profile: Profile) -> Counter[str]:
    """The minutes that each of GitLab's limits allows for at best, for one token."""
    counted: Counter[str] = Counter()
    for kind, scope, number in profile.writes:
        if kind in OWN_LIMITS and scope != OWN:
            counted[_WORDS[kind]] += number
    rates = {_WORDS[kind]: limit for kind, limit in OWN_LIMITS.items()}
    found = Counter({name: number // rates[name] for name, number in counted.items()})
    found["requests"] = profile.requests // REQUESTS
    return found


_WORDS = {Kind.CREATE_ISSUE: "new issues in one project", Kind.CREATE_NOTE: "notes"}


def limit_of(profile: Profile) -> str:
    """What a Monday waits for most."""
    name, minutes = least(profile).most_common(1)[0]
    return name if minutes else "latency"


# --- The table --------------------------------------------------------------------------------

HEAD = (
    "managers", "open loops", "idle: requests", "idle: minutes", "Monday: requests",
    "1 job", *(f"{shards} shards" for shards in SHARDS), f"{SHARDS[-1]} with a token each",
    "limited by",
    *(f"{what}, more projects" for what in ("1 job", f"{SHARDS[0]} shards")), "memory of a job",
)  # fmt: skip


def row(base: Measured, managers: int, memory: float) -> tuple[str, ...]:
    """One size of organisation."""
    factor = managers / base.managers
    idle, monday = base.idle.times(factor), base.monday.times(factor)
    loops = base.loops * factor
    parts = {n: in_parts(monday, n, base.shards[n].cpu * factor) for n in SHARDS}
    times = [time_of([monday]), *(time_of(parts[n]) for n in SHARDS)]
    times.append(time_of(parts[SHARDS[-1]], own_tokens=True))
    spreads = [time_of(list(map(spread, part))) for part in ([monday], parts[SHARDS[0]])]
    for one in (*times, *spreads):
        assert one.refused < 0.01, f"{one.refused:.1%} of the requests were refused"
    return (
        f"{managers:,}",
        f"{loops:,.0f}",
        f"{idle.requests:,}",
        _minutes(time_of([idle])),
        f"{monday.requests:,}",
        *map(_minutes, times),
        limit_of(monday),
        *map(_minutes, spreads),
        f"{(BASE + loops * (memory + TEXT)) / 1e6:,.0f} MB",
    )


def _minutes(time: Time) -> str:
    return f"{time.minutes:,.1f}" if time.minutes < 10 else f"{time.minutes:,.0f}"


def table(base: Measured, sizes: tuple[int, ...], memory: float) -> Iterator[str]:
    """The lines of a table in Markdown, one after the other as they are found."""
    yield f"| {' | '.join(HEAD)} |"
    yield f"|{'---:|' * len(HEAD)}"
    for managers in sizes:
        yield f"| {' | '.join(row(base, managers, memory))} |"


def checked(small: Measured, large: Measured) -> str:
    """That requests grow with the managers, in words; AssertionError where they do not."""
    factor = large.managers / small.managers
    pairs = [
        (getattr(small, run).times(factor).requests, getattr(large, run).requests)
        for run in ("idle", "monday")
    ]
    for expected, found in pairs:
        # Each list may have one page that is not full.
        assert abs(expected - found) <= 0.01 * found + 8 * factor, (expected, found)
    idle, monday = pairs
    return (
        f"{large.managers:,} managers by the planner: {idle[1]:,} requests idle, {monday[1]:,} on "
        f"a Monday; grown from {small.managers:,}: {idle[0]:,} and {monday[0]:,}."
    )


def main(argv: list[str]) -> None:
    """Measure, check, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--planner", type=int, default=1_000, metavar="MANAGERS")
    parser.add_argument("--up-to", type=int, default=SIZES[-1], metavar="MANAGERS")
    chosen = parser.parse_args(argv)
    small, base = measured(chosen.planner // 4), measured(chosen.planner, SHARDS)
    memory = memory_for(chosen.planner // 4)
    sys.stdout.write(f"{checked(small, base)}\n")
    shards = ", ".join(f"{base.shards[n].cpu:.1f} s in one of {n} shards" for n in SHARDS)
    sys.stdout.write(
        f"Planning takes {base.monday.cpu:.1f} s of CPU for {base.managers:,} managers, {shards}; "
        f"each open loop {memory / 1e3:.1f} KB and its text.\n"
        f"Answers take {min(LATENCY.values())} to {max(LATENCY.values())} s; {LANES} at a time.\n\n"
    )
    for line in table(base, tuple(n for n in SIZES if n <= chosen.up_to), memory):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

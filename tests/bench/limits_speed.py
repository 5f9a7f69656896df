"""How near to a limit Drumbeat works: creations past a limit that is scaled down, in real time.

    python -m tests.bench.limits_speed [ISSUES [COUNT [SECONDS]]]

The embedded GitLab, a process of its own, lets one user open COUNT issues in each SECONDS of its clock (200 in 3,
where gitlab.com has 200 in 60) and answers 429 past that. Two ratios are printed: of the time
to what the limit allows, which is ISSUES / COUNT * SECONDS at a steady rate, and of requests
that were answered 429. Exit code 1 when the first is above 1.10 or the second not below 0.01.
"""

from __future__ import annotations

import sys

from tests.support.limited import Went, limited

LATE, REFUSED = 1.10, 0.01


def measure(issues: int, count: int | None, seconds: int) -> Went:
    """Create the issues, the limit known."""
    with limited(count, seconds) as gitlab:
        return gitlab.create(issues, known=gitlab.rate)


def main(issues: int = 1000, count: int = 200, seconds: int = 3) -> int:
    """Print the figures; 1 when one misses its target."""
    free = measure(issues, None, seconds)
    print(f"{issues} creations with no limit: {free.seconds:.1f} s, which is this machine's speed")
    went = measure(issues, count, seconds)
    allowed = issues / count * seconds
    late, refused = went.seconds / allowed, went.refused / went.requests
    print(f"{issues} creations, {count} allowed in each {seconds} s")
    print(f"{'ok  ' if late <= LATE else 'MISS'} time: {went.seconds:.1f} s of {allowed:.1f} s "
          f"that the limit takes: {late:.3f} (at most {LATE})")  # fmt: skip
    print(f"{'ok  ' if refused < REFUSED else 'MISS'} answered 429: {went.refused} of "
          f"{went.requests} requests: {refused:.4f} (below {REFUSED})")  # fmt: skip
    return int(late > LATE or refused >= REFUSED)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

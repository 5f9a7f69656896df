"""A run that is killed in the middle of writing leaves nothing that the next one cannot mend."""

from __future__ import annotations

import re
import signal
import time

import pytest

from automation.apply import LANES
from tests.e2e.drive import apply, drumbeat, started, wait_until
from tests.e2e.outside import titles, twice
from tests.e2e.small import settle, usual

MONDAY = "2026-11-23T08:00:00Z"
NAMES = tuple(f"m{number}" for number in range(LANES + 4))


def settled(site, requests: int) -> None:
    """Wait until the request that was under way when its sender died has been dealt with."""
    wait_until(lambda: len(site.issues()) >= requests, "GitLab has done what it was asked")


def begun(site) -> int:
    """How many requests came before their sender died, once none comes any more."""
    seen = -1
    while seen != site.struck()[0]:
        seen = site.struck()[0]
        time.sleep(0.3)
    return seen


@pytest.mark.parametrize("killed_by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_while_opening_is_finished_by_the_next(empty, tmp_path, killed_by):
    """Every lane is at an issue, and none has heard of it, when the signal comes."""
    site = settle(empty("2026-11-20T12:00:00Z"), *NAMES)
    repo = usual(tmp_path, *NAMES)
    drumbeat(site, "setup", "2026-11-20T12:00:00Z", "--yes", root=repo)
    site.at(MONDAY)
    site.faults({"action": "delay", "seconds": 0.5, "method": "POST", "route": "/issues$"})
    with started(site, "apply", MONDAY, root=repo) as process:
        wait_until(lambda: site.struck()[0] == LANES, "all lanes are at an issue")
        process.send_signal(killed_by)
        out, _ = process.communicate(timeout=60)
    settled(site, LANES)
    assert len(site.issues()) == LANES  # nothing more was begun
    if killed_by is signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:  # there is time enough to hear of what was under way
        assert process.returncode == 130
        assert out.endswith(f"{LANES} done\n")
    site.faults()

    ran = drumbeat(site, "apply", MONDAY, root=repo)
    assert ran.out.endswith(f"{len(NAMES) - LANES} done\n")
    assert not [*twice(site.issues())]
    assert titles(site.issues()) == sorted(f"Weekly of {name.title()} · 2026-W48" for name in NAMES)
    assert drumbeat(site, "apply", MONDAY, root=repo).nothing_to_do


@pytest.mark.slow
def test_what_is_still_under_way_after_the_grace_has_an_unknown_outcome(empty, tmp_path):
    site = settle(empty("2026-11-20T12:00:00Z"), *NAMES[:2])
    repo = usual(tmp_path, *NAMES[:2])
    drumbeat(site, "setup", "2026-11-20T12:00:00Z", "--yes", root=repo)
    site.at(MONDAY)
    site.faults({"action": "delay", "seconds": 10, "method": "POST", "route": "/issues$", "nth": 1})
    with started(site, "apply", MONDAY, root=repo) as process:
        wait_until(lambda: site.struck()[0] == 2, "both issues are under way")
        settled(site, 1)  # the one that nothing holds up
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.endswith("1 with unknown outcome (the next run looks)\n")
    settled(site, 2)
    site.faults()
    assert drumbeat(site, "apply", MONDAY, root=repo).nothing_to_do


@pytest.mark.parametrize("route", ["/issues$", "/notes$"])
def test_a_run_that_is_killed_on_the_next_monday_carries_everything_over_once(
    empty, tmp_path, route
):
    """Between the new loops and the old ones' notes, and between notes."""
    site = settle(empty("2026-11-20T12:00:00Z"), *NAMES)
    repo = usual(tmp_path, *NAMES)
    apply(site, MONDAY, root=repo)
    for number, loop in enumerate(site.loops()):
        body = loop["description"] + f"\n- [ ] Promise {number}\n"
        site.root.edit(loop, description=body)
    site.at("2026-11-30T08:00:00Z")
    drumbeat(site, "setup", "2026-11-30T08:00:00Z", "--yes", root=repo)
    site.faults({"action": "delay", "seconds": 1, "method": "POST", "route": route})
    with started(site, "apply", "2026-11-30T08:00:00Z", root=repo) as process:
        wait_until(lambda: site.struck()[0] >= LANES, "all lanes are at one")
        process.kill()
        process.communicate(timeout=60)
    under_way = begun(site)
    if route == "/notes$":
        wait_until(
            lambda: len(site.loops(state="closed")) >= under_way, "the notes have closed theirs"
        )
    else:
        settled(site, len(NAMES) + under_way)
    site.faults()

    drumbeat(site, "apply", "2026-11-30T08:10:00Z", root=repo)
    assert drumbeat(site, "apply", "2026-11-30T08:10:00Z", root=repo).nothing_to_do
    assert not [*twice(site.issues())]
    opened, closed = site.loops(state="opened"), site.loops(state="closed")
    assert len(opened) == len(closed) == len(NAMES)
    assert {label for one in closed for label in one["labels"] if "loop::" in label} == {
        "loop::missed"
    }
    later = {new["title"].replace("W49", "W48"): new for new in opened}
    for old in closed:
        new = later[old["title"]]
        (note,) = site.root.notes(old)
        assert new["web_url"] in note["body"]
        promise = re.findall(r"Promise \d+", old["description"])
        assert re.findall(r"Promise \d+", new["description"]) == promise

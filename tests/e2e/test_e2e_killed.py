"""A run that is killed in the middle of writing leaves nothing that the next one cannot mend."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.drive import apply, drumbeat, started, wait_until
from tests.e2e.outside import titles, twice
from tests.e2e.small import settle, usual

MONDAY = "2026-11-23T08:00:00Z"
NAMES = tuple(f"m{number}" for number in range(8))


def settled(site, requests: int) -> None:
    """Wait until the request that was under way when its sender died has been dealt with."""
    wait_until(lambda: len(site.issues()) >= requests, "GitLab has done what it was asked")


@pytest.mark.parametrize("killed_by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_while_opening_is_finished_by_the_next(empty, tmp_path, killed_by):
    site = settle(empty("2026-11-20T12:00:00Z"), *NAMES)
    repo = usual(tmp_path, *NAMES)
    drumbeat(site, "setup", "2026-11-20T12:00:00Z", "--yes", root=repo)
    site.at(MONDAY)
    site.faults(
        {"action": "delay", "seconds": 0.5, "method": "POST", "route": "/issues$", "nth": 4}
    )
    with started(site, "apply", MONDAY, root=repo) as process:
        wait_until(lambda: site.struck()[0] == 4, "the fourth issue is under way")
        process.send_signal(killed_by)
        out, _ = process.communicate(timeout=60)
    settled(site, 4)
    assert len(site.issues()) == 4  # the last one was made although nobody heard of it
    if killed_by is signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert out.endswith("3 done, 1 with unknown outcome (the next run looks)\n")

    ran = drumbeat(site, "apply", MONDAY, root=repo)
    assert ran.out.endswith("4 done\n")
    assert not [*twice(site.issues())]
    assert titles(site.issues()) == [f"Weekly of {name.title()} · 2026-W48" for name in NAMES]
    assert drumbeat(site, "apply", MONDAY, root=repo).nothing_to_do


@pytest.mark.parametrize("route", ["/issues$", "/notes$"])
def test_a_run_that_is_killed_on_the_next_monday_carries_everything_over_once(
    empty, tmp_path, route
):
    """Between the new loop and the old one's note, and between two notes."""
    names = NAMES[:3]
    site = settle(empty("2026-11-20T12:00:00Z"), *names)
    repo = usual(tmp_path, *names)
    apply(site, MONDAY, root=repo)
    for number, loop in enumerate(site.loops()):
        body = loop["description"] + f"\n- [ ] Promise {number}\n"
        site[names[number]].edit(loop, description=body)
    site.at("2026-11-30T08:00:00Z")
    drumbeat(site, "setup", "2026-11-30T08:00:00Z", "--yes", root=repo)
    site.faults({"action": "delay", "seconds": 0.5, "method": "POST", "route": route, "nth": 2})
    with started(site, "apply", "2026-11-30T08:00:00Z", root=repo) as process:
        wait_until(lambda: site.struck()[0] == 2, "the second one is under way")
        process.kill()
        process.communicate(timeout=60)
    settled(site, 5)
    if route == "/notes$":
        wait_until(lambda: len(site.loops(state="closed")) == 2, "the second note has closed one")
    site.faults()

    drumbeat(site, "apply", "2026-11-30T08:10:00Z", root=repo)
    assert drumbeat(site, "apply", "2026-11-30T08:10:00Z", root=repo).nothing_to_do
    assert not [*twice(site.issues())]
    opened, closed = site.loops(state="opened"), site.loops(state="closed")
    assert len(opened) == len(closed) == 3
    assert {label for one in closed for label in one["labels"] if "loop::" in label} == {
        "loop::missed"
    }
    for number, (old, new) in enumerate(zip(closed, opened, strict=True)):
        (note,) = site.root.notes(old)
        assert new["web_url"] in note["body"]
        assert new["description"].count(f"Promise {number}") == 1

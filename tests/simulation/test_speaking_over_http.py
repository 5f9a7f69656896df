"""The same over HTTP: an answer is lost, or a request never arrives, in the middle of a Monday.

What a run sends is found out by an undisturbed one; a few of its points are tried.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import served
from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import Site, initiative
from tests.e2e.small import cadence, manager, repository, roster, settings, settle

NAMES = ("anna", "bob", "cleo", "dan")
WEEK_48, WEEK_49 = "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"
STALE = {
    "kind": "triage",
    "name": "quiet",
    "where": {"group": "support/sgg", "labels": ["SGG"]},
    "rules": [
        {
            "name": "stale",
            "when": "quiet_for > days(21)",
            "do": {"label": "initiative::stale", "comment": "stale.md"},
        }
    ],
}
MARK = re.compile(r"<!-- drumbeat:said (\S+) \S+ -->")


def the_policies(folder: Path) -> Path:
    group = {"id": "baobab", "project": "support/sgg/baobab", "sponsor": "anna"}
    fortnight = {
        "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "at": "08:00",
        "starts": "2026-11-23",
    }
    return repository(
        folder,
        settings(),
        roster(*(manager(name) for name in NAMES), groups=[group]),
        cadence(),
        cadence("late", schedule=fortnight),
        cadence("timely", schedule=fortnight, due="5 working days", remind=["due"]),
        STALE,
        templates={"stale.md": "Still alive?"},
    )


def a_monday(site: Site, folder: Path) -> Path:
    """Everything is there for a run that misses, carries over, closes, waives, reminds, labels."""
    settle(site, *NAMES)
    site.project("support/sgg/baobab")
    for name in NAMES:
        site.member("groups", "support/sgg", name, 15)
    repo = the_policies(folder)
    initiative(site["anna"], "baobab", "A quiet one")
    drumbeat(site, "setup", WEEK_48, "--yes", root=repo)
    apply(site, WEEK_48, root=repo)
    site["anna"].tick(site.loop("Weekly of Anna"))
    site["bob"].edit(site.loop("Weekly of Bob"), add_labels="loop::waived")
    site["dan"].edit(site.loop("Weekly of Dan"), state_event="close")
    cleo = site.loop("Weekly of Cleo")
    site["cleo"].edit(cleo, description=cleo["description"] + "\n- [ ] A promise\n")
    site.at(WEEK_49)
    return repo


def seen(site: Site) -> set[tuple[Any, ...]]:
    """What people see: addresses left out."""
    return {
        (
            issue["title"],
            _plain(issue["description"]),
            issue["state"],
            tuple(sorted(issue["labels"])),
            tuple(sorted(_plain(note["body"]) for note in site.root.notes(issue))),
        )
        for issue in site.issues()
    }


def _plain(text: str) -> str:
    return re.sub(r"http://[^/]+/(\S+?)/-/issues/\d+", r"\1", text)


def said(site: Site) -> Counter[tuple[int, str]]:
    return Counter(
        (issue["id"], mark)
        for issue in site.issues()
        for note in site.root.notes(issue)
        for mark in MARK.findall(note["body"])
    )


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., tuple[set[tuple[Any, ...]], Counter[tuple[int, str]]]]:
    """Play the Monday with faults, rerun until nothing is left; what people see in the end."""

    def played(*faults: dict[str, Any]) -> tuple[set[tuple[Any, ...]], Counter[tuple[int, str]]]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        with served(now="2026-11-01T12:00:00Z") as site:
            repo = a_monday(site, folder)
            site.faults(*faults)
            ran = apply(site, WEEK_49, root=repo, expect=None)
            assert ran.code == (1 if faults else 0), ran
            site.faults()
            assert any(apply(site, WEEK_49, root=repo).nothing_to_do for _ in range(3))
            return seen(site), said(site)

    return played


@pytest.mark.timeout(240)
def test_a_lost_request_or_answer_and_each_note_stands_once(play):
    """Each of the points once: of creations, of notes, and of changes without a word."""
    wanted, words = play()
    assert {mark for _, mark in words} == {
        "done",
        "missed",
        "waived",
        "overdue",
        "reminder+0",
        "quiet/stale",
    }
    points = [
        ("cut_after", "POST", "/issues$", 2),
        ("cut_after", "POST", "/notes$", 6),
        ("cut_before", "POST", "/notes$", 10),
        ("cut_after", "PUT", "/issues/", 1),
    ]
    for action, method, route, nth in points:
        fault = {"action": action, "method": method, "route": route, "nth": nth}
        end, marks = play(fault)
        assert end == wanted, fault
        assert set(marks.values()) == {1}, fault
        assert Counter(mark for _, mark in marks) == Counter(mark for _, mark in words), fault

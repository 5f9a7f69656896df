"""What a fortnight costs in requests, counted by a proxy outside of the program."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.drive import drumbeat
from tests.e2e.outside import TEAMS, Person, Refused, Site, initiative
from tests.support.counting_proxy import Counts, Seen, counting

OPENED = "2026-11-02T09:00:00Z"
"""When the initiatives were opened: three weeks before they are stale."""
FIRST = datetime.fromisoformat("2026-11-23T15:30:00Z")
DAYS = 15
INITIATIVES = ("baobab", "cedar", "maple")

STEADY = 8
"""Requests beside the pages of lists that a run may cost when there is nothing to do."""
WRITES = 1.02
"""Writes a change."""
READS = 1
"""Reads of a loop's history a spoken transition of loops.

None where nobody touched the loop; its notes where there are some, else its state events.
"""
HISTORY = 4
"""Reads in the next run for each initiative that was touched: whether a person did it stands in its
notes and in its events of three kinds, and in no list. They are remembered."""
PAUSE = timedelta(minutes=15)
"""Between runs in which nothing happens: what was updated a moment ago is not remembered yet."""


@dataclass
class Fortnight:
    """Runs of Drumbeat behind a proxy, and what each of them cost."""

    site: Site
    counts: Counts
    folder: Path
    initiatives: set[int]
    changes: list[dict[str, Any]] = field(default_factory=list)
    writes: list[Seen] = field(default_factory=list)
    reads: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    spoken: int = 0
    after: list[tuple[int, list[Seen]]] = field(default_factory=list)
    steady: list[list[Seen]] = field(default_factory=list)
    per_run: list[str] = field(default_factory=list)

    def run(self, now: datetime) -> None:
        """One run that does what there is to do, and two that find nothing.

        `after` has what the first of them cost, and of how many initiatives something was changed
        right before; `steady` has what the last one cost.
        """
        changes, seen = self._applied(now)
        self.add(f"{now:%m-%d %H:%M}", changes, seen)
        touched = {issue_of(one) for one in changes if self.is_of_an_initiative(one)}
        for pause, costs in ((1, None), (2, self.steady)):
            nothing, seen = self._applied(now + pause * PAUSE)
            assert nothing == []
            if costs is None:
                self.after.append((len(touched), seen))
            else:
                costs.append(seen)

    def is_of_an_initiative(self, change: dict[str, Any]) -> bool:
        return change["kind"] == "transition" and change["target"]["project_id"] in self.initiatives

    def add(self, now: str, changes: list[dict[str, Any]], seen: list[Seen]) -> None:
        writes = [one for one in seen if one.is_write]
        spoken = [issue_of(one) for one in changes if is_spoken(one)]
        reads = [place for one in seen if one.is_history and (place := one.issue) in spoken]
        self.changes += changes
        self.writes += writes
        self.reads.update(Counter((now, *place) for place in reads))
        self.spoken += len(spoken)
        self.per_run.append(
            f"{now}: {len(changes)} changes, {len(writes)} writes; {len(spoken)} words on "
            f"loops, {len(reads)} reads for them; {len(seen) - len(writes) - len(reads)} others"
        )

    def is_of_initiative(self, one: Seen) -> bool:
        return any(f"/projects/{number}/" in one.path for number in self.initiatives)

    def _applied(self, moment: datetime) -> tuple[list[dict[str, Any]], list[Seen]]:
        now = moment.isoformat().replace("+00:00", "Z")
        self.site.at(now)
        self.counts.take()
        plan = self.folder / "plan.json"
        behind = Site(self.counts.url, self.site.tokens)
        drumbeat(behind, "apply", now, "--out", str(plan))
        return json.loads(plan.read_text())["changes"], self.counts.take()

    def beside(self) -> int:
        """The most that a run in a steady state cost beside lists."""
        return max(sum(not one.is_listing for one in seen) for seen in self.steady)

    def right_after(self) -> int:
        """The most that a run right after one with changes cost beside lists.

        Beside the history of the initiatives that were changed, too.
        """
        return max(
            sum(not one.is_listing for one in seen) - min(HISTORY * touched, self._of(seen))
            for touched, seen in self.after
        )

    def of_initiatives(self) -> int:
        """The most that such a run read of initiatives' history."""
        return max(self._of(seen) for _, seen in self.after)

    def _of(self, seen: list[Seen]) -> int:
        return sum(map(self.is_of_initiative, seen))

    def told(self) -> str:
        """The figures."""
        writes, changes = len(self.writes), len(self.changes)
        reads, spoken = self.reads.total(), self.spoken
        pages = max(sum(one.is_listing for one in seen) for seen in self.steady)
        figures = (
            f"{writes} writes for {changes} changes: {writes / changes:.3f} (at most {WRITES})",
            f"{reads} reads for {spoken} words: {reads / spoken:.3f} (at most {READS})",
            f"with nothing to do: {pages} pages of lists; {self.beside()} others (at most {STEADY})",
            f"right after changes: {self.right_after()} others (at most {STEADY})",
            f"and {self.of_initiatives()} of initiatives that were changed (at most {HISTORY} each)",
        )
        return "\n".join((*self.per_run, *figures))


def issue_of(change: dict[str, Any]) -> tuple[int, int]:
    """The project and number of the issue that a transition is about."""
    return change["target"]["project_id"], change["target"]["iid"]


def is_spoken(change: dict[str, Any]) -> bool:
    """Whether it is something to say on a loop."""
    return change["kind"] == "transition" and bool(change["say"]) and "#" not in change["key"]


# --- What people do -----------------------------------------------------------------------


def everything(who: Person, loop: dict[str, Any]) -> None:
    who.tick(loop)


def something(who: Person, loop: dict[str, Any]) -> None:
    who.tick(loop, lambda index: index % 2 == 0)


def a_word(who: Person, loop: dict[str, Any]) -> None:
    who.comment(loop, "I am on it.")


HABITS: list[dict[int, Callable[[Person, dict[str, Any]], None]]] = [
    {1: everything},
    {},
    {1: something, 3: everything},
    {1: something},
    {},
    {1: something, 5: everything},  # on the day after it was due
    {2: a_word, 3: everything},
]
"""What managers do with a loop, by the day after it opened; each has a habit."""


def live(site: Site, day: int) -> None:
    """Managers do what they do on the n-th day of a week."""
    loops = (one for one in site.loops(state="opened") if one["due_date"])
    for number, loop in enumerate(sorted(loops, key=lambda one: one["title"])):
        habit = HABITS[number % len(HABITS)]
        name = next((one["username"] for one in loop["assignees"]), "")
        if day in habit and name in TEAMS:
            habit[day](site[name], loop)


@pytest.fixture
def fortnight(open_site: Callable[[str], Site], tmp_path: Path) -> Iterator[Fortnight]:
    site = open_site(OPENED)
    opened = [initiative(site["se-302"], group, "Initiative") for group in INITIATIVES]
    with counting(site.url) as counts:
        yield Fortnight(site, counts, tmp_path, {one["project_id"] for one in opened})


@pytest.mark.slow
def test_a_fortnight_of_the_sample_stays_in_the_budget(fortnight: Fortnight) -> None:
    """Loops open, are reminded of, done late or in time, carried over; initiatives go quiet."""
    site = fortnight.site
    for day in range(DAYS):
        now = FIRST + timedelta(days=day, minutes=day)  # so that what is due after days is due
        site.at(now.isoformat())
        live(site, day % 7)
        if day == 9:
            quiet = site.issues("support/sgg", labels="initiative::stale")
            site["se-402"].comment(quiet[0], "Back at it.")
        fortnight.run(now)
    told = fortnight.told()
    print(told)
    deeds = {one.get("to", one["kind"]) for one in fortnight.changes}
    assert {
        "create-issue",
        "loop::done",
        "loop::overdue",
        "loop::missed",
        "stale",
        "revived",
    } <= deeds, told
    assert any(one["kind"] == "create-issue" and one["mentions"] for one in fortnight.changes), told
    assert len(fortnight.writes) <= WRITES * len(fortnight.changes), told
    assert fortnight.reads.total() <= READS * fortnight.spoken, told
    assert max(fortnight.reads.values()) <= READS, told
    assert fortnight.beside() <= STEADY, told
    assert fortnight.right_after() <= STEADY, told
    assert {one.status for one in fortnight.writes} <= {200, 201}, told


def test_the_proxy_forwards_everything_and_is_not_noticed(empty) -> None:
    site = empty("2026-11-02T09:00:00Z")
    with counting(site.url) as counts:
        through = Person(counts.url, site.root.token)
        group = through.post("/groups", name="g", path="g")
        assert group["web_url"].startswith(counts.url)
        page, headers = through.send("GET", "/groups?per_page=1")
        assert [one["id"] for one in page] == [group["id"]]
        assert {name.lower() for name in headers} >= {"x-total", "ratelimit-remaining"}
        with pytest.raises(Refused) as refusal:
            through.get("/groups/missing")
        assert refusal.value.status == 404
        through.delete(f"/groups/{group['id']}")
        assert [(one.method, one.path, one.status) for one in counts.take()] == [
            ("POST", "/api/v4/groups", 201),
            ("GET", "/api/v4/groups", 200),
            ("GET", "/api/v4/groups/missing", 404),
            ("DELETE", f"/api/v4/groups/{group['id']}", 202),
        ]
        assert counts.take() == []

"""What stands in confidential issues stays there: canaries in them, and every way out watched.

Everything that is shipped runs on one GitLab through weeks in which loops are reminded of, closed,
missed, carried over, escalated and rolled up, and initiatives are labelled. A canary is put into
each place of every confidential issue where people write. All that leaves Drumbeat is gathered:
what it prints, its files, the pages, and what it writes into issues that are not confidential.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.carry_over import HEADING
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.world import World, build
from automation.labels import cadence_label
from automation.sandbox.server import running
from tests.e2e.drive import Ran, drumbeat
from tests.e2e.outside import BOT, ROOT_TOKEN, Site
from tests.support.sample import REPOSITORY

pytestmark = pytest.mark.slow

OPENS = "2026-12-07T16:00:00Z"
"""A month's first Monday, in a quarter and in a year that have loops of their own."""
DUE = "2026-12-11T17:00:00Z"
LATE = "2026-12-12T17:00:00Z"
NEXT = "2026-12-14T17:00:00Z"
AGAIN = "2026-12-21T17:00:00Z"
NEEDY = "2026-12-22T17:00:00Z"
"""Two weeks after the quiet initiatives were labelled, and a bit."""
MAY = "2027-05-03T16:00:00Z"
"""Two days after the yearly feedback begins."""
JUNE = "2027-06-07T16:00:00Z"

ROLL_UP = cadence_label("weekly-roll-up")
SECRET, OPEN = "canary7", "finch3"
PLACES = ("title", "text", "item", "label", "note", "ticked")
_BIRD = re.compile(rf"(?:{SECRET}|{OPEN})[a-z]+\d+x\d+", re.IGNORECASE)


@dataclass
class Outside:
    """All that left Drumbeat, by what it came from; birds are looked for in all of it."""

    texts: list[tuple[str, str]] = field(default_factory=list)

    def add(self, source: str, text: str) -> None:
        self.texts.append((source, text))

    def birds(self, kind: str) -> Counter[str]:
        """What was seen of a kind, as `source: place`."""
        return Counter(
            f"{source}: {re.sub(r'[0-9x]+$', '', found[0][len(kind) :])}"
            for source, text in self.texts
            for found in _BIRD.finditer(text)
            if found[0].lower().startswith(kind)
        )


class Aviary:
    """The sample's GitLab with birds in its issues, and every run of Drumbeat on it."""

    def __init__(self, world: World, root: Path, folder: Path) -> None:
        self.world = world
        self.root = root
        self.folder = folder
        self.outside = Outside()
        self.site = Site(world.root.url, {BOT: world.token})
        self._seen: set[int] = set()
        self._in_roll_ups: list[str] = []

    # --- Birds -------------------------------------------------------------------------

    def release(self) -> None:
        """Put birds into every open issue that has none yet."""
        for issue in self.world.loops(state="opened"):
            if issue["id"] not in self._seen:
                self._seen.add(issue["id"])
                self._into(issue)

    def _into(self, issue: dict[str, Any]) -> None:
        """Into the title, the text, an item, a ticked item, a label and a note."""
        kind = SECRET if issue["confidential"] else OPEN
        number = f"{issue['iid']}x{issue['project_id']}"
        if ROLL_UP in issue["labels"]:
            self._in_roll_ups.append(number)
        bird = {place: f"{kind}{place}{number}" for place in PLACES}
        text = f"{bird['text']}\n\n{issue['description']}"
        text = re.sub(r"(?m)^(\s*)- \[ \] ", rf"\1- [ ] {bird['item']} ", text, count=1)
        added = f"- [ ] {bird['item']}, to do\n- [x] {bird['ticked']}, done"
        root, path = self.world.root, f"/projects/{issue['project_id']}/issues/{issue['iid']}"
        root.put(
            path,
            title=f"{issue['title']} {bird['title']}",
            description=f"{text}\n\n{added}",
            add_labels=bird["label"],
        )
        root.post(f"{path}/notes", body=f"{bird['note']}: a word between us")

    def tick(self, manager: str) -> None:
        """Tick everything in the manager's loops."""
        for issue in self.world.loops(state="opened", labels=f"drumbeat,manager::{manager}"):
            path = f"/projects/{issue['project_id']}/issues/{issue['iid']}"
            text = issue["description"].replace("- [ ]", "- [x]")
            self.world.root.put(path, description=text)

    def spoil(self, cadence: str, manager: str) -> None:
        """Take the headings out of a loop, so that its rule cannot be judged."""
        wanted = f"{cadence_label(cadence)},manager::{manager}"
        for issue in self.world.loops(state="opened", labels=wanted):
            path = f"/projects/{issue['project_id']}/issues/{issue['iid']}"
            self.world.root.put(path, description=issue["description"].replace("###", "-"))

    # --- Runs ----------------------------------------------------------------------------

    def day(self, now: str, *forms: str) -> None:
        """Look at the plan in these forms, do it, and let people write into what is new."""
        self.world.move_clock(now)
        for form in forms:
            kept = self.folder / "plan.json"
            self.run(f"plan as {form}", "plan", now, "--format", form, "--out", str(kept))
        files = [self.folder / name for name in ("plan.json", "outcomes.json", "audit.jsonl")]
        options = zip(("--out", "--outcomes", "--audit"), map(str, files), strict=True)
        self.run("apply", "apply", now, *(word for pair in options for word in pair))
        self.keep(*files)
        self.release()

    def run(self, name: str, verb: str, now: str, *more: str, expect: int | None = 0) -> Ran:
        ran = drumbeat(self.site, verb, now, *more, root=self.root, expect=expect)
        self.outside.add(f"{name}, stdout", ran.out)
        self.outside.add(f"{name}, stderr", ran.err)
        return ran

    def report(self, now: str) -> None:
        public = self.folder / "public"
        self.run("report", "report", now, "--out", str(public))
        self.keep(*(one for one in public.rglob("*") if one.is_file()))

    def keep(self, *files: Path) -> None:
        for file in files:
            name = str(file.relative_to(self.folder))
            self.outside.add(name, file.read_text(encoding="utf-8"))

    # --- What GitLab has in the end --------------------------------------------------------

    def look(self) -> None:
        """What Drumbeat wrote where others read: roll-ups are confidential, and read by few."""
        for issue in self.world.loops():
            rolled_up = ROLL_UP in issue["labels"]
            if not issue["confidential"] or rolled_up:
                name = "roll-up" if rolled_up else "open issue"
                self.outside.add(f"{name}, text", self._from_elsewhere(issue["description"]))
                for note in self.notes(issue):
                    if note["author"]["username"] == BOT:
                        self.outside.add(f"{name}, note", self._from_elsewhere(note["body"]))

    def _from_elsewhere(self, text: str) -> str:
        """The text without what was put into roll-ups: they carry over their own items."""
        own = "|".join(self._in_roll_ups)
        return re.sub(rf"{SECRET}[a-z]+(?:{own})\b", "", text)

    def notes(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        path = f"/projects/{issue['project_id']}/issues/{issue['iid']}/notes"
        found: list[dict[str, Any]] = self.world.root.get(path, per_page=100)
        return found


TEAMS = {"mgr-emea-1": 2, "mgr-emea-2": 1, "mgr-amer-1": 1}
"""Of the sample, a few people with so many reports each: what leaks does not need more."""


def smaller(folder: Path) -> Path:
    """All policies and templates that are shipped, with fewer people."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(REPOSITORY / name, folder / name)
    file = folder / "policies" / "roster.yml"
    roster = yaml.safe_load(file.read_text(encoding="utf-8"))
    roster["managers"] = [one for one in roster["managers"] if one["id"] in TEAMS]
    for one in roster["managers"]:
        one["reports"] = one["reports"][: TEAMS[one["id"]]]
        one["away"] = []
    roster["groups"] = [
        {**one, "managers": [], "sponsor": "mgr-emea-1"} for one in roster["groups"][:2]
    ]
    file.write_text(yaml.safe_dump(roster, allow_unicode=True), encoding="utf-8")
    return folder


def initiatives(world: World, root: Path) -> None:
    """Quiet initiatives and meta issues, confidential and not, a month before the first run."""
    for number, group in enumerate(open_loops(root).organisation.groups.values()):
        for confidential in (True, False):
            for labels in ("SGG", "SGG,initiative::blocked", "SGG,initiative::paused", "SGG,meta"):
                world.users["mgr-emea-1"].post(
                    f"/projects/{world.project(group.project)}/issues",
                    title=f"Initiative {number}",
                    description="- [ ] think\n- [x] begin",
                    labels=labels,
                    confidential=confidential,
                )


@pytest.fixture
def aviary(tmp_path: Path) -> Iterator[Aviary]:
    root = smaller(tmp_path / "repository")
    loops = open_loops(root)
    with running(root_token=ROOT_TOKEN, now=datetime(2026, 11, 1, tzinfo=UTC)) as url:
        moments = (datetime.fromisoformat(one) for one in (OPENS, MAY))
        places = {one.project for moment in moments for one in loops.current(moment)}
        world = build(Api(url, ROOT_TOKEN), loops.organisation, sorted(places))
        initiatives(world, root)
        yield Aviary(world, root, tmp_path)


def live(aviary: Aviary) -> None:
    """The weeks in which everything happens that Drumbeat has a word for."""
    forms = ("text", "json", "markdown")
    aviary.release()
    aviary.day(OPENS)
    aviary.tick("mgr-emea-1")
    aviary.spoil("ticket-review", "mgr-amer-1")
    aviary.day(DUE, *forms)
    aviary.day(LATE)
    aviary.report(LATE)
    aviary.day(NEXT, *forms)
    aviary.day(AGAIN, *forms)
    aviary.day(NEEDY)
    aviary.day(MAY)
    aviary.day(JUNE, *forms)
    aviary.report(JUNE)
    for verb, expect in (("doctor", None), ("adopt", 0), ("setup", None)):
        aviary.run(verb, verb, JUNE, expect=expect)
    aviary.look()


@pytest.mark.timeout(900)  # months go by, and everything is printed
def test_no_canary_gets_out_of_a_confidential_issue(aviary: Aviary) -> None:
    live(aviary)
    assert aviary.outside.birds(SECRET) == Counter()
    _everything_happened(aviary)
    _the_canaries_were_there(aviary)
    _finches_got_out(aviary.outside.birds(OPEN))


def _everything_happened(aviary: Aviary) -> None:
    """The weeks had in them what this is about: else nothing was proven."""
    shipped = {one.name for one in open_loops(aviary.root).organisation.cadences}
    loops = aviary.world.loops(labels="drumbeat")
    bearing = Counter(label for issue in loops for label in issue["labels"])
    assert {name for name in shipped if not bearing[cadence_label(name)]} == set()
    for label in ("loop::done", "loop::missed", "loop::overdue", "attention"):
        assert bearing[label], label
    secret = [issue for issue in loops if issue["confidential"]]
    said = " ".join(note["body"] for issue in secret for note in aviary.notes(issue))
    for words in ("a reminder:", "this was due on", "Done:", "The next loop is on", "cannot be"):
        assert words in said, words
    carried = [one for one in secret if SECRET in one["description"].partition(HEADING)[2]]
    assert carried
    needy = aviary.world.loops(labels="initiative::needs-manager", confidential="true")
    assert needy
    assert "quiet" in " ".join(note["body"] for one in needy for note in aviary.notes(one))


def _the_canaries_were_there(aviary: Aviary) -> None:
    """Every confidential cadence had a bird in each place."""
    loops = open_loops(aviary.root)
    moments = (datetime.fromisoformat(one) for one in (OPENS, MAY))
    wanted = {one.cadence.name for now in moments for one in loops.current(now) if one.confidential}
    assert len(wanted) >= 10
    for name in wanted:
        issues = aviary.world.loops(labels=cadence_label(name), confidential="true")
        everything = " ".join(
            f"{one['title']} {one['description']} {one['labels']} {aviary.notes(one)}"
            for one in issues
        )
        assert [one for one in PLACES if f"{SECRET}{one}" not in everything] == [], name


def _finches_got_out(seen: Counter[str]) -> None:
    """What is not confidential shows where it should: so a canary would have been seen, too."""
    for source in (
        "public/groups/baobab.html: title",
        "public/index.html: title",
        "open issue, text: item",
        "plan.json: label",
        "audit.jsonl: label",
        "plan as json, stdout: label",
    ):
        assert seen[source], (source, sorted(seen))


def test_a_canary_would_be_seen_wherever_it_got_out(tmp_path: Path) -> None:
    """The watch itself: each way out, with a canary in it."""
    outside = Outside()
    for source in ("plan as text, stdout", "public/index.html", "outcomes.json"):
        outside.add(source, f"… {SECRET.upper()}title12x3 …")
    assert outside.birds(SECRET) == Counter(
        {
            f"{one}: title": 1
            for one in ("plan as text, stdout", "public/index.html", "outcomes.json")
        }
    )
    assert outside.birds(OPEN) == Counter()
    shutil.rmtree(tmp_path)

"""Hostile issues of people, quoted by every rule that quotes: nothing happens but what was meant.

Every text is the title of an initiative, the name of somebody who has one, a milestone, a label,
a box and its description. One run comments on them, moves some, opens an issue that follows each,
one that lists them all, and the group's loop, which shows them. What came of harmless initiatives
is what all others are held against.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from automation.inert import WORD_JOINER
from tests.e2e.conftest import served
from tests.e2e.drive import Ran, apply, drumbeat
from tests.e2e.outside import BOT, ROOT_TOKEN, Site, escaped
from tests.hostile.corpus import shown
from tests.hostile.initiatives import LOOPS, NEW, OAK, OLD, SOME, TITLES, policies, settled
from tests.hostile.world import acting, comments, participants, skeleton, state
from tests.support.gitlab_state import restore, saved
from tests.support.once import once

NOW, LATER, THEN = (f"2026-11-23T09:0{minute}:00Z" for minute in (0, 2, 4))
"""Some minutes apart, since GitLab counts a minute's requests."""
FORCED = ("--force", "a corpus of hostile initiatives")
MATCH = "## Match\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Row = dict[str, Any]


@dataclass(frozen=True)
class Played:
    """The site after the run, what was there before it, and what Drumbeat said of it."""

    site: Site
    root: Path
    before: dict[int, Row]
    after: dict[int, Row]
    plan: str
    ran: Ran

    def made(self, begins: str) -> list[Row]:
        """What Drumbeat opened with a marker that begins so."""
        marker = f"<!-- drumbeat:{begins}"
        ours = (one for one in self.after.values() if one["author"]["username"] == BOT)
        return [one for one in ours if marker in one["description"]]

    def notes(self) -> list[Row]:
        """What Drumbeat commented, wherever."""
        return [
            one["note"]
            for place in (OAK, NEW, LOOPS)  # what moved took its comments along
            for one in self.site.root.every(
                f"/projects/{escaped(place)}/events", action="commented"
            )
            if one["author_username"] == BOT
        ]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    holds, held = once(tmp_path_factory, "from-gitlab", _played)
    with served(tokens=held.site.tokens) as site:
        restore(site.url, ROOT_TOKEN, holds)
        yield replace(held, site=site)


def _played(folder: Path) -> tuple[bytes, Played]:
    """What GitLab holds after the run, and what was seen of it."""
    root = policies(folder)
    with served(now="2026-11-20T09:00:00Z") as site:
        before = _by_id(settled(site))
        site.at(NOW)
        plan = drumbeat(site, "plan", NOW, "--format", "markdown", root=root, expect=4).out
        ran = apply(site, LATER, *FORCED, root=root)
        played = Played(site, root, before, _by_id(site), plan, ran)
        return saved(site.url, ROOT_TOKEN), played


def _by_id(site: Site) -> dict[int, Row]:
    return {one["id"]: one for one in site.issues()}


# --- The plan --------------------------------------------------------------------------------


def test_the_plan_as_markdown_commands_and_calls_nobody_and_keeps_its_tables(played):
    plan = played.plan
    rows = [line for line in plan.split("\n") if line.startswith("| ")]
    assert [*acting(plan)] == []
    assert [line for line in rows if len(re.findall(r"(?<!\\)\|", line)) != 4] == []
    opened = int(re.search(r"(\d+) issues to open", plan)[1])  # type: ignore[index]
    noted = int(re.search(r"(\d+) to label or remind", plan)[1])  # type: ignore[index]
    labels = int(re.search(r"(\d+) labels to make", plan)[1])  # type: ignore[index]
    assert opened >= len(TITLES) >= 300
    assert Counter(skeleton(plan))["TableRow"] == opened + noted + labels + 3  # their heads
    assert {what.lower() for what in comments(plan)} == {
        "</details>",
        *(line.lower() for line in plan.split("\n") if line.startswith("<details><summary>")),
    }


def test_the_plan_as_text_has_nothing_that_a_terminal_obeys(played):
    plan = played.ran.err
    printed = f"{played.ran.err}{played.ran.out}".split("\n")
    assert [ascii(line)[:80] for line in printed if any(map(_unseen, line))] == []
    assert len(re.findall(r"^  [+~✓] ", plan, re.M)) == len(
        re.findall("^      because ", plan, re.M)
    )


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character != WORD_JOINER


# --- What people wrote -----------------------------------------------------------------------


def test_nothing_was_executed_on_what_people_wrote(played):
    def look(one: Row) -> Any:
        people = [person["username"] for person in one["assignees"]]
        return {**state(one), "title": one["title"], "text": one["description"], "to": people}

    moved = {one["id"] for one in played.before.values() if _place(one) == OLD}
    changed = {
        shown(one["title"]): (look(one), look(played.after[number]))
        for number, one in played.before.items()
        if number not in moved and look(one) != look(played.after[number])
    }
    assert changed == {}
    left = [played.after[number] for number in moved]
    assert {(one["state"], one["moved_to_id"] is None) for one in left} == {("closed", False)}


def test_labels_are_those_that_were_meant(played):
    wrong = {}
    for number, one in played.before.items():
        told = "say" in one["labels"] and one["title"]
        meant = ["seen"] if told else one["labels"]
        if played.after[number]["labels"] != meant:
            wrong[shown(one["title"])] = played.after[number]["labels"]
    assert wrong == {}


def test_what_moved_is_as_it_was(played):
    titles = Counter(one["title"] for one in played.before.values() if _place(one) == OLD)
    copies = [one for one in played.after.values() if _place(one) == NEW]
    assert Counter(one["title"] for one in copies) == titles
    assert {(one["state"], *one["labels"]) for one in copies} == {("opened", "SGG")}
    assert {one["author"]["username"] for one in copies} == {"editor"}


def _place(issue: Row) -> str:
    return str(issue["references"]["full"]).partition("#")[0]


# --- What Drumbeat wrote ---------------------------------------------------------------------


def offenders(wrong: Iterable[tuple[Row, bool]]) -> list[str]:
    return [ascii(one.get("title") or one["body"])[:120] for one, is_wrong in wrong if is_wrong]


def test_an_issue_follows_each_and_is_as_the_harmless_one(played):
    follow = played.made("made follow/r ")
    assert len(follow) == len(TITLES)
    assert len({one["description"].split("\n")[-1] for one in follow}) == len(TITLES)
    assert {one["references"]["full"].partition("#")[0] for one in follow} == {LOOPS}
    ann = next(one for one in follow if one["title"].startswith("Ann ("))

    def look(one: Row) -> Any:
        return skeleton(one["description"]), {**state(one)}, one["labels"], one["assignees"]

    assert offenders((one, look(one) != look(ann)) for one in follow) == []


def test_a_comment_comes_on_each_that_has_everything_and_on_each_that_moves(played):
    notes = played.notes()
    said = [one for one in notes if "drumbeat:said say/r " in one["body"]]
    gone = [one for one in notes if "drumbeat:said go/r " in one["body"]]
    moved = [one for one in played.before.values() if _place(one) == OLD]
    assert (len(said), len(gone)) == (-(-len(TITLES) // SOME), len(moved))
    assert len(notes) == len(said) + len(gone)
    for kind in (said, gone):
        ann = next(_around(one["body"]) for one in kind if "look at Ann\n" in one["body"])
        assert offenders((one, _around(one["body"]) != ann) for one in kind) == []
        items = [_items(one["body"]) for one in kind]
        assert [ascii(one) for one in items if skeleton(one) != skeleton(_harmless(one))] == []


OPEN = re.compile(r"(?<=\nOpen:\n\n)(?:- .*\n)*(?=\n+These are all\.\n\n)")


def _around(body: str) -> tuple[str, ...]:
    """What a comment is made of beside the open boxes: how many there are depends on the texts."""
    return skeleton(OPEN.sub("", body))


def _items(body: str) -> str:
    """The list of open boxes in a comment."""
    (found,) = OPEN.findall(body)
    return str(found)


def _harmless(items: str) -> str:
    return "- x\n" * items.count("\n")


def test_what_lists_them_all_has_the_same_of_each(played):
    (listed,) = played.made("made list/r ")
    (group,) = played.made("loop group/oak/")
    for made in (listed, group):
        text = made["description"]
        first, *more = (f"{MATCH}{part}" for part in text.split(MATCH)[1:])
        last = more.pop().rpartition("\n\n<!-- drumbeat:")[0]
        assert len(more) + 2 == len(TITLES)
        assert [ascii(one) for one in (*more, last) if skeleton(one) != skeleton(first)] == []


def test_nothing_of_ours_commands_or_calls_anybody(played):
    texts = [one["description"] for one in _ours(played)]
    titles = [one["title"] for one in _ours(played)]
    notes = [one["body"] for one in played.notes()]
    assert [what for text in texts for what in acting(text)] == []
    assert [what for title in titles for what in acting(title) if "calls" in what] == []
    assert {what for text in notes for what in acting(text)} == {"calls anna"}


def test_nobody_is_told_of_what_drumbeat_opened(played):
    lists = [one for one in _ours(played) if not one["title"].endswith(")")]
    called = [one for one in played.made("made follow/r ") if "victim" in one["title"]]
    assert len(called) > 20
    told = {person for one in (*lists, *called) for person in participants(played.site, one)}
    assert told <= {BOT, "anna", "dora"}
    assert played.site["victim"].get("/todos") == []


def _ours(played: Played) -> list[Row]:
    return [one for one in played.after.values() if one["author"]["username"] == BOT]


# --- Keys ------------------------------------------------------------------------------------


def test_nothing_is_forged(played):
    found = Counter(what for one in _ours(played) for what in comments(one["description"]))
    marks = re.compile(r"<!-- drumbeat:(?:made follow/r \d+/\d+|made list/r \S+|loop \S+) -->")
    assert {what for what in found if not marks.fullmatch(what)} <= {"<details>", "</details>"}
    assert [what for what, count in found.items() if count > 1 and "drumbeat" in what] == []
    keys = sorted(what for what in found if "drumbeat:loop" in what)
    assert keys == [
        "<!-- drumbeat:loop group-health/oak/2026-W48 -->",
        "<!-- drumbeat:loop group/oak/2026-W48 -->",
        "<!-- drumbeat:loop weekly-roll-up/dora/2026-W48 -->",
        "<!-- drumbeat:loop weekly/anna/2026-W48 -->",
    ]


def test_right_after_it_nothing_is_left_to_do(played):
    played.site.at(THEN)
    assert drumbeat(played.site, "plan", THEN, root=played.root).out.endswith("Nothing to do.\n")

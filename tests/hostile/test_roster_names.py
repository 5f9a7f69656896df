"""Hostile names of people and groups, through four weeks of a real server: nothing happens.

Every text is for a week the name of a manager, or of a director and of a group, and all the time
that of a report, who is named wherever managers are. In the first week somebody also writes it into the checklist, from which the
second week's loop takes it over. A team of people called Ann is what all others are held against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from automation.carry_over import HEADING
from automation.config.text import FORBIDDEN
from tests.e2e.conftest import served
from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import BOT, ROOT_TOKEN, Site, escaped
from tests.hostile.corpus import ALL, shown
from tests.hostile.world import (
    TEAM,
    acting,
    comments,
    founded,
    organisation,
    participants,
    skeleton,
    state,
)
from tests.support.gitlab_state import restore, saved
from tests.support.once import once

TURNS = ("2026-11-23T09:00Z", "2026-11-30T09:00Z", "2026-12-07T09:00Z", "2026-12-14T09:00Z")
LATE = "2026-11-27T09:00Z"
FORCED = ("--force", "a corpus of hostile names")

NAMES = tuple(text for text in ALL if text and not FORBIDDEN.search(text) and len(text) < 50_000)
"""What a roster can hold; what it refuses is tested where files are read."""

FILLED = (*("Ann",) * TEAM, *NAMES, *("Ann",) * (-len(NAMES) % TEAM))
"""The names, by teams; the first team is harmless."""

_NUMBER = re.compile(r"(Weekly m|Group g)-(\d+) · (2026-W\d\d)")
_OWN_ID = re.compile(r"\b([mgdr])-\d{3}")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Seen:
    """An issue or a note as the server shows it after all that; `kind` tells what it is of."""

    kind: tuple[str, str]
    number: int
    text: str
    issue: dict[str, Any]

    def __str__(self) -> str:
        own = FILLED[self.number * TEAM : (self.number + 1) * TEAM]
        return f"{' '.join(self.kind)}, one of {', '.join(map(shown, own))}"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    holds, tokens = once(tmp_path_factory, "roster-names", _played)
    with served(tokens=tokens) as site:
        restore(site.url, ROOT_TOKEN, holds)
        yield site


def _played(folder: Path) -> tuple[bytes, dict[str, str]]:
    """What GitLab holds after four weeks, and the tokens of its people."""
    with served(now="2026-11-20T09:00:00Z") as site:
        founded(site, len(FILLED) // TEAM)
        for turn, now in enumerate(TURNS):
            root = organisation(folder, FILLED, turn)
            apply(site, now, *FORCED, root=root)
            if turn == 0:
                for issue in site.loops():
                    _add_items(site, issue)
                apply(site, LATE, *FORCED, root=root)
        assert drumbeat(site, "plan", TURNS[-1], root=folder).out.endswith("Nothing to do.\n")
        return saved(site.url, ROOT_TOKEN), site.tokens


def _add_items(site: Site, issue: dict[str, Any]) -> None:
    """Somebody writes an item with each of the texts into a loop."""
    kind, number, _ = _parts(issue)
    if kind == "Weekly m":
        # A loop's own marker that somebody plants is told, and stops the loop: tested elsewhere.
        texts = (text for text in _team(number) if "drumbeat:loop" not in text)
        own = (text[:900].replace("\n", "\n  ") for text in texts)
        items = "\n".join(f"- [ ] {text}" for text in own)
        site["editor"].edit(issue, description=f"{issue['description']}\n\n## More\n\n{items}\n")


def _team(number: int) -> tuple[str, ...]:
    return FILLED[number * TEAM : (number + 1) * TEAM]


def _parts(issue: dict[str, Any]) -> tuple[str, int, str]:
    found = _NUMBER.match(issue["title"])
    assert found is not None, issue["title"]
    return found[1], int(found[2]), found[3]


@pytest.fixture(scope="module")
def issues(site) -> list[Seen]:
    found = []
    for issue in site.loops():
        kind, number, week = _parts(issue)
        found.append(Seen((kind, week), number, issue["description"], issue))
    return found


@pytest.fixture(scope="module")
def notes(site, issues) -> list[Seen]:
    by_id = {seen.issue["id"]: seen for seen in issues}
    place = f"/projects/{escaped('support/loops')}/events"
    said = site.root.every(place, action="commented")
    ours = [one["note"] for one in said if one["author_username"] == BOT]
    return [
        Seen(
            (*seen.kind, re.sub(r"\W.*", "", note["body"].partition("<!-- drumbeat:said ")[2])),
            seen.number,
            note["body"],
            seen.issue,
        )
        for note in ours
        if (seen := by_id[note["noteable_id"]])
    ]


@pytest.fixture(scope="module")
def untouched(issues) -> list[Seen]:
    """The issues whose description nobody wrote into."""
    return [seen for seen in issues if seen.kind != ("Weekly m", "2026-W48")]


def unlike_ann(seen: list[Seen], look: Any) -> list[str]:
    """Those that look otherwise than what the harmless team got."""
    ann = {one.kind: look(one) for one in seen if one.number == 0}
    return [str(one) for one in seen if look(one) != ann[one.kind]]


def test_every_text_was_there_every_week(issues):
    kinds = {kind for kind, number, _ in map(_parts, (seen.issue for seen in issues))}
    assert len(NAMES) >= 300
    assert kinds == {"Weekly m", "Group g"}
    assert len(issues) == 2 * len(TURNS) * len(FILLED) // TEAM


def test_nothing_was_executed(issues):
    assert unlike_ann(issues, lambda one: {**state(one.issue), "task_completion_status": ""}) == []


def test_labels_and_assignees_are_those_that_were_meant(issues):
    def look(one: Seen) -> Any:
        labels = sorted(_OWN_ID.sub(r"\1-000", label) for label in one.issue["labels"])
        people = [_OWN_ID.sub(r"\1-000", person["username"]) for person in one.issue["assignees"]]
        return labels, people

    assert unlike_ann(issues, look) == []


def test_nobody_is_told_but_those_who_were_meant(site, issues):
    others = [
        f"{one}: {sorted(told)}"
        for one in issues
        if not (told := participants(site, one.issue)) <= {BOT, f"m-{one.number:03}", "editor"}
        and one.kind != ("Weekly m", "2026-W48")
    ]
    assert others == []


def test_titles_call_nobody(issues):
    assert [str(one) for one in issues if [*acting(one.issue["title"])]] == []


def test_no_text_of_ours_has_a_command_or_a_mention_in_it(untouched, notes):
    allowed = {"calls m", "calls d"}
    found = {
        str(one): wrong
        for one in (*untouched, *notes)
        if (wrong := [what for what in acting(one.text) if what.partition("-")[0] not in allowed])
    }
    assert found == {}


def made(one: Seen) -> str:
    """What the template made, without what was carried over (that depends on the names)."""
    return re.split(f"{re.escape(HEADING)}|<!-- drumbeat:loop ", one.text)[0]


def test_nothing_is_broken(untouched, notes):
    assert unlike_ann(untouched, lambda one: skeleton(made(one))) == []
    assert unlike_ann(notes, lambda one: skeleton(one.text)) == []


def test_what_is_carried_over_is_a_box_for_each(untouched):
    box = skeleton("- [ ] x (from [2026-W48](https://gitlab.example.com/1))")
    carried = [
        (one, line)
        for one in untouched
        for line in one.text.partition(HEADING)[2].split("\n")
        if line and not re.fullmatch(r"<!-- drumbeat:loop [a-z]+/[mg]-\d{3}/2026-W\d\d -->", line)
    ]
    assert len(carried) >= len(NAMES)
    assert [f"{one}: {line}" for one, line in carried if skeleton(line) != box] == []


def test_nothing_is_forged(untouched, notes):
    def look(one: Seen) -> Any:
        found = [_OWN_ID.sub(r"\1-000", comment) for comment in comments(one.text)]
        return [comment for comment in found if comment != HEADING.removeprefix("## Carried over ")]

    assert unlike_ann(untouched, look) == []
    assert unlike_ann(notes, look) == []


def test_every_team_got_as_many_notes_as_the_harmless_one(issues, notes):
    said: dict[tuple[int, tuple[str, ...]], int] = {}
    for note in notes:
        said[note.number, note.kind] = said.get((note.number, note.kind), 0) + 1
    ann = {kind: count for (number, kind), count in said.items() if number == 0}
    teams = {number for number, _ in said}
    assert len(teams) == len(FILLED) // TEAM
    assert {kind: said.get((number, kind)) for number in teams for kind in ann} == ann


def test_what_is_around_is_as_it_was(site):
    first = site.root.get(f"/projects/{escaped('support/loops')}/issues/1")
    assert (first["title"], first["state"], first["labels"]) == ("The first", "opened", [])
    assert site.root.notes(first) == []
    assert site["victim"].get("/todos") == []
    assert site.issues("support", author_username="editor", state="closed") == []
    names = {label["name"] for label in site.root.every("/groups/support/labels")}
    assert not [name for name in names if re.search(r"[<@/`]", name)]

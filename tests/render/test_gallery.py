"""The gallery's pages: every template for every subject of the sample, and what stands on them."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from automation.checklist import read
from automation.commands.workspace import open_loops
from automation.loops import Loop, Loops
from automation.render.gallery import Gallery, one_page, sheet_of, words_sheet
from automation.render.gallery.sheets import Chip
from automation.rules.gathering import sampled
from automation.rules.silent import Silent
from automation.rules.triage.showing import shown
from tests.render.test_html import Seen
from tests.support.builders import MONDAY, OrgBuilder, an_org, at
from tests.support.sample import REPOSITORY

BEGIN, END = at("2026-10-31"), at("2027-06-02")
"""Half a year in which every cadence of the sample comes around."""


@pytest.fixture(scope="module")
def sample() -> Loops:
    return open_loops(REPOSITORY)


def gallery(loops: Loops, now: datetime = MONDAY, **more: Any) -> Gallery:
    return Gallery(now, tuple(sheet_of(one, loops) for one in loops.current(now)), **more)


def page(builder: OrgBuilder) -> str:
    loops = builder.loops()
    (loop,) = loops.current(MONDAY)
    return one_page(sheet_of(loop, loops), MONDAY)


def org(folder: Path, **facts: Any) -> OrgBuilder:
    return an_org(folder).with_manager(name="Ann O'Neil").with_cadence(**facts)


# --- All of the sample ---------------------------------------------------------------------


def first_of_each(loops: Loops) -> dict[tuple[str, str], Loop]:
    """The first loop that opens of every cadence and subject, within half a year."""
    return {
        (cadence.name, subject.id): loop
        for cadence, subject in loops.pairs()
        for loop in [one for one in loops.coming(cadence, subject, BEGIN, END) if not one.skipped][
            :1
        ]
    }


def test_every_template_for_every_subject_shows_all_its_boxes(sample: Loops) -> None:
    found = first_of_each(sample)
    assert {one for one, _ in found} == {one.name for one in sample.organisation.cadences}
    for loop in found.values():
        sheet = sheet_of(loop, sample)
        text = sampled(loop)[0].body
        seen = Seen(sheet.body)
        assert (seen.faults, seen.open) == ([], []), loop.key
        assert seen.boxes == len(read(text).items) == sheet.boxes, loop.key
        assert seen.boxes, loop.key
        assert "&lt;" not in sheet.body, f"{loop.key} shows HTML as text"
        assert sheet.said, loop.key


def test_everything_that_triage_says_is_shown(sample: Loops) -> None:
    found = [
        words_sheet(one, sample.organisation)
        for policy in sample.organisation.triages
        for one in shown(policy, sample, MONDAY)
    ]
    speaking = [
        rule
        for policy in sample.organisation.triages
        for rule in policy.rules
        if rule.do.comment or rule.do.issue or rule.do.summary
    ]
    assert len(found) == len(speaking) > 0
    for one in found:
        assert Seen(one.body).faults == []
        assert len(one.body) > 100


# --- One page --------------------------------------------------------------------------------


def test_a_page_looks_like_the_issue(tmp_path: Path) -> None:
    text = page(org(tmp_path, confidential=True, labels=["team::x"], remind=["due"]))
    assert "<h1>weekly of Ann O&#39;Neil, 2026-W48</h1>" in text
    for name, value in {
        "Assignee": "@mgr-1",
        "Due date": "Fri 27 Nov 2026",
        "Project": "support/loops",
        "Period": "2026-W48, 2026-11-23 to 2026-11-29",
        "Opens": "Mon 23 Nov 2026, 08:00 UTC",
        "Closes when": "Every box is ticked, or set aside with [~].",
        "Still open when the next comes": "this one closes, and what is open goes along",
        "Key": "weekly/mgr-1/2026-W48",
    }.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text
    assert '<span class="mark secret">Confidential</span>' in text
    for label in ("loop::open", "drumbeat", "cadence::weekly", "manager::mgr-1", "team::x"):
        assert re.search(rf'<span class="chip c[0-9a-f]{{6}}">{label}</span>', text), label
    assert "<strong>A reminder</strong>" in text
    assert "this is due today" in text


@pytest.mark.parametrize(("what", "words"), [
    ("wait", "the next one waits for this one"), ("keep_both", "both stay open"),
])  # fmt: skip
def test_what_becomes_of_the_one_before(tmp_path: Path, what: str, words: str) -> None:
    assert words in page(org(tmp_path, when_previous_open=what))


def test_a_loop_that_does_not_open_says_why(tmp_path: Path) -> None:
    text = page(org(tmp_path, only_when="on_call"))
    assert '<span class="mark off">Not opened: not on call in 2026-W48</span>' in text


def test_a_substitute_is_named(tmp_path: Path) -> None:
    away = [{"from": "2026-11-20", "to": "2026-12-20", "cover": "mgr-2"}]
    builder = an_org(tmp_path).with_manager(name="Ann", away=away).with_manager("mgr-2")
    loops = builder.with_cadence(when_away="cover").loops()
    first, _ = loops.current(MONDAY)
    assert sheet_of(first, loops).facts["Assignee"] == "@mgr-2, for Ann"


def test_for_nobody_in_particular(tmp_path: Path) -> None:
    assert "<dd>nobody</dd>" in page(org(tmp_path, assignee="{{ '' }}"))


@pytest.mark.parametrize(("colour", "ink"), [
    ("#FFFFFF", "#000"), ("#000000", "#fff"), ("#D1D100", "#000"), ("#0033CC", "#fff"),
])  # fmt: skip
def test_a_label_can_be_read_on_its_colour(colour: str, ink: str) -> None:
    assert Chip("a", colour).ink == ink


# --- The whole ---------------------------------------------------------------------------------


def test_the_front_page_lists_by_cadence_and_links(sample: Loops) -> None:
    words = [
        words_sheet(one, sample.organisation)
        for policy in sample.organisation.triages
        for one in shown(policy, sample, MONDAY)
    ]
    silence = (Silent("community", "m", "Mia", "soon"), Silent("hiring", "", "", "it is off"))
    files = gallery(sample, words=tuple(words), silent=silence).files()
    index = files["index.html"]
    links = re.findall(r'<td><a href="([^"]+)">', index)
    assert sorted([*links, "index.html"]) == sorted(files)
    assert '<th scope="row">community</th><td>soon</td><td>Mia</td>' in index
    assert '<th scope="row">hiring</th><td>it is off</td><td>everybody</td>' in index
    for name in links:
        assert f'href="{"../" * name.count("/")}index.html"' in files[name]
        assert re.fullmatch(r"[a-z0-9/-]+/[\w-]+\.html", name)


def test_without_triage_and_silence_there_is_no_place_for_them(tmp_path: Path) -> None:
    index = gallery(org(tmp_path).loops()).files()["index.html"]
    assert "1 issue at Mon 23 Nov 2026, 09:00 UTC." in index
    assert "Triage policies" not in index
    assert "Not at this time" not in index


def test_a_page_may_use_its_own_style_and_script_only(sample: Loops) -> None:
    files = gallery(sample).files()
    for name, text in files.items():
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html.unescape(text))
        rules = dict(one.strip().split(" ", 1) for one in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["style-src"] == source(*re.findall(r"(?s)<style>(.*?)</style>", text))
        scripts = re.findall(r"(?s)<script>(.*?)</script>", text)
        wanted = source(*scripts) if name == "index.html" else "'none'"
        assert rules["script-src"] == wanted
        assert " style=" not in text
        assert "src=" not in text.replace("img-src", "").replace("script-src", "")


def source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

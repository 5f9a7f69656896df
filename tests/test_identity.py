"""Who may say which key an issue has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.identity import (
    NOTHING,
    Claim,
    Trust,
    claim,
    marker,
    read_markers,
    said_marker,
)
from automation.model.issue import Note, User
from automation.model.key import LoopKey
from tests.support.builders import MONDAY
from tests.support.fake_gitlab import FakeGitLab

KEY = LoopKey("one-on-one", "mgr-1", "2026-W48")
OTHER = LoopKey("one-on-one", "mgr-2", "2026-W48")
ME = User(1, "support-drumbeat")
TRUST = Trust.of(ME, ["Older-Drumbeat"])


def read(text):
    return read_markers(text, lambda key: key)


def test_a_marker_is_read_back_wherever_it_stands():
    text = f"- [ ] a\n\n> {marker(KEY)}\n\nmore {marker(OTHER)}"
    assert read(text) == {KEY, OTHER}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- drumbeat:loop one-on-one/mgr-1 -->",
        "<!-- drumbeat:loop one-on-one/mgr-1/2026-W48/more -->",
        "<!-- drumbeat:loop One/mgr-1/2026-W48 -->",
        "<!-- drumbeat:loop one/mgr-1/2026-W48-->",
        "<!-- drumbeat:loop " + "a" * 300 + "/b/2026 -->",
        "&lt;!-- drumbeat:loop one/mgr-1/2026-W48 --&gt;",
        said_marker("done", str(KEY)),
    ],
)
def test_what_only_looks_like_a_marker_is_none(text):
    assert read(text) == frozenset()


def test_keys_are_read_by_todays_ids():
    assert read_markers(marker(KEY), lambda key: replace(key, subject="mgr-9")) == {
        LoopKey("one-on-one", "mgr-9", "2026-W48")
    }


@pytest.mark.parametrize(
    ("marked", "titled", "keys", "conflict"),
    [
        (set(), None, set(), ""),
        ({KEY}, None, {KEY}, ""),
        (set(), KEY, {KEY}, ""),
        ({KEY}, KEY, {KEY}, ""),
        (
            {KEY},
            OTHER,
            {KEY, OTHER},
            (
                "its title and its markers name one-on-one/mgr-1/2026-W48 and "
                "one-on-one/mgr-2/2026-W48"
            ),
        ),
        (
            {KEY, OTHER},
            None,
            {KEY, OTHER},
            (
                "its title and its markers name one-on-one/mgr-1/2026-W48 and "
                "one-on-one/mgr-2/2026-W48"
            ),
        ),
    ],
)
def test_either_carrier_is_enough_and_both_must_agree(marked, titled, keys, conflict):
    assert claim(frozenset(marked), titled) == Claim(frozenset(keys), conflict)
    assert Claim(frozenset()) == NOTHING


@pytest.mark.parametrize(
    ("user", "ours", "may_have_written"),
    [
        (ME, True, True),
        (User(1, "renamed"), True, True),
        (User(9, "SUPPORT-drumbeat"), True, True),
        (User(9, "older-drumbeat"), True, True),
        (User(9, "ghost"), False, True),
        (User(9, "Ghost"), False, True),
        (User(9, "support-drumbeat-2"), False, False),
        (User(9, "ghost1"), False, False),
    ],
)
def test_whose_issues_and_words_count(user, ours, may_have_written):
    issue = FakeGitLab(MONDAY).open("support/loops", "t", author=user)
    assert TRUST.is_drumbeat(user) is ours
    assert TRUST.wrote(issue) is may_have_written
    note = Note(1, user, f"text\n\n{said_marker('done', str(KEY))}", MONDAY)
    assert TRUST.said(note, said_marker("done", str(KEY))) is ours
    assert not TRUST.said(note, said_marker("missed", str(KEY)))
    assert not TRUST.said(replace(note, system=True), said_marker("done", str(KEY)))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("one-on-one/mgr-1/2026-W48", KEY),
        ("a/b/FY27-Q4", LoopKey("a", "b", "FY27-Q4")),
        ("a/b/2026-11-23", LoopKey("a", "b", "2026-11-23")),
        ("a/b", None),
        ("a/b/c", None),
        ("-a/b/2026", None),
        ("a/b/2026\n", None),
    ],
)
def test_a_key_is_spelled_in_one_way(text, key):
    assert LoopKey.parse(text) == key
    assert key is None or str(key) == text

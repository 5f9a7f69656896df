"""The suite about itself: each case cites, and each law has cases."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.citing import cites
from tests.contract.conftest import CASES
from tests.contract.sources import COMMITS

LAWS = {
    1: "Exactly once", 2: "Look before you repeat", 3: "No tick is lost",
    4: "One write per transition", 5: "People win", 6: "Bots don't count",
    7: "Trust no text", 8: "Bounded", 9: "One failure stays one failure",
    10: "Settled means silent",
}  # fmt: skip
LEAST = 250


@pytest.fixture
def cases(request) -> list[pytest.Item]:
    """All cases but those of this file; skips where not all files were collected."""
    here = Path(__file__)
    found = [item for item in request.config.stash[CASES] if item.path != here]
    wanted = {path for path in here.parent.glob("test_*.py") if path != here}
    if {item.path for item in found} != wanted:
        pytest.skip("only a part of the suite was collected")
    return found


def test_every_case_cites_gitlab(request):
    here = Path(__file__)
    bare = [
        item.nodeid
        for item in request.config.stash[CASES]
        if item.path != here and item.get_closest_marker("cites") is None
    ]
    assert bare == []


def test_every_citation_says_where_and_at_which_commit(cases):
    for item in cases:
        mark = item.get_closest_marker("cites")
        assert mark.kwargs["about"], item.nodeid
        assert re.fullmatch(r"[0-9a-f]{40}", mark.kwargs["commit"]), item.nodeid


def test_there_are_enough_cases(cases):
    assert len(cases) >= LEAST


def test_every_law_rests_on_cases(cases):
    counts = Counter(
        law for item in cases for law in item.get_closest_marker("cites").kwargs["laws"]
    )
    for law, name in LAWS.items():
        print(f"law {law:2}  {counts[law]:4} cases  {name}")
    assert set(counts) == set(LAWS)
    assert min(counts.values()) >= 8, counts


def test_no_source_is_read_for_nothing(cases):
    used = {item.get_closest_marker("cites").kwargs["path"] for item in cases}
    assert set(COMMITS) - used == set()


def test_an_unknown_source_cannot_be_cited():
    with pytest.raises(KeyError):
        cites("lib/no_such_file.rb", "nothing")

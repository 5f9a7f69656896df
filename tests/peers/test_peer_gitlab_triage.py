"""Beside a port of gitlab-triage: the same issues where both are right, and where noise fools it.

Its rule is applied as its source has it, and by the peer itself where a checkout of it is named
in GITLAB_TRIAGE_CHECKOUT (see side_by_side.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.side_by_side import (
    KINDS,
    NOISE,
    Field,
    choice_by_the_peers_rule,
    drumbeats_choice,
    field_of_issues,
    peers_choice,
    table,
)

pytestmark = pytest.mark.slow

CHECKOUT = os.environ.get("GITLAB_TRIAGE_CHECKOUT", "")
NONE = "GITLAB_TRIAGE_CHECKOUT names no checkout of abh80/gitlab-triage, which is not on npm"

Chooses = Callable[[Field], set[int]]
PEERS = [
    pytest.param(choice_by_the_peers_rule, id="by its rule"),
    pytest.param(
        lambda field: peers_choice(field, Path(CHECKOUT)),
        id="itself",
        marks=pytest.mark.skipif(not CHECKOUT, reason=NONE),
    ),
]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with field_of_issues(tmp_path_factory.mktemp("field")) as made:
        yield made


@pytest.fixture(scope="module")
def ours(field: Field) -> set[int]:
    return drumbeats_choice(field)


def test_drumbeat_chooses_just_those_where_no_person_did_anything(field: Field, ours: set[int]):
    assert len(field.kinds) == 2000
    assert ours == {iid for iid, kind in field.kinds.items() if kind.quiet}


@pytest.mark.parametrize("peer", PEERS)
def test_both_choose_the_same_but_where_noise_fools_the_peer(
    field: Field, ours: set[int], peer: Chooses
):
    peers = peer(field)
    fooled = {iid for iid, kind in field.kinds.items() if kind.fools}
    assert peers - ours == set()
    assert ours - peers == fooled
    assert {field.kinds[iid].noise for iid in fooled} == set(NOISE)

    shown = table(field.compared(ours, peers))
    assert shown.count("| same |") == sum(not kind.fools for kind in KINDS)
    assert shown.count("| noise fools the peer |") == len(NOISE)
    assert shown.endswith(f"| all | 2000 | {len(ours)} | {len(peers)} | |")

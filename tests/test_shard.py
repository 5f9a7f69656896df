"""Parts of a run: what is written for them, and that each name has one part, for good."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.errors import UsageError
from automation.model.shard import MOST, REST, Shard, place_of
from automation.planner import part_of


@pytest.mark.parametrize(
    ("text", "shard"), [("1/1", Shard(1, 1)), ("4/4", Shard(4, 4)), ("rest", REST)]
)
def test_it_reads_what_it_writes(text, shard):
    assert Shard.read(text) == shard
    assert str(shard) == text


def test_the_rest_runs_alone_and_shards_side_by_side():
    assert (Shard(3, 4).share, REST.share) == (0.25, 1.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0/4", "there is no shard 0 of 4"),
        ("5/4", "there is no shard 5 of 4"),
        ("1/0", "there are 1 to 200 shards"),
        ("1/201", "there are 1 to 200 shards"),
        ("a/b", "is not I/N"),
        ("-1/4", "is not I/N"),
        ("2", "is not I/N"),
        ("2/4/6", "is not I/N"),
        ("٢/4", "is not I/N"),
        ("", "is not I/N"),
        ("Rest", "is not I/N"),
    ],
)
def test_nonsense_is_refused_with_the_way_out(text, why):
    with pytest.raises(UsageError, match=why) as caught:
        Shard.read(text)
    assert "--shard 2/4" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "total", "place"),
    [("mgr-emea-1", 4, 2), ("mgr-emea-1", 16, 14), ("se-101", 4, 4), ("17/4", 4, 4)],
)
def test_a_name_keeps_its_place_on_every_machine_and_in_every_version(name, total, place):
    assert place_of(name, total) == place


@given(st.text(), st.integers(1, MOST))
def test_every_name_is_in_exactly_one_part(name, total):
    parts = [Shard(index, total) for index in range(1, total + 1)]
    assert [part.index for part in (*parts, REST) if part.holds(name)] == [place_of(name, total)]


@given(st.integers(1, MOST))
def test_what_needs_the_whole_is_in_the_rest_only(total):
    parts = [Shard(index, total) for index in range(1, total + 1)]
    assert [part for part in (*parts, REST) if part.holds(None)] == [REST]


def test_names_are_dealt_out_evenly():
    dealt = Counter(place_of(f"mgr-{number}", 16) for number in range(16_000))
    assert sorted(dealt) == list(range(1, 17))
    assert all(850 < count < 1150 for count in dealt.values())


@pytest.mark.parametrize(
    ("limit", "shard", "part"),
    [
        (200, None, 200),
        (200, REST, 200),
        (200, Shard(1, 1), 200),
        (200, Shard(3, 4), 72),
        (5, Shard(1, 4), 5),
        (0, Shard(1, 4), 0),
    ],
)
def test_a_limit_is_shared_out_with_room_for_what_a_hash_does(limit, shard, part):
    assert part_of(limit, shard) == part

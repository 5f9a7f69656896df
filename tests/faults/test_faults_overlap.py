"""Two runs at once: one open issue for each key, whichever way their requests take turns."""

from __future__ import annotations

import pytest

from tests.faults.overlap import Turns, play_overlap

CHAPTERS = ["second week", "late", "twins", "third week"]


@pytest.mark.parametrize("number", range(len(CHAPTERS)))
def test_what_two_runs_at_once_open_twice_is_healed(stage, scenes, number):
    result = play_overlap(stage, scenes[CHAPTERS[number]], number)
    assert not result.broken, str(result)


def test_the_overlap_does_open_issues_twice_before_it_is_healed(stage, scenes):
    """With seed 1 the runs take turns evenly."""
    result = play_overlap(stage, scenes["first week"], 1)
    assert not result.broken, str(result)
    assert result.struck["opened twice"] > 0


def test_a_run_that_is_alone_has_every_turn():
    turns = Turns(1, 2)
    turns.leave(1)
    came_back = []
    for number in range(3):
        turns.wait(0)
        came_back.append(number)
    turns.leave(0)
    assert came_back == [0, 1, 2]

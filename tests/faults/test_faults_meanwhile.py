"""What happens between a plan and its doing is told with its remedy, and heals."""

from __future__ import annotations

import pytest

from tests.faults.meanwhile import MEANWHILE, play_meanwhile

HALF_WAY = ("the token is revoked", "the project is archived", "a label is deleted")


@pytest.mark.parametrize("what", MEANWHILE, ids=lambda what: what.name)
def test_between_the_plan_and_its_doing(stage, scenes, what):
    result = play_meanwhile(stage, scenes[what.chapter], what, 0)
    assert not result.broken, str(result)


@pytest.mark.parametrize("name", HALF_WAY)
def test_half_way_through_its_doing(stage, scenes, name):
    (what,) = (one for one in MEANWHILE if one.name == name)
    scene = scenes[what.chapter]
    result = play_meanwhile(stage, scene, what, scene.writes // 2)
    assert not result.broken, str(result)

"""The fault campaign in short: every kind of trouble once, and what once failed.

The whole is `python -m tests.faults --runs 500`.
"""

from __future__ import annotations

import random

import pytest

from automation.remote import Pacer
from tests.faults.campaign import Draft, Stage, draft, play
from tests.faults.regressions import REGRESSIONS, Regression
from tests.faults.trouble import FOR_EVER, KINDS, Trouble
from tests.remote.remote_world import StillTime

DRAWN = 8
"""So many campaigns have all kinds of trouble between them, four or five in each."""


def in_short(stage: Stage, number: int) -> Draft:
    """A campaign with its share of all kinds, at requests that the number draws."""
    rng = random.Random(number)
    scene = stage.scenes(0)[number % len(stage.scenes(0))]
    kinds = [kind for kind in list(KINDS.values())[number::DRAWN] if "killed" not in kind.name]
    troubles = [Trouble(kind, rng.randrange(scene.requests), later=3) for kind in kinds]
    end = [one for one in list(KINDS.values())[number::DRAWN] if "killed" in one.name]
    writes = scene.reads + number % max(1, scene.writes)
    return Draft(scene, (*troubles, *(Trouble(kind, writes, later=3) for kind in end)))


@pytest.mark.parametrize("number", range(DRAWN))
def test_whatever_happens_to_requests_the_next_runs_heal_it(stage, number):
    result = play(stage, in_short(stage, number), number)
    assert not result.broken, str(result)
    assert result.struck


@pytest.mark.parametrize("once", REGRESSIONS, ids=lambda once: f"seed {once.seed}")
def test_what_once_failed_does_not_fail_again(stage, once: Regression):
    result = play(stage, once.draft(stage), once.seed)
    assert not result.broken, f"{once.what}\n{result}"
    assert result.struck


@pytest.mark.parametrize("chapter", ["fourth week", "second week"])
def test_with_several_lanes_the_laws_hold_as_well(stage, scenes, chapter):
    scene = scenes[chapter]
    troubles = (
        Trouble(KINDS["timed out after"], scene.reads + 1),
        Trouble(KINDS["503 before"], scene.reads + 4, 2),
        Trouble(KINDS["cut after"], scene.reads + 7),
    )
    result = play(stage, Draft(scene, troubles, lanes=4), 1)
    assert not result.broken, str(result)
    assert sum(result.struck.values()) == 4


def test_a_seed_draws_the_same_again(stage):
    """Worlds aside, of which one is enough here."""
    drafts = [draft(stage, seed, worlds=1) for seed in range(70)]
    assert drafts == [draft(stage, seed, worlds=1) for seed in range(70)]
    assert {one.first[0].kind.name for one in drafts} == set(KINDS)
    assert any(one.second for one in drafts)
    assert any(one.straggling for one in drafts)


class Careless(Pacer):
    """A pacer as of a client that repeats writes whose answers were lost."""

    def write(self, *args, **kwargs):
        return self.read(*args, **kwargs)


@pytest.mark.parametrize("kind", ["cut after", "timed out after"])
def test_the_campaign_finds_out_who_sends_a_write_again(stage, scenes, kind):
    def careless(time: StillTime) -> Pacer:
        return Careless(sleep=time.sleep, clock=time.clock)

    drafted = Draft(scenes["first week"], (Trouble(KINDS[kind], scenes["first week"].reads + 2),))
    broken = "\n".join(play(stage, drafted, 1, careless).broken)
    assert "sent again although it may have happened: POST" in broken
    assert "was opened 2 times" in broken


def test_an_outage_without_end_is_told_and_heals_when_it_ends(stage, scenes):
    drafted = Draft(scenes["third week"], (Trouble(KINDS["refused connection"], 0, FOR_EVER),))
    result = play(stage, drafted, 1)
    assert not result.broken, str(result)
    assert result.codes["3"] == 1

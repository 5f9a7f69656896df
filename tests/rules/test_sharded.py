"""Exactly once across shards: their plans together are the whole plan, and none says the same."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.apply import apply
from automation.model.change import CreateIssue, EnsureLabel, Status, Transition
from automation.model.questions import IssuesOf
from automation.model.scope import Scope
from automation.model.shard import REST, Shard
from automation.model.snapshot import Unreadable
from automation.plan import Plan
from automation.planner import make_plan
from automation.rules.whole import in_shard, policies_for_the_rest
from tests.support.builders import ALL_BOXES, MONDAY, OrgBuilder, Scene, an_org, opened
from tests.triage.world import BAOBAB, World, rule

ROLL_UP = ALL_BOXES + "{{ rollup.total.opened }}\n"
TOTALS = (1, 2, 3, 5)


def parts_of(total: int) -> list[Shard]:
    """All shards of a run, and the rest."""
    return [*(Shard(index, total) for index in range(1, total + 1)), REST]


def an_organisation(folder: Path, managers: int, reports: int) -> OrgBuilder:
    """Cadences for everybody, with all that ties loops together, and triage."""
    org = an_org(folder)
    for number in range(managers):
        org.with_manager(f"mgr-{number}", reports=reports, director=f"dir-{number % 2}")
    for number in range(0, managers, 2):
        org.with_group(f"group-{number}", f"mgr-{number}")
    org.with_cadence("weekly", when_previous_open="carry_over", escalate={"after_missed": 1})
    org.with_cadence("monthly", period="month", schedule=FIRST_DAY)
    org.with_cadence("talk", for_each="report", when_previous_open="wait")
    org.with_cadence("health", for_each="group", when_previous_open="keep_both")
    org.with_cadence("all-hands", for_each="organisation")
    org.with_cadence("roll-up", ROLL_UP, for_each="director")
    org.with_template("follow.md", "Look at {{ issue.title }}\n\n- [ ] look\n")
    follow = {"title": "Look", "template": "follow.md", "project": "support/loops"}
    do: dict[str, Any] = {"label": "initiative::stale", "issue": follow}
    rules = [{"name": "stale", "when": "quiet_for > days(21)", "do": do}]
    return org.with_triage(rules=rules)


FIRST_DAY = {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1", "at": "08:00"}


def with_history(org: OrgBuilder, dice: random.Random) -> Scene:
    """Two weeks of it: some boxes ticked, some loops closed or opened twice, quiet initiatives."""
    scene = org.scene(MONDAY)
    for person in ("dir-0", "dir-1"):
        scene.gitlab.with_user(person)
    for manager in org.managers:
        for report in manager.reports:
            scene.gitlab.with_user(report.username)
    for group in org.groups:
        for number in range(3):
            scene.gitlab.open(group.project, f"Initiative {number}", labels=["SGG"])
    scene.run()
    _lived(scene, dice)
    _opened_again(scene, dice)
    scene.run(MONDAY + timedelta(days=7))
    _lived(scene, dice)
    scene.now = MONDAY + timedelta(days=dice.choice([10, 14, 28]))
    return scene


def _lived(scene: Scene, dice: random.Random) -> None:
    for issue in scene.issues():
        fate = dice.random()
        if not issue.opened:
            continue
        if fate < 0.3:
            scene.gitlab.tick(issue, scene.person(), *range(1, issue.tasks.count + 1))
        elif fate < 0.4:
            scene.gitlab.close(issue, scene.person())
        elif fate < 0.5:
            scene.gitlab.rename(issue, scene.person(), "Mine")


def _opened_again(scene: Scene, dice: random.Random) -> None:
    """As if two runs had overlapped."""
    for issue in dice.sample(scene.issues(), 3):
        scene.gitlab.open(
            issue.project,
            issue.title,
            issue.description,
            author=issue.author,
            labels=issue.labels,
        )


def planned(scene: Scene, part: Shard) -> Plan:
    return make_plan(in_shard(scene.loops, part), scene.gitlab, scene.now)


def without_labels(plan: Plan) -> list[CreateIssue | Transition]:
    return [one for one in plan.changes if isinstance(one, CreateIssue | Transition)]


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 5), st.integers(0, 3), st.randoms(use_true_random=False))
def test_the_plans_of_all_shards_are_the_whole_plan_and_nothing_is_in_two(managers, reports, dice):
    with tempfile.TemporaryDirectory() as folder:
        scene = with_history(an_organisation(Path(folder), managers, reports), dice)
        whole = scene.plan()
        for total in TOTALS:
            plans = [planned(scene, part) for part in parts_of(total)]
            found = Counter(one.id for plan in plans for one in without_labels(plan))
            assert found == Counter(one.id for one in without_labels(whole))
            labels = {one.id for plan in plans for one in plan.changes}
            assert labels - found.keys() == {one.id for one in whole.changes} - found.keys()
            told = Counter(problem for plan in plans for problem in plan.problems)
            assert told == Counter(whole.problems)


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 5), st.sampled_from(TOTALS), st.randoms(use_true_random=False))
def test_after_all_shards_a_whole_run_has_nothing_to_do(managers, total, dice):
    with tempfile.TemporaryDirectory() as folder:
        scene = with_history(an_organisation(Path(folder), managers, 2), dice)
        scene.plan()
        for part in parts_of(total):
            told = list(apply(planned(scene, part), scene.gitlab))
            assert {one.status for one in told} <= {Status.DONE}
        assert scene.plan().changes == ()


def test_what_else_is_in_the_roster_moves_nobody(tmp_path):
    small = an_organisation(tmp_path, 3, 2).scene()
    large = an_organisation(tmp_path, 9, 4).scene()
    for part in parts_of(4):
        few, many = planned(small, part), planned(large, part)
        there = set(opened(small.plan()))
        assert set(opened(few)) == set(opened(many)) & there


def test_the_roll_up_comes_after_all_shards(tmp_path):
    scene = an_organisation(tmp_path, 2, 1).scene()
    assert policies_for_the_rest(scene.loops) == {"roll-up"}
    assert opened(planned(scene, REST)) == ["roll-up/dir-0/2026-W48", "roll-up/dir-1/2026-W48"]
    assert str(planned(scene, REST).shard) == "rest"


def test_a_cadence_that_is_switched_off_is_left_out(tmp_path):
    org = an_org(tmp_path).with_manager()
    org.with_cadence("roll-up", ROLL_UP, for_each="director", enabled=False)
    assert policies_for_the_rest(org.loops()) == frozenset()


def test_only_and_shard_go_together(tmp_path):
    scene = an_organisation(tmp_path, 3, 1).scene()
    only = Scope({"cadence": frozenset({"weekly"})})
    scene.loops = replace(scene.loops, scope=only)
    found = sorted(key for part in parts_of(3) for key in opened(planned(scene, part)))
    assert found == sorted(opened(scene.plan()))
    assert {key.partition("/")[0] for key in found} == {"weekly"}


def test_all_loops_of_a_subject_are_in_one_shard(tmp_path):
    scene = an_organisation(tmp_path, 4, 2).scene()
    places: dict[str, set[str]] = {}
    for part in parts_of(5)[:-1]:
        for key in opened(planned(scene, part)):
            places.setdefault(key.split("/")[1], set()).add(str(part))
    assert {len(found) for found in places.values()} == {1}
    assert len(places) == 4 + 8 + 2 + 1


def test_bounds_are_shared_out(tmp_path):
    scene = an_organisation(tmp_path, 5, 3).scene()
    whole = scene.plan().bounds
    bounds = [planned(scene, part).bounds for part in parts_of(4)]
    assert (
        whole.create <= sum(one.create for one in bounds) <= whole.create + 4 * (9 + 50 // 4) + 50
    )
    assert [one.notes for one in bounds] == [72, 72, 72, 72, 200]


def test_a_place_that_stops_several_shards_is_told_by_each_of_them(tmp_path):
    scene = an_organisation(tmp_path, 5, 0).scene()
    scene.gitlab.hidden.add("support/loops")
    plans = [planned(scene, part) for part in parts_of(2)]
    assert all(plan.blocked for plan in plans)
    assert {problem for plan in plans for problem in plan.problems} == set(scene.plan().problems)


# --- Triage ------------------------------------------------------------------------------

SUMMARY = {"template": "list.md", "project": "support/loops", "labels": ["sum"]}
FOLLOW = {"title": "Look", "template": "note.md", "project": "support/loops"}


def sharded(world: World, part: Shard) -> Plan:
    world.plan()
    return make_plan(in_shard(world.loops, part), world.gitlab, world.now)


def run_all(world: World, total: int) -> list[Plan]:
    """All shards after one another, then the rest."""
    plans = []
    for part in parts_of(total):
        plans.append(sharded(world, part))
        assert {one.status for one in apply(plans[-1], world.gitlab)} <= {Status.DONE}
    return plans


def keys(plan: Plan) -> list[str]:
    return sorted(one.key for one in without_labels(plan))


def test_triage_policies_from_the_first_that_needs_all_matches_on_are_for_the_rest(tmp_path):
    more: Any = [
        ("second", {}, [rule("b", limits={"at_most": 1}, label="b")]),
        ("third", {}, [rule("c", label="c")]),
    ]
    world = World(tmp_path, rule("a", label="a"), more=more)
    assert policies_for_the_rest(world.loops) == {"second", "third"}
    for _ in range(6):
        world.open()
    *plans, rest = run_all(world, 3)
    assert sorted(key for plan in plans for key in keys(plan)) == [
        f"{BAOBAB}#{n}" for n in range(1, 7)
    ]
    assert {
        one.add_labels for plan in plans for one in plan.changes if isinstance(one, Transition)
    } == {("a",)}
    found = Counter(one.add_labels for one in rest.changes if isinstance(one, Transition))
    assert found == {("b", "c"): 1, ("c",): 5}


def test_a_summary_lists_the_matches_of_all_shards_once(tmp_path):
    world = World(tmp_path, rule("r", 'not has("x")', summary=SUMMARY, label="x"))
    issues = [world.open(title=f"Runbook {number}") for number in range(5)]
    *plans, rest = run_all(world, 3)
    assert [plan.changes for plan in plans] == [(), (), ()]
    (made,) = [one for one in rest.changes if isinstance(one, CreateIssue)]
    assert all(issue.title in made.description for issue in issues)
    assert all("x" in world.now_is(issue).labels for issue in issues)
    assert world.plan().changes == ()


def test_doubles_of_what_follows_a_match_are_closed_by_the_shard_of_the_match(tmp_path):
    more: Any = [("second", {"group": "support"}, [rule("b", label="b")])]
    world = World(tmp_path, rule("a", issue=FOLLOW), more=more)
    for _ in range(8):
        world.open()
    world.run()
    followers = [one for one in world.gitlab.issues.values() if one.project == "support/loops"]
    for one in followers:
        world.gitlab.open(one.project, one.title, one.description, author=one.author)
    whole = world.plan()
    plans = [sharded(world, part) for part in parts_of(3)]
    assert Counter(key for plan in plans for key in keys(plan)) == Counter(keys(whole))
    assert sum(one.close for one in whole.changes if isinstance(one, Transition)) == 8


def test_what_another_policy_does_to_a_summary_is_done_by_the_rest(tmp_path):
    more: Any = [("second", {}, [rule("s", summary=SUMMARY)])]
    world = World(tmp_path, rule("a", label="a"), where={"group": "support"}, more=more)
    world.open()
    run_all(world, 2)
    plans = [sharded(world, part) for part in parts_of(2)]
    assert [keys(plan) for plan in plans] == [[], [], ["support/loops#1"]]


def test_what_somebody_else_wrote_is_shared_out_by_itself(tmp_path):
    world = World(tmp_path, rule("a", label="a"))
    world.open(description="<!-- drumbeat:made first/a 2026-W48 -->")
    assert [len(keys(sharded(world, part))) for part in (Shard(1, 1), REST)] == [1, 0]


def test_triage_needs_its_part_of_the_limits(tmp_path):
    world = World(tmp_path, rule("a", close=True), rule("b", issue=FOLLOW))
    whole, part = world.plan().bounds, sharded(world, Shard(1, 4)).bounds
    assert (whole.close, part.close) == (50, 24)
    world.rules(rule("a", close=True, limits={"at_most": 1}))
    assert sharded(world, Shard(1, 4)).bounds.close == 0
    assert sharded(world, REST).bounds.close == 50


def test_a_label_that_two_shards_need_is_in_both_plans(tmp_path):
    scene = an_organisation(tmp_path, 5, 0).scene()
    plans = [planned(scene, part) for part in parts_of(2)[:-1]]
    needed = [{one.name for one in plan.changes if isinstance(one, EnsureLabel)} for plan in plans]
    assert "drumbeat" in needed[0] & needed[1]


@pytest.mark.parametrize("part", [Shard(1, 2), Shard(2, 2)])
def test_a_list_that_cannot_be_read_is_told_by_every_shard(tmp_path, part):
    world = World(tmp_path, rule("a", label="a"))
    world.open()
    world.plan()
    for question in list(world.gitlab.answered):
        if isinstance(question, IssuesOf) and question.query.place == "support/sgg":
            world.gitlab.unreadable[question] = Unreadable("403 Forbidden")
    assert [one.key for one in sharded(world, part).problems] == ["first"]

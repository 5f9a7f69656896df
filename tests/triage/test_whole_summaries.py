"""A summary lists all matches, or is not opened yet: nothing adds to it later."""

from __future__ import annotations

from automation.model.questions import LinksOf
from automation.model.snapshot import Unreadable
from tests.triage.world import World, rule

SUMMARY = {"template": "list.md", "project": "support/loops"}
FORBIDDEN = Unreadable("403 Forbidden", "Try later.")


def listed(world: World) -> list[str]:
    """The lines of the summary that a run would open; none where it would open none."""
    lines = (line for one in world.opened() for line in one.description.splitlines())
    return [line for line in lines if line.startswith("- ")]


def test_an_issue_that_another_rule_cannot_judge_is_listed_all_the_same(tmp_path):
    world = World(
        tmp_path,
        rule("linked", "linked > 0", label="x"),
        rule("all", "age > days(7)", summary=SUMMARY),
    )
    first, _, _ = world.open(title="One"), world.open(title="Two"), world.open(1, title="New")
    whole = listed(world)
    assert len(whole) == 2
    world.gitlab.unreadable[LinksOf(first.ref)] = FORBIDDEN
    assert listed(world) == whole
    assert [one.key for one in world.plan().problems if one.blocking] == [first.reference]


def test_a_summary_waits_until_it_is_known_what_it_lists(tmp_path):
    world = World(tmp_path, rule("all", "linked == 0", summary=SUMMARY))
    first, _ = world.open(title="One"), world.open(title="Two")
    world.gitlab.unreadable[LinksOf(first.ref)] = FORBIDDEN
    assert listed(world) == []
    assert world.plan().blocked
    world.gitlab.unreadable.clear()
    assert len(listed(world)) == 2


def test_what_a_summary_has_to_know_of_an_issue_that_failed_is_asked(tmp_path):
    """The first rule fails before anything that the second one needs has been asked."""
    world = World(
        tmp_path,
        rule("linked", "linked > 0", label="x"),
        rule("all", "threads == 0", summary=SUMMARY),
    )
    first, _ = world.open(title="One"), world.open(title="Two")
    world.gitlab.unreadable[LinksOf(first.ref)] = FORBIDDEN
    assert len(listed(world)) == 2


def test_an_issue_that_no_longer_fits_is_not_listed(tmp_path):
    """What a rule before the summary took out stays out, though it could not be judged after."""
    world = World(
        tmp_path,
        rule("linked", "linked > 0", label="x"),
        rule("all", 'title != "One"', summary=SUMMARY),
    )
    first, _ = world.open(title="One"), world.open(title="Two")
    world.gitlab.unreadable[LinksOf(first.ref)] = FORBIDDEN
    assert [line for line in listed(world) if "One" in line] == []
    assert len(listed(world)) == 1


def test_an_expression_that_fails_for_one_issue_leaves_it_out(tmp_path):
    world = World(tmp_path, rule("all", 'title == "Two" or 1 / comments > 0', summary=SUMMARY))
    world.open(title="One")
    world.open(title="Two")
    assert len(listed(world)) == 1

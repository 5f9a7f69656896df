"""What triage rules write, shown on an issue that is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from automation.model.scope import Scope
from automation.rules.triage.showing import Shown, shown
from automation.templates import RenderError
from tests.support.builders import MONDAY
from tests.triage.world import World

WHEN = "quiet_for > days(21)"


def rule(name: str = "r", **do: Any) -> dict[str, Any]:
    return {"name": name, "when": WHEN, "do": do}


def found(world: World, scope: Scope | None = None) -> list[Shown]:
    loops = world.org.loops(*([scope] if scope else []))
    return [one for policy in loops.organisation.triages for one in shown(policy, loops, MONDAY)]


def test_a_comment_with_those_whom_it_addresses(tmp_path: Path) -> None:
    world = World(tmp_path, rule(comment="hi.md", mention=["group.managers"]))
    (one,) = found(world)
    assert (one.kind, one.template, one.title) == ("comment", "hi.md", "An initiative")
    assert one.text == "Hi @mgr-1 @mgr-2"


def test_what_gitlab_would_be_asked_for_is_made_up(tmp_path: Path) -> None:
    (one,) = found(World(tmp_path, rule(comment="last.md")))
    assert one.text == "Last: Somebody"


def test_an_issue_that_follows_and_one_that_lists(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        rule("one", issue={"template": "more.md"}),
        rule("two", issue={"template": "more.md", "project": "support/x", "title": "T"}),
        rule("all", summary={"template": "list.md", "project": "support/loops"}),
        rule("none", label="a"),
    )
    assert [(one.rule.name, one.kind, one.title, one.where) for one in found(world)] == [
        ("one", "issue", "Follow up: An initiative", ""),
        ("two", "issue", "T", "support/x"),
        ("all", "summary", "first: all, 2026-W48", "support/loops"),
    ]
    assert r"- support/sgg/baobab\#1 An initiative" in found(world)[2].text


def test_only_for_groups_in_scope(tmp_path: Path) -> None:
    world = World(tmp_path, rule(comment="hi.md"))
    world.org.with_group("cedar", "mgr-2")
    for group in ("baobab", "cedar"):
        assert found(world, Scope({"group": frozenset({group})}))
    assert found(world, Scope({"manager": frozenset({"mgr-9"})})) == []


@pytest.mark.parametrize("state", ["opened", "closed", "all"])
def test_issues_outside_of_all_groups(tmp_path: Path, state: str) -> None:
    where = {"group": "support/elsewhere", "state": state}
    (one,) = found(World(tmp_path, rule(comment="hi.md"), where=where))
    assert one.text == "Hi"


def test_a_template_that_cannot_be(tmp_path: Path) -> None:
    world = World(tmp_path, rule(comment="hi.md"))
    world.org.with_template("hi.md", "{{ nobody }}")
    with pytest.raises(RenderError):
        found(world)

"""A director's week in numbers: counted by hand over a made-up week."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from automation.lint import lint
from automation.model.issue import Board
from automation.model.provision import BoardSpec
from automation.model.questions import BoardsOf
from automation.model.snapshot import Unreadable
from automation.rules.gathering import sampled
from automation.rules.rollup import Counts, Rollup
from tests.support.builders import MONDAY, an_org, at
from tests.support.sample import REPOSITORY

TEMPLATE = (REPOSITORY / "issue_templates" / "weekly-roll-up.md").read_text(encoding="utf-8")
CANARY = "Canary-Zanzibar"
NEXT_MONDAY = at("2026-11-30T09:00")
NEXT_KEY = "weekly-roll-up/dir-1/2026-W49"


@pytest.fixture
def org(tmp_path):
    """Two managers of one director, one of another, a group, and a confidential weekly loop."""
    org = an_org(tmp_path).with_manager("mgr-1").with_manager("mgr-2")
    org.with_manager("mgr-3", director="dir-2").with_group("baobab", "mgr-1")
    org.with_group("cedar", "mgr-3")
    body = f'---\ntitle: "{CANARY} {{{{ subject.name }}}} {{{{ period.label }}}}"\n---\n'
    org.with_cadence("weekly", body + f"- [ ] {CANARY} item\n- [ ] other\n", confidential=True)
    return org.with_cadence(
        "weekly-roll-up", TEMPLATE, for_each="director", when_previous_open="keep_both"
    )


def a_scene(org, *specs):
    scene = org.scene()
    for director in ("dir-1", "dir-2"):
        scene.gitlab.with_user(director)
    if specs:
        organisation = replace(org.organisation(), boards=specs)
        scene.loops = replace(scene.loops, organisation=organisation)
    return scene


def counts(text):
    """The rows of the table by manager."""
    table = json.loads(text.partition("```json:table\n")[2].partition("\n```")[0])
    return {row.pop("manager"): row for row in table["items"]}


def a_week(scene):
    """mgr-1 does it all; mgr-2 does nothing, and is wanted; then the next week begins."""
    scene.run()
    done = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.tick(done, scene.person("mgr-1"))
    scene.run("2026-11-24T09:00")
    late = scene.issue("weekly/mgr-2/2026-W48")
    scene.gitlab.relabel(late, scene.person("mgr-2"), add={"attention"})
    scene.run("2026-11-28T09:00")
    return scene.run(NEXT_MONDAY)


def test_a_week_counted_by_hand(org):
    scene = a_scene(org)
    a_week(scene)
    text = scene.issue(NEXT_KEY).description
    nothing = dict.fromkeys(("opened", "done", "missed", "waived", "overdue", "attention"), 0)
    assert counts(text) == {
        "mgr-1": nothing | {"opened": 1, "done": 1},
        "mgr-2": nothing | {"opened": 1, "overdue": 1, "attention": 1},
    }
    assert "**Last week:** 2 opened, 1 done, 0 missed, 0 not needed." in " ".join(text.split())
    assert '"done" : 1' in text
    assert "- mgr-2: 0 missed, 1 overdue" in text
    assert "- mgr-1:" not in text
    assert "mgr-3" not in text


def test_what_ended_in_the_week_and_how(org):
    """A loop that a person closed half done counts as waived, before and after it says so."""
    scene = a_scene(org)
    scene.run()
    issue = scene.issue("weekly/mgr-1/2026-W48")
    scene.gitlab.set_clock(at("2026-11-29T22:00"))
    scene.gitlab.close(issue, scene.person("mgr-1"))
    scene.run(NEXT_MONDAY)
    assert counts(scene.issue(NEXT_KEY).description)["mgr-1"]["waived"] == 1
    scene.run("2026-12-07T09:00")
    text = scene.issue("weekly-roll-up/dir-1/2026-W50").description
    assert counts(text)["mgr-2"] | {"attention": 0} == {
        "opened": 1, "done": 0, "missed": 1, "waived": 0, "overdue": 0, "attention": 0,
    }  # fmt: skip
    assert counts(text)["mgr-1"]["waived"] == 0


def test_nothing_of_a_confidential_loop_is_in_it(org):
    scene = a_scene(org)
    plan = a_week(scene)
    assert CANARY in scene.issue("weekly/mgr-1/2026-W48").description
    assert all(
        CANARY not in issue.description for issue in scene.issues() if "roll-up" in issue.title
    )
    rollups = [one for one in plan.changes if one.key.endswith("W49") and "roll-up" in one.key]
    assert len(rollups) == 2
    assert CANARY not in repr(rollups)


def test_initiatives_of_the_groups_that_its_managers_sponsor(org):
    scene = a_scene(org)
    person = scene.person()
    for labels in ({"SGG"}, {"SGG", "initiative::stale"}, {"SGG", "initiative::needs-manager"}):
        scene.gitlab.open("support/sgg/baobab", "One", "", author=person, labels=labels)
    scene.run()
    text = scene.issue("weekly-roll-up/dir-1/2026-W48").description
    assert "| baobab | 3 | 2 |" in text
    assert "cedar" not in text


def test_a_role_that_is_too_low_is_told(org):
    org.with_settings(default_project="support/elsewhere")
    org.cadences = [one.model_copy(update={"project": "support/loops"}) for one in org.cadences]
    scene = a_scene(org)
    scene.gitlab.with_project("support/loops")
    scene.gitlab.hidden.add("support/elsewhere")
    scene.run()
    assert (
        "Confidential loops may be missing here"
        in scene.issue("weekly-roll-up/dir-1/2026-W48").description
    )


BY_STATE = BoardSpec(
    name="{{ director.display_name }}: by state",
    project="support/loops",
    lists=("loop::open",),
    only=("director::{{ director.id }}",),
)


def test_the_directors_own_boards_are_linked_with_their_filter(org):
    scene = a_scene(org, BY_STATE)
    scene.run()
    scene.gitlab.boards["support/loops", False] = [
        Board(7, "dir-1: by state"),
        Board(8, "dir-2: by state"),
    ]
    scene.run(NEXT_MONDAY)
    text = scene.issue(NEXT_KEY).description.replace("\\", "")
    where = "https://gitlab.example.com/support/loops/-/boards/7?label_name[]=director::dir-1"
    assert f"- [dir-1: by state]({where})" in text
    assert "boards/8" not in text


def test_boards_that_cannot_be_read_are_left_out(org):
    scene = a_scene(org, BY_STATE)
    scene.run()
    scene.gitlab.unreadable[BoardsOf("support/loops", False)] = Unreadable("403 Forbidden")
    scene.run(NEXT_MONDAY)
    assert "## Boards" not in scene.issue(NEXT_KEY).description


def test_a_director_without_managers(org):
    org.managers = [one for one in org.managers if one.id == "mgr-3"]
    org.groups.clear()
    scene = a_scene(org)
    scene.run()
    assert (
        "No manager of the roster reports to you."
        in scene.issue("weekly-roll-up/dir-1/2026-W48").description
    )


def test_a_settled_run_asks_for_nothing_more(org):
    scene = a_scene(org)
    scene.run()
    assert scene.is_settled()


def test_samples_for_offline_verbs(org):
    org.groups.clear()
    loops = org.loops()
    assert list(lint(loops, MONDAY)) == []
    (loop,) = [
        one for one in loops.current(MONDAY) if str(one.key) == "weekly-roll-up/dir-1/2026-W48"
    ]
    full, empty = (one.gathered["rollup"] for one in sampled(loop))
    assert isinstance(full, Rollup)
    assert [line.manager.id for line in full.managers] == ["mgr-1", "mgr-2"]
    assert full.worth_a_look[0].counts == Counts(5, 3, 1, 0, 1, 1)
    assert empty == Rollup()
    assert loop.occurrence.day == date(2026, 11, 23)
    assert loop.due - loop.occurrence.day == timedelta(days=4)

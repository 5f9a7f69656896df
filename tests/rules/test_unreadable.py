"""What cannot be read is said once and waited on; what can be read again goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.model.issue import TaskCounts
from tests.support.builders import an_org, moves, told

KEY = "weekly/mgr-1/2026-W48"
BODY = """\
---
title: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"
---
## Wins

- [ ] first

## Notes

- [ ] second
"""
RULE = [{"section": "Wins"}, {"section": "Notes", "done": "any"}]
DAYS = [f"2026-11-{day}T09:00Z" for day in (24, 25, 26, 27)]


@pytest.fixture
def scene(tmp_path):
    """A weekly loop of two sections, opened on Monday."""
    scene = an_org(tmp_path).with_manager().with_cadence(body=BODY, close_when=RULE).scene()
    scene.run()
    return scene


def edit(scene, before, after):
    text = scene.issue().description
    assert before in text
    scene.gitlab.edit(scene.issue(), scene.person(), text.replace(before, after))


def miscount(scene, count, completed):
    """GitLab counts otherwise, as one of another version may."""
    issue = scene.issue()
    scene.gitlab.issues[issue.ref] = replace(issue, tasks=TaskCounts(count, completed))


def said(scene):
    """The reason in each note that tells of one."""
    notes = scene.gitlab.said_on(scene.issue())
    return [note.split("judged: ")[1].split(". Nothing")[0] for note in notes if "judged" in note]


def is_on(scene):
    issue = scene.issue()
    return issue.opened and issue.labels & {"loop::open", "loop::done"} == {"loop::open"}


REFUSED = "> " * 200
CAUSES = {
    "a missing section": (
        lambda scene: edit(scene, "## Wins", "## Losses"),
        "“Wins” is missing",
    ),
    "an emptied section": (
        lambda scene: edit(scene, "- [ ] first", "first"),
        "“Wins” has no boxes any more",
    ),
    "other counts": (
        lambda scene: miscount(scene, 3, 1),
        "GitLab counts 1 of 3 items as ticked, Drumbeat reads 0 of 2",
    ),
    "refused text": (
        lambda scene: edit(scene, "## Wins", f"{REFUSED}\n\n## Wins"),
        "the description is not read: it has more than 100 quotes inside each other",
    ),
}


@pytest.mark.parametrize(("breaks", "why"), CAUSES.values(), ids=CAUSES)
def test_it_is_said_once_and_told_in_every_run(scene, breaks, why):
    breaks(scene)
    for day in DAYS:
        assert (KEY, why, False) in told(scene.run(day))
        assert is_on(scene)
        assert scene.plan().empty
    assert said(scene) == [why]


def test_a_loop_that_can_be_read_again_goes_on(scene):
    edit(scene, "## Wins", "## Losses")
    scene.run(DAYS[0])
    edit(scene, "## Losses", "## Wins")
    assert scene.plan(DAYS[1]).empty
    assert told(scene.plan()) == []
    scene.gitlab.tick(scene.issue(), scene.person())
    assert moves(scene.run(DAYS[2])) == [(KEY, "loop::done")]
    assert scene.is_settled()


def test_the_same_reason_is_not_said_again_after_it_was_mended(scene):
    for day, (before, after) in zip(
        DAYS, [("## Wins", "## Losses"), ("## Losses", "## Wins")] * 2, strict=True
    ):
        edit(scene, before, after)
        scene.run(day)
    assert said(scene) == ["“Wins” is missing"]


def test_another_reason_is_said_too(scene):
    edit(scene, "## Wins", "## Losses")
    scene.run(DAYS[0])
    edit(scene, "## Losses", "## Wins")
    edit(scene, "- [ ] second", "second")
    edit(scene, "## Notes", "## Note")
    scene.run(DAYS[1])
    miscount(scene, 9, 0)
    scene.run(DAYS[2])
    assert said(scene) == [
        "“Wins” is missing",
        "“Notes” is missing",
        "GitLab counts 0 of 9 items as ticked, Drumbeat reads 0 of 1",
    ]
    assert scene.plan(DAYS[3]).empty


def test_what_nobody_has_touched_is_not_read(scene):
    miscount(scene, 9, 0)
    scene.run(DAYS[0])
    assert said(scene) == []
    edit(scene, "first", "the first")
    miscount(scene, 9, 0)
    scene.run(DAYS[1])
    assert said(scene) == ["GitLab counts 0 of 9 items as ticked, Drumbeat reads 0 of 2"]


def test_other_figures_are_no_other_reason(scene):
    edit(scene, "first", "the first")
    for day, completed in zip(DAYS, (0, 1, 2, 0), strict=True):
        miscount(scene, 9, completed)
        scene.run(day)
    assert said(scene) == ["GitLab counts 0 of 9 items as ticked, Drumbeat reads 0 of 2"]


def test_two_reasons_are_one_note_and_mending_one_of_them_is_no_news(scene):
    edit(scene, "## Wins", "## Losses")
    edit(scene, "## Notes", "## Note")
    scene.run(DAYS[0])
    edit(scene, "## Losses", "## Wins")
    assert told(scene.run(DAYS[1])) == [(KEY, "“Notes” is missing", False)]
    assert said(scene) == ["“Wins” is missing; “Notes” is missing"]


def test_a_second_reason_beside_the_first_is_news(scene):
    edit(scene, "## Wins", "## Losses")
    scene.run(DAYS[0])
    edit(scene, "## Notes", "## Note")
    scene.run(DAYS[1])
    assert said(scene) == ["“Wins” is missing", "“Wins” is missing; “Notes” is missing"]
    assert scene.plan(DAYS[2]).empty


def test_a_note_whose_answer_was_lost_is_not_posted_again(scene):
    edit(scene, "## Wins", "## Losses")
    plan = scene.plan(DAYS[0])
    (change,) = plan.changes
    scene.gitlab.transition(change)
    assert scene.plan(DAYS[0]).empty
    assert len(said(scene)) == 1


def test_it_waits_even_when_everything_is_ticked_and_the_day_has_passed(scene):
    edit(scene, "## Wins", "## Losses")
    scene.gitlab.tick(scene.issue(), scene.person())
    scene.run("2026-11-29T09:00Z")
    assert is_on(scene)
    assert scene.plan().empty


def test_one_way_that_holds_closes_it_though_another_cannot_be_read(tmp_path):
    rule = {"any_of": [{"section": "Wins"}, {"percent": 50}]}
    scene = an_org(tmp_path).with_manager().with_cadence(body=BODY, close_when=rule).scene()
    scene.run()
    edit(scene, "## Wins", "## Losses")
    scene.gitlab.tick(scene.issue(), scene.person(), 2)
    scene.run(DAYS[0])
    (note,) = scene.gitlab.said_on(scene.issue())
    assert note.startswith("Done: 1 of 2 items is ticked (50 \\%). Reopen this")


NEXT = "weekly/mgr-1/2026-W49"


@pytest.mark.parametrize(
    ("terms", "done"), [({}, True), ({"carried_items": "required"}, False)], ids=["let", "asked"]
)
def test_carried_items_may_be_required(tmp_path, terms, done):
    scene = an_org(tmp_path).with_manager().with_cadence(body=BODY, **terms).scene()
    scene.run()
    edit(scene, "- [ ] second", "- [ ] second\n- [ ] own")
    scene.run("2026-11-30T09:00Z")
    assert "- [ ] Notes: own (from [2026-W48]" in scene.issue(NEXT).description
    scene.gitlab.tick(scene.issue(NEXT), scene.person(), 1, 2)
    scene.run("2026-12-01T09:00Z")
    assert scene.issue(NEXT).opened is not done
    scene.gitlab.tick(scene.issue(NEXT), scene.person())
    scene.run("2026-12-01T10:00Z")
    assert not scene.issue(NEXT).opened


def test_optional_sections_do_not_keep_a_loop_open_and_are_carried_as_such(tmp_path):
    body = BODY.replace("## Notes", "## Notes (optional)") + "\n## More\n\n- [ ] third\n"
    scene = an_org(tmp_path).with_manager().with_cadence(body=body, optional=["More"]).scene()
    scene.run()
    edit(scene, "- [ ] second", "- [ ] second\n- [ ] own")
    edit(scene, "- [ ] third", "- [ ] third\n- [ ] mine")
    scene.run("2026-11-30T09:00Z")
    text = scene.issue(NEXT).description
    assert "- [ ] Notes (optional): own (optional) (from [2026-W48]" in text
    assert "- [ ] More: mine (optional) (from [2026-W48]" in text
    scene.gitlab.tick(scene.issue(NEXT), scene.person(), 1)
    assert moves(scene.run("2026-12-01T09:00Z")) == [(NEXT, "loop::done")]

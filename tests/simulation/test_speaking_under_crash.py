"""A run that is cut after any single request has, once rerun, said everything exactly once.

One Monday brings every kind of transition at once. It is cut at each read, and before and
after each write; a note and its effect are two points. What people see in the end is what
they see where nothing was cut.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from automation.apply import apply
from automation.errors import OutcomeUnknown
from automation.model.issue import Role
from automation.model.roster import Manager
from tests.support.builders import PER_REPORT, Scene, an_org, opened
from tests.support.fake_gitlab import AtWrite, FakeGitLab

WEEK_47, WEEK_48, WEEK_49 = "2026-11-16T09:00Z", "2026-11-23T09:00Z", "2026-11-30T09:00Z"
FORTNIGHT = {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "at": "08:00", "starts": "2026-11-23"}
KINDS = {
    "done",
    "waived",
    "overdue",
    "reminder+0",
    "missed",
    "duplicate",
    "reassigned-mgr-5",
    "stale-initiatives/stale",
    "unreadable",
}
"""All that can be said; to waive is silent, and an escalation stands in the new loop."""
MORE_THAN_THERE_ARE = 200


def a_monday_with_everything(folder) -> Scene:
    """The scene before the run that does everything at once."""
    org = an_org(folder)
    for number in range(1, 6):
        org.with_manager(f"mgr-{number}", reports=2 if number == 1 else 0)
    org.managers[-1] = Manager.model_validate(
        org.managers[-1].model_dump(by_alias=True) | {"until": "2026-11-27"}
    )
    org.managers.append(
        Manager.model_validate(
            {"id": "mgr-5", "username": "fresh", "director": "dir-1", "from": "2026-11-28"}
        )
    )
    org.with_cadence("weekly", due="3 working days", escalate={"after_missed": 2})
    org.with_cadence("late", period="week", schedule=FORTNIGHT)
    org.with_cadence("timely", schedule=FORTNIGHT, due="5 working days", remind=["due"])
    each = [{"each": "report", "done": "any"}]
    org.with_cadence("teams", PER_REPORT, schedule=FORTNIGHT, due="8 days", close_when=each)
    org.with_group("baobab").with_triage("Still alive? {{ mentions }}")
    scene = org.scene()
    scene.gitlab = org.gitlab()
    scene.gitlab.now = scene.gitlab.now.replace(day=1)
    who = scene.person()
    gitlab = scene.gitlab
    gitlab.open("support/sgg/baobab", "A quiet one", "- [ ] go on", author=who, labels=["SGG"])
    scene.run(WEEK_47)
    scene.run(WEEK_48)
    for project in gitlab.projects.values():
        gitlab.roles[project.id, gitlab.with_user("fresh").id] = Role.PLANNER
    gitlab.append(scene.issue("weekly/mgr-1/2026-W48"), who, "- [ ] call the customer")
    gitlab.tick(scene.issue("weekly/mgr-2/2026-W48"), who)
    gitlab.relabel(scene.issue("weekly/mgr-3/2026-W48"), who, add=["loop::waived"])
    _open_twice(gitlab, scene.issue("weekly/mgr-4/2026-W48"), who)
    teams = scene.issue("teams/mgr-1/2026-W48")
    gitlab.edit(teams, who, teams.description.replace("drumbeat:for", "about"))
    gitlab.edit(teams, who, re.sub(r"### .*", "### Somebody", gitlab.current(teams).description))
    gitlab.set_clock(scene.now)
    return scene


def _open_twice(gitlab, issue, who):
    """As two runs that overlap would have."""
    again = gitlab.open(
        issue.project,
        issue.title,
        issue.description,
        author=gitlab.me,
        labels=issue.labels,
        assignees=issue.assignees,
        due_date=issue.due_date,
    )
    gitlab.tick(again, who, 2)


def a_copy(scene: Scene) -> Scene:
    """The same scene, to be changed on its own; the configuration is shared."""
    old = scene.gitlab
    gitlab = replace(
        old,
        projects=dict(old.projects),
        issues=dict(old.issues),
        notes={ref: list(notes) for ref, notes in old.notes.items()},
        events={ref: list(events) for ref, events in old.events.items()},
        labels=dict(old.labels),
        users=dict(old.users),
        asked=Counter(),
        answered={},
        written=Counter(),
    )
    return Scene(scene.loops, gitlab, scene.now)


def seen(scene: Scene) -> set[tuple]:
    """What people see of all issues: ids, times and addresses left out."""
    return {
        (
            issue.title,
            _plain(issue.description),
            issue.opened,
            issue.labels,
            issue.assignees,
            issue.due_date,
            tuple(sorted(map(_plain, scene.gitlab.said_on(issue)))),
        )
        for issue in scene.issues()
    }


def _plain(text: str) -> str:
    return re.sub(r"/-/issues/\d+", "/-/issues/N", text)


def said(scene: Scene) -> Counter[tuple[str, str]]:
    """How often every marker stands on an issue."""
    return Counter(
        (str(issue.ref), mark)
        for issue in scene.issues()
        for note in scene.gitlab.said_on(issue)
        for mark in re.findall(r"<!-- drumbeat:said (\S+) \S+ -->", note)
    )


def run_until_settled(scene: Scene) -> int:
    """The schedule's next runs, until one has nothing to do; how many did something."""
    for number in range(4):
        plan = scene.plan(WEEK_49)
        if plan.empty:
            return number
        list(apply(plan, scene.gitlab))
    raise AssertionError("it does not settle")


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    return a_monday_with_everything(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="module")
def undisturbed(before):
    scene = a_copy(before)
    plan = scene.run(WEEK_49)
    assert scene.plan().empty
    assert [key for key in opened(plan) if key.startswith("weekly/")] == [
        f"weekly/mgr-{number}/2026-W49" for number in range(1, 6)
    ]
    return scene


def test_the_monday_has_everything(undisturbed):
    spoken = {re.sub(r"-[0-9a-f]{12}$", "", mark) for _, mark in said(undisturbed)}
    assert spoken == KINDS
    assert set(said(undisturbed).values()) == {1}
    newest = undisturbed.issue("weekly/mgr-1/2026-W49")
    assert "@dir-1" in newest.description
    assert "attention" in newest.labels
    assert "- [ ] call the customer (from [2026-W48](" in newest.description
    waived = undisturbed.issue("weekly/mgr-3/2026-W48")
    assert (waived.opened, len(undisturbed.gitlab.said_on(waived))) == (False, 1)


def test_cut_at_any_read_it_has_done_nothing(before):
    """Planning only reads: wherever it ends, GitLab is as it was."""
    number = 0
    for number in range(1, MORE_THAN_THERE_ARE):
        scene, reads = a_copy(before), AtWrite(number, KeyboardInterrupt())
        answer = scene.gitlab._answer

        def counted(question, answer=answer, reads=reads):
            reads(str(question))
            return answer(question)

        scene.gitlab._answer = counted  # type: ignore[method-assign]
        try:
            scene.plan(WEEK_49)
        except KeyboardInterrupt:
            assert scene.gitlab.issues == before.gitlab.issues
            assert scene.gitlab.notes == before.gitlab.notes
            continue
        break
    assert 15 < number < MORE_THAN_THERE_ARE


def is_half_given(where: str) -> bool:
    """Whether the word was said that somebody takes a loop over, and GitLab did not assign them.

    It is not told apart from a person who gives it back: then people win.
    """
    return where.startswith("note ") and where.endswith(" reassigned")


def cut(scene: Scene, hook: str, number: int, error: BaseException) -> str:
    """Run with an error at one write; at which one, if it came to that."""
    at_write, writes = AtWrite(number, error), [""]

    def noted(what):
        writes.append(what)
        at_write(what)

    setattr(scene.gitlab, hook, noted)
    try:
        list(apply(scene.plan(WEEK_49), scene.gitlab))
    except KeyboardInterrupt:
        pass
    finally:
        setattr(scene.gitlab, hook, lambda _what: None)
    return writes[number] if at_write.seen >= number else ""


@pytest.mark.parametrize("hook", ["before_write", "after_write"])
@pytest.mark.parametrize(
    "error", [OutcomeUnknown("lost"), KeyboardInterrupt()], ids=["lost", "killed"]
)
def test_cut_at_any_write_everything_is_said_exactly_once(before, undisturbed, hook, error):
    wanted, words = seen(undisturbed), said(undisturbed)
    number = 0
    for number in range(1, MORE_THAN_THERE_ARE):
        scene = a_copy(before)
        where = cut(scene, hook, number, error)
        if not where:
            break
        run_until_settled(scene)
        assert seen(scene) == wanted or is_half_given(where), where
        assert Counter(mark for _, mark in said(scene).elements()) == Counter(
            mark for _, mark in words.elements()
        )
        assert set(said(scene).values()) == {1}, number
    assert 20 < number < MORE_THAN_THERE_ARE


@pytest.mark.parametrize("second", [1, 4, 9])
def test_cut_twice_in_a_row(before, undisturbed, second):
    """The run that heals is cut as well."""
    for number in range(1, 30, 3):
        scene = a_copy(before)
        first = cut(scene, "after_write", number, KeyboardInterrupt())
        again = cut(scene, "after_write", second, OutcomeUnknown("lost"))
        run_until_settled(scene)
        half = is_half_given(first) or is_half_given(again)
        assert half or seen(scene) == seen(undisturbed), (first, again)


def test_the_copy_is_one(before):
    assert isinstance(a_copy(before).gitlab, FakeGitLab)
    assert seen(a_copy(before)) == seen(before)

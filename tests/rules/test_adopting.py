"""Issues that people opened themselves: found, written down, and loops from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from automation.adoption import candidates
from automation.apply import apply
from automation.errors import RemoteError
from automation.labels import State
from automation.loops import Loops
from automation.model.change import CreateIssue
from automation.model.key import LoopKey
from automation.model.policy import AdoptedIssue
from automation.model.questions import IssuesOf
from automation.model.snapshot import Unreadable
from automation.planner import find_out, make_plan
from tests.support.builders import MONDAY, OrgBuilder

KEY = LoopKey("one-on-one", "mgr-1", "2026-W48")


@pytest.fixture
def org(tmp_path):
    return OrgBuilder(tmp_path).with_manager(name="Ann Lee").with_cadence("one-on-one")


@pytest.fixture
def gitlab(org):
    return org.gitlab(MONDAY - timedelta(days=2))


def found(org, gitlab):
    gitlab.now = max(gitlab.now, MONDAY)
    return find_out(gitlab, lambda snapshot: candidates(org.loops(), snapshot, MONDAY))


def adopting(loops: Loops, key: LoopKey, issue: AdoptedIssue) -> Loops:
    return replace(loops, organisation=replace(loops.organisation, adopted={key: issue}))


@pytest.mark.parametrize(
    ("title", "labels", "assigned", "because"),
    [
        (
            "One-on-one: Ann Lee",
            (),
            False,
            ("its title names one-on-one", "its title names Ann Lee"),
        ),
        (
            "one on one of mgr-1",
            (),
            False,
            ("its title names one-on-one", "its title names Ann Lee"),
        ),
        (
            "Weekly chat",
            ("one-on-one",),
            True,
            ("a label names one-on-one", "it is assigned to @mgr-1"),
        ),
        (
            "Lee, Ann!",
            ("cadence::one-on-one",),
            False,
            ("a label names one-on-one", "its title names Ann Lee"),
        ),
        ("one-on-one", (), True, ("its title names one-on-one", "it is assigned to @mgr-1")),
    ],
)
def test_what_looks_like_a_loop(org, gitlab, title, labels, assigned, because):
    people = [gitlab.with_user("mgr-1")] if assigned else []
    issue = gitlab.open("support/loops", title, labels=labels, assignees=people)
    (one,) = found(org, gitlab)
    assert (one.key, one.issue.ref, one.because) == (KEY, issue.ref, because)


@pytest.mark.parametrize(
    ("title", "labels"),
    [("Ann Lee's holiday", ()), ("One-on-one with somebody", ()), ("Lunch", ("food",))],
)
def test_what_does_not(org, gitlab, title, labels):
    gitlab.open("support/loops", title, labels=labels)
    assert found(org, gitlab) == ()


def test_the_very_title_of_the_loop_beats_every_hint(org, gitlab):
    gitlab.open(
        "support/loops",
        "One-on-one, Ann Lee",
        labels=["one-on-one"],
        assignees=[gitlab.with_user("mgr-1")],
    )
    exact = gitlab.open("support/loops", "one-on-one of Ann Lee, 2026-W48")
    (one,) = found(org, gitlab)
    assert (one.issue.ref, one.because) == (exact.ref, ("it has the very title of the loop",))


def test_closed_old_and_taken_issues_do_not_count(org, gitlab):
    gitlab.now = MONDAY - timedelta(days=40)
    gitlab.open("support/loops", "One-on-one of Ann Lee, long ago")
    gitlab.now = MONDAY - timedelta(days=2)
    gitlab.close(gitlab.open("support/loops", "One-on-one of Ann Lee"), gitlab.me)
    assert found(org, gitlab) == ()


def test_the_best_fit_wins_and_each_issue_is_taken_once(org, gitlab):
    org.with_manager("mgr-2", name="Ann Lee Smith")
    gitlab.with_user("mgr-2")
    smith = gitlab.open(
        "support/loops",
        "One-on-one, Ann Lee Smith",
        labels=["one-on-one"],
        assignees=[gitlab.with_user("mgr-2")],
    )
    lee = gitlab.open("support/loops", "One-on-one, Ann Lee")
    assert {str(one.key): one.issue.ref for one in found(org, gitlab)} == {
        "one-on-one/mgr-2/2026-W48": smith.ref,
        "one-on-one/mgr-1/2026-W48": lee.ref,
    }


def test_nothing_is_looked_for_once_all_loops_are_there(org, gitlab):
    gitlab.now = MONDAY
    list(apply(make_plan(org.loops(), gitlab, MONDAY), gitlab))
    gitlab.open("support/loops", "One-on-one: Ann Lee")
    assert found(org, gitlab) == ()


def test_an_adopted_issue_is_the_loop(org, gitlab):
    issue = gitlab.open("support/loops", "Our week", "- [ ] talk", author=gitlab.with_user("mgr-1"))
    gitlab.now = MONDAY
    loops = adopting(org.loops(), KEY, AdoptedIssue(project="support/loops", iid=issue.ref.iid))
    plan = make_plan(loops, gitlab, MONDAY)
    assert not any(isinstance(change, CreateIssue) for change in plan.changes)
    list(apply(plan, gitlab))
    assert gitlab.current(issue).labels == {
        "drumbeat",
        "cadence::one-on-one",
        "manager::mgr-1",
        "director::dir-1",
        State.OPEN,
    }
    assert make_plan(loops, gitlab, MONDAY).empty
    gitlab.edit(issue, gitlab.with_user("mgr-1"), "- [x] talk")
    list(apply(make_plan(loops, gitlab, MONDAY), gitlab))
    assert not gitlab.current(issue).opened
    assert State.DONE in gitlab.current(issue).labels


def test_an_adoption_of_another_period_costs_nothing(org, gitlab):
    gitlab.now = MONDAY
    other = LoopKey("one-on-one", "mgr-1", "2026-W40")
    loops = adopting(org.loops(), other, AdoptedIssue(project="support/loops", iid=1))
    (change, *_) = (c for c in make_plan(loops, gitlab, MONDAY).changes if c.kind == "create-issue")
    assert change.key == str(KEY)


def test_a_list_that_cannot_be_read_stops_the_search(org, gitlab):
    gitlab.now = MONDAY
    lists = [question for question in _asked(org, gitlab) if isinstance(question, IssuesOf)]
    gitlab.unreadable[lists[-1]] = Unreadable("403 Forbidden", "Ask.")
    with pytest.raises(RemoteError, match="403 Forbidden"):
        found(org, gitlab)


def _asked(org, gitlab):
    asked = []

    def answer(questions):
        asked.extend(questions)
        return gitlab.answer(questions)

    reader = SimpleNamespace(answer=answer)
    find_out(reader, lambda snapshot: candidates(org.loops(), snapshot, MONDAY))
    return asked

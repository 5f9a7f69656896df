"""Before an issue is changed, it is looked at: nothing is said for what an earlier run read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.cache import CacheFile
from automation.model.issue import IssueRef
from automation.model.questions import IssuesOf, NotesOf
from automation.planner import make_plan
from tests.cache.memory import TOKEN, URL, pass_time, remembering, seen
from tests.support.builders import an_org, moves
from tests.support.changes import transition

SOON = timedelta(minutes=20)


class Lagging:
    """GitLab, whose lists of issues are those of a while ago."""

    def __init__(self, gitlab):
        self.gitlab = gitlab
        self.lists = {
            one: answer for one, answer in gitlab.answered.items() if isinstance(one, IssuesOf)
        }

    def answer(self, questions):
        answers = self.gitlab.answer(questions)
        return {one: self.lists.get(one, answer) for one, answer in answers.items()}


@pytest.fixture
def scene(tmp_path):
    """Three loops that are to be reminded of, which a run planned and did not do."""
    org = an_org(tmp_path)
    for number in range(3):
        org.with_manager(f"mgr-{number}", reports=0)
    made = org.with_cadence(due="2 working days", remind=["due"]).scene()
    made.run()
    made.now = made.now.replace(day=25)
    for issue in [*made.gitlab.issues.values()]:
        made.gitlab.comment(issue, made.person(), "On it")
    pass_time(made, SOON)
    assert len(moves(remembering(made, tmp_path / "cache"))) == 3
    pass_time(made, SOON)
    return made


def test_what_another_run_said_meanwhile_is_not_said_again(scene, tmp_path):
    """The second run read its lists before the first one spoke."""
    lagging = Lagging(scene.gitlab)
    scene.run()
    history, _ = CacheFile(tmp_path / "cache", URL, TOKEN).read()
    assert len(history)
    plan = make_plan(scene.loops, lagging, scene.now, history=history)
    assert history.given == 0
    assert moves(plan) == []


def test_each_is_named_once(scene, tmp_path):
    history, _ = CacheFile(tmp_path / "cache", URL, TOKEN).read()
    kept = next(record for record in history.records if record.about == "notes")
    ref = IssueRef(kept.project, kept.number)
    issue = scene.gitlab.issues[ref]
    snapshot = seen(issue, now=scene.now)
    assert NotesOf(ref) in history.recall([NotesOf(ref)], snapshot).answers
    change = transition()
    there = change.model_copy(
        update={
            "target": change.target.model_copy(
                update={"project_id": ref.project_id, "iid": ref.iid}
            )
        }
    )
    assert history.behind([change]) == ()
    assert history.behind([there, there, "a problem"]) == (NotesOf(ref),)
    assert history.behind([there]) == ()

"""Runs that remember, and a GitLab that is as lazy about times of updates as the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from automation.cache import CacheFile, History
from automation.model.issue import Identity, Issue, IssueQuery, IssueRef, User
from automation.model.questions import IssuesOf, Question, WhoAmI
from automation.model.snapshot import Snapshot
from automation.plan import Plan
from automation.planner import make_plan
from automation.rules.heard import THROTTLE
from tests.support.fake_gitlab import BOT, FakeGitLab

URL, TOKEN = "https://gitlab.example.com", "glpat-canary-of-a-token"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REF = IssueRef(7, 1)
ANN = User(2, "ann", "Ann")


# --- One issue, and what is known ------------------------------------------------------------


def an_issue(
    ref: IssueRef = REF, updated: datetime = NOW - timedelta(days=1), **facts: Any
) -> Issue:
    """An issue as a list shows it."""
    issue = Issue(
        id=ref.project_id * 1000 + ref.iid,
        ref=ref,
        project="support/sgg/baobab",
        title="Runbook",
        description="",
        opened=True,
        labels=frozenset({"SGG"}),
        author=ANN,
        created_at=NOW - timedelta(days=90),
        updated_at=updated,
        web_url="https://gitlab.example.com/1",
        comments=1,
    )
    return replace(issue, **facts)


def seen(*issues: Issue, now: datetime | None = NOW, **more: Any) -> Snapshot:
    """What a run knows that read these issues in a list, and `answers`."""
    answers: dict[Question, object] = {
        WhoAmI(): Identity(BOT, now),
        IssuesOf(IssueQuery("support")): issues,
    }
    return Snapshot(answers | more.pop("answers", {}), **more)


# --- Whole runs ------------------------------------------------------------------------------


def forgetful(place: Any) -> Plan:
    """The plan of a run that remembers nothing; `place` is a World or a Scene."""
    place.gitlab.set_clock(place.now)
    place.gitlab.asked.clear()
    return make_plan(place.loops, place.gitlab, place.now)


def remembering(place: Any, folder: Path) -> Plan:
    """The plan of a run that reads what the one before it kept, and keeps what it read."""
    file = CacheFile(folder, URL, TOKEN)
    history, trouble = file.read()
    place.gitlab.set_clock(place.now)
    place.gitlab.asked.clear()
    plan = make_plan(place.loops, place.gitlab, place.now, history=history)
    assert (trouble, file.write(history)) == ("", "")
    return plan


def kept(folder: Path) -> History:
    """What lies in the folder."""
    return CacheFile(folder, URL, TOKEN).read()[0]


class Throttled(FakeGitLab):
    """Leaves the time of an update as it is where that is less than a minute ago.

    So it is with all that is no field of the issue: comments, system notes and labels.
    """

    def _update(self, ref: IssueRef, **facts: Any) -> Issue:
        before = self.issues[ref].updated_at
        issue = super()._update(ref, **facts)
        if facts.keys() <= {"labels"} and self.now - before < THROTTLE:
            issue = self.issues[ref] = replace(issue, updated_at=before)
        return issue


def throttled(gitlab: FakeGitLab) -> Throttled:
    """The same GitLab, throttled from now on."""
    return Throttled(**vars(gitlab))


def pass_time(place: Any, span: timedelta) -> None:
    """Let it be later, for Drumbeat and for GitLab."""
    place.now = max(place.now, place.gitlab.now) + span
    place.gitlab.set_clock(place.now)


def take_back(gitlab: FakeGitLab, issue: Issue) -> None:
    """Somebody deletes the newest comment: GitLab counts one less, and updates nothing."""
    notes = gitlab.notes[issue.ref]
    newest = next((note for note in reversed(notes) if not note.system), None)
    if newest is not None:
        notes.remove(newest)
        count = gitlab.current(issue).comments or 0
        gitlab.issues[issue.ref] = replace(gitlab.current(issue), comments=count - 1)

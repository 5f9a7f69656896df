"""A small organisation that is in perfect health, and ways to look at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from automation.apply import apply
from automation.checkup import Finding, examine
from automation.labels import wanted
from automation.model.issue import Issue, Label, Role
from automation.model.snapshot import Snapshot
from automation.planner import find_out
from tests.support.builders import MONDAY, OrgBuilder, Scene, an_org

PRIVATE = "support/1-1s/mgr-1"
LOOPS = "support/loops"
SGG = "support/sgg/baobab"
CONFIDENTIAL: dict[str, Any] = {
    "project": "support/1-1s/{{ manager.id }}",
    "confidential": True,
}


def an_office(folder) -> OrgBuilder:
    """One manager with two reports, a confidential and an open cadence, and a group."""
    return (
        an_org(folder)
        .with_manager()
        .with_group()
        .with_cadence("one-on-one", **CONFIDENTIAL)
        .with_cadence("review")
        .with_triage()
    )


def healthy(builder: OrgBuilder, now: datetime = MONDAY) -> Scene:
    """The organisation in a GitLab where nothing is wrong, after a run."""
    scene = builder.scene(now)
    gitlab = scene.gitlab
    organisation = scene.loops.organisation
    gitlab.labels = {
        one.name: Label(one.name, one.color, one.description)
        for one in wanted(organisation).values()
    }
    for name in [one.username for one in (*builder.directors, *builder.managers)]:
        gitlab.with_user(name)
    for manager in builder.managers:
        for report in manager.reports:
            gitlab.with_user(report.username)
        for path in (f"support/1-1s/{manager.id}", LOOPS):
            join(scene, path, manager.username)
    initiative(scene)
    assert all(one.status == "done" for one in apply(scene.plan(), gitlab))
    return scene


def join(scene: Scene, path: str, username: str, role: Role = Role.REPORTER) -> None:
    """Somebody becomes a member of a project."""
    project = scene.gitlab.with_project(path)
    scene.gitlab.roles[project.id, scene.gitlab.with_user(username).id] = role


def leave(scene: Scene, path: str, username: str) -> None:
    """Somebody is no member any more."""
    project = scene.gitlab.projects[path]
    del scene.gitlab.roles[project.id, scene.gitlab.users[username].id]


def initiative(scene: Scene) -> Issue:
    return scene.gitlab.open(SGG, "An initiative", labels=["SGG"])


def findings(
    scene: Scene, now: datetime | None = None, clock: Any = None, project: str = ""
) -> list[Finding]:
    """What the doctor finds."""
    moment = now or scene.now

    def look(known: Snapshot) -> tuple[Finding, ...]:
        return examine(scene.loops, known, moment, clock, project)

    return list(find_out(scene.gitlab, look))


def keys(scene: Scene, now: datetime | None = None, clock: Any = None) -> list[tuple[str, str]]:
    """The severity and key of each finding."""
    return [(one.severity.value, one.key) for one in findings(scene, now, clock)]


def only(scene: Scene, now: datetime | None = None, clock: Any = None) -> Finding:
    """The only finding."""
    found = findings(scene, now, clock)
    assert len(found) == 1, found
    return found[0]


MINUTE = timedelta(minutes=1)

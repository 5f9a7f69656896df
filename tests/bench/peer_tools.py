"""The peers of the benchmark: how each is installed, found and asked to do a task.

A peer is either a *tool* that somebody publishes for (a part of) what Drumbeat does, or a
*loop*: the few lines that a person writes with a client library, by its documentation. All are
looked for in one folder, each in a folder of its own, and none is changed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from tests.bench.peer_world import (
    CLONED,
    GROVE,
    LOOPS,
    QUIET_DAYS,
    STALE,
    STALE_POLICY,
    Size,
    check_ins,
    title,
    write_repository,
)
from tests.peers.side_by_side import PEER_POLICY
from tests.support.sample import REPOSITORY

SCRIPTS = Path(__file__).parent / "peer_scripts"


class Task(StrEnum):
    """What is to be done; the value is also the name of the state that it begins with."""

    IDLE = "idle"
    CREATING = "creating"
    TRIAGE = "triage"


@dataclass(frozen=True)
class Stage:
    """Where a program does its task: an address, a token, a project, and a folder of its own."""

    task: Task
    url: str
    token: str = field(repr=False)
    project: int
    folder: Path
    size: Size
    today: datetime
    titles: tuple[str, ...] = ()
    """What the issues of today are called, for a loop that knows them."""

    def at(self, url: str) -> Stage:
        """The same, at this address."""
        return replace(self, url=url)


@dataclass(frozen=True)
class Program:
    """A command line, and its environment beside PATH."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Peer:
    """A program that does (a part of) the same.

    `needs` is a file below its folder, by which it is found; the folder is called as the peer,
    if `home` names no other. `asks` prepares a task. `judged`: whether the targets are held
    against it.
    """

    name: str
    package: str
    tasks: frozenset[Task]
    needs: str
    install: tuple[str, ...]
    asks: Callable[[Path, Stage], Program]
    judged: bool = True
    remark: str = ""
    home: str = ""
    files: Callable[[Stage], Mapping[str, bytes]] = lambda _stage: {}
    """Files of the repository that the server answers with, by address."""

    def __str__(self) -> str:
        return self.name

    def found(self, folder: Path) -> Path | None:
        """Where it is installed, None where it is not."""
        home = folder / (self.home or self.name)
        return home if (home / self.needs).exists() else None


# --- Drumbeat ---------------------------------------------------------------------------


def drumbeat(_home: Path, stage: Stage) -> Program:
    """The tree that this file is a part of, with the Python that runs it."""
    policy = STALE_POLICY if stage.task is Task.TRIAGE else check_ins(stage.today)
    return _drumbeat(stage, policy)


def drumbeat_assigning(_home: Path, stage: Stage) -> Program:
    """The same, and each issue is assigned to its manager."""
    return _drumbeat(stage, check_ins(stage.today, assignee="{{ manager.username }}"))


def _drumbeat(stage: Stage, policy: dict[str, Any]) -> Program:
    root = write_repository(stage.folder / "drumbeat", stage.size, policy)
    argv = (sys.executable, "-m", "automation", "apply", "--root", str(root), "--url", stage.url)
    return Program(argv, {"DRUMBEAT_TOKEN": stage.token, "PYTHONPATH": str(REPOSITORY)})


# --- Tools ------------------------------------------------------------------------------


def gibihm(home: Path, stage: Stage) -> Program:
    """Its schedule lies in the project's repository, see `repository_of_gibihm`."""
    env = {"GIBIHM_API_URL": stage.url, "GIBIHM_API_TOKEN": stage.token}
    return Program((str(home / "bin" / "gibihm"), "-p", str(stage.project)), env)


def repository_of_gibihm(stage: Stage) -> dict[str, bytes]:
    """One schedule for each manager, and the template that all share."""
    return _repository_of_gibihm(stage, [{} for _ in stage.size.names])


def repository_that_assigns(stage: Stage) -> dict[str, bytes]:
    """The same, and each issue is assigned to its manager."""
    return _repository_of_gibihm(stage, [{"assignee": name} for name in stage.size.names])


def _repository_of_gibihm(stage: Stage, more: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    crons = f"0 0 * * {stage.today.isoweekday() % 7}"
    schedule = [
        {"template": "check-in", "title": title(name), "tag": name, "schedule": crons, **extra}
        for name, extra in zip(stage.size.names, more, strict=True)
    ]
    template = "- [ ] Ask how the week was\n- [ ] Note what was agreed\n"
    place = f"/api/v4/projects/{stage.project}/repository"
    trees = {
        ".gitlab": ("issue_schedule.yaml", "1" * 40),
        ".gitlab/issue_templates": ("check-in.md", "2" * 40),
    }
    return {
        **{
            f"{place}/tree?recursive=False&path={quote(folder, safe='')}": _listed(name, blob)
            for folder, (name, blob) in trees.items()
        },
        f"{place}/blobs/{'1' * 40}/raw": yaml.safe_dump(schedule).encode(),
        f"{place}/blobs/{'2' * 40}/raw": template.encode(),
    }


def _listed(name: str, blob: str) -> bytes:
    return json.dumps([{"id": blob, "name": name, "type": "blob", "path": name}]).encode()


def work_item_automations(home: Path, stage: Stage) -> Program:
    """On a fresh runner, as a pipeline gives it: what it wrote down the last time is gone."""
    return _work_item_automations(home, stage, stage.folder / "fresh")


def with_its_notes(home: Path, stage: Stage) -> Program:
    """On a machine of its own, where the file of each automation says when it ran last."""
    kept = stage.folder / "kept"
    kept.mkdir()
    ran = int(stage.today.timestamp()) + 60
    for name in stage.size.names:
        (kept / f"{name}.txt").write_text(str(ran), encoding="utf-8")
    return _work_item_automations(home, stage, kept)


def _work_item_automations(home: Path, stage: Stage, state: Path) -> Program:
    state.mkdir(exist_ok=True)
    automations = [
        {
            "name": name,
            "project": LOOPS,
            "title": title(name),
            "description": "- [ ] Ask how the week was\n- [ ] Note what was agreed",
            "schedule": f"0 0 * * {stage.today.isoweekday() % 7}",
        }
        for name in stage.size.names
    ]
    config = {
        "url": stage.url,
        "private_token": stage.token,
        "state_directory_path": str(state),
        "automations": {"create_issue": automations},
    }
    file = stage.folder / "automations.yml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return Program((str(home / "bin" / "glwia"), f"--config-file-path={file}"))


def recurring_issues(home: Path, stage: Stage) -> Program:
    """It clones issues that bear a label; the address in its code is replaced."""
    script = str(SCRIPTS / "recurring_issues_elsewhere.py")
    env = {
        "GITLAB_URL": stage.url,
        "GITLAB_PRIVATE_TOKEN": stage.token,
        "CI_PROJECT_ID": str(stage.project),
    }
    return Program((str(home / "bin" / "python"), script, "--private-token"), env)


def gitlab_triage(home: Path, stage: Stage) -> Program:
    """The port of gitlab-triage to Node."""
    policies = stage.folder / "triage.yml"
    policies.write_text(yaml.safe_dump(PEER_POLICY), encoding="utf-8")
    argv = ("node", str(home / "bin" / "index.js"), "--host-url", stage.url)
    more = ("--source-id", GROVE, "-f", str(policies))
    return Program((*argv, *more), {"GITLAB_API_TOKEN": stage.token, "NO_COLOR": "1"})


# --- Loops ------------------------------------------------------------------------------


def _loop(stage: Stage, page: str = "") -> dict[str, str]:
    asked: dict[str, Any] = {
        "name": stage.task,
        "project": stage.project,
        "titles": stage.titles,
        "description": "- [ ] Ask how the week was\n- [ ] Note what was agreed",
        "labels": [CLONED],
        "label": STALE,
        "quiet_days": QUIET_DAYS,
    }
    return {
        "GITLAB_URL": stage.url,
        "GITLAB_TOKEN": stage.token,
        "TASK": json.dumps(asked),
        "PAGE": page,
    }


def python_gitlab(page: str = "") -> Callable[[Path, Stage], Program]:
    """A loop with python-gitlab, with pages of the library's length or another."""

    def asks(home: Path, stage: Stage) -> Program:
        script = str(SCRIPTS / "python_gitlab_loop.py")
        return Program((str(home / "bin" / "python"), script), _loop(stage, page))

    return asks


def glabflow(home: Path, stage: Stage) -> Program:
    """A loop with glabflow, which sends everything at once."""
    return Program((str(home / "bin" / "python"), str(SCRIPTS / "glabflow_loop.py")), _loop(stage))


def gitbeaker(page: str = "") -> Callable[[Path, Stage], Program]:
    """A loop with @gitbeaker/rest, with pages of the library's length or another."""

    def asks(home: Path, stage: Stage) -> Program:
        package = str(home / "node_modules" / "@gitbeaker" / "rest")
        script = str(SCRIPTS / "gitbeaker_loop.mjs")
        return Program(("node", script), {**_loop(stage, page), "GITBEAKER": package})

    return asks


def environment(stage: Stage, program: Program) -> dict[str, str]:
    """What a program is told: nobody's settings but its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(stage.folder), "TZ": "UTC", **program.env}

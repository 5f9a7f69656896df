"""A copy of what is shipped, to run the pages' commands in, with and without a GitLab."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.world import World, build
from automation.sandbox.server import running
from tests.readme.page import ROOT
from tests.readme.running import NOON


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI_SERVER_URL", "DRUMBEAT_CA_BUNDLE", "DRUMBEAT_TOKEN", "DRUMBEAT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("FORCE_COLOR", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped policies and templates, to stand in."""
    for folder in ("policies", "issue_templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sample(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The sample organisation on the embedded GitLab, where Drumbeat has not been yet."""
    now = datetime.fromisoformat(NOON)
    loops = open_loops(repository)
    private = sorted({loop.project for loop in loops.current(now) if loop.confidential})
    with running(root_token="root-token", now=now) as url:
        world = build(Api(url, "root-token"), loops.organisation, private)
        monkeypatch.setenv("DRUMBEAT_URL", url)
        monkeypatch.setenv("DRUMBEAT_TOKEN", world.token)
        yield world

"""The doctor on a fake GitLab, and as a command on the embedded one."""

from __future__ import annotations

import shutil

import pytest

from tests.commands.office import ROOT, Drumbeat, build_office, serving
from tests.support.once import once


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch):
    """No variable of whoever runs the tests reaches the commands."""
    for name in ("DRUMBEAT_TOKEN", "DRUMBEAT_URL", "DRUMBEAT_CA_BUNDLE", "CI_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITLAB_CI", "NO_COLOR", "FORCE_COLOR", "CI_PROJECT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def office_built(tmp_path_factory):
    """The sample organisation in a database of its own, made once and copied for each test."""
    return once(tmp_path_factory, "office", build_office)


@pytest.fixture
def drumbeat(capfd):
    return Drumbeat(capfd)


@pytest.fixture
def office(office_built, tmp_path, monkeypatch):
    """The sample organisation in a GitLab of its own, on Monday; Drumbeat has its token."""
    with serving(office_built, tmp_path) as served:
        monkeypatch.setenv("DRUMBEAT_URL", served.url)
        monkeypatch.setenv("DRUMBEAT_TOKEN", served.token)
        yield served


@pytest.fixture
def place(tmp_path):
    """A copy of the sample repository whose settings know that the group's Owner may read."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    settings = tmp_path / "policies" / "settings.yml"
    text = settings.read_text(encoding="utf-8")
    assert "confidential_readers: []" in text
    settings.write_text(
        text.replace("confidential_readers: []", "confidential_readers: [root]"), encoding="utf-8"
    )
    return tmp_path

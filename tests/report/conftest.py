"""The sample's GitLab for the verb, and a built site for the browser."""

from __future__ import annotations

import signal

import pytest

from tests.commands.office import Drumbeat, build_office, serving
from tests.support.once import once


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch):
    """No variable of whoever runs the tests reaches the commands; signals are given back."""
    for name in ("DRUMBEAT_TOKEN", "DRUMBEAT_URL", "DRUMBEAT_CA_BUNDLE", "CI_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITLAB_CI", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def office_built(tmp_path_factory):
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

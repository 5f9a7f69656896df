"""What holds for all tests.

Coverage is measured by the quick tests alone: tracing makes the others take twice as long, and
a line that only a play of many runs gets to has no test that would say what is wrong with it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from playwright.sync_api import Browser, sync_playwright


def pytest_configure():
    """Let Ctrl-C be heard: a shell has its background jobs ignore it, and so their children."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


PLAYS = ("clients", "e2e", "faults", "hostile", "peers", "readme", "simulation")
"""Folders whose tests play whole runs, most of them over HTTP."""


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what is in a folder of plays or needs a browser."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    if folder in PLAYS or item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the slow ones first, so that no worker is left alone with one at the end."""
    items.sort(key=_how_soon)


def _how_soon(item: pytest.Item) -> int:
    marks = sum(1 for _ in item.iter_markers("slow"))  # two: the slowest among the plays
    return -marks


class Tracing:
    """Whether coverage is measured at the moment, in this process and in those that it starts."""

    def __init__(self) -> None:
        self._on = True
        self._kept: dict[str, str] = {}

    def turn(self, controller: Any, *, on: bool) -> None:
        """Measure from now on, or not; both may be asked for again and again."""
        if on and not self._on:
            os.environ.update(self._kept)
            controller.resume()
        elif self._on and not on:
            controller.pause()
            self._stop_others()
            names = [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]
            self._kept = {name: os.environ.pop(name) for name in names}
        self._on = on

    @staticmethod
    def _stop_others() -> None:
        """A worker is a process that was started, too: it measures itself beside pytest-cov."""
        while (measuring := Coverage.current()) is not None:
            measuring.stop()


TRACING = Tracing()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Trace the quick tests, and their fixtures, only."""
    coverage = item.config.pluginmanager.getplugin("_cov")
    controller = getattr(coverage, "cov_controller", None)
    if controller is not None:
        TRACING.turn(controller, on=item.get_closest_marker("slow") is None)
    return (yield)


_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _cache_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a test runs remembers nothing of another test's GitLab."""
    folder = tmp_path_factory.getbasetemp() / f"cache-{next(_NUMBERS)}"
    monkeypatch.setenv("DRUMBEAT_CACHE_DIR", str(folder))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests, since Playwright runs once in a process."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()

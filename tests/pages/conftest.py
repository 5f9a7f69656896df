"""One server and one browser for all tests of pages; each test keeps to places of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from automation.commands.seeding import seed
from automation.demo.api import Api
from automation.demo.world import World
from automation.sandbox.server import running
from tests.pages.people import Visitor, as_user
from tests.sandbox.world import Client, Space, new_space

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def root() -> Iterator[Client]:
    with running() as url:
        client = Client(url, "root-token")
        yield client
        client.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[World]:
    """The demo's organisation on a server of its own; for looking only."""
    with running(now=NOW) as url:
        yield seed(Api(url, "root-token"), ROOT, NOW, fixed=True)


@pytest.fixture
def new(root: Client) -> Iterator[Callable[..., Space]]:
    """Makes spaces on the shared server."""
    with ExitStack() as stack:

        def make(**project: Any) -> Space:
            space = new_space(root, **project)
            stack.callback(space.close)
            return space

        yield make


@pytest.fixture
def space(new: Callable[..., Space]) -> Space:
    return new()


@pytest.fixture
def visit() -> Iterator[Callable[[Client], Visitor]]:
    """Signs users of the API in to the pages."""
    with ExitStack() as stack:

        def make(client: Client) -> Visitor:
            visitor = as_user(client)
            stack.callback(visitor.session.close)
            return visitor

        yield make


@pytest.fixture
def stranger(root: Client) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = Visitor(root.url)
    yield visitor
    visitor.session.close()


# --- The browser ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


class Window:
    """A window of the browser that takes down everything that must not be."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda line: self._heard(line.type, line.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", self._asked_back)
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(f"console: {text}")

    def _asked_back(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith(self.url + "/"):
            self.faults.append(f"request: {url}")

    def sign_in(self, username: str) -> None:
        self.page.goto("/users/sign_in")
        self.page.fill("input[name=search]", username)
        self.page.press("input[name=search]", "Enter")
        self.page.click(f'button[value="{username}"]')

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Window]]:
    """Opens windows; at the end none of them has seen an error or a foreign address."""
    opened: list[Window] = []

    def make(url: str, username: str, **options: Any) -> Window:
        made = Window(browser, url, **options)
        opened.append(made)
        made.sign_in(username)
        return made

    yield make
    for one in opened:
        one.close()

"""One server and one browser for all tests of pages; each test keeps to places of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from automation.commands.seeding import seed
from automation.demo.api import Api
from automation.demo.world import World
from automation.sandbox.server import running
from tests.pages.people import Visitor, as_user
from tests.sandbox.world import Client, Space, new_space
from tests.support.window import Window

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

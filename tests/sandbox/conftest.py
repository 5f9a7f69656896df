"""One server for most tests, which keep to groups of their own; one each for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from automation.sandbox.server import running
from tests.sandbox.world import Client, Space, new_space

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared_url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(scope="session")
def root(shared_url: str) -> Iterator[Client]:
    client = Client(shared_url, "root-token")
    yield client
    client.close()


@pytest.fixture
def new(root: Client) -> Iterator[Callable[..., Space]]:
    """Makes spaces on the shared server."""
    spaces: list[Space] = []

    def make(**project: Any) -> Space:
        spaces.append(new_space(root, **project))
        return spaces[-1]

    yield make
    for space in spaces:
        space.close()


@pytest.fixture
def space(new: Callable[..., Space]) -> Space:
    return new()


@pytest.fixture
def client(root: Client) -> Iterator[Callable[[str | None], Client]]:
    """Makes further clients of the shared server, closed at the end."""
    with ExitStack() as stack:

        def make(token: str | None) -> Client:
            made = Client(root.url, token)
            stack.callback(made.close)
            return made

        yield make


@contextmanager
def own_server(**options: Any) -> Iterator[Client]:
    with running(**options) as url:
        made = Client(url, "root-token")
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def fixed() -> Iterator[Client]:
    """Root on a server of its own whose clock stands still."""
    with own_server(now=NOW) as made:
        yield made


@pytest.fixture
def premium() -> Iterator[Space]:
    """A space on a server of its own that plays a paid tier."""
    with own_server(tier="premium", now=NOW) as made:
        space = new_space(made)
        yield space
        space.close()

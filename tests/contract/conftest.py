"""One server for the suite: the embedded GitLab, or the real one that two variables name.

``DRUMBEAT_LIVE_URL`` and ``DRUMBEAT_LIVE_TOKEN`` (scope ``api``) choose a real GitLab. The
suite works there in one group, which it makes and removes; ``DRUMBEAT_LIVE_PARENT`` is the id
of a group to make it in, where top-level groups cannot be made through the API.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import gitlab
import pytest

from automation.sandbox.server import running
from tests.contract.citing import LIVE, LIVE_TOKEN, LIVE_URL
from tests.contract.place import Place, new_place, unique
from tests.sandbox.world import Client

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CASES = pytest.StashKey[list[pytest.Item]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cites: the part of GitLab that a case holds the server to")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what was collected of this suite, before anything is left out."""
    here = os.path.dirname(__file__)  # noqa: PTH120
    config.stash[CASES] = [item for item in items if str(item.path).startswith(here)]


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, str]]:
    """The address and the token of the server under test."""
    if LIVE:
        yield LIVE_URL, LIVE_TOKEN
        return
    with running() as url:
        yield url, "root-token"


@pytest.fixture(scope="session")
def root(server: tuple[str, str]) -> Iterator[Client]:
    """An owner of all that the suite makes; an administrator on the embedded GitLab."""
    client = Client(*server)
    client.user = client.get("/user").json()
    yield client
    client.close()


@pytest.fixture(scope="session")
def top(root: Client) -> Iterator[dict[str, Any]]:
    """The group that the suite works in."""
    parent = os.environ.get("DRUMBEAT_LIVE_PARENT") if LIVE else None
    name = unique("drumbeat-contract")
    above = {"parent_id": int(parent)} if parent else {}
    group = root.made("/groups", name=name, path=name, visibility="private", **above)
    yield group
    root.delete(f"/groups/{group['id']}")


@pytest.fixture(scope="module")
def place(root: Client, top: dict[str, Any]) -> Iterator[Place]:
    """A place that a file's cases share; each keeps to issues of its own."""
    made = new_place(root, top["id"])
    yield made
    made.close()


@pytest.fixture
def new(root: Client, top: dict[str, Any]) -> Iterator[Callable[..., Place]]:
    """Makes places of a case's own."""
    with ExitStack() as stack:

        def make(**project: Any) -> Place:
            # Below the private group of all cases nothing may be more open than that.
            above = None if "visibility" in project else top["id"]
            made = new_place(root, above, **project)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def fresh(new: Callable[..., Place]) -> Place:
    """A place of the case's own."""
    return new()


@pytest.fixture(scope="session")
def nobody(server: tuple[str, str]) -> Iterator[Client]:
    """Someone who is not signed in."""
    client = Client(server[0], None)
    yield client
    client.close()


@pytest.fixture
def admin(root: Client) -> Client:
    """An administrator."""
    if not root.user.get("is_admin"):
        pytest.skip("needs an administrator's token")
    return root


@pytest.fixture
def gl(server: tuple[str, str]) -> Iterator[gitlab.Gitlab]:
    """python-gitlab, repeating no write whose answer was lost."""
    url, token = server
    with gitlab.Gitlab(url, private_token=token, retry_transient_errors=False) as client:
        yield client


@contextmanager
def _own(**options: Any) -> Iterator[Place]:
    with running(**options) as url:
        client = Client(url, "root-token")
        made = new_place(client)
        try:
            yield made
        finally:
            made.close()
            client.close()


@pytest.fixture
def apart() -> Iterator[Place]:
    """A place on an embedded GitLab of the case's own, whose clock stands still."""
    with _own(now=NOW) as made:
        yield made


@pytest.fixture
def premium() -> Iterator[Place]:
    """A place on an embedded GitLab that plays a paid tier."""
    with _own(now=NOW, tier="premium") as made:
        yield made

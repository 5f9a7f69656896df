"""Sites to test on: the sample organisation, set up once by the outside script and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from automation.sandbox.server import running
from tests.e2e.drive import drumbeat
from tests.e2e.outside import ROOT_TOKEN, Site, set_up
from tests.support.once import once

FOUNDED = "2026-10-01T00:00:00Z"
"""When the sample organisation was set up, two months before the weeks that are played."""


@contextmanager
def served(
    db: str = ":memory:", now: str = FOUNDED, tokens: dict[str, str] | None = None
) -> Iterator[Site]:
    with running(db=db, root_token=ROOT_TOKEN, now=datetime.fromisoformat(now)) as url:
        yield Site(url, dict(tokens or {}))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The sample organisation with its labels and boards, as a database to copy."""
    return once(tmp_path_factory, "sample", _founded)


def _founded(folder: Path) -> tuple[Path, dict[str, str]]:
    db = folder / "gitlab.db"
    with served(str(db)) as site:
        set_up(site)
        drumbeat(site, "setup", FOUNDED, "--yes")
    return db, site.tokens


@pytest.fixture
def open_site(
    founded: tuple[Path, dict[str, str]], tmp_path: Path
) -> Iterator[Callable[[str], Site]]:
    """Serves copies of the sample organisation, beginning at a time."""
    template, tokens = founded
    with ExitStack() as stack:

        def make(now: str) -> Site:
            db = shutil.copy(template, tmp_path / f"gitlab-{len(list(tmp_path.iterdir()))}.db")
            return stack.enter_context(served(str(db), now, tokens))

        yield make


@pytest.fixture
def empty() -> Iterator[Callable[[str], Site]]:
    """Serves GitLabs in which nobody is yet."""
    with ExitStack() as stack:
        yield lambda now: stack.enter_context(served(now=now))

"""A server for each session of a client that was not written here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.sandbox.server import running


@pytest.fixture
def url() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """An environment in which a client finds nobody's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return kept | {"HOME": str(tmp_path), "NO_COLOR": "1"}

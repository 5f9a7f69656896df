"""The marker that says which part of GitLab a case holds the server to."""

from __future__ import annotations

import os

import pytest

from tests.contract.sources import COMMITS

LIVE_URL = os.environ.get("DRUMBEAT_LIVE_URL", "").rstrip("/")
LIVE_TOKEN = os.environ.get("DRUMBEAT_LIVE_TOKEN", "")
LIVE = bool(LIVE_URL and LIVE_TOKEN)


def cites(path: str, about: str, *, laws: int | tuple[int, ...] = ()) -> pytest.MarkDecorator:
    """Cite a file of GitLab; ``about`` is the section or symbol, ``laws`` those that rest on it.

    Raises:
        KeyError: `sources.COMMITS` does not say at which commit the file was read.
    """
    numbers = (laws,) if isinstance(laws, int) else laws
    return pytest.mark.cites(path=path, commit=COMMITS[path], about=about, laws=numbers)


def sandbox_only(reason: str) -> pytest.MarkDecorator:
    """Skip a case against a real GitLab, with the reason."""
    return pytest.mark.skipif(LIVE, reason=f"only on the embedded GitLab: {reason}")

"""Runs command lines of the pages in this process."""

from __future__ import annotations

import contextlib
import io
import signal
from dataclasses import dataclass

from automation.cli import main

NOON = "2026-11-24T12:00:00Z"


@dataclass(frozen=True)
class Ran:
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str


def drumbeat(*words: str) -> Ran:
    """Run `drumbeat`, and leave the process's signals as they were."""
    handler = signal.getsignal(signal.SIGTERM)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
    finally:
        signal.signal(signal.SIGTERM, handler)
    return Ran(code, out.getvalue(), err.getvalue())

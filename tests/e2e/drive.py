"""Runs Drumbeat against a site: in this process through its command line, or as its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.cli import main
from tests.e2e.outside import BOT, Site
from tests.support.sample import REPOSITORY, core

SAMPLE = core()
"""The shipped sample with its first policies."""

_FOREIGN = (
    "CI_SERVER_URL",
    "DRUMBEAT_CA_BUNDLE",
    "DRUMBEAT_TOKEN",
    "DRUMBEAT_URL",
    "FORCE_COLOR",
    "GITLAB_CI",
    "TERM",
)


@dataclass(frozen=True)
class Ran:
    """What a run of Drumbeat left behind."""

    code: int
    out: str
    err: str

    @property
    def nothing_to_do(self) -> bool:
        return self.out == "Nothing to do.\n"


def drumbeat(
    site: Site,
    verb: str,
    now: str,
    *more: str,
    root: Path = SAMPLE,
    token: str | None = None,
    expect: int | None = 0,
) -> Ran:
    """Run a verb in this process. `expect` is the exit code; None takes any."""
    out, err = io.StringIO(), io.StringIO()
    argv = [verb, "--root", str(root), "--url", site.url, "--now", now, *more]
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with (
            _environment(token or site.tokens[BOT]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(argv)
    finally:
        signal.signal(signal.SIGTERM, handler)
    ran = Ran(code, out.getvalue(), err.getvalue())
    assert expect is None or ran.code == expect, f"{' '.join(argv)}\n{ran.out}\n{ran.err}"
    return ran


def apply(site: Site, now: str, *more: str, **options: Any) -> Ran:
    """Let it be that time, and run `drumbeat apply`."""
    site.at(now)
    return drumbeat(site, "apply", now, *more, **options)


def planned(site: Site, now: str, *more: str, **options: Any) -> dict[str, Any]:
    """What `drumbeat plan --format json` says."""
    ran = drumbeat(site, "plan", now, "--format", "json", *more, **options)
    return json.loads(ran.out)


def outcomes(
    site: Site, now: str, folder: Path, *more: str, expect: int | None = 0, **options: Any
) -> tuple[Ran, list[dict[str, Any]]]:
    """Run `drumbeat apply`, and what it says became of every change."""
    file = folder / "outcomes.json"
    ran = apply(site, now, "--outcomes", str(file), *more, expect=expect, **options)
    return ran, json.loads(file.read_text())["outcomes"]


@contextlib.contextmanager
def _environment(token: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(DRUMBEAT_TOKEN=token)
    for name in _FOREIGN:
        if name != "DRUMBEAT_TOKEN":
            os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def environment(**more: str) -> dict[str, str]:
    """The environment of a process of Drumbeat's own."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "error", **more}


@contextlib.contextmanager
def started(
    site: Site, verb: str, now: str, *more: str, root: Path = SAMPLE, **env: str
) -> Iterator[subprocess.Popen[str]]:
    """A verb as a process of its own; it is killed should it still run in the end."""
    argv = [sys.executable, "-m", "automation", verb, "--root", str(root)]
    process = subprocess.Popen(
        [*argv, "--url", site.url, "--now", now, *more],
        env=environment(DRUMBEAT_TOKEN=site.tokens[BOT], **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_until(holds: Callable[[], Any], what: str, seconds: float = 30) -> None:
    """Look every few milliseconds until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)

"""A GitLab for the sample organisation, and a command line that is called like a function."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from automation.cli import main
from automation.commands.workspace import open_loops
from automation.demo.api import Api, escaped
from automation.demo.world import build
from automation.sandbox.server import running
from tests.support.sample import core

ROOT = core()
"""The shipped sample with its first policies: what most of these tests count on."""

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = "2026-11-23T09:00:00Z"
ROOT_TOKEN = "root-token-of-the-office"


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Drumbeat:
    """Calls the command line; `drumbeat("plan", "--format", "json")`."""

    def __init__(self, capture: Any) -> None:
        self._capture = capture

    def __call__(self, *argv: str | Path) -> Result:
        self._capture.readouterr()
        code = main([str(one) for one in argv])
        out, err = self._capture.readouterr()
        return Result(code, out, err)

    def here(self, verb: str, *argv: str | Path, now: str = NOW) -> Result:
        """The verb with the repository's policies, on Monday."""
        return self(verb, "-C", ROOT, "--now", now, *argv)


@dataclass(frozen=True)
class Office:
    """The embedded GitLab with the organisation in it."""

    database: Path
    token: str
    tokens: dict[str, str]
    projects: dict[str, int]
    url: str = ""

    @property
    def root(self) -> Api:
        return Api(self.url, ROOT_TOKEN)

    def person(self, username: str) -> Api:
        return Api(self.url, self.tokens[username])

    def move(self, moment: datetime) -> None:
        self.root.put("/sandbox/clock", now=moment.isoformat(), reset=True)

    def issues(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.root.get(
            f"/groups/{escaped('support')}/issues", scope="all", per_page=100, **query
        )
        return found

    def requests(self) -> dict[str, Any]:
        """What was served since the last call."""
        counted: dict[str, Any] = self.root.get("/sandbox/requests")
        self.root._send("DELETE", "/sandbox/requests")
        return counted


def build_office(folder: Path) -> Office:
    """Set everything up as an administrator would."""
    loops = open_loops(ROOT)
    private = sorted({loop.project for loop in loops.current(MONDAY) if loop.confidential})
    database = folder / "gitlab.db"
    with running(db=str(database), root_token=ROOT_TOKEN, now=MONDAY - timedelta(days=60)) as url:
        world = build(Api(url, ROOT_TOKEN), loops.organisation, private)
        tokens = {name: person.token for name, person in world.users.items()}
    return Office(database, world.token, tokens, world.projects)


@contextmanager
def serving(office: Office, folder: Path) -> Iterator[Office]:
    """A copy of the office's GitLab, served, with its clock on Monday."""
    database = folder / "gitlab.db"
    shutil.copy(office.database, database)
    with running(db=str(database), root_token=ROOT_TOKEN) as url:
        served = replace(office, url=url, database=database)
        served.move(MONDAY)
        yield served

"""The demo's organisation in an embedded GitLab that somebody wants to look at."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path

from automation.commands import apply, setup
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.initiatives import begin
from automation.demo.world import BOT, World, build
from automation.errors import DrumbeatError, ExitCode
from automation.model.organisation import Organisation

BEFORE = timedelta(days=60)
"""How long ago the people came."""


def seed(root: Api, folder: Path, now: datetime, *, fixed: bool) -> World:
    """Fill it, unless an earlier run did: people, initiatives, and the loops of that time.

    `root` is the administrator. The clock stands at `now` if `fixed`, else it runs.
    """
    loops = open_loops(folder)
    found = root.get("/users", username=BOT)
    if found:
        path = f"/users/{found[0]['id']}/personal_access_tokens"
        token = root.post(path, name="drumbeat", scopes=["api"])["token"]
        return World(root, token)
    root.put("/sandbox/clock", now=(now - BEFORE).isoformat(), reset=True)
    private = {loop.project for loop in loops.current(now) if loop.confidential}
    world = build(root, loops.organisation, sorted(private))
    begin(world, loops.organisation.roster, now)
    root.put("/sandbox/clock", now=now.isoformat() if fixed else None)
    _drumbeat(world, folder, now)
    return world


def people(organisation: Organisation) -> Iterator[tuple[str, str]]:
    """Who can sign in and sees something there: user name, and who that is."""
    for director in organisation.roster.directors:
        yield director.username, f"{director.display_name}, director"
    for manager in organisation.roster.managers:
        yield manager.username, f"{manager.display_name}, manager"
    yield "root", "administrator"


def _drumbeat(world: World, folder: Path, now: datetime) -> None:
    """Labels, boards and loops, made by the real commands."""
    moment, printed = now.isoformat(), io.StringIO()
    url = world.root.url
    with drumbeats_token(world.token), redirect_stdout(printed), redirect_stderr(printed):
        codes = [
            setup.run(folder, url, moment, yes=True),
            apply.run(folder, url, moment, no_cache=True),
        ]
    if any(code != ExitCode.FINE for code in codes):
        raise DrumbeatError(f"the demo's organisation cannot be made:\n{printed.getvalue()}")


@contextmanager
def drumbeats_token(token: str) -> Iterator[None]:
    """Drumbeat's token where the commands look for it, for a while."""
    before = os.environ.get("DRUMBEAT_TOKEN")
    os.environ["DRUMBEAT_TOKEN"] = token
    try:
        yield
    finally:
        if before is None:
            del os.environ["DRUMBEAT_TOKEN"]
        else:
            os.environ["DRUMBEAT_TOKEN"] = before

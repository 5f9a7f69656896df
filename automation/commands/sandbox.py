"""`drumbeat sandbox`: serves the embedded GitLab on loopback."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from automation.commands import seeding
from automation.commands.console import result, tell
from automation.commands.options import Now, Root, instant
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.errors import ExitCode, UsageError


class Format(StrEnum):
    """How the address is told."""

    TEXT = "text"
    JSON = "json"


class Seed(StrEnum):
    """What is in it at first."""

    DEMO = "demo"


def run(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8080,
    db: Annotated[
        str, typer.Option(metavar="FILE", help="Where the state is kept; `:memory:` for nowhere.")
    ] = ":memory:",
    root_token: Annotated[
        str, typer.Option(metavar="TOKEN", help="The administrator's token.")
    ] = "root-token",
    now: Now = None,
    format: Annotated[Format, typer.Option(help="How to tell the address.")] = Format.TEXT,
    seed: Annotated[
        Seed | None,
        typer.Option(help="Begin with the organisation of --root and its loops; else empty."),
    ] = None,
    root: Root = Path(),
) -> int:
    """Serve a GitLab-compatible API on loopback, to try Drumbeat with no GitLab at hand.

    The address also has pages for people, who can sign in as anyone. It goes on until it is
    interrupted. Its clock is moved with PUT /sandbox/clock.
    """
    try:
        import automation.sandbox.server  # noqa: F401 - whether it can be had at all
    except ImportError as error:
        raise UsageError(
            f"the embedded GitLab needs {error.name}, which is not installed",
            "Install it with: pip install 'drumbeat[sandbox]'",
        ) from error
    with _told(port, db):
        if seed is None:
            _serve(port, db, root_token, now, format)
        else:
            _serve_seeded(port, db, root_token, now, format, root)
    return ExitCode.FINE


@contextmanager
def _told(port: int, db: str) -> Iterator[None]:
    """What keeps it from starting, in the user's words."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"the embedded GitLab cannot start on port {port} with {db}: {error.strerror or error}",
            "Choose another port (0 picks a free one) or another --db.",
        ) from error


def _serve(port: int, db: str, root_token: str, now: str | None, form: Format) -> None:
    from automation.sandbox.server import serve

    def ready(url: str) -> None:
        if form is Format.JSON:
            result(json.dumps({"url": url, "root_token": root_token}) + "\n")
        else:
            result(f"{url}\n")
            tell("This GitLab is embedded and forgets nothing it is told. Stop it with Ctrl-C.")

    serve("127.0.0.1", port, db, root_token, instant(now) if now else None, ready)


def _serve_seeded(
    port: int, db: str, root_token: str, now: str | None, form: Format, root: Path
) -> None:
    """Serve from a thread while this one fills it, and then until it is interrupted."""
    from automation.sandbox.server import running

    moment = instant(now)
    organisation = open_loops(root).organisation
    with running(db, root_token, moment if now else None, port) as url:
        world = seeding.seed(Api(url, root_token), root, moment, fixed=now is not None)
        if form is Format.JSON:
            told = {"url": url, "root_token": root_token, "drumbeat_token": world.token}
            result(json.dumps(told) + "\n")
        else:
            result(f"{url}\n")
            tell("The sample organisation is in it, and its loops are open. Sign in as anyone:\n")
            tell("\n".join(f"  {name:<14}{who}" for name, who in seeding.people(organisation)))
            tell(
                "\nTick boxes there. What is complete closes at the next run, here or elsewhere:\n"
            )
            tell(f"  {_next_command(url, world.token, root, now)}\n")
            tell("Stop it with Ctrl-C.")
        threading.Event().wait()


def _next_command(url: str, token: str, root: Path, now: str | None) -> str:
    options = {"--url": url, "--root": "" if root == Path() else str(root), "--now": now or ""}
    words = [word for name, value in options.items() if value for word in (name, value)]
    return f"DRUMBEAT_TOKEN={token} {shlex.join(['drumbeat', 'apply', *words])}"

"""`drumbeat sandbox`: serves the embedded GitLab on loopback."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from automation.commands.console import result, tell
from automation.commands.options import Now, instant
from automation.errors import ExitCode, UsageError


class Format(StrEnum):
    """How the address is told."""

    TEXT = "text"
    JSON = "json"


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
) -> int:
    """Serve a GitLab-compatible API on loopback, to try Drumbeat with no GitLab at hand.

    It goes on until it is interrupted. Its clock is moved with PUT /sandbox/clock.
    """
    try:
        from automation.sandbox.server import serve
    except ImportError as error:
        raise UsageError(
            f"the embedded GitLab needs {error.name}, which is not installed",
            "Install it with: pip install 'drumbeat[sandbox]'",
        ) from error

    def ready(url: str) -> None:
        if format is Format.JSON:
            result(json.dumps({"url": url, "root_token": root_token}) + "\n")
        else:
            result(f"{url}\n")
            tell("This GitLab is embedded and forgets nothing it is told. Stop it with Ctrl-C.")

    try:
        serve("127.0.0.1", port, db, root_token, instant(now) if now else None, ready)
    except OSError as error:
        raise UsageError(
            f"the embedded GitLab cannot start on port {port} with {db}: {error.strerror or error}",
            "Choose another port (0 picks a free one) or another --db.",
        ) from error
    return ExitCode.FINE

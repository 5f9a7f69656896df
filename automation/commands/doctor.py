"""`drumbeat doctor`: what is wrong around Drumbeat, and how it is mended."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from automation.checkup import Finding, Severity, examine, unreachable
from automation.commands.console import paint, progress, result
from automation.commands.options import CaBundle, Now, Only, Root, Url, instant
from automation.commands.workspace import connect, open_loops, with_numbers
from automation.errors import ExitCode, RemoteError
from automation.loops import Loops
from automation.planner import find_out
from automation.ports import Reader
from automation.render.doctor import doctor_json, doctor_text


class Format(StrEnum):
    """How findings are shown."""

    TEXT = "text"
    JSON = "json"


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    only: Only = None,
    format: Annotated[Format, typer.Option(help="How to show the findings.")] = Format.TEXT,
    project: Annotated[
        str,
        typer.Option(
            envvar="CI_PROJECT_PATH",
            metavar="PATH",
            help="The project whose pipelines run Drumbeat: look at its schedules and variables.",
            show_default=False,
        ),
    ] = "",
    ca_bundle: CaBundle = None,
) -> int:
    """Look at token, roles, readers, people, labels and runs; tell what is wrong and what mends it.

    The token is taken from DRUMBEAT_TOKEN. Nothing is written. Exit code 1: at least one
    finding is an error; 3: GitLab cannot be reached or does not take the token. With --now
    the clock of this machine is not held against GitLab's. With --only, loops that have not
    been opened are missed for these only; everything else is looked at for everybody.
    """
    loops = open_loops(root, only)
    moment = instant(now)
    with progress("Reading GitLab") as step:
        reader, _ = connect(url, ca_bundle, step)
        clock = datetime.now(UTC) if now is None else None
        known = with_numbers(reader, root, loops.organisation)
        found, code = _examined(loops, known, moment, clock, project)
    if format is Format.JSON:
        result(doctor_json(found, moment))
    else:
        result(doctor_text(found, moment, paint))
    return code


def _examined(
    loops: Loops, reader: Reader, now: datetime, clock: datetime | None, project: str
) -> tuple[tuple[Finding, ...], int]:
    """The findings and the exit code; that GitLab cannot be read is a finding as well."""
    try:
        found = find_out(reader, lambda snapshot: examine(loops, snapshot, now, clock, project))
    except RemoteError as error:
        return (unreachable(error),), error.exit_code
    errors = any(finding.severity is Severity.ERROR for finding in found)
    return found, ExitCode.SOME_CHANGE_FAILED if errors else ExitCode.FINE

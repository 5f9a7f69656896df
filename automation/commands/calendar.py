"""`drumbeat calendar`: what will open in the next weeks, and why something will not."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from automation.agenda import agenda
from automation.commands.console import paint, result
from automation.commands.options import Now, Only, Root, instant
from automation.commands.workspace import open_loops
from automation.errors import ExitCode
from automation.render.calendar import calendar_json, calendar_text


class Format(StrEnum):
    """How the calendar is shown."""

    TEXT = "text"
    JSON = "json"


def run(
    root: Root = Path(),
    now: Now = None,
    weeks: Annotated[
        int, typer.Option(min=1, max=104, metavar="N", help="How many weeks to look ahead.")
    ] = 4,
    only: Only = None,
    format: Annotated[Format, typer.Option(help="How to show the calendar.")] = Format.TEXT,
) -> int:
    """Show what will open, when, for whom and due when; and what will not, and why. Offline.

    Judged by policies and roster alone: that an earlier loop is still open, which may hold
    a new one back with `when_previous_open: wait`, only `plan` knows.
    """
    start = instant(now)
    end = start + timedelta(weeks=weeks)
    appointments = agenda(open_loops(root, only), start, end)
    if format is Format.JSON:
        result(calendar_json(appointments, start, end))
    else:
        result(calendar_text(appointments, start, end, paint))
    return ExitCode.FINE

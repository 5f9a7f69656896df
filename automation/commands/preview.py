"""`drumbeat preview`: the issue that somebody would get, offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from automation.commands.console import paint, result, tell
from automation.commands.options import Now, Only, Root, instant
from automation.commands.workspace import open_loops, write
from automation.errors import ExitCode, UsageError
from automation.loops import Loop, Loops, as_config_error
from automation.render.counts import counted
from automation.rules.gathering import sampled
from automation.templates import RenderError


def run(
    root: Root = Path(),
    now: Now = None,
    only: Only = None,
    all: Annotated[bool, typer.Option("--all", help="Preview every loop.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write one Markdown file per loop into this folder."),
    ] = None,
) -> int:
    """Render the loops that are current, as their issues would read; nothing is sent.

    Choose with --only, such as --only cadence=one-on-one --only manager=mgr-emea-1, or
    take them --all.
    """
    if not only and not all:
        raise UsageError(
            "nothing to preview is named",
            "Say which: --only cadence=one-on-one --only manager=…, or --all.",
        )
    loops = open_loops(root, only)
    shown = list(_previews(loops, now))
    if not shown:
        tell("No loop is current for these at that time.")
    for loop, text in shown:
        if out is None:
            result(text if loop is shown[0][0] else f"\n{text}")
        else:
            write(out / f"{loop.key}.md", text)
    if out is not None:
        tell(f"{counted(len(shown), 'preview')} written to {out}.")
    return ExitCode.FINE


def _previews(loops: Loops, now: str | None) -> Iterator[tuple[Loop, str]]:
    for loop in loops.current(instant(now)):
        try:
            yield loop, _preview(loop)
        except RenderError as error:
            raise as_config_error(loop, error) from error


def _preview(loop: Loop) -> str:
    facts = {
        "key": str(loop.key),
        "project": loop.project,
        "assignee": f"@{loop.assignee}" if loop.assignee else "nobody",
        "labels": ", ".join(loop.labels),
        "due": f"{loop.due:%a %Y-%m-%d}",
        "confidential": "yes" if loop.confidential else "no",
        **({"not opened": loop.skipped} if loop.skipped else {}),
    }
    body = sampled(loop)[0].body
    head = "".join(f"{paint('dim', f'{name:>12}')}  {value}\n" for name, value in facts.items())
    return f"{paint('bold', loop.title)}\n{head}\n{body}"

"""`drumbeat preview`: the issue that somebody would get, offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from automation.commands.console import paint, result, tell, watched
from automation.commands.options import Now, Only, Root, instant
from automation.commands.workspace import open_loops, write
from automation.errors import ConfigError, ExitCode, UsageError
from automation.loops import Loop, Loops, as_config_error
from automation.render.counts import counted
from automation.render.gallery import Gallery, Sheet, WordsSheet, one_page, sheet_of, words_sheet
from automation.render.preview import preview_markdown, preview_text
from automation.rules.silent import Silent, silent
from automation.rules.triage.showing import shown
from automation.templates import RenderError

NAMED = 5
"""How many subjects are named in one line about those that have no loop."""


class Format(StrEnum):
    """How issues are shown."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


_SUFFIXES = {Format.TEXT: "txt", Format.MARKDOWN: "md"}


def run(
    root: Root = Path(),
    now: Now = None,
    only: Only = None,
    all: Annotated[bool, typer.Option("--all", help="Preview every loop.")] = False,
    format: Annotated[
        Format | None,
        typer.Option(
            help="How to show them; html is a gallery with a page for each issue.",
            show_default="text, and markdown into a folder",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write one file per loop into this folder."),
    ] = None,
) -> int:
    """Render the loops that are current, as their issues would read; nothing is sent.

    Choose with --only, such as --only cadence=one-on-one --only manager=mgr-emea-1, or
    take them --all. With --format html --out DIR, open DIR/index.html in a browser: it has what
    triage policies and reminders would say, too.
    """
    if not only and not all:
        raise UsageError(
            "nothing to preview is named",
            "Say which: --only cadence=one-on-one --only manager=…, or --all.",
        )
    loops, moment = open_loops(root, only), instant(now)
    if format is Format.HTML:
        _in_html(loops, moment, out)
    else:
        _in_words(loops, moment, format, out)
    return ExitCode.FINE


# --- Text and Markdown ---------------------------------------------------------------------


def _in_words(loops: Loops, now: datetime, format: Format | None, out: Path | None) -> None:
    chosen = format or (Format.MARKDOWN if out else Format.TEXT)
    previews = list(_previews(loops, now, chosen))
    _tell_silent(silent(loops, now), any_shown=bool(previews))
    if out is None:
        result("\n".join(text for _, text in previews))
        return
    for loop, text in previews:
        write(out / f"{loop.key}.{_SUFFIXES[chosen]}", text)
    tell(f"{counted(len(previews), 'preview')} written to {out}.")


def _previews(loops: Loops, now: datetime, format: Format) -> Iterator[tuple[Loop, str]]:
    for loop in loops.current(now):
        try:
            if format is Format.MARKDOWN:
                yield loop, preview_markdown(loop)
            else:
                yield loop, preview_text(loop, paint, on_a_terminal=watched())
        except RenderError as error:
            raise as_config_error(loop, error) from error


def _tell_silent(found: Iterable[Silent], *, any_shown: bool) -> None:
    """Why there is no more to see: a line for each cadence and reason."""
    if not any_shown:
        tell("No loop is current for these at that time.")
    for (cadence, why), some in groupby(found, key=lambda one: (one.cadence, one.why)):
        names = [one.subject for one in some if one.subject]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        whose = f" for {', '.join(names[:NAMED])}{more}" if names else ""
        tell(f"No {cadence}{whose}: {why}.")


# --- Pages -----------------------------------------------------------------------------------


def _in_html(loops: Loops, now: datetime, out: Path | None) -> None:
    if out is None:
        result(_the_only_page(loops, now))
        return
    gallery = Gallery(
        now=now,
        sheets=tuple(_sheets(loops, now)),
        words=tuple(_words(loops, now)),
        silent=tuple(silent(loops, now)),
    )
    files = gallery.files()
    for name, text in files.items():
        write(out / name, text)
    tell(f"{counted(len(files), 'page')} written. Open {out / 'index.html'} in a browser.")


def _the_only_page(loops: Loops, now: datetime) -> str:
    found = list(loops.current(now))
    if len(found) != 1:
        _tell_silent(silent(loops, now), any_shown=bool(found))
        raise UsageError(
            f"{counted(len(found), 'loop')} cannot be one page",
            "Name a folder with --out, or choose one with --only cadence=… --only manager=….",
        )
    return one_page(_sheet(found[0], loops), now)


def _sheets(loops: Loops, now: datetime) -> Iterator[Sheet]:
    return (_sheet(loop, loops) for loop in loops.current(now))


def _sheet(loop: Loop, loops: Loops) -> Sheet:
    try:
        return sheet_of(loop, loops)
    except RenderError as error:
        raise as_config_error(loop, error) from error


def _words(loops: Loops, now: datetime) -> Iterator[WordsSheet]:
    """What the triage policies in scope write."""
    for policy in loops.organisation.triages:
        if policy.enabled and loops.scope.admits_policy("triage", policy.name):
            place = loops.organisation.place("triage", policy.name)
            try:
                for one in shown(policy, loops, now):
                    yield words_sheet(one, loops.organisation)
            except RenderError as error:
                raise ConfigError([place.problem(error.reason, error.remedy)]) from error

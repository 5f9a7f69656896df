"""What a person sees: results on stdout, prose and progress on stderr.

Colours and progress bars only where somebody watches; collapsible sections in the log
of a GitLab job.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer

_STYLES = {
    "bold": {"bold": True},
    "dim": {"dim": True},
    "red": {"fg": "red"},
    "green": {"fg": "green"},
    "yellow": {"fg": "yellow"},
    "cyan": {"fg": "cyan"},
}


def paint(colour: str, text: str) -> str:
    """The text in a colour, where stdout is a terminal that wants colours."""
    return typer.style(text, **_STYLES[colour]) if _colourful() else text  # type: ignore[arg-type]


def watched() -> bool:
    """Whether somebody watches stdout: a terminal, or what shall count as one."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _colourful() -> bool:
    return watched() and not os.environ.get("NO_COLOR")


def result(text: str) -> None:
    """Print a result on stdout."""
    sys.stdout.write(text)
    sys.stdout.flush()


def tell(text: str) -> None:
    """Print prose on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def section(name: str, title: str) -> Iterator[None]:
    """Output that a GitLab job log shows as a section that can be folded."""
    if not os.environ.get("GITLAB_CI"):
        yield
        return
    tell(f"\x1b[0Ksection_start:{_stamp()}:{name}[collapsed=false]\r\x1b[0K{title}")
    try:
        yield
    finally:
        tell(f"\x1b[0Ksection_end:{_stamp()}:{name}\r\x1b[0K")


def _stamp() -> int:
    return int(datetime.now(UTC).timestamp())


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Gives a function that shows the next step's name, on a terminal only."""
    # Here, since most verbs show none.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = columns if total is not None else columns[:2]
    with Progress(*shown, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)

        def advance(step: str) -> None:
            bar.update(task, description=f"{title}: {step}" if step else title, advance=1)

        yield advance

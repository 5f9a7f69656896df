"""The command line: its verbs, and the one place where errors become messages."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from automation import __version__
from automation.commands import (
    adopt,
    apply,
    calendar,
    demo,
    doctor,
    lint,
    plan,
    preview,
    report,
    sandbox,
    schema,
    setup,
)
from automation.errors import DrumbeatError, ExitCode

app = typer.Typer(
    name="drumbeat",
    help="Keeps the operating rhythm of a support organisation in GitLab.",
    epilog="Start with `drumbeat demo`: the whole story in under a minute, no GitLab needed.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
VERBS = (lint, plan, apply, preview, report, calendar, adopt, setup, doctor, schema, demo, sandbox)
for verb in VERBS:
    app.command(verb.__name__.rpartition(".")[2])(verb.run)


@app.callback(invoke_without_command=True)
def _drumbeat(
    version: bool = typer.Option(False, "--version", help="Tell the version."),
) -> None:
    if version:
        sys.stdout.write(f"drumbeat {__version__}\n")
        raise typer.Exit


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb and answer with the exit code; never raises for what a user can mend."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        code = app(args=argv, prog_name="drumbeat", standalone_mode=False)
    except DrumbeatError as error:
        return _failed(str(error), error.exit_code)
    except typer.TyperException as error:
        return _misused(error)
    except typer.Abort:
        code = ExitCode.INTERRUPTED
    if code == ExitCode.INTERRUPTED:  # which is also how typer passes KeyboardInterrupt on
        return _failed("interrupted", ExitCode.INTERRUPTED)
    return int(code or 0)


def _as_interrupt(_signal: int, _frame: object) -> NoReturn:
    """A pipeline that is cancelled ends as with Ctrl-C: what was done is still told."""
    raise KeyboardInterrupt


def _failed(message: str, code: ExitCode) -> int:
    sys.stderr.write(f"drumbeat: {message}\n")
    return code


def _misused(error: typer.TyperException) -> int:
    """Show how the command is used; `drumbeat` alone asks for help and gets it."""
    message = error.format_message()
    if message.startswith("Usage:"):
        sys.stdout.write(f"{message}\n")
        return ExitCode.FINE
    return _failed(f"{message}\n  See: drumbeat --help", ExitCode.BAD_CONFIGURATION)

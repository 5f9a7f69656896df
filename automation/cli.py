"""The command line: its verbs, and the one place where errors become messages.

A verb's module is imported when the verb is called, and not before: `--help` costs a
tenth of a second, not the whole house.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand
from typer.main import get_command

from automation import __version__
from automation.errors import DrumbeatError, ExitCode

VERBS = {
    "init": "Write a new repository: policies, templates, roster and pipeline, ready to edit.",
    "lint": "Check policies, roster and templates: everything is read and rendered, "
    "nothing is sent.",
    "plan": "Show what a run would do and why; write nothing to GitLab.",
    "apply": "Do what the plan says: open, remind, label, close.",
    "undo": "Show what takes back a wrong run, and what a person must look at; with --yes, do it.",
    "preview": "Render the loops that are current, as their issues would read; nothing is sent.",
    "report": "Write pages for directors: how loops went and go, and the initiatives of groups.",
    "calendar": "Show what will open, when, for whom and due when; and what will not, and why. "
    "Offline.",
    "adopt": "Show issues that look like loops that are due; write the chosen ones into "
    "adopted.yml.",
    "setup": "Show which labels, boards and schedules differ from the policies; with --yes, mend "
    "them.",
    "doctor": "Look at token, roles, readers, people, labels and runs; tell what is wrong and "
    "what mends it.",
    "schema": "Print the schema of the policies, so that an editor completes and checks them.",
    "demo": "Show the whole story on the embedded GitLab, in under a minute.",
    "sandbox": "Serve a GitLab-compatible API on loopback, to try Drumbeat with no GitLab at hand.",
}
"""Each verb, in the order of `--help`, with the first sentence of its `run`; a test compares."""


class Verb(TyperCommand):
    """A verb that is known by name and summary until somebody calls it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the verb, and let it read its own arguments."""
        module = import_module(f"automation.commands.{self.name}")
        called = typer.Typer(**PLAIN)
        called.command(self.name)(module.run)
        return get_command(called).make_context(info_name, args, parent, **extra)


PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}

app = typer.Typer(
    name="drumbeat",
    help="Keeps the operating rhythm of a support organisation in GitLab.",
    epilog="Start with `drumbeat demo`: the whole story in under a minute, no GitLab needed.",
    no_args_is_help=True,
    **PLAIN,
)
for verb, summary in VERBS.items():
    app.command(verb, help=summary, cls=Verb)(lambda: None)


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

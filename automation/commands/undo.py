"""`drumbeat undo`: takes back what a wrong run did, where nobody touched it since."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from automation.commands.apply import carry_out
from automation.commands.books import Books
from automation.commands.console import paint, progress, result, tell
from automation.commands.options import (
    Audit,
    CaBundle,
    Force,
    Now,
    Outcomes,
    Root,
    Url,
    instant,
)
from automation.commands.workspace import connect, open_loops
from automation.errors import ExitCode, UsageError
from automation.model.record import Record
from automation.planner import make_plan
from automation.render.files import read_outcomes
from automation.render.text import plan_text
from automation.rules.undoing import bounds_of, undo


def run(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="OUTCOMES.json",
            help="What the wrong run wrote with --outcomes; of a run in shards, all their files.",
        ),
    ],
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take it back.")] = False,
    outcomes: Outcomes = None,
    audit: Audit = None,
    force: Force = "",
    ca_bundle: CaBundle = None,
) -> int:
    """Show what takes back a wrong run, and what a person must look at; with --yes, do it.

    Mend what was wrong first: the next run does again what the policies still ask for. What
    the run opened is closed as `loop::waived`, with a note; labels and states that it changed
    are as they were before. All of this only where nobody but Drumbeat touched the issue since;
    the rest is listed. Notes stay, and so do labels, boards and schedules that were made.

    A closed issue keeps its key: no later run opens that loop again. To have one after all,
    delete its issue, and the next run opens it anew; or reopen it, and no run touches it.

    The token is taken from DRUMBEAT_TOKEN. Exit code 1: some change failed, run it again; 3:
    GitLab cannot be reached or refuses; 4: the plan is past its safety limits.
    """
    records = tuple(_read(file) for file in files)
    _check_one_run(files, records)
    loops, moment = open_loops(root), instant(now)
    _check_apart(files, outcomes)
    books = Books(outcomes, audit, force) if yes else Books()
    with progress("Reading GitLab") as step:
        reader, writer = connect(url, ca_bundle, step)
        books.gitlab = reader.base_url
        for file, record in zip(files, records, strict=True):
            _check_place(file, record, reader.base_url)
        plan = make_plan(loops, reader, moment, partial(undo, records))
    plan = plan.model_copy(update={"bounds": bounds_of(records, plan.bounds)})
    result(plan_text(plan, paint))
    if yes and not plan.empty:
        plan.raise_if_unsafe(force)
        return carry_out(plan, writer, books=books)
    if not plan.empty:
        names = " ".join(quote(str(file)) for file in files)
        tell(f"Nothing was changed. To take it back: drumbeat undo {names} --yes")
    books.close(plan, (), interrupted=False)
    return ExitCode.GITLAB_REFUSED if plan.blocked else ExitCode.FINE


def _read(file: Path) -> Record:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"{file} cannot be read: {why}",
            "Name a file that a run wrote: drumbeat apply --outcomes outcomes.json",
        ) from error
    return read_outcomes(text, str(file))


def _check_one_run(files: Iterable[Path], records: tuple[Record, ...]) -> None:
    """What one run did to what another did before has to be taken back in its turn."""
    shards = {record.shard for record in records}
    if len(records) > 1 and ("" in shards or len(shards) < len(records)):
        raise UsageError(
            f"{', '.join(map(str, files))} are not the shards of one run",
            "Undo one run after the other, the latest first.",
        )


def _check_apart(files: Iterable[Path], outcomes: Path | None) -> None:
    """What this run does must not be written over what is needed to do it again."""
    if outcomes is not None and outcomes.resolve() in {file.resolve() for file in files}:
        raise UsageError(
            f"--outcomes {outcomes} would write over the outcomes that are to be undone",
            "Name another file.",
        )


def _check_place(file: Path, record: Record, url: str) -> None:
    """Numbers of issues mean something else in another GitLab."""
    if record.gitlab != url:
        raise UsageError(
            f"{file} tells of a run on {record.gitlab or 'a GitLab that it does not name'}, and "
            f"this is {url}",
            "Give --url, or DRUMBEAT_URL, the address that the run had.",
        )

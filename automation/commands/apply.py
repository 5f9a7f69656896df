"""`drumbeat apply`: does what the plan says."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import current_thread, main_thread
from typing import Annotated

import typer

from automation.apply import LANES, Applying, apply
from automation.commands.books import Books
from automation.commands.console import paint, progress, result, section, tell
from automation.commands.options import (
    Audit,
    CaBundle,
    CacheDir,
    Force,
    NoCache,
    Now,
    Only,
    Outcomes,
    Root,
    ShardOf,
    Url,
    instant,
    shard_of,
)
from automation.commands.workspace import (
    cache_folder,
    connect,
    open_loops,
    remembering,
    with_numbers,
    write,
)
from automation.errors import ExitCode, UsageError
from automation.model.change import Outcome, Status
from automation.model.shard import Shard
from automation.plan import Plan
from automation.planner import make_plan
from automation.ports import Writer
from automation.remote.heartbeat import ping
from automation.render.counts import result as totals
from automation.render.counts import sentence
from automation.render.files import ReviewedPlan, plan_json, read_plan
from automation.render.shards import troubles
from automation.render.text import outcomes_text, plan_text, problems

HEARTBEAT = "DRUMBEAT_HEARTBEAT_URL"
FRESH = timedelta(hours=24)
"""A reviewed plan that is older than this says nothing about today."""

Reviewed = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Do only the changes of this reviewed plan, as far as they still hold.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also write the plan, as JSON, before it is done."),
]
After = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="With `--shard rest`: the folder with the outcomes of all shards. Where one of "
        "them did not go well, no heartbeat is sent.",
    ),
]


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    only: Only = None,
    shard: ShardOf = None,
    plan: Reviewed = None,
    out: Out = None,
    outcomes: Outcomes = None,
    audit: Audit = None,
    after: After = None,
    force: Force = "",
    ca_bundle: CaBundle = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> int:
    """Do what the plan says: open, remind, label, close.

    The token is taken from DRUMBEAT_TOKEN. A run that went well asks for `heartbeat_url` of
    the settings, or for DRUMBEAT_HEARTBEAT_URL; of several shards, the rest does. Exit code 1:
    some change failed; 3: GitLab cannot be reached or refuses; 4: the plan is past its safety
    limits.
    """
    reviewed = _reviewed(plan, now, only, shard)
    moment = reviewed.now if reviewed else instant(now)
    chosen = reviewed.only if reviewed else tuple(only or ())
    part = shard_of(shard) if reviewed is None else _as_planned(reviewed)
    if part is not None:
        tell(part.words)
    _check_after(after, part)
    loops = open_loops(root, chosen, part)
    books = Books(outcomes, audit, force)  # now, rather than once everything is done
    with section("read", "Reading GitLab"), progress("Reading GitLab") as step:
        reader, writer = connect(url, ca_bundle, step, part)
        books.gitlab = reader.base_url
        known = with_numbers(reader, root, loops.organisation)
        folder = cache_folder(root, cache_dir, off=no_cache)
        with remembering(folder, reader.base_url, part) as history:
            fresh = make_plan(loops, known, moment, only=chosen, history=history)
    doing, skipped = _as_reviewed(fresh, reviewed)
    if out is not None:
        write(out, plan_json(doing))
    with section("plan", "The plan"):
        tell(plan_text(doing, paint).rstrip())
    doing.raise_if_unsafe(force)
    code = carry_out(doing, writer, skipped, books)
    if _speaks_for_all(part, after) and code == ExitCode.FINE and now is None:
        _send_heartbeat(loops.organisation.settings.heartbeat_url)
    return code


def _as_planned(reviewed: ReviewedPlan) -> Shard | None:
    return Shard.read(reviewed.shard, "the plan's shard") if reviewed.shard else None


def _check_after(after: Path | None, part: Shard | None) -> None:
    if after is not None and not (part and part.is_rest):
        raise UsageError("--after goes with --shard rest", "Leave it out, or say --shard rest.")


def _speaks_for_all(part: Shard | None, after: Path | None) -> bool:
    """Whether a run that goes well means that all does; what went wrong elsewhere is told."""
    if part is None or not part.is_rest:
        return part is None
    found = troubles(after) if after is not None else ()
    for trouble in found:
        tell(trouble)
    return not found


def _send_heartbeat(url: str | None) -> None:
    """Tell the watchdog; a rehearsal at another time is no sign of life, and asks nobody."""
    address = os.environ.get(HEARTBEAT) or url
    trouble = ping(address) if address else ""
    if trouble:
        tell(f"Warning: {trouble}")


def carry_out(
    plan: Plan,
    writer: Writer,
    skipped: tuple[Outcome, ...] = (),
    books: Books | None = None,
    lanes: int = LANES,
) -> int:
    """Apply a plan, tell what became of it, and answer with the exit code."""
    with books or Books() as kept:
        done, interrupted = _carried_out(plan, writer, skipped, kept, lanes)
    result(outcomes_text(done, paint) if done or interrupted else f"{sentence(())}\n")
    if plan.problems:
        tell("\n".join(problems(plan.problems, paint)))
    code = _exit_code(plan, done, interrupted=interrupted)
    return ExitCode.SOME_CHANGE_FAILED if kept.broken and code == ExitCode.FINE else code


def _carried_out(
    plan: Plan, writer: Writer, skipped: tuple[Outcome, ...], books: Books, lanes: int
) -> tuple[tuple[Outcome, ...], bool]:
    """What became of the changes, all of it kept in the books; and whether it was cut short."""
    books.begin(plan)
    doing, interrupted = apply(plan, writer, lanes), False
    with _interrupting(doing):
        try:
            with progress("Applying", len(plan.changes)) as step:
                for outcome in doing:
                    books.keep(outcome)
                    step(outcome.key)
        except KeyboardInterrupt:
            interrupted = True
            doing.stop()
            tell("Interrupted: what was done is listed; the next run does the rest.")
    done = (*skipped, *doing.outcomes)
    books.close(plan, done, interrupted=interrupted)
    return done, interrupted


@contextmanager
def _interrupting(doing: Applying) -> Iterator[None]:
    """Pass signals on to the lanes: an exception in the midst of things may lose an outcome.

    The main thread alone hears of signals, and may say who is to.
    """
    is_main = current_thread() is main_thread()
    numbers = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    before = {number: signal.getsignal(number) for number in numbers}
    heard = {number: handler for number, handler in before.items() if callable(handler)}
    for number in heard:
        signal.signal(number, lambda *_: doing.interrupt())
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)


def _exit_code(plan: Plan, outcomes: tuple[Outcome, ...], *, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    if any(outcome.status in {Status.FAILED, Status.UNKNOWN} for outcome in outcomes):
        tell(f"Some changes failed: {totals(outcomes)}")
        return ExitCode.SOME_CHANGE_FAILED
    return ExitCode.GITLAB_REFUSED if plan.blocked else ExitCode.FINE


def _reviewed(
    file: Path | None, now: str | None, only: list[str] | None, shard: str | None
) -> ReviewedPlan | None:
    if file is None:
        return None
    if only:
        raise UsageError("--only and --plan do not go together", "The plan knows its scope.")
    if shard is not None:
        raise UsageError("--shard and --plan do not go together", "The plan knows its shard.")
    try:
        reviewed = read_plan(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    _check_age(reviewed.now, instant(now), file)
    return reviewed


def _check_age(planned: datetime, now: datetime, file: Path) -> None:
    if abs(now - planned) > FRESH:
        raise UsageError(
            f"{file} was planned for {planned:%Y-%m-%d %H:%M %Z}, more than a day from now",
            "Plan again; for a rehearsal give the same --now as the plan had.",
        )


def _as_reviewed(fresh: Plan, reviewed: ReviewedPlan | None) -> tuple[Plan, tuple[Outcome, ...]]:
    """The changes that were reviewed and still hold, and the reviewed ones that do not."""
    if reviewed is None:
        return fresh, ()
    changes = tuple(change for change in fresh.changes if change.id in reviewed.changes)
    holding = {change.id for change in changes}
    skipped = tuple(
        Outcome(
            change=digest,
            kind=about.kind,
            key=about.key,
            deed=about.kind,
            status=Status.SKIPPED,
            detail="no longer holds: what was there has changed since the review",
        )
        for digest, about in reviewed.changes.items()
        if digest not in holding
    )
    return fresh.model_copy(update={"changes": changes}), skipped

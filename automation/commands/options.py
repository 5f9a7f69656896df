"""Options that several verbs share, with the words that `--help` teaches."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from automation.errors import UsageError
from automation.model.shard import Shard

Root = Annotated[
    Path,
    typer.Option(
        "--root",
        "-C",
        metavar="DIR",
        help="The repository with `policies/` and `issue_templates/`.",
        show_default="this folder",
    ),
]
Url = Annotated[
    str,
    typer.Option(
        envvar=["DRUMBEAT_URL", "CI_SERVER_URL"],
        metavar="URL",
        help="The address of GitLab, such as https://gitlab.com.",
        show_default=False,
    ),
]
CaBundle = Annotated[
    Path | None,
    typer.Option(
        envvar="DRUMBEAT_CA_BUNDLE",
        metavar="FILE",
        help="Certificate authorities (PEM) to trust instead of the usual ones.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Pretend that it is this time, such as 2026-11-23T08:00:00+01:00.",
        show_default="the present",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND=ID",
        help="Work for these only, such as manager=mgr-emea-1 or cadence=one-on-one. "
        "May be given several times.",
    ),
]
ShardOf = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Do part I of N, as several jobs do it at the same time: all loops of a subject "
        "are in one part, and so is an issue with what follows it. When all parts are done, "
        "`--shard rest` does what needs the whole: roll-ups, and triage policies from the first "
        "one with a summary or limits on.",
        show_default="$CI_NODE_INDEX/$CI_NODE_TOTAL in a parallel job",
    ),
]
Force = Annotated[
    str,
    typer.Option(
        metavar="REASON",
        help="Go past the safety limits, for this reason; it is recorded.",
        show_default=False,
    ),
]
CacheDir = Annotated[
    Path | None,
    typer.Option(
        envvar="DRUMBEAT_CACHE_DIR",
        metavar="DIR",
        help="Where to keep what was read of issues that are not updated since, so that the "
        "next run need not read it again.",
        show_default=".drumbeat_cache in --root",
    ),
]
NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        envvar="DRUMBEAT_NO_CACHE",
        help="Read everything anew, and keep nothing.",
        show_default=False,
    ),
]
Outcomes = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write what became of every change, as JSON; `drumbeat undo` takes it back.",
    ),
]
Audit = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Add a line of JSON for every change as soon as it is known what became of it: "
        "key, reason, before, after, address, GitLab's id of the request.",
    ),
]


def shard_of(text: str | None) -> Shard | None:
    """The part that this run does: the text's, or that of GitLab's parallel job; None: all."""
    if text is not None:
        return Shard.read(text)
    index, total = os.environ.get("CI_NODE_INDEX"), os.environ.get("CI_NODE_TOTAL")
    if not index or not total:
        return None
    return Shard.read(f"{index}/{total}", "CI_NODE_INDEX/CI_NODE_TOTAL")


def instant(text: str | None) -> datetime:
    """The time to work at: the text's, or the present."""
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--now {text!r} is not a time", _NOW_REMEDY) from error
    if moment.tzinfo is None:
        raise UsageError(f"--now {text!r} has no time zone", _NOW_REMEDY)
    if not 1970 <= moment.year < 2200:
        raise UsageError(f"--now {text!r} is not in 1970 to 2199", _NOW_REMEDY)
    return moment


_NOW_REMEDY = "Write it like 2026-11-23T08:00:00+01:00 or 2026-11-23T08:00:00Z."

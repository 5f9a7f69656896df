"""`drumbeat plan`: what a run would do, and why. Writes nothing to GitLab."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from automation.commands.console import paint, progress, result, tell
from automation.commands.options import (
    CaBundle,
    CacheDir,
    Force,
    NoCache,
    Now,
    Only,
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
from automation.errors import ExitCode
from automation.plan import Plan
from automation.planner import make_plan
from automation.render.files import plan_json
from automation.render.markdown import plan_markdown
from automation.render.text import plan_text


class Format(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    only: Only = None,
    shard: ShardOf = None,
    format: Annotated[Format, typer.Option(help="How to show the plan.")] = Format.TEXT,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write it, as JSON, for `apply --plan FILE`."),
    ] = None,
    force: Force = "",
    ca_bundle: CaBundle = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> int:
    """Show what a run would do and why; write nothing to GitLab.

    The token is taken from DRUMBEAT_TOKEN. Exit code 3: something that policies ask for
    cannot be done (see "Needs a person"); 4: the plan is past its safety limits.
    """
    moment = instant(now)
    part = shard_of(shard)
    if part is not None:
        tell(part.words)
    loops = open_loops(root, only, part)
    with progress("Reading GitLab") as step:
        reader, _ = connect(url, ca_bundle, step, part)
        known = with_numbers(reader, root, loops.organisation)
        folder = cache_folder(root, cache_dir, off=no_cache)
        with remembering(folder, reader.base_url, part) as history:
            plan = make_plan(loops, known, moment, only=only or (), history=history)
    if out is not None:
        write(out, plan_json(plan))
    result(shown(plan, format))
    plan.raise_if_unsafe(force)
    return ExitCode.GITLAB_REFUSED if plan.blocked else ExitCode.FINE


def shown(plan: Plan, format: Format) -> str:
    """The plan in a format."""
    match format:
        case Format.TEXT:
            return plan_text(plan, paint)
        case Format.JSON:
            return plan_json(plan)
        case _:
            return plan_markdown(plan)

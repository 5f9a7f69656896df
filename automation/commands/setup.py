"""`drumbeat setup`: labels and boards, made to match the policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automation.commands.apply import carry_out
from automation.commands.console import paint, progress, result, tell
from automation.commands.options import CaBundle, Now, Root, Url, instant
from automation.commands.workspace import connect, open_loops
from automation.errors import ExitCode
from automation.planner import make_plan, setup_rules
from automation.render.text import plan_text


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    yes: Annotated[bool, typer.Option("--yes", help="Make it so.")] = False,
    ca_bundle: CaBundle = None,
) -> int:
    """Show the labels and boards that the policies want and GitLab lacks; with --yes, make them.

    The token is taken from DRUMBEAT_TOKEN. What people added stays as it is.
    """
    loops = open_loops(root)
    with progress("Reading GitLab") as step:
        reader, writer = connect(url, ca_bundle, step)
        plan = make_plan(loops, reader, instant(now), setup_rules)
    result(plan_text(plan, paint))
    if yes and not plan.empty:
        return carry_out(plan, writer)
    if not plan.empty:
        tell("Nothing was changed. To make it so: drumbeat setup --yes")
    return ExitCode.GITLAB_REFUSED if plan.blocked else ExitCode.FINE

"""`drumbeat setup`: labels, boards and pipeline schedules, made to match the policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automation.commands.apply import carry_out
from automation.commands.console import paint, progress, result, tell
from automation.commands.options import CaBundle, Now, Root, Url, instant
from automation.commands.workspace import connect, open_loops
from automation.errors import ExitCode
from automation.planner import find_out, make_plan, setup_rules
from automation.render.provision import boards_text
from automation.render.text import plan_text
from automation.rules.provisioning import board_addresses


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    yes: Annotated[bool, typer.Option("--yes", help="Make it so.")] = False,
    ca_bundle: CaBundle = None,
) -> int:
    """Show which labels, boards and schedules differ from the policies; with --yes, mend them.

    The token is taken from DRUMBEAT_TOKEN. What people added stays as it is.
    """
    loops, moment = open_loops(root), instant(now)
    with progress("Reading GitLab") as step:
        reader, writer = connect(url, ca_bundle, step)
        plan = make_plan(loops, reader, moment, setup_rules)
    result(plan_text(plan, paint))
    code = ExitCode.GITLAB_REFUSED if plan.blocked else ExitCode.FINE
    if yes and not plan.empty:
        code = ExitCode(carry_out(plan, writer))
    elif not plan.empty:
        tell("Nothing was changed. To make it so: drumbeat setup --yes")
    organisation = loops.organisation
    if organisation.boards and code is not ExitCode.INTERRUPTED:
        day = moment.date()
        boards = find_out(reader, lambda known: tuple(board_addresses(organisation, known, day)))
        result(boards_text(boards, reader.base_url))
    return code

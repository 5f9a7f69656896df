"""`drumbeat report`: a static site for directors. Writes nothing to GitLab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automation.commands.console import progress, tell
from automation.commands.options import CaBundle, Now, Only, Root, Url, instant
from automation.commands.workspace import connect, open_loops
from automation.errors import ExitCode, UsageError
from automation.planner import find_out
from automation.render.counts import counted

_WITHOUT_PAGES = frozenset(("report", "triage"))
_PARTS = "Name a director, manager, group or cadence."


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    only: Only = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the site.")] = Path(
        "public"
    ),
    ca_bundle: CaBundle = None,
) -> int:
    """Write pages for directors: how loops went and go, and the initiatives of groups.

    The token is taken from DRUMBEAT_TOKEN; nothing is written to GitLab. The pages need no
    server. Of confidential issues they have the numbers only. The folder must be empty, new, or
    an earlier report.

    With --only, such as --only director=dir-emea, the pages are about this part alone, and say so.
    """
    try:
        from automation.report.folder import Folder
        from automation.report.gathering import gather
        from automation.report.site import files_of
    except ImportError as error:
        raise UsageError(
            f"the report needs {error.name}, which is not installed",
            "Install it with: pip install 'drumbeat[report]'",
        ) from error
    moment = instant(now)
    loops = open_loops(root, only)
    for kind in _WITHOUT_PAGES & loops.scope.names.keys():
        raise UsageError(f"--only {kind}=… is no part of the report", _PARTS)
    folder = Folder.taken(out)
    with progress("Reading GitLab") as step:
        reader, _ = connect(url, ca_bundle, step)
        facts = find_out(reader, lambda snapshot: gather(loops, snapshot, moment))
    files = files_of(facts, url)
    folder.clear(files)
    with progress("Writing", total=len(files)) as step:
        for name, make in files.items():
            folder.write(name, make())
            step(name)
    pages = sum(name.endswith(".html") for name in files)
    tell(f"{counted(pages, 'page')} written. Open {out / 'index.html'} in a browser.")
    return ExitCode.FINE

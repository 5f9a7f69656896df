"""`drumbeat adopt`: issues that people opened themselves become loops."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
import yaml

from automation.adoption import Candidate, candidates
from automation.commands.console import paint, progress, result, tell
from automation.commands.options import CaBundle, Now, Only, Root, Url, instant
from automation.commands.workspace import connect, open_loops
from automation.errors import ExitCode, UsageError
from automation.inert import plain
from automation.loops import Loops
from automation.model.key import LoopKey
from automation.model.policy import AdoptedIssue
from automation.planner import find_out
from automation.render.counts import counted

FILE = "adopted.yml"
_HEAD = "# Issues that people opened themselves and that are loops. Written by `drumbeat adopt`.\n"
_CHOICE = re.compile(r"(?P<key>[^=]+)=(?P<project>[^#\s]+)#(?P<iid>\d+)")


def run(
    root: Root = Path(),
    url: Url = "",
    now: Now = None,
    only: Only = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=ISSUE",
            help="Take this issue for this key, such as one-on-one/mgr-1/2026-W48=support/x#12. "
            "May be given several times.",
        ),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Take every issue that is shown.")] = False,
    ca_bundle: CaBundle = None,
) -> int:
    """Show issues that look like loops that are due; write the chosen ones into adopted.yml.

    Meant for the first week in a project with history, so that nothing is opened twice.
    The token is taken from DRUMBEAT_TOKEN. Nothing is written to GitLab.
    """
    loops = open_loops(root, only)
    chosen = dict(_choice(text, loops) for text in take or ())
    if not chosen:
        with progress("Reading GitLab") as step:
            reader, _ = connect(url, ca_bundle, step)
            moment = instant(now)
            found = find_out(reader, lambda snapshot: candidates(loops, snapshot, moment))
        result("".join(map(_shown, found)))
        if not found:
            tell("No issue looks like a loop that is due.")
        elif not all:
            tell(f"Nothing was written. Take them with --all, or one by one: {_example(found[0])}")
        chosen = {one.key: _issue(one) for one in found} if all else {}
    if chosen:
        _write(root / "policies" / FILE, loops, chosen)
        tell(f"{counted(len(chosen), 'issue')} written to policies/{FILE}. Now: drumbeat lint")
    return ExitCode.FINE


def _shown(one: Candidate) -> str:
    title = "(confidential)" if one.issue.confidential else f"“{plain(one.issue.title)}”"
    why = paint("dim", f"      because {', '.join(one.because)}")
    return f"  {paint('green', str(one.key))}\n      {one.issue.reference}  {title}\n{why}\n"


def _example(one: Candidate) -> str:
    return f"--take {one.key}={one.issue.reference}"


def _issue(one: Candidate) -> AdoptedIssue:
    return AdoptedIssue(project=one.issue.project, iid=one.issue.ref.iid)


def _choice(text: str, loops: Loops) -> tuple[LoopKey, AdoptedIssue]:
    found = _CHOICE.fullmatch(text)
    key = LoopKey.parse(found["key"]) if found else None
    if found is None or key is None:
        raise UsageError(
            f"--take {text!r} is not KEY=ISSUE",
            "Write it like one-on-one/mgr-1/2026-W48=support/loops#12.",
        )
    _check(key, loops)
    return key, AdoptedIssue(project=found["project"], iid=int(found["iid"]))


def _check(key: LoopKey, loops: Loops) -> None:
    """Raise UsageError where no loop could have the key."""
    cadence = loops.organisation.cadence(key.cadence)
    if cadence is None:
        names = ", ".join(one.name for one in loops.organisation.cadences)
        raise UsageError(f"--take {key}: there is no cadence {key.cadence!r}", f"Try {names}.")
    if loops.organisation.subject(cadence.for_each, key.subject) is None:
        message = f"--take {key}: {key.cadence} has no {cadence.for_each} {key.subject!r}"
        raise UsageError(message, "Take the id from the roster.")


def _write(path: Path, loops: Loops, chosen: dict[LoopKey, AdoptedIssue]) -> None:
    adopted = {**loops.organisation.adopted, **chosen}
    document = {
        "kind": "adopted",
        "loops": {str(key): adopted[key].model_dump() for key in sorted(adopted)},
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(_HEAD + text, encoding="utf-8")

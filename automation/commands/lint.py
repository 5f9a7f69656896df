"""`drumbeat lint`: checks policies, roster and templates, offline."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from automation.commands.console import paint, result, tell
from automation.commands.options import Now, Root, instant
from automation.commands.workspace import open_loops
from automation.errors import ConfigError, ConfigProblem, ExitCode
from automation.lint import lint
from automation.render.counts import counted


class Format(StrEnum):
    """How problems are shown."""

    TEXT = "text"
    CODEQUALITY = "codequality"


def run(
    root: Root = Path(),
    format: Annotated[
        Format, typer.Option(help="`codequality` is what GitLab shows in merge requests.")
    ] = Format.TEXT,
    now: Now = None,
) -> int:
    """Check policies, roster and templates: everything is read and rendered, nothing is sent.

    Exit code 2 when something is wrong; each problem names its file, line and remedy.
    """
    problems, good = _problems(root, now)
    if format is Format.CODEQUALITY:
        result(codequality(problems))
    else:
        result("".join(f"{paint('red', str(problem))}\n" for problem in problems))
        tell(f"{counted(len(problems), 'problem')} found." if problems else f"{good}: all is well.")
    return ExitCode.BAD_CONFIGURATION if problems else ExitCode.FINE


def _problems(root: Path, now: str | None) -> tuple[tuple[ConfigProblem, ...], str]:
    try:
        loops = open_loops(root)
    except ConfigError as error:
        return error.problems, ""
    found = tuple(sorted(set(lint(loops, instant(now)))))
    organisation = loops.organisation
    pairs = sum(1 for _ in loops.pairs())
    policies = len(organisation.cadences) + len(organisation.triages)
    return found, f"{policies} policies, {counted(pairs, 'loop')} per round"


def codequality(problems: tuple[ConfigProblem, ...]) -> str:
    """GitLab's Code Quality report. Source: GitLab's documentation, "Code Quality"."""
    return json.dumps([_finding(problem) for problem in problems], indent=2) + "\n"


def _finding(problem: ConfigProblem) -> dict[str, object]:
    text = ": ".join(filter(None, (problem.path, problem.message)))
    return {
        "description": f"{text}. {problem.remedy}".strip() if problem.remedy else text,
        "check_name": "drumbeat-lint",
        "fingerprint": hashlib.sha256(str(problem).encode()).hexdigest(),
        "severity": "blocker",
        "location": {"path": problem.file, "lines": {"begin": max(problem.line, 1)}},
    }

"""`drumbeat init`: a new repository of policies and templates, for Drumbeat as a package.

It is written in a scratch folder beside its place, and moved there when it is whole: an
interruption leaves nothing half.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from automation import __version__
from automation.commands.console import result, tell
from automation.commands.options import Now, instant
from automation.errors import ExitCode, UsageError
from automation.starter import repository, requirement

NEXT = """\
Next, in {folder}:
  1. policies/settings.yml: your group, your projects, the user whose token runs Drumbeat;
     then search policies/ for support/ and write your own paths
  2. policies/roster.yml: replace everybody; the user names that begin with change-me are nobody's
  3. {package}
  4. drumbeat lint, drumbeat preview --all --out preview/
README.md there has the rest, up to the first run."""
_SURE = "requirements.txt: pipelines install {needed}"
_UNSURE = (
    "requirements.txt: this Drumbeat was installed from a folder, which no pipeline can reach;\n"
    "     say where they get it from, or put {needed} there"
)


def run(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is new, or empty but for .git.")
    ],
    minimal: Annotated[
        bool,
        typer.Option(
            "--minimal", help="Three weekly cadences for one manager, instead of all that exists."
        ),
    ] = False,
    package: Annotated[
        str,
        typer.Option(
            metavar="SPEC",
            help="What pipelines give to pip to install Drumbeat, such as "
            '"drumbeat @ git+https://gitlab.example.com/tools/drumbeat@v1".',
            show_default="where this one came from",
        ),
    ] = "",
    now: Now = None,
) -> int:
    """Write a new repository: policies, templates, roster and pipeline, ready to edit.

    The people in it are placeholders. It passes `drumbeat lint` as it is. Nothing is ever
    overwritten, and nothing is sent.
    """
    needed = _checked(package) or requirement(__version__, _origin())
    files = repository(needed, instant(now).date(), minimal)
    _check(folder)
    try:
        _write(folder, files)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    result("".join(f"{folder / name}\n" for name in files))
    told = _UNSURE if needed.startswith("./") and not package else _SURE
    tell(NEXT.format(folder=folder, package=told.format(needed=needed)))
    return ExitCode.FINE


def _checked(package: str) -> str:
    """The requirement in one line; UsageError where it is another option, or several lines."""
    spec = package.strip()
    if spec.startswith("-") or len(spec.splitlines()) > 1:
        message = f"--package {package!r} is not one requirement"
        raise UsageError(message, 'Write it like "drumbeat==1.2.3", or a path to a wheel.')
    return spec


def _origin() -> str | None:
    """What pip has written down about where this Drumbeat came from."""
    try:
        return distribution("drumbeat").read_text("direct_url.json")
    except PackageNotFoundError:  # run from a folder without having been installed
        return '{"url": "file:"}'


def _check(folder: Path) -> None:
    """Raise UsageError unless the folder can be filled without touching what is there."""
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is a file", "Name a folder that is new or empty.")
    if not folder.exists():
        return
    found = sorted(path.name for path in folder.iterdir() if path.name != ".git")
    if found:
        message = f"{folder} is not empty: it has {', '.join(found[:3])}"
        raise UsageError(f"{message}{' …' if found[3:] else ''}", "Name a new or an empty folder.")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write beside the place, on the same disk, and move there what is whole."""
    there = folder.exists()
    near = folder if there else folder.absolute().parent
    near.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".drumbeat-init-", dir=near) as scratch:
        whole = Path(scratch) / "whole"
        for name, text in files.items():
            path = whole / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not there:
            whole.rename(folder)
            return
        for entry in sorted(whole.iterdir()):
            entry.rename(folder / entry.name)

"""What a new repository holds that `drumbeat init` writes.

Policies, templates, pipeline and pinned versions are those of Drumbeat's own repository. A
wheel carries them beside this file; in a checkout they lie at its top. So there is one copy
of each. People are placeholders whose user names nobody has: nothing is assigned
to a stranger by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from automation.starter.pipeline import pipeline
from automation.starter.requirement import requirement

__all__ = ["repository", "requirement", "shipped"]

HERE = Path(__file__).parent
CADENCES = ("customer-interaction", "one-on-one", "ticket-review")
"""The cadences of a minimal repository; their templates bear the same names."""

_MINIMAL = (*CADENCES, "schedules", "settings")
_STARTS = re.compile(r"(?<=\bstarts: )\d{4}-\d\d-\d\d")
_COUNTED_FROM_ITS_START = re.compile(r"\bINTERVAL=|\bFREQ=YEARLY\b")


def shipped(folder: Path = HERE) -> Path:
    """Where the shipped files are, `policies/` among them; `folder` is this one."""
    return folder if (folder / "policies").is_dir() else folder.parents[1]


def repository(needed: str, today: date, minimal: bool = False) -> dict[str, str]:
    """The files of a new repository by their path below it, as texts.

    `needed` is the line of requirements.txt that names Drumbeat. Nothing opens before the
    Monday of the week that `today` is in.
    """
    return dict(sorted(_files(needed, today - timedelta(days=today.weekday()), minimal)))


def _files(needed: str, monday: date, minimal: bool) -> Iterator[tuple[str, str]]:
    source = shipped()
    for path in sorted((source / "policies").glob("*.yml")):
        if path.stem in _MINIMAL or (not minimal and path.stem != "roster"):
            yield f"policies/{path.name}", _begun(_read(path), monday)
    for path in sorted((source / "issue_templates").glob("*.md")):
        if path.stem in CADENCES or not minimal:
            yield f"issue_templates/{path.name}", _read(path)
    yield "policies/roster.yml", _read(HERE / ("minimal" if minimal else "full") / "roster.yml")
    yield "constraints.txt", _pins(_read(source / "constraints.txt"))
    yield "requirements.txt", f"{_read(HERE / 'requirements.txt')}{needed}\n"
    own, head = _read(source / ".gitlab-ci.yml"), _read(HERE / "pipeline-head.txt")
    yield ".gitlab-ci.yml", pipeline(own, head, needed)
    yield ".gitignore", _read(HERE / "gitignore")
    yield "README.md", _read(HERE / "README.md")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _begun(text: str, monday: date) -> str:
    """A policy that begins on the day, but for one that counts its turns from its `starts`."""
    return text if _COUNTED_FROM_ITS_START.search(text) else _STARTS.sub(str(monday), text)


def _pins(text: str) -> str:
    """The versions without the comments, which are for those who develop Drumbeat."""
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    return f"# Versions of libraries that Drumbeat was tested with.\n{''.join(kept)}"

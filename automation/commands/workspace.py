"""Opens what a verb works with: the configuration, the scope, and the doors to GitLab."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from automation.cache import FOLDER, CacheFile, History
from automation.commands.console import tell
from automation.config import load
from automation.errors import UsageError
from automation.loops import Loops
from automation.metrics.sources import WithNumbers, file_sources
from automation.model.organisation import Organisation
from automation.model.scope import KINDS, Scope, known_names
from automation.model.shard import Shard
from automation.ports import Reader
from automation.templates import Library

if TYPE_CHECKING:
    from automation.remote import GitLabReader, GitLabWriter, Progress


def open_loops(root: Path, only: Iterable[str] | None = None, shard: Shard | None = None) -> Loops:
    """The configuration of a repository, or a part of it; ConfigError when it is wrong."""
    if not (root / "policies").is_dir():
        raise UsageError(
            f"there is no folder {root / 'policies'}",
            "Run this in the repository that holds your policies, or name it with --root; "
            "`drumbeat init` writes a new one.",
        )
    organisation = load(root)
    library = Library(root / "issue_templates")
    loops = Loops(organisation, library, scope_of(only or (), organisation))
    if shard is None:
        return loops
    from automation.rules.whole import in_shard

    return in_shard(loops, shard)


def scope_of(only: Iterable[str], organisation: Organisation) -> Scope:
    """The scope that `--only` names; UsageError with the nearest valid name."""
    names: dict[str, set[str]] = {}
    for text in only:
        kind, found, name = text.partition("=")
        if not found or kind not in KINDS:
            kinds = ", ".join(KINDS)
            raise UsageError(f"--only {text!r} is not KIND=ID", f"KIND is one of {kinds}.")
        name = organisation.former_ids.get(name, name)
        known = known_names(organisation, kind)
        if name not in known:
            near = get_close_matches(name, known, n=1) or known[:5]
            raise UsageError(f"--only {text!r}: there is no such {kind}", f"Try {', '.join(near)}.")
        names.setdefault(kind, set()).add(name)
    return Scope({kind: frozenset(chosen) for kind, chosen in names.items()})


def write(file: Path, text: str) -> None:
    """Write a file that an option names; UsageError when it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def with_numbers(reader: Reader, root: Path, organisation: Organisation) -> Reader:
    """The reader, and the files with numbers that the organisation's policies name."""
    sources = file_sources(root, organisation.metrics)
    return WithNumbers(reader, sources) if sources else reader


@contextmanager
def remembering(folder: Path | None, gitlab: str, shard: Shard | None = None) -> Iterator[History]:
    """What earlier runs remembered; at the end it is kept for the next one. None: nothing is."""
    if folder is None:
        yield History()
        return
    token, part = os.environ.get("DRUMBEAT_TOKEN", ""), str(shard or "")
    file = CacheFile(folder, gitlab, token, part)
    history, trouble = file.read()
    yield history
    if history.given:
        tell(f"Known from earlier runs, as nothing was updated since: {history.given} answers.")
    for warning in filter(None, (trouble, file.write(history))):
        tell(f"Warning: {warning}")


def cache_folder(root: Path, chosen: Path | None, *, off: bool) -> Path | None:
    """Where the cache lies; None where there shall be none."""
    return None if off else chosen or root / FOLDER


def connect(
    url: str,
    ca_bundle: Path | None,
    progress: Progress | None = None,
    shard: Shard | None = None,
) -> tuple[GitLabReader, GitLabWriter]:
    """The two doors to the GitLab at the address; the token comes from DRUMBEAT_TOKEN.

    Shards work at the same time, each with its part of the limits of the token's user.
    """
    from automation import remote

    if not url:
        raise UsageError("no GitLab is named", "Set DRUMBEAT_URL, or give --url.")
    token = os.environ.get("DRUMBEAT_TOKEN", "")
    bundle = str(ca_bundle) if ca_bundle else None
    share = shard.share if shard else 1.0
    return remote.connect(url, token, bundle, progress=progress, share=share)

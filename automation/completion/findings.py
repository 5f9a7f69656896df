"""What single rules found, and how several findings come together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """Something that a rule cannot read.

    `cause` stays the same for as long as the reason does: it has no figures in it, and
    nobody's name but an id.
    """

    text: str
    cause: str


@dataclass(frozen=True)
class Finding:
    """What a rule says: what was done where it holds, else what lacks.

    With `gaps` it does not hold, and nobody can tell whether it should.
    """

    holds: bool
    text: str
    gaps: tuple[Gap, ...] = ()


def unread(text: str, cause: str) -> Finding:
    """The finding of a rule that cannot be read."""
    return Finding(False, "", (Gap(text, cause),))


def all_hold(findings: Sequence[Finding]) -> Finding:
    """All of them must hold; told is what lacks, or else everything."""
    lacking = [finding for finding in findings if not finding.holds]
    text = joined(finding.text for finding in lacking or findings)
    return Finding(not lacking, text, _gaps(lacking))


def any_holds(findings: Sequence[Finding]) -> Finding:
    """The first that holds speaks for all; where none does, what each lacks is told."""
    for finding in findings:
        if finding.holds:
            return finding
    texts = dict.fromkeys(finding.text for finding in findings if finding.text)
    told = "either " + " or ".join(f"({text})" for text in texts) if len(texts) > 1 else ""
    return Finding(False, told or joined(texts), _gaps(findings))


def joined(texts: Iterable[str]) -> str:
    """The texts in one, each once."""
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _gaps(findings: Iterable[Finding]) -> tuple[Gap, ...]:
    return tuple(gap for finding in findings for gap in finding.gaps)

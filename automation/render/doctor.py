"""What the doctor found, on one page for a person and as JSON for a machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from automation.checkup import Finding, Severity
from automation.render.counts import counted
from automation.render.text import Paint, unpainted

VERSION = 1
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}


def doctor_text(found: tuple[Finding, ...], now: datetime, paint: Paint = unpainted) -> str:
    """All findings and their number."""
    lines = [paint("bold", f"Doctor at {now:%a %Y-%m-%d %H:%M %Z}"), ""]
    lines += [line for finding in found for line in _finding(finding, paint)]
    return "\n".join([*lines, _sum(found)]) + "\n"


def _finding(finding: Finding, paint: Paint) -> Iterator[str]:
    yield paint(_COLOURS[finding.severity], f"{finding.severity.upper()}  {finding.title}")
    yield f"  because  {finding.cause}"
    yield f"  so       {finding.consequence}"
    yield f"  mend it  {finding.remedy}"
    yield paint("dim", f"  ({finding.key})")
    yield ""


def _sum(found: tuple[Finding, ...]) -> str:
    if not found:
        return "Nothing to mend."
    return ", ".join(counted(count, name) for name, count in _counts(found).items() if count) + "."


def _counts(found: tuple[Finding, ...]) -> dict[str, int]:
    counts = Counter(finding.severity for finding in found)
    return {severity.value: counts[severity] for severity in Severity}


def doctor_json(found: tuple[Finding, ...], now: datetime) -> str:
    """The findings as JSON, with their number by severity."""
    document = {
        "version": VERSION,
        "now": now.isoformat(),
        "counts": _counts(found),
        "findings": [finding.model_dump(mode="json") for finding in found],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

"""The shipped sample with some of its policies only, for tests that count what they do."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from automation.config import load

REPOSITORY = Path(__file__).parents[2]
"""The repository, with all that is shipped."""

FIRST = frozenset(
    {
        "one-on-one",
        "ticket-review",
        "customer-interaction",
        "career-talk",
        "group-health",
        "stale-initiatives",
        "blocked-initiatives",
        "paused-initiatives",
    }
)
"""The policies with which the sample began."""


@cache
def core(*without: str, initiatives: str = "") -> Path:
    """A copy of the sample in which all policies but the first ones are switched off.

    So are those that `without` names; `initiatives` takes the place of the triage policies.
    """
    folder = Path(tempfile.mkdtemp(prefix="drumbeat-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("policies", "issue_templates"):
        shutil.copytree(REPOSITORY / name, folder / name)
    if initiatives:
        (folder / "policies" / "stale-initiatives.yml").write_text(initiatives, encoding="utf-8")
    settings = folder / "policies" / "settings.yml"
    names = sorted(load(folder).policy_names - FIRST.difference(without))
    text = settings.read_text(encoding="utf-8")
    assert "\noff: []\n" in text
    settings.write_text(text.replace("\noff: []\n", f"\noff: [{', '.join(names)}]\n"), "utf-8")
    return folder

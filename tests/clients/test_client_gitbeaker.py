"""`@gitbeaker/rest` from npm, unchanged, works against the embedded GitLab.

It is looked for in the directory that DRUMBEAT_GITBEAKER names, else in ``.cache/clients``,
where ``.ci/run`` installs what ``package.json`` beside this file says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALLED = os.environ.get("DRUMBEAT_GITBEAKER") or str(HERE.parents[1] / ".cache" / "clients")
PACKAGE = Path(INSTALLED) / "node_modules" / "@gitbeaker" / "rest"

pytestmark = pytest.mark.skipif(
    not (PACKAGE.is_dir() and shutil.which("node")),
    reason="@gitbeaker/rest or node is not installed; bash .ci/run installs the former",
)


def test_a_session_of_gitbeaker(url, alone):
    done = subprocess.run(
        ["node", str(HERE / "gitbeaker.mjs")],
        env=alone | {"GITBEAKER": str(PACKAGE), "GITLAB_URL": url, "GITLAB_TOKEN": "root-token"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    closed = said.pop("closed")
    assert (closed["state"], closed["labels"]) == ("closed", ["a", "b", "c"])
    assert said == {
        "version": "19.5.0-ee",
        "edited": False,
        "projects": ["dam"],
        "keyset": 1,
        "tasks": {"count": 2, "completed_count": 1},
        "found": [1],
        "note": "hi",
        "notes": True,
        "events": 3,
        "people": ["root"],
        "counts": {"a": 1, "b": 1, "c": 1, "bugs": 0},
        "promoted": "bugs",
        "milestones": ["closed"],
        "lists": 1,
        "members": {"root": 50, "bea": 40},
        "schedule": [{"variable_type": "env_var", "key": "K", "value": "V", "raw": False}],
        "variables": ["A"],
        "lint": True,
        "missing": "404 Project Not Found",
    }

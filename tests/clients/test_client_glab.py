"""GitLab's own command line `glab`, unchanged, works against the embedded GitLab.

It is looked for at DRUMBEAT_GLAB, else on PATH. Debian has it from trixie on; that package
(1.53) was tried, and runs on bookworm, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import pytest
import requests

GLAB = os.environ.get("DRUMBEAT_GLAB") or shutil.which("glab")
pytestmark = pytest.mark.skipif(
    GLAB is None, reason="glab is not installed, and DRUMBEAT_GLAB does not name it"
)
SETTINGS = """
check_update: false
host: {host}
hosts:
    {host}:
        api_protocol: http
        api_host: {host}
        token: root-token
"""
LOOPS = ("-R", "support/loops")
SESSION = [
    ("auth", "status"),
    ("repo", "list"),
    ("repo", "view", "support/loops"),
    ("issue", "create", *LOOPS, "-t", "hello", "-d", "desc", "-l", "bug", "-y"),
    ("issue", "list", *LOOPS),
    ("issue", "view", "1", *LOOPS, "--comments"),
    ("issue", "note", "1", *LOOPS, "-m", "a word"),
    ("issue", "update", "1", *LOOPS, "-l", "x", "-t", "New"),
    ("issue", "close", "1", *LOOPS),
    ("issue", "reopen", "1", *LOOPS),
    ("issue", "unsubscribe", "1", *LOOPS),
    ("issue", "subscribe", "1", *LOOPS),
    ("label", "create", *LOOPS, "-n", "lab", "-c", "#ff0000"),
    ("label", "list", *LOOPS),
    ("issue", "board", "create", "B", *LOOPS),
    ("variable", "set", "A", "bcdefghi", *LOOPS),
    ("variable", "update", "A", "xxxxxxxx", *LOOPS),
    ("variable", "list", *LOOPS),
    ("variable", "set", "G", "bcdefghi", "-g", "support"),
    ("variable", "delete", "A", *LOOPS),
    ("schedule", "create", *LOOPS, "--cron", "0 1 * * *", "--description", "d", "--ref", "main",
     "--variable", "a:b"),
    ("schedule", "list", *LOOPS),
    ("schedule", "run", "1", *LOOPS),
    ("schedule", "delete", "1", *LOOPS),
    ("token", "create", *LOOPS, "--access-level", "developer", "--scope", "api", "bot"),
    ("token", "list", *LOOPS),
    ("incident", "list", *LOOPS),
]  # fmt: skip


@pytest.fixture
def glab(url, alone, tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    host = url.removeprefix("http://")
    settings = tmp_path / "config.yml"
    settings.write_text(SETTINGS.format(host=host), encoding="utf-8")
    settings.chmod(0o600)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, env=alone)
    quiet = {"GLAB_CONFIG_DIR": str(tmp_path), "GITLAB_HOST": host, "GLAB_SEND_TELEMETRY": "false"}
    headers = {"PRIVATE-TOKEN": "root-token"}
    for path, body in (
        ("groups", "name=Support&path=support"),
        ("projects", "name=loops&namespace_id=2"),
    ):
        requests.post(f"{url}/api/v4/{path}?{body}", headers=headers).raise_for_status()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(GLAB), *words], env=alone | quiet, cwd=tmp_path, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_a_session_of_glab(glab):
    for words in SESSION:
        done = glab(*words)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    listed = json.loads(glab("issue", "list", *LOOPS, "--output", "json").stdout)
    assert [(one["title"], sorted(one["labels"])) for one in listed] == [("New", ["bug", "x"])]
    assert glab("issue", "delete", "1", *LOOPS).returncode == 0
    assert json.loads(glab("api", "projects/support%2Floops/issues").stdout) == []
    assert glab("api", "projects/99").returncode != 0

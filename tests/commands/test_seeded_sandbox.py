"""`drumbeat sandbox --seed demo`: a GitLab in which the demo's organisation is at work."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from automation.commands.seeding import drumbeats_token, seed
from automation.demo.api import Api
from automation.demo.people import ticking
from automation.errors import DrumbeatError
from automation.sandbox.server import running

ROOT = Path(__file__).parents[2]
NOW = "2026-11-24T12:00:00+00:00"


@contextmanager
def started(*argv):
    command = [sys.executable, "-m", "automation", "sandbox", "--seed", "demo", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env=environment,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


def told_until(stream, last):
    lines: list[str] = []
    while not lines or not lines[-1].startswith(last):
        lines.append(stream.readline())
        assert lines[-1], lines
    return "".join(lines)


@pytest.mark.slow
def test_a_ticked_loop_closes_at_the_command_that_is_told(drumbeat, monkeypatch):
    with started("--now", NOW, "--root", str(ROOT)) as process:
        url = process.stdout.readline().strip()
        told = told_until(process.stderr, "Stop it with Ctrl-C.")
        assert "  mgr-emea-1    Aoife Ní Dhomhnaill, manager\n" in told
        assert "  root          administrator\n" in told
        token, *words = shlex.split(re.findall(r"^  (DRUMBEAT_TOKEN=.*)$", told, re.M)[0])
        assert words == ["drumbeat", "apply", "--url", url, "--root", str(ROOT), "--now", NOW]
        monkeypatch.setenv(*token.split("=", 1))
        nothing = drumbeat(*words[1:])
        assert (nothing.code, nothing.out) == (0, "Nothing to do.\n")

        root = Api(url, "root-token")
        wanted = {"labels": "cadence::one-on-one,manager::mgr-emea-1", "scope": "all"}
        (loop,) = root.get("/issues", **wanted)
        ticking()(root, loop)
        assert drumbeat(*words[1:]).code == 0
        (after,) = root.get("/issues", **wanted)
        assert after["state"] == "closed"
        assert "loop::done" in after["labels"]


@pytest.mark.slow
def test_a_file_is_filled_once_and_goes_on(tmp_path):
    argv = ("--db", str(tmp_path / "gitlab.db"), "--format", "json")
    seen = []
    for _ in range(2):
        with started(*argv) as process:
            told = json.loads(process.stdout.readline())
            assert set(told) == {"url", "root_token", "drumbeat_token"}
            root, bot = (Api(told["url"], told[who]) for who in ("root_token", "drumbeat_token"))
            assert bot.get("/user")["username"] == "support-drumbeat"
            assert root.get("/sandbox/clock")["fixed"] is False
            issues = root.get("/issues", scope="all", per_page=100)
            seen.append([(one["id"], one["updated_at"]) for one in issues])
    assert seen[0] == seen[1]
    assert len(seen[0]) > 10


def test_a_folder_without_policies_is_refused_at_once(tmp_path, drumbeat):
    found = drumbeat("sandbox", "--seed", "demo", "--root", tmp_path)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"drumbeat: there is no folder {tmp_path / 'policies'}")


def test_an_organisation_that_cannot_be_made_is_told(tmp_path):
    """A policy whose project nobody made: the demo makes those of confidential loops only."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    policy = tmp_path / "policies" / "customer-interaction.yml"
    policy.write_text(policy.read_text() + "project: support/elsewhere\n")
    moment = datetime.fromisoformat(NOW)
    with running(now=moment) as url, pytest.raises(DrumbeatError, match="support/elsewhere"):
        seed(Api(url, "root-token"), tmp_path, moment, fixed=True)


@pytest.mark.parametrize("before", [None, "mine"])
def test_the_token_is_put_back(monkeypatch, before):
    monkeypatch.delenv("DRUMBEAT_TOKEN", raising=False)
    if before:
        monkeypatch.setenv("DRUMBEAT_TOKEN", before)
    with drumbeats_token("theirs"):
        assert os.environ["DRUMBEAT_TOKEN"] == "theirs"
    assert os.environ.get("DRUMBEAT_TOKEN") == before

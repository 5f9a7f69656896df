"""Where GitLab cannot be reached, tokens are wrong, or a process is stopped."""

from __future__ import annotations

import builtins
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from functools import partial

import pytest

from automation.cli import main
from automation.demo.api import Api
from automation.remote import Pacer
from tests.commands.office import NOW, ROOT

CANARY = "glpat-canary0123456789ab"
ONLINE = ["plan", "apply", "setup"]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def be_impatient(monkeypatch):
    """Try again as often as ever, but do not wait between tries."""
    pacer = partial(Pacer, sleep=lambda _seconds: None)
    monkeypatch.setattr("automation.remote.Pacer", pacer)


# --- Addresses and tokens ----------------------------------------------------------------


@pytest.mark.parametrize("verb", ONLINE)
def test_no_address(drumbeat, verb):
    found = drumbeat.here(verb)
    assert (found.code, found.out) == (2, "")
    assert found.err == "drumbeat: no GitLab is named\n  Set DRUMBEAT_URL, or give --url.\n"


@pytest.mark.parametrize("verb", ONLINE)
def test_no_token(drumbeat, verb):
    found = drumbeat.here(verb, "--url", "https://gitlab.example.com")
    assert (found.code, found.out) == (2, "")
    assert "DRUMBEAT_TOKEN" in found.err


@pytest.mark.parametrize("verb", ONLINE)
def test_a_port_where_nobody_listens(drumbeat, monkeypatch, closed_port, verb):
    monkeypatch.setenv("DRUMBEAT_TOKEN", CANARY)
    be_impatient(monkeypatch)
    found = drumbeat.here(verb, "--url", closed_port)
    assert (found.code, found.out) == (3, "")
    assert found.err.startswith("drumbeat: GitLab cannot be reached")
    assert len(found.err.splitlines()) >= 2, "a remedy follows"
    assert CANARY not in found.err


def test_a_host_that_does_not_exist(drumbeat, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", CANARY)
    be_impatient(monkeypatch)
    found = drumbeat.here("plan", "--url", "https://gitlab.invalid")
    assert (found.code, found.out) == (3, "")
    assert found.err.startswith("drumbeat: GitLab cannot be reached")
    assert len(found.err.splitlines()) >= 2, "a remedy follows"
    assert CANARY not in found.err


@pytest.mark.parametrize("url", ["gitlab.example.com", "ftp://gitlab.example.com", "https://", "x"])
def test_an_address_that_is_none(drumbeat, monkeypatch, url):
    monkeypatch.setenv("DRUMBEAT_TOKEN", CANARY)
    found = drumbeat.here("plan", "--url", url)
    assert (found.code, found.out) == (2, "")
    assert CANARY not in found.err


def test_a_token_that_gitlab_does_not_take(office, drumbeat, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", CANARY)
    for verb in ONLINE:
        found = drumbeat.here(verb)
        assert (found.code, found.out) == (3, "")
        assert len(found.err.splitlines()) >= 2, "a remedy follows"
        assert CANARY not in found.err


def test_no_output_holds_the_token(office, drumbeat, tmp_path):
    runs = [
        drumbeat.here("plan", "--out", tmp_path / "plan.json"),
        drumbeat.here("plan", "--format", "json"),
        drumbeat.here("apply", "--outcomes", tmp_path / "outcomes.json"),
        drumbeat.here("setup", "--yes"),
    ]
    texts = [run.out + run.err for run in runs]
    texts += [path.read_text() for path in tmp_path.glob("*.json")]
    assert len(texts) == 6
    assert not [text for text in texts if office.token in text]


def test_a_pipelines_address_is_taken(office, drumbeat, monkeypatch):
    monkeypatch.delenv("DRUMBEAT_URL")
    monkeypatch.setenv("CI_SERVER_URL", office.url)
    assert drumbeat.here("plan", "--only", "cadence=one-on-one").code == 0


def test_certificates_that_are_not_there(drumbeat, monkeypatch, tmp_path):
    monkeypatch.setenv("DRUMBEAT_TOKEN", CANARY)
    bundle = tmp_path / "ca.pem"
    found = drumbeat.here("plan", "--url", "https://gitlab.invalid", "--ca-bundle", bundle)
    assert found.code in {2, 3}
    assert (str(bundle) in found.err, found.out) == (True, "")


# --- Files -------------------------------------------------------------------------------


def test_outcomes_that_cannot_be_written_are_told_before_anything_is_done(
    office, drumbeat, tmp_path
):
    found = drumbeat.here("apply", "--outcomes", tmp_path)
    assert (found.code, found.out) == (2, "")
    assert found.err == f"drumbeat: {tmp_path} cannot be written: Is a directory\n"
    assert office.issues() == []


def test_a_plan_that_cannot_be_written(office, drumbeat, tmp_path):
    found = drumbeat.here("plan", "--out", tmp_path, "--only", "cadence=one-on-one")
    assert (found.code, found.out) == (2, "")
    assert found.err == f"drumbeat: {tmp_path} cannot be written: Is a directory\n"


def test_the_plan_that_apply_does_can_be_kept(office, drumbeat, tmp_path):
    file = tmp_path / "plan.json"
    only = ("--only", "cadence=ticket-review")
    assert drumbeat.here("apply", *only, "--out", file).code == 0
    kept = json.loads(file.read_text())
    assert kept["counts"]["open"] == len(office.issues())
    refused = drumbeat.here("apply", *only, "--out", tmp_path)
    assert refused.code == 2
    assert refused.err.endswith(f"drumbeat: {tmp_path} cannot be written: Is a directory\n")


def test_missing_folders_are_made(office, drumbeat, tmp_path):
    file = tmp_path / "deep" / "plan.json"
    assert drumbeat.here("plan", "--out", file, "--only", "cadence=one-on-one").code == 0
    assert json.loads(file.read_text())["version"] == 1


# --- Being stopped -----------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_an_interruption_anywhere_ends_with_130(drumbeat, monkeypatch, error):
    def stopped(*_args):
        raise error

    monkeypatch.setattr("automation.commands.lint.lint", stopped)
    found = drumbeat.here("lint")
    assert (found.code, found.out) == (130, "")
    assert found.err.endswith("drumbeat: interrupted\n")


def test_a_fault_of_ours_shows_where_it_is(monkeypatch):
    def broken(*_args):
        raise RuntimeError("a bug")

    monkeypatch.setattr("automation.commands.lint.lint", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["lint", "-C", str(ROOT), "--now", NOW])


def test_progress_shows_on_a_terminal_only(monkeypatch, capfd):
    with importlib.import_module("automation.commands.console").progress("Applying", 2) as step:
        step("unseen")
    assert capfd.readouterr().err == ""
    console = importlib.import_module("automation.commands.console")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(
        "rich.console.Console", lambda **named: _TERMINAL(force_terminal=True, **named)
    )
    with console.progress("Applying", 2) as step:
        step("one-on-one/mgr-1/2026-W48")
        step("")
    with console.progress("Reading GitLab") as step:
        step("issues")
    shown = capfd.readouterr().err
    assert "Applying" in shown
    assert "Reading GitLab: issues" in shown


_TERMINAL = importlib.import_module("rich.console").Console


# --- The sandbox -------------------------------------------------------------------------


def started(*argv):
    command = [sys.executable, "-m", "automation", "sandbox", "--port", "0", *argv]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def the_user(url, token):
    return Api(url, token).get("/user")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_tells_its_address_and_serves_until_it_is_stopped(number, tmp_path):
    database = tmp_path / "gitlab.db"
    argv = ["--format", "json", "--root-token", "t0p", "--db", str(database), "--now", NOW]
    with started(*argv) as process:
        told = json.loads(process.stdout.readline())
        assert set(told) == {"url", "root_token"}
        assert told["root_token"] == "t0p"
        assert the_user(told["url"], "t0p")["username"] == "root"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err == "drumbeat: interrupted\n"
    assert database.exists()


def test_the_sandbox_tells_people_how_to_stop_it():
    with started() as process:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert process.stderr.readline() == (
            "This GitLab is embedded and forgets nothing it is told. Stop it with Ctrl-C.\n"
        )
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("form", "out", "err"),
    [
        ("text", "http://x\n", "This GitLab is embedded"),
        ("json", '{"url": "http://x", "root_token": "root-token"}\n', ""),
    ],
)
def test_a_sandbox_that_ends_by_itself_ended_well(drumbeat, monkeypatch, form, out, err):
    def serve(_host, _port, _db, _token, now, ready):
        assert now is None
        ready("http://x")

    monkeypatch.setattr("automation.sandbox.server.serve", serve)
    found = drumbeat("sandbox", "--format", form)
    assert (found.code, found.out) == (0, out)
    assert found.err.startswith(err)


def test_a_port_that_is_taken(drumbeat):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        found = drumbeat("sandbox", "--port", port)
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        f"drumbeat: the embedded GitLab cannot start on port {port} with :memory:: "
        "Address already in use\n"
        "  Choose another port (0 picks a free one) or another --db.\n"
    )


def test_the_sandbox_needs_its_extra(drumbeat, monkeypatch):
    real = builtins.__import__

    def without(name, *args):
        if name == "automation.sandbox.server":
            raise ImportError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    found = drumbeat("sandbox")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "drumbeat: the embedded GitLab needs uvicorn, which is not installed\n"
        "  Install it with: pip install 'drumbeat[sandbox]'\n"
    )

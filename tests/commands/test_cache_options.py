"""What runs remember, from the command line: where it lies, and what is told when it is damaged."""

from __future__ import annotations

import shutil
import socket
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from automation.cache import FOLDER
from automation.commands.workspace import cache_folder, remembering
from automation.model.shard import Shard
from automation.remote import Pacer
from tests.commands.office import MONDAY, NOW, ROOT

STALE_ONLY = ("--only", "triage=stale-initiatives")
SOON = "2026-11-23T09:20:00Z"
LATE, LATER = "2026-12-10T09:00:00Z", "2026-12-10T09:20:00Z"


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A repository of its own, and no variable that names another folder for the cache."""
    monkeypatch.delenv("DRUMBEAT_CACHE_DIR")
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, tmp_path / "repository" / name)
    return tmp_path / "repository"


@pytest.fixture
def initiatives(office):
    """Two initiatives that somebody commented on long ago, and labelled of late."""
    office.move(MONDAY - timedelta(days=40))
    person = office.person("se-301")
    project = office.projects["support/sgg/baobab"]
    for title in ("Runbook", "Rota"):
        made = person.post(f"/projects/{project}/issues", title=title, labels="SGG")
        person.post(f"/projects/{project}/issues/{made['iid']}/notes", body="canary of a comment")
    office.move(MONDAY - timedelta(days=5))
    for iid in (1, 2):
        person.put(f"/projects/{project}/issues/{iid}", add_labels="help")
    office.move(MONDAY)
    return office


@pytest.fixture
def run(initiatives, drumbeat, root):
    """A verb for these initiatives; what it told, and how many histories it read for that."""
    initiatives.requests()

    def called(verb, *argv, now=NOW):
        told = drumbeat(verb, "-C", root, "--now", now, *STALE_ONLY, *argv)
        routes = initiatives.requests()["by_route"]
        read = (routes[one] for one in routes if one.startswith("GET ") and is_history(one))
        return told, sum(read)

    return called


def is_history(route):
    return route.endswith(("/notes", "/events")) or "/resource_" in route


def files(folder):
    """Which files lie there: the number of caches, and all other names."""
    names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    histories = [name for name in names if name.startswith("history-")]
    return len(histories), sorted(set(names) - set(histories))


BESIDE = [".gitignore", "CACHEDIR.TAG"]


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_a_run_keeps_what_it_read_beside_the_policies(run, root, verb):
    told, read = run(verb)
    assert (told.code, read > 0) == (0, True)
    assert files(root / FOLDER) == (1, BESIDE)
    assert FOLDER == ".drumbeat_cache"
    assert b"canary" not in b"".join(one.read_bytes() for one in (root / FOLDER).iterdir())


def test_the_next_run_reads_no_history_and_tells_the_same(run):
    first, read = run("plan")
    second, read_again = run("plan")
    assert (second.code, second.out) == (first.code, first.out)
    assert second.err.startswith(
        f"{first.err}Known from earlier runs, as nothing was updated since: "
    )
    assert len(second.err.splitlines()) == 1 + len(first.err.splitlines())
    assert "Nothing to do." in first.out
    assert (read > 0, read_again) == (True, 0)


def test_what_a_plan_read_apply_does_not(run, initiatives):
    run("plan")
    done, read = run("apply")
    assert ("Nothing to do." in done.out, done.code, read) == (True, 0, 0)
    initiatives.move(MONDAY + timedelta(minutes=20))
    settled, read = run("plan", now=SOON)
    assert ("Nothing to do." in settled.out, read) == (True, 0)


def test_what_is_to_be_changed_is_looked_at_anew(run, initiatives):
    """They are quiet for long then: before anything is said, each is read once more."""
    run("plan")
    initiatives.move(MONDAY + timedelta(days=17))
    first, read = run("plan", now=LATE)
    assert "support/sgg/baobab#1" in first.out
    again, read_again = run("plan", now=LATE)
    assert (again.out, read > 0, read_again) == (first.out, True, read)
    done, read_at_last = run("apply", now=LATE)
    assert (done.out.splitlines()[-1].endswith(" done"), read_at_last) == (True, read)
    initiatives.move(MONDAY + timedelta(days=17, minutes=20))
    run("plan", now=LATER)
    settled, read = run("plan", now=LATER)
    assert ("Nothing to do." in settled.out, read) == (True, 0)


@pytest.mark.parametrize("how", ["option", "variable"])
def test_the_folder_can_be_named(run, root, tmp_path, monkeypatch, how):
    folder = tmp_path / "somewhere" / "else"
    if how == "variable":
        monkeypatch.setenv("DRUMBEAT_CACHE_DIR", str(folder))
    argv = ("--cache-dir", folder) if how == "option" else ()
    _, read = run("plan", *argv)
    assert files(folder) == (1, BESIDE)
    assert not (root / FOLDER).exists()
    assert (read > 0, run("plan", *argv)[1]) == (True, 0)


@pytest.mark.parametrize("verb", ["plan", "apply"])
@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_a_cache_there_is_no_folder(run, root, monkeypatch, verb, how):
    if how == "variable":
        monkeypatch.setenv("DRUMBEAT_NO_CACHE", "1")
    argv = ("--no-cache",) if how == "option" else ()
    before = set(root.iterdir())
    told, read = run(verb, *argv)
    assert (told.code, "Warning" in told.err) == (0, False)
    assert (read > 0, set(root.iterdir())) == (True, before)


def test_what_is_there_is_not_read_where_no_cache_is_wanted(run, root):
    first, read = run("plan")
    (file,) = (root / FOLDER).glob("history-*")
    before = file.read_bytes()
    again, read_again = run("plan", "--no-cache")
    assert (again.out, read_again) == (first.out, read)
    assert file.read_bytes() == before


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_a_damaged_file_is_told_and_the_plan_is_right(run, root, verb):
    right, read = run("plan")
    (file,) = (root / FOLDER).glob("history-*")
    file.write_bytes(file.read_bytes().replace(b"]", b"}"))
    told, read_again = run(verb)
    assert f"Warning: {file} is damaged, or was changed: it is not used.\n" in told.err
    assert (told.code, read_again) == (0, read)
    if verb == "plan":
        assert told.out == right.out
        again, read = run("plan")
        assert (again.out, read) == (right.out, 0)


def test_a_folder_that_cannot_be_written_is_told_and_the_plan_is_right(run, root):
    right, _ = run("plan", "--no-cache")
    (root / FOLDER).write_text("not a folder")
    told, _ = run("plan")
    assert (told.code, told.out) == (0, right.out)
    first, second = told.err.splitlines()
    assert first.startswith(f"Warning: {root / FOLDER / 'history-'}")
    assert first.endswith(" cannot be read, and is not used: Not a directory")
    assert second.endswith(" cannot be written, so nothing is remembered: File exists")


def test_another_token_finds_nothing_and_its_own_is_nowhere(run, root, initiatives, monkeypatch):
    _, read = run("plan")
    # An administrator's: it sees what Drumbeat sees.
    monkeypatch.setenv("DRUMBEAT_TOKEN", initiatives.root.token)
    told, read_again = run("plan")
    assert (told.code, read_again) == (0, read)
    assert files(root / FOLDER) == (2, BESIDE)
    for one in (root / FOLDER).iterdir():
        for token in (initiatives.token, initiatives.root.token):
            assert token not in one.name
            assert token.encode() not in one.read_bytes()


def test_each_shard_has_its_own_file(run, root):
    for part in ("1/2", "2/2", "rest"):
        run("plan", "--shard", part)
    assert files(root / FOLDER) == (3, BESIDE)


def test_a_run_that_cannot_reach_gitlab_writes_nothing(drumbeat, root, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    monkeypatch.setattr("automation.remote.Pacer", partial(Pacer, sleep=lambda _seconds: None))
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-canary0123456789ab")
    for verb in ("plan", "apply"):
        assert drumbeat(verb, "-C", root, "--url", f"http://127.0.0.1:{port}").code == 3
    assert not (root / FOLDER).exists()


def test_a_run_that_fails_leaves_what_was_there(run, root, monkeypatch):
    run("plan")
    (file,) = (root / FOLDER).glob("history-*")
    before = file.read_bytes()
    monkeypatch.setenv("DRUMBEAT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("automation.remote.Pacer", partial(Pacer, sleep=lambda _seconds: None))
    assert run("plan")[0].code == 3
    assert file.read_bytes() == before
    assert files(root / FOLDER) == (1, BESIDE)


def test_where_the_cache_lies(tmp_path):
    chosen = tmp_path / "chosen"
    assert cache_folder(tmp_path, None, off=False) == tmp_path / FOLDER
    assert cache_folder(tmp_path, chosen, off=False) == chosen
    assert cache_folder(tmp_path, None, off=True) is None
    assert cache_folder(tmp_path, chosen, off=True) is None


def test_what_is_remembered_is_kept_at_the_end_only(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-canary0123456789ab")
    folder = tmp_path / "cache"
    with remembering(folder, "https://gitlab.example.com", Shard(1, 4)) as history:
        assert len(history) == 0
        assert not folder.exists()
    assert files(folder) == (1, BESIDE)
    with remembering(None, "https://gitlab.example.com") as history:
        assert len(history) == 0
    assert files(folder) == (1, BESIDE)

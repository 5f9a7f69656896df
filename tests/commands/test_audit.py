"""`drumbeat apply --audit FILE`: a line for every change, at once, and before anything is done."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any, Self, TextIO

import pytest

from automation import __version__
from automation.commands import apply as apply_verb
from automation.commands import books
from automation.errors import ExitCode
from tests.commands.office import Drumbeat, Office


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


def test_every_change_has_a_line_with_what_gitlab_calls_the_request(
    office: Office, drumbeat: Drumbeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_PIPELINE_URL", "https://gitlab.example.com/x/-/pipelines/7")
    monkeypatch.setenv("CI_JOB_ID", "12")
    trail, file = tmp_path / "logs" / "audit.jsonl", tmp_path / "outcomes.json"
    done = drumbeat.here("apply", "--audit", trail, "--outcomes", file)
    assert done.code == ExitCode.FINE
    told = lines(trail)
    outcomes = {one["change"]: one for one in json.loads(file.read_text())["outcomes"]}
    assert {one["change"] for one in told} == outcomes.keys()
    assert len(told) == len(outcomes)
    for one in told:
        outcome = outcomes[one["change"]]
        assert one["version"] == __version__
        assert one["run"] == {"pipeline": "https://gitlab.example.com/x/-/pipelines/7", "job": "12"}
        assert re.fullmatch(r"[0-9a-f]{32}", one["request_id"])
        for name in ("key", "kind", "deed", "status", "url", "request_id"):
            assert one[name] == outcome[name]
    assert len({one["request_id"] for one in told}) == len(told)
    by_url = {issue["web_url"]: issue for issue in office.issues()}
    opened = [one for one in told if one["deed"] == "open"]
    assert {one["url"] for one in opened} == by_url.keys()
    for one in opened:
        issue = by_url[one["url"]]
        assert (one["before"], one["after"]["opened"]) == (None, True)
        assert sorted(one["after"]["labels"]) == sorted(issue["labels"])
        wanted = None if issue["confidential"] else issue["title"]
        assert one["after"]["title"] == wanted


def test_the_next_run_adds_to_it(office: Office, drumbeat: Drumbeat, tmp_path: Path) -> None:
    trail = tmp_path / "audit.jsonl"
    drumbeat.here("apply", "--audit", trail, "--only", "cadence=one-on-one")
    first = trail.read_text()
    drumbeat.here("apply", "--audit", trail, "--only", "cadence=one-on-one")
    assert trail.read_text() == first
    drumbeat.here("apply", "--audit", trail, "--force", "they asked for it")
    assert trail.read_text().startswith(first)
    added = lines(trail)[len(first.splitlines()) :]
    assert {one["forced"] for one in added} == {"they asked for it"}
    assert {one["run"] for one in added} == {None}
    assert office.issues()


def test_a_file_that_cannot_be_written_stops_the_run_before_it_begins(
    office: Office, drumbeat: Drumbeat, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for trail in (tmp_path, tmp_path / "file" / "audit.jsonl"):
        done = drumbeat.here("apply", "--audit", trail)
        assert done.code == ExitCode.BAD_CONFIGURATION
        assert done.err.startswith(f"drumbeat: {trail} cannot be written: ")
    assert office.requests()["by_route"] == {}
    assert office.issues() == []


class Full:
    """A file on a disk that is full after so many lines."""

    def __init__(self, real: TextIO, lines_left: int) -> None:
        self.real = real
        self.lines_left = lines_left
        self.name = real.name

    def write(self, text: str) -> int:
        self.lines_left -= 1
        if self.lines_left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.real.write(text)

    def flush(self) -> None:
        self.real.flush()

    def close(self) -> None:
        self.real.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_is_told_once_and_the_run_goes_on(
    office: Office, drumbeat: Drumbeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open
    trail = tmp_path / "audit.jsonl"

    def full(self: Path, *args: Any, **named: Any) -> Any:
        found = real(self, *args, **named)
        if self != trail:
            return found
        seen.append(self)
        return Full(found, 2) if len(seen) > 1 else found  # the first only tries it

    seen: list[Path] = []
    monkeypatch.setattr(Path, "open", full)
    done = drumbeat.here("apply", "--audit", trail)
    assert done.code == ExitCode.SOME_CHANGE_FAILED
    told = f"The audit trail {trail} cannot be written: No space left on device\n"
    assert done.err.count(told) == 1
    assert len(office.issues()) == 18
    monkeypatch.undo()
    assert len(lines(trail)) == 2


def test_an_interrupted_run_has_what_was_done(
    office: Office, drumbeat: Drumbeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = tmp_path / "audit.jsonl"
    kept: list[int] = []

    class Watched(books.Books):
        """Looks into the file each time that a change is known, and interrupts at the third."""

        def __enter__(self) -> Self:
            return self

        def keep(self, outcome: Any) -> None:
            super().keep(outcome)
            kept.append(len(lines(trail)))
            if len(kept) == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(apply_verb, "Books", Watched)
    done = drumbeat.here("apply", "--audit", trail)
    assert done.code == ExitCode.INTERRUPTED
    assert kept[:3] == [1, 2, 3]
    told = lines(trail)
    assert len(told) == len({one["change"] for one in told}) >= 3
    done_lines = [one for one in done.out.splitlines() if one.startswith("    done")]
    assert len([one for one in told if one["status"] == "done"]) == len(done_lines)


def test_what_was_reviewed_and_no_longer_holds_has_a_line(
    office: Office, drumbeat: Drumbeat, tmp_path: Path
) -> None:
    plan, trail = tmp_path / "plan.json", tmp_path / "audit.jsonl"
    drumbeat.here("plan", "--only", "cadence=one-on-one", "--out", plan)
    drumbeat.here("apply", "--only", "cadence=one-on-one")
    count = len(office.issues())
    drumbeat.here("apply", "--plan", plan, "--audit", trail)
    told = [one for one in lines(trail) if one["kind"] == "create-issue"]
    assert len(told) == count
    assert {(one["status"], one["reason"], one["before"], one["after"]) for one in told} == {
        ("skipped", "", None, None)
    }

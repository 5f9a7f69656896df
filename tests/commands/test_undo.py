"""`drumbeat undo` from the command line: what it takes, what it refuses, what it leaves behind."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.errors import ExitCode
from tests.commands.office import NOW, ROOT, ROOT_TOKEN, Drumbeat, Office
from tests.e2e.outside import Person

COUNT = 4
"""How many managers there are where it is Monday, eight o'clock or later."""
ONLY = ("--only", "cadence=ticket-review")


@pytest.fixture
def wrong(office: Office, drumbeat: Drumbeat, tmp_path: Path) -> Path:
    """What a run left behind that opened ticket reviews."""
    file = tmp_path / "wrong.json"
    assert drumbeat.here("apply", *ONLY, "--outcomes", file).code == ExitCode.FINE
    assert len(office.issues(state="opened")) == COUNT
    return file


def test_it_shows_first_and_then_does_it(
    office: Office, drumbeat: Drumbeat, wrong: Path, tmp_path: Path
) -> None:
    kept, trail = tmp_path / "undone.json", tmp_path / "audit.jsonl"
    shown = drumbeat.here("undo", wrong, "--outcomes", kept, "--audit", trail)
    assert shown.code == ExitCode.FINE
    assert f"Close ({COUNT})" in shown.out
    assert shown.err.endswith(
        f"Nothing was changed. To take it back: drumbeat undo {wrong} --yes\n"
    )
    assert not kept.exists()
    assert not trail.exists()
    assert len(office.issues(state="opened")) == COUNT

    done = drumbeat.here("undo", wrong, "--yes", "--outcomes", kept, "--audit", trail)
    assert done.code == ExitCode.FINE
    assert office.issues(state="opened") == []
    outcomes = json.loads(kept.read_text())["outcomes"]
    assert [one["deed"] for one in outcomes].count("undone") == COUNT
    lines = [json.loads(line) for line in trail.read_text().splitlines()]
    assert {(one["key"], one["status"]) for one in lines if one["deed"] == "undone"} == {
        (one["key"], "done") for one in outcomes if one["deed"] == "undone"
    }

    again = drumbeat.here("undo", wrong, "--yes", "--outcomes", kept)
    assert (again.code, again.err) == (ExitCode.FINE, "")
    assert again.out.endswith("Nothing to do.\n")
    assert json.loads(kept.read_text())["outcomes"] == []
    # The loops hold their keys: they are not opened once more.
    assert drumbeat.here("apply", *ONLY).out == "Nothing to do.\n"


def test_the_shards_of_a_run_are_undone_together(
    office: Office, drumbeat: Drumbeat, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.json" for number in (1, 2)]
    for number, file in enumerate(files, 1):
        drumbeat.here("apply", "--shard", f"{number}/2", "--outcomes", file)
    count = len(office.issues(state="opened"))
    assert count > COUNT
    shown = drumbeat.here("undo", *files)
    assert f"Close ({count})" in shown.out
    assert drumbeat.here("undo", *files, "--yes").code == ExitCode.FINE
    assert office.issues(state="opened") == []


def test_several_runs_are_undone_one_after_the_other(
    office: Office, drumbeat: Drumbeat, wrong: Path, tmp_path: Path
) -> None:
    other, shard = tmp_path / "other.json", tmp_path / "shard.json"
    drumbeat.here("apply", "--only", "cadence=one-on-one", "--outcomes", other)
    drumbeat.here("apply", "--shard", "1/2", "--outcomes", shard)
    before = office.issues(state="opened")
    for files in ((wrong, other), (shard, wrong), (shard, shard)):
        done = drumbeat.here("undo", *files, "--yes")
        assert done.code == ExitCode.BAD_CONFIGURATION
        assert done.err == (
            f"drumbeat: {files[0]}, {files[1]} are not the shards of one run\n"
            "  Undo one run after the other, the latest first.\n"
        )
    assert office.issues(state="opened") == before


def test_it_keeps_to_the_limits_unless_it_is_told_why(
    office: Office, drumbeat: Drumbeat, wrong: Path, tmp_path: Path
) -> None:
    root = _with_few_notes(tmp_path)
    refused = drumbeat("undo", "-C", root, "--now", NOW, wrong, "--yes")
    assert refused.code == ExitCode.PLAN_UNSAFE
    assert f"{COUNT} notes to write, the limit is 2" in refused.err
    assert len(office.issues(state="opened")) == COUNT
    kept = tmp_path / "undone.json"
    forced = ("--force", "the wrong region", "--outcomes", kept)
    assert drumbeat("undo", "-C", root, "--now", NOW, wrong, "--yes", *forced).code == 0
    assert json.loads(kept.read_text())["forced"] == "the wrong region"


def _with_few_notes(folder: Path) -> Path:
    root = folder / "root"
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, root / name)
    settings = root / "policies" / "settings.yml"
    text = re.sub(r"(?m)^limits: .*$", "limits: {notes: 2}", settings.read_text("utf-8"))
    settings.write_text(text, encoding="utf-8")
    return root


def test_what_cannot_be_read_on_the_way_is_left_and_ends_with_three(
    office: Office, drumbeat: Drumbeat, wrong: Path
) -> None:
    (issue, *_) = office.issues(state="opened")
    path = f"/projects/{issue['project_id']}/issues/{issue['iid']}"
    office.root.post(f"{path}/notes", body="hello")
    hidden = {"action": "status", "status": 403, "method": "GET", "route": "/notes$"}
    Person(office.url, ROOT_TOKEN).send("PUT", "/sandbox/faults", [hidden])
    done = drumbeat.here("undo", wrong)
    assert done.code == ExitCode.GITLAB_REFUSED
    assert "Needs a person (1)" in done.out
    assert f"Close ({COUNT - 1})" in done.out


# --- Files that are none --------------------------------------------------------------------


def changed(**fields: Any) -> Callable[[dict[str, Any]], str]:
    return lambda document: json.dumps(document | fields)


def without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda document: json.dumps({k: v for k, v in document.items() if k != name})


@pytest.mark.parametrize(
    ("spoil", "message", "remedy"),
    [
        (lambda _: "", " is empty: its run was killed before", "audit trail"),
        (lambda _: '{\n "version": 2,\n', ":3:1: this is not JSON: ", "apply --outcomes"),
        (lambda _: "[" * 100_000, " has no outcomes of Drumbeat", "apply --outcomes"),
        (lambda _: "9" * 10_000, " has no outcomes of Drumbeat", "apply --outcomes"),
        (lambda _: "[]", " has no outcomes of Drumbeat", "apply --outcomes"),
        (without("outcomes"), " has no outcomes of Drumbeat", "apply --outcomes"),
        (changed(version=1), "its version is 1, this one reads 2", "by hand"),
        (changed(outcomes=[{}]), " is damaged: outcomes.0.change: ", "apply --outcomes"),
        (changed(now="2026-11-23T09:00:00"), " is damaged: now: ", "apply --outcomes"),
        (changed(gitlab="https://other"), " tells of a run on https://other, and this", "--url"),
        (changed(gitlab=""), " tells of a run on a GitLab that it does not name", "--url"),
    ],
)
def test_a_file_that_is_none_is_told_with_the_way_out(
    office: Office,
    drumbeat: Drumbeat,
    wrong: Path,
    spoil: Callable[[dict[str, Any]], str],
    message: str,
    remedy: str,
) -> None:
    wrong.write_text(spoil(json.loads(wrong.read_text())), encoding="utf-8")
    done = drumbeat.here("undo", wrong, "--yes")
    assert done.code == ExitCode.BAD_CONFIGURATION
    assert done.err.startswith(f"drumbeat: {wrong}")
    assert message in done.err
    assert remedy in done.err
    assert len(office.issues(state="opened")) == COUNT


def test_a_file_that_cannot_be_read_is_told(drumbeat: Drumbeat, tmp_path: Path) -> None:
    missing, odd = tmp_path / "none.json", tmp_path / "odd.json"
    odd.write_bytes(b"\xff\xfe")
    for file, why in ((missing, "No such file or directory"), (odd, "it is not UTF-8")):
        done = drumbeat.here("undo", file)
        assert done.code == ExitCode.BAD_CONFIGURATION
        assert done.err.startswith(f"drumbeat: {file} cannot be read: {why}\n")


def test_a_plan_is_no_outcomes(office: Office, drumbeat: Drumbeat, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    drumbeat.here("plan", "--out", plan)
    assert f"{plan} has no outcomes of Drumbeat" in drumbeat.here("undo", plan).err
    assert office.issues() == []


def test_what_is_undone_is_not_written_over(
    office: Office, drumbeat: Drumbeat, wrong: Path
) -> None:
    before = wrong.read_text()
    done = drumbeat.here("undo", wrong, "--yes", "--outcomes", wrong)
    assert done.code == ExitCode.BAD_CONFIGURATION
    assert "would write over the outcomes that are to be undone" in done.err
    assert wrong.read_text() == before
    assert len(office.issues(state="opened")) == COUNT

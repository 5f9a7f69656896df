"""Several jobs share one run: `--shard I/N`, then `--shard rest`."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.commands.office import ROOT

PARTS = ("1/3", "2/3", "3/3", "rest")


@pytest.fixture
def heard(monkeypatch):
    """A watchdog on this machine, named by the variable; what it was asked for."""
    paths: list[str] = []

    class Watchdog(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Watchdog)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("DRUMBEAT_HEARTBEAT_URL", f"http://127.0.0.1:{server.server_port}/alive")
    yield paths
    server.shutdown()
    thread.join()
    server.server_close()


def keys(result):
    return [one["key"] for one in result.json["changes"] if one["kind"] == "create-issue"]


@pytest.mark.usefixtures("office")
def test_the_shards_of_a_plan_are_the_plan(drumbeat):
    plans = [drumbeat.here("plan", "--shard", part, "--format", "json") for part in PARTS]
    whole = drumbeat.here("plan", "--format", "json")
    assert sorted(key for plan in plans for key in keys(plan)) == sorted(keys(whole))
    assert [plan.json["shard"] for plan in plans] == [*PARTS]
    assert whole.json["shard"] == ""
    assert plans[1].err == "Shard 2 of 3; what needs the whole is left to `rest`\n"
    assert plans[3].err == "The rest, after all shards: what needs the whole\n"


@pytest.mark.usefixtures("office")
def test_a_parallel_job_knows_its_shard(drumbeat, monkeypatch):
    told = drumbeat.here("plan", "--shard", "2/3").out
    monkeypatch.setenv("CI_NODE_TOTAL", "3")
    assert drumbeat.here("plan").out != told
    monkeypatch.setenv("CI_NODE_INDEX", "2")
    assert drumbeat.here("plan").out == told
    assert told.startswith("Plan for Mon 2026-11-23 09:00 UTC, shard 2/3\n")
    assert "\nShard 2/3.\n" in drumbeat.here("plan", "--format", "markdown").out
    assert "shard 1/3" in drumbeat.here("plan", "--shard", "1/3").out


def test_nonsense_is_refused(drumbeat, monkeypatch):
    refused = drumbeat("plan", "-C", ROOT, "--shard", "5/4")
    assert refused.code == 2
    assert refused.err == (
        "drumbeat: --shard '5/4': there is no shard 5 of 4\n"
        "  Write it like --shard 2/4: part 2 of 4, counted from 1. After all the parts comes "
        "--shard rest.\n"
    )
    monkeypatch.setenv("CI_NODE_INDEX", "5")
    monkeypatch.setenv("CI_NODE_TOTAL", "4")
    refused = drumbeat("apply", "-C", ROOT)
    assert refused.code == 2
    assert refused.err.startswith("drumbeat: CI_NODE_INDEX/CI_NODE_TOTAL '5/4': there is no shard")
    refused = drumbeat("apply", "-C", ROOT, "--shard", "1/4", "--after", "outcomes")
    assert (refused.code, "--after goes with --shard rest" in refused.err) == (2, True)
    monkeypatch.delenv("CI_NODE_INDEX")
    assert drumbeat("apply", "-C", ROOT, "--after", "outcomes").code == 2


def test_a_reviewed_plan_knows_its_shard(office, drumbeat, monkeypatch, tmp_path):
    plan = tmp_path / "plan.json"
    planned = drumbeat.here("plan", "--shard", "2/3", "--out", plan, "--format", "json")
    refused = drumbeat.here("apply", "--plan", plan, "--shard", "2/3")
    assert refused.err == (
        "drumbeat: --shard and --plan do not go together\n  The plan knows its shard.\n"
    )
    monkeypatch.setenv("CI_NODE_INDEX", "1")
    monkeypatch.setenv("CI_NODE_TOTAL", "3")
    assert drumbeat.here("apply", "--plan", plan).code == 0
    assert len(office.issues()) == len(keys(planned)) > 0


def test_a_whole_run_in_shards(office, drumbeat):
    for part in PARTS:
        assert drumbeat.here("apply", "--shard", part).code == 0
    assert len(office.issues()) == 18
    assert drumbeat.here("apply").out == "Nothing to do.\n"


STALE_ONLY = ("--only", "triage=stale-initiatives")


@pytest.mark.usefixtures("office")
def test_shards_together_send_one_sign_of_life(drumbeat, heard, tmp_path):
    for part in PARTS[:-1]:
        shard = ("--shard", part, "--outcomes", tmp_path / f"{part[0]}.json")
        assert drumbeat("apply", "-C", ROOT, *STALE_ONLY, *shard).code == 0
    assert heard == []
    rest = ("apply", "-C", ROOT, *STALE_ONLY, "--shard", "rest")
    assert drumbeat(*rest, "--after", tmp_path).code == 0
    assert heard == ["/alive"]
    assert drumbeat(*rest).code == 0
    assert heard == ["/alive", "/alive"]


@pytest.mark.usefixtures("office")
def test_a_shard_that_did_not_go_well_is_told_and_no_sign_of_life_is_sent(
    drumbeat, heard, tmp_path
):
    good = {"shard": "1/2", "interrupted": False, "problems": [], "outcomes": []}
    (tmp_path / "1.json").write_text(json.dumps(good))
    (tmp_path / "2.json").write_text(json.dumps(good | {"shard": "2/2", "interrupted": True}))
    rest = ("apply", "-C", ROOT, *STALE_ONLY, "--shard", "rest")
    done = drumbeat(*rest, "--after", tmp_path)
    assert (done.code, heard) == (0, [])
    assert done.err.endswith("\nShard 2/2 did not go well.\n")

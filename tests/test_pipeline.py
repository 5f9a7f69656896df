"""The pipeline that is shipped: how several jobs share a run, as far as it can be read."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from automation.model.shard import MOST
from tests.support.sample import REPOSITORY

PIPELINE: dict[str, Any] = yaml.safe_load((REPOSITORY / ".gitlab-ci.yml").read_text("utf-8"))
SHARDED = {name: job for name, job in PIPELINE.items() if "parallel" in job}


def whole(name: str) -> dict[str, Any]:
    """A job with what it extends."""
    job = PIPELINE[name]
    parents = job.get("extends", [])
    merged: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        merged |= whole(parent)
    return merged | job


def conditions(name: str) -> str:
    return " ".join(rule["if"] for rule in whole(name)["rules"])


@pytest.mark.parametrize("name", SHARDED)
def test_a_parallel_job_runs_for_its_own_number(name):
    number = SHARDED[name]["parallel"]
    assert 2 <= number <= MOST
    assert name == f"apply-{number}"
    assert re.findall(r'\$DRUMBEAT_SHARDS == "(\d+)"', conditions(name)) == [str(number)]
    assert f" {number}" in PIPELINE["variables"]["DRUMBEAT_SHARDS"]["description"]


@pytest.mark.parametrize("name", SHARDED)
def test_two_runs_never_meet_in_one_shard(name):
    assert whole(name)["resource_group"] == "drumbeat-$CI_NODE_INDEX"


def test_a_run_is_whole_for_every_other_number():
    assert PIPELINE["variables"]["DRUMBEAT_SHARDS"]["value"] == "1"
    left_out, scheduled = whole("apply")["rules"]
    assert left_out["when"] == "never"
    numbers = {str(job["parallel"]) for job in SHARDED.values()}
    assert set(re.findall(r'\$DRUMBEAT_SHARDS == "(\d+)"', left_out["if"])) == numbers
    assert "DRUMBEAT_SHARDS" not in scheduled["if"]


def test_the_rest_comes_after_all_shards_whatever_became_of_them():
    rest = whole("apply-rest")
    assert {need["job"] for need in rest["needs"]} == set(SHARDED)
    assert all(need["optional"] for need in rest["needs"])
    (rule,) = rest["rules"]
    assert rule["when"] == "always"
    numbers = {str(job["parallel"]) for job in SHARDED.values()}
    assert set(re.findall(r'\$DRUMBEAT_SHARDS == "(\d+)"', rule["if"])) == numbers
    assert "--shard rest --after outcomes " in rest["script"][0]


def test_pages_come_after_whichever_was_last():
    needs = PIPELINE["pages"]["needs"]
    assert {need["job"] for need in needs} == {"apply", "apply-rest"}
    assert all(need["optional"] for need in needs)


@pytest.mark.parametrize("name", ["apply", *SHARDED, "apply-rest"])
def test_a_writer_is_never_cut_short_and_never_repeated_blindly(name):
    job = whole(name)
    assert (job["interruptible"], job["retry"]) == (False, 0)
    assert all('$CI_COMMIT_REF_PROTECTED == "true"' in one["if"] for one in job["rules"][-1:])
    assert '$CI_PIPELINE_SOURCE == "schedule"' in conditions(name)

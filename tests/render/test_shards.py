"""What shards leave behind tells whether all of them went well."""

from __future__ import annotations

import json

import pytest

from automation.model.change import Outcome, Problem, Status
from automation.render.shards import troubles


def outcome(status):
    return Outcome(change="a", kind="b", key="c", status=status).model_dump(mode="json")


def problem(*, blocking):
    return Problem(key="a", message="b", blocking=blocking).model_dump(mode="json")


@pytest.fixture
def leave(tmp_path):
    """Writes what a shard leaves behind."""

    def write(shard, name="", **facts):
        told = {"shard": shard, "interrupted": False, "problems": [], "outcomes": [], "forced": ""}
        file = tmp_path / (name or f"{shard.replace('/', '-')}.json")
        file.write_text(json.dumps(told | facts))

    return write


@pytest.mark.parametrize(
    "facts",
    [
        {"outcomes": [outcome(Status.DONE), outcome(Status.SKIPPED)]},
        {"problems": [problem(blocking=False)]},
    ],
)
def test_all_went_well(tmp_path, leave, facts):
    leave("1/2", **facts)
    leave("2/2")
    assert troubles(tmp_path) == ()


@pytest.mark.parametrize(
    "facts",
    [
        {"outcomes": [outcome(Status.DONE), outcome(Status.FAILED)]},
        {"outcomes": [outcome(Status.UNKNOWN)]},
        {"problems": [problem(blocking=True)]},
        {"interrupted": True},
    ],
)
def test_one_did_not(tmp_path, leave, facts):
    leave("1/2")
    leave("2/2", **facts)
    assert troubles(tmp_path) == ("Shard 2/2 did not go well.",)


def test_one_left_nothing(tmp_path, leave):
    leave("1/3")
    leave("3/3")
    assert troubles(tmp_path) == ("There are no outcomes of shard 2/3.",)


@pytest.mark.parametrize("text", ["", "{}", '{"shard": 1}', "\udcff"])
def test_one_did_not_finish(tmp_path, leave, text):
    leave("1/2")
    file = tmp_path / "2.json"
    file.write_text(text, errors="surrogateescape")
    assert troubles(tmp_path) == (
        f"{file} has no outcomes of a shard: it did not finish.",
        "There are no outcomes of shard 2/2.",
    )


def test_a_run_that_was_no_shard_does_not_count(tmp_path, leave):
    leave("", name="whole.json")
    told = f"{tmp_path / 'whole.json'} has no outcomes of a shard: it did not finish."
    assert troubles(tmp_path) == (told, "There are no outcomes of any shard.")


def test_there_is_nothing_at_all(tmp_path):
    assert troubles(tmp_path / "missing") == ("There are no outcomes of any shard.",)


def test_shards_of_another_number_are_not_counted_in(tmp_path, leave):
    leave("1/2")
    leave("3/3")
    assert troubles(tmp_path) == (
        "There are no outcomes of shard 1/3.",
        "There are no outcomes of shard 2/3.",
    )

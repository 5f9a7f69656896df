"""Labels by their names: how often they are read, and that what is known is true."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import responses

from automation.errors import OutcomeUnknown, Refused
from automation.model.change import EnsureLabel, LabelBefore, PrioritizeLabel, RemoveLabel
from automation.remote.calls import Calls
from automation.remote.label_ids import LabelIds, Place
from tests.remote.remote_world import API, json_text, label_json
from tests.remote.test_remote_provisioner import board
from tests.remote.test_remote_writer import sent

LOOPS = Place("support/loops", in_group=False)
SUPPORT = Place("support", in_group=True)
LABELS = f"{API}/groups/support/labels"
SOON = 30.0


class Listings:
    """Labels as a GitLab has them, which may change, and how often they were read."""

    def __init__(self, server: responses.RequestsMock) -> None:
        self.labels: dict[str, dict[str, int]] = {"groups": {}, "projects": {}}
        self.reads = 0
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        for kind, path in (("groups", "support"), ("projects", "support%2Floops")):
            url = f"{API}/{kind}/{path}/labels"
            server.add_callback("GET", url, partial(self._answer, kind))

    def _answer(self, kind: str, _request: object) -> tuple[int, dict[str, str], str]:
        self.reads += 1
        items = [label_json(one, name) for name, one in self.labels[kind].items()]
        self.begun.set()
        assert self.go_on.wait(SOON)
        return 200, {"X-Next-Page": "", "X-Page": "1", "X-Total": str(len(items))}, json_text(items)


@pytest.fixture
def listings(server):
    return Listings(server)


@pytest.fixture
def ids(gl, still):
    return LabelIds(Calls(gl, still.pacer()))


def test_of_places_that_both_know_a_name_the_last_counts(listings, ids):
    listings.labels = {"projects": {"a": 1, "b": 2}, "groups": {"b": 3, "c": 4}}
    assert ids.of(["a", "c"], LOOPS, SUPPORT) == {"a": 1, "b": 3, "c": 4}
    assert ids.of(["b"], SUPPORT, LOOPS)["b"] == 2
    assert listings.reads == 2


def test_a_name_that_is_not_known_is_looked_for_once_more(listings, ids):
    listings.labels["groups"] = {"a": 1}
    ids.of(["a"], SUPPORT)
    listings.labels["groups"] = {"a": 1, "new": 2}
    assert ids.of(["a"], SUPPORT) == {"a": 1}
    assert listings.reads == 1
    assert ids.of(["a", "new"], SUPPORT) == {"a": 1, "new": 2}
    assert listings.reads == 2


def test_what_was_read_for_this_very_question_is_not_read_again(listings, ids):
    assert ids.of(["a"], LOOPS, SUPPORT) == {}
    assert listings.reads == 2


@pytest.mark.parametrize(
    ("error", "reads"), [(None, 2), (OutcomeUnknown("lost"), 2), (Refused("no", status=403), 1)]
)
def test_after_a_write_that_was_not_refused_it_reads_again(listings, ids, error, reads):
    def write():
        with ids.changing():
            listings.labels["groups"] = {"a": 2}
            if error:
                raise error

    listings.labels["groups"] = {"a": 1}
    assert ids.of(["a"], SUPPORT) == {"a": 1}
    if error:
        with pytest.raises(type(error)):
            write()
    else:
        write()
    assert ids.of(["a"], SUPPORT) == {"a": reads}
    assert listings.reads == reads


def test_threads_that_ask_at_the_same_time_share_one_reading(listings, ids):
    listings.labels["groups"] = {"a": 1}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ids.of(["a"], SUPPORT), range(40)))
    assert found == [{"a": 1}] * 40
    assert listings.reads == 1


def test_what_was_under_way_while_a_label_changed_is_not_kept(listings, ids):
    def rename():
        with ids.changing():
            listings.labels["groups"] = {"new": 1}

    listings.labels["groups"] = {"old": 1}
    listings.go_on.clear()
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(ids.of, ["old"], SUPPORT)
        assert listings.begun.wait(SOON)
        renaming = pool.submit(rename)
        listings.go_on.set()
        assert reading.result(SOON) == {"old": 1}
        renaming.result(SOON)
    assert "old" not in ids.of(["new"], SUPPORT)


# --- As the writer uses it ---------------------------------------------------------------------


def a_label(before: LabelBefore | None = None) -> EnsureLabel:
    return EnsureLabel(
        key="a", reason="", group="support", name="a", color="#00FF00", before=before
    )


def with_list(server, writer):
    """Make a board with a list of the label `a`; what was sent for the list."""
    server.post(f"{API}/groups/support/boards", status=201, json={"id": 3})
    server.post(f"{API}/groups/support/boards/3/lists", status=201, json={"id": 31})
    writer.ensure_board(board(only=None, missing=("a",)))
    return sent(server)[2]


def test_boards_and_priorities_share_what_was_read(server, writer, listings):
    listings.labels = {"groups": {"a": 1}, "projects": {"a": 1}}
    in_project = f"{API}/projects/support%2Floops"
    server.post(f"{in_project}/boards", status=201, json={"id": 3})
    server.post(f"{in_project}/boards/3/lists", status=201, json={"id": 31})
    for _ in range(30):
        writer.ensure_board(board(place="support/loops", in_group=False, only=None, missing=("a",)))
    server.put(f"{in_project}/labels/1", json=label_json())
    writer.prioritize_label(
        PrioritizeLabel(key="k", reason="", project="support/loops", name="a", priority=0)
    )
    assert listings.reads == 2


@pytest.mark.parametrize("what", ["made", "renamed", "removed"])
def test_a_label_that_the_writer_changes_is_read_again(server, writer, listings, what):
    before = LabelBefore(id=9, color="#000000", description="", name="old")
    listings.labels["groups"] = {"a": 1}
    assert with_list(server, writer) == {"label_id": 1}
    listings.labels["groups"] = {"a": 9}
    if what == "made":
        server.post(LABELS, status=201, json=label_json())
        writer.ensure_label(a_label())
    elif what == "renamed":
        server.put(f"{LABELS}/9", json=label_json())
        writer.ensure_label(a_label(before))
    else:
        server.delete(f"{LABELS}/9", status=204)
        writer.remove_label(
            RemoveLabel(key="old", reason="", group="support", name="old", before=before)
        )
    assert with_list(server, writer) == {"label_id": 9}
    assert listings.reads == 2


@pytest.mark.parametrize("status", [400, 409])
def test_a_label_that_another_shard_made_first_is_there(server, writer, listings, status):
    listings.labels["groups"] = {"a": 1}
    server.post(LABELS, status=status, json={"message": "Label already exists"})
    assert writer.ensure_label(a_label()).endswith("/groups/support/-/labels")
    writer.ensure_label(a_label())
    assert listings.reads == 1


@pytest.mark.parametrize(("status", "reads"), [(400, 1), (409, 1), (403, 0), (404, 0)])
def test_a_label_that_is_refused_and_is_not_there_is_refused(
    server, writer, listings, status, reads
):
    listings.labels["groups"] = {"b": 1}
    server.post(LABELS, status=status, json={"message": "no"})
    with pytest.raises(Refused) as caught:
        writer.ensure_label(a_label())
    assert caught.value.status == status
    assert listings.reads == reads

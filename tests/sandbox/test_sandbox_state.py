"""Saving, loading and resetting the state; a database of another version; further limits."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import select, text

from automation.sandbox.saving import ForeignState, load
from automation.sandbox.schema import User
from automation.sandbox.store import Store
from tests.sandbox.world import new_space

BYTES = {"Content-Type": "application/octet-stream"}


def give(client, data):
    return client.send("PUT", "/sandbox/state", data=data, headers=BYTES)


def test_a_state_is_saved_and_given_back(fixed):
    space = new_space(fixed)
    issue = space.issue(labels="kept")
    fixed.put("/sandbox/tier", {"tier": "premium"})
    saved = fixed.get("/sandbox/state")
    assert saved.headers["Content-Type"] == "application/octet-stream"
    before = fixed.get("/sandbox/clock").json()["now"]
    fixed.put("/sandbox/tier", {"tier": "free"})
    fixed.put("/sandbox/clock", {"now": "2027-01-01T00:00:00Z"})
    fixed.delete(space.at(issue))
    answer = give(fixed, saved.content)
    assert answer.json() == {"now": before, "fixed": True, "tier": "premium"}
    assert space.again(issue)["labels"] == ["kept"]
    assert space.issue()["iid"] == issue["iid"] + 1


@pytest.mark.parametrize("into", [":memory:", "other.db"])
def test_the_state_of_a_file_is_taken_by_others(tmp_path, into):
    place = into if into == ":memory:" else str(tmp_path / into)
    with Store(str(tmp_path / "gitlab.db")) as one, Store(place) as other:
        with one.session() as session:
            session.scalars(select(User)).one().note = "kept"
            session.commit()
        other.load(one.save())
        with other.session() as session:
            assert session.scalars(select(User.note)).all() == ["kept"]
    with Store(place) as again, again.session() as session:
        kept = [] if into == ":memory:" else ["kept"]
        assert session.scalars(select(User.note).where(User.note.is_not(None))).all() == kept


def test_a_state_is_reset(fixed):
    new_space(fixed)
    fixed.put("/sandbox/clock", {"now": "2027-01-01T00:00:00Z"})
    fixed.put("/sandbox/limits", {"notes_per_minute": 1})
    fixed.put("/sandbox/faults", [{"action": "status", "route": "/nowhere"}])
    answer = fixed.delete("/sandbox/state")
    assert answer.json() == {"now": "2026-11-23T08:00:00.000Z", "fixed": True, "tier": "free"}
    assert fixed.get("/groups").json() == fixed.get("/sandbox/faults").json() == []
    assert fixed.get("/sandbox/limits").json()["notes_per_minute"] is None
    assert new_space(fixed).project["id"] == 1


def test_a_state_is_for_administrators(space, client):
    assert client(None).get("/sandbox/state").status_code == 401
    assert space.someone().get("/sandbox/state").status_code == 403


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "the body is empty"), (b"x" * 4096, "it is no saved state: file is not a database")],
)
def test_what_is_no_state(fixed, data, why):
    refused = give(fixed, data)
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": f"400 Bad request - {why}; send what GET /sandbox/state gave"},
    )


def test_a_database_that_was_not_saved_is_no_state():
    with sqlite3.connect(":memory:") as other:
        other.execute("CREATE TABLE issues (id)")
        data = other.serialize()
    other.close()
    with sqlite3.connect(":memory:") as mine, pytest.raises(ForeignState):
        load(mine, data)
    mine.close()


def test_a_file_of_another_version_is_refused(tmp_path):
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.execute("CREATE TABLE issues (id)")
    old.close()
    with pytest.raises(OSError, match="no state of this version") as caught:
        Store(str(file))
    assert "delete the file" in str(caught.value)


def test_a_file_keeps_its_content(tmp_path):
    file = str(tmp_path / "kept.db")
    told = []
    for _ in range(2):
        store = Store(file)
        with store.session() as session:
            told.append(session.scalars(text("SELECT created_at FROM users ORDER BY id")).all())
        store.close()
    assert told[0]
    assert told[0] == told[1]


def test_reading_members_and_users_has_limits_of_its_own(fixed):
    space = new_space(fixed)
    fixed.put("/sandbox/limits", {"members_per_minute": 1, "users_per_minute": 1})
    for path in (f"{space.path}/members/all", "/users/1"):
        assert [fixed.get(path).status_code for _ in range(2)] == [200, 429]
    other = space.someone()
    assert other.get("/users/1").status_code == 200
    space.close()

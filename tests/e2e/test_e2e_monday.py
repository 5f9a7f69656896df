"""Monday in six time zones: what opens when, held against a table that was written by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import outside
from tests.e2e.conftest import served
from tests.e2e.drive import planned
from tests.e2e.outside import BOT, ROOT_TOKEN

SYDNEY, KOLKATA, BERLIN = "mgr-apac-2", "mgr-apac-1", "mgr-emea-2"
DUBLIN, SAO_PAULO, DENVER = "mgr-emea-1", "mgr-amer-2", "mgr-amer-1"

# 08:00 on Monday 2026-11-23: Sydney is at UTC+11 in November, Kolkata at +5:30, Berlin at
# +1, Dublin at 0, São Paulo at -3, Denver at -7.
OPENED = {
    "2026-11-22T20:59:59Z": [],
    "2026-11-22T21:00:00Z": [SYDNEY],
    "2026-11-23T02:29:59Z": [SYDNEY],
    "2026-11-23T02:30:00Z": [SYDNEY, KOLKATA],
    "2026-11-23T06:59:59Z": [SYDNEY, KOLKATA],
    "2026-11-23T07:00:00Z": [SYDNEY, KOLKATA, BERLIN],
    "2026-11-23T07:59:59Z": [SYDNEY, KOLKATA, BERLIN],
    "2026-11-23T08:00:00Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN],
    "2026-11-23T10:59:59Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN],
    "2026-11-23T11:00:00Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN, SAO_PAULO],
    "2026-11-23T14:59:59Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN, SAO_PAULO],
    "2026-11-23T15:00:00Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN, SAO_PAULO, DENVER],
    # The same instants as other people's watches show them.
    "2026-11-23T08:00:00+11:00": [SYDNEY],
    "2026-11-23T08:00:00+05:30": [SYDNEY, KOLKATA],
    "2026-11-23T08:00:00-07:00": [SYDNEY, KOLKATA, BERLIN, DUBLIN, SAO_PAULO, DENVER],
    # Nobody ran it on Monday: the week is still on.
    "2026-11-26T03:00:00Z": [SYDNEY, KOLKATA, BERLIN, DUBLIN, SAO_PAULO, DENVER],
}
QUARTERLY = {
    "career-talk/mgr-amer-1/FY27-Q4",
    "career-talk/mgr-amer-2/FY27-Q4",
    "career-talk/mgr-emea-1/FY27-Q4",
    "career-talk/mgr-emea-2/FY27-Q4",
    "career-talk/mgr-apac-1/FY27-Q4",
    "career-talk/mgr-apac-2/FY27-Q4",
}
"""The quarter began on the first of November, everywhere."""


@pytest.fixture(scope="module")
def seeded():
    """A GitLab that the outside script has set up, as a program of its own."""
    with served(now="2026-11-20T12:00:00Z") as site:
        script = [sys.executable, "-I", str(Path(outside.__file__)), site.url, ROOT_TOKEN]
        printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        site.tokens.update(json.loads(printed))
        yield site


@pytest.mark.parametrize("now", OPENED)
def test_each_loop_opens_when_its_monday_has_come(seeded, now):
    seeded.forget_requests()
    plan = planned(seeded, now)
    assert seeded.writes() == {}
    opening = [change for change in plan["changes"] if change["kind"] == "create-issue"]
    weekly = {
        f"{cadence}/{manager}/2026-W48"
        for cadence in ("one-on-one", "ticket-review", "customer-interaction")
        for manager in OPENED[now]
    }
    assert sorted(change["key"] for change in opening) == sorted(weekly | QUARTERLY)
    assert {change["kind"] for change in plan["changes"]} == {"create-issue", "ensure-label"}
    assert plan["problems"] == []
    for change in opening:
        cadence, manager, _ = change["key"].split("/")
        private = cadence in ("one-on-one", "career-talk")
        assert change["project"] == f"support/1-1s/{manager}" if private else "support/loops"
        assert change["assignees"] == [manager]
        assert change["confidential"] == (cadence != "customer-interaction")
        assert change["due_date"] == ("2027-01-29" if cadence == "career-talk" else "2026-11-27")


def test_the_plan_holds_no_word_of_what_is_confidential(seeded):
    plan = json.dumps(planned(seeded, "2026-11-23T15:00:00Z"))
    assert "Wellbeing" not in plan
    assert "Keisha Abernathy" not in plan
    assert "Join a pairing session" in plan  # that of the open cadence is there
    assert seeded.tokens[BOT] not in plan

"""Time tracking: ``lib/api/time_tracking_endpoints.rb``, ``lib/gitlab/time_tracking_formatter.rb``."""

from __future__ import annotations

import pytest

from automation.sandbox import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3h30m", 12600),
        ("3h 30m", 12600),
        ("1h, 5 minutes and 3 secs", 3903),
        ("1d", 28800),
        ("1w 2d", 201600),
        ("1mo", 576000),
        ("1.5h", 5400),
        ("2", 7200),
        ("90 min", 5400),
        ("-1h", -3600),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("3 parsecs", None),
        ("1h nonsense", None),
    ],
)
def test_durations_as_people_write_them(text, seconds):
    assert durations.parse(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, None),
        (59, "59s"),
        (12600, "3h 30m"),
        (28800, "1d"),
        (576000 + 144000 + 3661, "1mo 1w 1h 1m 1s"),
        (-3600, "-1h"),
    ],
)
def test_durations_as_gitlab_says_them(seconds, text):
    assert durations.spoken(seconds) == text


def test_estimates(space):
    issue = space.issue()
    at = space.at(issue)
    made = space.root.post(f"{at}/time_estimate", {"duration": "3h30m"})
    assert (made.status_code, made.json()) == (
        200,
        {
            "time_estimate": 12600,
            "total_time_spent": 0,
            "human_time_estimate": "3h 30m",
            "human_total_time_spent": None,
        },
    )
    assert space.again(issue)["time_stats"] == made.json()
    reset = space.root.post(f"{at}/reset_time_estimate")
    assert (reset.status_code, reset.json()["time_estimate"]) == (200, 0)
    space.root.post(f"{at}/reset_time_estimate")
    assert space.notes(issue) == ["changed time estimate to 3h 30m", "removed time estimate"]


@pytest.mark.parametrize("duration", ["soon", "-1h"])
def test_a_wrong_estimate(space, duration):
    at = space.at(space.issue(), "/time_estimate")
    answer = space.root.post(at, {"duration": duration})
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "message": "400 Bad request - Time estimate must have a valid format and be greater "
            "than or equal to zero."
        },
    )
    assert space.root.post(at, {}).json() == {"error": "duration is missing"}


def test_time_spent(space):
    issue = space.issue()
    at = space.at(issue)
    added = space.root.post(f"{at}/add_spent_time", {"duration": "2h"})
    assert (added.status_code, added.json()["total_time_spent"]) == (201, 7200)
    less = space.root.post(f"{at}/add_spent_time", {"duration": "-30m"}).json()
    assert less["human_total_time_spent"] == "1h 30m"
    space.root.post(f"{at}/add_spent_time", {"duration": "0"})
    too_much = space.root.post(f"{at}/add_spent_time", {"duration": "-2h"})
    assert (too_much.status_code, too_much.json()) == (
        400,
        {"message": {"base": ["Time to subtract exceeds the total time spent"]}},
    )
    wrong = space.root.post(f"{at}/add_spent_time", {"duration": "soon"})
    assert wrong.status_code == 400
    reset = space.root.post(f"{at}/reset_spent_time")
    assert (reset.status_code, reset.json()["total_time_spent"]) == (200, 0)
    space.root.post(f"{at}/reset_spent_time")
    assert space.notes(issue) == [
        "added 2h of time spent",
        "subtracted 30m of time spent",
        "removed time spent",
    ]
    assert space.again(issue)["updated_at"] > issue["updated_at"]


def test_time_is_for_planners_and_above(space):
    guest, issue = space.member("guest"), space.issue()
    answer = guest.post(space.at(issue, "/add_spent_time"), {"duration": "1h"})
    assert answer.status_code == 403
    assert guest.get(space.at(issue, "/time_stats")).json()["time_estimate"] == 0

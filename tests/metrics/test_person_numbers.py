"""What a person's numbers say in a 1:1."""

from __future__ import annotations

import pytest

from automation.metrics.report import PersonNumbers, Week, spark
from automation.model.metrics import Baseline, MetricsPolicy, Numbers

STANDARD = Baseline(solved=5, public_replies=40, internal_notes=10)
POLICY = MetricsPolicy(
    name="tickets",
    file="metrics/*.csv",
    baselines={"Standard": STANDARD, "any": Baseline(solved=2)},
)


def numbers(*weeks, policy=POLICY):
    """One person's weeks; each is a row, rows, or None where nothing is known."""
    rows = [() if one is None else one if isinstance(one, tuple) else (one,) for one in weeks]
    labels = [f"2026-W{44 + at}" for at in range(len(rows))]
    return PersonNumbers(
        tuple(Week(label, found) for label, found in zip(labels, rows, strict=True)), policy
    )


def replies(public, own):
    return Numbers(5, public, own, 10, "standard")


def test_the_last_week_in_numbers():
    two = (Numbers(1, 10, 6, 2, "standard"), Numbers(2, 10, 4, 3, "license"))
    last = numbers(replies(40, 20), two)
    counts = (last.solved, last.public_replies, last.internal_notes)
    assert counts == (3, 20, 5)
    assert last.own_percent == 50


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (49, "below the band of 50–60 %"),
        (50, "in the band of 50–60 %"),
        (60, "in the band of 50–60 %"),
        (61, "above the band of 50–60 %"),
    ],
)
def test_where_the_share_of_own_tickets_lies(own, words):
    assert numbers(replies(100, own)).band == words


def test_without_public_replies_there_is_no_share():
    silent = numbers(replies(0, 0))
    assert (silent.own_percent, silent.band) == (None, "")


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([0, 1, 2, 7], "▁▂▃█"),
        ([3, None, 3], "█·█"),
        ([0, 0], "▁▁"),
        ([None], "·"),
        ([], ""),
    ],
)
def test_a_trend_is_a_line_of_bars(values, line):
    assert spark(values) == line


def test_the_trend_of_public_replies_shows_weeks_without_numbers():
    assert numbers(replies(10, 5), None, replies(20, 5), replies(40, 20)).trend == "▃·▅█"


def test_at_the_baseline_over_several_weeks():
    """One weak week is no reason to talk: the average counts."""
    assert numbers(replies(70, 35), replies(10, 5)).baseline == "at the baseline"


def test_below_the_baseline_in_what_and_by_how_much():
    assert (
        numbers(Numbers(5, 30, 15, 4, "standard"), None).baseline
        == "below the baseline: public replies 30 of 40, internal notes 4 of 10"
    )


def test_a_week_of_mixed_types_is_judged_by_the_one_it_was_about():
    mixed = (Numbers(1, 5, 1, 0, "standard"), Numbers(1, 9, 1, 0, "license"))
    assert numbers(mixed).baseline == "at the baseline"


def test_without_a_baseline_nothing_is_said():
    bare = MetricsPolicy(name="tickets", file="a.csv")
    assert numbers(replies(1, 1), policy=bare).baseline == ""
    assert numbers(None).baseline == ""

"""A limit on creations that no header tells: Drumbeat stays under it, and hardly ever hits it."""

from __future__ import annotations

from automation.apply import LANES
from automation.remote.limits import Rate
from tests.support.limited import limited


def test_what_is_known_of_a_limit_keeps_requests_under_it() -> None:
    with limited(20, 1) as gitlab:
        went = gitlab.create(90, known=gitlab.rate)
    assert went.requests - went.refused == 90
    assert went.refused / went.requests < 0.01, went


def test_what_is_not_known_is_learnt_from_the_first_refusal() -> None:
    """Those that are under way together are refused together, and after that hardly one."""
    with limited(40, 5) as gitlab:
        went = gitlab.create(90, known=Rate(None, 5))
    assert went.requests - went.refused == 90
    assert went.refused <= 2 * LANES, went

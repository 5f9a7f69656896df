"""A token that cannot see everything creates nothing where it is blind, and says why."""

from __future__ import annotations

import pytest

from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import BOT, GUEST, PLANNER, titles
from tests.e2e.small import MANAGERS, settle, usual

MONDAY = "2026-11-23T08:00:00Z"
NOT_PROVEN = "the token's role in support/loops is not proven to be Planner or above"


def test_a_guest_creates_nothing_and_says_why(empty, tmp_path):
    """GitLab answers a Guest with 200, and leaves out what is confidential."""
    site = settle(empty("2026-11-20T12:00:00Z"), bot_role=GUEST)
    repo = usual(tmp_path, confidential=True)
    site.forget_requests()
    for verb in ("plan", "apply"):
        ran = drumbeat(site, verb, MONDAY, root=repo, expect=3)
        told = ran.out if verb == "plan" else ran.err
        assert NOT_PROVEN in told
        assert "confidential issues may be hidden" in told
        assert "the token's user the role Planner or above there" in told
    assert site.writes() == {}
    assert site.issues() == []


def test_a_token_that_went_blind_does_not_open_what_it_no_longer_sees(empty, tmp_path):
    """The old token opened them; the new one's user is a Guest."""
    site = settle(empty("2026-11-20T12:00:00Z"))
    repo = usual(tmp_path, confidential=True)
    apply(site, MONDAY, root=repo)
    site.user("new-drumbeat")
    site.member("groups", "support", "new-drumbeat", GUEST)
    site.forget_requests()
    token = site.tokens["new-drumbeat"]
    ran = drumbeat(site, "apply", "2026-11-24T08:00:00Z", root=repo, token=token, expect=3)
    assert NOT_PROVEN in ran.err
    assert site.writes() == {}
    assert len(site.issues()) == 3


def test_a_new_tokens_user_goes_on_where_the_old_one_stopped(empty, tmp_path):
    """With the role, and the old user named in the settings, it sees what the old one did."""
    site = settle(empty("2026-11-20T12:00:00Z"))
    repo = usual(tmp_path)
    apply(site, MONDAY, root=repo)
    site.user("new-drumbeat")
    site.member("groups", "support", "new-drumbeat", PLANNER)
    site["anna"].tick(site.loop("Weekly of Anna"))
    token = site.tokens["new-drumbeat"]
    apply(site, "2026-11-24T08:00:00Z", root=repo, token=token)
    assert titles(site.issues(state="closed")) == ["Weekly of Anna · 2026-W48"]
    assert len(site.issues()) == 3


def test_the_loops_of_a_user_who_is_gone_still_count(empty, tmp_path):
    """GitLab gives what a removed user wrote to Ghost."""
    site = settle(empty("2026-11-20T12:00:00Z"))
    repo = usual(tmp_path)
    apply(site, MONDAY, root=repo)
    old = site.root.get("/users", username=BOT)[0]["id"]
    site.root.delete(f"/users/{old}")
    site.user("new-drumbeat")
    site.member("groups", "support", "new-drumbeat", PLANNER)
    token = site.tokens["new-drumbeat"]
    ran = drumbeat(site, "apply", "2026-11-24T08:00:00Z", root=repo, token=token)
    assert ran.nothing_to_do
    assert len(site.issues()) == len(MANAGERS)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("glpat-no-such-token-anywhere", "GitLab does not accept the token"),
        ("with blanks in it", "The token for GitLab has blanks"),
    ],
)
def test_a_wrong_token_shows_nowhere(empty, tmp_path, token, message):
    site, repo = settle(empty("2026-11-20T12:00:00Z")), usual(tmp_path)
    ran = drumbeat(site, "apply", MONDAY, root=repo, token=token, expect=None)
    assert ran.code in (2, 3)
    assert message in ran.err
    assert token not in ran.out + ran.err

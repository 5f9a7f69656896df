"""Quick actions about relations, effort and reactions: ``lib/gitlab/quick_actions``."""

from __future__ import annotations


def say(space, issue, body, by=None):
    return (by or space.root).post(space.at(issue, "/notes"), {"body": body})


def done(space, issue, text, by=None):
    answer = say(space, issue, text, by)
    assert answer.status_code == 202, answer.text
    return answer.json()["summary"][0]


def links(space, issue):
    return [
        (one["iid"], one["link_type"]) for one in space.root.get(space.at(issue, "/links")).json()
    ]


def test_relating(space):
    issue, two, three = (space.issue() for _ in range(3))
    said = done(space, issue, "/relate #2 #3 #99")
    assert said == "Added #2 and #3 as a linked item related to this issue."
    assert links(space, issue) == [(2, "relates_to"), (3, "relates_to")]
    done(space, issue, "/link #2 #1")
    assert len(links(space, issue)) == 2
    assert done(space, issue, "/unlink #2") == "Removed linked item #2."
    assert links(space, issue) == [(3, "relates_to")]
    assert done(space, issue, "/unlink #2") == "No linked issue matches the provided parameter."
    assert say(space, issue, "/relate nothing").status_code == 400
    assert space.notes(two)[-1] == "removed the relation with #1"
    assert space.notes(three) == ["marked this issue as related to #1"]


def test_blocking(premium):
    issue, two, three = (premium.issue() for _ in range(3))
    blocks, blocked_by = f"/blocks #{two['iid']}", f"/blocked_by #{three['iid']}"
    assert done(premium, issue, blocks).endswith("as a linked item blocked by this issue.")
    assert done(premium, issue, blocked_by).endswith("as a linked item blocking this issue.")
    assert links(premium, issue) == [(two["iid"], "blocks"), (three["iid"], "is_blocked_by")]


def test_who_may_not_relate(new):
    space = new(visibility="public")
    issue = space.issue()
    space.issue()
    for text, name in (("/relate #2", "relate"), ("/unlink #2", "unlink")):
        said = done(space, issue, text, by=space.someone())
        assert said == f"Could not apply {name} command."
    assert done(space, issue, "/blocks #2") == "Could not apply blocks command."


def test_weights(premium):
    issue = premium.issue()
    assert done(premium, issue, "/weight 5") == "Set weight to 5."
    assert premium.again(issue)["weight"] == 5
    assert done(premium, issue, "/clear_weight") == "Cleared weight."
    assert done(premium, issue, "/clear_weight") == "Could not apply clear_weight command."
    assert say(premium, issue, "/weight much").status_code == 400


def test_weights_are_for_paid_tiers(space):
    assert done(space, space.issue(), "/weight 5") == "Could not apply weight command."


def test_effort(space):
    issue = space.issue(description="words\n\n/estimate 1d")
    assert issue["time_stats"]["human_time_estimate"] == "1d"
    assert done(space, issue, "/estimate 3h") == "Set time estimate to 3h."
    assert done(space, issue, "/remove_estimate") == "Removed time estimate."
    assert say(space, issue, "/estimate soon").status_code == 400
    assert say(space, issue, "/estimate 0").status_code == 400
    answer = say(space, issue, "/spend 2h").json()
    assert answer["summary"] == ["Added 2h spent time."]
    assert answer["commands_changes"]["spend_time"]["duration"] == 7200
    assert done(space, issue, "/spent -30m 2026-01-02") == "Subtracted 30m spent time."
    assert space.again(issue)["time_stats"]["human_total_time_spent"] == "1h 30m"
    assert space.notes(issue)[-1] == "subtracted 30m of time spent at 2026-01-02"
    for wrong in ("0", "soon", "1h 2099-01-01", "1h 2026-99-99"):
        assert say(space, issue, f"/spend {wrong}").status_code == 400
    too_much = say(space, issue, "/spend -9h")
    assert too_much.status_code == 400
    assert "Time to subtract exceeds" in too_much.json()["message"]
    assert done(space, issue, "/remove_time_spent") == "Removed spent time."
    assert space.again(issue)["time_stats"]["total_time_spent"] == 0


def test_reacting(space):
    issue = space.issue()
    assert done(space, issue, "/award :+1:") == "Toggled :+1: emoji award."
    assert space.again(issue)["upvotes"] == 1
    done(space, issue, "/react :thumbsup:")
    assert space.again(issue)["upvotes"] == 0
    assert say(space, issue, "/react nothing").status_code == 400

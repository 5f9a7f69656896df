"""Reactions: GitLab's ``doc/api/award_emoji.md`` and ``app/models/award_emoji.rb``."""

from __future__ import annotations

import pytest


def react(space, at, name, by=None):
    return (by or space.root).post(f"{at}/award_emoji", {"name": name})


@pytest.fixture
def noted(space):
    """An issue with a note: where one reacts to the first, and to the second."""
    issue = space.issue()
    note = space.root.made(space.at(issue, "/notes"), body="a note")
    return issue, note, space.at(issue), space.at(issue, f"/notes/{note['id']}")


def test_reacting_to_an_issue(space, noted):
    issue, _, at, _ = noted
    made = react(space, at, "rocket")
    assert made.status_code == 201
    award = made.json()
    assert list(award) == [
        "id", "name", "user", "created_at", "updated_at", "awardable_id", "awardable_type", "url",
    ]  # fmt: skip
    assert (award["awardable_id"], award["awardable_type"]) == (issue["id"], "Issue")
    assert (award["name"], award["user"]["username"]) == ("rocket", "root")
    assert space.root.get(f"{at}/award_emoji").json() == [award]
    assert space.root.get(f"{at}/award_emoji/{award['id']}").json() == award


def test_reacting_to_a_note(space, noted):
    issue, note, at, on_note = noted
    award = react(space, on_note, "thumbsup").json()
    assert (award["awardable_id"], award["awardable_type"]) == (note["id"], "Note")
    assert space.root.get(f"{at}/award_emoji").json() == []
    assert space.root.get(f"{at}/award_emoji/{award['id']}").json() == {"message": "404 Not found"}
    assert space.root.get(f"{on_note}/award_emoji").json() == [award]
    assert space.root.get(on_note).json()["updated_at"] > note["updated_at"]
    assert space.again(issue)["upvotes"] == 0


def test_votes_are_counted(space, noted):
    issue, _, at, _ = noted
    guest, other = space.member("guest"), space.member("guest")
    before = space.again(issue)["updated_at"]
    made = [
        react(space, at, name, by=who)
        for name, who in (("thumbsup", guest), ("+1", other), ("-1", guest), ("star", guest))
    ]
    assert [answer.json()["name"] for answer in made] == [
        "thumbsup", "thumbsup", "thumbsdown", "star",
    ]  # fmt: skip
    voted = space.again(issue)
    assert (voted["upvotes"], voted["downvotes"]) == (2, 1)
    gone = guest.delete(f"{at}/award_emoji/{made[0].json()['id']}")
    assert gone.status_code == 204
    assert space.again(issue)["upvotes"] == 1
    assert voted["updated_at"] == before


def test_what_is_refused(space, noted):
    _, _, at, on_note = noted

    def why(answer):
        assert answer.status_code == 404
        return answer.json()["message"]

    assert space.root.post(f"{at}/award_emoji", {}).json() == {"error": "name is missing"}
    assert why(react(space, at, "")) == "404 Award Emoji Name can't be blank Not Found"
    assert why(react(space, at, "no such!")) == (
        "404 Award Emoji Name is not a valid emoji name Not Found"
    )
    react(space, at, "tada")
    assert why(react(space, at, "tada")) == (
        "404 Award Emoji Name has already been taken Not Found"
    )
    assert react(space, on_note, "tada").status_code == 201
    space.root.put(at, {"title": "changed"})
    system = space.root.get(f"{at}/notes").json()[0]
    assert react(space, f"{at}/notes/{system['id']}", "tada").status_code == 404
    assert space.root.get(f"{at}/award_emoji/x").json() == {"error": "award_id is invalid"}


def test_only_ones_own_reaction_goes(space, noted):
    _, _, at, _ = noted
    guest = space.member("guest")
    mine = react(space, at, "eyes", by=guest).json()
    theirs = space.member("owner").delete(f"{at}/award_emoji/{mine['id']}")
    assert (theirs.status_code, theirs.json()) == (401, {"message": "401 Unauthorized"})
    assert space.root.delete(f"{at}/award_emoji/{mine['id']}").status_code == 204


def test_filtering_and_sorting_by_reactions(space):
    loved, liked, plain = space.issue("loved"), space.issue("liked"), space.issue("plain")
    guest = space.member("guest")
    react(space, space.at(loved), "thumbsup")
    react(space, space.at(loved), "thumbsup", by=guest)
    react(space, space.at(liked), "thumbsup", by=guest)
    react(space, space.at(plain), "star", by=guest)

    def found(query, by=None):
        answer = (by or space.root).get(f"{space.path}/issues?sort=asc&{query}")
        return [issue["title"] for issue in answer.json()]

    assert found("my_reaction_emoji=thumbsup") == ["loved"]
    assert found("my_reaction_emoji=thumbsup", guest) == ["loved", "liked"]
    assert found("my_reaction_emoji=Any", guest) == ["loved", "liked", "plain"]
    assert found("my_reaction_emoji=None") == ["liked", "plain"]
    assert found("not[my_reaction_emoji]=star", guest) == ["loved", "liked"]
    down = space.root.get(f"{space.path}/issues", {"order_by": "popularity", "sort": "desc"})
    assert [issue["title"] for issue in down.json()] == ["loved", "liked", "plain"]


def test_nobody_in_particular_reacted(new, client):
    space = new(visibility="public")
    space.issue()
    answer = client(None).get(f"{space.path}/issues", {"my_reaction_emoji": "star"})
    assert len(answer.json()) == 1


def test_reactions_go_along_with_a_move(new):
    one, other = new(), new()
    issue = one.issue()
    react(one, one.at(issue), "thumbsup")
    moved = one.root.made(one.at(issue, "/move"), to_project_id=other.project["id"])
    assert moved["upvotes"] == 1
    assert [a["name"] for a in one.root.get(one.at(moved, "/award_emoji")).json()] == ["thumbsup"]

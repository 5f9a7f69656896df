"""What triage rules do, on a GitLab over HTTP: once, and never against people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.drive import apply, drumbeat, outcomes
from tests.e2e.outside import BOT, OTHER_BOT, PLANNER, REPORTER, Site, at, escaped, initiative
from tests.e2e.small import manager, repository, roster, settings, settle

OPENED = "2026-10-05T09:00:00Z"
NOW = "2026-11-23T09:00:00Z"
LATER = "2026-11-23T10:00:00Z"
TEMPLATES = {
    "note.md": "{{ mentions }} A note on {{ issue.title }}.",
    "more.md": "- [ ] More on {{ issue.title }}",
    "list.md": "{% for one in matches %}\n- {{ one.reference }}: {{ one.title }}\n{% endfor %}",
}


def rule(name: str = "r", when: str = "true", limits: Any = None, **do: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "do": do, "limits": limits or {}}


class Grove:
    """A group's project over HTTP, with one policy of the test's."""

    def __init__(self, site: Site, folder: Any) -> None:
        self.site = site
        self.folder = folder
        self.eve = site["eve"]

    def policy(self, *rules: dict[str, Any], **where: Any) -> None:
        oak = {"id": "oak", "project": "support/sgg/oak", "sponsor": "anna", "managers": ["bob"]}
        self.repo = repository(
            self.folder / "repo",
            settings(bots=[OTHER_BOT]),
            roster(manager("anna"), manager("bob"), groups=[{**oak, "timezone": "UTC"}]),
            {
                "kind": "triage",
                "name": "pol",
                "where": {"group": "support/sgg", **where},
                "rules": list(rules),
            },
            templates=TEMPLATES,
        )

    def open(self, title: str = "Runbook", **facts: Any) -> dict[str, Any]:
        return initiative(self.eve, "oak", title, **facts)

    def run(self, now: str = NOW, expect: int | None = 0) -> Any:
        """Run once; a plan right after is empty."""
        ran = apply(self.site, now, root=self.repo, expect=expect)
        self.at_rest(now)
        return ran

    def at_rest(self, now: str = LATER) -> None:
        again = apply(self.site, now, root=self.repo)
        assert again.nothing_to_do, again.out

    def see(self, issue: dict[str, Any]) -> dict[str, Any]:
        return self.site.root.see(issue)

    def ours(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        return [n for n in self.site.root.notes(issue) if n["author"]["username"] == BOT]

    def made(self) -> list[dict[str, Any]]:
        """What Drumbeat opened, in the order of the titles: it opens several at once."""
        return sorted(self.site.loops(), key=lambda one: str(one["title"]))


@pytest.fixture
def grove(empty, tmp_path) -> Grove:
    site = settle(empty("2026-10-01T09:00:00Z"), "anna", "bob")
    for path in ("support/sgg/oak", "support/sgg/elm"):
        site.project(path)
    for name in ("eve", OTHER_BOT):
        site.user(name)
        site.member("groups", "support", name, PLANNER)
    for name in ("anna", "bob"):
        site.member("groups", "support/sgg", name, REPORTER)
    site.at(OPENED)
    return Grove(site, tmp_path)


# --- Labels ------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ["free", "premium"])
@pytest.mark.parametrize("comment", [{}, {"comment": "note.md"}], ids=["silent", "told"])
@pytest.mark.parametrize(
    ("before", "do", "after"),
    [
        ("a", {"label": ["b", "x::y::2"]}, {"a", "b", "x::y::2"}),
        ("x::1,x::y::1", {"label": "x::2"}, {"x::2", "x::y::1"}),
        ("t::a,t::b::c,u", {"unlabel": ["t::*", "zz*"]}, {"u"}),
        ("x::1", {"label": "x::2", "unlabel": "x::*"}, {"x::2"}),
    ],
)
def test_labels(grove, tier, comment, before, do, after):
    grove.site.root.put("/sandbox/tier", tier=tier)
    grove.policy(rule(**do, **comment))
    issue = grove.open(labels=before)
    grove.run()
    assert set(grove.see(issue)["labels"]) == after
    assert len(grove.ours(issue)) == len(comment)


# --- Words -------------------------------------------------------------------------------


def test_a_comment_is_said_once_and_mentions_whom_it_should(grove):
    grove.policy(
        rule(comment="note.md", mention=["group.managers", "author", "assignees"]),
    )
    user = grove.site.root.get("/users", username="bob")[0]["id"]
    issue = grove.open(assignee_ids=[user])
    grove.run()
    (note,) = grove.ours(issue)
    assert note["body"].startswith("@anna @bob @eve A note on Runbook.")
    grove.site.root.delete(f"{at(issue)}/notes/{note['id']}")
    grove.eve.comment(issue, "It is gone")
    grove.run(LATER)  # whoever deletes it gets it again: nothing else tells that it was said
    assert len(grove.ours(issue)) == 1
    grove.at_rest("2027-06-01T09:00:00Z")


def test_a_comment_comes_again_after_some_days(grove):
    grove.policy(rule(comment="note.md", repeat_after=7))
    issue = grove.open()
    grove.run()
    grove.at_rest("2026-11-29T09:00:00Z")
    grove.run("2026-11-30T12:00:00Z")
    assert len(grove.ours(issue)) == 2


def test_a_thread_and_an_internal_note(grove):
    grove.policy(
        rule("a", comment="note.md", internal=True),
        rule("b", label="x", comment="more.md", thread=True),
    )
    issue = grove.open()
    grove.run()
    inner, outer = grove.ours(issue)
    assert (inner["internal"], outer["internal"]) == (True, False)
    assert (outer["type"], outer["resolvable"]) == ("DiscussionNote", True)
    assert "x" in grove.see(issue)["labels"]


# --- Deeds, and people who undo them -------------------------------------------------------


def assigned(grove, issue):
    return [one["username"] for one in grove.see(issue)["assignees"]]


def milestone(grove, issue):
    return (grove.see(issue)["milestone"] or {}).get("title")


def with_milestone(grove):
    path = f"/projects/{escaped('support/sgg/oak')}/milestones"
    grove.site.root.post(path, title="17.8")


DEEDS: dict[str, Any] = {
    "assign": ({"assign": "group.sponsor"}, assigned, ["anna"], {"assignee_ids": []}, []),
    "author": ({"assign": "author"}, assigned, ["eve"], {"assignee_ids": []}, []),
    "milestone": ({"milestone": "17.8"}, milestone, "17.8", {"milestone_id": None}, None),
    "due": (
        {"due": "3 working days"},
        lambda grove, issue: grove.see(issue)["due_date"],
        "2026-11-26",
        {"due_date": None},
        None,
    ),
    "close": (
        {"close": True},
        lambda grove, issue: grove.see(issue)["state"],
        "closed",
        {"state_event": "reopen"},
        "opened",
    ),
    "reopen": (
        {"reopen": True},
        lambda grove, issue: grove.see(issue)["state"],
        "opened",
        {"state_event": "close"},
        "closed",
    ),
}


@pytest.mark.parametrize("comment", [{}, {"comment": "note.md"}], ids=["silent", "told"])
@pytest.mark.parametrize("deed", DEEDS)
def test_what_a_person_undoes_is_not_done_again(grove, deed, comment):
    do, shown, there, undo, undone = DEEDS[deed]
    with_milestone(grove)
    grove.policy(rule(**do, **comment), state="all")
    issue = grove.open()
    if deed == "reopen":
        grove.eve.edit(issue, state_event="close")
    grove.run()
    assert shown(grove, issue) == there
    grove.eve.edit(issue, **undo)
    grove.at_rest()
    assert shown(grove, issue) == undone
    assert len(grove.ours(issue)) == len(comment)


@pytest.mark.parametrize("comment", [{}, {"comment": "note.md"}], ids=["silent", "told"])
@pytest.mark.parametrize("target", ["support/sgg/elm", "support/loops"])
def test_a_move_that_a_person_takes_back_stays_so(grove, target, comment):
    grove.policy(rule(move=target, label="moved", **comment))
    issue = grove.open()
    grove.run()
    (copy,) = [one for one in grove.site.issues() if one["references"]["full"].startswith(target)]
    assert (copy["state"], "moved" in copy["labels"]) == ("opened", True)
    assert grove.see(issue)["moved_to_id"] == copy["id"]
    back = grove.eve.post(f"{at(copy)}/move", to_project_id=issue["project_id"])
    grove.at_rest()
    assert grove.see(back)["state"] == "opened"
    assert len(grove.ours(back)) == len(comment)


# --- Issues that rules open ------------------------------------------------------------------

FOLLOW = {"template": "more.md", "labels": ["follow"], "assign": "group.sponsor", "due": "2 days"}
SUMMARY = {"template": "list.md", "project": "support/loops"}


@pytest.mark.parametrize("project", [None, "support/loops"])
def test_an_issue_follows_each_match(grove, project):
    grove.policy(rule(issue={**FOLLOW, **({"project": project} if project else {})}))
    grove.open("One")
    grove.open("Two")
    grove.run()
    titles = [one["title"] for one in grove.made()]
    tail = "(support/sgg/oak#{})"
    assert titles == [f"Follow up: One {tail.format(1)}", f"Follow up: Two {tail.format(2)}"]
    first, second = grove.made()
    assert (first["labels"], first["due_date"], first["confidential"]) == (
        ["follow"],
        "2026-11-25",
        True,
    )
    assert [one["username"] for one in first["assignees"]] == ["anna"]
    grove.eve.edit(first, title="Mine now")
    grove.eve.edit(second, state_event="close", description="Mine now")
    grove.at_rest("2026-12-24T09:00:00Z")


def test_a_match_that_moved_gets_no_second_follow_up(grove):
    grove.policy(rule(issue={**FOLLOW, "project": "support/loops"}, comment="note.md"))
    issue = grove.open()
    grove.run()
    elm = grove.site.root.get(f"/projects/{escaped('support/sgg/elm')}")["id"]
    loops = grove.site.root.get(f"/projects/{escaped('support/loops')}")["id"]
    copy = grove.eve.post(f"{at(issue)}/move", to_project_id=elm)
    grove.at_rest()
    grove.eve.edit(grove.made()[0], title="Mine now")
    grove.at_rest()
    away = grove.eve.post(f"{at(copy)}/move", to_project_id=loops)
    back = grove.eve.post(f"{at(away)}/move", to_project_id=issue["project_id"])
    grove.at_rest()
    assert len(grove.made()) == 1
    assert len(grove.ours(back)) == 1


def test_a_summary_a_period(grove):
    grove.policy(rule("sum", "age > days(7)", summary=SUMMARY))
    grove.open("One")
    grove.open("Secret", confidential=True)
    grove.run()
    (made,) = grove.made()
    assert made["title"] == "pol: sum, 2026-W48"
    assert "(confidential)" in made["description"]
    assert "Secret" not in made["description"]
    grove.eve.edit(made, state_event="close", title="Read")
    grove.at_rest("2026-11-27T09:00:00Z")
    grove.run("2026-11-30T09:00:00Z")
    assert [one["title"] for one in grove.made()] == ["Read", "pol: sum, 2026-W49"]


@pytest.mark.parametrize(
    ("limits", "chosen"),
    [
        ({"oldest": 2}, [0, 1]),
        ({"most_recent": 2}, [1, 2]),
        ({"mentions_per_person": 1}, [0]),
    ],
)
def test_limits(grove, limits, chosen):
    grove.policy(rule(limits=limits, label="x", comment="note.md", mention=["author"]))
    issues = [grove.open(f"Number {n}") for n in range(3)]
    ran = apply(grove.site, NOW, root=grove.repo)
    assert ran.code == 0
    assert [n for n, one in enumerate(issues) if "x" in grove.see(one)["labels"]] == chosen


def test_what_a_limit_leaves_waits_for_the_next_run(grove):
    grove.policy(rule(limits={"at_most": 1}, issue=FOLLOW))
    for n in range(2):
        grove.open(f"Number {n}")
    for count in (1, 2):
        apply(grove.site, NOW, root=grove.repo)
        assert len(grove.made()) == count
    grove.at_rest()


# --- Answers that never came, and runs at once -------------------------------------------------

CUT: dict[str, Any] = {
    "note": ({"comment": "note.md"}, "/notes$"),
    "note and label": ({"comment": "note.md", "label": "x", "assign": "group.sponsor"}, "/notes$"),
    "thread": ({"comment": "note.md", "thread": True, "label": "x"}, "/discussions$"),
    "internal": ({"comment": "note.md", "internal": True, "close": True}, "/notes$"),
    "follow-up": ({"issue": FOLLOW, "label": "x"}, "/issues$"),
    "summary": ({"summary": SUMMARY}, "/issues$"),
    "move": ({"move": "support/sgg/elm", "comment": "note.md"}, "/move$"),
}


@pytest.mark.parametrize("what", CUT)
def test_after_a_write_whose_answer_was_lost_nothing_is_there_twice(grove, what, tmp_path):
    do, route = CUT[what]
    grove.policy(rule(**do))
    grove.open()
    grove.site.faults({"action": "cut_after", "method": "POST", "route": route, "nth": 1})
    _, told = outcomes(grove.site, NOW, tmp_path, root=grove.repo, expect=1)
    assert "unknown" in {one["status"] for one in told}
    grove.site.faults()
    apply(grove.site, LATER, root=grove.repo)
    grove.at_rest()
    said = [n for one in grove.site.issues(state="opened") for n in grove.ours(one)]
    assert len(said) <= 1
    assert len(grove.made()) == ("issue" in do or "summary" in do)


@pytest.mark.parametrize("do", [{"issue": FOLLOW}, {"summary": SUMMARY}], ids=["each", "all"])
def test_of_what_two_runs_opened_the_older_stays(grove, do):
    grove.policy(rule(**do))
    grove.open()
    apply(grove.site, NOW, root=grove.repo)
    (older,) = grove.made()
    fields = {name: older[name] for name in ("title", "description", "confidential")}
    if "issue" in do:
        fields["description"] = fields["description"].replace("[ ]", "[x]")
    again = f"/projects/{older['project_id']}/issues"
    newer = grove.site[BOT].post(again, **fields)
    third = grove.site[BOT].post(again, **fields)
    grove.run(LATER)
    assert [grove.see(one)["state"] for one in (older, newer, third)] == [
        "opened",
        "closed",
        "closed",
    ]
    (word,) = grove.ours(newer)
    assert word["body"].startswith("This issue was opened twice; [")
    assert older["web_url"] in word["body"]
    assert ("- More on Runbook" in word["body"]) is ("issue" in do)
    assert grove.ours(older) == []
    grove.eve.edit(newer, state_event="reopen")
    grove.at_rest()
    assert len(grove.made()) == 3


def test_where_the_word_on_a_twin_was_said_it_is_only_closed(grove, tmp_path):
    grove.policy(rule(summary=SUMMARY))
    grove.open()
    apply(grove.site, NOW, root=grove.repo)
    (older,) = grove.made()
    fields = {name: older[name] for name in ("title", "description")}
    newer = grove.site[BOT].post(f"/projects/{older['project_id']}/issues", **fields)
    mark = f"<!-- drumbeat:said duplicate {newer['project_id']}/{newer['iid']} -->"
    grove.site[BOT].comment(newer, f"Twice\n\n{mark}")
    grove.run(LATER)
    assert grove.see(newer)["state"] == "closed"
    assert len(grove.ours(newer)) == 1


def test_a_plan_says_what_it_will_do_and_does_nothing(grove):
    grove.policy(rule(label="x", comment="note.md", close=True, issue=FOLLOW))
    issue = grove.open()
    grove.site.at(NOW)
    grove.site.forget_requests()
    ran = drumbeat(grove.site, "plan", NOW, root=grove.repo)
    assert "pol/r: true" in ran.out
    assert grove.site.writes() == {}
    assert grove.see(issue)["state"] == "opened"

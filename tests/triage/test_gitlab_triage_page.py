"""The page for people who come from gitlab-triage: every example loads, and finds its issues."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.model.change import CreateIssue, Transition
from automation.model.issue import Event, EventKind, Link, Member, Milestone, Role
from automation.model.triage import TriagePolicy
from tests.support.builders import MONDAY, Scene, an_org, at, told

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gitlab-triage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| gitlab-triage |"))
]
SNIPPETS = [
    snippet
    for row in ROWS
    for snippet in re.findall(r"`((?:where|when|limits|do): [^`]+)`", row[1])
]

# The fields of gitlab-triage's README, November 2026.
CONDITIONS = [
    "date",
    "milestone",
    "iteration",
    "state",
    "votes",
    "labels",
    "forbidden_labels",
    "no_additional_labels",
    "author_username",
    "author_member",
    "assignee_member",
    "draft",
    "source_branch",
    "target_branch",
    "health_status",
    "weight",
    "issue_type",
    "discussions",
    "protected",
    "ruby",
    "reviewer_id",
]
LIMITS = ["most_recent", "oldest"]
ACTIONS = [
    "labels",
    "remove_labels",
    "status",
    "mention",
    "move",
    "comment",
    "redact_confidential_resources",
    "comment_type",
    "comment_internal",
    "summarize",
    "comment_on_summary",
    "issue",
    "delete",
]

ALL = {"where: {group: support/sgg}", "where: {state: all}", "where: {due: overdue}"}
"""Examples that leave no issue out, or of which only a real list can tell: due dates."""

BASE: dict[str, Any] = {
    "kind": "triage",
    "name": "example",
    "where": {"group": "support/sgg", "state": "all"},
    "rules": [{"name": "rule", "when": "age > days(0)", "do": {"label": "marked"}}],
}


@pytest.mark.parametrize("name", [*CONDITIONS, *LIMITS, *ACTIONS])
def test_every_field_of_gitlab_triage_has_a_row(name):
    rows = [row for row in ROWS if re.search(rf"`{name}\b", row[0])]
    assert rows, f"no row for {name}"
    for row in rows:
        assert "`" in row[1] or re.match(r"(No|Always)\b", row[2]), (
            f"{name}: neither way nor reason"
        )


def test_the_page_has_examples_of_every_part():
    assert {snippet.partition(":")[0] for snippet in SNIPPETS} == {"where", "when", "limits", "do"}


def policy_of(snippet: str) -> dict[str, Any]:
    """A policy of which the example is a part."""
    part: dict[str, Any] = (
        yaml.safe_load(snippet) if not snippet.startswith("when: ") else {"when": snippet[6:]}
    )
    (name,) = part
    rule = dict(BASE["rules"][0])
    if name == "where":
        place = {} if part["where"].keys() & {"group", "project"} else {"group": "support/sgg"}
        return {**BASE, "where": {"state": "all", **place, **part["where"]}, "rules": [rule]}
    return {**BASE, "rules": [{**rule, **part}]}


@pytest.fixture
def scene(tmp_path) -> Scene:
    """Three issues: one that has all that an issue can have, one with little, one closed."""
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    for name in ("hello.md", "placeholders.md", "follow-up.md", "summary.md"):
        org.with_template(name, "Hello.\n")
    org.with_template(
        "placeholders.md",
        "{{ issue.title }} {{ issue.author.username | mention }} {{ issue.upvotes }} "
        "{% for one in issue.assignees %}{{ one.username | mention }}{% endfor %} "
        "{{ issue.labels | join(', ') }} {{ issue.milestone }} {{ issue.web_url }} "
        "{{ issue.reference }} {{ issue.created_at }} {{ issue.type }}\n",
    )
    scene = org.scene(at("2026-08-01T09:00"))
    for path in ("support/archive", "support/loops", "support/sgg/baobab", "support/sgg/other"):
        scene.gitlab.with_project(path)
    scene.gitlab.milestones.append(Milestone(1, "v1"))
    eve, ann = scene.gitlab.with_user("eve"), scene.gitlab.with_user("ann")
    scene.gitlab.group_members["support"] = [Member(eve, Role.DEVELOPER)]
    rich = scene.gitlab.open(
        "support/sgg/baobab", "A rota", "- [x] a\n- [ ] b\n- [ ] c", author=eve,
        labels=["SGG", "kind::idea", "missed:11"], assignees=[eve], confidential=True,
    )  # fmt: skip
    scene.gitlab.events[rich.ref].append(
        Event(EventKind.LABEL, eve, at("2026-08-02T09:00"), "add", "kind::idea")
    )
    scene.gitlab.links[rich.ref] = [Link("support/sgg/other#1", opened=True, kind="relates_to")]
    scene.gitlab.threads[rich.ref] = 3
    closed = scene.gitlab.open("support/sgg/other", "Over", author=ann)
    for who in (ann, eve, ann, eve, ann):
        scene.gitlab.comment(rich, who, "A word")
    scene.gitlab.set_clock(at("2026-11-23T08:00"))
    scene.gitlab.close(closed, ann)
    bare = scene.gitlab.open("support/sgg/other", "A plan", author=ann, labels=["kind::question"])
    scene.gitlab.comment(bare, eve, "And")
    scene.gitlab.issues[rich.ref] = replace(
        scene.gitlab.current(rich), milestone="v1", weight=5, iteration="Sprint 12",
        health="at_risk", type="incident", upvotes=9, downvotes=2, has_weight=True, has_iteration=True,
        due_date=MONDAY.date() - timedelta(days=1), comments=5,
    )  # fmt: skip
    return scene


@pytest.mark.parametrize("snippet", dict.fromkeys(SNIPPETS))
def test_every_example_loads_and_finds_an_issue(scene, tmp_path, snippet):
    policy = TriagePolicy.model_validate(policy_of(snippet))
    scene.loops = replace(
        scene.loops,
        organisation=replace(scene.loops.organisation, triages=(policy,)),
    )
    plan = scene.plan(MONDAY)
    assert told(plan) == []
    found = [one for one in plan.changes if isinstance(one, CreateIssue | Transition)]
    assert found
    if snippet.startswith("wh") and snippet not in ALL:
        assert len(found) < 3, "it tells no issue from another"

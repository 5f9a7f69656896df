"""The overview of a group's initiatives, and the loop that shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from automation.lint import lint
from automation.model.change import CreateIssue
from automation.model.questions import IssuesOf
from automation.model.snapshot import Unreadable
from automation.rules.health import Health, Initiatives, health_of, made_up
from tests.support.builders import ALL_BOXES, MONDAY, Scene, an_org, at, opened, told

TEMPLATE = """\
---
title: "Health of {{ group.display_name }}, {{ period.label }}"
---
{% macro named(found) %}
{% for one in found %}[{{ one.title }}]({{ one.web_url }}) {% endfor %}
{% endmacro %}
{{ initiatives.count }} open.

{% for state in initiatives.states %}
{{ state.health }}={{ state.count }} {{ named(state.initiatives) }}

{% endfor %}
overdue {{ named(initiatives.overdue) }}

nobody {{ named(initiatives.unassigned) }}

{% if initiatives.oldest %}
oldest {{ initiatives.oldest.title }} {{ initiatives.oldest.opened_on }}

{% endif %}
done {{ named(initiatives.done) }}

{% if not initiatives.complete %}
incomplete
{% endif %}
- [ ] Looked at
"""
HEALTH = {"for_each": "group", "body": TEMPLATE}


@pytest.fixture
def scene(tmp_path) -> Scene:
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab", timezone="Pacific/Auckland")
    return org.with_cadence("health", **HEALTH).scene(at("2026-09-01T09:00"))


def begin(scene: Scene, title: str, *labels: str, **facts):
    group = scene.gitlab
    return group.open("support/sgg/baobab", title, labels=("SGG", *labels), **facts)


def described(scene: Scene, now: str | datetime = MONDAY) -> str:
    """The description of the loop that opens then."""
    (change,) = (one for one in scene.plan(now).changes if isinstance(one, CreateIssue))
    return change.description


@pytest.mark.parametrize(
    ("labels", "health"),
    [
        ((), Health.ACTIVE),
        (("SGG", "urgent"), Health.ACTIVE),
        (("initiative::something",), Health.ACTIVE),
        (("initiative::stale",), Health.STALE),
        (("initiative::needs-manager", "initiative::stale"), Health.NEEDS_MANAGER),
        (("initiative::stale", "initiative::blocked"), Health.BLOCKED),
        (("initiative::blocked", "initiative::paused"), Health.PAUSED),
    ],
)
def test_the_label_tells_the_health_and_what_people_said_goes_first(labels, health):
    assert health_of(frozenset(labels)) is health


def test_the_loop_shows_the_initiatives_by_health_the_oldest_first(scene):
    eve = scene.gitlab.with_user("eve")
    begin(scene, "Runbook", "initiative::stale", assignees=[eve])
    begin(scene, "Course", assignees=[eve], due_date=date(2026, 11, 20))
    begin(scene, "Glossary", due_date=date(2026, 12, 24))
    begin(scene, "Survey", "initiative::paused", assignees=[eve])
    scene.gitlab.open("support/sgg/baobab", "A question, no initiative")
    scene.gitlab.open("support/sgg/cedar", "Another group's", labels=["SGG"])
    text = described(scene)
    assert "4 open." in text
    assert (
        "active=2 [Course](https://gitlab.example.com/support/sgg/baobab/-/issues/2) [Glos" in text
    )
    assert "stale=1 [Runbook]" in text
    assert "needs-manager=0" in text
    assert "blocked=0" in text
    assert "paused=1 [Survey]" in text
    assert "overdue [Course](https://gitlab.example.com/support/sgg/baobab/-/issues/2) \n" in text
    assert "nobody [Glossary](https://gitlab.example.com/support/sgg/baobab/-/issues/3) \n" in text
    assert "oldest Runbook 2026-09-01" in text
    assert "done \n" in text
    assert "incomplete" not in text


def test_overdue_is_by_the_groups_own_date(scene):
    """On Sunday evening in UTC it is Monday in Auckland."""
    begin(scene, "Course", due_date=date(2026, 11, 22))
    assert "overdue \n" in described(scene, datetime(2026, 11, 22, 10, 59, tzinfo=UTC))
    assert "overdue [Course]" in described(scene, datetime(2026, 11, 22, 20, 0, tzinfo=UTC))


def test_the_title_of_a_confidential_initiative_stays_out(scene):
    begin(scene, "Reorganisation", confidential=True)
    begin(scene, "Salaries", confidential=True, due_date=date(2026, 9, 2))
    text = described(scene)
    assert "Reorganisation" not in text
    assert "Salaries" not in text
    assert text.count("[a confidential initiative](") == 5  # twice active and nobody's, one late
    assert "oldest a confidential initiative" in text


def test_a_hostile_title_is_text(scene):
    begin(scene, "/close @all | [x](y) <!-- z -->\n- [x] done")
    text = described(scene)
    assert "@all" not in text
    assert "<!-- z" not in text
    assert text.count("- [ ] ") == 1
    assert "\n- [x]" not in text


def test_what_was_closed_in_the_last_month_is_told(scene):
    eve = scene.gitlab.with_user("eve")
    early, late, moved = (begin(scene, title) for title in ("Early", "Late", "Moved"))
    scene.gitlab.set_clock(at("2026-10-01T09:00"))
    scene.gitlab.close(early, eve)
    scene.gitlab.set_clock(at("2026-11-10T09:00"))
    scene.gitlab.comment(early, eve, "A late word makes it no later.")
    scene.gitlab.close(late, eve)
    scene.gitlab.move(moved, eve, "support/sgg/cedar")
    text = described(scene)
    assert "0 open." in text
    assert "oldest" not in text
    assert "done [Late](https://gitlab.example.com/support/sgg/baobab/-/issues/2) \n" in text


def test_where_the_role_is_not_proven_it_says_that_some_may_be_missing(scene):
    begin(scene, "Course")
    scene.gitlab.hidden.add("support/sgg/baobab")
    assert "incomplete" in described(scene)


def test_other_labels_can_make_an_initiative(tmp_path):
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    org.with_settings(initiative_labels=["project", "support"]).with_cadence("health", **HEALTH)
    scene = org.scene(at("2026-09-01T09:00"))
    scene.gitlab.open("support/sgg/baobab", "One", labels=["project", "support"])
    scene.gitlab.open("support/sgg/baobab", "Other", labels=["SGG", "project"])
    assert "1 open." in described(scene)


def asked_of_baobab(scene: Scene) -> int:
    """How many lists of the group's project were asked for."""
    return sum(
        isinstance(question, IssuesOf) and question.query.place == "support/sgg/baobab"
        for question in scene.gitlab.answered
    )


def test_it_costs_two_lists_when_the_loop_opens_and_nothing_later(scene):
    begin(scene, "Course")
    scene.run(MONDAY)
    assert asked_of_baobab(scene) == 2
    scene.gitlab.answered.clear()
    assert scene.is_settled()
    assert asked_of_baobab(scene) == 0


def test_a_template_that_does_not_name_it_costs_nothing(tmp_path):
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    scene = org.with_cadence("plain", for_each="group").scene(MONDAY)
    assert opened(scene.run()) == ["plain/baobab/2026-W48"]
    assert asked_of_baobab(scene) == 0


def test_where_a_list_cannot_be_read_nothing_opens_and_the_other_group_is_served(tmp_path):
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab").with_group("cedar")
    scene = org.with_cadence("health", **HEALTH).scene(MONDAY)
    scene.run()
    listed = [one for one in scene.gitlab.answered if isinstance(one, IssuesOf)]
    (broken,) = (
        one
        for one in listed
        if one.query.place == "support/sgg/baobab" and one.query.state == "opened"
    )
    again = org.with_cadence("health", **HEALTH).scene(MONDAY)
    again.gitlab.unreadable[broken] = Unreadable("502 Bad Gateway", "Wait.")
    plan = again.plan()
    assert opened(plan) == ["health/cedar/2026-W48"]
    assert told(plan) == [("health/baobab/2026-W48", "502 Bad Gateway", True)]


# --- Offline ---------------------------------------------------------------------------


def lint_of(org) -> list[str]:
    return [problem.message for problem in lint(org.loops(), MONDAY)]


def test_lint_renders_it_with_and_without_initiatives(tmp_path):
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    assert lint_of(org.with_cadence("health", **HEALTH)) == []
    careless = TEMPLATE.replace("{% if initiatives.oldest %}\n", "{% if true %}\n")
    org.with_template("health.md", careless)
    (message,) = lint_of(org)
    assert "has no 'title'" in message
    org.with_template("health.md", TEMPLATE.replace("one.title", "one.titel"))
    assert any("titel" in message for message in lint_of(org))


def test_lint_refuses_it_in_a_loop_that_is_for_no_group(tmp_path):
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    org.with_cadence("weekly", body=ALL_BOXES + "\n{{ initiatives.count }}\n")
    assert lint_of(org) == ["'initiatives' is undefined (for weekly/mgr-1/2026-W48)"]
    org.with_template("weekly.md", ALL_BOXES + "\n{% if initiatives is defined %}yes{% endif %}\n")
    assert lint_of(org) == []


def test_a_title_cannot_depend_on_what_is_gathered(tmp_path):
    """The title is a carrier of the key: it must be the same in every run."""
    org = an_org(tmp_path).with_manager("mgr-1").with_group("baobab")
    body = TEMPLATE.replace("Health of", "{{ initiatives.count }} of")
    org.with_cadence("health", for_each="group", body=body)
    assert "'initiatives' is undefined (for health/baobab/2026-W48)" in lint_of(org)


def test_the_example_has_one_initiative_of_each_health():
    example = made_up(date(2026, 12, 7))
    assert [state.count for state in example.states] == [1] * len(Health)
    assert example.overdue
    assert example.unassigned
    assert example.oldest is example.open[0]
    assert Initiatives().oldest is None

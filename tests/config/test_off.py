"""Switches of the settings: policies and sections that an organisation does without."""

from __future__ import annotations

import pytest

from automation.commands.workspace import open_loops
from automation.config import load
from automation.errors import ConfigError
from automation.lint import lint
from automation.planner import make_plan
from tests.support.builders import MONDAY, opened
from tests.support.fake_gitlab import FakeGitLab

SETTINGS = "kind: settings\nloops_group: support\ndefault_project: support/loops\n"
POLICIES = """\
kind: cadence
name: weekly
for_each: organisation
template: weekly.md
period: week
schedule: {rrule: FREQ=WEEKLY;BYDAY=MO}
---
kind: triage
name: old
where: {group: support, labels: [SGG]}
rules: [{name: old, when: age > days(1), do: {label: old}}]
---
kind: metrics
name: tickets
file: metrics/*.csv
"""
TEMPLATE = """\
---
title: Weekly {{ period.label }}
---
- [ ] one
{% if "chat" not in off %}
- [ ] chat
{% endif %}
{% if period.label in "chaff" or "x" in links %}
{% endif %}
"""


@pytest.fixture
def place(tmp_path):
    """A repository; says what is off."""

    def make(off):
        for name in ("policies", "issue_templates"):
            (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "policies" / "a.yml").write_text(f"{SETTINGS}off: {off}\n", "utf-8")
        (tmp_path / "policies" / "b.yml").write_text(POLICIES, "utf-8")
        (tmp_path / "issue_templates" / "weekly.md").write_text(TEMPLATE, "utf-8")
        return tmp_path

    return make


def test_policies_of_every_kind_are_switched_off(place):
    organisation = load(place("[weekly, old, tickets]"))
    assert [one.enabled for one in organisation.cadences] == [False]
    assert [one.enabled for one in organisation.triages] == [False]
    assert [one.enabled for one in organisation.metrics] == [False]
    loops = open_loops(place("[weekly, old]"))
    gitlab = FakeGitLab(MONDAY)
    gitlab.with_project("support/loops")
    person = gitlab.with_user("anna")
    gitlab.open("support/loops", "One", "", author=person, labels={"SGG"})
    gitlab.set_clock(MONDAY)
    assert make_plan(loops, gitlab, MONDAY.replace(day=27)).empty


def test_what_is_not_named_stays_on(place):
    loops = open_loops(place("[old]"))
    gitlab = FakeGitLab(MONDAY)
    gitlab.with_project("support/loops")
    assert opened(make_plan(loops, gitlab, MONDAY)) == ["weekly/organisation/2026-W48"]
    assert [one.enabled for one in loops.organisation.metrics] == [True]


def test_a_section_is_left_out(place):
    (loop,) = open_loops(place("[chat]")).current(MONDAY)
    assert "chat" not in loop.body
    (loop,) = open_loops(place("[]")).current(MONDAY)
    assert "- [ ] chat" in loop.body


def test_a_name_that_is_neither_is_told_with_the_nearest(place):
    (found,) = lint(open_loops(place("[chatt]")), MONDAY)
    assert str(found) == (
        "policies/a.yml:4:7: off[0]: there is no policy and no section 'chatt'\n"
        "  Did you mean 'chat'?"
    )
    assert list(lint(open_loops(place("[chat, weekly, old, tickets]")), MONDAY)) == []


def test_a_broken_template_is_told_once(place):
    root = place("[]")
    (root / "issue_templates" / "weekly.md").write_text("{% if %}", "utf-8")
    assert len(list(lint(open_loops(root), MONDAY))) == 1


def test_metrics_share_the_names_of_other_policies(place):
    root = place("[]")
    (root / "policies" / "c.yml").write_text(
        "kind: metrics\nname: tickets\nsource: gitlab\n---\nkind: metrics\nname: weekly\n"
        "source: gitlab\n",
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert [f"{one.file}:{one.line}: {one.message}" for one in caught.value.problems] == [
        "policies/c.yml:2: the name 'tickets' is taken: policies/b.yml:14 has it too",
        "policies/c.yml:6: the name 'weekly' is taken: policies/b.yml:2 has it too",
    ]

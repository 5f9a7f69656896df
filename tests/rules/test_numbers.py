"""Numbers in the 1:1: read when the loop opens, told where they lack, never waited for."""

from __future__ import annotations

from datetime import date

import pytest

from automation.model.metrics import Activity, Numbers, Table
from automation.model.questions import ActivityOf, NumbersOf
from automation.model.roster import Report
from automation.model.snapshot import Unreadable
from automation.rules.gathering import sampled
from automation.rules.numbers import TeamNumbers
from tests.support.builders import MONDAY, an_org, opened

BODY = """\
---
title: "1:1s of {{ subject.name }}, {{ period.label }}"
---
{% for report in team %}
{% set own = numbers.people.get(report.id) %}
{% set did = numbers.gitlab.get(report.id) %}
- [ ] {{ report.id }}: {% if own %}{{ own.why_not or own.solved }} {{ own.trend }}{% else %}-{% endif %} {% if did %}{{ did.issues_opened }} opened{% endif %}

{% endfor %}
"""
TEAM = [
    Report(id="se-1", username="anna", name="Anna Blume"),
    Report(id="se-2", username="bert", name="Bert Stein"),
]


@pytest.fixture
def org(tmp_path):
    return an_org(tmp_path).with_manager(team=TEAM).with_cadence("one-on-one", BODY)


def a_table(rows):
    """Solved tickets by person and week."""
    table = Table()
    for (person, week), solved in rows.items():
        table.rows[person, week].append(Numbers(solved, 10 * solved))
    return table


def lines(scene):
    """What the loop says of each report, once it is open."""
    scene.run()
    text = scene.issue().description
    return [line.removeprefix("- [ ] ").strip() for line in text.splitlines() if "- [ ]" in line]


def test_the_week_before_and_the_trend(org):
    scene = org.with_metrics().scene()
    scene.gitlab.numbers["tickets"] = a_table(
        {("anna", "2026-W47"): 4, ("anna", "2026-W45"): 2, ("anna", "2026-W48"): 9}
    )
    assert lines(scene) == [
        "se-1: 4 ·▅·█",
        "se-2: the numbers of 2026-W47 are not there yet ····",
    ]


def test_people_are_known_by_user_name_id_or_a_name_of_their_own(org):
    scene = org.with_metrics().scene()
    scene.gitlab.numbers["tickets"] = a_table(
        {("se-1", "2026-W47"): 3, ("bert stein", "2026-W47"): 5}
    )
    assert lines(scene) == ["se-1: 3 ···█", "se-2: 5 ···█"]


def test_a_name_that_two_people_have_is_nobodys(tmp_path):
    team = [
        Report(id="se-1", username="anna", name="Kim Lee"),
        Report(id="se-2", username="bert", name="Kim Lee"),
    ]
    org = an_org(tmp_path).with_manager(team=team).with_cadence("one-on-one", BODY)
    scene = org.with_metrics().scene()
    scene.gitlab.numbers["tickets"] = a_table({("kim lee", "2026-W47"): 3})
    assert all("are not there yet" in line for line in lines(scene))


def test_late_numbers_and_lacking_ones(org):
    scene = org.with_metrics(late_after=3).scene()
    scene.gitlab.numbers["tickets"] = a_table({("anna", "2026-W46"): 3})
    scene.now = MONDAY.replace(day=26)
    assert lines(scene)[0] == "se-1: there are no numbers for 2026-W47 ··█·"


def test_a_file_that_cannot_be_read_opens_the_loop_all_the_same(org):
    scene = org.with_metrics().scene()
    scene.gitlab.unreadable[NumbersOf("tickets")] = Unreadable("metrics/a.csv: is not CSV")
    assert lines(scene)[0] == "se-1: metrics/a.csv: is not CSV ····"


def test_without_a_policy_nothing_is_asked_and_nothing_said(org):
    scene = org.with_metrics(enabled=False).scene()
    assert lines(scene) == ["se-1: -", "se-2: -"]
    assert not scene.gitlab.asked.keys() & {"NumbersOf", "ActivityOf"}


def test_what_gitlab_counts_in_the_last_whole_week(org):
    scene = org.with_metrics("gitlab-activity", source="gitlab").scene()
    anna, bert = (scene.gitlab.with_user(one.username) for one in TEAM)
    scene.gitlab.activities[anna.id] = Activity(issues_opened=7)
    week = (date(2026, 11, 16), date(2026, 11, 22))
    scene.gitlab.unreadable[ActivityOf(bert.id, *week)] = Unreadable("404 Not Found")
    assert lines(scene) == ["se-1: - 7 opened", "se-2: -"]
    assert ActivityOf(anna.id, *week) in scene.gitlab.answered


def test_somebody_whom_gitlab_does_not_know_has_no_activity(org):
    scene = org.with_metrics("gitlab-activity", source="gitlab").scene()
    scene.gitlab.with_user("anna")
    assert lines(scene) == ["se-1: - 0 opened", "se-2: -"]


def test_a_settled_run_asks_for_no_numbers(org):
    scene = org.with_metrics().with_metrics("gitlab-activity", source="gitlab").scene()
    assert opened(scene.run()) == ["one-on-one/mgr-1/2026-W48"]
    assert scene.is_settled()


@pytest.mark.parametrize("policies", [(), ("file",), ("gitlab",), ("file", "gitlab")])
def test_made_up_numbers_for_what_policies_name(org, policies):
    for source in policies:
        org.with_metrics(source, source=source)
    (loop,) = org.loops().current(MONDAY)
    full, empty = (one.gathered["numbers"] for one in sampled(loop))
    assert isinstance(full, TeamNumbers)
    assert isinstance(empty, TeamNumbers)
    assert set(full.people) == ({"se-1", "se-2"} if "file" in policies else set())
    assert set(full.gitlab) == ({"se-1", "se-2"} if "gitlab" in policies else set())
    assert not empty.people
    assert not empty.gitlab


def test_an_issue_of_its_own_for_each_report(org):
    org.cadences[0] = org.cadences[0].model_copy(update={"for_each": "report"})
    scene = org.with_metrics().scene()
    scene.gitlab.numbers["tickets"] = a_table({("anna", "2026-W47"): 4})
    scene.run()
    assert "se-1: 4 ···█" in scene.issue("one-on-one/se-1/2026-W48").description
    assert "se-2" not in scene.issue("one-on-one/se-1/2026-W48").description

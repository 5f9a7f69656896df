"""Labels, boards and schedules that cannot be right, each with its line and the way out."""

from __future__ import annotations

import pytest

from automation.labels import priority_projects
from automation.model.cron import cron_fault
from tests.config.samples import CADENCE, SETTINGS, anna, faults, loaded, roster, triage

ROSTER = roster(anna())


def found(tmp_path, text, **more):
    files = {"settings": SETTINGS, "roster": ROSTER, "cadence": CADENCE, **more}
    return faults(tmp_path, **files, broken=text)


def labels(*entries):
    return "kind: labels\nlabels:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def schedule(**fields):
    facts = {"description": "x", "project": "a/b", "cron": "'17 * * * *'"} | fields
    body = "".join(f"    {name}: {value}\n" for name, value in facts.items())
    return f"kind: schedules\nschedules:\n  -\n{body}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            labels("name: a, was: b", "name: b"),
            (
                "policies/broken.yml:3:20: labels[0].was[0]: 'b' is a label of today: "
                "policies/broken.yml:4\n  Take it out of `was`, or that label away."
            ),
        ),
        (
            labels("name: a, was: ['loop::open']"),
            (
                "policies/broken.yml:3:21: labels[0].was[0]: 'loop::open' is a label of today: "
                "policies use it\n  Let the policies use the new name."
            ),
        ),
        (
            labels("name: a, was: c", "name: b, was: c"),
            (
                "policies/broken.yml:4:20: labels[1].was[0]: the former name 'c' is taken: "
                "policies/broken.yml:3 has it too\n  A label can become one other only."
            ),
        ),
        (
            labels("name: a, was: c, prune: true"),
            (
                "policies/broken.yml:3:20: labels[0].was[0]: a label that shall go has no former "
                "names\n  Name those with `prune: true`, too."
            ),
        ),
        (
            labels("name: 'cadence::one-on-one', prune: true"),
            (
                "policies/broken.yml:3:42: labels[0].prune: policies use 'cadence::one-on-one': it "
                "cannot go\n  Take out `prune`, or what uses the label."
            ),
        ),
        (
            "kind: boards\nboards: [{name: x, group: support, lists: [attention], only: [QQQ]}]\n",
            (
                "policies/broken.yml:2:63: boards[0].only[0]: there is no label 'QQQ'\n"
                "  Define it in a document of the kind 'labels'."
            ),
        ),
        (
            schedule(cron="'17 * * *'"),
            (
                "policies/broken.yml:6:11: schedules[0].cron: '17 * * *' is no cron expression: it "
                "has 4 fields, not 5\n  Write minute, hour, day of the month, month and day of the "
                "week, such as '17 * * * *' or '0 8 * * MON-FRI'."
            ),
        ),
        (
            schedule(timezone="Europe/Dublim"),
            (
                "policies/broken.yml:7:15: schedules[0].timezone: 'Europe/Dublim' is not a time zone "
                "of the IANA database\n  Did you mean 'Europe/Dublin'?"
            ),
        ),
        (
            schedule(variables="{a-b: x}"),
            (
                "policies/broken.yml:7:17: schedules[0].variables.a-b: 'a-b' is not fit to be a "
                "variable's name\n  Use letters, digits and '_', and begin with a letter."
            ),
        ),
        (
            schedule() + schedule().removeprefix("kind: schedules\nschedules:\n"),
            (
                "policies/broken.yml:8:18: schedules[1].description: the schedule 'x' is taken: "
                "policies/broken.yml:4 has it too\n  A schedule is known by it; choose another."
            ),
        ),
    ],
)
def test_a_person_sees(tmp_path, text, fault):
    assert found(tmp_path, text) == [fault]


@pytest.mark.parametrize(
    "used",
    [
        {"triage": triage(where="{group: support, labels: [old]}")},
        {"triage": triage(where="{group: support, without: [old]}")},
        {"triage": triage(action="{unlabel: old}")},
        {"cadence": CADENCE + "labels: [old, '{{ manager.id }}']\n"},
    ],
)
def test_a_label_in_use_is_not_pruned(tmp_path, used):
    (fault,) = found(tmp_path, labels("name: old, prune: true"), **used)
    assert "policies use 'old': it cannot go" in fault


def test_a_list_by_a_pruned_label_is_a_list_by_none(tmp_path):
    board = "---\nkind: boards\nboards: [{name: x, group: support, lists: [old]}]\n"
    faults_ = found(tmp_path, labels("name: old, prune: true") + board)
    assert [fault.split(": ", 2)[1] for fault in faults_] == [
        "labels[0].prune",
        "boards[0].lists[0]",
    ]


def test_a_priority_needs_a_project_directly_in_the_group(tmp_path):
    deep = SETTINGS.replace("support/loops", "support/deep/loops")
    text = labels("name: a, priority: 1", "name: b")
    (fault,) = found(tmp_path, text, settings=deep)
    assert "labels[0].priority: there is no project of loops directly in 'support'" in fault
    assert found(tmp_path, text, settings=SETTINGS) == []
    near = CADENCE + "project: support/near\n"
    organisation = loaded(tmp_path, settings=deep, cadence=near, broken=text)
    found_ = priority_projects(organisation.settings, organisation.cadences)
    assert found_ == ("support/near",)


def test_nothing_is_said_of_priorities_while_the_settings_are_not_known(tmp_path):
    assert len(found(tmp_path, labels("name: a, priority: 1"), settings="kind: settings\n")) == 2


def test_expressions_wait_until_they_are_rendered(tmp_path):
    board = "{name: x, group: support, lists: ['manager::{{ manager.id }}', '{% raw %}'], only: []}"
    assert found(tmp_path, f"kind: boards\nboards: [{board}]\n") == []


@pytest.mark.parametrize(
    "cron",
    ["* * * * *", "17 */4 * * *", "0,30 8-18/2 1-31 JAN-dec mon-FRI", "5 4 29 2 7", "*/5 0 1 1 0"],
)
def test_cron_expressions_that_every_cron_knows(cron):
    assert cron_fault(cron) == ""


@pytest.mark.parametrize(
    ("cron", "fault"),
    [
        ("", "it has 0 fields, not 5"),
        ("60 * * * *", "60 is no minute"),
        ("* 24 * * *", "24 is no hour"),
        ("* * 0 * *", "0 is no day of the month"),
        ("* * * 13 *", "13 is no month"),
        ("* * * * 8", "8 is no day of the week"),
        ("*/0 * * * *", "*/0 is no minute"),
        ("9-5 * * * *", "9-5 is no minute"),
        ("* * * * FRI-MON", "FRI-MON is no day of the week"),
        ("1,,2 * * * *", "1,,2 is no minute"),
        ("JAN * * * *", "JAN is no minute"),
        ("* * * * L", "L is no day of the week"),
        ("٣ * * * *", "٣ is no minute"),
        ("@daily * * * *", "@daily is no minute"),
    ],
)
def test_other_expressions_are_told_by_their_field(cron, fault):
    assert cron_fault(cron) == fault

"""All faults are told at once, without false alarms that follow from another fault."""

from __future__ import annotations

import pytest

from automation.config import load
from automation.errors import ConfigError, ExitCode
from tests.config.samples import BERT, CADENCE, SETTINGS, anna, faults, loaded, roster, triage

BOARD = "kind: boards\nboards: [{name: x, group: support, lists: [SGG]}]\n"
MISSING_SETTINGS = (
    "policies: no document has the kind 'settings'\n"
    "  Add one: {kind: settings, loops_group: support, default_project: support/loops}."
)


def test_faults_of_all_files_in_order(tmp_path):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, a=SETTINGS, b=CADENCE + "due: x\nrule: y\n", c="kind: x\n", d="a: b: c\n")
    places = [(one.file, one.line, one.path) for one in caught.value.problems]
    assert places == [
        ("policies/b.yml", 7, "due"),
        ("policies/b.yml", 8, "rule"),
        ("policies/c.yml", 1, "kind"),
        ("policies/d.yml", 1, ""),
    ]
    assert caught.value.exit_code is ExitCode.BAD_CONFIGURATION


def test_settings_are_needed(tmp_path):
    assert faults(tmp_path, a=CADENCE) == [MISSING_SETTINGS]


def test_an_empty_folder(tmp_path):
    assert faults(tmp_path) == [MISSING_SETTINGS]


def test_a_default_project_outside_the_loops_group(tmp_path):
    assert faults(tmp_path, a=SETTINGS.replace("support/loops", "supporters/loops")) == [
        (
            "policies/a.yml:3:18: default_project: 'supporters/loops' is not below the loops' group 'support'\n"
            "  Loops need the labels of that group; move one of them."
        )
    ]


def test_settings_are_not_missed_where_they_may_be_what_is_broken(tmp_path):
    assert faults(tmp_path, a=SETTINGS.replace("default", "default_")) == [
        (
            "policies/a.yml:3:1: default__project: unknown key 'default__project'\n"
            "  Did you mean 'default_project'?"
        )
    ]
    assert faults(tmp_path, a="kind: settings\nloops_group: [") == [
        (
            "policies/a.yml:3:1: a value or a closing bracket is missing here\n"
            "  Close it, put a comma between entries, and quote text that has brackets in it."
        )
    ]


def test_names_are_not_missed_where_their_roster_is_broken(tmp_path):
    broken = "kind: roster\ndirectors:\n  - {id: dir-1, username: dora, age: 5}\n"
    found = faults(tmp_path, a=SETTINGS, b=broken, c="kind: roster\nmanagers:\n" + anna())
    assert [one.partition("\n")[0] for one in found] == [
        "policies/b.yml:3:33: directors[0].age: unknown key 'age'"
    ]


def test_labels_are_not_missed_where_a_policy_is_broken(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b=BOARD, c=triage(action="{labels: SGG}"))
    assert [one.partition("\n")[0] for one in found] == [
        "policies/c.yml:4:33: rules[0].do.labels: unknown key 'labels'"
    ]


def test_schedules_are_checked_without_settings(tmp_path):
    text = CADENCE.replace("WEEKLY", "HOURLY")
    assert any("FREQ=HOURLY" in one for one in faults(tmp_path, a=text))


def test_other_labels_may_be_listed_once_they_are_defined(tmp_path):
    labels = "kind: labels\nlabels: [{name: SGG}]\n"
    assert faults(tmp_path, a=SETTINGS, b=BOARD, c=labels) == []
    assert faults(tmp_path, c=triage(action="{unlabel: SGG}")) == []
    cadence = BOARD.replace("SGG", '"cadence::one-on-one", "manager::mgr-1"')
    assert faults(tmp_path, b=cadence, c=CADENCE, d=roster(anna())) == []


def test_both_an_unknown_and_a_missing_key_that_have_nothing_in_common(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b=CADENCE.replace("period", "colour"))
    assert [one.partition("\n")[0] for one in found] == [
        "policies/b.yml:1:1: 'period' is missing",
        "policies/b.yml:5:1: colour: unknown key 'colour'",
    ]


def test_a_report_in_three_teams(tmp_path):
    days = ["from: 2026-03-01, until: 2026-03-31", "until: 2026-06-30", "from: 2026-06-01"]
    teams = "".join(
        f"  - {{id: mgr-{number}, username: m{number}, director: dir-1, "
        f"reports: [{{id: se-1, username: sven, {span}}}]}}\n"
        for number, span in enumerate(days, 1)
    )
    assert [one.partition("\n")[0] for one in faults(tmp_path, a=SETTINGS, b=roster(teams))] == [
        "policies/b.yml:5:63: managers[0].reports[0].id: 'se-1' is in the team of 'mgr-2' on the same days: policies/b.yml:6",
        "policies/b.yml:7:63: managers[2].reports[0].id: 'se-1' is in the team of 'mgr-2' on the same days: policies/b.yml:6",
    ]


def test_three_uses_of_one_id(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b=roster(anna() + BERT), c="---\n" + roster(anna()))
    assert (
        sum("'mgr-1' has another entry for the same days: policies/b.yml:5" in one for one in found)
        == 1
    )
    assert (
        sum("'dir-1' has another entry for the same days: policies/b.yml:3" in one for one in found)
        == 1
    )


def test_thousands_of_faults_are_cut_short(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b=CADENCE + "".join(f"x{n}: 1\n" for n in range(5000)))
    assert len(found) == 101
    assert found[0] == (
        "policies/b.yml:1:1: this document has 4,900 more faults\n  Mend the others first."
    )


def test_thousands_of_faults_of_the_yaml_are_cut_short(tmp_path):
    found = faults(tmp_path, a=SETTINGS, b="a: 1\n" * 5000)
    assert len(found) == 101
    assert "policies/b.yml:101:1: too many faults to go on\n  Mend those above first." in found


def test_another_folder(tmp_path):
    (tmp_path / "rules" / "emea").mkdir(parents=True)
    (tmp_path / "rules" / "emea" / "x.yaml").write_text("kind: x\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, policies="rules")
    assert caught.value.problems[0].file == "rules/emea/x.yaml"

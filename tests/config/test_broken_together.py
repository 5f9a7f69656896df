"""What only shows when all documents are seen together.

Each case: what is wrong, `policies/broken.yml`, and exactly what a person sees.
"""

from __future__ import annotations

import pytest

from tests.config.samples import BERT, CADENCE, SETTINGS, anna, faults, roster, triage

CASES = [
    pytest.param(
        "kind: settings\nloops_group: support\ndefault_project: support/x\n",
        (
            "policies/broken.yml:1:1: settings are given twice: policies/a.yml:1 has them too\n"
            "  Keep one of the two."
        ),
        id="two settings",
    ),
    pytest.param(
        roster("  - {id: dir-1, username: anna, director: dir-1}\n"),
        (
            "policies/broken.yml:5:10: managers[0].id: the id 'dir-1' is taken: policies/broken.yml:3 has it too\n"
            "  Ids are permanent and belong to one; choose another."
        ),
        id="an id of two people",
    ),
    pytest.param(
        roster(anna())
        + "---\nkind: roster\ngroups:\n  - {id: mgr-1, project: a/b, sponsor: mgr-1}\n",
        (
            "policies/broken.yml:9:10: groups[0].id: the id 'mgr-1' is taken: policies/broken.yml:5 has it too\n"
            "  Ids are permanent and belong to one; choose another."
        ),
        id="an id twice over documents",
    ),
    pytest.param(
        roster(anna() + "  - {id: mgr-2, username: bert, director: dir-1, was: [mgr-1]}\n"),
        (
            "policies/broken.yml:6:56: managers[1].was[0]: the id 'mgr-1' is taken: policies/broken.yml:5 has it too\n"
            "  Ids are permanent and belong to one; choose another."
        ),
        id="an id that somebody else had before",
    ),
    pytest.param(
        roster(anna() + "  - {id: mgr-2, username: Anna, director: dir-1}\n"),
        (
            "policies/broken.yml:6:27: managers[1].username: the user name 'Anna' is taken: policies/broken.yml:5 has it too\n"
            "  Each person has one entry."
        ),
        id="a user name twice, in capitals",
    ),
    pytest.param(
        roster(
            anna(", reports: [{id: se-1, username: sven, until: 2026-06-30}]")
            + "  - {id: mgr-2, username: bert, director: dir-1, reports: [{id: se-1, username: sven, from: 2026-06-30}]}\n"
        ),
        (
            "policies/broken.yml:6:65: managers[1].reports[0].id: 'se-1' is in the team of 'mgr-1' on the same days: policies/broken.yml:5\n"
            "  Part the times with 'from' and 'until'."
        ),
        id="a report in two teams on the same days",
    ),
    pytest.param(
        roster("  - {id: mgr-1, username: anna, director: dir-2}\n"),
        (
            "policies/broken.yml:5:43: managers[0].director: there is no director 'dir-2'\n"
            "  Did you mean 'dir-1'?"
        ),
        id="a misspelt director",
    ),
    pytest.param(
        "kind: roster\nmanagers:\n" + anna(),
        (
            "policies/broken.yml:3:43: managers[0].director: there is no director 'dir-1'\n"
            "  Add the director to a roster."
        ),
        id="no directors at all",
    ),
    pytest.param(
        roster(
            "  - {id: mgr-1, username: anna, director: boss}\n",
            "  - {id: dir-1, username: dora, was: [boss]}\n",
        ),
        (
            "policies/broken.yml:5:43: managers[0].director: there is no director 'boss'\n"
            "  The id is 'dir-1' now."
        ),
        id="a director by a former id",
    ),
    pytest.param(
        roster(anna(), groups="  - {id: baobab, project: a/b, sponsor: dir-1}\n"),
        (
            "policies/broken.yml:7:41: groups[0].sponsor: there is no manager 'dir-1'\n"
            "  Did you mean 'mgr-1'?"
        ),
        id="a sponsor who is a director",
    ),
    pytest.param(
        roster(
            anna(),
            groups="  - {id: baobab, project: a/b, sponsor: mgr-1, managers: [mgr-1, mgr1]}\n",
        ),
        (
            "policies/broken.yml:7:66: groups[0].managers[1]: there is no manager 'mgr1'\n"
            "  Did you mean 'mgr-1'?"
        ),
        id="a misspelt manager of a group",
    ),
    pytest.param(
        roster(anna(", away: [{from: 2026-12-21, to: 2026-12-24, cover: mrg-2}]") + BERT),
        (
            "policies/broken.yml:5:99: managers[0].away[0].cover: there is no person 'mrg-2'\n"
            "  Did you mean 'mgr-2'?"
        ),
        id="a stand-in whom nobody knows",
    ),
    pytest.param(
        roster(anna(", away: [{from: 2026-12-21, to: 2026-12-24, cover: mgr-1}]")),
        (
            "policies/broken.yml:5:99: managers[0].away[0].cover: 'mgr-1' cannot stand in for themselves\n"
            "  Name another person, or leave 'cover' out."
        ),
        id="a stand-in for oneself",
    ),
    pytest.param(
        roster(anna(", holidays: EI")),
        (
            "policies/broken.yml:5:60: managers[0].holidays: 'EI' names no country whose public holidays are known\n"
            "  Write an ISO 3166 code: IE, or DE-BY."
        ),
        id="an unknown country",
    ),
    pytest.param(
        roster(anna(", holidays: Ireland")),
        (
            "policies/broken.yml:5:60: managers[0].holidays: 'Ireland' names no country whose public holidays are known\n"
            "  Write an ISO 3166 code: IE, or DE-BY."
        ),
        id="a country by its name",
    ),
    pytest.param(
        roster(anna(", holidays: ie")),
        (
            "policies/broken.yml:5:60: managers[0].holidays: 'ie' names no country whose public holidays are known\n"
            "  Did you mean 'IE'?"
        ),
        id="a country in small letters",
    ),
    pytest.param(
        roster(anna(", holidays: DE-BX")),
        (
            "policies/broken.yml:5:60: managers[0].holidays: 'DE-BX' names no part of DE whose public holidays are known\n"
            "  Valid here: Augsburg, BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN and 2 more."
        ),
        id="an unknown part of a country",
    ),
    pytest.param(
        roster(anna(", holidays: DE-")),
        (
            "policies/broken.yml:5:60: managers[0].holidays: 'DE-' names no part of DE whose public holidays are known\n"
            "  Valid here: Augsburg, BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN and 2 more."
        ),
        id="a country with nothing after the dash",
    ),
    pytest.param(
        CADENCE + "---\n" + triage().replace("name: x", "name: one-on-one"),
        (
            "policies/broken.yml:9:7: name: the name 'one-on-one' is taken: policies/broken.yml:2 has it too\n"
            "  Cadences, triage and metrics policies share their names; choose another."
        ),
        id="one name for two policies",
    ),
    pytest.param(
        "kind: triage\nname: x\nwhere: {group: a}\nrules:\n  - {name: r, when: x, do: {label: y}}\n  - {name: r, when: x, do: {label: y}}\n",
        (
            "policies/broken.yml:6:12: rules[1].name: the rule 'r' is taken: policies/broken.yml:5 has it too\n"
            "  Choose another name."
        ),
        id="one name for two rules",
    ),
    pytest.param(
        "kind: labels\nlabels: [{name: a}, {name: b}]\n---\nkind: labels\nlabels: [{name: a}]\n",
        (
            "policies/broken.yml:5:17: labels[0].name: the label 'a' is taken: policies/broken.yml:2 has it too\n"
            "  Keep one of the two."
        ),
        id="a label twice",
    ),
    pytest.param(
        "kind: boards\nboards:\n  - {name: x, group: support, lists: [snoozed]}\n  - {name: x, group: support, lists: [attention]}\n",
        (
            "policies/broken.yml:4:12: boards[1].name: the board 'x' is taken: policies/broken.yml:3 has it too\n"
            "  Choose another name, or another place."
        ),
        id="a board twice",
    ),
    pytest.param(
        "kind: boards\nboards: [{name: x, group: support, lists: [loop::opened]}]\n",
        (
            "policies/broken.yml:2:44: boards[0].lists[0]: there is no label 'loop::opened'\n"
            "  Did you mean 'loop::open'?"
        ),
        id="a misspelt label of a board",
    ),
    pytest.param(
        "kind: boards\nboards: [{name: x, group: support, lists: [SGG]}]\n",
        (
            "policies/broken.yml:2:44: boards[0].lists[0]: there is no label 'SGG'\n"
            "  Define it in a document of the kind 'labels'."
        ),
        id="a label of a board that nobody defines",
    ),
    pytest.param(
        CADENCE + "project: sales/loops\n",
        (
            "policies/broken.yml:7:10: project: 'sales/loops' is not below the loops' group 'support'\n"
            "  Loops need the labels of that group; move one of them."
        ),
        id="a project outside the loops' group",
    ),
    pytest.param(
        CADENCE + "project: support/one on one\n",
        (
            "policies/broken.yml:7:10: project: 'support/one on one' is neither a full path nor an expression\n"
            "  Write it such as support/loops or support/{{ manager.username }}."
        ),
        id="a project that is no path",
    ),
    pytest.param(
        CADENCE.replace("FREQ=WEEKLY;BYDAY=MO", "FREQ=HOURLY"),
        "policies/broken.yml:6:19: schedule.rrule: FREQ=HOURLY is too often: loops open once a day at most, and `at:` says when.",
        id="a rule that opens too often",
    ),
    pytest.param(
        CADENCE.replace("BYDAY=MO", "BYDAY=MO,TH"),
        "policies/broken.yml:6:19: schedule.rrule: The rule opens twice in 2024-W01, on 2024-01-01 and on 2024-01-04; with `period: week` each ISO week has one loop at most.",
        id="a rule that opens twice in a period",
    ),
    pytest.param(
        CADENCE.replace("FREQ=WEEKLY;BYDAY=MO", "every monday"),
        "policies/broken.yml:6:19: schedule.rrule: `rrule:` holds one rule on one line, without blanks; EXDATE and RDATE are not read.",
        id="a rule that is none",
    ),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_a_person_sees(text, message, tmp_path):
    files = {"a": SETTINGS, "broken": text}
    assert faults(tmp_path, **files) == [message]

"""What a person sees who writes something wrong about days; what is right loads."""

from __future__ import annotations

from datetime import date

import pytest

from automation.model.policy import WhenAway
from tests.config.samples import BERT, CADENCE, DIRECTOR, SETTINGS, anna, faults, loaded, roster

KEEP_BOTH = "when_previous_open: keep_both\n"


def with_schedule(more: str) -> str:
    return CADENCE.replace('"FREQ=WEEKLY;BYDAY=MO"', f'"FREQ=WEEKLY;BYDAY=MO", {more}')


WRONG = [
    (
        CADENCE + "backfill: 3\n",
        ("policies/broken.yml:7:11: backfill: earlier loops can only be opened beside the current one\n"
        "  Add 'when_previous_open: keep_both' to the cadence, or leave 'backfill' out."),
    ),
    (
        CADENCE + "backfill: 13\n" + KEEP_BOTH,
        "policies/broken.yml:7:11: backfill: 13 is out of range\n  Write a number of at most 12.",
    ),
    (
        CADENCE.replace("for_each: manager", "for_each: group") + "only_when: on_call\n",
        ("policies/broken.yml:7:12: only_when: only managers are on call, and this is for each group\n"
        "  Write 'for_each: manager', or leave 'only_when' out."),
    ),
    (
        CADENCE + "only_when: oncall\n",
        ("policies/broken.yml:7:12: only_when: 'oncall' is not valid here\n"
        "  Did you mean 'on_call'? Valid here: on_call."),
    ),
    (
        CADENCE + "when_away: skipp\n",
        ("policies/broken.yml:7:12: when_away: 'skipp' is not valid here\n"
        "  Did you mean 'skip'? Valid here: cover, open, skip."),
    ),
    (
        CADENCE + "pauses: [{from: 2026-12-21, subjects: [mgr-3]}]\n---\n" + roster(anna()),
        ("policies/broken.yml:7:40: pauses[0].subjects[0]: there is no manager 'mgr-3'\n"
        "  Did you mean 'mgr-1'?"),
    ),
    (
        CADENCE + "pauses: [{from: 2026-12-21, subjects: [old]}]\n---\n" + roster(anna(", was: [old]")),
        ("policies/broken.yml:7:40: pauses[0].subjects[0]: there is no manager 'old'\n"
        "  The id is 'mgr-1' now."),
    ),
    (
        CADENCE.replace("for_each: manager", "for_each: organisation")
        + "pauses: [{from: 2026-12-21, subjects: [mgr-1]}]\n",
        ("policies/broken.yml:7:40: pauses[0].subjects[0]: there is no organisation 'mgr-1'\n"
        "  Valid here: organisation."),
    ),
    (
        CADENCE + "pauses: [{from: 2026-12-21, subjects: []}]\n",
        "policies/broken.yml:7:39: pauses[0].subjects: the list is empty\n  Add an entry.",
    ),
    (
        CADENCE + "pauses: [{from: 2026-12-21, to: 2026-12-20}]\n",
        "policies/broken.yml:7:10: pauses[0]: this mapping ends on 2026-12-20, before it begins on 2026-12-21",
    ),
    (
        with_schedule("starts: 2026-11-23, ends: 2026-11-01"),
        "policies/broken.yml:6:69: schedule.ends: `ends: 2026-11-01` comes before the first day of the rule, 2026-11-23.",
    ),
    (
        with_schedule("starts: 2026-11-23, except: [2026-12-29]"),
        "policies/broken.yml:6:71: schedule.except: The rule does not open on 2026-12-29; around it are 2026-12-28 and 2027-01-04.",
    ),
    (
        roster(anna() + anna()),
        ("policies/broken.yml:6:10: managers[1].id: 'mgr-1' has another entry for the same days: policies/broken.yml:5\n"
        "  Part the times with 'from' and 'until', or choose another id."),
    ),
    (
        roster(anna(", until: 2026-12-31") + anna(", from: 2026-12-31")),
        ("policies/broken.yml:6:10: managers[1].id: 'mgr-1' has another entry for the same days: policies/broken.yml:5\n"
        "  Part the times with 'from' and 'until', or choose another id."),
    ),
    (
        roster(anna(", from: 2026-12-31, until: 2026-12-30")),
        "policies/broken.yml:5:5: managers[0]: this mapping ends on 2026-12-30, before it begins on 2026-12-31",
    ),
    (
        roster(anna() + anna(", from: 2027-01-01").replace("anna", "berta")),
        ("policies/broken.yml:6:10: managers[1].id: 'mgr-1' has another entry for the same days: policies/broken.yml:5\n"
        "  Part the times with 'from' and 'until', or choose another id."),
    ),
    (
        roster(anna(", until: 2026-06-30, reports: [{id: se-1, username: s, from: 2026-07-01}]")),
        ("policies/broken.yml:5:84: managers[0].reports[0].id: 'se-1' is never in the team of 'mgr-1', who is there on other days\n"
        "  Check 'from' and 'until' of both."),
    ),
    (
        roster(anna(", paused: [{from: 2026-12-21, to: 2026-12-20}]")),
        "policies/broken.yml:5:59: managers[0].paused[0]: this mapping ends on 2026-12-20, before it begins on 2026-12-21",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_person_sees(text, message, tmp_path):
    assert faults(tmp_path, a=SETTINGS, broken=text) == [message]


@pytest.mark.parametrize(
    "people",
    [
        roster(anna(", until: 2026-12-31") + anna(", from: 2027-01-01")),
        roster(anna(", from: 2027-01-01") + anna(", until: 2026-12-31")),
        roster(
            anna(),
            DIRECTOR.replace("}", ", until: 2026-12-31}")
            + DIRECTOR.replace("}", ", from: 2027-01-01}"),
        ),
        roster(
            anna(),
            groups="  - {id: g, project: support/a, sponsor: mgr-1, until: 2026-12-31}\n"
            "  - {id: g, project: support/b, sponsor: mgr-1, from: 2027-01-01}\n",
        ),
        roster(
            anna(", until: 2026-12-31, reports: &team [{id: se-1, username: sven}]")
            + anna(", from: 2027-01-01, reports: *team")
        ),
    ],
)
def test_one_id_may_have_several_entries(people, tmp_path):
    assert faults(tmp_path, a=SETTINGS, people=people) == []


def test_everything_about_days_loads(tmp_path):
    people = roster(
        anna(
            ", from: 2026-01-01, paused: [{from: 2026-12-21, why: leave}, {from: 2026-08-01, to: 2026-08-31}]"
        )
        + BERT
    )
    cadence = (
        with_schedule("starts: 2026-11-23, ends: 2027-06-28, except: [2026-12-28]")
        + "backfill: 12\nonly_when: on_call\nwhen_away: open\n"
        + "pauses:\n  - {from: 2027-02-01}\n  - {from: 2026-12-21, to: 2027-01-03, subjects: [mgr-1], why: Winter}\n"
        + KEEP_BOTH
    )
    organisation = loaded(tmp_path, a=SETTINGS, people=people, cadence=cadence)
    (found,) = organisation.cadences
    assert (found.backfill, found.only_when, found.when_away) == (12, "on_call", WhenAway.OPEN)
    assert (found.schedule.ends, found.schedule.excluded) == (
        date(2027, 6, 28),
        (date(2026, 12, 28),),
    )
    assert [(str(pause), pause.subjects) for pause in found.pauses] == [
        ("paused since 2027-02-01", ()),
        ("paused since 2026-12-21 until 2027-01-03: Winter", ("mgr-1",)),
    ]
    assert [str(pause) for pause in organisation.managers["mgr-1"].paused] == [
        "paused since 2026-12-21: leave",
        "paused since 2026-08-01 until 2026-08-31",
    ]

"""What would be said on a loop: the words of the rules themselves, on their days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from automation.rules.rehearsal import Spoken, rehearsed
from tests.support.builders import MONDAY, OrgBuilder, an_org


def since(day: date) -> dict[str, Any]:
    return {"from": day}


def said(builder: OrgBuilder) -> tuple[Spoken, ...]:
    loops = builder.loops()
    (loop,) = loops.current(MONDAY)
    return rehearsed(loop, loops)


def org(folder: Path, **facts: Any) -> OrgBuilder:
    return an_org(folder).with_manager().with_cadence(**facts)


def test_everything_by_its_day(tmp_path: Path) -> None:
    found = said(
        org(
            tmp_path,
            remind=["2 days after due", "due", "1 day before due", "1 day after due"],
            escalate={"after_missed": 2, "to": "director"},
        )
    )
    assert [(one.why, one.day) for one in found] == [
        ("a reminder", date(2026, 11, 26)),
        ("a reminder", date(2026, 11, 27)),
        ("it is overdue", date(2026, 11, 30)),
        ("a reminder", date(2026, 12, 1)),
        ("every box is ticked", date(2026, 11, 27)),
        ("the next one opens first", date(2026, 11, 30)),
        ("it was missed 2 times in a row: on the next one", date(2026, 12, 7)),
    ]
    texts = [one.text for one in found]
    assert texts[0].startswith("@mgr-1 a reminder: this is due on Friday, 27 November; 0 of 3")
    assert "is due today" in texts[1]
    assert texts[2].startswith("@mgr-1 this was due on Friday, 27 November")
    assert "was due on" in texts[3]
    assert texts[4].startswith("Done: 3 of 3 items are ticked")
    assert texts[5].startswith("The next loop is on: [2026-W49](drumbeat:next)")
    assert "@dir-1: mgr-1 missed this 2 times in a row (2026-W49, 2026-W48)" in texts[6]


def test_once_is_in_a_row_where_the_policy_says_so(tmp_path: Path) -> None:
    found = said(org(tmp_path, escalate={"after_missed": 1, "to": "director"}))
    assert "missed this 1 times in a row (2026-W48)" in found[-1].text


def test_where_both_stay_open_nothing_is_said_of_the_next(tmp_path: Path) -> None:
    found = said(org(tmp_path, when_previous_open="keep_both"))
    assert [one.why for one in found] == ["it is overdue", "every box is ticked"]


def test_the_last_of_all_has_no_next(tmp_path: Path) -> None:
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "at": "08:00", "starts": "2026-11-16"}
    found = said(org(tmp_path, schedule=schedule, escalate={"after_missed": 2, "to": "director"}))
    assert [one.why for one in found] == ["it is overdue", "every box is ticked"]


def test_too_few_are_left_to_be_missed_in_a_row(tmp_path: Path) -> None:
    schedule = {"rrule": "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "at": "08:00", "starts": "2026-11-23"}
    found = said(org(tmp_path, schedule=schedule, escalate={"after_missed": 2, "to": "director"}))
    assert found[-1].why == "the next one opens first"


def test_for_nobody_and_for_a_loop_without_a_director(tmp_path: Path) -> None:
    found = said(
        org(
            tmp_path,
            for_each="organisation",
            assignee="{{ '' }}",
            escalate={"after_missed": 1, "to": "director"},
        )
    )
    assert [one.why for one in found] == [
        "it is overdue",
        "every box is ticked",
        "the next one opens first",
    ]
    assert found[0].text.startswith("this was due on")


def test_somebody_else_takes_over_before_it_is_overdue(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_manager("mgr-1", until=date(2026, 11, 25))
    builder.with_manager("mgr-1", username="ann", **since(date(2026, 11, 26)))
    found = said(builder.with_cadence())
    assert any("ann" in one.text for one in found)


def test_a_checklist_that_cannot_be_judged_is_told(tmp_path: Path) -> None:
    found = said(org(tmp_path, close_when=[{"section": "Nowhere"}]))
    assert {one.text.split(":")[0] for one in found} == {"@mgr-1 This checklist cannot be judged"}

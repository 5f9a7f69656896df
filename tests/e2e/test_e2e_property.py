"""The law of the house, over HTTP: apply, look, and the plan is empty; nothing is there twice.

Small organisations, policies, clocks, people's doings and a fault now and then are drawn at
random; the whole of Drumbeat runs against the whole of the embedded GitLab.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.e2e.conftest import served
from tests.e2e.drive import apply, drumbeat, planned
from tests.e2e.outside import REPORTER, Refused, Site, initiative, ticked, twice
from tests.e2e.small import cadence, manager, repository, roster, settings, settle
from tests.e2e.test_e2e_initiatives import POLICY

EXAMPLES = int(os.environ.get("DRUMBEAT_E2E_EXAMPLES", "5"))
FIRST = datetime(2026, 11, 20, tzinfo=UTC)
LAST = datetime(2027, 2, 20, tzinfo=UTC)

TEMPLATE = """\
---
title: "{name} of {{{{ subject.id }}}} · {{{{ period.label }}}}"
---
For {{{{ subject.name }}}}, due {{{{ due }}}}.

## Things

- [ ] One
- [ ] Two

## Other things

1. [ ] Three
"""
ZONES = ["UTC", "Australia/Sydney", "America/Denver", "Asia/Kolkata", "Pacific/Apia"]
RULES = [
    ("day", "FREQ=DAILY"),
    ("week", "FREQ=WEEKLY;BYDAY=MO"),
    ("week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
    ("month", "FREQ=MONTHLY;BYDAY=2TU"),
    ("month", "FREQ=MONTHLY;BYMONTHDAY=1"),
    ("fiscal-quarter", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1"),
]


@st.composite
def cadences(draw: st.DrawFn, name: str) -> dict[str, Any]:
    period, rule = draw(st.sampled_from(RULES))
    start = {"starts": "2026-11-01"} if draw(st.booleans()) or "INTERVAL" in rule else {}
    return cadence(
        name,
        for_each=draw(st.sampled_from(["manager", "report", "group", "director", "organisation"])),
        period=period,
        schedule={"rrule": rule, "at": draw(st.sampled_from(["00:00", "08:00", "23:30"])), **start},
        due=draw(st.sampled_from(["1 working day", "4 working days", "3 days", "end of period"])),
        close_when=draw(
            st.sampled_from(["all", "any", {"at_least": 2}, [{"section": "Things", "done": "any"}]])
        ),
        remind=draw(
            st.sampled_from([[], ["due"], ["1 day before due", "due", "2 days after due"]])
        ),
        when_previous_open=draw(st.sampled_from(["carry_over", "wait", "keep_both"])),
        confidential=draw(st.booleans()),
    )


@st.composite
def people(draw: st.DrawFn, id: str) -> dict[str, Any]:
    reports = [
        {"id": f"{id}-{n}", "username": f"{id}-{n}", "timezone": draw(st.sampled_from(ZONES))}
        for n in range(draw(st.integers(0, 2)))
    ]
    away = [{"from": "2026-11-25", "to": "2026-12-04"}] if draw(st.booleans()) else []
    more = {"holidays": "IE"} if draw(st.booleans()) else {}
    zone = draw(st.sampled_from(ZONES))
    return manager(id, timezone=zone, reports=reports, away=away, **more)


def replaced(old: str, new: str):
    return lambda who, issue: who.edit(issue, description=issue["description"].replace(old, new))


def given_to(**fields: Any):
    return lambda who, issue: who.edit(issue, **fields)


DOINGS = {
    "tick all": lambda who, issue: who.tick(issue),
    "tick one": lambda who, issue: who.tick(issue, lambda index: index == 0),
    "set all aside": lambda who, issue: who.edit(
        issue, description=ticked(issue["description"], lambda _index: True, mark="~")
    ),
    "untick": replaced("[x]", "[ ]"),
    "add an item": replaced("## Other", "- [ ] A promise to @anna\n\n## Other"),
    "break the list": replaced("## Things", "[x]: https://example.com\n\n## Things"),
    "drop a heading": replaced("## Things", "Things"),
    "close": given_to(state_event="close"),
    "reopen": given_to(state_event="reopen"),
    "waive": given_to(add_labels="loop::waived"),
    "snooze": given_to(add_labels="snoozed"),
    "drop all labels": given_to(labels=""),
    "two states": given_to(add_labels="loop::overdue,loop::open"),
    "mark as missed": given_to(add_labels="loop::missed"),
    "due earlier": given_to(due_date="2026-11-02"),
    "due later": given_to(due_date="2027-06-01"),
    "no due date": given_to(due_date=""),
    "nobody": given_to(assignee_ids=[0]),
    "say something": lambda who, issue: who.comment(issue, "On it. <!-- drumbeat:said done x -->"),
    "tamper": None,  # with one of the two carriers
}
FAULTS = [
    {"action": "cut_before"},
    {"action": "cut_after"},
    {"action": "truncate"},
    {"action": "status", "status": 500},
    {"action": "status", "status": 403, "body": {"message": "403 Forbidden"}},
    {"action": "status", "status": 429, "headers": {"Retry-After": "0"}},
]


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """What there is, and what happens when."""
    seconds = st.integers(0, int((LAST - FIRST).total_seconds()) // 900)
    return {
        "managers": [draw(people(f"m{n}")) for n in range(draw(st.integers(1, 2)))],
        "cadences": [draw(cadences(f"c{n}")) for n in range(draw(st.integers(1, 3)))],
        "tampering": draw(st.sampled_from(["title", "marker", "body"])),
        "chapters": [
            {
                "when": FIRST + timedelta(seconds=900 * moment),
                "doings": draw(
                    st.lists(
                        st.tuples(st.sampled_from(sorted(DOINGS)), st.integers(0, 40)), max_size=4
                    )
                ),
                "fault": draw(st.none() | st.tuples(st.sampled_from(FAULTS), st.integers(1, 6))),
            }
            for moment in sorted(draw(st.sets(seconds, min_size=2, max_size=4)))
        ],
    }


def written(folder: Path, story: dict[str, Any]) -> Path:
    group = {"id": "oak", "project": "support/sgg/oak", "sponsor": "m0", "timezone": "UTC"}
    limits = {"create": 100, "close": 100, "notes": 10_000, "mentions_per_person": 10_000}
    names = [one["name"] for one in story["cadences"]]
    return repository(
        folder,
        settings(limits=limits),
        roster(*story["managers"], groups=[group]),
        *story["cadences"],
        POLICY,
        templates={
            "quiet.md": "{{ mentions }}: {{ issue.title }} is quiet.",
            **{f"{name}.md": TEMPLATE.format(name=name) for name in names},
        },
    )


def act(site: Site, story: dict[str, Any], doing: str, number: int) -> None:
    """Somebody does something to one of the issues; what GitLab refuses is refused."""
    issues = site.issues()
    if not issues:
        return
    issue = issues[number % len(issues)]
    who = site.root if number % 3 else site["m0"]
    deed = DOINGS[doing]
    if deed is None:
        deed = {
            "title": given_to(title=f"Our own title {issue['id']}"),
            "marker": replaced("<!-- drumbeat:loop", "<!-- ours:"),
            "body": given_to(description=f"Rewritten {number}"),
        }[story["tampering"]]
    try:
        deed(who, issue)
    except Refused as refused:
        if refused.status not in (403, 404):
            raise


@hypothesis_settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(story=stories())
def test_after_an_apply_the_plan_is_empty_and_nothing_is_there_twice(story):
    names = [one["id"] for one in story["managers"]]
    with TemporaryDirectory() as folder, served(now="2026-11-01T00:00:00Z") as site:
        settle(site, *names, "dora")
        site.project("support/sgg/oak")
        site.member("groups", "support/sgg", "m0", REPORTER)
        initiative(site["m0"], "oak", "An initiative")
        repo = written(Path(folder), story)
        drumbeat(site, "setup", "2026-11-01T00:00:00Z", "--yes", root=repo)
        for chapter in story["chapters"]:
            now = chapter["when"].isoformat()
            site.at(now)
            for doing, number in chapter["doings"]:
                act(site, story, doing, number)
            if chapter["fault"] is not None:
                rule, number = chapter["fault"]
                site.faults({**rule, "route": "/(issues|notes|labels|issues/[0-9]+)$",
                             "method": "PUT" if number > 4 else "POST", "nth": number})  # fmt: skip
                apply(site, now, root=repo, expect=None)
                site.faults()
            before = {issue["id"]: issue["description"] for issue in site.issues()}
            apply(site, now, root=repo)
            plan = planned(site, now, root=repo)
            assert plan["changes"] == []
            assert not [*twice(site.loops())]
            after = {issue["id"]: issue["description"] for issue in site.issues()}
            assert {one: after[one] for one in before} == before

"""Whatever the roster, the policies, the clock and the people: apply, and there is no more to do.

The law of the house as a property (law 10), with what must hold on the way (laws 1, 3, 5).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.model.change import CreateIssue, Transition
from tests.support.builders import ALL_BOXES, PER_REPORT, an_org

ZONES = (
    "UTC",
    "Europe/Dublin",
    "America/Denver",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "America/St_Johns",
)
SCHEDULES = (
    ("day", "FREQ=DAILY"),
    ("day", "FREQ=WEEKLY;BYDAY=TU,TH"),
    ("week", "FREQ=WEEKLY;BYDAY=MO"),
    ("week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
    ("month", "FREQ=MONTHLY;BYDAY=-1FR"),
    ("fiscal-quarter", "FREQ=MONTHLY;BYMONTH=2,5,8,11;BYMONTHDAY=15"),
    ("fiscal-year", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1"),
)
RULES = (
    ("all", ALL_BOXES),
    ("any", ALL_BOXES),
    ({"at_least": 2}, ALL_BOXES),
    ([{"each": "report", "done": "any"}], PER_REPORT),
    ([{"each": "report", "done": "all"}], PER_REPORT),
)

managers = st.fixed_dictionaries({"timezone": st.sampled_from(ZONES), "reports": st.integers(0, 2)})
cadences = st.fixed_dictionaries(
    {
        "schedule": st.sampled_from(SCHEDULES),
        "at": st.sampled_from(("00:00", "02:30", "08:00", "23:59")),
        "rule": st.sampled_from(RULES),
        "for_each": st.sampled_from(("manager", "manager", "report", "organisation")),
        "when_previous_open": st.sampled_from(("carry_over", "wait", "keep_both")),
        "due": st.sampled_from((None, "1 day", "4 working days", "end of period")),
        "remind": st.sampled_from(((), ("due",), ("1 day before due", "due", "2 days after due"))),
        "confidential": st.booleans(),
    }
)
acts = st.tuples(
    st.integers(0, 30),
    st.sampled_from(
        [
            "tick",
            "tick",
            "tick-all",
            "untick",
            "cross-out",
            "close",
            "reopen",
            "waive",
            "open",
            "snooze",
            "unsnooze",
            "strip",
            "retitle",
            "take-title",
            "rewrite",
            "append",
            "comment",
            "postpone",
            "undate",
            "delete",
            "move",
            "stranger",
        ]
    ),
    st.integers(0, 5),
)
turns = st.tuples(
    st.integers(0, 24 * 45),
    st.lists(acts, max_size=4),
    st.sampled_from(("once", "twice", "killed")),
)


def build(folder, people, policies):
    org = an_org(folder).with_settings(limits={"create": 100, "close": 100})
    for number, facts in enumerate(people):
        org.with_manager(f"mgr-{number}", **facts)
    for number, facts in enumerate(policies):
        (period, rrule), (close_when, body) = facts["schedule"], facts["rule"]
        org.with_cadence(
            f"cadence-{number}",
            body,
            period=period,
            schedule={"rrule": rrule, "at": facts["at"]},
            close_when=close_when,
            **{name: facts[name] for name in facts if name not in {"schedule", "at", "rule"}},
        )
    return org


def act(scene, which, what, number):
    """Somebody does something to an issue, if there is any."""
    issues = scene.issues()
    if not issues:
        return
    issue, gitlab, who = issues[which % len(issues)], scene.gitlab, scene.person("somebody")
    match what:
        case "tick":
            gitlab.tick(issue, who, number)
        case "tick-all":
            gitlab.tick(issue, who)
        case "untick":
            gitlab.untick(issue, who, number)
        case "cross-out":
            gitlab.tick(issue, who, number, box="[~]")
        case "close" if issue.opened:
            gitlab.close(issue, who)
        case "reopen" if not issue.opened and issue.moved_to_id is None:
            gitlab.reopen(issue, who)
        case "waive":
            gitlab.relabel(issue, who, add=["loop::waived"], remove=["loop::open"] * (number % 2))
        case "open":
            gitlab.relabel(issue, who, add=["loop::open"])
        case "snooze":
            gitlab.relabel(issue, who, add=["snoozed"])
        case "unsnooze":
            gitlab.relabel(issue, who, remove=["snoozed"])
        case "strip":
            gitlab.relabel(issue, who, remove=issue.labels)
        case "retitle":
            gitlab.rename(issue, who, f"something else {number}")
        case "take-title":
            gitlab.rename(issue, who, issues[number % len(issues)].title)
        case "rewrite":
            gitlab.edit(issue, who, "- [ ] all new\n" * number)
        case "append":
            gitlab.append(issue, who, f"- [ ] more of {number}")
        case "comment":
            gitlab.comment(issue, who, issue.description)
        case "postpone":
            due = (issue.due_date or scene.now.date()) + timedelta(days=number)
            gitlab.change_due_date(issue, who, due)
        case "undate":
            gitlab.change_due_date(issue, who, None)
        case "delete":
            gitlab.delete(issue)
        case "move" if issue.opened:
            gitlab.move(issue, who, ("support/elsewhere", "private/mine")[number % 2])
        case "stranger":
            gitlab.open("support/loops", issue.title, issue.description, author=who)


class Killed(BaseException):
    pass


def run(scene, how):
    """One run of the schedule; it may be killed half-way, or start twice at once."""
    if how == "killed":
        seen: Counter[str] = Counter()

        def kill_at_the_third(_what):
            seen["writes"] += 1
            if seen["writes"] == 3:
                raise Killed

        scene.gitlab.after_write = kill_at_the_third
        try:
            scene.run()
        except Killed:
            pass
        finally:
            scene.gitlab.after_write = lambda _what: None
    return scene.run()


def assert_laws(scene, before, plan):
    """What one run may have done to what was there before it."""
    now = scene.gitlab.issues
    assert before.keys() <= now.keys()
    for ref, issue in before.items():
        assert now[ref].description == issue.description
        assert now[ref].title == issue.title
        assert issue.opened or not now[ref].opened
    made = Counter(one.key for one in plan.changes if isinstance(one, CreateIssue))
    moved = Counter(
        (one.key, one.target.iid, one.target.project_id, one.to)
        for one in plan.changes
        if isinstance(one, Transition)
    )
    assert set((made + moved).values()) <= {1}
    for ref in now:
        marks = [note.rpartition("\n")[2] for note in scene.gitlab.said_on(now[ref])]
        assert len(marks) == len(set(marks))


@given(
    people=st.lists(managers, max_size=4),
    policies=st.lists(cadences, min_size=1, max_size=3),
    begin=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    story=st.lists(turns, min_size=1, max_size=6),
)
@pytest.mark.slow
@pytest.mark.timeout(400)  # a failure is made smaller before it is shown
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_an_apply_the_plan_is_empty(tmp_path_factory, people, policies, begin, story):
    org = build(tmp_path_factory.mktemp("templates"), people, policies)
    scene = org.scene(begin)
    for hours, deeds, how in story:
        scene.now += timedelta(hours=hours)
        scene.gitlab.set_clock(scene.now)
        for deed in deeds:
            act(scene, *deed)
        before = dict(scene.gitlab.issues)
        plan = run(scene, how)
        assert_laws(scene, before, plan)
        again = scene.plan()
        assert again.changes == ()
        assert not again.blocked

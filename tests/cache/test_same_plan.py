"""Whatever happened, and whenever: what runs remember changes no plan (law of the cache).

Side by side, at each run: one plan with what the runs before it kept in the file, and one that
reads everything. GitLab leaves the time of an update alone where that is less than a minute ago.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from automation.apply import apply
from automation.model.change import Status
from tests.cache.memory import forgetful, pass_time, remembering, take_back, throttled
from tests.support.builders import an_org
from tests.triage.world import World, rule

PAUSES = st.sampled_from([0, 1, 20, 40, 70, 11 * 60, 13 * 60 * 60])
"""Seconds between two moments: within GitLab's minute, and past what settles."""
BREAKS = st.sampled_from([0, 1, 2, 4, 6, 8, 12, 20])
"""Days between two scenes."""
WHAT = st.sampled_from(
    [
        "comment",
        "comment",
        "tick",
        "label",
        "unlabel",
        "close",
        "reopen",
        "spend",
        "mention",
        "thread",
        "postpone",
        "take back",
        "take back",
        "rename label",
        "nothing",
    ]
)
WHO = st.sampled_from(["known", "stranger", "bot", "flagged", "drumbeat"])
DOES = st.booleans()
"""Whether the run does what it plans."""
MOMENTS = st.lists(st.tuples(PAUSES, st.integers(0, 1), WHAT, WHO, DOES), min_size=1, max_size=4)
STORIES = st.lists(st.tuples(BREAKS, MOMENTS), min_size=1, max_size=4)
SIZES = st.sampled_from([1, 2, 100])


def someone(gitlab, who):
    """A user as entries of a history show them: without the flag that tells bots."""
    match who:
        case "drumbeat":
            return gitlab.me
        case "flagged":
            return replace(gitlab.with_user("helpful", bot=True), bot=None)
        case _:
            names = {"known": "mgr-1", "stranger": "se-1", "bot": "project_1_bot_ab12"}
            return gitlab.with_user(names[who])


def act(place, number, what, who):
    """Somebody does something to an issue, if there is any."""
    gitlab = place.gitlab
    if not gitlab.issues:
        return
    refs = sorted(gitlab.issues)
    issue, user = gitlab.issues[refs[number % len(refs)]], someone(gitlab, who)
    match what:
        case "comment":
            gitlab.comment(issue, user, "Here is news")
        case "tick":
            gitlab.tick(issue, user, 1 + len(gitlab.notes[issue.ref]) % 3)
        case "label":
            gitlab.relabel(issue, user, add=["stale"])
        case "unlabel":
            gitlab.relabel(issue, user, remove=["stale", "loop::open"])
        case "close" if issue.opened:
            gitlab.close(issue, user)
        case "reopen" if not issue.opened:
            gitlab.reopen(issue, user)
        case "spend":
            gitlab.comment(issue, user, "added 1h of time spent", system=True)
        case "mention":
            gitlab.comment(issue, user, "mentioned in issue #5", system=True)
        case "thread":
            gitlab.threads[issue.ref] = gitlab.threads.get(issue.ref, 0) + 1
            gitlab.comment(issue, user, "A question")
        case "postpone":
            due = (issue.due_date or place.now.date()) + timedelta(days=2)
            gitlab.change_due_date(issue, user, due)
        case "take back":
            take_back(gitlab, issue)
        case "rename label" if "stale" in issue.labels:
            rename(gitlab, issue, "stale", "quiet")


def rename(gitlab, issue, old, new):
    """A label has its new name on an issue, and in what happened there; that is no update."""
    labels = gitlab.current(issue).labels - {old} | {new}
    gitlab.issues[issue.ref] = replace(gitlab.current(issue), labels=labels)
    events = gitlab.events[issue.ref]
    events[:] = [replace(one, label=new) if one.label == old else one for one in events]


def shown(plan):
    """A plan as it is compared; of how sure it is of quiet time, other issues decide as well."""
    changes = [
        one.model_copy(update={"reason": one.reason.replace("(quiet for at least ", "(quiet for ")})
        for one in plan.changes
    ]
    return changes, [one.id for one in plan.changes], plan.problems


def played(place, folder, story, size):
    """Somebody does something, then there is a run: its plan, and that of one that reads all."""
    place.gitlab.page_size = size
    for days, moments in story:
        pass_time(place, timedelta(days=days))
        for seconds, number, what, who, does in moments:
            pass_time(place, timedelta(seconds=seconds))
            act(place, number, what, who)
            plan = remembering(place, folder)
            yield shown(plan), shown(forgetful(place))
            if does:
                told = list(apply(plan, place.gitlab))
                assert [one for one in told if one.status is not Status.DONE] == []


RULES = (
    rule("stale", "quiet_for > days(21)", label="stale", comment="hi.md"),
    rule("revived", "has('stale') and quiet_for <= days(21)", unlabel="stale"),
    rule("welcome", "open_boxes > 0", comment="note.md"),
    rule("given-up", "labelled_for('stale') > days(20)", close=True, comment="more.md"),
)
MORE = (
    rule("nag", "labelled_for('stale') > days(3)", comment="last.md", repeat_after=7),
    rule("crowd", "people > 1 and threads > 0", label="crowded", comment="hi.md"),
    rule("renamed", "labelled_for('quiet') > days(3)", comment="more.md", unlabel="quiet"),
)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def scene(*moments, days=0):
    """What somebody does to an issue, and who, after so many seconds; a run after each.

    A number alone is a run that nobody did anything before; `True`, one that does what it plans.
    """
    return days, [_moment(one) for one in moments]


def _moment(told):
    match told:
        case bool():
            return 0, 0, "nothing", "known", True
        case int():
            return told, 0, "nothing", "known", False
    return *told, False


WITHIN_THE_MINUTE = [scene((0, 0, "comment", "bot"), (20, 0, "spend", "known"))]
"""What the second one does updates nothing that a list shows."""
LATE_WITHIN_IT = [scene((0, 0, "comment", "bot"), 40, (15, 0, "spend", "known"))]
SAID_ONCE = [scene(True, 660, 0, (0, 0, "take back", "known"))]
"""A comment of Drumbeat is there, is remembered, and is deleted."""
RENAMED = [scene((0, 0, "label", "bot"), 660, (0, 0, "rename label", "known"))]
NO_ACT = [scene((0, 0, "mention", "known"), 660, 0)]
"""A mention never counts, whoever made it."""
HEARD = [
    scene((0, 0, "spend", "known"), (0, 1, "spend", "known")),
    scene((0, 0, "comment", "bot"), (0, 1, "comment", "bot"), 660, 0, days=12),
]
"""The list of comments has the bot's only."""
REMINDED = [scene(True, 660, 0, (0, 0, "take back", "known"), days=2)]
WEEKS = [
    scene((0, 0, "tick", "known"), (660, 0, "comment", "stranger"), True, 660, 0, days=days)
    for days in (1, 1, 5, 7)
]


@pytest.mark.slow
@pytest.mark.timeout(400)  # a failure is made smaller before it is shown
@quick
@given(story=STORIES, size=SIZES)
@example(story=WITHIN_THE_MINUTE, size=1)
@example(story=LATE_WITHIN_IT, size=100)
@example(story=SAID_ONCE, size=2)
@example(story=RENAMED, size=1)
@example(story=NO_ACT, size=100)
@example(story=HEARD, size=100)
def test_triage_plans_the_same(tmp_path_factory, story, size):
    more = [("second", {"state": "all"}, MORE)]
    folder = tmp_path_factory.mktemp("world")
    world = World(folder, *RULES, more=more)
    for days in (60, 15):
        world.open(days, f"Of {days} days ago", description="- [ ] one\n- [ ] two\n- [ ] three")
    world.gitlab = throttled(world.gitlab)
    for remembered, read in played(world, folder / "cache", story, size):
        assert remembered == read


@pytest.mark.slow
@pytest.mark.timeout(400)
@quick
@given(story=STORIES, size=SIZES)
@example(story=REMINDED, size=1)
@example(story=REMINDED, size=100)
@example(story=WEEKS, size=1)
def test_loops_plan_the_same(tmp_path_factory, story, size):
    folder = tmp_path_factory.mktemp("loops")
    org = an_org(folder).with_manager("mgr-1").with_manager("mgr-2", reports=0)
    org.with_cadence(due="2 working days", remind=["1 day before due", "due", "1 day after due"])
    place = org.scene()
    place.gitlab = throttled(place.gitlab)
    place.run()
    for remembered, read in played(place, folder / "cache", story, size):
        assert remembered == read

"""Triage policies on a GitLab in memory: what is planned, what it costs, what is said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.apply import apply
from automation.model.change import Status, Transition
from automation.model.issue import EventKind, User
from automation.model.questions import EventsPageOf, NotesPageOf
from automation.model.roster import Report
from automation.model.scope import Scope
from automation.model.snapshot import Unreadable
from automation.planner import make_plan
from tests.support.builders import MONDAY, OrgBuilder
from tests.support.fake_gitlab import BOT, FakeGitLab, lost_answer

BAOBAB = "support/sgg/baobab"
STALE = "initiative::stale"
COMMENT = "{{ mentions }}: quiet for {{ quiet_days }} days."
HISTORY = {"NotesOf", "NotesPageOf", "EventsOf", "EventsPageOf", "UserAt"}


def rules(*found, place=None):
    """A policy's facts: each rule is `(name, when, do)`."""
    listed = [{"name": name, "when": when, "do": do} for name, when, do in found]
    where = place or {"group": "support/sgg", "labels": ["SGG"], "without": ["initiative::paused"]}
    return {"where": where, "rules": listed}


def label_when(when, label=STALE):
    return rules(("rule", when, {"label": label}))


@pytest.fixture
def org(tmp_path):
    return (
        OrgBuilder(tmp_path)
        .with_manager("mgr-1", team=[Report(id="se-1", username="se-1")])
        .with_manager("mgr-2")
        .with_manager("mgr-3")
        .with_group("baobab", managers=["mgr-2", "mgr-1"])
    )


class Triaged:
    """An organisation's GitLab, planned and applied at a time that tests move."""

    def __init__(self, org, scope=None):
        self.loops = org.loops(scope or Scope())
        self.now = MONDAY
        self.gitlab = FakeGitLab(MONDAY - timedelta(days=60))
        self.gitlab.with_project(BAOBAB)
        self.person = self.gitlab.with_user("se-1")

    def open(self, *, days_ago, project=BAOBAB, title="Runbook", labels=("SGG",), **facts):
        self.at(days_ago)
        facts.setdefault("author", self.person)
        return self.gitlab.open(project, title, labels=labels, **facts)

    def at(self, days_ago):
        self.gitlab.now = self.now - timedelta(days=days_ago, minutes=1)

    def plan(self):
        self.gitlab.now = max(self.gitlab.now, self.now)
        self.gitlab.asked.clear()
        return make_plan(self.loops, self.gitlab, self.now)

    def changes(self):
        return [one for one in self.plan().changes if isinstance(one, Transition)]

    def said(self, issue):
        return [note.body for note in self.gitlab.notes[issue.ref] if note.author == BOT]

    def run(self):
        plan = self.plan()
        return [outcome.status for outcome in apply(plan, self.gitlab)]

    def labels(self, issue):
        return self.gitlab.current(issue).labels

    def asked(self):
        return {what: n for what, n in self.gitlab.asked.items() if what in HISTORY}


# --- What it costs ---------------------------------------------------------------------


def test_untouched_issues_cost_no_request(org):
    world = Triaged(org.with_triage())
    world.open(days_ago=3)
    stale = world.open(days_ago=40)
    assert [change.key for change in world.changes()] == [stale.reference]
    assert world.asked() == {}


def test_a_persons_late_comment_costs_one_request(org):
    world = Triaged(org.with_triage())
    issue = world.open(days_ago=40)
    world.at(2)
    world.gitlab.comment(issue, world.person, "On it")
    assert world.changes() == []
    assert world.asked() == {"NotesPageOf": 1}


def test_only_where_bots_hide_the_answer_everything_is_read(org):
    world = Triaged(org.with_triage())
    issue = world.open(days_ago=40)
    world.at(2)
    world.gitlab.comment(issue, User(5, "project_1_bot_ab12"), "Bump")
    (change,) = world.changes()
    assert change.reason == "stale-initiatives/stale: quiet_for > days(21) (quiet for 40 days)"
    assert world.asked() == {"NotesPageOf": 1, "EventsPageOf": 3}


def test_the_reason_says_at_least_where_more_was_not_asked(org):
    world = Triaged(org.with_triage())
    issue = world.open(days_ago=50)
    world.at(30)
    world.gitlab.comment(issue, BOT, "Hello")
    (change,) = world.changes()
    assert change.reason.endswith("(quiet for at least 30 days)")
    assert world.asked() == {}


def test_conditions_without_quiet_time_ask_for_no_history(org):
    world = Triaged(org.with_triage(**label_when('age > days(5) and not has("x*")')))
    issue = world.open(days_ago=9)
    world.at(1)
    world.gitlab.comment(issue, world.person, "Late")
    (change,) = world.changes()
    assert change.reason == 'stale-initiatives/rule: age > days(5) and not has("x*")'
    assert world.asked() == {}


# --- Conditions ------------------------------------------------------------------------

NESTED = (
    "quiet_for > days(7) and quiet_for < days(28) "
    "and (quiet_for > days(14) and quiet_for < days(15))"
)
CONDITIONS = [
    # A bot came by on the last day, so that the bounds lie wide around the truth.
    ("days(7) < quiet_for < days(21)", 14, True),
    ("days(7) < quiet_for < days(21)", 3, False),
    ("days(7) < quiet_for < days(21)", 28, False),
    ("quiet_for < days(7) or quiet_for > days(21)", 14, False),
    ("quiet_for < days(7) or quiet_for > days(21)", 3, True),
    ("quiet_for < days(7) or quiet_for > days(21)", 28, True),
    (NESTED, 14.5, True),
    (NESTED, 13.5, False),
    ("days(2) * 3 < quiet_for <= days(7) * 3", 14, True),
    ("days(2) * 3 < quiet_for <= days(7) * 3", 25, False),
    ("age - days(20) < quiet_for < age - days(10)", 25, True),
    ("age - days(20) < quiet_for < age - days(10)", 35, False),
    ("7 < quiet_for.days < 21", 14, True),
    ("7 < quiet_for.days < 21", 28, False),
    ("quiet_for in [days(14)]", 14, True),
    ("quiet_for in [days(14)]", 15, False),
    ("quiet_for != days(14)", 14, False),
    ("quiet_for >= hours(336) and quiet_for <= minutes(20160) and quiet_for == weeks(2)", 14, True),
    ("not (quiet_for < weeks(2))", 14, True),
    ("(quiet_for if true else age) > days(14)", 15, True),
    ("quiet_for < days(999999999)", 15, True),
]


@pytest.mark.parametrize(("when", "days_ago", "holds"), CONDITIONS)
def test_conditions_are_decided_as_if_the_quiet_time_were_known(org, when, days_ago, holds):
    world = Triaged(org.with_triage(**label_when(when)))
    issue = world.open(days_ago=40)
    world.at(days_ago)
    world.gitlab.comment(issue, world.person, "Exactly now")
    spoken = world.gitlab.notes[issue.ref][-1].created_at
    world.now = spoken + timedelta(days=days_ago)
    world.gitlab.now = world.now - timedelta(hours=1)
    world.gitlab.comment(issue, BOT, "Noise")
    assert bool(world.changes()) is holds


FACTS = [
    ("title == 'Runbook'", True),
    ("author == 'se-1'", True),
    ("'mgr-2' in assignees", True),
    ("assignees | length == 2", False),
    ("confidential", False),
    ("open_boxes == 2", True),
    ("'SGG' in labels", True),
    ('has("initiative::*")', False),
    ('has("S?G")', True),
    ('has("sgg")', False),
    ("age > days(40) and age < days(41)", True),
    ("labels", True),
    ("0", False),
]


@pytest.mark.parametrize(("when", "holds"), FACTS)
def test_conditions_see_the_issues_facts(org, when, holds):
    world = Triaged(org.with_triage(**label_when(when)))
    manager = world.gitlab.with_user("mgr-2")
    world.open(days_ago=40, assignees=[manager], description="- [x] a\n- [ ] b\n- [ ] c")
    assert bool(world.changes()) is holds


def test_a_condition_that_cannot_be_evaluated_is_told_and_stops_nothing_else(org):
    broken = "quiet_for > 3"
    world = Triaged(org.with_triage(**label_when(broken)).with_triage(name="other"))
    issue = world.open(days_ago=40)
    plan = world.plan()
    assert [change.to for change in plan.changes if isinstance(change, Transition)] == ["stale"]
    (problem,) = plan.problems
    assert (problem.key, problem.blocking) == (issue.reference, True)
    assert problem.message.startswith("`quiet_for > 3`: '>' not supported between instances of")
    assert problem.remedy == "Run `drumbeat lint`: it names the file and the line."


# --- Rules one after the other ---------------------------------------------------------


def test_later_rules_see_the_labels_of_earlier_ones(org):
    world = Triaged(
        org.with_triage(
            **rules(
                ("first", "true", {"label": "a"}),
                ("second", 'has("a")', {"label": "b", "unlabel": "x"}),
                ("third", 'has("x")', {"label": "never"}),
                ("fourth", 'has("b")', {"unlabel": "a"}),
            )
        )
    )
    world.open(days_ago=1, labels=["SGG", "x"])
    (change,) = world.changes()
    assert (change.to, change.before.labels) == ("first, second, fourth", ("SGG", "x"))
    assert (change.add_labels, change.remove_labels) == (("b",), ("x",))
    assert change.reason == (
        'stale-initiatives/first: true; stale-initiatives/second: has("a"); '
        'stale-initiatives/fourth: has("b")'
    )


def test_rules_leave_an_issue_alone_that_earlier_ones_took_out_of_the_policy(org):
    found = rules(("out", "true", {"unlabel": "SGG"}), ("late", "true", {"label": "late"}))
    world = Triaged(org.with_triage(**found))
    world.open(days_ago=1)
    (change,) = world.changes()
    assert (change.add_labels, change.remove_labels) == ((), ("SGG",))


def test_what_is_so_already_is_left_alone(org):
    world = Triaged(org.with_triage())
    world.open(days_ago=40, labels=["SGG", STALE])
    assert world.changes() == []


def test_stale_and_revived(org):
    world = Triaged(org.with_triage())
    issue = world.open(days_ago=40)
    assert world.run()
    assert STALE in world.labels(issue)
    assert world.changes() == []

    world.now += timedelta(days=1)
    world.gitlab.comment(issue, world.person, "Back at it")
    assert [change.to for change in world.changes()] == ["revived"]
    world.run()
    assert STALE not in world.labels(issue)
    assert world.changes() == []


def test_which_issues_a_policy_looks_at_is_gitlabs_filter(org):
    where = {"project": BAOBAB, "state": "closed", "labels": ["SGG"], "without": ["old"]}
    world = Triaged(org.with_triage(**rules(("rule", "true", {"label": "x"}), place=where)))
    world.open(days_ago=9)
    world.gitlab.close(world.open(days_ago=8, labels=["SGG", "old"]), world.person)
    world.gitlab.close(world.open(days_ago=8, project=f"{BAOBAB}/inner"), world.person)
    wanted = world.open(days_ago=8)
    world.gitlab.close(wanted, world.person)
    assert [change.key for change in world.changes()] == [wanted.reference]


def test_a_policy_that_is_not_enabled_asks_nothing(org):
    world = Triaged(org.with_triage(enabled=False))
    world.open(days_ago=40)
    assert world.changes() == []
    assert world.gitlab.asked["IssuesOf"] == world.gitlab.asked.total() - 1


# --- What is said ----------------------------------------------------------------------


def test_a_comment_names_its_people_and_its_figures(org):
    world = Triaged(org.with_triage(comment=COMMENT))
    issue = world.open(days_ago=40)
    (change,) = world.changes()
    assert change.say == "@mgr-1 @mgr-2: quiet for 40 days."
    assert change.mentions == ("mgr-1", "mgr-2")
    assert (
        change.marker == f"<!-- drumbeat:said stale-initiatives/stale {issue.ref.project_id}/1 -->"
    )
    assert world.run() == [Status.DONE, Status.DONE]
    assert len(world.said(issue)) == 1


def test_a_crash_between_note_and_label_repeats_the_label_only(org):
    world = Triaged(org.with_triage(comment=COMMENT))
    issue = world.open(days_ago=40)

    world.gitlab.after_write = lambda what: lost_answer(what) if "note" in what else None
    assert world.run() == [Status.DONE, Status.UNKNOWN]
    assert len(world.said(issue)) == 1
    assert STALE not in world.labels(issue)

    world.gitlab.after_write = lambda _what: None
    (change,) = world.changes()
    assert (change.say, change.marker, change.mentions) == ("", "", ())
    assert change.add_labels == (STALE,)
    world.run()
    assert len(world.said(issue)) == 1
    assert world.changes() == []


def test_what_went_stale_again_after_a_revival_is_told_again(org):
    world = Triaged(org.with_triage(comment=COMMENT))
    issue = world.open(days_ago=40)
    world.run()
    world.now += timedelta(days=1)
    world.gitlab.comment(issue, world.person, "Back at it")
    world.run()
    assert STALE not in world.labels(issue)

    world.now += timedelta(days=22)
    world.run()
    assert STALE in world.labels(issue)
    assert len(world.said(issue)) == 2
    assert world.changes() == []


def test_a_strangers_copy_of_the_marker_silences_nobody(org):
    world = Triaged(org.with_triage(comment=COMMENT))
    issue = world.open(days_ago=40)
    forged = f"<!-- drumbeat:said stale-initiatives/stale {issue.ref.project_id}/1 -->"
    world.gitlab.comment(issue, world.person, forged)
    world.now += timedelta(days=30)
    (change,) = world.changes()
    assert change.say


def test_a_comment_that_comes_with_an_unlabelling_is_said_once(org):
    (org.folder / "bye.md").write_text("Welcome back.")
    world = Triaged(
        org.with_triage(**rules(("back", 'has("x")', {"unlabel": "x", "comment": "bye.md"})))
    )
    issue = world.open(days_ago=40, labels=["SGG", "x"])
    world.gitlab.after_write = lambda what: lost_answer(what) if "note" in what else None
    world.run()
    world.gitlab.after_write = lambda _what: None
    world.run()
    assert world.said(issue) == [
        f"Welcome back.\n\n<!-- drumbeat:said stale-initiatives/back {issue.ref.project_id}/1 -->"
    ]
    assert world.labels(issue) == {"SGG"}


MENTIONS = [
    (["group.managers"], ("mgr-1", "mgr-2")),
    (["group.sponsor"], ("mgr-1",)),
    (["assignees"], ("mgr-3", "se-9")),
    (["author"], ("se-1",)),
    (["author", "group.sponsor", "assignees"], ("se-1", "mgr-1", "mgr-3", "se-9")),
    (["group.sponsor", "group.managers"], ("mgr-1", "mgr-2")),
    ([], ()),
]


@pytest.mark.parametrize(("mention", "names"), MENTIONS)
def test_who_is_mentioned(org, mention, names):
    (org.folder / "hi.md").write_text("Hi {{ mentions }}")
    do = {"label": "x", "comment": "hi.md", "mention": mention}
    world = Triaged(org.with_triage(**rules(("rule", "true", do))))
    people = [world.gitlab.with_user("mgr-3"), world.gitlab.with_user("se-9")]
    world.open(days_ago=40, assignees=people)
    (change,) = world.changes()
    assert change.mentions == names
    assert change.say == ("Hi " + " ".join(f"@{name}" for name in names)).strip()


def test_an_issue_in_no_group_mentions_no_group(org):
    comment = "{% if group is defined %}{{ group.id }}{% else %}nobody's{% endif %} {{ mentions }}"
    world = Triaged(org.with_triage(comment=comment))
    world.open(days_ago=40, project="support/sgg/elsewhere")
    world.open(days_ago=40)
    assert [(change.say, change.mentions) for change in world.changes()] == [
        ("baobab @mgr-1 @mgr-2", ("mgr-1", "mgr-2")),
        ("nobody's", ()),
    ]


def test_what_people_wrote_comes_out_inert(org):
    world = Triaged(org.with_triage(comment="About {{ issue.title }} by {{ issue.author.name }}"))
    world.open(days_ago=40, title="/close @all <b>~SGG</b>", author=User(9, "x", "# @here"))
    (change,) = world.changes()
    assert change.say == (
        "About /\u2060close @\u2060all &lt;b&gt;\\~SGG&lt;/b&gt; by \\# @\u2060here"
    )


def test_confidential_issues_stay_marked_as_such(org):
    world = Triaged(org.with_triage(comment=COMMENT))
    world.open(days_ago=40, confidential=True)
    assert [change.confidential for change in world.changes()] == [True]


# --- One failure stays one failure, and scope --------------------------------------------


@pytest.mark.parametrize("question", [NotesPageOf, lambda ref: EventsPageOf(ref, EventKind.STATE)])
def test_an_unreadable_history_leaves_the_others_alone(org, question):
    world = Triaged(org.with_triage())
    bad = world.open(days_ago=50)
    good = world.open(days_ago=45)
    for issue in (bad, good):
        world.at(3)
        world.gitlab.comment(issue, BOT, "Noise")
    world.gitlab.unreadable[question(bad.ref)] = Unreadable("500 from GitLab", "Try later.")
    plan = world.plan()
    changes = [change.key for change in plan.changes if isinstance(change, Transition)]
    assert changes == [good.reference]
    assert [(p.key, p.message, p.remedy, p.blocking) for p in plan.problems] == [
        (bad.reference, "500 from GitLab", "Try later.", True)
    ]


def test_an_unreadable_list_is_one_problem_of_its_policy(org):
    world = Triaged(org.with_triage())
    world.open(days_ago=40)
    world.plan()
    asked = [
        q for q in _questions(world) if getattr(q, "query", None) and q.query.labels == ("SGG",)
    ]
    world.gitlab.unreadable[asked[0]] = Unreadable("403 Forbidden")
    plan = world.plan()
    assert plan.changes == ()
    assert [(p.key, p.message) for p in plan.problems] == [("stale-initiatives", "403 Forbidden")]


def _questions(world):
    asked = []
    answer = world.gitlab.answer

    def listening(questions):
        asked.extend(questions)
        return answer(questions)

    world.gitlab.answer = listening
    world.plan()
    del world.gitlab.answer
    return asked


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({}, ["support/sgg/baobab#1", "support/sgg/elsewhere#1"]),
        ({"group": {"baobab"}}, ["support/sgg/baobab#1"]),
        ({"group": {"cedar"}}, []),
        ({"manager": {"mgr-1"}}, ["support/sgg/baobab#1"]),
        ({"manager": {"mgr-2"}}, []),
        ({"director": {"dir-1"}}, ["support/sgg/baobab#1"]),
        ({"report": {"mgr-1-se-0"}}, []),
        ({"triage": {"stale-initiatives"}, "group": {"baobab"}}, ["support/sgg/baobab#1"]),
        ({"cadence": {"weekly"}}, []),
    ],
)
def test_the_scope_leaves_the_rest_alone(org, scope, found):
    named = Scope({kind: frozenset(names) for kind, names in scope.items()})
    world = Triaged(org.with_triage(), named)
    world.open(days_ago=40)
    world.open(days_ago=40, project="support/sgg/elsewhere")
    assert [change.key for change in world.changes()] == found

"""Keys, subjects, places, scopes, changes and snapshots: the facts that rules stand on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations

import pytest
from pydantic import TypeAdapter, ValidationError

from automation.errors import ConfigProblem
from automation.model.change import (
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    Target,
    Transition,
)
from automation.model.issue import (
    Access,
    EventKind,
    Identity,
    Issue,
    IssueQuery,
    IssueRef,
    Project,
    Role,
    User,
)
from automation.model.key import LoopKey
from automation.model.organisation import NOWHERE, Place
from automation.model.policy import SubjectKind
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    EventsOf,
    IssuesOf,
    LabelsOf,
    NotesOf,
    RoleOf,
    UserNamed,
    WhoAmI,
)
from automation.model.roster import Director, Group, Report
from automation.model.scope import EVERYTHING, KINDS, Scope, known_names
from automation.model.snapshot import Missing, NotReadable, Snapshot, Unreadable
from tests.support.builders import OrgBuilder


@pytest.fixture
def org(tmp_path):
    builder = OrgBuilder(tmp_path).with_cadence("weekly").with_triage()
    team = [
        Report(
            id="se-1", username="ann", name="Ann Onymous", was=("old-se-1",), timezone="Asia/Tokyo"
        ),
        Report(id="se-2", username="bob"),
    ]
    builder.with_manager("mgr-1", team=team, timezone="Europe/Dublin", holidays="IE")
    builder.with_manager("mgr-2", director="dir-2", was=("mgr-two",))
    builder.groups.append(Group(id="baobab", project="support/b", sponsor="mgr-1", was=("bao",)))
    builder.groups.append(Group(id="orphan", project="support/o", sponsor="mgr-9"))
    builder.directors.append(Director(id="dir-3", username="carol", name="Carol"))
    return builder


# --- Keys ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["one-on-one/mgr-emea-1/2026-W48", "a/b/2026-11-23", "c1/s-2/FY27-Q4", "c/s/FY27"]
)
def test_a_key_is_read_as_it_is_spelt(text):
    assert str(LoopKey.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b",
        "a/b/",
        "/b/2026",
        "a/b/c",
        "A/b/2026",
        "a/B/2026",
        "-a/b/2026",
        "a/b/2026/x",
        "a/b/2026 ",
        "a/b/2026\n",
        "a b/c/2026",
    ],
)
def test_what_is_no_key_is_none(text):
    assert LoopKey.parse(text) is None


# --- Subjects --------------------------------------------------------------------------


def test_every_kind_of_subject_knows_the_people_around_it(org):
    organisation = org.organisation()
    found = {
        subject.id: (
            subject.name,
            str(subject.zone),
            subject.owner and subject.owner.username,
            subject.director and subject.director.id,
        )
        for kind in SubjectKind
        for subject in organisation.subjects(kind)
    }
    assert found == {
        "dir-1": ("dir-1", "UTC", "dir-1", "dir-1"),
        "dir-2": ("dir-2", "UTC", "dir-2", "dir-2"),
        "dir-3": ("Carol", "UTC", "carol", "dir-3"),
        "mgr-1": ("mgr-1", "Europe/Dublin", "mgr-1", "dir-1"),
        "mgr-2": ("mgr-2", "UTC", "mgr-2", "dir-2"),
        "se-1": ("Ann Onymous", "Asia/Tokyo", "mgr-1", "dir-1"),
        "se-2": ("bob", "UTC", "mgr-1", "dir-1"),
        "mgr-2-se-0": ("mgr-2-se-0", "UTC", "mgr-2", "dir-2"),
        "mgr-2-se-1": ("mgr-2-se-1", "UTC", "mgr-2", "dir-2"),
        "baobab": ("baobab", "UTC", "mgr-1", "dir-1"),
        "orphan": ("orphan", "UTC", None, None),
        "organisation": ("the organisation", "UTC", None, None),
    }


def test_holidays_and_absences_are_the_owners(org):
    organisation = org.organisation()
    (everybody,) = organisation.subjects(SubjectKind.ORGANISATION)
    assert (everybody.holidays, everybody.away) == (None, ())
    report = organisation.subject(SubjectKind.REPORT, "se-1")
    assert (report.holidays, report.away) == ("IE", ())


@pytest.mark.parametrize(
    ("kind", "id", "today"),
    [
        (SubjectKind.REPORT, "se-1", "se-1"),
        (SubjectKind.REPORT, "old-se-1", "se-1"),
        (SubjectKind.MANAGER, "mgr-two", "mgr-2"),
        (SubjectKind.GROUP, "bao", "baobab"),
        (SubjectKind.MANAGER, "se-1", None),
        (SubjectKind.MANAGER, "nobody", None),
    ],
)
def test_a_subject_is_found_by_its_present_and_former_ids(org, kind, id, today):
    found = org.organisation().subject(kind, id)
    assert (found and found.id) == today


def test_policies_people_and_groups_are_found_by_name(org):
    organisation = org.organisation()
    assert organisation.cadence("weekly").name == "weekly"
    assert organisation.cadence("monthly") is None
    assert list(organisation.groups) == ["baobab", "orphan"]
    assert list(organisation.directors) == ["dir-1", "dir-2", "dir-3"]
    assert list(organisation.managers) == ["mgr-1", "mgr-2"]


# --- Places ----------------------------------------------------------------------------

PLACE = Place("policies/x.yml", 3, 1, {"due": (5, 6), "rules": (7, 3), "rules[0].when": (8, 11)})


@pytest.mark.parametrize(
    ("at", "line", "column"),
    [
        ("due", 5, 6),
        ("rules[0].when", 8, 11),
        ("rules[0].do.comment", 7, 3),
        ("rules[1]", 7, 3),
        ("title", 3, 1),
        ("labels[2]", 3, 1),
        ("", 3, 1),
    ],
)
def test_a_fault_is_placed_at_its_field_or_the_innermost_known_around_it(at, line, column):
    assert PLACE.problem("is wrong", "Mend it.", at) == ConfigProblem(
        "policies/x.yml", line, column, at, "is wrong", "Mend it."
    )


def test_a_policy_that_stands_nowhere_still_has_a_place(org):
    assert org.organisation().place("cadence", "weekly") is NOWHERE
    assert str(NOWHERE.problem("is wrong")) == "policies: is wrong"


# --- Scope -----------------------------------------------------------------------------


def scope(**names):
    return Scope({kind: frozenset(chosen) for kind, chosen in names.items()})


@pytest.mark.parametrize(
    ("chosen", "cadences", "triages"),
    [
        (EVERYTHING, {"weekly", "other"}, {"weekly", "other"}),
        (scope(cadence={"weekly"}), {"weekly"}, set()),
        (scope(triage={"other"}), set(), {"other"}),
        (scope(cadence={"weekly"}, triage={"other"}), {"weekly"}, {"other"}),
        (scope(manager={"mgr-1"}), {"weekly", "other"}, {"weekly", "other"}),
    ],
)
def test_naming_policies_leaves_the_others_out(chosen, cadences, triages):
    names = ("weekly", "other")
    assert {name for name in names if chosen.admits_policy("cadence", name)} == cadences
    assert {name for name in names if chosen.admits_policy("triage", name)} == triages


@pytest.mark.parametrize(
    ("chosen", "admitted"),
    [
        (EVERYTHING, {"dir-1", "mgr-1", "se-1", "baobab", "mgr-2", "organisation"}),
        (scope(cadence={"weekly"}), {"dir-1", "mgr-1", "se-1", "baobab", "mgr-2", "organisation"}),
        (scope(manager={"mgr-1"}), {"mgr-1", "se-1", "baobab"}),
        (scope(manager={"mgr-1", "mgr-2"}), {"mgr-1", "se-1", "baobab", "mgr-2"}),
        (scope(director={"dir-1"}), {"dir-1", "mgr-1", "se-1", "baobab"}),
        (scope(report={"se-1"}), {"se-1"}),
        (scope(group={"baobab"}), {"baobab"}),
        (scope(manager={"mgr-2"}, director={"dir-1"}), set()),
        (scope(manager={"mgr-1"}, report={"se-1"}), {"se-1"}),
    ],
)
def test_naming_people_leaves_those_who_are_not_around_them_out(org, chosen, admitted):
    organisation = org.organisation()
    wanted = ("dir-1", "mgr-1", "se-1", "baobab", "mgr-2", "organisation")
    subjects = [
        subject
        for kind in SubjectKind
        for subject in organisation.subjects(kind)
        if subject.id in wanted
    ]
    assert {subject.id for subject in subjects if chosen.admits(subject)} == admitted


def test_a_scope_that_names_nothing_is_no_scope():
    assert not EVERYTHING
    assert scope(manager={"mgr-1"})


def test_the_names_that_a_scope_may_have(org):
    organisation = org.organisation()
    assert {kind: known_names(organisation, kind) for kind in KINDS} == {
        "cadence": ("weekly",),
        "triage": ("stale-initiatives",),
        "manager": ("mgr-1", "mgr-2"),
        "director": ("dir-1", "dir-2", "dir-3"),
        "report": ("se-1", "se-2", "mgr-2-se-0", "mgr-2-se-1"),
        "group": ("baobab", "orphan"),
    }


# --- Changes ---------------------------------------------------------------------------

TARGET = Target(project_id=1, project="support/loops", iid=12, web_url="https://x/12")
BEFORE = IssueBefore(opened=True, labels=("a",))
LABEL = EnsureLabel(key="k", reason="r", group="support", name="x", color="#000000")
ISSUE = CreateIssue(
    key="k", reason="r", project_id=1, project="p", title="t", description="d", labels=("a",)
)
MOVE = Transition(key="k", reason="r", to="done", target=TARGET, before=BEFORE)
BOARD = EnsureBoard(
    key="k", reason="r", place="p", in_group=False, name="n", missing=("a",), labels_group="g"
)
CHANGES: list[Change] = [
    LABEL,
    LABEL.model_copy(update={"before": LabelBefore(id=9, color="#FFFFFF", description="")}),
    LABEL.model_copy(update={"description": "x"}),
    ISSUE,
    ISSUE.model_copy(update={"due_date": date(2026, 11, 27)}),
    ISSUE.model_copy(update={"confidential": True}),
    ISSUE.model_copy(update={"description": "e"}),
    ISSUE.model_copy(update={"assignee_ids": (1,)}),
    MOVE,
    MOVE.model_copy(update={"close": True}),
    MOVE.model_copy(update={"say": "x"}),
    MOVE.model_copy(update={"before": IssueBefore(opened=False, labels=("a",))}),
    MOVE.model_copy(update={"before": IssueBefore(opened=True, labels=())}),
    MOVE.model_copy(update={"target": TARGET.model_copy(update={"iid": 13})}),
    BOARD,
    BOARD.model_copy(update={"before": 3}),
]


def test_two_changes_share_an_id_only_if_they_are_the_same():
    fresh = [change.model_copy() for change in CHANGES]
    assert [one.id for one in fresh] == [one.id for one in CHANGES]
    assert all(one.id != other.id for one, other in combinations(fresh, 2))
    assert all(len(change.id) == 12 for change in CHANGES)


def test_a_change_survives_json():
    adapter = TypeAdapter(Change)
    for change in CHANGES:
        again = adapter.validate_json(adapter.dump_json(change))
        assert (again, again.id) == (change, change.id)


def test_a_change_is_frozen_and_knows_its_fields():
    with pytest.raises(ValidationError):
        setattr(LABEL, "name", "y")  # noqa: B010 - by assignment, mypy refuses it as well
    with pytest.raises(ValidationError):
        EnsureLabel.model_validate(LABEL.model_dump() | {"colour": "#000000"})
    assert TARGET.reference == "support/loops#12"


# --- Snapshots -------------------------------------------------------------------------

REF = IssueRef(1, 1)
QUESTIONS = [
    (WhoAmI(), lambda s: s.identity(), Identity(User(1, "a"))),
    (IssuesOf(IssueQuery("g")), lambda s: s.issues(IssueQuery("g")), ()),
    (AccessTo("g"), lambda s: s.access("g"), Access({"g/p": Project(1, "g/p")})),
    (NotesOf(REF), lambda s: s.notes(REF), ()),
    (EventsOf(REF, EventKind.STATE), lambda s: s.events(REF, EventKind.STATE), ()),
    (LabelsOf("g"), lambda s: s.labels("g"), ()),
    (BoardsOf("g", True), lambda s: s.boards("g", in_group=True), ()),
    (RoleOf(1, 2), lambda s: s.role(1, 2), Role.PLANNER),
    (UserNamed("a"), lambda s: s.user("a"), None),
]


@pytest.mark.parametrize(("question", "ask", "answer"), QUESTIONS)
def test_a_snapshot_answers_what_it_knows_and_asks_for_the_rest(question, ask, answer):
    with pytest.raises(Missing) as missing:
        ask(Snapshot())
    assert missing.value.questions == (question,)
    assert ask(Snapshot().knowing({question: answer})) == answer
    with pytest.raises(NotReadable) as unread:
        ask(Snapshot({question: Unreadable("500")}))
    assert (unread.value.question, str(unread.value)) == (question, "500")


def test_a_snapshot_grows_without_changing():
    one = Snapshot()
    two = one.knowing({LabelsOf("g"): ()})
    assert one == Snapshot()
    assert two.knowing({UserNamed("a"): None}).labels("g") == ()


def an_issue(id, hour):
    moment = datetime(2026, 11, 23, hour, tzinfo=UTC)
    return Issue(
        id, IssueRef(1, id), "p", f"t{id}", "", True, frozenset(), User(1, "a"), moment, moment, "u"
    )


def test_several_lists_give_each_issue_once_oldest_first():
    queries = (IssueQuery("a"), IssueQuery("b"))
    one, two, three = an_issue(1, 9), an_issue(2, 8), an_issue(3, 8)
    snapshot = Snapshot({IssuesOf(queries[0]): (one, three), IssuesOf(queries[1]): (two, one)})
    assert snapshot.all_issues(queries) == (two, three, one)


def test_several_lists_are_asked_for_together():
    queries = [IssueQuery("a"), IssueQuery("b"), IssueQuery("c", state="closed")]
    snapshot = Snapshot({IssuesOf(queries[1]): ()})
    with pytest.raises(Missing) as missing:
        snapshot.all_issues(queries)
    assert missing.value.questions == (IssuesOf(queries[0]), IssuesOf(queries[2]))

"""Whatever is under way together, and whatever ends first: GitLab is left as one lane leaves it."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty

from hypothesis import given
from hypothesis import strategies as st

from automation.apply import apply
from automation.apply.attempts import Result, attempt
from automation.apply.doing import Applying
from automation.errors import Refused
from automation.model.change import NEXT_URL, CreateIssue, EnsureLabel, Status, Transition
from automation.plan import Plan, ordered
from tests.support.builders import MONDAY
from tests.support.changes import PLENTY, label, opening, transition
from tests.support.fake_gitlab import FakeGitLab

ISSUES, LABELS = 4, ("a", "b", "c")


class Chosen:
    """Lanes in which chance says whose effect comes next, and whose answer."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.choose = choose
        self.works: list[tuple[int, Callable[[], Result]]] = []
        self.answers: list[tuple[int, Result]] = []

    def start(self, number: int, work: Callable[[], Result]) -> None:
        self.works.append((number, work))

    def finished(self, seconds: float | None = None) -> tuple[int, Result]:
        if not self.works and not self.answers:
            raise Empty
        while self.works and (not self.answers or self.choose(2)):
            number, work = self.works.pop(self.choose(len(self.works)))
            self.answers.append((number, work()))
        return self.answers.pop(self.choose(len(self.answers)))

    def interrupt(self) -> None:
        raise KeyboardInterrupt

    def close(self) -> None:
        assert not self.works


def a_gitlab(refused: frozenset[str]) -> FakeGitLab:
    gitlab = FakeGitLab(now=MONDAY)
    for number in range(ISSUES):
        gitlab.open("support/loops", f"Issue {number}", labels=["loop::open"])

    def refuse(what: str) -> None:
        if what in refused:
            raise Refused("403 Forbidden", status=403)

    gitlab.before_write = refuse
    return gitlab


def state(gitlab: FakeGitLab) -> dict[str, object]:
    """All that a person sees, but for ids and times, which the order of requests gives."""
    issues = {
        one.title: (one.opened, sorted(one.labels), one.description, one.due_date)
        for one in gitlab.issues.values()
    }
    urls = {one.web_url: one.title for one in gitlab.issues.values()}
    said: dict[str, list[str]] = {}
    for ref, notes in gitlab.notes.items():
        bodies = [note.body for note in notes]
        for url, title in urls.items():
            bodies = [body.replace(f"<{url}>", title) for body in bodies]
        said[gitlab.issues[ref].title] = bodies
    return {"issues": issues, "said": said, "labels": sorted(gitlab.labels)}


names = st.sampled_from(LABELS)
openings = st.builds(
    lambda number, bears: opening(f"w/m{number}/2", title=f"New {number}", labels=bears),
    st.integers(0, 5),
    st.lists(names, max_size=2).map(tuple),
)
transitions = st.builds(
    lambda key, iid, adds, follows, says, close: transition(
        key,
        iid=iid,
        add_labels=adds,
        follows=follows,
        say=f"{says} <{NEXT_URL}>" if follows else says,
        close=close,
    ),
    st.sampled_from(["w/m0/1", "w/m1/1", "w/m2/1", "support/loops#1", "support/loops#2"]),
    st.integers(1, ISSUES),
    st.lists(names, max_size=2).map(tuple),
    st.sampled_from(["", "", "w/m0/2", "w/m1/2", "w/m9/2"]),
    st.sampled_from(["", "One", "Two"]),
    st.booleans(),
)
changes = st.lists(st.one_of(names.map(label), openings, transitions), max_size=14)


def the_plan(gitlab: FakeGitLab, found: list[EnsureLabel | CreateIssue | Transition]) -> Plan:
    """The changes on this GitLab's project; one issue a key and one label a name, as rules do."""
    project = gitlab.projects["support/loops"].id
    made = {one.key: one for one in found if not isinstance(one, Transition)}
    moved = (one for one in found if isinstance(one, Transition))
    placed = (
        one.model_copy(update={"target": one.target.model_copy(update={"project_id": project})})
        for one in moved
    )
    return Plan(now=MONDAY, changes=ordered([*made.values(), *placed]), bounds=PLENTY)


@given(
    changes,
    st.frozensets(st.sampled_from(["create w/m0/2", "create w/m1/2", "label a"])),
    st.integers(2, 8),
    st.data(),
)
def test_any_plan_in_any_order_of_answers_leaves_what_one_lane_leaves(found, refused, lanes, data):
    serial, parallel = a_gitlab(refused), a_gitlab(refused)
    plan = the_plan(serial, found)
    expected = list(apply(plan, serial))
    chosen = Chosen(lambda number: data.draw(st.integers(0, number - 1)))
    doing = Applying(plan.changes, parallel, chosen, lanes)
    got = list(doing)
    assert len(got) == len(expected) == len(plan.changes)
    assert [one.change for one in doing.outcomes] == [one.change for one in expected]
    assert [(one.status, one.detail) for one in doing.outcomes] == [
        (one.status, one.detail) for one in expected
    ]
    assert state(parallel) == state(serial)


class Recorder:
    """A writer that only tells what began and what ended, by its lanes."""

    def __getattr__(self, name):
        return lambda change: f"https://gitlab.example.com/{change.key}"


@given(changes, st.integers(2, 8), st.data())
def test_what_is_about_one_thing_never_overlaps(found, lanes, data):
    gitlab = a_gitlab(frozenset())
    plan = the_plan(gitlab, found)
    under_way: dict[int, frozenset[object]] = {}

    class Watched(Chosen):
        def start(self, number, work):
            change = plan.changes[number]
            assert not about(change) & {one for other in under_way.values() for one in other}
            assert isinstance(change, EnsureLabel) or not any(
                isinstance(plan.changes[other], EnsureLabel) for other in under_way
            )
            under_way[number] = about(change)
            super().start(number, work)

        def finished(self, seconds=None):
            number, result = super().finished(seconds)
            del under_way[number]
            return number, result

    chosen = Watched(lambda number: data.draw(st.integers(0, number - 1)))
    outcomes = list(Applying(plan.changes, Recorder(), chosen, lanes))
    assert len(outcomes) == len(plan.changes)


def about(change) -> frozenset[object]:
    if isinstance(change, Transition):
        return frozenset({change.key, change.target.iid})
    return frozenset({change.key})


def test_an_attempt_gives_back_what_went_wrong():
    gitlab = a_gitlab(frozenset({"label a"}))
    assert str(attempt(gitlab, label("a")).error) == "403 Forbidden"
    assert {one.status for one in apply(the_plan(gitlab, [label("b")]), gitlab)} == {Status.DONE}

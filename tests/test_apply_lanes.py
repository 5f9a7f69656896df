"""Several writes under way at once: what overlaps, what waits, and how it ends."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty

import pytest

from automation.apply import apply
from automation.apply.attempts import Result
from automation.apply.doing import Applying
from automation.apply.lanes import OneLane, Threads
from automation.errors import Refused, Unreachable
from automation.model.change import EnsureLabel, LabelBefore, Status
from automation.plan import Plan, ordered
from tests.support.builders import MONDAY
from tests.support.changes import PLENTY, board, label, opening, transition
from tests.test_apply import Scribe, told

SOON = 30.0
"""Seconds in which a thread that nothing holds back has got going; never waited for in full."""


class Gate:
    """A writer whose calls wait until they are let through, each with its own result."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.under_way: list[str] = []
        self.order: list[str] = []
        self._doors: dict[str, threading.Event] = {}
        self._errors: dict[str, BaseException] = {}
        self._lock = threading.Lock()

    def _write(self, change):
        name = (getattr(change, "to", "") and f"{change.key} {change.to}") or change.key
        with self._lock:
            door = self._doors.setdefault(name, threading.Event())
            self.under_way.append(name)
            self.order.append(name)
        self.begun.release()
        assert door.wait(SOON), name
        with self._lock:
            self.under_way.remove(name)
        if name in self._errors:
            raise self._errors[name]
        return f"https://gitlab.example.com/{change.key}"

    create_issue = transition = ensure_label = _write
    ensure_board = prioritize_label = remove_label = ensure_schedule = _write

    def wait_for(self, number: int) -> list[str]:
        """What is under way once so many more calls have begun."""
        for _ in range(number):
            assert self.begun.acquire(timeout=SOON)
        with self._lock:
            return sorted(self.under_way)

    def let(self, name: str, error: BaseException | None = None) -> None:
        """Let a call through, now or when it comes."""
        with self._lock:
            if error is not None:
                self._errors[name] = error
            self._doors.setdefault(name, threading.Event()).set()


@contextmanager
def applying(gate: Gate, *changes, lanes: int = 8) -> Iterator[Applying]:
    """A plan that is being applied; in the end everything is let through."""
    plan = Plan(now=MONDAY, changes=ordered(changes), bounds=PLENTY)
    doing = apply(plan, gate, lanes)
    try:
        yield doing
    finally:
        for name in {*gate.under_way, *(one.key for one in changes)}:
            gate.let(name)


class Watch(threading.Thread):
    """Asks for all outcomes, as the command does; what it got is there when it is over."""

    def __init__(self, doing: Applying) -> None:
        super().__init__(daemon=True)
        self.doing = doing
        self.got: list[str] = []
        self.error: BaseException | None = None
        self._heard = threading.Event()
        self.start()

    def run(self):
        try:
            for outcome in self.doing:
                self.got.append(outcome.key)
                self._heard.set()
        except BaseException as error:
            self.error = error

    def wait_for_one(self) -> None:
        assert self._heard.wait(SOON)

    def all(self) -> list[str]:
        self.join(SOON)
        assert not self.is_alive()
        return self.got


def keys(number: int) -> list[str]:
    return [f"w/m{n}/1" for n in range(number)]


def test_as_many_as_there_are_lanes_are_under_way_and_begin_in_order():
    gate = Gate()
    with applying(gate, *map(opening, keys(5)), lanes=3) as doing:
        watch = Watch(doing)
        assert gate.wait_for(3) == keys(3)
        gate.let("w/m1/1")
        assert gate.wait_for(1) == ["w/m0/1", "w/m2/1", "w/m3/1"]
        for key in keys(5):
            gate.let(key)
        got = watch.all()
    assert got[0] == "w/m1/1"  # as they become known
    assert [one.key for one in doing.outcomes] == keys(5)  # and in the plan's order in the end
    assert {one.status for one in doing.outcomes} == {Status.DONE}


def test_a_transition_waits_for_the_issue_that_it_follows_and_not_for_others():
    new, old = "w/m0/2", "w/m0/1"
    follower = transition(old, say="x", follows=new)
    gate = Gate()
    with applying(gate, opening(new), follower, transition("w/m1/1", iid=2)) as doing:
        watch = Watch(doing)
        assert gate.wait_for(2) == [new, "w/m1/1 loop::missed"]
        gate.let(new)
        gate.wait_for(1)
        assert f"{old} loop::missed" in gate.under_way
        gate.let(f"{old} loop::missed")
        gate.let("w/m1/1 loop::missed")
        watch.all()


def test_changes_of_one_issue_or_one_key_keep_their_order():
    first, second = transition("a", iid=1, say="1"), transition("b", iid=1, say="2")
    third, fourth = transition("c", iid=2), transition("c", iid=3, close=True)
    gate = Gate()
    with applying(gate, first, second, third, fourth) as doing:
        watch = Watch(doing)
        assert gate.wait_for(2) == ["a loop::missed", "c loop::missed"]
        gate.let("c loop::missed")
        gate.wait_for(1)
        gate.let("a loop::missed")
        gate.wait_for(1)
        gate.let("b loop::missed")
        watch.all()
    assert gate.order.index("a loop::missed") < gate.order.index("b loop::missed")
    assert gate.order.count("c loop::missed") == 2


def test_labels_come_before_all_else_and_side_by_side():
    gate = Gate()
    with applying(gate, label("l"), label("k"), opening("w/m0/1")) as doing:
        watch = Watch(doing)
        assert gate.wait_for(2) == ["k", "l"]
        gate.let("l")
        gate.let("k")
        assert gate.wait_for(1) == ["w/m0/1"]
        gate.let("w/m0/1")
        assert sorted(watch.all()) == ["k", "l", "w/m0/1"]


def test_renames_and_boards_are_done_one_by_one():
    before = LabelBefore(id=1, name="old", color="#000000", description="")
    renamed = EnsureLabel(
        key="a", reason="r", group="support", name="a", color="#000000", before=before
    )
    gate = Gate()
    with applying(gate, label("b"), renamed, label("c"), board("d"), board("e")) as doing:
        watch = Watch(doing)
        for name in "abcde":
            assert gate.wait_for(1) == [name] or name in "bc"
            gate.let(name)
        watch.all()
    assert gate.order == ["a", "b", "c", "d", "e"]


def test_triage_waits_for_all_that_is_opened():
    """A rule that opens an issue and labels the match would not hold again in between."""
    of_triage = transition("support/loops#7", iid=7)
    gate = Gate()
    with applying(gate, *map(opening, keys(2)), of_triage) as doing:
        watch = Watch(doing)
        assert gate.wait_for(2) == keys(2)
        for key in keys(2):
            gate.let(key)
        assert gate.wait_for(1) == ["support/loops#7 loop::missed"]
        gate.let("support/loops#7 loop::missed")
        watch.all()


def test_what_waits_for_one_limit_leaves_lanes_to_the_others():
    """Notes get as many lanes as all new issues; of those, one project as many as another."""
    elsewhere = [opening(f"z/m{n}/1", project_id=2) for n in range(4)]
    notes = [transition(f"x/m{n}/1", iid=n, say="Hello") for n in range(4)]
    gate = Gate()
    with applying(gate, *map(opening, keys(20)), *elsewhere, *notes, lanes=6) as doing:
        watch = Watch(doing)
        begun = gate.wait_for(6)
        assert [name[0] for name in begun] == ["w", "w", "x", "x", "x", "z"]
        spoken = (f"x/m{n}/1 loop::missed" for n in range(4))
        for name in (*keys(20), *(one.key for one in elsewhere), *spoken):
            gate.let(name)
        assert len(watch.all()) == 28


def test_notes_do_not_wait_until_every_project_has_its_issue():
    many = [opening(f"w/m{n:02}/1", project_id=n) for n in range(40)]
    notes = [transition(f"x/m{n:02}/1", iid=n, say="Hello") for n in range(40)]
    silent = [transition(f"y/m{n:02}/1", iid=100 + n, close=True) for n in range(40)]
    plan = ordered((*many, *notes, *silent))
    chosen: list[str] = []

    class Slow(OneLane[Result]):
        """What was begun last is over last."""

        def start(self, number, work):
            chosen.append(plan[number].key[0])
            super().start(number, work)

    outcomes = list(Applying(plan, Scribe(), Slow(), 6))
    assert [Counter(chosen[n : n + 6]) for n in range(0, 114, 6)] == [{"w": 2, "x": 2, "y": 2}] * 19
    assert len(outcomes) == 120


def test_a_token_that_is_refused_stops_all_lanes():
    gate = Gate()
    with applying(gate, *map(opening, keys(6)), lanes=2) as doing:
        watch = Watch(doing)
        gate.wait_for(2)
        gate.let("w/m0/1", Refused("401 Unauthorized", status=401))
        watch.wait_for_one()
        gate.let("w/m1/1")
        watch.all()
    gone = "not tried: GitLab no longer takes the token"
    assert told(doing.outcomes) == [
        ("w/m0/1", "failed", "401 Unauthorized"),
        ("w/m1/1", "done", ""),
        *((key, "failed", gone) for key in keys(6)[2:]),
    ]
    assert len(gate.order) == 2


def test_three_in_a_row_that_reach_nobody_stop_all_lanes():
    gate = Gate()
    for key in keys(9):
        gate.let(key, Unreachable("no connection"))
    with applying(gate, *map(opening, keys(9)), lanes=2) as doing:
        Watch(doing).all()
    assert len(gate.order) <= 4
    details = [one.detail for one in doing.outcomes]
    assert details[:3] == ["no connection"] * 3
    assert details[4:] == ["not tried: GitLab cannot be reached"] * 5


def test_a_bug_in_a_lane_surfaces_and_hangs_nothing():
    gate = Gate()
    gate.let("w/m0/1", ZeroDivisionError("a bug"))
    with applying(gate, *map(opening, keys(3)), lanes=2) as doing:
        watch = Watch(doing)
        watch.all()
        assert isinstance(watch.error, ZeroDivisionError)
        assert [one.status for one in doing.outcomes if one.key == "w/m0/1"] == [Status.UNKNOWN]
        assert list(doing) == []


# --- Interrupted -------------------------------------------------------------------------


def test_an_interrupted_run_hands_nothing_out_and_says_what_it_does_not_know():
    gate = Gate()
    gate.let("w/m0/1")
    with applying(gate, *map(opening, keys(6)), lanes=3) as doing:
        assert next(doing).key == "w/m0/1"
        gate.wait_for(3)
        doing.stop(grace=0)
        unknown = "interrupted while it was under way; the next run looks"
        assert told(doing.outcomes) == [
            ("w/m0/1", "done", ""),
            ("w/m1/1", "unknown", unknown),
            ("w/m2/1", "unknown", unknown),
        ]
        assert gate.order == keys(3)
        assert list(doing) == []


def test_what_is_over_within_the_grace_is_known():
    gate = Gate()
    with applying(gate, *map(opening, keys(6)), lanes=2) as doing:
        for key in keys(2):
            gate.let(key)
        next(doing)
        gate.wait_for(2)
        doing.stop(grace=SOON)
    assert [one.status for one in doing.outcomes] == [Status.DONE] * 2
    assert list(doing) == []


def test_one_lane_that_is_interrupted_does_not_know_what_it_was_at():
    writer = Scribe(create=KeyboardInterrupt())
    doing = apply(Plan(now=MONDAY, changes=(opening(),), bounds=PLENTY), writer)
    with pytest.raises(KeyboardInterrupt):
        next(doing)
    doing.stop()
    assert [one.status for one in doing.outcomes] == [Status.UNKNOWN]


def test_an_interrupt_loses_nothing_that_is_known_already():
    """It comes while the first is being dealt with, and the second is over by then."""
    gate = Gate()
    for key in keys(2):
        gate.let(key)
    with applying(gate, *map(opening, keys(2)), lanes=2) as doing:
        assert next(doing).status is Status.DONE
        gate.wait_for(2)
        doing.interrupt()
        with pytest.raises(KeyboardInterrupt):
            list(doing)
        doing.stop(grace=SOON)
    assert [one.status for one in doing.outcomes] == [Status.DONE] * 2


def test_a_second_interrupt_ends_the_waiting():
    gate = Gate()
    with applying(gate, *map(opening, keys(2)), lanes=2) as doing:
        watch = Watch(doing)
        gate.wait_for(2)
        doing.interrupt()
        watch.all()
        assert isinstance(watch.error, KeyboardInterrupt)
        doing.interrupt()
        doing.stop(grace=SOON)
        assert [one.status for one in doing.outcomes] == [Status.UNKNOWN] * 2


# --- Lanes themselves ------------------------------------------------------------------------


def test_one_lane_has_one_result_at_a_time():
    lane: OneLane[str] = OneLane()
    lane.start(7, lambda: "x")
    assert lane.finished() == (7, "x")
    with pytest.raises(Empty):
        lane.finished()


def test_each_interrupt_is_heard_once_and_before_what_is_done():
    lanes: Threads[str] = Threads(1)
    lanes.start(7, lambda: "x")
    lanes.interrupt()
    with pytest.raises(KeyboardInterrupt):
        lanes.finished()
    assert lanes.finished() == (7, "x")
    with pytest.raises(Empty):
        lanes.finished(0)
    lanes.close()


def test_one_lane_is_interrupted_at_its_work():
    with pytest.raises(KeyboardInterrupt):
        OneLane[str]().interrupt()


def test_threads_end_when_they_are_closed():
    lanes: Threads[threading.Thread] = Threads(3)
    for number in range(2):
        lanes.start(number, threading.current_thread)
    used = {lanes.finished()[1] for _ in range(2)}
    assert len(used) <= 2
    lanes.close()
    for thread in used:
        thread.join(SOON)
        assert not thread.is_alive()

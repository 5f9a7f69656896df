"""Work side by side is like work one by one, only sooner."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.remote.lanes import Abandoned, Lanes, go_on, pause


class Gauge:
    """How many are at work at once, at most."""

    def __init__(self):
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __enter__(self):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self.lock:
            self.now -= 1


def lanes_left():
    return [one for one in threading.enumerate() if one.name == "drumbeat-lane" and one.is_alive()]


def wait_until(fine):
    while not fine():
        time.sleep(0.001)


@pytest.mark.parametrize("width", [-1, 0, 1, 2, 8])
def test_results_come_in_the_order_of_the_items(width):
    assert Lanes(width).map(str, range(20)) == [str(n) for n in range(20)]
    assert Lanes(width).map(str, []) == []


def test_as_many_are_at_work_as_there_are_lanes():
    gauge, all_there = Gauge(), threading.Barrier(4)

    def work(_):
        with gauge:
            all_there.wait(10)

    Lanes(4).map(work, range(8))
    assert gauge.most == 4
    wait_until(lambda: not lanes_left())


def test_nested_work_never_waits_for_a_lane():
    gauge, lanes = Gauge(), Lanes(3)

    def leaf(n):
        with gauge:
            time.sleep(0.001)
            return n

    def branch(n):
        return sum(lanes.map(leaf, range(n)))

    def tree(n):
        return sum(lanes.map(branch, range(n)))

    assert lanes.map(tree, range(6)) == [sum(sum(range(b)) for b in range(n)) for n in range(6)]
    assert gauge.most <= 3


def test_who_waits_helps_with_parts_of_its_own_work():
    """The only item of the caller's is done; the other lane's parts are left."""
    lanes, here = Lanes(2), threading.current_thread()
    seen: set[threading.Thread] = set()
    both = threading.Barrier(2)

    def part(_):
        both.wait(10)
        seen.add(threading.current_thread())

    def work(_):
        if threading.current_thread() is not here:
            lanes.map(part, range(4))

    begun = threading.Barrier(2)
    lanes.map(lambda n: (begun.wait(10), work(n)), range(2))
    assert here in seen


@settings(deadline=None, max_examples=40)
@given(
    failing=st.sets(st.integers(0, 11)),
    delays=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    width=st.integers(1, 6),
)
def test_the_first_error_in_order_is_raised_whenever_it_happens(failing, delays, width):
    running = Gauge()

    def work(n):
        with running:
            pause(delays[n] / 1000)
            if n in failing:
                raise ValueError(n)
            return n

    lanes = Lanes(width)
    if failing:
        with pytest.raises(ValueError, match=f"^{min(failing)}$"):
            lanes.map(work, range(12))
    else:
        assert lanes.map(work, range(12)) == list(range(12))
    assert running.now == 0


def test_what_comes_after_a_failure_is_not_begun_and_not_slept_through():
    lanes, asleep, begun = Lanes(2), threading.Event(), []

    def work(n):
        begun.append(n)
        if n == 0:
            asleep.wait(10)
            raise ValueError(n)
        asleep.set()
        pause(600)

    with pytest.raises(ValueError, match="0"):
        lanes.map(work, range(9))
    assert sorted(begun) == [0, 1]


def test_parts_of_what_nobody_wants_are_given_up():
    lanes, deep, told = Lanes(3), threading.Event(), []

    def part(n):
        if n == 0:
            deep.set()
            pause(600)

    def work(n):
        if n == 0:
            deep.wait(10)
            raise ValueError(n)
        try:
            lanes.map(part, range(50))
        except Abandoned:
            told.append(n)
            go_on()

    with pytest.raises(ValueError, match="0"):
        lanes.map(work, range(2))
    assert told == [1]


def test_parts_that_were_not_begun_are_no_result():
    lanes, there = Lanes(2), threading.Event()
    begun: list[object] = []

    def not_wanted():
        try:
            go_on()
        except Abandoned:
            return True
        return False

    def work(n):
        if n == 0:
            there.wait(10)
            raise ValueError(n)
        there.set()
        wait_until(not_wanted)
        with pytest.raises(Abandoned):
            lanes.map(begun.append, range(5))
        begun.append("given up")

    with pytest.raises(ValueError, match="0"):
        lanes.map(work, range(2))
    assert begun == ["given up"]


def test_an_interruption_waits_for_nobody():
    lanes, here, hold = Lanes(3), threading.current_thread(), threading.Event()
    asleep: list[int] = []

    def work(_):
        if threading.current_thread() is here:
            wait_until(lambda: len(asleep) == 2)
            raise KeyboardInterrupt
        asleep.append(1)
        hold.wait(10)
        go_on()

    with pytest.raises(KeyboardInterrupt):
        lanes.map(work, range(9))
    assert len(lanes_left()) == 2
    hold.set()
    wait_until(lambda: not lanes_left())
    assert len(asleep) == 2


def test_outside_of_lanes_a_pause_is_a_sleep():
    began = time.monotonic()
    pause(0.01)
    go_on()
    assert time.monotonic() - began >= 0.01


def test_inside_of_lanes_a_pause_is_as_long_as_asked():
    def work(_):
        began = time.monotonic()
        pause(0.01)
        return time.monotonic() - began

    assert min(Lanes(2).map(work, range(2))) >= 0.009

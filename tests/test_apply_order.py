"""Which change begins next: found in heaps, and the same as by looking at all that may begin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from automation.apply.order import Busy, Queue, kind
from automation.model.change import Change
from tests.support.changes import opening, transition

SORTS = [
    lambda n: opening(f"a/m{n}/1", project_id=1),
    lambda n: opening(f"b/m{n}/1", project_id=2),
    lambda n: opening(f"c/m{n}/1", project_id=100 + n),
    lambda n: transition(f"d/m{n}/1", iid=n, say="Word"),
    lambda n: transition(f"e/m{n}/1", iid=n, close=True),
]
"""One project, another, one project each; a note; a change without a word."""


def by_looking_at_all(changes: list[Change], ready: set[int], under_way: list[int]) -> int:
    """The earliest of what the fewest are under way of, by sort and then by kind."""
    busy = [kind(changes[one]) for one in under_way]

    def rank(position: int) -> tuple[int, int, int]:
        its = kind(changes[position])
        return [one[0] for one in busy].count(its[0]), busy.count(its), position

    return min(ready, key=rank)


@given(st.lists(st.sampled_from(SORTS), max_size=24), st.integers(1, 6), st.data())
def test_each_choice_is_what_looking_at_all_would_choose(made, lanes, data):
    changes = [make(number) for number, make in enumerate(made)]
    waits = {
        n: frozenset(data.draw(st.sets(st.integers(0, n - 1), max_size=2))) if n else frozenset()
        for n in range(len(changes))
    }
    queue, busy = Queue(changes, waits), Busy()
    left, over, under_way = set(waits), set[int](), list[int]()
    while left or under_way:
        ready = {one for one in left if waits[one] <= over}
        if ready and len(under_way) < lanes:
            position = queue.take(busy)
            assert position == by_looking_at_all(changes, ready, under_way)
            left.remove(position)
            under_way.append(position)
            busy.begin(changes[position])
        else:
            assert ready or queue.take(busy) is None
            done = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
            busy.over(changes[done])
            queue.over(done)
            over.add(done)
    assert queue.take(busy) is None
    assert over == set(waits)

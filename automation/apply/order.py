"""What may be done side by side, and what waits for what.

Labels come before all that may bear them. Of issues, changes overlap unless they are about
the same issue or the same key, or one needs the address that the other brings. What triage
does to an issue waits for all that is opened: a rule that opens something and labels the
match would not hold again for a run that comes after an interruption between the two.
Everything else of a setup keeps its order: renames, boards and priorities build upon each
other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import groupby

from automation.model.change import Change, CreateIssue, EnsureLabel, Transition

Waits = Mapping[int, frozenset[int]]
"""Positions in the plan, each with those that must be over before it begins."""

_OPENED = -1
"""Stands for all that is opened, where a position would."""


def stages(changes: Sequence[Change]) -> Iterator[Waits]:
    """The parts of a plan; each is over before the next begins."""
    for _, part in groupby(range(len(changes)), lambda position: _stage(changes[position])):
        yield _waits(changes, tuple(part))


def _stage(change: Change) -> Hashable:
    if isinstance(change, CreateIssue | Transition):
        return "issues"
    if isinstance(change, EnsureLabel) and change.before is None:
        return "new labels"
    return id(change)


def _waits(changes: Sequence[Change], part: tuple[int, ...]) -> Waits:
    latest: dict[Hashable, int] = {}
    waits: dict[int, frozenset[int]] = {}
    opening: set[int] = set()
    for position in part:
        change = changes[position]
        about = _about(change)
        before = {latest[one] for one in (*about, *_needed(change)) if one in latest}
        if isinstance(change, CreateIssue):
            opening.add(position)
        elif _is_triage(change) and opening:
            waits.setdefault(_OPENED, frozenset(opening))
            before.add(_OPENED)
        waits[position] = frozenset(before)
        latest.update(dict.fromkeys(about, position))
    return waits


def _is_triage(change: Change) -> bool:
    """Whether it is about an issue as such: what loops need goes by the loop's key."""
    return isinstance(change, Transition) and change.key == change.target.reference


def _about(change: Change) -> tuple[Hashable, ...]:
    """What no two changes may be about at the same time."""
    if isinstance(change, Transition):
        return ("key", change.key), ("issue", change.target.project_id, change.target.iid)
    return (("key", change.key),)


def _needed(change: Change) -> tuple[Hashable, ...]:
    """What must be over before, without being changed."""
    return (("key", change.follows),) if isinstance(change, Transition) and change.follows else ()


Kind = tuple[str, int]


def kind(change: Change) -> Kind:
    """Which of GitLab's limits it counts against: new issues by project, notes by user.

    Source: GitLab's `app/services/issues/create_service.rb` and `lib/api/notes.rb`.
    """
    if isinstance(change, CreateIssue):
        return "issues", change.project_id
    return ("notes" if isinstance(change, Transition) and change.say else "other"), 0


class Busy:
    """What is under way, by what it counts against."""

    def __init__(self) -> None:
        self._kinds: Counter[Kind] = Counter()
        self._sorts: Counter[str] = Counter()

    def begin(self, change: Change) -> None:
        """One more of its kind is under way."""
        self._count(change, 1)

    def over(self, change: Change) -> None:
        """It is under way no more."""
        self._count(change, -1)

    def _count(self, change: Change, more: int) -> None:
        one = kind(change)
        self._kinds[one] += more
        self._sorts[one[0]] += more

    def of(self, one: Kind) -> tuple[int, int]:
        """How many of the same sort are under way, be it for other projects; and of the kind."""
        return self._sorts.get(one[0], 0), self._kinds.get(one, 0)


_NOTHING = (-1,)


class Queue:
    """The changes of a stage that were not handed out yet."""

    def __init__(self, changes: Sequence[Change], waits: Waits) -> None:
        self._changes = changes
        self._waiting = {position: set(others) for position, others in waits.items()}
        self._after: defaultdict[int, list[int]] = defaultdict(list)
        self._ready: dict[Kind, list[int]] = {}
        self._heads: dict[str, list[tuple[int, Kind]]] = {}
        for position, others in waits.items():
            for other in others:
                self._after[other].append(position)
            if not others:
                self._release(position)

    def take(self, busy: Busy) -> int | None:
        """Take out the position of what should begin now; None where nothing may.

        Of new issues, notes and the rest, what the fewest are under way of; of new issues, those
        of the project with the fewest; of these the earliest. A limit that makes some wait must
        not make the others wait, too, and many projects must not keep notes back to the end:
        their own limit is the lowest.
        """
        best = min(self._least_busy(busy), default=None)
        if best is None:
            return None
        *_, position, one = best
        positions = self._ready[one]
        heappop(positions)
        if positions:
            heappush(self._heads[one[0]], (positions[0], one))
        else:
            del self._ready[one]
        return position

    def _least_busy(self, busy: Busy) -> Iterator[tuple[int, int, int, Kind]]:
        """Of each sort, what to take first: how busy sort and kind are, the position, the kind.

        There may be thousands of projects, but few of them are busy: the first that is not is it.
        """
        for heads in self._heads.values():
            looked_at: list[tuple[int, Kind]] = []
            while heads and not (looked_at and busy.of(looked_at[-1][1])[1] == 0):
                position, one = heappop(heads)
                if self._ready.get(one, _NOTHING)[0] == position:
                    looked_at.append((position, one))
            for head in looked_at:
                heappush(heads, head)
            yield from ((*busy.of(one), position, one) for position, one in looked_at)

    def over(self, position: int) -> None:
        """A change is over: what waited for it may begin."""
        for later in self._after.pop(position, ()):
            others = self._waiting[later]
            others.remove(position)
            if not others:
                self._release(later)

    def _release(self, position: int) -> None:
        if position == _OPENED:
            self.over(position)
            return
        one = kind(self._changes[position])
        positions = self._ready.setdefault(one, [])
        heappush(positions, position)
        if positions[0] == position:
            heappush(self._heads.setdefault(one[0], []), (position, one))

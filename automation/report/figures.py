"""The figures of the pages: loops counted by how they went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from automation.labels import State
from automation.report.history import Entry
from automation.rules.health import SHOWN, Health, Initiatives

LEVELS = 4
"""The best of the shades from 0 in which a share is shown."""

AGES = (
    ("under 1 month", 30),
    ("1 to 3 months", 91),
    ("3 to 6 months", 182),
    ("6 to 12 months", 365),
)
"""The ages of initiatives: what they are called, and below how many days they end."""
OLDEST = "over a year"


@dataclass(frozen=True)
class Tally:
    """How many loops: ended in one of three ways, late, and still open in time."""

    done: int = 0
    missed: int = 0
    waived: int = 0
    overdue: int = 0
    open: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.done + self.missed + self.waived + self.overdue + self.open

    @property
    def slipped(self) -> int:
        """Those that were missed or are late."""
        return self.missed + self.overdue

    @property
    def share(self) -> float | None:
        """The done ones among those that were to be done by now, 0 to 1; None without any."""
        due = self.done + self.slipped
        return self.done / due if due else None

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down: 100 are all."""
        return None if self.share is None else int(self.share * 100)

    @property
    def shade(self) -> str:
        """The class of a cell: `l0` to `l4` by the share, `o` without one, empty for no loop."""
        if self.share is None:
            return "o" if self.total else ""
        return f"l{int(self.share * LEVELS)}"


def tally(entries: Iterable[Entry]) -> Tally:
    """The entries counted."""
    return _tally(Counter(one.state for one in entries))


def _tally(counts: Mapping[State, int]) -> Tally:
    return Tally(
        done=counts.get(State.DONE, 0),
        missed=counts.get(State.MISSED, 0),
        waived=counts.get(State.WAIVED, 0),
        overdue=counts.get(State.OVERDUE, 0),
        open=counts.get(State.OPEN, 0),
    )


def added(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    found = tuple(tallies)
    sums = {one.name: sum(getattr(some, one.name) for some in found) for one in fields(Tally)}
    return Tally(**sums)


Grid = Mapping[str, Sequence[Tally]]
"""One row of tallies for each name, a tally for each week in which loops opened."""


def grid(
    entries: Iterable[Entry], weeks: Sequence[date], name: Callable[[Entry], str | None]
) -> Grid:
    """The entries counted by name and week; those without a name are left out."""
    counts: dict[str, dict[date, Counter[State]]] = defaultdict(lambda: defaultdict(Counter))
    for entry in entries:
        row = name(entry)
        if row is not None:
            counts[row][entry.opened_in][entry.state] += 1
    return {
        row: tuple(_tally(found[week]) if week in found else NONE for week in weeks)
        for row, found in counts.items()
    }


NONE = Tally()


def by_week(entries: Iterable[Entry], weeks: Sequence[date]) -> Sequence[Tally]:
    """The entries counted by the week in which they opened."""
    return grid(entries, weeks, lambda _: "all").get("all", (NONE,) * len(weeks))


@dataclass(frozen=True)
class Deeds:
    """What Drumbeat did in a week, as far as the loops still tell it."""

    week: date
    opened: int = 0
    done: int = 0
    missed: int = 0
    waived: int = 0
    overdue: int = 0
    escalated: int = 0


def deeds(entries: Iterable[Entry], weeks: Sequence[date]) -> tuple[Deeds, ...]:
    """By week: what opened, and is late or wants attention now; and what ended, and how."""
    opened: Counter[date] = Counter()
    late: Counter[date] = Counter()
    escalated: Counter[date] = Counter()
    ended: Counter[tuple[date | None, State]] = Counter()
    for entry in entries:
        opened[entry.opened_in] += 1
        late[entry.opened_in] += entry.state is State.OVERDUE
        escalated[entry.opened_in] += entry.attention
        ended[entry.ended_in, entry.state] += 1
    return tuple(
        Deeds(
            week,
            opened=opened[week],
            done=ended[week, State.DONE],
            missed=ended[week, State.MISSED],
            waived=ended[week, State.WAIVED],
            overdue=late[week],
            escalated=escalated[week],
        )
        for week in weeks
    )


def age(opened_on: date, today: date) -> str:
    """How old something is, in words."""
    days = (today - opened_on).days
    return next((name for name, limit in AGES if days < limit), OLDEST)


def ages(initiatives: Initiatives, today: date) -> Mapping[tuple[str, Health], int]:
    """The open initiatives counted by age and health, confidential ones among them."""
    counts = Counter((age(one.opened_on, today), one.health) for one in initiatives.open)
    names = [*(name for name, _ in AGES), OLDEST]
    return {(name, health): counts[name, health] for name in names for health in SHOWN}

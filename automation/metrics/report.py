"""What a person's numbers say, in words for a 1:1: the week, the trend, the band, the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from automation.model.metrics import Baseline, MetricsPolicy, Numbers

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""Stands in a trend for a week about which nothing is known."""
ANY = "any"


@dataclass(frozen=True)
class Week:
    """A week's rows of one person, added up."""

    label: str
    rows: tuple[Numbers, ...]

    @property
    def known(self) -> bool:
        """Whether there are numbers."""
        return bool(self.rows)

    def total(self, what: str) -> int:
        """One of the counts over all ticket types."""
        return sum(int(getattr(row, what)) for row in self.rows)

    @property
    def own_percent(self) -> int | None:
        """Percent of public replies on tickets of one's own; None without public replies."""
        replies = self.total("public_replies")
        return round(100 * self.total("own_replies") / replies) if replies else None


@dataclass(frozen=True)
class PersonNumbers:
    """One person's last weeks, the oldest first, as templates show them.

    `why_not` tells why there is nothing to show; it is empty where there is.
    """

    weeks: tuple[Week, ...]
    policy: MetricsPolicy
    why_not: str = ""

    @property
    def week(self) -> Week:
        """The last whole week."""
        return self.weeks[-1]

    @property
    def solved(self) -> int:
        """Tickets solved in the last week."""
        return self.week.total("solved")

    @property
    def public_replies(self) -> int:
        """Public replies in the last week."""
        return self.week.total("public_replies")

    @property
    def internal_notes(self) -> int:
        """Internal notes in the last week."""
        return self.week.total("internal_notes")

    @property
    def own_percent(self) -> int | None:
        """Percent of the last week's public replies on tickets of one's own."""
        return self.week.own_percent

    @property
    def band(self) -> str:
        """Where that lies: `in the band`, `below the band`, `above the band`, or empty."""
        share, band = self.own_percent, self.policy.own_replies
        if share is None:
            return ""
        where = "below" if share < band.low else "above" if share > band.high else "in"
        return f"{where} the band of {band.low}–{band.high} %"

    @cached_property
    def baseline(self) -> str:
        """Whether the weeks' average is at the baseline of the person's ticket types, in words."""
        known = [week for week in self.weeks if week.known]
        wanted = _expected(self.policy, known)
        short = [
            f"{words} {average:g} of {target:g}"
            for words, average, target in _averages(known, wanted)
            if average < target
        ]
        if not wanted:
            return ""
        return f"below the baseline: {', '.join(short)}" if short else "at the baseline"

    @property
    def trend(self) -> str:
        """The weeks' public replies as bars: 0 at the bottom, the highest at the top."""
        return spark([week.total("public_replies") if week.known else None for week in self.weeks])


def spark(values: Sequence[int | None]) -> str:
    """Numbers as Unicode bars; None is a gap."""
    top = max((value for value in values if value is not None), default=0)
    return "".join(
        GAP if value is None else BARS[round((len(BARS) - 1) * value / top)] if top else BARS[0]
        for value in values
    )


_WORDS = {
    "solved": "solved",
    "public_replies": "public replies",
    "internal_notes": "internal notes",
}


def _expected(policy: MetricsPolicy, weeks: Sequence[Week]) -> dict[str, float]:
    """What the baselines ask for in a week: of each week's types, by the type with most replies."""
    sums: dict[str, float] = {}
    for week in weeks:
        baseline = _of_type(policy, week)
        for name in _WORDS:
            target = getattr(baseline, name) if baseline else None
            if target is not None:
                sums[name] = sums.get(name, 0) + target / len(weeks)
    return sums


def _of_type(policy: MetricsPolicy, week: Week) -> Baseline | None:
    """The baseline of the type of ticket that the week was mostly about."""
    main = max(week.rows, key=lambda row: row.public_replies).ticket_type
    by_type = {name.casefold(): baseline for name, baseline in policy.baselines.items()}
    return by_type.get(main.casefold(), by_type.get(ANY))


def _averages(
    weeks: Sequence[Week], wanted: dict[str, float]
) -> Iterator[tuple[str, float, float]]:
    for name, target in wanted.items():
        average = sum(week.total(name) for week in weeks) / len(weeks)
        yield _WORDS[name], round(average, 1), round(target, 1)

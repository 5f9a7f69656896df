"""Tells a director, on the newest loop, that loops were missed several times in a row.

The word stands in the new issue's description, so it comes with the issue, exactly once.
Earlier loops are asked for only when a loop is about to be missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from automation.inert import inert, mention
from automation.labels import DRUMBEAT, State, cadence_label
from automation.loops import Loop
from automation.model.issue import IssueQuery
from automation.model.period import PeriodKind
from automation.model.policy import Escalation
from automation.model.snapshot import Snapshot
from automation.stock import Held, Stock

_LONGEST = {
    PeriodKind.DAY: 7,
    PeriodKind.WEEK: 31,
    PeriodKind.MONTH: 62,
    PeriodKind.FISCAL_QUARTER: 184,
    PeriodKind.FISCAL_YEAR: 732,
}
"""Days between two loops of a cadence, at the most, with some of them left out."""


@dataclass(frozen=True)
class Told:
    """What is said, in Markdown, and to whom."""

    text: str
    mentions: tuple[str, ...]


def escalated(
    loop: Loop, before: tuple[Held, ...], stock: Stock, snapshot: Snapshot
) -> Told | None:
    """What the director is told on a new loop; None where nothing is.

    `before` are the loops that the new one makes missed.
    """
    rule, director = loop.cadence.escalate, loop.subject.director
    if rule is None or director is None or not before:
        return None
    periods = tuple(_missed_in_a_row(loop, rule, before, stock, snapshot))
    if len(periods) < rule.after_missed:
        return None
    listed = ", ".join(periods)
    text = (
        f"> [!important]\n> {mention(director.username)}: {inert(loop.subject.name)} missed this "
        f"{len(periods)} times in a row ({listed}). What stands in the way?"
    )
    return Told(text, (director.username,))


def _missed_in_a_row(
    loop: Loop, rule: Escalation, before: tuple[Held, ...], stock: Stock, snapshot: Snapshot
) -> Iterator[str]:
    """The periods of the loops just before this one that were missed, latest first."""
    pair = (loop.key.cadence, loop.key.subject)
    ended = [
        held
        for held in stock.recognised(snapshot.issues(_earlier(loop, rule)))
        if (held.key.cadence, held.key.subject) == pair
    ]
    missed: dict[str, bool] = {}
    for held in sorted((*before, *ended), key=lambda held: held.issue.created_at, reverse=True):
        # A period that was opened twice counts by the issue that was not closed as the double.
        one = held in before or State.MISSED in held.issue.labels
        missed[held.key.period] = missed.get(held.key.period, False) or one
    yield from takewhile(missed.__getitem__, missed)


def _earlier(loop: Loop, rule: Escalation) -> IssueQuery:
    """The closed loops of the cadence, as far back as the rule counts."""
    days = (rule.after_missed + 1) * _LONGEST[loop.cadence.period]
    return IssueQuery(
        loop.organisation.settings.loops_group,
        state="closed",
        labels=(DRUMBEAT, cadence_label(loop.cadence.name)),
        created_after=loop.occurrence.opens_at - timedelta(days=days),
    )

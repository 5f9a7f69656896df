"""A board's lists from left to right: the fewest moves that put the wanted ones in order.

Positions are GitLab's: a new list comes after the last; to move one to a position shifts those
between by one (`Boards::Lists::CreateService` and `MoveService`). There may be gaps, where a
label went with its list.
"""

from __future__ import annotations

from collections.abc import Sequence

from automation.model.change import ListMove
from automation.model.issue import BoardList

Columns = dict[str | int, int]
"""Each list's position, by its label if it is a wanted one, else by its id."""


def moves(
    lists: Sequence[BoardList], missing: Sequence[str], wanted: Sequence[str]
) -> tuple[ListMove, ...]:
    """The moves after which the wanted lists stand in order; those of others are never moved.

    `missing` are appended in their order before the first move.
    """
    ids = _ids(lists, wanted)
    columns = _columns(lists, missing, ids)
    kept = _longest_in_order(columns, wanted, missing)
    found = []
    for index, label in enumerate(wanted):
        if label not in kept:
            position = _place(columns, label, wanted[index - 1] if index else kept[0], index > 0)
            _move(columns, label, position)
            found.append(ListMove(label=label, list_id=ids.get(label), position=position))
    return tuple(found)


def order_after(
    lists: Sequence[BoardList], missing: Sequence[str], moved: Sequence[ListMove]
) -> tuple[str, ...]:
    """The labels of all lists from left to right, once the moves are done."""
    names = {one.id: one.label for one in lists}
    ids = {one.label: one.list_id for one in moved if one.list_id is not None}
    columns = _columns(lists, missing, ids)
    for move in moved:
        _move(columns, move.label, move.position)
    ordered = sorted(columns, key=lambda one: columns[one])
    labels = (one if isinstance(one, str) else names[one] for one in ordered)
    return tuple(label for label in labels if label is not None)


def _ids(lists: Sequence[BoardList], wanted: Sequence[str]) -> dict[str, int]:
    """The lists of wanted labels; of two labels with one name, the first's."""
    found: dict[str, int] = {}
    for one in lists:
        if one.label is not None and one.label in wanted:
            found.setdefault(one.label, one.id)
    return found


def _columns(lists: Sequence[BoardList], missing: Sequence[str], ids: dict[str, int]) -> Columns:
    labels = {list_id: label for label, list_id in ids.items()}
    columns: Columns = {
        labels.get(one.id, one.id): index if one.position is None else one.position
        for index, one in enumerate(lists)
    }
    for label in missing:
        columns[label] = max(columns.values(), default=-1) + 1
    return columns


def _longest_in_order(
    columns: Columns, wanted: Sequence[str], missing: Sequence[str]
) -> tuple[str, ...]:
    """As many of the wanted labels as possible that stand in the wanted order already.

    Of several such rows, one with most lists that are there: new ones are moved first.
    """

    def worth(row: tuple[str, ...]) -> tuple[int, int]:
        return len(row), sum(label not in missing for label in row)

    ranks = {label: rank for rank, label in enumerate(wanted)}
    rows: dict[str, tuple[str, ...]] = {}
    for label in sorted(wanted, key=lambda one: columns[one]):
        before = (row for last, row in rows.items() if ranks[last] < ranks[label])
        rows[label] = (*max(before, key=worth, default=()), label)
    return max(rows.values(), key=worth)


def _place(columns: Columns, label: str, beside: str, after: bool) -> int:
    """The position at which a list stands right after another, or before it."""
    rightwards = columns[label] < columns[beside]
    return columns[beside] + (1 if after and not rightwards else 0)


def _move(columns: Columns, label: str, position: int) -> None:
    """What GitLab does."""
    old = columns[label]
    for one, at in columns.items():
        if old < at <= position:
            columns[one] = at - 1
        elif position <= at < old:
            columns[one] = at + 1
    columns[label] = position

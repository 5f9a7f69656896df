"""Rows of numbers by person and week, from CSV or JSON text.

A row that cannot be read is told and left out: numbers are an aid, and no loop waits for
them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

from automation.metrics.weeks import read_week
from automation.model.metrics import Columns, Numbers, Table

MAX_ROWS = 1_000_000
_COUNTS = ("solved", "public_replies", "own_replies", "internal_notes")


class NotATable(Exception):
    """The text is no table of numbers at all; says why."""


def read_table(text: str, name: str, columns: Columns) -> Table:
    """A file's rows; raises NotATable where there are none to be read."""
    records = _json(text) if name.endswith(".json") else _csv(text)
    table = Table()
    for number, record in enumerate(records, 1):
        if number > MAX_ROWS:
            raise NotATable(f"{name} has more than {MAX_ROWS:,} rows")
        _take(record, f"{name}, row {number}", columns, table)
    return table


def _csv(text: str) -> Iterator[Mapping[str, object]]:
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        yield from ({_head(key): value for key, value in row.items()} for row in reader)
    except csv.Error as error:
        raise NotATable(f"is not CSV: {error}") from error


def _json(text: str) -> Iterable[Mapping[str, object]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotATable(f"is not JSON: {error}") from error
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise NotATable("is not a list of objects")
    return [{_head(key): value for key, value in row.items()} for row in data]


def _head(text: object) -> str:
    return " ".join(str(text).casefold().split())


def _take(record: Mapping[str, object], where: str, columns: Columns, table: Table) -> None:
    """Add one row to the table, or the reason why not."""
    lacking = [name for name in (columns.person, columns.week) if not _cell(record, name)]
    if lacking:
        table.faults.append(f"{where} has no {' and no '.join(lacking)}")
        return
    try:
        week = read_week(_cell(record, columns.week))
        counts = {name: _count(record, getattr(columns, name)) for name in _COUNTS}
    except ValueError as error:
        table.faults.append(f"{where}: {error}")
        return
    kind = _cell(record, columns.ticket_type) if columns.ticket_type else ""
    person = _cell(record, columns.person).removeprefix("@").casefold()
    table.rows[person, week].append(Numbers(**counts, ticket_type=kind))


def _cell(record: Mapping[str, object], column: str) -> str:
    value = record.get(_head(column))
    return "" if value is None else str(value).strip()


def _count(record: Mapping[str, object], column: str) -> int:
    """A whole number of at least 0; an empty cell is 0."""
    text = _cell(record, column).replace(",", "").replace("\u00a0", "") or "0"
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{column} is {text!r}, not a number") from None
    if not number.is_integer() or not 0 <= number < 10**9:
        raise ValueError(f"{column} is {text}, not a count")
    return int(number)

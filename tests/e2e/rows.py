"""Thousands of issues as rows, copied from one that was made over HTTP: nobody waits for them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """The database of an embedded GitLab, written to from outside while it is served.

    `now` is the moment from which days are counted back. To copy from there must be an issue
    with a label, a comment and a label event.
    """

    db: sqlite3.Connection
    now: datetime

    def stamp(self, days: float) -> str:
        """A time so many days ago, as the database keeps it."""
        moment = (self.now - timedelta(days=days)).astimezone(UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def copies(self, table: str, key: str, rows: list[Row]) -> None:
        """Insert rows: each is the table's latest, with other values in some columns."""
        found = self.db.execute(f"SELECT * FROM {table} ORDER BY {key} DESC LIMIT 1")
        names = [column[0] for column in found.description]
        model = dict(zip(names, found.fetchone(), strict=True))
        places = ", ".join(f":{name}" for name in names)
        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
        self.db.executemany(insert, [model | row for row in rows])

    def issues(self, first: int, count: int, days: float) -> None:
        """That many issues like the first, which is one of them; nothing happened on any."""
        ids = range(first + 1, first + count)
        titles = [{"id": one, "iid": one - first + 1, "title": f"Initiative {one}"} for one in ids]
        self.copies("issues", "id", titles)
        (sgg,) = self.db.execute("SELECT id FROM labels WHERE title = 'SGG'").fetchone()
        pairs = [{"issue_id": one, "label_id": sgg} for one in ids]
        self.copies("issue_labels", "issue_id", pairs)
        opened = self.stamp(days)
        self.db.execute("UPDATE issues SET created_at = ?, updated_at = ?", (opened, opened))
        self.db.execute("UPDATE notes SET created_at = ?", (opened,))
        self.db.execute("UPDATE events SET created_at = ?", (opened,))

    def says(self, issue: int, user: int, days: float, body: str = "", *, system: bool = False):
        """Somebody comments, or the system tells what they did."""
        last = self._last("notes") + 1
        row = {"id": last, "issue_id": issue, "author_id": user, "created_at": self.stamp(days)}
        row |= {"discussion_id": f"{last:040x}", "system": system}
        self.copies("notes", "id", [row | ({"body": body} if body else {})])
        self._touch(issue, days)

    def labels(self, issue: int, user: int, days: float) -> None:
        """Somebody sets a label."""
        row = {"id": self._last("events") + 1, "issue_id": issue, "user_id": user}
        self.copies("events", "id", [row | {"created_at": self.stamp(days)}])
        self._touch(issue, days)

    def _last(self, table: str) -> int:
        return int(self.db.execute(f"SELECT max(id) FROM {table}").fetchone()[0])

    def _touch(self, issue: int, days: float) -> None:
        update = "UPDATE issues SET updated_at = max(updated_at, ?) WHERE id = ?"
        self.db.execute(update, (self.stamp(days), issue))


class Writing:
    """Writes to the database in one transaction."""

    def __init__(self, file: Path, now: datetime) -> None:
        self._db = sqlite3.connect(file)
        self._rows = Rows(self._db, now)

    def __enter__(self) -> Rows:
        self._db.__enter__()
        return self._rows

    def __exit__(self, *why: Any) -> None:
        with closing(self._db):
            self._db.__exit__(*why)

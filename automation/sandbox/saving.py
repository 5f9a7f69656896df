"""The whole state as bytes: an SQLite database that knows which tables it has.

A state can be loaded only by a server whose tables are the same, for which their definition
is summed up in SQLite's own ``user_version``.
"""

from __future__ import annotations

import functools
import sqlite3
import zlib
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from automation.sandbox.schema import Base

_MODES, _NO_LOG = slice(18, 20), b"\x01\x01"
"""Where bytes say how a database is written and read, and that it keeps no log beside it.

With a log, as files here have, it cannot be opened from bytes. Source: SQLite's documentation,
"Database File Format" and `sqlite3_deserialize`.
"""


class ForeignState(ValueError):
    """A database that this version of the server did not make."""


@functools.cache
def version() -> int:
    """A number that changes with the definition of the tables."""
    dialect = sqlite.dialect()
    tables = [str(CreateTable(t).compile(dialect=dialect)) for t in Base.metadata.sorted_tables]
    return zlib.crc32("\n".join(sorted(tables)).encode()) & 0x7FFFFFFF


def check(connection: sqlite3.Connection) -> None:
    """Mark a new database as ours, or make sure that it is.

    Raises:
        ForeignState: it has tables, but not these.
    """
    (marked,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and marked != version():
        raise ForeignState("it is no state of this version of the embedded GitLab")
    connection.execute(f"PRAGMA user_version = {version()}")


def dump(connection: sqlite3.Connection, about: dict[str, Any]) -> bytes:
    """A copy of the database, with what the server knows beside it."""
    with sqlite3.connect(":memory:") as copy:
        connection.backup(copy)
        copy.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value)")
        copy.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        copy.commit()
        data = copy.serialize()
    copy.close()
    return data[: _MODES.start] + _NO_LOG + data[_MODES.stop :]


def load(connection: sqlite3.Connection, data: bytes) -> dict[str, Any]:
    """Replace a database's content by a dump's; what was known beside it.

    Raises:
        ForeignState: the bytes are no dump of this version.
    """
    source = sqlite3.connect(":memory:")
    try:
        about = _opened(source, data)
        source.backup(connection)
    finally:
        source.close()
    return about


def _opened(source: sqlite3.Connection, data: bytes) -> dict[str, Any]:
    if not data:
        raise ForeignState("the body is empty")
    try:
        source.deserialize(data)
        check(source)
        about = dict(source.execute("SELECT name, value FROM about").fetchall())
        source.execute("DROP TABLE about")
        source.commit()
    except sqlite3.Error as error:
        raise ForeignState(f"it is no saved state: {error}") from None
    return about

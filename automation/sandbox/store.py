"""The database and what the server knows beside it: clock, tier, the root user.

A file keeps its content between runs; ``:memory:`` begins empty. The same root token is
valid each time, whatever the file already holds.
"""

from __future__ import annotations

import errno
import functools
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, select
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, StaticPool
from sqlalchemy.util import LRUCache

from automation.sandbox import saving
from automation.sandbox.clock import Clock, parse
from automation.sandbox.schema import Base, Namespace, Token, User

MEMORY = ":memory:"
ROOT_SCOPES = "api,read_api,read_user,sudo,admin_mode"
TIERS = ("free", "premium")


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@functools.cache
def _dialect() -> Dialect:
    """How all servers of this process speak to SQLite.

    Compiled statements are remembered by dialect. With one for all, a server need not compile
    what another has: that would be a third of what a small one, for a test, has to do.
    """
    engine = create_engine("sqlite://", poolclass=NullPool)
    with engine.connect():
        return engine.dialect  # having been connected, it knows what this SQLite can do


_STATEMENTS = LRUCache[Any, Any](1000)
"""What was compiled of late, for all servers of this process. A server takes a hundred or so."""


def _engine(db: str) -> Engine:
    # One connection for all: every request runs on the server's one thread.
    engine = create_engine(
        URL.create("sqlite", database=db),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _pragmas)
    engine.dialect = _dialect()
    engine.update_execution_options(compiled_cache=_STATEMENTS)
    return engine


class Store:
    """The embedded GitLab's state. Close it when done, or use it as a context manager."""

    def __init__(
        self,
        db: str = MEMORY,
        root_token: str = "root-token",
        now: datetime | None = None,
        tier: str = "free",
    ) -> None:
        if tier not in TIERS:
            raise ValueError(f"tier must be one of {', '.join(TIERS)}, not {tier!r}")
        if db != MEMORY:
            Path(db).parent.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(now)
        self.tier = tier
        self._first = (now, tier)
        self._root_token = root_token
        self._engine = _engine(db)
        try:
            saving.check(self._raw())
        except saving.ForeignState as error:
            self.close()
            raise OSError(errno.EINVAL, f"{error}; delete the file, or name another") from None
        self._settle()

    def _raw(self) -> Any:
        """The one connection, as sqlite3 has it."""
        return self._engine.raw_connection().driver_connection

    def _settle(self) -> None:
        Base.metadata.create_all(self._engine)
        with self.session() as session:
            _seed(session, self._root_token, self.clock.stamp())
            session.commit()

    def save(self) -> bytes:
        """Everything, also the clock if it stands, as bytes that `load` takes."""
        now = self.clock.stamp() if self.clock.fixed else None
        return saving.dump(self._raw(), {"now": now, "tier": self.tier})

    def load(self, data: bytes) -> None:
        """Become what was saved; the root token is this server's own.

        Raises:
            ForeignState: the bytes are no state of this version.
        """
        about = saving.load(self._raw(), data)
        self.tier = about["tier"]
        self.clock.set(parse(about["now"]) if about["now"] else None, reset=True)
        self._settle()

    def reset(self) -> None:
        """Begin again, empty and at the time at which the server began."""
        now, self.tier = self._first
        self.clock.set(now, reset=True)
        Base.metadata.drop_all(self._engine)
        self._settle()

    def session(self) -> Session:
        """A new unit of work; the caller commits and closes it."""
        return Session(self._engine, expire_on_commit=False)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _seed(session: Session, root_token: str, now: str) -> None:
    root = session.get(User, 1)
    if root is None:
        root = add_user(
            session,
            User(id=1, username="root", name="Administrator", email="admin@example.com",
                 admin=True, created_at=now),
        )  # fmt: skip
    if not session.scalar(select(Token).where(Token.digest == digest(root_token))):
        session.add(
            Token(user_id=root.id, name="root", digest=digest(root_token), scopes=ROOT_SCOPES,
                  created_at=now)
        )  # fmt: skip


def add_user(session: Session, user: User) -> User:
    """Save a new user together with the namespace that GitLab gives everyone."""
    session.add(user)
    session.flush()
    own = Namespace(
        kind="user", path=user.username, name=user.name, full_path=user.username,
        full_name=user.name, owner_id=user.id, created_at=user.created_at,
    )  # fmt: skip
    session.add(own)
    session.flush()
    own.lineage = f"/{own.id}/"
    user.namespace_id = own.id
    return user


def ghost(session: Session, now: str) -> User:
    """The user that inherits what deleted users wrote; made when first needed."""
    found = session.scalar(select(User).where(User.kind == "ghost"))
    return found or add_user(
        session,
        User(username="ghost", name="Ghost User", email="ghost@example.com", kind="ghost",
             created_at=now),
    )  # fmt: skip

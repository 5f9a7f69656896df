"""``/sandbox/…``: what a test or a demonstration does to the server itself. Not GitLab's.

Reading is free, changing takes an administrator's token.

- ``GET/PUT /sandbox/clock``        ``{"now": "2026-11-23T08:00:00Z"}``; null: real time
- ``GET/PUT /sandbox/limits``       see `limits.Limits`
- ``GET/PUT/DELETE /sandbox/faults``  see `faults.Fault`
- ``GET/DELETE /sandbox/requests``  what was served, by route
- ``GET/PUT /sandbox/tier``         ``{"tier": "free"}`` or premium
- ``GET/PUT /sandbox/state``        everything, as bytes to keep and to give back
  (``application/octet-stream``); reading it takes an administrator's token, too
- ``DELETE /sandbox/state``         begin again: empty, first clock, no limits, no faults
- ``POST /sandbox/system_notes``    a note such as "mentioned in commit …", which here has
  no other way to come about
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import select

from automation.sandbox import clock
from automation.sandbox.auth import identify
from automation.sandbox.errors import bad_request, forbidden, not_found, unauthorized
from automation.sandbox.faults import Faults
from automation.sandbox.incoming import Incoming
from automation.sandbox.limits import Limits
from automation.sandbox.params import Params
from automation.sandbox.saving import ForeignState
from automation.sandbox.schema import Issue, Note, Project, User, at_path
from automation.sandbox.store import TIERS, Store


class Server(Protocol):
    """What is controlled."""

    store: Store
    limits: Limits
    faults: Faults
    counts: Counter[str]


def handle(server: Server, incoming: Incoming) -> Any:
    """Answer a control request with JSON-able data, or with bytes.

    Raises:
        ApiError: 400, 401, 403 or 404.
    """
    action = _ACTIONS.get((incoming.verb, incoming.raw_path.rstrip("/")))
    if action is None:
        raise not_found(f"{incoming.verb} {incoming.raw_path}")
    if incoming.verb != "GET" or action is _state:
        _admin_only(server, incoming)
    return action(server, incoming)


def _admin_only(server: Server, incoming: Incoming) -> None:
    with server.store.session() as session:
        now = server.store.clock.now()
        user, _ = identify(session, incoming.headers, Params(incoming.values), now)
    if user is None:
        raise unauthorized()
    if not user.admin:
        raise forbidden()


def _object(incoming: Incoming) -> dict[str, Any]:
    if not isinstance(incoming.json, dict):
        raise bad_request("a JSON object is wanted")
    return incoming.json


def _clock(server: Server, _incoming: Incoming) -> Any:
    return {"now": server.store.clock.stamp(), "fixed": server.store.clock.fixed}


def _set_clock(server: Server, incoming: Incoming) -> Any:
    data = _object(incoming)
    text = data.get("now")
    try:
        now = None if text is None else clock.parse(str(text))
        server.store.clock.set(now, reset=data.get("reset") is True)
    except ValueError as error:
        raise bad_request(str(error)) from None
    return _clock(server, incoming)


def _limits(server: Server, _incoming: Incoming) -> Any:
    return server.limits.as_json()


def _set_limits(server: Server, incoming: Incoming) -> Any:
    server.limits.configure(_object(incoming))
    return server.limits.as_json()


def _faults(server: Server, _incoming: Incoming) -> Any:
    return [
        {"action": r.action, "method": r.method, "route": r.route.pattern, "seen": r.seen}
        for r in server.faults.rules
    ]


def _set_faults(server: Server, incoming: Incoming) -> Any:
    server.faults.replace(incoming.json)
    return _faults(server, incoming)


def _clear_faults(server: Server, incoming: Incoming) -> Any:
    server.faults.replace([])
    return _faults(server, incoming)


def _requests(server: Server, _incoming: Incoming) -> Any:
    by_route = dict(sorted(server.counts.items()))
    return {"total": sum(by_route.values()), "by_route": by_route}


def _clear_requests(server: Server, incoming: Incoming) -> Any:
    server.counts.clear()
    return _requests(server, incoming)


def _tier(server: Server, _incoming: Incoming) -> Any:
    return {"tier": server.store.tier}


def _set_tier(server: Server, incoming: Incoming) -> Any:
    tier = _object(incoming).get("tier")
    if tier not in TIERS:
        raise bad_request(f"tier is one of {', '.join(TIERS)}")
    server.store.tier = tier
    return _tier(server, incoming)


def _state(server: Server, _incoming: Incoming) -> bytes:
    return server.store.save()


def _load_state(server: Server, incoming: Incoming) -> Any:
    try:
        server.store.load(incoming.raw)
    except ForeignState as error:
        raise bad_request(f"{error}; send what GET /sandbox/state gave") from None
    return _clock(server, incoming) | _tier(server, incoming)


def _reset_state(server: Server, incoming: Incoming) -> Any:
    server.store.reset()
    server.limits.configure(Limits().as_json())
    server.faults.replace([])
    server.counts.clear()
    return _clock(server, incoming) | _tier(server, incoming)


def _system_note(server: Server, incoming: Incoming) -> Any:
    params = Params(_object(incoming))
    where, iid = params.need("project"), params.need_int("iid")
    who, body = params.need("author"), params.need("body")
    server.store.clock.tick()
    with server.store.session() as session:
        place = Project.id == int(where) if where.isdigit() else at_path(Project.full_path, where)
        issue = session.scalar(select(Issue).join(Project).where(place, Issue.iid == iid))
        author = session.scalar(select(User).where(User.username == who))
        if issue is None or author is None:
            raise not_found("Issue" if issue is None else "User")
        now = params.time("created_at") or server.store.clock.stamp()
        note = Note(
            issue_id=issue.id, author_id=author.id, body=body, system=True,
            created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(note)
        issue.updated_at = max(issue.updated_at, now)
        session.commit()
        return {"id": note.id, "created_at": note.created_at}


_ACTIONS: dict[tuple[str, str], Callable[[Server, Incoming], Any]] = {
    ("GET", "/sandbox/clock"): _clock,
    ("PUT", "/sandbox/clock"): _set_clock,
    ("GET", "/sandbox/limits"): _limits,
    ("PUT", "/sandbox/limits"): _set_limits,
    ("GET", "/sandbox/faults"): _faults,
    ("PUT", "/sandbox/faults"): _set_faults,
    ("DELETE", "/sandbox/faults"): _clear_faults,
    ("GET", "/sandbox/requests"): _requests,
    ("DELETE", "/sandbox/requests"): _clear_requests,
    ("GET", "/sandbox/tier"): _tier,
    ("PUT", "/sandbox/tier"): _set_tier,
    ("GET", "/sandbox/state"): _state,
    ("PUT", "/sandbox/state"): _load_state,
    ("DELETE", "/sandbox/state"): _reset_state,
    ("POST", "/sandbox/system_notes"): _system_note,
}

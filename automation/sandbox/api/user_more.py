"""What belongs to one user: status, memberships, counts, further addresses, keys.

Source: `lib/api/users.rb`. Nobody here has a second address or a key, so those lists are
empty.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.clock import stamp
from automation.sandbox.errors import forbidden, grape
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Member, Namespace, Project, User
from automation.sandbox.shapes import people

ROUTES = Router()
_CLEAR_AFTER = {
    "30_minutes": timedelta(minutes=30), "3_hours": timedelta(hours=3),
    "8_hours": timedelta(hours=8), "1_day": timedelta(days=1), "3_days": timedelta(days=3),
    "7_days": timedelta(days=7), "30_days": timedelta(days=30),
}  # fmt: skip
_FIELDS = ("emoji", "message", "availability", "clear_status_after")


def _held(call: Call, row: User) -> dict[str, Any] | None:
    """A user's status, unless its time is over."""
    held = row.status
    if held and held["clear_status_at"] and held["clear_status_at"] <= call.now:
        return None
    return held


@ROUTES.add("GET", "/users/:id/status")
def status_of(call: Call) -> Any:
    """What a user, named by id or name, says of themselves."""
    return people.status(_held(call, find.user_by(call, call.path["id"])))


@ROUTES.add("GET", "/user/status", login=True)
def status(call: Call) -> Any:
    """One's own status."""
    return people.status(_held(call, call.me))


@ROUTES.add("PUT", "/user/status")
def set_status(call: Call) -> Any:
    """A new status; what is not named is cleared."""
    return _set(call, {})


@ROUTES.add("PATCH", "/user/status")
def change_status(call: Call) -> Any:
    """Change a part of the status; with nothing to change, null is the answer."""
    if not call.params.any_of(_FIELDS):
        return None
    return _set(call, _held(call, call.me) or {})


def _set(call: Call, old: dict[str, Any]) -> dict[str, Any]:
    params = call.params
    words = {name: params.text(name, old.get(name)) for name in ("emoji", "message")}
    availability = params.text("availability", old.get("availability"))
    if availability not in (None, "", "not_set", "busy"):
        raise grape("availability does not have a valid value")
    after = params.choice("clear_status_after", _CLEAR_AFTER)
    until = stamp(call.store.clock.now() + _CLEAR_AFTER[after]) if after else None
    if not (any(words.values()) or availability):
        call.me.status = None
        return people.status(None)
    call.me.status = {
        "emoji": words["emoji"] or "speech_balloon",
        "message": words["message"],
        "availability": availability or "not_set",
        "clear_status_at": until or old.get("clear_status_at"),
    }
    return people.status(call.me.status)


@ROUTES.add("GET", "/users/:id/memberships", login=True)
def memberships(call: Call) -> Any:
    """Where a user has a role of their own; for administrators."""
    call.admin_only()
    row = find.user(call, call.path["id"])
    kind = call.params.choice("type", ("Project", "Namespace"))
    wanted = select(Member).where(Member.user_id == row.id).order_by(Member.id)
    if kind is not None:
        column = Member.project_id if kind == "Project" else Member.group_id
        wanted = wanted.where(column.is_not(None))
    rows = paginate(call, wanted, Member.id)
    projects = _names(call, Project, [row.project_id for row in rows])
    groups = _names(call, Namespace, [row.group_id for row in rows])
    return [
        {
            "source_id": row.project_id or row.group_id,
            "source_name": projects.get(row.project_id) or groups.get(row.group_id),
            "source_type": "Project" if row.project_id else "Namespace",
            "access_level": row.access_level,
        }
        for row in rows
    ]


def _names(call: Call, table: Any, ids: list[int | None]) -> dict[int | None, str]:
    wanted = select(table.id, table.name).where(table.id.in_([i for i in ids if i]))
    return dict(call.session.execute(wanted).all())


@ROUTES.add("GET", "/users/:id/associations_count", login=True)
def associations(call: Call) -> Any:
    """How much there is of a user; for administrators and for oneself."""
    row = find.user(call, call.path["id"])
    if not (call.me.admin or call.me.id == row.id):
        raise forbidden()

    def count(column: Any, *where: Any) -> int:
        return call.session.scalar(select(func.count(column)).where(*where)) or 0

    mine = Member.user_id == row.id
    return {
        "groups_count": count(Member.group_id, mine),
        "projects_count": count(Member.project_id, mine),
        "issues_count": count(Issue.id, Issue.author_id == row.id),
        "merge_requests_count": 0,
    }


@ROUTES.add("GET", "/user/emails", login=True)
@ROUTES.add("GET", "/user/keys", login=True)
@ROUTES.add("GET", "/user/gpg_keys", login=True)
def nothing_of_mine(call: Call) -> Any:
    """One's further addresses and keys: none."""
    return slice_page(call, [])


@ROUTES.add("GET", "/users/:id/keys")
@ROUTES.add("GET", "/users/:id/gpg_keys")
def nothing_of_theirs(call: Call) -> Any:
    """A user's keys: none."""
    find.user_by(call, call.path["id"])
    return slice_page(call, [])


@ROUTES.add("GET", "/users/:id/emails", login=True)
def their_emails(call: Call) -> Any:
    """A user's further addresses, for administrators: none."""
    call.admin_only()
    find.user(call, call.path["id"])
    return slice_page(call, [])


@ROUTES.add("GET", "/users/:id/followers")
@ROUTES.add("GET", "/users/:id/following")
def nobody_follows(call: Call) -> Any:
    """Who follows a user, and whom: nobody."""
    if call.user is None:
        raise forbidden("Not authorized!")
    find.user(call, call.path["id"])
    return slice_page(call, [])

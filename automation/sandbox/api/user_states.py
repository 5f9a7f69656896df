"""Blocking, banning and putting users to sleep; service accounts. For administrators.

Sources: `lib/api/users.rb`, `app/services/users/*_service.rb`,
`ee/lib/api/service_accounts.rb`.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select, update

from automation.sandbox.api import find
from automation.sandbox.api.users import check_free
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, message
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import User
from automation.sandbox.schema_pipelines import PipelineSchedule
from automation.sandbox.shapes import people
from automation.sandbox.store import add_user

ROUTES = Router()


def _person(call: Call, wanted: str) -> User:
    call.admin_only()
    row = find.user(call, call.path["id"])
    if row.kind == "ghost":
        raise forbidden(f"An internal user cannot be {wanted}")
    return row


@ROUTES.add("POST", "/users/:id/block")
def block(call: Call) -> Any:
    """Lock a user out; tokens and pipeline schedules stop working."""
    row = _person(call, "blocked")
    if row.id == call.me.id:
        raise forbidden("The API initiating user cannot be blocked by the API")
    if row.state == "blocked":
        return None
    row.state = "blocked"
    theirs = update(PipelineSchedule).where(PipelineSchedule.owner_id == row.id)
    call.session.execute(theirs.values(active=False))
    return True


@ROUTES.add("POST", "/users/:id/unblock")
def unblock(call: Call) -> Any:
    """Let a blocked user in again."""
    row = _person(call, "unblocked")
    if row.state == "deactivated":
        raise forbidden("Deactivated users cannot be unblocked by the API")
    return _moved(row, "blocked", "active")


@ROUTES.add("POST", "/users/:id/deactivate")
def deactivate(call: Call) -> Any:
    """Put a dormant user to sleep."""
    row = _person(call, "deactivated")
    if row.state == "deactivated":
        return None
    if row.state != "active":
        raise message(403, "Error occurred. A blocked user cannot be deactivated")
    return _moved(row, "active", "deactivated")


@ROUTES.add("POST", "/users/:id/activate")
def activate(call: Call) -> Any:
    """Wake a deactivated user."""
    row = _person(call, "activated")
    if row.state == "blocked":
        raise forbidden("A blocked user must be unblocked to be activated")
    return _moved(row, "deactivated", "active")


def _moved(row: User, old: str, new: str) -> bool:
    found = row.state == old
    row.state = new if found else row.state
    return found


@ROUTES.add("POST", "/users/:id/ban")
def ban(call: Call) -> Any:
    """Lock an abuser out."""
    row = _person(call, "banned")
    if not _moved(row, "active", "banned"):
        raise message(403, f"You cannot ban {row.state} users.")
    return True


@ROUTES.add("POST", "/users/:id/unban")
def unban(call: Call) -> Any:
    """Let a banned user in again."""
    row = _person(call, "unbanned")
    if not _moved(row, "banned", "active"):
        raise message(403, f"You cannot unban {row.state} users.")
    return True


@ROUTES.add("GET", "/service_accounts", login=True)
def service_accounts(call: Call) -> Any:
    """The service accounts of the whole instance."""
    call.admin_only()
    wanted = select(User).where(User.kind == "service_account").order_by(User.id.desc())
    rows = paginate(call, wanted, User.id)
    return [people.service_account(row) for row in rows]


@ROUTES.add("POST", "/service_accounts")
def service_account(call: Call) -> Any:
    """Make a service account for the whole instance; for administrators."""
    call.admin_only()
    fallback = f"service_account_{secrets.token_hex(16)}"
    username = call.params.text("username") or fallback
    email = call.params.text("email") or f"{username}@noreply.example.com"
    check_free(call, email, username)
    user = User(
        username=username, name=call.params.text("name") or "Service account user",
        email=email, kind="service_account", created_at=call.now,
    )  # fmt: skip
    return people.service_account(add_user(call.session, user))

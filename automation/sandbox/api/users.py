"""Users: the caller, the directory, and what administrators change in it.

Source: `lib/api/users.rb`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, grape, invalid, message
from automation.sandbox.paging import keyset, paginate, wants_keyset
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Event,
    Issue,
    IssueAssignee,
    Member,
    Namespace,
    Note,
    Project,
    User,
)
from automation.sandbox.shapes import people
from automation.sandbox.store import add_user, ghost
from automation.sandbox.user_filter import ORDERS, wanted

ROUTES = Router()
_OWNER = 50


@ROUTES.add("GET", "/user", login=True)
def current(call: Call) -> Any:
    """Who the token belongs to."""
    return people.user_self(call.me, call.base_url)


@ROUTES.add("GET", "/users")
def index(call: Call) -> Any:
    """The directory; administrators see every field and everyone."""
    if call.user is None and not call.params.text("username"):
        raise forbidden("Not authorized to access /api/v4/users")
    order, down = "id", True
    if call.access.admin:
        order = call.params.choice("order_by", ORDERS, "id") or "id"
        down = call.params.choice("sort", ("asc", "desc"), "desc") == "desc"
    query = select(User).where(*wanted(call))
    if wants_keyset(call) and order == "id":
        rows = keyset(call, query, User.id.expression, User.id, down=down)
    else:
        column = ORDERS[order]
        by = (column.desc(), User.id.desc()) if down else (column.asc(), User.id.asc())
        rows = paginate(call, query.order_by(*by), User.id)
    if not call.access.admin:
        return [people.user_basic(row, call.base_url) for row in rows]
    makers = _makers(call, rows)
    return [
        people.user_for_admin(row, call.base_url, makers.get(row.created_by_id or 0))
        for row in rows
    ]


def _makers(call: Call, rows: list[User]) -> dict[int, User]:
    ids = {row.created_by_id for row in rows if row.created_by_id is not None}
    return {row.id: row for row in call.session.scalars(select(User).where(User.id.in_(ids)))}


def in_full(call: Call, row: User) -> dict[str, Any]:
    """One user as administrators see it."""
    makers = _makers(call, [row])
    return people.user_for_admin(row, call.base_url, makers.get(row.created_by_id or 0))


@ROUTES.add("GET", "/users/:id")
def show(call: Call) -> Any:
    """One user; administrators see more of it."""
    if call.user is None:
        raise forbidden("Not authorized!")
    row = find.user(call, call.path["id"])
    if not call.access.admin:
        return people.user_public(row, call.base_url)
    roles = select(func.max(Member.access_level)).where(Member.user_id == row.id)
    return in_full(call, row) | {
        "highest_role": call.session.scalar(roles) or 0,
        "current_sign_in_ip": None,
        "last_sign_in_ip": None,
        "sign_in_count": 0,
    }


@ROUTES.add("POST", "/users")
def create(call: Call) -> Any:
    """Make a user; for administrators."""
    call.admin_only()
    params = call.params
    email, name, username = params.need("email"), params.need("name"), params.need("username")
    random = params.flag("force_random_password") or params.flag("reset_password")
    if not (random or params.text("password")):
        raise grape(
            "password, reset_password, force_random_password are missing, "
            "at least one parameter must be provided"
        )
    check_free(call, email, username)
    user = User(username=username, name=name, email=email, created_at=call.now,
                created_by_id=call.me.id)  # fmt: skip
    _fill(call, user)
    return in_full(call, add_user(call.session, user))


def _fill(call: Call, user: User) -> None:
    """Put what the request says beside name and addresses into a user."""
    params = call.params
    for flag in ("admin", "external", "private_profile"):
        if (on := params.flag(flag)) is not None:
            setattr(user, flag, on)
    for field in ("public_email", "note"):
        if params.has(field):
            setattr(user, field, params.text(field) or "")
    said = {name: params.text(name) or "" for name in people.PROFILE if params.has(name)}
    user.profile = (user.profile or {}) | said


def check_free(call: Call, email: str, username: str, but: User | None = None) -> None:
    """Refuse an address or a name that someone (``but`` aside) has, or that is none.

    Raises:
        ApiError: 409, or 400 for a name with odd characters.
    """
    mine = but.id if but else 0
    same = func.lower(User.email) == email.lower()
    if call.session.scalar(select(User.id).where(same, User.id != mine)):
        raise message(409, "Email has already been taken")
    taken = select(Namespace.id).where(func.lower(Namespace.full_path) == username.lower())
    if call.session.scalar(taken.where(func.coalesce(Namespace.owner_id, 0) != (mine or -1))):
        raise message(409, "Username has already been taken")
    if not username.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise invalid({"username": ["can contain only letters, digits, '_', '-' and '.'"]})


@ROUTES.add("PUT", "/users/:id")
def edit(call: Call) -> Any:
    """Change a user; for administrators."""
    call.admin_only()
    row = find.user(call, call.path["id"])
    email = call.params.text("email") or row.email
    username = call.params.text("username") or row.username
    check_free(call, email, username, but=row)
    row.email, row.name = email, call.params.text("name") or row.name
    if username != row.username:
        _rename(call, row, username)
    _fill(call, row)
    return in_full(call, row)


def _rename(call: Call, row: User, username: str) -> None:
    """A new name for a user, and a new path for their projects."""
    row.username = username
    own = Namespace.owner_id == row.id
    new = {"path": username, "full_path": username}
    call.session.execute(update(Namespace).where(own).values(new))
    projects = update(Project).where(Project.namespace_id == row.namespace_id)
    call.session.execute(projects.values(full_path=username + "/" + Project.path))


@ROUTES.add("DELETE", "/users/:id")
def remove(call: Call) -> Any:
    """Delete a user; what they wrote goes to Ghost, or with ``hard_delete`` away."""
    call.admin_only()
    row = find.user(call, call.path["id"])
    if row.kind == "ghost" or row.id == call.me.id:
        raise forbidden()
    hard = call.params.flag("hard_delete") is True
    if not hard and _owns_alone(call, row):
        raise message(409, "User cannot be removed while is the sole-owner of a group")
    if hard:
        call.session.execute(delete(Note).where(Note.author_id == row.id))
        call.session.execute(delete(Issue).where(Issue.author_id == row.id))
    forget(call, row)


def _owns_alone(call: Call, row: User) -> bool:
    """Whether some group has this user for its only owner."""
    owners = Member.access_level == _OWNER, Member.group_id.is_not(None)
    mine = select(Member.group_id).where(*owners, Member.user_id == row.id)
    others = select(Member.group_id).where(*owners, Member.user_id != row.id)
    return call.session.scalar(mine.where(Member.group_id.not_in(others)).limit(1)) is not None


def forget(call: Call, row: User) -> None:
    """Remove a user and hand over to Ghost what must stay."""
    heir = ghost(call.session, call.now)
    for column in (Issue.author_id, Issue.closed_by_id, Note.author_id, Event.user_id):
        call.session.execute(
            update(column.class_).where(column == row.id).values({column.key: heir.id})
        )
    call.session.execute(delete(IssueAssignee).where(IssueAssignee.user_id == row.id))
    spaces = select(Namespace.id).where(Namespace.owner_id == row.id)
    call.session.execute(delete(Project).where(Project.namespace_id.in_(spaces)))
    call.session.execute(delete(Namespace).where(Namespace.owner_id == row.id))
    call.session.delete(row)

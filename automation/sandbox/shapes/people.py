"""Users, members and tokens as GitLab shows them."""

from __future__ import annotations

import html
from typing import Any

from automation.sandbox.schema import Member, Token, User


def user_basic(user: User, base: str) -> dict[str, Any]:
    """The short form that issues, notes and lists embed."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": user.public_email,
        "name": user.name,
        "state": user.state,
        "locked": False,
        "avatar_url": None,
        "web_url": f"{base}/{user.username}",
    }


PROFILE = ("bio", "location", "linkedin", "twitter", "discord", "website_url", "github",
           "job_title", "pronouns", "organization")  # fmt: skip


def user_public(user: User, base: str) -> dict[str, Any]:
    """What anyone who is logged in sees of one user."""
    profile = {field: user.profile.get(field, "") for field in PROFILE}
    profile["pronouns"] = user.profile.get("pronouns")
    words = [profile["job_title"], profile["organization"]]
    return user_basic(user, base) | {
        "created_at": user.created_at,
        **profile,
        "bot": user.bot,
        "work_information": " at ".join(filter(None, words)) or None,
        "followers": 0,
        "following": 0,
        "local_time": None,
    }


def user_self(user: User, base: str) -> dict[str, Any]:
    """What users see of themselves at ``/user``; administrators, a little more."""
    shape = user_public(user, base) | {
        "last_sign_in_at": None,
        "confirmed_at": user.created_at,
        "last_activity_on": None,
        "email": user.email,
        "theme_id": None,
        "color_scheme_id": 1,
        "projects_limit": 100000,
        "current_sign_in_at": None,
        "identities": [],
        "can_create_group": not user.external,
        "can_create_project": not user.external,
        "two_factor_enabled": False,
        "external": user.external,
        "private_profile": user.private_profile,
        "commit_email": user.email,
    }
    return shape | (_for_admin(user, None) if user.admin else {})


def _for_admin(user: User, creator: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "is_admin": user.admin,
        "note": user.note,
        "namespace_id": user.namespace_id,
        "created_by": creator,
        "email_reset_offered_at": None,
    }


def user_for_admin(user: User, base: str, creator: User | None = None) -> dict[str, Any]:
    """What administrators see of any user, and who made it."""
    maker = user_basic(creator, base) if creator else None
    return user_self(user, base) | _for_admin(user, maker)


def service_account(user: User) -> dict[str, Any]:
    """A service account where such are made and listed."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": user.public_email or None,
        "name": user.name,
        "email": user.email,
    }


def status(held: dict[str, Any] | None) -> dict[str, Any]:
    """What a user says of themselves at the moment; nulls for nothing."""
    if held is None:
        names = ("emoji", "message", "availability")
        return dict.fromkeys(names) | {"message_html": "", "clear_status_at": None}
    return {
        "emoji": held["emoji"],
        "message": held["message"],
        "availability": held["availability"],
        "message_html": html.escape(held["message"] or ""),
        "clear_status_at": held["clear_status_at"],
    }


def member(row: Member, base: str, creator: User | None) -> dict[str, Any]:
    """A user together with a role."""
    return {
        "id": row.user.id,
        "username": row.user.username,
        "name": row.user.name,
        "state": row.user.state,
        "locked": False,
        "avatar_url": None,
        "web_url": f"{base}/{row.user.username}",
        "access_level": row.access_level,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        **({"created_by": user_basic(creator, base)} if creator else {}),
        "membership_state": "active",
    }


def token(row: Token, today: str, value: str | None = None) -> dict[str, Any]:
    """An access token; its value only in the answer that makes it."""
    expired = row.expires_at is not None and row.expires_at <= today
    shape: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "revoked": row.revoked,
        "created_at": row.created_at,
        "description": row.description,
        "scopes": row.scopes.split(","),
        "user_id": row.user_id,
        "last_used_at": row.last_used_at,
        "active": not row.revoked and not expired,
        "expires_at": row.expires_at,
    }
    if row.access_level is not None:
        where = "project" if row.project_id is not None else "group"
        shape |= {
            "access_level": row.access_level,
            "resource_type": where,
            "resource_id": row.project_id or row.group_id,
        }
    return shape | ({"token": value} if value is not None else {})

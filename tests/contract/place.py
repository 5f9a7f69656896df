"""A group with one project, on the embedded GitLab or on a real one."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.contract.citing import LIVE
from tests.sandbox.world import LEVELS, Client, Space

_numbers = itertools.count(1)
_RUN = secrets.token_hex(3)


class Place(Space):
    """Like the sandbox's `Space`, with people that an ordinary owner can make too.

    On a real GitLab a member is a project access token's user, for only administrators can
    make users.
    """

    def member(self, role: str) -> Client:
        """Someone with a role in the project."""
        if not LIVE:
            return super().member(role)
        body = {
            "name": f"{role}-{next(_numbers)}",
            "scopes": ["api"],
            "access_level": LEVELS[role],
            "expires_at": soon(self.root),
        }
        answer = self.root.post(f"{self.path}/access_tokens", body)
        if not answer.ok:
            pytest.skip(f"no member could be made there: {answer.status_code} {answer.text}")
        made = answer.json()
        user = self.root.get(f"/users/{made['user_id']}").json()
        client = Client(self.root.url, made["token"], user)
        self.clients.append(client)
        return client

    def someone(self, name: str = "user", **more: Any) -> Client:
        """Someone with no role anywhere."""
        if LIVE:
            pytest.skip("only administrators can make users")
        return super().someone(name, **more)

    @property
    def group_path(self) -> str:
        """The group's place in the API."""
        return f"/groups/{self.group['id']}"

    def say(self, issue: dict[str, Any], body: str, by: Client | None = None) -> requests.Response:
        """Write a note."""
        return (by or self.root).post(self.at(issue, "/notes"), {"body": body})

    def listed(self, where: str | None = None, **query: Any) -> list[str]:
        """Titles of a list of issues, the oldest first unless asked otherwise."""
        answer = self.root.get(f"{where or self.path}/issues", {"sort": "asc"} | query)
        assert answer.status_code == 200, answer.text
        return [issue["title"] for issue in answer.json()]


def soon(root: Client) -> str:
    """A date that every server takes for the end of a token."""
    sent = root.get("/version").headers.get("Date")
    now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
    return (now + timedelta(days=2)).date().isoformat()


def unique(word: str) -> str:
    """A name that nothing else has, in this run or another."""
    return f"{word}-{_RUN}-{next(_numbers)}"


def new_place(root: Client, above: int | None = None, **project: Any) -> Place:
    """A fresh group with a project in it, below a group or at the top."""
    name = unique("contract")
    level = project.get("visibility", "private")
    body = {"name": name, "path": name, "visibility": level}
    group = root.made("/groups", **body, **({"parent_id": above} if above else {}))
    made = root.made(
        "/projects", name="project", path="project", namespace_id=group["id"], **project
    )
    return Place(root, group, made)


def group_in(place: Place, **more: Any) -> dict[str, Any]:
    """A new group in the place's group."""
    name = unique("g")
    body = {"name": name, "path": name, "parent_id": place.group["id"]} | more
    return place.root.made("/groups", **body)


def project_in(place: Place, **more: Any) -> dict[str, Any]:
    """A new project in the place's group."""
    name = unique("p")
    body = {"name": name, "path": name, "namespace_id": place.group["id"]} | more
    return place.root.made("/projects", **body)


def ids(answer: requests.Response) -> list[int]:
    """The ids of a list."""
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()]

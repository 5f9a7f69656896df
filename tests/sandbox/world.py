"""A small organisation on the embedded GitLab, built over its own HTTP interface."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import requests

LEVELS = {
    "guest": 10,
    "planner": 15,
    "reporter": 20,
    "developer": 30,
    "maintainer": 40,
    "owner": 50,
}
_numbers = itertools.count(1)


class Client:
    """Raw HTTP as one user; answers are `requests.Response`, never raised."""

    def __init__(self, url: str, token: str | None, user: dict[str, Any] | None = None) -> None:
        self.url = url
        self.token = token
        self.user = user or {}
        self._session = requests.Session()
        self._session.trust_env = False
        if token is not None:
            self._session.headers["PRIVATE-TOKEN"] = token

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        prefix = "" if path.startswith(("/sandbox", "http")) else "/api/v4"
        url = path if path.startswith("http") else f"{self.url}{prefix}{path}"
        return self._session.request(method, url, **more)

    def get(self, path: str, params: Any = None, **more: Any) -> requests.Response:
        return self.send("GET", path, params=params, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.send("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.send("PUT", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.send("DELETE", path, **more)

    def made(self, path: str, /, **body: Any) -> dict[str, Any]:
        """POST that must succeed; the answer's JSON."""
        answer = self.post(path, json=body)
        assert answer.status_code in (201, 202), answer.text
        return answer.json()

    def close(self) -> None:
        self._session.close()


@dataclass
class Space:
    """A group with one project, and people in any role."""

    root: Client
    group: dict[str, Any]
    project: dict[str, Any]
    clients: list[Client] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/projects/{self.project['id']}"

    def someone(self, name: str = "user", **more: Any) -> Client:
        """A user with no role anywhere, logged in."""
        username = f"{name}-{next(_numbers)}"
        user = self.root.made(
            "/users",
            username=username,
            name=name.title(),
            email=f"{username}@example.com",
            force_random_password=True,
            skip_confirmation=True,
            **more,
        )
        token = self.root.made(
            f"/users/{user['id']}/personal_access_tokens", name="t", scopes=["api"]
        )
        client = Client(self.root.url, token["token"], user)
        self.clients.append(client)
        return client

    def member(self, role: str) -> Client:
        """A user with a role in the project."""
        client = self.someone(role)
        self.root.made(f"{self.path}/members", user_id=client.user["id"], access_level=LEVELS[role])
        return client

    def label(self, name: str, where: str = "project", **more: Any) -> dict[str, Any]:
        path = self.path if where == "project" else f"/groups/{self.group['id']}"
        return self.root.made(f"{path}/labels", name=name, color="#428BCA", **more)

    def issue(
        self, title: str = "An issue", by: Client | None = None, **more: Any
    ) -> dict[str, Any]:
        return (by or self.root).made(f"{self.path}/issues", title=title, **more)

    def at(self, issue: dict[str, Any], tail: str = "") -> str:
        return f"/projects/{issue['project_id']}/issues/{issue['iid']}{tail}"

    def again(self, issue: dict[str, Any]) -> dict[str, Any]:
        """The issue as it is now."""
        return self.root.get(self.at(issue)).json()

    def notes(self, issue: dict[str, Any], **params: Any) -> list[str]:
        """The bodies of its notes, oldest first."""
        answer = self.root.get(self.at(issue, "/notes"), {"sort": "asc", "per_page": 100, **params})
        return [note["body"] for note in answer.json()]

    def events(self, issue: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        return self.root.get(self.at(issue, f"/resource_{kind}_events")).json()

    def close(self) -> None:
        for client in self.clients:
            client.close()


def new_space(root: Client, **project: Any) -> Space:
    """A fresh group and project; names never repeat."""
    number = next(_numbers)
    level = project.get("visibility", "private")
    group = root.made("/groups", name=f"Group {number}", path=f"group-{number}", visibility=level)
    made = root.made(
        "/projects",
        name=f"Project {number}",
        path=f"project-{number}",
        namespace_id=group["id"],
        **project,
    )
    return Space(root, group, made)

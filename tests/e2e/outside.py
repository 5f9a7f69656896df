"""The world outside: people and administrators, with a token each and GitLab's REST API.

Nothing here comes from the project, the sample organisation included: it is written out by
hand, so that what Drumbeat makes of its roster is held against somebody else's words. As a
script it sets that organisation up and prints everybody's token:

    python outside.py URL ROOT_TOKEN [TIME]
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

ROOT_TOKEN = "root-token"
GUEST, PLANNER, REPORTER, MAINTAINER = 10, 15, 20, 40

DIRECTORS = ["dir-amer", "dir-emea"]
TEAMS = {
    "mgr-amer-1": ["se-101", "se-102", "se-103", "se-104", "se-105"],
    "mgr-amer-2": ["se-201", "se-202", "se-203", "se-204"],
    "mgr-emea-1": ["se-301", "se-302", "se-303", "se-304", "se-305", "se-306"],
    "mgr-emea-2": ["se-401", "se-402", "hbouzid", "se-404", "se-405"],
    "mgr-apac-1": ["se-501", "se-502", "se-503", "se-504", "se-505"],
    "mgr-apac-2": ["se-601", "kaito.m", "se-603", "se-604", "se-605"],
}
GROUPS = ["baobab", "cedar", "ginkgo", "jacaranda", "maple"]
BOT = "support-drumbeat"
OTHER_BOT = "housekeeping-bot"

_OPENER = build_opener(ProxyHandler({}))
_OPEN_BOX = re.compile(r"^(\s*[-*] )\[ \]", re.MULTILINE)


class Refused(Exception):
    """GitLab answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status


@dataclass
class Person:
    """Somebody with a token: every request is theirs."""

    url: str
    token: str = field(repr=False)
    username: str = "root"

    def send(self, method: str, place: str, data: Any = None) -> tuple[Any, dict[str, str]]:
        base = self.url if place.startswith("/sandbox") else f"{self.url}/api/v4"
        request = Request(  # noqa: S310 - a GitLab on loopback
            f"{base}{place}",
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"PRIVATE-TOKEN": self.token, "Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=30) as answer:
                body = answer.read()
                return json.loads(body) if body else None, dict(answer.headers)
        except HTTPError as error:
            with error:
                raise Refused(error.code, error.read().decode()) from error

    def get(self, place: str, /, **query: Any) -> Any:
        return self.send("GET", f"{place}?{urlencode(query)}" if query else place)[0]

    def post(self, place: str, /, **data: Any) -> Any:
        return self.send("POST", place, data)[0]

    def put(self, place: str, /, **data: Any) -> Any:
        return self.send("PUT", place, data)[0]

    def delete(self, place: str) -> None:
        self.send("DELETE", place)

    def every(self, place: str, /, **query: Any) -> list[Any]:
        """All pages of a list."""
        found: list[Any] = []
        page = "1"
        while page:
            asked = urlencode({**query, "per_page": 100, "page": page})
            part, headers = self.send("GET", f"{place}?{asked}")
            found += part
            page = {name.lower(): value for name, value in headers.items()}["x-next-page"]
        return found

    # --- What one does with an issue ----------------------------------------------------

    def see(self, issue: dict[str, Any]) -> dict[str, Any]:
        """The issue as it is now."""
        return self.get(at(issue))

    def edit(self, issue: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return self.put(at(issue), **fields)

    def tick(
        self, issue: dict[str, Any], wanted: Callable[[int], bool] = lambda _index: True
    ) -> dict[str, Any]:
        """Tick the open boxes whose number, from 0, is wanted: as the web page does it."""
        return self.edit(issue, description=ticked(self.see(issue)["description"], wanted))

    def comment(self, issue: dict[str, Any], body: str) -> dict[str, Any]:
        return self.post(f"{at(issue)}/notes", body=body)

    def notes(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        """What was said on it, oldest first, without the system's notes."""
        query = {"sort": "asc", "activity_filter": "only_comments"}
        return self.every(f"{at(issue)}/notes", **query)


def at(issue: dict[str, Any]) -> str:
    return f"/projects/{issue['project_id']}/issues/{issue['iid']}"


def ticked(description: str, wanted: Callable[[int], bool], mark: str = "x") -> str:
    """The description with another mark in the open boxes that are wanted."""
    count = -1

    def change(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"{found[1]}[{mark}]" if wanted(count) else found[0]

    return _OPEN_BOX.sub(change, description)


def shown(markdown: str) -> str:
    """What a reader sees of a line: without the backslashes and entities that made it harmless."""
    return html.unescape(re.sub(r"\\([^\w\s])", r"\1", markdown)).replace("\u2060", "")


def escaped(path: str) -> str:
    return quote(path, safe="")


@dataclass
class Site:
    """A GitLab, seen by its administrator, and the people who were given a token."""

    url: str
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Person:
        return Person(self.url, ROOT_TOKEN)

    def __getitem__(self, username: str) -> Person:
        return Person(self.url, self.tokens[username], username)

    # --- An administrator's doings ---------------------------------------------------------

    def user(self, username: str, name: str = "") -> Person:
        made = self.root.post(
            "/users",
            username=username,
            name=name or username.replace("-", " ").title(),
            email=f"{username}@example.com",
            force_random_password=True,
            skip_confirmation=True,
        )
        path = f"/users/{made['id']}/personal_access_tokens"
        self.tokens[username] = self.root.post(path, name="browser", scopes=["api"])["token"]
        return self[username]

    def group(self, path: str) -> int:
        """The id of a group, which is made with all those above it where it lacks."""
        try:
            return self.root.get(f"/groups/{escaped(path)}", with_projects="false")["id"]
        except Refused:
            above, _, name = path.rpartition("/")
            inside = {"parent_id": self.group(above)} if above else {}
            return self.root.post("/groups", name=name, path=name, **inside)["id"]

    def project(self, path: str) -> int:
        above, _, name = path.rpartition("/")
        inside = self.group(above)
        return self.root.post("/projects", name=name, path=name, namespace_id=inside)["id"]

    def member(self, kind: str, path: str, username: str, level: int) -> None:
        user = self.root.get("/users", username=username)[0]["id"]
        place = f"/{kind}/{escaped(path)}/members"
        self.root.post(place, user_id=user, access_level=level)

    # --- The machine room --------------------------------------------------------------------

    def at(self, now: str) -> None:
        """Let it be that time, unless it is later already: what is done takes its time."""
        clock = datetime.fromisoformat(self.root.get("/sandbox/clock")["now"])
        if datetime.fromisoformat(now) > clock:
            self.root.put("/sandbox/clock", now=now)

    def faults(self, *rules: dict[str, Any]) -> None:
        self.root.send("PUT", "/sandbox/faults", list(rules))

    def struck(self) -> list[int]:
        """How many requests each fault has met."""
        return [rule["seen"] for rule in self.root.get("/sandbox/faults")]

    def forget_requests(self) -> None:
        self.root.delete("/sandbox/requests")

    def requests(self) -> dict[str, int]:
        """How often each route was asked since the last `forget_requests`."""
        return self.root.get("/sandbox/requests")["by_route"]

    def writes(self) -> dict[str, int]:
        return {
            route: count for route, count in self.requests().items() if not route.startswith("GET ")
        }

    # --- What is there -----------------------------------------------------------------------

    def issues(self, group: str = "support", **filters: Any) -> list[dict[str, Any]]:
        """All issues below a group, oldest first, as the administrator sees them."""
        query = {"scope": "all", "order_by": "created_at", "sort": "asc", **filters}
        return self.root.every(f"/groups/{escaped(group)}/issues", **query)

    def loops(self, **filters: Any) -> list[dict[str, Any]]:
        """The issues that Drumbeat's user wrote."""
        return self.issues(author_username=BOT, **filters)

    def loop(self, title: str) -> dict[str, Any]:
        """The one loop of Drumbeat's whose title begins so."""
        (found,) = (issue for issue in self.loops() if issue["title"].startswith(title))
        return found


def set_up(site: Site) -> None:
    """The sample organisation, as its administrator would make it by hand."""
    for username in [*DIRECTORS, *TEAMS, *(name for team in TEAMS.values() for name in team)]:
        site.user(username)
    for bot in (BOT, OTHER_BOT):
        site.user(bot)
    site.project("support/loops")
    for manager in TEAMS:
        site.project(f"support/1-1s/{manager}")
        site.member("projects", f"support/1-1s/{manager}", manager, REPORTER)
    for group in GROUPS:
        site.project(f"support/sgg/{group}")
    site.project("support/drumbeat")
    site.member("groups", "support", BOT, PLANNER)
    site.member("projects", "support/drumbeat", BOT, MAINTAINER)
    for manager in TEAMS:
        site.member("projects", "support/loops", manager, REPORTER)
        site.member("groups", "support/sgg", manager, REPORTER)
    for director in DIRECTORS:
        site.member("projects", "support/loops", director, REPORTER)
    for username in (*(name for team in TEAMS.values() for name in team), OTHER_BOT):
        site.member("groups", "support/sgg", username, PLANNER)


def initiative(person: Person, group: str, title: str, **more: Any) -> dict[str, Any]:
    """An initiative as a person opens it."""
    return person.post(
        f"/projects/{escaped(f'support/sgg/{group}')}/issues",
        title=title,
        **{"labels": "SGG", "description": "- [x] Find out who is in\n- [ ] Write a draft", **more},
    )


def titles(issues: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(issue["title"] for issue in issues)


def twice(issues: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The titles that are there more than once."""
    seen: set[str] = set()
    for issue in issues:
        if issue["title"] in seen:
            yield issue["title"]
        seen.add(issue["title"])


def main(url: str, root_token: str, now: str = "") -> None:
    """Set the sample organisation up and print everybody's token."""
    site = Site(url)
    if root_token != ROOT_TOKEN:
        raise SystemExit("this script knows one root token only")
    if now:
        site.at(now)
    set_up(site)
    sys.stdout.write(json.dumps(site.tokens))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The sample organisation, set up in the embedded GitLab as an administrator would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from automation.demo.api import Api, escaped
from automation.model.issue import Role
from automation.model.organisation import Organisation
from automation.model.roster import Person

BOT = "support-drumbeat"


@dataclass
class World:
    """The embedded GitLab with an organisation in it. `token` is Drumbeat's."""

    root: Api
    token: str = field(default="", repr=False)
    users: dict[str, Api] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def move_clock(self, now: str) -> None:
        """Let it be that time."""
        self.root.put("/sandbox/clock", now=now)

    def project(self, path: str) -> int:
        """The id of a project."""
        return self.projects[path]

    def loops(self, **filters: Any) -> list[dict[str, Any]]:
        """All of Drumbeat's issues that match, oldest first."""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            part = self.root.get(
                f"/groups/{escaped('support')}/issues",
                scope="all",
                per_page=100,
                page=page,
                sort="asc",
                **{"order_by": "created_at", **filters},
            )
            found += part
            if len(part) < 100:
                return found
            page += 1


def build(root: Api, organisation: Organisation, private: Iterable[str]) -> World:
    """Users, groups, projects and roles; `private` are the projects of confidential loops."""
    world = World(root)
    settings = organisation.settings
    # Somebody may have several entries in the roster, one after the other.
    for person in {one.username: one for one in _everybody(organisation)}.values():
        _user(world, person.username, person.display_name)
    _user(world, BOT, "Drumbeat", token_name="drumbeat")
    sgg = {group.project for group in organisation.roster.groups}
    policies = [schedule.project for schedule in organisation.schedules]
    for path in dict.fromkeys([settings.default_project, *private, *sgg, *policies]):
        _project(world, path)
    _member(world, "groups", world.groups[settings.loops_group], BOT, Role.PLANNER)
    for path in dict.fromkeys(policies):
        _member(world, "projects", world.project(path), BOT, Role.MAINTAINER)
    _add_people(world, organisation, sgg)
    return world


def _everybody(organisation: Organisation) -> Iterator[Person]:
    roster = organisation.roster
    yield from roster.directors
    for manager in roster.managers:
        yield manager
        yield from manager.reports


def _user(world: World, username: str, name: str, token_name: str = "browser") -> None:
    user = world.root.post(
        "/users",
        username=username,
        name=name,
        email=f"{username}@example.com",
        password="correct-horse-battery-staple",
        skip_confirmation=True,
    )
    path = f"/users/{user['id']}/personal_access_tokens"
    token = world.root.post(path, name=token_name, scopes=["api"])["token"]
    world.users[username] = Api(world.root.url, token)
    if username == BOT:
        world.token = token


def _group(world: World, path: str) -> int:
    if path not in world.groups:
        parent, _, name = path.rpartition("/")
        fields: dict[str, Any] = {"name": name, "path": name, "visibility": "private"}
        if parent:
            fields["parent_id"] = _group(world, parent)
        world.groups[path] = world.root.post("/groups", **fields)["id"]
    return world.groups[path]


def _project(world: World, path: str) -> None:
    namespace, _, name = path.rpartition("/")
    answer = world.root.post(
        "/projects",
        name=name,
        path=name,
        namespace_id=_group(world, namespace),
        visibility="private",
    )
    world.projects[path] = answer["id"]


def _member(world: World, kind: str, place: int, username: str, role: Role) -> None:
    user = world.root.get("/users", username=username)[0]
    world.root.post(f"/{kind}/{place}/members", user_id=user["id"], access_level=int(role))


def _add_people(world: World, organisation: Organisation, sgg: set[str]) -> None:
    loops = world.project(organisation.settings.default_project)
    for director in organisation.roster.directors:
        _member(world, "projects", loops, director.username, Role.REPORTER)
    for manager in organisation.roster.managers:
        _member(world, "projects", loops, manager.username, Role.REPORTER)
        private = f"support/1-1s/{manager.id}"
        if private in world.projects:
            _member(world, "projects", world.project(private), manager.username, Role.REPORTER)
        for path in sorted(sgg):
            _member(world, "projects", world.project(path), manager.username, Role.REPORTER)
        for report in manager.reports:
            for path in sorted(sgg):
                _member(world, "projects", world.project(path), report.username, Role.PLANNER)

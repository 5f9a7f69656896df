"""A project with issues that differ in everything one can filter and order by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.sandbox.conftest import own_server
from tests.sandbox.world import Client, Space, new_space

ALL = ["alpha", "Beta", "gamma", "delta"]


@dataclass
class Stocked:
    """A space with issues, and two people in it; says `space.path` and the like as its own."""

    space: Space
    ann: Client
    bob: Client

    def __getattr__(self, name: str) -> Any:
        return getattr(self.space, name)


def titles(answer: requests.Response) -> list[str]:
    assert answer.ok, answer.text
    return [issue["title"] for issue in answer.json()]


@contextmanager
def stock() -> Iterator[Stocked]:
    """Such a project on a server of its own."""
    with own_server() as root:
        space = new_space(root)
        ann, bob = space.member("planner"), space.member("reporter")
        milestone = root.made(f"{space.path}/milestones", title="M", due_date="2026-12-24")
        day = "2026-01-0{}T00:00:00Z".format
        space.label("urgent", priority=1)
        space.issue("alpha", labels="a,b", created_at=day(1), description="needle here")
        space.issue(
            "Beta",
            labels="a",
            created_at=day(2),
            due_date="2026-12-01",
            assignee_ids=[ann.user["id"]],
        )
        space.issue("gamma", created_at=day(3), confidential=True, milestone_id=milestone["id"])
        made = space.issue("delta", by=bob, labels="b,urgent", issue_type="incident")
        root.put(space.at(made), {"state_event": "close"})
        yield Stocked(space, ann, bob)
        space.close()

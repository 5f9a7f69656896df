"""What the managers do in the demo's week, with their own tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automation.demo.api import Api

Issue = dict[str, Any]
Deed = Callable[[Api, Issue], None]

_OPEN_BOX = re.compile(r"^(\s*[-*] )\[ \]", re.MULTILINE)


@dataclass(frozen=True)
class Act:
    """On a day (1 is Tuesday), a manager (by number) does something with a loop of theirs.

    `told` says it, with `{}` for the manager's name; `state` is how the loop must stand.
    """

    day: int
    manager: int
    cadence: str
    told: str
    deed: Deed
    state: str = "opened"


def edit(person: Api, issue: Issue, **fields: Any) -> None:
    """Change an issue as a person."""
    person.put(f"/projects/{issue['project_id']}/issues/{issue['iid']}", **fields)


def comment(person: Api, issue: Issue, body: str) -> None:
    """Comment on an issue as a person."""
    person.post(f"/projects/{issue['project_id']}/issues/{issue['iid']}/notes", body=body)


def ticking(wanted: Callable[[int], bool] = lambda _index: True) -> Deed:
    """Tick the open boxes whose number, from 0, is wanted."""

    def deed(person: Api, issue: Issue) -> None:
        edit(person, issue, description=ticked(issue["description"], wanted))

    return deed


def ticked(description: str, wanted: Callable[[int], bool]) -> str:
    """The description with the wanted ones of its open boxes ticked."""
    count = -1

    def mark(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"{found[1]}[x]" if wanted(count) else found[0]

    return _OPEN_BOX.sub(mark, description)


def changing(**fields: Any) -> Deed:
    """Change fields of the issue, such as its state."""
    return lambda person, issue: edit(person, issue, **fields)


WEEK = (
    Act(
        1,
        0,
        "customer-interaction",
        "{} joined a pairing session and ticks one of three boxes.",
        ticking(lambda index: index == 0),
    ),
    Act(1, 1, "ticket-review", "{} reviewed two tickets with everybody.", ticking()),
    Act(
        2,
        2,
        "ticket-review",
        "{} closes the ticket review with boxes still open.",
        changing(state_event="close"),
    ),
    Act(
        2,
        1,
        "ticket-review",
        "{} reopens a closed review: it is left alone from now on.",
        changing(state_event="reopen"),
        state="closed",
    ),
    Act(3, 3, "one-on-one", "{} had all 1:1s.", ticking()),
    Act(
        3,
        4,
        "customer-interaction",
        "{} is at a conference and marks the loop as not needed.",
        changing(add_labels="loop::waived"),
    ),
    Act(
        4,
        5,
        "one-on-one",
        "{} ticked half of the 1:1 boxes.",
        ticking(lambda index: index % 2 == 0),
    ),
)

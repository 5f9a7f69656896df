"""Two months of the groups' initiatives: some go on, some go quiet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from automation.demo.api import Api
from automation.demo.people import comment
from automation.demo.world import World
from automation.model.roster import Roster

BEGUN = timedelta(days=50)
"""How long ago the first one began."""

Initiative = tuple[datetime, Api, dict[str, Any]]
"""When somebody last said something on it, who, and the issue."""


def begin(world: World, roster: Roster, now: datetime) -> list[Initiative]:
    """Two for each group, moving the clock from 50 days ago to the last comment on one."""
    world.move_clock((now - BEGUN).isoformat())
    sponsors = {manager.id: manager for manager in roster.managers}
    made: list[Initiative] = []
    for number, group in enumerate(roster.groups):
        person = world.users[sponsors[group.sponsor].reports[0].username]
        for title, days_ago in (("Shared runbook", 40), ("Pairing rota", 3)):
            issue = person.post(
                f"/projects/{world.project(group.project)}/issues",
                title=f"{title} of {group.display_name}",
                description="- [x] Find out who is in\n- [ ] Write the first draft",
                labels="SGG",
            )
            made.append((now - timedelta(days=days_ago, hours=number), person, issue))
    for moment, person, issue in sorted(made, key=lambda entry: entry[0]):
        world.move_clock(moment.isoformat())
        comment(person, issue, "Two of us met about it; notes are in the wiki.")
    return made

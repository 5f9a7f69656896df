"""Builders that speak the domain: `an_org().with_manager(…)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from automation.loops import Loops
from automation.model.organisation import Organisation
from automation.model.policy import Cadence, Settings, TriagePolicy
from automation.model.roster import Director, Group, Manager, Report, Roster
from automation.model.scope import EVERYTHING, Scope
from automation.templates import Library
from tests.support.fake_gitlab import FakeGitLab

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""A Monday morning in 2026-W48."""

ALL_BOXES = """\
---
title: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"
---
For {{ subject.name }}.

- [ ] first
- [ ] second
- [ ] third
"""

PER_REPORT = """\
---
title: "{{ cadence.name }} of {{ subject.name }}, {{ period.label }}"
---
{% for report in team %}
### {{ report | section }}

- [ ] ticket 1
- [ ] ticket 2

{% endfor %}
"""


@dataclass
class OrgBuilder:
    """Builds an organisation in small steps; every step answers the builder."""

    folder: Path
    settings: dict[str, Any] = field(
        default_factory=lambda: {
            "loops_group": "support",
            "default_project": "support/loops",
            "drumbeat_users": ["support-drumbeat"],
        }
    )
    directors: list[Director] = field(default_factory=list)
    managers: list[Manager] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    cadences: list[Cadence] = field(default_factory=list)
    triages: list[TriagePolicy] = field(default_factory=list)

    def with_settings(self, **settings: Any) -> OrgBuilder:
        self.settings |= settings
        return self

    def with_manager(self, id: str = "mgr-1", *, reports: int = 2, **facts: Any) -> OrgBuilder:
        director = facts.pop("director", "dir-1")
        if director not in {one.id for one in self.directors}:
            self.directors.append(Director(id=director, username=director))
        team = facts.pop(
            "team", [Report(id=f"{id}-se-{n}", username=f"{id}-se-{n}") for n in range(reports)]
        )
        fields: dict[str, Any] = {"id": id, "username": id, "director": director}
        self.managers.append(Manager(**(fields | {"reports": tuple(team)} | facts)))
        return self

    def with_group(self, id: str = "baobab", sponsor: str = "mgr-1", **facts: Any) -> OrgBuilder:
        fields = {"id": id, "project": f"support/sgg/{id}", "sponsor": sponsor}
        self.groups.append(Group(**(fields | facts)))
        return self

    def with_template(self, name: str, text: str) -> OrgBuilder:
        (self.folder / name).write_text(text, encoding="utf-8")
        return self

    def with_cadence(self, name: str = "weekly", body: str = ALL_BOXES, **facts: Any) -> OrgBuilder:
        template = f"{name}.md"
        self.with_template(template, body)
        fields: dict[str, Any] = {
            "name": name,
            "for_each": "manager",
            "template": template,
            "period": "week",
            "schedule": {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00"},
            "due": "4 working days",
        }
        self.cadences.append(Cadence.model_validate(fields | facts))
        return self

    def with_triage(self, comment: str | None = None, **facts: Any) -> OrgBuilder:
        do: dict[str, Any] = {"label": "initiative::stale"}
        if comment is not None:
            self.with_template("stale.md", comment)
            do |= {"comment": "stale.md", "mention": ["group.managers"]}
        fields: dict[str, Any] = {
            "name": "stale-initiatives",
            "where": {
                "group": "support/sgg",
                "labels": ["SGG"],
                "without": ["initiative::paused"],
            },
            "rules": [
                {"name": "stale", "when": "quiet_for > days(21)", "do": do},
                {
                    "name": "revived",
                    "when": 'has("initiative::stale") and quiet_for <= days(21)',
                    "do": {"unlabel": "initiative::stale"},
                },
            ],
        }
        self.triages.append(TriagePolicy.model_validate(fields | facts))
        return self

    def organisation(self) -> Organisation:
        return Organisation(
            settings=Settings.model_validate(self.settings),
            roster=Roster(
                directors=tuple(self.directors),
                managers=tuple(self.managers),
                groups=tuple(self.groups),
            ),
            cadences=tuple(self.cadences),
            triages=tuple(self.triages),
        )

    def loops(self, scope: Scope = EVERYTHING) -> Loops:
        return Loops(self.organisation(), Library(self.folder), scope)

    def gitlab(self, now: datetime = MONDAY) -> FakeGitLab:
        """A GitLab with everybody and every project of the organisation in it."""
        gitlab = FakeGitLab(now)
        gitlab.with_project(self.settings["default_project"])
        for loop in self.loops().current(now):
            gitlab.with_project(loop.project)
        for group in self.groups:
            gitlab.with_project(group.project)
        for manager in self.managers:
            gitlab.with_user(manager.username)
        return gitlab


def a_day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """An instant; UTC where no zone is written."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

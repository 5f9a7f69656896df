"""Builders that speak the domain: `an_org().with_manager(…)`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from automation.apply import apply
from automation.loops import Loops
from automation.model.change import CreateIssue, Status, Transition
from automation.model.issue import Issue, User
from automation.model.metrics import MetricsPolicy
from automation.model.organisation import Organisation
from automation.model.policy import Cadence, Settings
from automation.model.roster import Director, Group, Manager, Report, Roster
from automation.model.scope import EVERYTHING, Scope
from automation.model.triage import TriagePolicy
from automation.plan import Plan
from automation.planner import make_plan
from automation.templates import Library, RenderError
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


def an_org(folder: Path) -> OrgBuilder:
    """A builder whose templates stand in the folder."""
    return OrgBuilder(folder)


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
    metrics: list[MetricsPolicy] = field(default_factory=list)

    def with_metrics(self, name: str = "tickets", **facts: Any) -> OrgBuilder:
        fields: dict[str, Any] = {"name": name}
        if facts.get("source", "file") == "file":
            fields["file"] = "metrics/*.csv"
        self.metrics.append(MetricsPolicy.model_validate(fields | facts))
        return self

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
            metrics=tuple(self.metrics),
        )

    def loops(self, scope: Scope = EVERYTHING) -> Loops:
        return Loops(self.organisation(), Library(self.folder), scope)

    def scene(self, now: datetime = MONDAY, scope: Scope = EVERYTHING) -> Scene:
        """The organisation and its GitLab, before any run."""
        return Scene(self.loops(scope), self.gitlab(now), now)

    def gitlab(self, now: datetime = MONDAY) -> FakeGitLab:
        """A GitLab with everybody and every project of the organisation in it."""
        gitlab = FakeGitLab(now)
        gitlab.with_project(self.settings["default_project"])
        for loop in self.loops().current(now):
            with suppress(RenderError):
                gitlab.with_project(loop.project)
        for group in self.groups:
            gitlab.with_project(group.project)
        for manager in self.managers:
            gitlab.with_user(manager.username)
        return gitlab


LISTING = {"WhoAmI", "IssuesOf"}
"""The only questions that a settled run asks for loops."""


@dataclass
class Scene:
    """An organisation's loops and its GitLab, run at one instant after the other.

    `loops` may be replaced by those of a changed organisation.
    """

    loops: Loops
    gitlab: FakeGitLab
    now: datetime = MONDAY

    def plan(self, now: str | datetime | None = None) -> Plan:
        """What a run would do; the clock moves on to `now`."""
        if now is not None:
            self.now = at(now)
        self.gitlab.set_clock(self.now)
        return make_plan(self.loops, self.gitlab, self.now)

    def run(self, now: str | datetime | None = None) -> Plan:
        """Plan and apply; everything must succeed."""
        plan = self.plan(now)
        outcomes = list(apply(plan, self.gitlab))
        assert [one for one in outcomes if one.status is not Status.DONE] == []
        return plan

    def is_settled(self) -> bool:
        """Whether a run now would change nothing, and only needs the listing to know it."""
        self.gitlab.asked.clear()
        return self.plan().empty and self.gitlab.asked.keys() <= LISTING

    def issues(self) -> list[Issue]:
        """All issues, oldest first."""
        return sorted(self.gitlab.issues.values(), key=lambda one: (one.created_at, one.id))

    def issue(self, key: str = "") -> Issue:
        """The only issue, or the oldest one that was opened for a key and still says so."""
        found = [one for one in self.issues() if not key or f"loop {key} -->" in one.description]
        assert found if key else len(found) == 1, f"{key}: {[one.title for one in self.issues()]}"
        return found[0]

    def person(self, username: str = "mgr-1") -> User:
        """A person of this GitLab."""
        return self.gitlab.with_user(username)


def opened(plan: Plan) -> list[str]:
    """The keys that a plan opens."""
    return [one.key for one in plan.changes if isinstance(one, CreateIssue)]


def moves(plan: Plan) -> list[tuple[str, str]]:
    """The keys that a plan moves, and where to."""
    return [(one.key, one.to) for one in plan.changes if isinstance(one, Transition)]


def told(plan: Plan) -> list[tuple[str, str, bool]]:
    """The key, message and weight of each problem of a plan."""
    return [(one.key, one.message, one.blocking) for one in plan.problems]


def a_day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str | datetime) -> datetime:
    """An instant; UTC where no zone is written."""
    moment = datetime.fromisoformat(text) if isinstance(text, str) else text
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

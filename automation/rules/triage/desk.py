"""What all parts of triage look at: the configuration, what GitLab says, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from automation.loops import CLOCK_MARGIN
from automation.model.issue import Issue, Project
from automation.model.organisation import Organisation, Subject
from automation.model.policy import SubjectKind
from automation.model.snapshot import Snapshot
from automation.periods import WorkingCalendar
from automation.rules.humans import Humans
from automation.stock import Stock
from automation.templates import Library
from automation.turns import calendar_of

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Desk:
    """What one run of all triage policies has before it."""

    stock: Stock
    snapshot: Snapshot
    humans: Humans
    now: datetime

    @property
    def organisation(self) -> Organisation:
        """What the policies say."""
        return self.stock.loops.organisation

    @property
    def library(self) -> Library:
        """The templates."""
        return self.stock.loops.library

    @cached_property
    def _groups(self) -> dict[str, Subject]:
        subjects = self.organisation.subjects(SubjectKind.GROUP)
        return {one.group.project.casefold(): one for one in reversed(subjects) if one.group}

    def group_of(self, issue: Issue) -> Subject | None:
        """The group in whose project the issue lies."""
        return self._groups.get(issue.project.casefold())

    def in_scope(self, group: Subject | None) -> bool:
        """Whether this run works for issues of the group."""
        scope = self.stock.loops.scope
        return scope.admits(group) if group else not scope

    def today(self, group: Subject | None) -> date:
        """The date where the group is; in UTC for issues of none."""
        return self.now.astimezone(group.zone if group else UTC).date()

    def calendar(self, group: Subject | None) -> WorkingCalendar:
        """The working days of the group's sponsor; Monday to Friday for issues of none."""
        return calendar_of(group.owner if group else None)

    def writable(self, path: str) -> Project | str:
        """The project, or in words why nothing may be created there.

        A role is proven by the projects of a group: the loops', or the one around the project.
        """
        loops_group = self.organisation.settings.loops_group
        below = path.casefold().startswith(f"{loops_group.casefold()}/")
        access = self.snapshot.access(loops_group if below else path.rpartition("/")[0])
        found = (one for one in access.projects.values() if one.path.casefold() == path.casefold())
        project = next(found, None)
        if project is None:
            return (
                f"the token's role in {path} is not proven to be Planner or above, or there is "
                "no such project"
            )
        if project.archived:
            return f"{project.path} is archived"
        return project if project.issues_enabled else f"issues are switched off in {project.path}"

    def since(self, moment: datetime) -> datetime | None:
        """From when on issues are listed that were made after the moment; None: all of them.

        Where `now` was moved ahead of GitLab's clock, dates of creation say nothing.
        """
        server_time = self.snapshot.identity().server_time
        if server_time is not None and server_time < self.now - CLOCK_MARGIN:
            return None
        return moment - CLOCK_MARGIN

"""How the initiatives of a group are: what `group-health` shows its sponsor.

A pure look at two lists of the group's project: the open initiatives, and those that were
closed lately. Titles of confidential ones are not in it: they would be read in an issue that
more people can open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from automation.model.issue import Issue, IssueQuery
from automation.model.policy import Settings
from automation.model.roster import Group
from automation.model.snapshot import Snapshot

SCOPE = "initiative::"
"""What the labels begin with that tell how an initiative is."""

LATELY = timedelta(days=31)
"""How long ago an initiative may have been closed to be told of."""

WITHHELD = "a confidential initiative"
"""What stands for the title of a confidential initiative."""


class Health(StrEnum):
    """How an initiative is, by its label; the first that it bears counts.

    What a person said, blocked or paused, goes before what Drumbeat noticed.
    """

    PAUSED = "paused"
    BLOCKED = "blocked"
    NEEDS_MANAGER = "needs-manager"
    STALE = "stale"
    ACTIVE = "active"


SHOWN = (Health.ACTIVE, Health.STALE, Health.NEEDS_MANAGER, Health.BLOCKED, Health.PAUSED)
"""The order in which the states are shown."""


@dataclass(frozen=True)
class Initiative:
    """An initiative as the overview shows it. `assignees` are names to show."""

    title: str
    web_url: str
    health: Health
    opened_on: date
    assignees: tuple[str, ...] = ()
    due_date: date | None = None
    is_overdue: bool = False
    confidential: bool = False


@dataclass(frozen=True)
class State:
    """The initiatives of one health, the oldest first."""

    health: Health
    initiatives: tuple[Initiative, ...] = ()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.initiatives)


@dataclass(frozen=True)
class Initiatives:
    """All open initiatives of a group, the oldest first, and those that were closed lately.

    `complete` is False where confidential ones may be missing, since Drumbeat's role in the
    project is not proven.
    """

    open: tuple[Initiative, ...] = ()
    done: tuple[Initiative, ...] = ()
    complete: bool = True

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self.open)

    @property
    def states(self) -> tuple[State, ...]:
        """Every state with its initiatives, in the order in which they are shown."""
        return tuple(
            State(health, tuple(one for one in self.open if one.health is health))
            for health in SHOWN
        )

    @property
    def oldest(self) -> Initiative | None:
        """The one that has been open for longest; None where there is none."""
        return self.open[0] if self.open else None

    @property
    def unassigned(self) -> tuple[Initiative, ...]:
        """Those that nobody has taken."""
        return tuple(one for one in self.open if not one.assignees)

    @property
    def overdue(self) -> tuple[Initiative, ...]:
        """Those whose due date has passed."""
        return tuple(one for one in self.open if one.is_overdue)


def initiatives_of(
    group: Group, settings: Settings, snapshot: Snapshot, now: datetime
) -> Initiatives:
    """The group's initiatives as they are now; Missing where the lists are not read yet."""
    still_open, closed = _queries(group, settings, now)
    snapshot.all_issues((still_open, closed))  # both lists in one round
    today = now.astimezone(group.zone).date()
    done = [
        issue
        for issue in snapshot.all_issues((closed,))
        if issue.closed_at is not None and issue.closed_at >= now - LATELY
    ]
    return Initiatives(
        open=tuple(_initiative(one, today) for one in snapshot.all_issues((still_open,))),
        done=tuple(_initiative(one, today) for one in done if one.moved_to_id is None),
        complete=group.project in snapshot.access(settings.loops_group).projects,
    )


def _queries(group: Group, settings: Settings, now: datetime) -> tuple[IssueQuery, IssueQuery]:
    """The open ones; and, since GitLab has no filter by closing date, the closed and touched."""
    place, labels = group.project, settings.initiative_labels
    since = now - LATELY
    return (
        IssueQuery(place, in_group=False, state="opened", labels=labels),
        IssueQuery(place, in_group=False, state="closed", labels=labels, updated_after=since),
    )


def _initiative(issue: Issue, today: date) -> Initiative:
    return Initiative(
        title=WITHHELD if issue.confidential else issue.title,
        web_url=issue.web_url,
        health=health_of(issue.labels),
        opened_on=issue.created_at.date(),
        assignees=tuple(user.name or user.username for user in issue.assignees),
        due_date=issue.due_date,
        is_overdue=issue.opened and issue.due_date is not None and issue.due_date < today,
        confidential=issue.confidential,
    )


def health_of(labels: frozenset[str]) -> Health:
    """The health that the labels tell; active where they tell none."""
    return next((one for one in Health if f"{SCOPE}{one}" in labels), Health.ACTIVE)


def made_up(day: date) -> Initiatives:
    """An overview with one initiative of each health, for verbs that work offline."""
    examples = (
        Initiative(
            title=f"Made up for the preview: {health}",
            web_url="https://gitlab.example.com/-/issues/1",
            health=health,
            opened_on=day - timedelta(days=30 * (len(SHOWN) - place)),
            assignees=() if health is Health.STALE else ("Somebody",),
            due_date=day - timedelta(days=7) if health is Health.ACTIVE else None,
            is_overdue=health is Health.ACTIVE,
        )
        for place, health in enumerate(SHOWN)
    )
    return Initiatives(open=tuple(examples))

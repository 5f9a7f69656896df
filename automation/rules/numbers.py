"""The numbers of a team's last weeks, for a manager's 1:1s: an aid to a talk, never a score.

Where numbers are missing or late they say so; no loop waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from automation.loop import Loop
from automation.metrics.report import PersonNumbers, Week
from automation.metrics.weeks import monday, weeks_before
from automation.model.metrics import Activity, MetricsPolicy, Numbers, Table
from automation.model.organisation import Organisation
from automation.model.questions import ActivityOf, NumbersOf, UserNamed
from automation.model.roster import Person
from automation.model.snapshot import NotReadable, Snapshot

WEEKS = 4
"""Weeks in a trend."""


@dataclass(frozen=True)
class TeamNumbers:
    """Each person's numbers by roster id, as far as policies ask for them.

    `gitlab` is what GitLab counted in the last whole week, where it says.
    """

    people: Mapping[str, PersonNumbers] = field(default_factory=dict)
    gitlab: Mapping[str, Activity] = field(default_factory=dict)


def team_numbers(loop: Loop, snapshot: Snapshot, today: date) -> TeamNumbers:
    """The numbers of the loop's team before the week in which it opens.

    Raises Missing where the snapshot does not hold them yet.
    """
    weeks = weeks_before(loop.occurrence.day, WEEKS)
    policies = [one for one in loop.organisation.metrics if one.enabled]
    snapshot.require(NumbersOf(one.name) for one in policies if one.source == "file")
    people: dict[str, PersonNumbers] = {}
    activities: dict[str, Activity] = {}
    for policy in policies:
        if policy.source == "file":
            people |= _from_file(policy, loop, snapshot, weeks, today)
        else:
            activities |= _from_gitlab(loop, snapshot, weeks[-1])
    return TeamNumbers(people, activities)


def _from_file(
    policy: MetricsPolicy, loop: Loop, snapshot: Snapshot, weeks: tuple[str, ...], today: date
) -> dict[str, PersonNumbers]:
    try:
        table, trouble = snapshot.numbers(policy.name), ""
    except NotReadable as unread:
        table, trouble = Table(), unread.why.reason
    why_not = trouble or _late(policy, weeks, today)
    return {
        person.id: _of_person(_names(person, loop.organisation), policy, table, weeks, why_not)
        for person in loop.team
    }


def _names(person: Person, organisation: Organisation) -> tuple[str, ...]:
    """What files may call somebody: a name that others bear, too, is nobody's."""
    bearers = {
        report.id
        for manager in organisation.roster.managers
        for report in manager.reports
        if report.name.casefold() == person.name.casefold()
    }
    return (person.username, person.id, *((person.name,) if len(bearers) == 1 else ()))


def _of_person(
    names: tuple[str, ...],
    policy: MetricsPolicy,
    table: Table,
    labels: tuple[str, ...],
    why_not: str,
) -> PersonNumbers:
    known = next((name for name in names if any(table.of(name, label) for label in labels)), "")
    weeks = tuple(Week(label, table.of(known, label)) for label in labels)
    return PersonNumbers(weeks, policy, "" if weeks[-1].known else why_not)


def _late(policy: MetricsPolicy, weeks: tuple[str, ...], today: date) -> str:
    """Why a week that is not in the numbers may not be there."""
    ended = monday(weeks[-1]) + timedelta(days=7)
    if today < ended + timedelta(days=policy.late_after):
        return f"the numbers of {weeks[-1]} are not there yet"
    return f"there are no numbers for {weeks[-1]}"


def _from_gitlab(loop: Loop, snapshot: Snapshot, label: str) -> dict[str, Activity]:
    first = monday(label)
    last = first + timedelta(days=6)
    snapshot.require(UserNamed(person.username) for person in loop.team)
    ids = {
        person.id: user.id
        for person in loop.team
        if (user := snapshot.user(person.username)) is not None
    }
    snapshot.require(ActivityOf(user_id, first, last) for user_id in ids.values())
    found: dict[str, Activity] = {}
    for person_id, user_id in ids.items():
        try:
            found[person_id] = snapshot.activity(user_id, first, last)
        except NotReadable:
            continue
    return found


def made_up(loop: Loop) -> TeamNumbers:
    """Numbers as they might be, for verbs that work offline."""
    policies = [one for one in loop.organisation.metrics if one.enabled]
    weeks = weeks_before(loop.occurrence.day, WEEKS)
    rows = [Numbers(6 + at % 3, 30 + 4 * at, 17 + 2 * at, 9 + at) for at in range(WEEKS)]
    file = next((one for one in policies if one.source == "file"), None)
    people = {
        person.id: PersonNumbers(
            tuple(Week(label, (row,)) for label, row in zip(weeks, rows, strict=True)), file
        )
        for person in loop.team
        if file is not None
    }
    counted = any(one.source == "gitlab" for one in policies)
    activities = {person.id: Activity(2, 1, 3, 2, 4) for person in loop.team if counted}
    return TeamNumbers(people, activities)

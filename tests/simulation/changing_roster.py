"""What happens to the sample organisation's roster in three years, day by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from automation.model.organisation import Organisation
from automation.model.roster import Absence, Group, Manager, Report, Roster

Change = Callable[[Organisation], Organisation]


def day(text: str) -> date:
    return date.fromisoformat(text)


def with_roster(organisation: Organisation, **parts: Any) -> Organisation:
    old = organisation.roster
    roster = Roster(
        directors=old.directors,
        managers=tuple(parts.get("managers", old.managers)),
        groups=tuple(parts.get("groups", old.groups)),
    )
    return replace(organisation, roster=roster)


def changed(facts: Any, **update: Any) -> Any:
    """The same entry with other facts, checked as if it had been read from a file."""
    data = facts.model_dump(by_alias=True) | update
    return type(facts).model_validate(data)


def each_manager(
    organisation: Organisation, id: str, change: Callable[[Manager], list[Manager]]
) -> Organisation:
    """What becomes of the manager's last entry."""
    managers = list(organisation.roster.managers)
    index = max(n for n, one in enumerate(managers) if one.id == id)
    managers[index : index + 1] = change(managers[index])
    return with_roster(organisation, managers=managers)


def ends(entry: Any, last: str) -> Any:
    return changed(entry, until=day(last))


def _team_without(manager: Manager, last: str, *ids: str) -> list[Manager]:
    team = [
        ends(one, last) if one.id in ids and one.until is None else one for one in manager.reports
    ]
    return [manager.model_copy(update={"reports": tuple(team)})]


def _team_with(manager: Manager, first: str, *reports: Report) -> list[Manager]:
    more = tuple(changed(one, **{"from": day(first), "until": None}) for one in reports)
    return [manager.model_copy(update={"reports": (*manager.reports, *more)})]


def reports(organisation: Organisation, *ids: str) -> tuple[Report, ...]:
    known = {one.id: one for manager in organisation.roster.managers for one in manager.reports}
    return tuple(known[one] for one in ids)


def moves_team(
    organisation: Organisation, old: str, new: str, last: str, first: str, *ids: str
) -> Organisation:
    people = reports(organisation, *ids)
    left = each_manager(organisation, old, lambda one: _team_without(one, last, *ids))
    return each_manager(left, new, lambda one: _team_with(one, first, *people))


def changes_group(organisation: Organisation, id: str, **facts: Any) -> Organisation:
    groups = [changed(one, **facts) if one.id == id else one for one in organisation.roster.groups]
    return with_roster(organisation, groups=groups)


def successor(manager: Manager, first: str, last: str, **facts: Any) -> list[Manager]:
    """Another person, or another zone, from a day on, under the same id."""
    return [ends(manager, last), changed(manager, **{"from": day(first)}, **facts)]


def a_new_manager(organisation: Organisation) -> Organisation:
    fresh = Manager.model_validate(
        {
            "id": "mgr-amer-3",
            "username": "mgr-amer-3",
            "name": "Theodora Lindgren",
            "director": "dir-amer",
            "timezone": "America/New_York",
            "holidays": "US-NY",
            "from": day("2027-09-01"),
        }
    )
    there = with_roster(organisation, managers=(*organisation.roster.managers, fresh))
    return moves_team(
        there, "mgr-amer-1", "mgr-amer-3", "2027-08-31", "2027-09-01", "se-104", "se-105"
    )


def the_new_manager_leaves(organisation: Organisation) -> Organisation:
    back = moves_team(
        organisation, "mgr-amer-3", "mgr-amer-1", "2028-06-30", "2028-07-01", "se-104", "se-105"
    )
    gone = each_manager(back, "mgr-amer-3", lambda one: [ends(one, "2028-06-30")])
    return changes_group(gone, "jacaranda", managers=("mgr-amer-1", "mgr-apac-1"))


def a_new_id(organisation: Organisation) -> Organisation:
    def renamed(name: str) -> str:
        return "mgr-emea-9" if name == "mgr-emea-2" else name

    changed_one = each_manager(
        organisation, "mgr-emea-2", lambda one: [changed(one, id="mgr-emea-9", was=("mgr-emea-2",))]
    )
    groups: list[Group] = [
        changed(one, sponsor=renamed(one.sponsor), managers=tuple(map(renamed, one.managers)))
        for one in changed_one.roster.groups
    ]
    return with_roster(changed_one, groups=groups)


SCRIPT: tuple[tuple[date, Change], ...] = (
    (
        day("2027-02-24"),
        lambda org: moves_team(
            org, "mgr-emea-2", "mgr-emea-1", "2027-02-28", "2027-03-01", "se-405"
        ),
    ),
    (
        day("2027-06-10"),
        lambda org: each_manager(
            org,
            "mgr-amer-2",
            lambda one: successor(
                one, "2027-06-16", "2027-06-15", username="ruth-v", name="Ruth Valdivia"
            ),
        ),
    ),
    (day("2027-08-25"), a_new_manager),
    (
        day("2028-01-10"),
        lambda org: changes_group(
            org, "jacaranda", sponsor="mgr-amer-1", managers=("mgr-amer-1", "mgr-amer-3")
        ),
    ),
    (
        day("2028-03-01"),
        lambda org: each_manager(
            org,
            "mgr-apac-2",
            lambda one: successor(one, "2028-03-08", "2028-03-07", timezone="Asia/Tokyo"),
        ),
    ),
    (day("2028-06-20"), the_new_manager_leaves),
    (day("2028-10-04"), a_new_id),
    (
        day("2028-11-08"),
        lambda org: each_manager(
            org, "mgr-emea-1", lambda one: [changed(one, name="Aoife Byrne-Dhomhnaill")]
        ),
    ),
    (
        day("2029-03-10"),
        lambda org: each_manager(
            org, "mgr-apac-1", lambda one: _team_without(one, "2029-03-13", "se-502")
        ),
    ),
)
"""What is written into the roster on which day."""

NAMES = {
    "Danielle Whitcomb": "mgr-amer-1",
    "João Tavares": "mgr-amer-2",
    "Ruth Valdivia": "mgr-amer-2",
    "Aoife Ní Dhomhnaill": "mgr-emea-1",
    "Aoife Byrne-Dhomhnaill": "mgr-emea-1",
    "Jürgen Weißhaupt": "mgr-emea-2",
    "Meenakshi Raghunathan": "mgr-apac-1",
    "Callum Ferreira-Stone": "mgr-apac-2",
    "Theodora Lindgren": "mgr-amer-3",
}
"""Whose loops bear which name; `mgr-emea-2` keeps its first id here."""

NEW_NAME = day("2028-11-01"), day("2029-01-31")
"""The quarter in which a manager's name changes under open loops."""


def username(manager: str, on: date) -> str:
    return "ruth-v" if manager == "mgr-amer-2" and on >= day("2027-06-16") else manager


def id_on(manager: str, today: date) -> str:
    """A manager's id in the roster of the day."""
    return "mgr-emea-9" if manager == "mgr-emea-2" and today >= day("2028-10-04") else manager


def goes_away(
    organisation: Organisation, manager: str, first: date, last: date, cover: str | None
) -> Organisation:
    absence = Absence.model_validate({"from": first, "to": last, "cover": cover})
    return each_manager(
        organisation,
        manager,
        lambda one: [one.model_copy(update={"away": (*one.away, absence)})],
    )

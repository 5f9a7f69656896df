"""The roster's people and groups, checked against each other over all files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from automation.config.corpus import Anybody, Corpus, Entry
from automation.config.names import Use, taken_twice
from automation.config.words import Path, nearest, quoted, suggestion
from automation.errors import ConfigProblem
from automation.model.roster import Group, Manager, Report, Roster
from automation.periods import holidays_problem


def people_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Everything that only shows when the rosters are seen together."""
    remedy = "Ids are permanent and belong to one; choose another."
    yield from taken_twice(_ids(corpus), "the id", remedy)
    yield from taken_twice(_usernames(corpus), "the user name", "Each person has one entry.")
    yield from _overlaps(corpus)
    for person in corpus.people():
        yield from _holiday_problems(person)
    if corpus.knows_all(Roster):
        yield from _references(corpus)


def _ids(corpus: Corpus) -> Iterator[Use]:
    """Ids of today and of former days; one id may have several entries of the same kind."""
    entries: list[Anybody | Entry[Group]] = [*corpus.people(), *corpus.groups()]
    for entry in entries:
        yield Use(entry.fact.id, entry, ("id",), (type(entry.fact), entry.fact.id))
    for entry in entries:
        for index, former in enumerate(entry.fact.was):
            yield Use(former, entry, ("was", index), f"was of {entry.fact.id}")


def _usernames(corpus: Corpus) -> Iterator[Use]:
    for person in corpus.people():
        yield Use(person.fact.username.lower(), person, ("username",), person.fact.id)


@dataclass(frozen=True)
class _Stay:
    """One entry of an id, the days on which it holds, and where that is, for a report."""

    entry: Entry[Any]
    first: date
    last: date
    team: str = ""

    @classmethod
    def of(cls, entry: Entry[Any], manager: Entry[Manager] | None = None) -> _Stay:
        facts = [entry.fact, manager.fact] if manager else [entry.fact]
        first = max(fact.joined or date.min for fact in facts)
        last = min(fact.until or date.max for fact in facts)
        return cls(entry, first, last, manager.fact.id if manager else "")

    def never(self) -> ConfigProblem:
        """Says that there is no such day."""
        message = f"{self.entry.fact.id!r} is never in the team of {self.team!r}, who is there on"
        message += " other days"
        return self.entry.problem(("id",), message, "Check 'from' and 'until' of both.")


def _overlaps(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Entries of one id that hold on the same days."""
    stays: dict[tuple[type, str], list[_Stay]] = {}
    for manager, report in corpus.reports():
        stays.setdefault((Report, report.fact.id), []).append(_Stay.of(report, manager))
    others: list[Anybody | Entry[Group]] = [
        *corpus.directors(),
        *corpus.managers(),
        *corpus.groups(),
    ]
    for entry in others:
        stays.setdefault((type(entry.fact), entry.fact.id), []).append(_Stay.of(entry))
    for of_one in stays.values():
        yield from (stay.never() for stay in of_one if stay.first > stay.last)
        held = [stay for stay in of_one if stay.first <= stay.last]
        if held:
            yield from _overlaps_of(sorted(held, key=lambda stay: stay.first))


def _overlaps_of(stays: list[_Stay]) -> Iterator[ConfigProblem]:
    latest = stays[0]
    for stay in stays[1:]:
        if stay.first <= latest.last:
            name, where = f"{stay.entry.fact.id!r}", latest.entry.where(("id",))
            message = f"{name} has another entry for the same days: {where}"
            remedy = "Part the times with 'from' and 'until', or choose another id."
            if latest.team:
                message = f"{name} is in the team of {latest.team!r} on the same days: {where}"
                remedy = "Part the times with 'from' and 'until'."
            yield stay.entry.problem(("id",), message, remedy)
        if stay.last > latest.last:
            latest = stay


def _holiday_problems(person: Anybody) -> Iterator[ConfigProblem]:
    code = person.fact.holidays
    if code is None or not holidays_problem(code):
        return
    country, _, part = code.partition("-")
    import holidays  # only for a remedy

    countries = holidays.list_supported_countries(include_aliases=False)
    if country in countries:
        message = f"{quoted(code)} names no part of {country} whose public holidays are known"
        remedy = suggestion(part, countries[country]) or "Write the country alone."
    else:
        message = f"{quoted(code)} names no country whose public holidays are known"
        near = nearest(country, countries)
        remedy = f"Did you mean {near!r}?" if near else "Write an ISO 3166 code: IE, or DE-BY."
    yield person.problem(("holidays",), message, remedy)


@dataclass(frozen=True)
class _Known:
    """The ids that a reference may name, and what those of former days are called now."""

    what: str
    ids: frozenset[str]
    now_called: Mapping[str, str]

    @classmethod
    def among(cls, what: str, entries: Iterable[Anybody]) -> _Known:
        people = [entry.fact for entry in entries]
        former = {name: person.id for person in people for name in person.was}
        return cls(what, frozenset(person.id for person in people), former)

    def dangling(self, entry: Entry[Any], path: Path, name: str) -> Iterator[ConfigProblem]:
        """A problem where the name at the path is none of the ids."""
        if name in self.ids:
            return
        remedy = suggestion(name, self.ids) or f"Add the {self.what} to a roster."
        if name in self.now_called:
            remedy = f"The id is {self.now_called[name]!r} now."
        yield entry.problem(path, f"there is no {self.what} {name!r}", remedy)


def _references(corpus: Corpus) -> Iterator[ConfigProblem]:
    directors = _Known.among("director", corpus.directors())
    managers = _Known.among("manager", corpus.managers())
    for manager in corpus.managers():
        yield from directors.dangling(manager, ("director",), manager.fact.director)
    for group in corpus.groups():
        yield from managers.dangling(group, ("sponsor",), group.fact.sponsor)
        for index, name in enumerate(group.fact.managers):
            yield from managers.dangling(group, ("managers", index), name)
    people = _Known.among("person", corpus.people())
    for person in corpus.people():
        yield from _covers(person, people)


def _covers(person: Anybody, people: _Known) -> Iterator[ConfigProblem]:
    for index, absence in enumerate(person.fact.away):
        path: Path = ("away", index, "cover")
        if absence.cover == person.fact.id:
            message = f"{absence.cover!r} cannot stand in for themselves"
            yield person.problem(path, message, "Name another person, or leave 'cover' out.")
        elif absence.cover is not None:
            yield from people.dangling(person, path, absence.cover)

"""What a cadence says about its calendar, checked against itself and the roster."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from automation.config.corpus import Corpus, Entry
from automation.config.words import Path, suggestion
from automation.errors import ConfigProblem
from automation.model.policy import Cadence, SubjectKind, WhenPreviousOpen
from automation.model.roster import Roster, RosterEntry
from automation.periods import end_problems, schedule_problems

_FISCAL_YEAR_START = 2


def calendar_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Everything that keeps a cadence's calendar from being followed."""
    for cadence in corpus.of(Cadence):
        yield from _schedule_problems(cadence, corpus)
        yield from _condition_problems(cadence)
        if corpus.knows_all(Roster):
            yield from _pause_problems(cadence, corpus)


def _schedule_problems(cadence: Entry[Cadence], corpus: Corpus) -> Iterator[ConfigProblem]:
    settings, schedule = corpus.settings, cadence.fact.schedule
    start = settings.fiscal_year_start if settings else _FISCAL_YEAR_START
    found = schedule_problems(schedule, cadence.fact.period, start)
    for message in found:
        yield cadence.problem(("schedule", "rrule"), message)
    for field, message in () if found else end_problems(schedule):
        yield cadence.problem(("schedule", field), message)


def _condition_problems(cadence: Entry[Cadence]) -> Iterator[ConfigProblem]:
    fact = cadence.fact
    if fact.backfill and fact.when_previous_open is not WhenPreviousOpen.KEEP_BOTH:
        message = "earlier loops can only be opened beside the current one"
        remedy = "Add 'when_previous_open: keep_both' to the cadence, or leave 'backfill' out."
        yield cadence.problem(("backfill",), message, remedy)
    if fact.only_when and fact.for_each is not SubjectKind.MANAGER:
        message = f"only managers are on call, and this is for each {fact.for_each}"
        remedy = "Write 'for_each: manager', or leave 'only_when' out."
        yield cadence.problem(("only_when",), message, remedy)


def _pause_problems(cadence: Entry[Cadence], corpus: Corpus) -> Iterator[ConfigProblem]:
    kind = cadence.fact.for_each
    ids, now_called = _ids(kind, corpus)
    for index, pause in enumerate(cadence.fact.pauses):
        for place, name in enumerate(pause.subjects):
            if name not in ids:
                path: Path = ("pauses", index, "subjects", place)
                remedy = suggestion(name, ids)
                if name in now_called:
                    remedy = f"The id is {now_called[name]!r} now."
                yield cadence.problem(path, f"there is no {kind} {name!r}", remedy)


def _ids(kind: SubjectKind, corpus: Corpus) -> tuple[frozenset[str], dict[str, str]]:
    """The ids of all subjects of a kind, and what those of former days are called now."""
    entries: dict[SubjectKind, Callable[[], list[RosterEntry]]] = {
        SubjectKind.DIRECTOR: lambda: [entry.fact for entry in corpus.directors()],
        SubjectKind.MANAGER: lambda: [entry.fact for entry in corpus.managers()],
        SubjectKind.REPORT: lambda: [entry.fact for _, entry in corpus.reports()],
        SubjectKind.GROUP: lambda: [entry.fact for entry in corpus.groups()],
    }
    if kind not in entries:
        return frozenset({str(kind)}), {}
    found = entries[kind]()
    former = {name: entry.id for entry in found for name in entry.was}
    return frozenset(entry.id for entry in found), former

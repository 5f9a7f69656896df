"""All policy files, read, checked alone and against each other, as one Organisation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path as FilePath
from typing import TypeVar

from automation.config.adopted_checks import adopted_problems
from automation.config.corpus import Corpus, Entry
from automation.config.document import Document, Node
from automation.config.files import find
from automation.config.people_checks import people_problems
from automation.config.policy_checks import policy_problems
from automation.config.schema import KINDS
from automation.config.text import decode
from automation.config.validation import validate
from automation.config.words import Path, dotted, suggestion
from automation.config.yaml_reader import Reading, read_yaml
from automation.errors import ConfigError, ConfigProblem
from automation.model.base import Fact
from automation.model.key import LoopKey
from automation.model.metrics import MetricsPolicy
from automation.model.organisation import Organisation, Place
from automation.model.policy import Adopted, Cadence, Settings
from automation.model.provision import BoardSet, LabelSet, ScheduleSet
from automation.model.roster import Roster
from automation.model.triage import TriagePolicy

_SETTINGS_EXAMPLE = (
    "Add one: {kind: settings, loops_group: support, default_project: support/loops}."
)


def load(root: FilePath, *, policies: str = "policies") -> Organisation:
    """Read everything below the policies' folder of a repository.

    Raises one ConfigError with every fault of every file.
    """
    found = find(root, policies)
    problems = list(found.problems)
    readings = [_read(file, raw) for file, raw in found.files]
    complete = not found.problems and all(reading.complete for reading in readings)
    corpus, faults = _corpus(readings, complete)
    problems.extend(faults)
    problems.extend(_settings_problems(corpus, policies))
    problems.extend(people_problems(corpus))
    problems.extend(policy_problems(corpus))
    problems.extend(adopted_problems(corpus))
    if problems or corpus.settings is None:
        raise ConfigError(problems)
    return _organisation(corpus, corpus.settings)


def _read(file: str, raw: bytes) -> Reading:
    try:
        return read_yaml(decode(raw, file), file)
    except ConfigError as error:
        return Reading(file, problems=list(error.problems), complete=False)


def _corpus(readings: list[Reading], complete: bool) -> tuple[Corpus, list[ConfigProblem]]:
    entries: list[Entry[Fact]] = []
    problems: list[ConfigProblem] = []
    faulty: set[str] = set() if complete else set(KINDS)
    for reading in readings:
        problems.extend(reading.problems)
        for document in reading.documents:
            kind, fact, faults = _fact(document)
            problems.extend(reading.new(faults))
            if fact is not None:
                entries.append(Entry(fact, document))
            else:
                faulty.update(KINDS if kind is None else {kind})
    return Corpus(tuple(entries), frozenset(faulty)), problems


def _fact(document: Document) -> tuple[str | None, Fact | None, list[ConfigProblem]]:
    kind, faults = _kind(document)
    if kind is None:
        return None, None, faults
    return kind, *validate(KINDS[kind], document)


def _kind(document: Document) -> tuple[str | None, list[ConfigProblem]]:
    root = document.root
    if not isinstance(root.data, dict):
        message = f"a document should be a mapping, not {root.described}"
        return None, [document.problem((), message, "Begin it with 'kind: …'.")]
    if "kind" not in root.data:
        remedy = f"Begin the document with 'kind:' and one of: {', '.join(KINDS)}."
        return None, [document.problem((), "'kind' is missing", remedy)]
    kind = document.node(("kind",))
    if isinstance(kind.data, str) and kind.data in KINDS:
        return kind.data, []
    remedy = suggestion(kind.source, KINDS, always_list=True)
    return None, [document.problem(("kind",), f"{kind.shown} is no kind of document", remedy)]


def _settings_problems(corpus: Corpus, policies: str) -> Iterator[ConfigProblem]:
    entries = list(corpus.of(Settings))
    if not entries and corpus.knows_all(Settings):
        message = "no document has the kind 'settings'"
        yield ConfigProblem(FilePath(policies).as_posix(), 0, 0, "", message, _SETTINGS_EXAMPLE)
    for other in entries[1:]:
        message = f"settings are given twice: {entries[0].where()} has them too"
        yield other.problem((), message, "Keep one of the two.")


def _organisation(corpus: Corpus, settings: Settings) -> Organisation:
    rosters = (entry.fact for entry in corpus.of(Roster))
    return Organisation(
        settings=settings,
        roster=reduce(Roster.merged, rosters, Roster()),
        cadences=_switched(corpus.of(Cadence), settings),
        triages=_switched(corpus.of(TriagePolicy), settings),
        labels=tuple(label for entry in corpus.of(LabelSet) for label in entry.fact.labels),
        boards=tuple(board for entry in corpus.of(BoardSet) for board in entry.fact.boards),
        schedules=tuple(one for entry in corpus.of(ScheduleSet) for one in entry.fact.schedules),
        metrics=_switched(corpus.of(MetricsPolicy), settings),
        adopted={
            key: issue
            for entry in corpus.of(Adopted)
            for text, issue in entry.fact.loops.items()
            if (key := LoopKey.parse(text)) is not None
        },
        places=_places(corpus),
    )


Policy = TypeVar("Policy", Cadence, TriagePolicy, MetricsPolicy)


def _switched(entries: Iterable[Entry[Policy]], settings: Settings) -> tuple[Policy, ...]:
    """The policies; those that the settings name in `off` are not enabled."""
    return tuple(
        entry.fact.model_copy(update={"enabled": False})
        if entry.fact.name in settings.off
        else entry.fact
        for entry in entries
    )


def _places(corpus: Corpus) -> dict[tuple[str, str], Place]:
    """Where settings, policies and boards stand, for faults that only show later."""
    places = {
        ("boards", board.name): _place(entry.document, ("boards", index))
        for entry in corpus.of(BoardSet)
        for index, board in enumerate(entry.fact.boards)
    }
    for one in corpus.of(Settings):
        places["settings", ""] = _place(one.document, ())
    policies = corpus.policies()
    return places | {(one.fact.kind, one.fact.name): _place(one.document, ()) for one in policies}


def _place(document: Document, path: Path) -> Place:
    node = document.node(path)
    fields = {dotted(path): (one.place.line, one.place.column) for path, one in _inner(node)}
    return Place(document.file, node.place.line, node.place.column, fields)


def _inner(node: Node) -> Iterator[tuple[Path, Node]]:
    for key, child in node.children.items():
        yield (key,), child
        yield from (((key, *path), inner) for path, inner in _inner(child))

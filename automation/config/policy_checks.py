"""Policies, labels and boards, checked against each other, the settings and the roster."""

from __future__ import annotations

from collections.abc import Iterator

from automation.config.calendar_checks import calendar_problems
from automation.config.corpus import Corpus, Entry
from automation.config.names import Use, taken_twice
from automation.config.words import Path, quoted, suggestion
from automation.errors import ConfigProblem
from automation.model.base import is_full_path
from automation.model.policy import Cadence, Settings
from automation.model.provision import BoardSet, BoardSpec, LabelSet
from automation.model.roster import Roster
from automation.model.triage import TriagePolicy

_BUILT_IN_LABELS = (
    "attention",
    "drumbeat",
    "loop::done",
    "loop::missed",
    "loop::open",
    "loop::overdue",
    "loop::waived",
    "snoozed",
)


def policy_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Everything that only shows when the policies are seen together."""
    yield from _name_problems(corpus)
    yield from calendar_problems(corpus)
    settings = next(corpus.of(Settings), None)
    if settings is not None:
        yield from _place_problems(corpus, settings)
    if corpus.knows_all(Roster, Cadence, TriagePolicy, LabelSet):
        yield from _list_problems(corpus)


def _name_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    policies = (Use(entry.fact.name, entry, ("name",)) for entry in corpus.policies())
    remedy = "Cadences and triage policies share their names; choose another."
    yield from taken_twice(policies, "the name", remedy)
    for triage in corpus.of(TriagePolicy):
        rules = enumerate(triage.fact.rules)
        uses = (Use(rule.name, triage, ("rules", index, "name")) for index, rule in rules)
        yield from taken_twice(uses, "the rule", "Choose another name.")
    yield from taken_twice(_label_uses(corpus), "the label", "Keep one of the two.")
    boards = (
        Use((board.fact.name, board.fact.project, board.fact.group), board, ("name",))
        for board in _boards(corpus)
    )
    yield from taken_twice(boards, "the board", "Choose another name, or another place.")


def _label_uses(corpus: Corpus) -> Iterator[Use]:
    for entry in corpus.of(LabelSet):
        for index, label in enumerate(entry.fact.labels):
            yield Use(label.name, entry, ("labels", index, "name"))


def _boards(corpus: Corpus) -> Iterator[Entry[BoardSpec]]:
    for entry in corpus.of(BoardSet):
        for index, board in enumerate(entry.fact.boards):
            yield entry.inner(board, "boards", index)


def _place_problems(corpus: Corpus, settings: Entry[Settings]) -> Iterator[ConfigProblem]:
    group = settings.fact.loops_group
    path: Path = ("default_project",)
    yield from _outside(settings, path, settings.fact.default_project, group)
    for cadence in corpus.of(Cadence):
        project = cadence.fact.project
        if project is None or "{{" in project or "{%" in project:
            continue
        if is_full_path(project):
            yield from _outside(cadence, ("project",), project, group)
        else:
            message = f"{quoted(project)} is neither a full path nor an expression"
            remedy = "Write it such as support/loops or support/{{ manager.username }}."
            yield cadence.problem(("project",), message, remedy)


def _outside(
    entry: Entry[Settings] | Entry[Cadence], path: Path, project: str, group: str
) -> Iterator[ConfigProblem]:
    if not project.lower().startswith(f"{group.lower()}/"):
        message = f"{quoted(project)} is not below the loops' group {quoted(group)}"
        yield entry.problem(path, message, "Loops need the labels of that group; move one of them.")


def _list_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    defined = frozenset(_defined_labels(corpus))
    for board in _boards(corpus):
        for index, label in enumerate(board.fact.lists):
            if label not in defined:
                remedy = suggestion(label, defined)
                if not remedy.startswith("Did"):
                    remedy = "Define it in a document of the kind 'labels'."
                message = f"there is no label {quoted(label)}"
                yield board.problem(("lists", index), message, remedy)


def _defined_labels(corpus: Corpus) -> Iterator[str]:
    yield from _BUILT_IN_LABELS
    yield from (f"cadence::{entry.fact.name}" for entry in corpus.of(Cadence))
    yield from (f"manager::{entry.fact.id}" for entry in corpus.managers())
    yield from (f"director::{entry.fact.id}" for entry in corpus.directors())
    yield from (str(use.name) for use in _label_uses(corpus))
    for triage in corpus.of(TriagePolicy):
        for rule in triage.fact.rules:
            yield from (*rule.do.label, *rule.do.unlabel)

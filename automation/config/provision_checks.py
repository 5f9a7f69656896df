"""Labels, boards and schedules, checked against each other and against what policies use."""

from __future__ import annotations

from collections.abc import Iterator

from automation.config.corpus import Corpus, Entry
from automation.config.names import Use, taken_twice
from automation.config.words import Path, quoted, suggestion
from automation.errors import ConfigProblem
from automation.labels import ATTENTION, DRUMBEAT, SNOOZED, State, cadence_label, priority_projects
from automation.model.policy import Cadence
from automation.model.provision import BoardSet, BoardSpec, LabelSet, LabelSpec, ScheduleSet
from automation.model.roster import Roster
from automation.model.triage import TriagePolicy

_PRUNED = "Take out `prune`, or what uses the label."


def provision_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Everything wrong with labels, boards and schedules that shows before anything renders."""
    yield from _name_problems(corpus)
    yield from _former_problems(corpus)
    yield from _priority_problems(corpus)
    yield from _prune_problems(corpus)
    if corpus.knows_all(Roster, Cadence, TriagePolicy, LabelSet):
        yield from _list_problems(corpus)


def _name_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    labels = (Use(label.fact.name, label, ("name",)) for label in _labels(corpus))
    yield from taken_twice(labels, "the label", "Keep one of the two.")
    boards = (
        Use((board.fact.name, board.fact.project, board.fact.group), board, ("name",))
        for board in _boards(corpus)
    )
    yield from taken_twice(boards, "the board", "Choose another name, or another place.")
    schedules = (
        Use((one.fact.description, one.fact.project), one, ("description",))
        for entry in corpus.of(ScheduleSet)
        for index, spec in enumerate(entry.fact.schedules)
        for one in (entry.inner(spec, "schedules", index),)
    )
    remedy = "A schedule is known by it; choose another."
    yield from taken_twice(schedules, "the schedule", remedy)


def _labels(corpus: Corpus) -> Iterator[Entry[LabelSpec]]:
    for entry in corpus.of(LabelSet):
        for index, label in enumerate(entry.fact.labels):
            yield entry.inner(label, "labels", index)


def _boards(corpus: Corpus) -> Iterator[Entry[BoardSpec]]:
    for entry in corpus.of(BoardSet):
        for index, board in enumerate(entry.fact.boards):
            yield entry.inner(board, "boards", index)


def _former_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Former names that are somebody's name today, or were two labels' name."""
    living = {label.fact.name: label for label in _labels(corpus)}
    used = frozenset(_used_labels(corpus))
    former: list[Use] = []
    for label in _labels(corpus):
        for index, name in enumerate(label.fact.was):
            path = ("was", index)
            former.append(Use(name, label, path))
            if label.fact.prune:
                message = "a label that shall go has no former names"
                yield label.problem(path, message, "Name those with `prune: true`, too.")
            elif name in living:
                message = f"{quoted(name)} is a label of today: {living[name].where(('name',))}"
                yield label.problem(path, message, "Take it out of `was`, or that label away.")
            elif name in used:
                message = f"{quoted(name)} is a label of today: policies use it"
                yield label.problem(path, message, "Let the policies use the new name.")
    yield from taken_twice(former, "the former name", "A label can become one other only.")


def _priority_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    settings = corpus.settings
    if settings is None or not corpus.knows_all(Cadence):
        return
    if priority_projects(settings, (entry.fact for entry in corpus.of(Cadence))):
        return
    for label in _labels(corpus):
        if label.fact.priority is not None:
            group = quoted(settings.loops_group)
            message = f"there is no project of loops directly in {group}"
            remedy = "Leave it out: GitLab sets it in the projects of the labels' own group only."
            yield label.problem(("priority",), message, remedy)


def _prune_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    used = frozenset(_used_labels(corpus))
    for label in _labels(corpus):
        if label.fact.prune and label.fact.name in used:
            message = f"policies use {quoted(label.fact.name)}: it cannot go"
            yield label.problem(("prune",), message, _PRUNED)


def _list_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Columns and scopes by labels that do not exist; expressions wait until they render."""
    defined = frozenset(defined_labels(corpus))
    for board in _boards(corpus):
        for path, label in _columns(board.fact):
            if not is_expression(label) and label not in defined:
                remedy = suggestion(label, defined)
                if not remedy.startswith("Did"):
                    remedy = "Define it in a document of the kind 'labels'."
                yield board.problem(path, f"there is no label {quoted(label)}", remedy)


def _columns(board: BoardSpec) -> Iterator[tuple[Path, str]]:
    for field in ("lists", "only"):
        for index, label in enumerate(getattr(board, field)):
            yield (field, index), label


def is_expression(text: str) -> bool:
    """Whether what the text comes to shows only when it is rendered."""
    return "{{" in text or "{%" in text


def defined_labels(corpus: Corpus) -> Iterator[str]:
    """Every label that there will be after `drumbeat setup`."""
    yield from _needed_labels(corpus)
    yield from (label.fact.name for label in _labels(corpus) if not label.fact.prune)


def _used_labels(corpus: Corpus) -> Iterator[str]:
    """Labels that loops, policies or boards need, whatever documents of labels say."""
    yield from _needed_labels(corpus)
    for board in _boards(corpus):
        yield from (label for _, label in _columns(board.fact) if not is_expression(label))
    for cadence in corpus.of(Cadence):
        yield from (label for label in cadence.fact.labels or () if not is_expression(label))
    for triage in corpus.of(TriagePolicy):
        yield from (*triage.fact.where.labels, *triage.fact.where.without)


def _needed_labels(corpus: Corpus) -> Iterator[str]:
    yield from (DRUMBEAT, SNOOZED, ATTENTION, *(state.value for state in State))
    yield from (cadence_label(entry.fact.name) for entry in corpus.of(Cadence))
    yield from (f"manager::{entry.fact.id}" for entry in corpus.managers())
    yield from (f"director::{entry.fact.id}" for entry in corpus.directors())
    for triage in corpus.of(TriagePolicy):
        for rule in triage.fact.rules:
            yield from (*rule.do.label, *rule.do.unlabel)

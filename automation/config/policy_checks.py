"""Policies, checked against each other, the settings and the roster."""

from __future__ import annotations

from collections.abc import Iterator

from automation.config.calendar_checks import calendar_problems
from automation.config.corpus import Corpus, Entry
from automation.config.names import Use, taken_twice
from automation.config.provision_checks import provision_problems
from automation.config.words import Path, quoted
from automation.errors import ConfigProblem
from automation.model.base import is_full_path
from automation.model.policy import Cadence, Settings
from automation.model.triage import TriagePolicy


def policy_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Everything that only shows when the policies are seen together."""
    yield from _name_problems(corpus)
    yield from calendar_problems(corpus)
    settings = next(corpus.of(Settings), None)
    if settings is not None:
        yield from _place_problems(corpus, settings)
    yield from provision_problems(corpus)


def _name_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    policies = (Use(entry.fact.name, entry, ("name",)) for entry in corpus.policies())
    remedy = "Cadences, triage and metrics policies share their names; choose another."
    yield from taken_twice(policies, "the name", remedy)
    for triage in corpus.of(TriagePolicy):
        rules = enumerate(triage.fact.rules)
        uses = (Use(rule.name, triage, ("rules", index, "name")) for index, rule in rules)
        yield from taken_twice(uses, "the rule", "Choose another name.")


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

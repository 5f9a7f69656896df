"""Adopted issues, checked against each other and the cadences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automation.config.corpus import Corpus, Entry
from automation.config.words import quoted, suggestion
from automation.errors import ConfigProblem
from automation.model.key import LoopKey
from automation.model.policy import Adopted, Cadence

Use = tuple[Entry[Adopted], str]
"""An adoption: the document, and the key in it."""


def adopted_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Keys and issues that are adopted twice, and keys whose cadence does not exist."""
    uses = [(entry, key) for entry in corpus.of(Adopted) for key in entry.fact.loops]
    yield from _twice((use, f"the key {use[1]}") for use in uses)
    yield from _twice((use, f"the issue {_issue(use)}") for use in uses)
    if corpus.knows_all(Cadence):
        names = [entry.fact.name for entry in corpus.of(Cadence)]
        for entry, text in uses:
            key = LoopKey.parse(text)
            if key is not None and key.cadence not in names:
                message = f"there is no cadence {quoted(key.cadence)}"
                yield entry.problem(("loops", text), message, suggestion(key.cadence, names))


def _twice(uses: Iterable[tuple[Use, str]]) -> Iterator[ConfigProblem]:
    first: dict[str, Use] = {}
    for (entry, key), what in uses:
        before, before_key = first.setdefault(what, (entry, key))
        if (before, before_key) != (entry, key):
            message = f"{what} is adopted already, at {before.where(('loops', before_key))}"
            yield entry.problem(
                ("loops", key), message, "A key has one issue; keep one of the two."
            )


def _issue(use: Use) -> str:
    issue = use[0].fact.loops[use[1]]
    return f"{issue.project}#{issue.iid}"

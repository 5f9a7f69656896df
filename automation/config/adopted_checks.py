"""Adopted issues, checked against the policies and the roster."""

from __future__ import annotations

from collections.abc import Iterator

from automation.config.corpus import Corpus
from automation.config.names import Use, taken_twice
from automation.config.words import quoted, suggestion
from automation.errors import ConfigProblem
from automation.model.key import LoopKey
from automation.model.policy import Adopted, Cadence
from automation.model.roster import Roster


def adopted_problems(corpus: Corpus) -> Iterator[ConfigProblem]:
    """Issues and keys that are adopted twice, and keys whose cadence does not exist."""
    entries = [(one, text) for one in corpus.of(Adopted) for text in one.fact.loops]
    keys = (Use(text, one, ("loops", text)) for one, text in entries)
    yield from taken_twice(keys, "the key", "Keep one of the two.")
    issues = (Use(one.fact.loops[text], one, ("loops", text)) for one, text in entries)
    yield from taken_twice(issues, "the issue", "An issue holds one key; keep one of the two.")
    if not corpus.knows_all(Cadence, Roster):
        return
    names = [entry.fact.name for entry in corpus.of(Cadence)]
    for one, text in entries:
        key = LoopKey.parse(text)
        if key is not None and key.cadence not in names:
            message = f"there is no cadence {quoted(key.cadence)}"
            yield one.problem(("loops", text), message, suggestion(key.cadence, names))

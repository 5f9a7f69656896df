"""Which policies look at the whole: no shard can run them, so they come after all of them.

A roll-up counts everybody's loops. A summary lists all matches of a rule, and a limit chooses
among all of them. Triage policies run in order, each on what those before it leave, so what
comes after one of these waits as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import dropwhile

from automation.loops import Loops
from automation.model.policy import Cadence
from automation.model.shard import Shard
from automation.model.triage import TriagePolicy
from automation.rules.gathering import SOURCES
from automation.templates import Library


def in_shard(loops: Loops, shard: Shard) -> Loops:
    """What one of several jobs does of all loops and all triage."""
    rest = policies_for_the_rest(loops)
    return replace(loops, scope=replace(loops.scope, shard=shard, for_the_rest=rest))


def policies_for_the_rest(loops: Loops) -> frozenset[str]:
    """The names of the cadences and triage policies that `--shard rest` runs."""
    return frozenset(_names(loops))


def _names(loops: Loops) -> Iterator[str]:
    organisation = loops.organisation
    for cadence in organisation.cadences:
        if cadence.enabled and _gathers_all(cadence, loops.library):
            yield cadence.name
    enabled = (policy for policy in organisation.triages if policy.enabled)
    for policy in dropwhile(lambda one: not _needs_all_matches(one), enabled):
        yield policy.name


def _gathers_all(cadence: Cadence, library: Library) -> bool:
    used = library.get(cadence.template).undeclared()
    return any(name in used for name, source in SOURCES.items() if source.needs_all)


def _needs_all_matches(policy: TriagePolicy) -> bool:
    return any(rule.do.summary is not None or rule.limits.choose for rule in policy.rules)

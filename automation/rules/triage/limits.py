"""How many of a rule's matches it acts on; what is left waits for the next run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from automation.model.triage import TriageLimits
from automation.rules.triage.speech import Said


def candidates(limits: TriageLimits, matches: list[Said]) -> list[Said]:
    """The matches that a rule may act on, in the order in which it does; `matches` by age."""
    if limits.most_recent is not None:
        return matches[::-1][: limits.most_recent]
    return matches[: limits.oldest]


@dataclass
class Quota:
    """What is left of a rule's limits in this run."""

    limits: TriageLimits
    changed: int = 0
    mentioned: Counter[str] = field(default_factory=Counter)

    @property
    def spent(self) -> bool:
        """Whether the rule may change no more issues."""
        return self.limits.at_most is not None and self.changed >= self.limits.at_most

    def affords(self, names: tuple[str, ...]) -> bool:
        """Whether all these people may be addressed once more."""
        most = self.limits.mentions_per_person
        return most is None or all(self.mentioned[name] < most for name in names)

    def spend(self, names: tuple[str, ...]) -> None:
        """Count one issue more, and the people who are addressed on it."""
        self.changed += 1
        self.mentioned.update(names)

"""Which part of the work a run does: `--only manager=mgr-emea-1`, `--shard 2/4`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from automation.model.organisation import Organisation, Subject
from automation.model.shard import Shard

KINDS = ("cadence", "triage", "manager", "director", "report", "group")


@dataclass(frozen=True)
class Scope:
    """Names per kind; a kind that is not named admits everything.

    Where a run is one of several shards, `for_the_rest` are the policies that need the whole.
    """

    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shard: Shard | None = None
    for_the_rest: frozenset[str] = frozenset()

    def admits_policy(self, kind: str, name: str) -> bool:
        """Whether a cadence or triage policy is in scope.

        Naming a policy of the one kind leaves all policies of the other kind out.
        """
        if not self.names.keys() & {"cadence", "triage"}:
            return True
        return name in self.names.get(kind, frozenset())

    def admits(self, subject: Subject) -> bool:
        """Whether a subject is in scope: it, or the people around it, are named."""
        around = {
            "manager": subject.manager,
            "director": subject.director,
            "report": subject.report,
            "group": subject.group,
        }
        return all(
            (one := around[kind]) is not None and one.id in names
            for kind, names in self.names.items()
            if kind in around
        )

    def runs(self, policy: str) -> bool:
        """Whether this shard has anything to do for a triage policy.

        The rest runs all of them: what a summary lists belongs to no other part.
        """
        return self.shard is None or self.shard.is_rest or policy not in self.for_the_rest

    def keeps(self, policy: str, name: str | None) -> bool:
        """Whether what a policy does about something is this shard's, by its lasting name."""
        if self.shard is None:
            return True
        return self.shard.holds(None if policy in self.for_the_rest else name)

    def __bool__(self) -> bool:
        """Whether it names anything: a shard is a part of everything."""
        return bool(self.names)


EVERYTHING = Scope()


def known_names(organisation: Organisation, kind: str) -> tuple[str, ...]:
    """What may be named for a kind."""
    roster = organisation.roster
    entries = {
        "cadence": [cadence.name for cadence in organisation.cadences],
        "triage": [policy.name for policy in organisation.triages],
        "manager": [manager.id for manager in roster.managers],
        "director": [director.id for director in roster.directors],
        "report": [report.id for manager in roster.managers for report in manager.reports],
        "group": [group.id for group in roster.groups],
    }
    return tuple(dict.fromkeys(entries[kind]))

"""Which part of the organisation a run works for: `--only manager=mgr-emea-1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from automation.model.organisation import Organisation, Subject

KINDS = ("cadence", "triage", "manager", "director", "report", "group")


@dataclass(frozen=True)
class Scope:
    """Names per kind; a kind that is not named admits everything."""

    names: Mapping[str, frozenset[str]] = field(default_factory=dict)

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

    def __bool__(self) -> bool:
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

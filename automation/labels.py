"""The labels that loops bear, and how they look.

One exclusive state label tells where a loop stands. Exclusivity is kept by Drumbeat on
every tier, since scoped labels are exclusive on paid ones only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from automation.model.organisation import Organisation, Subject
from automation.model.policy import Cadence, Settings
from automation.model.provision import LabelSpec

DRUMBEAT = "drumbeat"
SNOOZED = "snoozed"
ATTENTION = "attention"


class State(StrEnum):
    """The states of a loop, as labels."""

    OPEN = "loop::open"
    OVERDUE = "loop::overdue"
    DONE = "loop::done"
    MISSED = "loop::missed"
    WAIVED = "loop::waived"


_STATES = {state.value: state for state in State}

ENDED = frozenset({State.DONE, State.MISSED, State.WAIVED})
"""States of a loop that is over."""


def states(labels: Iterable[str]) -> frozenset[State]:
    """The state labels among the labels."""
    return frozenset(_STATES[label] for label in labels if label in _STATES)


def of_loop(cadence: Cadence, subject: Subject) -> tuple[str, ...]:
    """The labels that tell whose loop it is, without its state."""
    return (DRUMBEAT, cadence_label(cadence.name), *_people(subject))


def cadence_label(name: str) -> str:
    """The label of all loops of a cadence."""
    return f"cadence::{name}"


def _people(subject: Subject) -> Iterator[str]:
    if subject.manager is not None:
        yield f"manager::{subject.manager.id}"
    if subject.director is not None:
        yield f"director::{subject.director.id}"


def wanted(organisation: Organisation) -> dict[str, LabelSpec]:
    """Every label that policies ask for, by name; a `labels` document has the last word."""
    specs = {spec.name: spec for spec in _built_in(organisation)}
    return specs | {spec.name: spec for spec in organisation.labels if not spec.prune}


def priority_projects(settings: Settings, cadences: Iterable[Cadence]) -> tuple[str, ...]:
    """The projects in which labels get their priority: of loops, directly in the loops' group.

    In a project, GitLab's API changes its own labels and those of the group it lies in, not
    those of groups above (`find_label` in `lib/api/helpers/label_helpers.rb`).
    """
    named = (settings.default_project, *(one.project for one in cadences if one.project))
    group = settings.loops_group.lower()
    return tuple(dict.fromkeys(one for one in named if one.lower().rpartition("/")[0] == group))


def _built_in(organisation: Organisation) -> Iterator[LabelSpec]:
    yield LabelSpec(name=DRUMBEAT, color="#6B4FBB", description="Opened and kept by Drumbeat")
    yield LabelSpec(name=State.OPEN, color="#428BCA", description="The loop is on")
    yield LabelSpec(name=State.OVERDUE, color="#D9534F", description="The due date has passed")
    yield LabelSpec(name=State.DONE, color="#5CB85C", description="The checklist is complete")
    yield LabelSpec(name=State.MISSED, color="#AD4363", description="The next period came first")
    yield LabelSpec(name=State.WAIVED, color="#8E8E8E", description="Not needed this time")
    yield LabelSpec(name=SNOOZED, color="#F0AD4E", description="No reminders for now")
    yield LabelSpec(name=ATTENTION, color="#CC338B", description="Somebody should have a look")
    for cadence in organisation.cadences:
        yield LabelSpec(name=cadence_label(cadence.name), color="#D1D100")
    for manager in organisation.roster.managers:
        yield LabelSpec(name=f"manager::{manager.id}", color="#0033CC")
    for director in organisation.roster.directors:
        yield LabelSpec(name=f"director::{director.id}", color="#330066")
    for policy in organisation.triages:
        for rule in policy.rules:
            for name in rule.do.plain_labels:
                yield LabelSpec(name=name, color="#ED9121")

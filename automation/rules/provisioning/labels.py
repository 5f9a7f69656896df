"""Labels of the loops' group: made, renamed, painted, put in order of priority, removed.

A label is known by its exact name, as GitLab knows it. What no policy names stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automation.labels import priority_projects, wanted
from automation.model.change import (
    CreateIssue,
    EnsureLabel,
    LabelBefore,
    PrioritizeLabel,
    Problem,
    RemoveLabel,
    Transition,
)
from automation.model.issue import Label
from automation.model.organisation import Organisation
from automation.model.provision import LabelSpec
from automation.model.snapshot import NotReadable, Snapshot
from automation.rules.finding import Finding, settle

Labels = Mapping[str, Label]


def with_labels(
    found: tuple[Finding, ...], organisation: Organisation, snapshot: Snapshot
) -> Iterator[Finding]:
    """The findings, and the labels that they put on issues and that do not exist yet.

    GitLab would make an unknown label silently, in the project; in a note it would
    ignore it. So labels come first, and in the loops' group; where it is not known which
    there are, what needs any is left out.
    """
    used = {name for change in found for name in _put_on(change)}
    labels = tuple(settle("labels", _missing(used, organisation, snapshot)) if used else ())
    lacking = {one.key for one in labels if isinstance(one, Problem)}
    unknown = "labels" in lacking
    yield from (
        one
        for one in found
        if not (_put_on(one) and (unknown or lacking.intersection(_put_on(one))))
    )
    yield from labels


def _put_on(found: Finding) -> tuple[str, ...]:
    match found:
        case CreateIssue():
            return found.labels
        case Transition():
            return found.add_labels
        case _:
            return ()


def _missing(used: set[str], organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    group = organisation.settings.loops_group
    there = _by_name(snapshot.labels(group))
    specs = wanted(organisation)
    for name in sorted(used - there.keys()):
        spec = specs.get(name, LabelSpec(name=name))
        yield from _made(spec, there, group, "a change needs it")


def set_up(organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    """All labels that policies ask for, as far as they differ from what is there."""
    yield from settle("labels", _drifted(organisation, snapshot))
    if all(spec.priority is None for spec in organisation.labels):
        return
    for project in priority_projects(organisation.settings, organisation.cadences):
        key = f"label priorities of {project}"
        yield from settle(key, _priorities(project, organisation, snapshot))


def _by_name(labels: tuple[Label, ...]) -> dict[str, Label]:
    return {label.name: label for label in labels}


def _drifted(organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    group = organisation.settings.loops_group
    there = _by_name(snapshot.labels(group))
    declared = {spec.name for spec in organisation.labels}
    for spec in wanted(organisation).values():
        label = there.get(spec.name)
        if label is None:
            yield from _made(spec, there, group, "policies use it and it does not exist")
        else:
            yield from _left_over(spec, there)
            if spec.name in declared and not _looks_so(label, spec):
                reason = "a `labels` document says how it looks"
                yield _ensure(spec, group, _before(label), reason)
    for spec in organisation.labels:
        if spec.prune and spec.name in there:
            reason = "a `labels` document says `prune: true`"
            before = _before(there[spec.name])
            yield RemoveLabel(
                key=spec.name, reason=reason, group=group, name=spec.name, before=before
            )


def _looks_so(label: Label, spec: LabelSpec) -> bool:
    return (label.color.upper(), label.description) == (spec.color, spec.description)


def _made(spec: LabelSpec, there: Labels, group: str, reason: str) -> Iterator[Finding]:
    """A label that is not there: renamed from what it was, or made."""
    former = [name for name in spec.was if name in there]
    if len(former) > 1:
        yield Problem(
            key=spec.name,
            message=f"it shall be renamed, and there are {' and '.join(former)}: `was` names both",
            remedy="Put one of them on all issues that bear the other, and delete that other.",
            blocking=True,
        )
    elif former:
        before = _before(there[former[0]], former[0])
        yield _ensure(spec, group, before, f"a `labels` document says that it was {former[0]}")
    else:
        yield _ensure(spec, group, None, reason)


def renames(organisation: Organisation, snapshot: Snapshot) -> Mapping[str, str]:
    """Labels that are about to be renamed, and their new names; none where none can be read."""
    specs = [spec for spec in organisation.labels if spec.was]
    try:
        there = _by_name(snapshot.labels(organisation.settings.loops_group)) if specs else {}
    except NotReadable:
        return {}
    former = {spec.name: [name for name in spec.was if name in there] for spec in specs}
    return {old[0]: new for new, old in former.items() if len(old) == 1 and new not in there}


def _left_over(spec: LabelSpec, there: Labels) -> Iterator[Finding]:
    """A former name that somebody uses again, or that was never renamed."""
    for name in spec.was:
        if name in there:
            yield Problem(
                key=spec.name,
                message=f"it was {name}, and both labels exist",
                remedy=f"Put {spec.name} on the issues that bear {name}, then delete {name}; or "
                "take it out of `was`.",
                blocking=True,
            )


def _before(label: Label, name: str = "") -> LabelBefore:
    return LabelBefore(
        id=label.id, name=name, color=label.color.upper(), description=label.description
    )


def _ensure(spec: LabelSpec, group: str, before: LabelBefore | None, reason: str) -> EnsureLabel:
    return EnsureLabel(
        key=spec.name,
        reason=reason,
        group=group,
        name=spec.name,
        color=spec.color,
        description=spec.description,
        before=before,
    )


def _priorities(project: str, organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    """The priorities in a project; each project has its own of the group's labels."""
    labels = _by_name(snapshot.labels(organisation.settings.loops_group))
    here = {label.id: label.priority for label in snapshot.labels(project, in_group=False)}
    for spec in organisation.labels:
        label = next((labels[name] for name in (spec.name, *spec.was) if name in labels), None)
        before = here.get(label.id) if label else None
        if spec.priority is not None and before != spec.priority:
            yield PrioritizeLabel(
                key=f"{project}: {spec.name}",
                reason="a `labels` document says where it comes",
                project=project,
                name=spec.name,
                priority=spec.priority,
                label_id=label.id if label else None,
                before=before,
            )

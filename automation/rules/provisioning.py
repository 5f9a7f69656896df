"""Labels and boards: what a run needs, and what `drumbeat setup` makes."""

from __future__ import annotations

from collections.abc import Iterator

from automation.labels import wanted
from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    LabelBefore,
    Problem,
    Transition,
)
from automation.model.issue import Board
from automation.model.organisation import Organisation, Subject
from automation.model.policy import SubjectKind
from automation.model.provision import BoardSpec, LabelSpec
from automation.model.snapshot import Snapshot
from automation.rules.finding import Finding, settle
from automation.templates import RenderError, render_field

MAX_NAME = 255
"""Characters in a board's name."""


def with_labels(
    found: tuple[Finding, ...], organisation: Organisation, snapshot: Snapshot
) -> Iterator[Finding]:
    """The findings, and the labels that they put on issues and that do not exist yet.

    GitLab would make an unknown label silently, in the project; in a note it would
    ignore it. So labels come first, and in the loops' group; where it is not known which
    there are, what needs any is left out.
    """
    used = {name for change in found for name in _put_on(change)}
    labels = tuple(settle("labels", _missing_labels(used, organisation, snapshot)) if used else ())
    unknown = any(isinstance(one, Problem) for one in labels)
    yield from (one for one in found if not (unknown and _put_on(one)))
    yield from labels


def _put_on(found: Finding) -> tuple[str, ...]:
    match found:
        case CreateIssue():
            return found.labels
        case Transition():
            return found.add_labels
        case _:
            return ()


def _missing_labels(
    used: set[str], organisation: Organisation, snapshot: Snapshot
) -> Iterator[Finding]:
    group = organisation.settings.loops_group
    there = {label.name for label in snapshot.labels(group)}
    specs = wanted(organisation)
    for name in sorted(used - there):
        yield _ensure(specs.get(name, LabelSpec(name=name)), group, None, "a change needs it")


def set_up(organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    """All labels and boards that policies ask for, as far as they differ from what is there."""
    snapshot.identity()  # without anybody's token in order, nothing below can be read
    yield from settle("labels", _drifted_labels(organisation, snapshot))
    for spec in organisation.boards:
        for subject in organisation.subjects(SubjectKind(spec.for_each)):
            yield from settle(spec.name, _board(spec, subject, organisation, snapshot))


def _drifted_labels(organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    group = organisation.settings.loops_group
    there = {label.name: label for label in snapshot.labels(group)}
    declared = {spec.name for spec in organisation.labels}
    for spec in wanted(organisation).values():
        label = there.get(spec.name)
        if label is None:
            yield _ensure(spec, group, None, "policies use it and it does not exist")
        elif spec.name in declared:
            before = LabelBefore(color=label.color.upper(), description=label.description)
            if before != LabelBefore(color=spec.color, description=spec.description):
                yield _ensure(spec, group, before, "a `labels` document says how it looks")


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


def _board(
    spec: BoardSpec, subject: Subject, organisation: Organisation, snapshot: Snapshot
) -> Iterator[Finding]:
    place = spec.group or spec.project or ""
    name = board_name(spec, subject)
    boards = snapshot.boards(place, in_group=spec.group is not None)
    board = next((one for one in boards if one.name == name), None)
    missing = _lists_missing(spec, board)
    if board is None or missing:
        yield EnsureBoard(
            key=f"{place}: {name}",
            reason="policies ask for it" if board is None else f"lacks {', '.join(missing)}",
            place=place,
            in_group=spec.group is not None,
            name=name,
            missing=missing,
            labels_group=organisation.settings.loops_group,
            before=board.id if board else None,
        )


def board_name(spec: BoardSpec, subject: Subject) -> str:
    """The board's name for a subject; RenderError when it comes out empty."""
    context = {"subject": subject, **({"director": subject.director} if subject.director else {})}
    try:
        name = render_field(spec.name, context)
    except RenderError as error:
        raise RenderError(error.reason, remedy=error.remedy, field="name") from error
    if not 0 < len(name) <= MAX_NAME:
        reason = f"comes out {len(name)} characters long, not 1 to {MAX_NAME}"
        raise RenderError(reason, field="name")
    return name


def _lists_missing(spec: BoardSpec, board: Board | None) -> tuple[str, ...]:
    there = {column.label for column in board.lists} if board else set()
    return tuple(label for label in spec.lists if label not in there)

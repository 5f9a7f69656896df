"""Issue boards, each known by its name in its project or group.

A board that somebody renamed is theirs: it is left alone, and another one is made. Lists that
people added stay, and stay where they are among the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from automation.model.base import is_full_path
from automation.model.change import EnsureBoard, Problem
from automation.model.issue import Board
from automation.model.organisation import Organisation, Subject
from automation.model.policy import SubjectKind
from automation.model.provision import BoardSpec
from automation.model.snapshot import NotReadable, Snapshot
from automation.rules.finding import Finding, settle
from automation.rules.provisioning.columns import moves, order_after
from automation.rules.provisioning.labels import renames
from automation.templates import RenderError, render_field

MAX_NAME = 255
"""Characters in a board's name, and in a label's."""


@dataclass(frozen=True)
class WantedBoard:
    """A board for one subject, with its expressions rendered. `place` is a full path."""

    name: str
    place: str
    in_group: bool
    lists: tuple[str, ...]
    only: tuple[str, ...]

    @property
    def key(self) -> str:
        """How changes and problems name it."""
        return f"{self.place}: {self.name}"

    @property
    def labels(self) -> Iterator[tuple[str, int, str]]:
        """Each label of its lists and its scope, with the field and the index there."""
        yield from (("lists", index, label) for index, label in enumerate(self.lists))
        yield from (("only", index, label) for index, label in enumerate(self.only))


@dataclass(frozen=True)
class BoardAddress:
    """Where a board is seen: `path` follows GitLab's address.

    The path filters by the board's labels where the tier has no scope of a board's own.
    """

    name: str
    place: str
    path: str
    subject: str


def board_for(spec: BoardSpec, subject: Subject) -> WantedBoard:
    """The board for a subject; RenderError, with the field, where something comes out wrong."""
    context = _context(subject)
    place = spec.group or _rendered("project", spec.project or "", context)
    if not is_full_path(place):
        raise RenderError(
            f"comes out as {place!r}, which is no full path",
            remedy="Write it such as support/loops.",
            field="project",
        )
    return WantedBoard(
        name=_rendered("name", spec.name, context),
        place=place,
        in_group=spec.group is not None,
        lists=_labels("lists", spec.lists, context),
        only=_labels("only", spec.only, context),
    )


def _context(subject: Subject) -> dict[str, Any]:
    around = {
        "director": subject.director,
        "manager": subject.manager,
        "group": subject.group,
    }
    return {"subject": subject, **{name: one for name, one in around.items() if one is not None}}


def _labels(field: str, expressions: tuple[str, ...], context: dict[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    for index, expression in enumerate(expressions):
        name = _rendered(f"{field}[{index}]", expression, context)
        if name in names:
            raise RenderError(f"{name!r} is there twice", field=f"{field}[{index}]")
        names.append(name)
    return tuple(names)


def _rendered(field: str, expression: str, context: dict[str, Any]) -> str:
    try:
        text = render_field(expression, context)
    except RenderError as error:
        raise RenderError(error.reason, remedy=error.remedy, field=field) from error
    if not 0 < len(text) <= MAX_NAME:
        reason = f"comes out {len(text)} characters long, not 1 to {MAX_NAME}"
        raise RenderError(reason, field=field)
    return text


def subjects(spec: BoardSpec, organisation: Organisation, day: date | None) -> tuple[Subject, ...]:
    """Whom the boards are for: those who are there on the day, or all where none is given."""
    kind = SubjectKind(spec.for_each)
    if day is None:
        return organisation.subjects(kind)
    return tuple(one for one in organisation.subjects(kind, day) if one.is_active(day))


def set_up(
    organisation: Organisation, snapshot: Snapshot, day: date | None = None
) -> Iterator[Finding]:
    """All boards that policies ask for, as far as they differ from what is there."""
    for spec in organisation.boards:
        for subject in subjects(spec, organisation, day):
            yield from settle(spec.name, _board(spec, subject, organisation, snapshot))


def _board(
    spec: BoardSpec, subject: Subject, organisation: Organisation, snapshot: Snapshot
) -> Iterator[Finding]:
    wanted = board_for(spec, subject)
    boards = snapshot.boards(wanted.place, in_group=wanted.in_group)
    board = _named(wanted.name, boards)
    if board is not None:
        board = _renamed(board, renames(organisation, snapshot))
    labels_group = organisation.settings.loops_group
    if board is not None:
        yield from _mended(wanted, board, labels_group)
    elif wanted.in_group and boards and all(one.scope is None for one in boards):
        yield _no_second(wanted, boards[0])
    else:
        yield _new(wanted, labels_group)


def _named(name: str, boards: tuple[Board, ...]) -> Board | None:
    return min((one for one in boards if one.name == name), key=lambda one: one.id, default=None)


def _renamed(board: Board, names: Mapping[str, str]) -> Board:
    """The board as it is once its labels are renamed: they keep their lists."""
    lists = (replace(one, label=names.get(one.label or "", one.label)) for one in board.lists)
    scope = None if board.scope is None else frozenset(names.get(one, one) for one in board.scope)
    return replace(board, lists=tuple(lists), scope=scope)


def _no_second(wanted: WantedBoard, other: Board) -> Problem:
    return Problem(
        key=wanted.key,
        message=f"the group {wanted.place} has the board {other.name!r}, and its tier allows one",
        remedy=f"Rename that board to {wanted.name!r}, or give this one a `project` in place of "
        "the `group`: a project may have several.",
        blocking=True,
    )


def _new(wanted: WantedBoard, labels_group: str) -> EnsureBoard:
    return EnsureBoard(
        key=wanted.key,
        reason="policies ask for it",
        place=wanted.place,
        in_group=wanted.in_group,
        name=wanted.name,
        missing=wanted.lists,
        only=wanted.only or None,
        labels_group=labels_group,
        lists_after=wanted.lists,
    )


def _mended(wanted: WantedBoard, board: Board, labels_group: str) -> Iterator[Finding]:
    """Lists, their order and the scope, as far as they are not as they should be."""
    there = {column.label for column in board.lists}
    missing = tuple(label for label in wanted.lists if label not in there)
    moved = moves(board.lists, missing, wanted.lists)
    rescoped = wanted.only if wanted.only and _drifted(wanted, board) else None
    reasons = [
        *([f"lacks {', '.join(missing)}"] if missing else []),
        *(["its lists are out of order"] if any(one.list_id for one in moved) else []),
        *(["its scope is another one"] if rescoped else []),
    ]
    if reasons:
        yield EnsureBoard(
            key=wanted.key,
            reason=", ".join(reasons),
            place=wanted.place,
            in_group=wanted.in_group,
            name=wanted.name,
            missing=missing,
            moves=moved,
            only=rescoped,
            labels_group=labels_group,
            before=board.id,
            lists_before=tuple(one.label for one in board.lists if one.label is not None),
            lists_after=order_after(board.lists, missing, moved),
        )


def _drifted(wanted: WantedBoard, board: Board) -> bool:
    return board.scope is not None and board.scope != set(wanted.only)


def addresses(
    organisation: Organisation,
    snapshot: Snapshot,
    day: date | None = None,
    only: Subject | None = None,
) -> Iterator[BoardAddress]:
    """Where to see the boards that policies ask for and that exist, of everybody or of one.

    Raises Missing while a place's boards are not known; one that cannot be read has none.
    """
    for spec in organisation.boards:
        for subject in subjects(spec, organisation, day):
            if only is not None and (subject.kind, subject.id) != (only.kind, only.id):
                continue
            try:
                wanted = board_for(spec, subject)
                boards = snapshot.boards(wanted.place, in_group=wanted.in_group)
            except (RenderError, NotReadable):
                continue  # the plan tells why
            board = _named(wanted.name, boards)
            if board is not None:
                path = board_path(wanted, board)
                yield BoardAddress(wanted.name, wanted.place, path, subject.id)


def board_path(wanted: WantedBoard, board: Board) -> str:
    """The board's path below GitLab's address, filtered where it has no scope of its own."""
    group = "groups/" if wanted.in_group else ""
    labels = wanted.only if board.scope is None else ()
    query = "&".join(f"label_name[]={quote(label, safe=':')}" for label in labels)
    return f"/{group}{wanted.place}/-/boards/{board.id}" + (f"?{query}" if query else "")

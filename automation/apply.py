"""Does the changes of a plan, one after the other, and tells what became of each.

The only holder of a Writer. A change that fails is told and the rest goes on (law 9); a
write whose answer was lost is not repeated (law 2): the next run looks first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from automation.errors import OutcomeUnknown, Refused, RemoteError, Unreachable
from automation.model.change import (
    NEXT_URL,
    Change,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    Outcome,
    PrioritizeLabel,
    Provision,
    RemoveLabel,
    Status,
    Transition,
)
from automation.plan import Plan
from automation.ports import Writer

UNAUTHORISED = 401
PATIENCE = 3
"""After so many changes in a row that did not reach GitLab, the rest is not tried."""


def apply(plan: Plan, writer: Writer) -> Iterator[Outcome]:
    """Do the plan's changes in order; each outcome comes as soon as it is known."""
    run = _Run(writer)
    for change in plan.changes:
        yield run.outcome(change)


def under_way(left: tuple[Change, ...]) -> tuple[Outcome, ...]:
    """What became of the change that an interrupted run was at: nobody knows."""
    detail = "interrupted while it was under way; the next run looks"
    return tuple(_told(change, Status.UNKNOWN, detail) for change in left[:1])


@dataclass
class _Run:
    """What has been learned while the plan is applied."""

    writer: Writer
    labels_lacking: set[str] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)
    unreachable: int = 0
    given_up: str = ""

    def outcome(self, change: Change) -> Outcome:
        """Do one change and tell what became of it; remember what later ones must know."""
        told = self._attempt(change)
        if isinstance(change, EnsureLabel) and told.status is not Status.DONE:
            before = change.before
            if before is None or before.name:
                self.labels_lacking.add(change.name)
        if isinstance(change, CreateIssue) and told.status is Status.DONE:
            self.opened[change.key] = told.url
        return told

    def _attempt(self, change: Change) -> Outcome:
        obstacle = self._obstacle(change)
        if obstacle:
            return _told(change, Status.FAILED, f"not tried: {obstacle}")
        try:
            url = self._write(self._completed(change))
        except RemoteError as error:
            return self._failure(change, error)
        self.unreachable = 0
        return _told(change, Status.DONE, url=url)

    def _obstacle(self, change: Change) -> str:
        """Why a change must not be tried, from what became of earlier ones."""
        lacking = self.labels_lacking.intersection(_labels_of(change))
        if lacking and not self.given_up:
            return f"there is no label {', '.join(sorted(lacking))}"
        follows = change.follows if isinstance(change, Transition) else ""
        if follows and follows not in self.opened and not self.given_up:
            return f"{follows} was not opened"
        return self.given_up

    def _completed(self, change: Change) -> Change:
        """The change with the address of the issue that it follows."""
        if not (isinstance(change, Transition) and change.follows):
            return change
        say = change.say.replace(NEXT_URL, self.opened[change.follows])
        return change.model_copy(update={"say": say})

    def _write(self, change: Change) -> str:
        match change:
            case CreateIssue():
                return self.writer.create_issue(change)
            case Transition():
                return self.writer.transition(change)
        return self._provide(change)

    def _provide(self, change: Provision) -> str:
        match change:
            case EnsureLabel():
                return self.writer.ensure_label(change)
            case PrioritizeLabel():
                return self.writer.prioritize_label(change)
            case RemoveLabel():
                return self.writer.remove_label(change)
            case EnsureBoard():
                return self.writer.ensure_board(change)
        return self.writer.ensure_schedule(change)

    def _failure(self, change: Change, error: RemoteError) -> Outcome:
        if isinstance(error, OutcomeUnknown):
            return _told(change, Status.UNKNOWN, str(error))
        self.unreachable = self.unreachable + 1 if isinstance(error, Unreachable) else 0
        if self.unreachable >= PATIENCE:
            self.given_up = "GitLab cannot be reached"
        if isinstance(error, Refused) and error.status == UNAUTHORISED:
            self.given_up = "GitLab no longer takes the token"
        return _told(change, Status.FAILED, str(error))


def _labels_of(change: Change) -> tuple[str, ...]:
    match change:
        case CreateIssue():
            return change.labels
        case Transition():
            return change.add_labels
        case PrioritizeLabel():
            return (change.name,)
        case EnsureBoard():
            return (*change.missing, *(change.only or ()))
        case _:
            return ()


def _told(change: Change, status: Status, detail: str = "", url: str = "") -> Outcome:
    return Outcome(
        change=change.id,
        kind=change.kind,
        key=change.key,
        deed=_deed(change),
        status=status,
        detail=detail,
        url=url,
    )


def _deed(change: Change) -> str:
    match change:
        case CreateIssue():
            return "open"
        case Transition():
            return change.to.removeprefix("loop::")
    return _DEEDS[type(change)]


_DEEDS = {
    EnsureLabel: "label",
    PrioritizeLabel: "priority",
    RemoveLabel: "remove",
    EnsureBoard: "board",
    EnsureSchedule: "schedule",
}

"""One change: whether to try it, what came of it, and what that means for later ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from automation.errors import OutcomeUnknown, Refused, RemoteError, Unreachable
from automation.model.change import (
    NEXT_URL,
    Change,
    CreateIssue,
    Did,
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
from automation.ports import Receipts, Writer, receipts

UNAUTHORISED = 401
PATIENCE = 3
"""After so many changes in a row that did not reach GitLab, the rest is not tried."""


@dataclass(frozen=True)
class Result:
    """What came of a write: the URL where it shows, or what went wrong; and GitLab's receipts."""

    url: str
    error: RemoteError | None
    receipts: Receipts


def attempt(writer: Writer, change: Change) -> Result:
    """Do one change."""
    with receipts() as collected:
        try:
            return Result(_done(writer, change), None, collected)
        except RemoteError as error:
            return Result("", error, collected)


def _done(writer: Writer, change: Change) -> str:
    match change:
        case CreateIssue():
            return writer.create_issue(change)
        case Transition():
            return writer.transition(change)
    return _provide(writer, change)


def _provide(writer: Writer, change: Provision) -> str:
    match change:
        case EnsureLabel():
            return writer.ensure_label(change)
        case PrioritizeLabel():
            return writer.prioritize_label(change)
        case RemoveLabel():
            return writer.remove_label(change)
        case EnsureBoard():
            return writer.ensure_board(change)
    return writer.ensure_schedule(change)


@dataclass
class Attempts:
    """What has been learned while the plan is applied."""

    labels_lacking: set[str] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)
    unreachable: int = 0
    given_up: str = ""

    def not_tried(self, change: Change) -> Outcome | None:
        """What became of a change that must not be tried, from the fate of earlier ones."""
        obstacle = self._obstacle(change)
        if not obstacle:
            return None
        return self._remembered(change, told(change, Status.FAILED, f"not tried: {obstacle}"))

    def outcome(self, change: Change, result: Result) -> Outcome:
        """What became of a change that was tried; remembers what later ones must know."""
        if result.error is not None:
            found = self._failure(change, result.error)
        else:
            self.unreachable = 0
            found = told(change, Status.DONE, url=result.url)
        stamps = {"request_id": " ".join(result.receipts.request_ids), "at": result.receipts.at}
        return self._remembered(change, found.model_copy(update=stamps))

    def completed(self, change: Change) -> Change:
        """The change with the address of the issue that it follows."""
        if not (isinstance(change, Transition) and change.follows):
            return change
        say = change.say.replace(NEXT_URL, self.opened[change.follows])
        return change.model_copy(update={"say": say})

    def _remembered(self, change: Change, outcome: Outcome) -> Outcome:
        if isinstance(change, EnsureLabel) and outcome.status is not Status.DONE:
            before = change.before
            if before is None or before.name:
                self.labels_lacking.add(change.name)
        if isinstance(change, CreateIssue) and outcome.status is Status.DONE:
            self.opened[change.key] = outcome.url
        return outcome

    def _obstacle(self, change: Change) -> str:
        lacking = self.labels_lacking.intersection(_labels_of(change))
        if lacking and not self.given_up:
            return f"there is no label {', '.join(sorted(lacking))}"
        follows = change.follows if isinstance(change, Transition) else ""
        if follows and follows not in self.opened and not self.given_up:
            return f"{follows} was not opened"
        return self.given_up

    def _failure(self, change: Change, error: RemoteError) -> Outcome:
        if isinstance(error, OutcomeUnknown):
            return told(change, Status.UNKNOWN, str(error))
        self.unreachable = self.unreachable + 1 if isinstance(error, Unreachable) else 0
        if self.unreachable >= PATIENCE:
            self.given_up = "GitLab cannot be reached"
        status = error.status if isinstance(error, Refused) else None
        if status == UNAUTHORISED:
            self.given_up = "GitLab no longer takes the token"
        failed = told(change, Status.FAILED, str(error))
        return failed.model_copy(update={"in_part": status is not None and 200 <= status < 300})


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


def told(change: Change, status: Status, detail: str = "", url: str = "") -> Outcome:
    """The outcome of a change."""
    return Outcome(
        change=change.id,
        kind=change.kind,
        key=change.key,
        deed=_deed(change),
        status=status,
        detail=detail,
        url=url,
        did=_did(change),
    )


def _did(change: Change) -> Did | None:
    match change:
        case CreateIssue():
            last = change.description.rstrip().rpartition("\n")[2]
            marker = last if last.startswith("<!-- drumbeat:") else ""
            return Did(project_id=change.project_id, project=change.project, marker=marker)
        case Transition(target=target):
            return Did(
                project_id=target.project_id,
                project=target.project,
                iid=target.iid,
                to=change.to,
                add_labels=change.add_labels,
                remove_labels=change.remove_labels,
                close=change.close,
                reopen=change.reopen,
                said=bool(change.say),
                follows=change.follows,
                beyond=tuple(_beyond(change)),
            )
    return None


def _beyond(change: Transition) -> Iterator[str]:
    """What a transition does that nobody can take back without knowing what was there before."""
    if change.assign is not None:
        yield "who is assigned"
    if change.milestone is not None:
        yield "its milestone"
    if change.due_date is not None:
        yield "its due date"
    if change.move_to:
        yield f"its place: it was moved to {change.move_to}"


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

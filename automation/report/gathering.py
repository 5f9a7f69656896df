"""All facts that the pages show, read in as few rounds as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from automation.loops import Loops
from automation.model.organisation import Organisation
from automation.model.policy import SubjectKind
from automation.model.questions import Question
from automation.model.roster import Group
from automation.model.scope import EVERYTHING, Scope
from automation.model.snapshot import Missing, NotReadable, Snapshot
from automation.report.history import History, history_of
from automation.rules.health import Initiatives, initiatives_of
from automation.rules.provisioning.boards import BoardAddress, addresses

Part = TypeVar("Part")


@dataclass(frozen=True)
class Facts:
    """What the pages are made of.

    `groups` has the initiatives by the group's id, None where GitLab does not show them.
    `complete` is False where confidential loops may be missing, since Drumbeat's role in the
    loops' project is not proven. `scope` is the part of the organisation that they show.
    """

    organisation: Organisation
    now: datetime
    history: History = field(default_factory=History)
    groups: Mapping[str, Initiatives | None] = field(default_factory=dict)
    boards: tuple[BoardAddress, ...] = ()
    complete: bool = True
    scope: Scope = EVERYTHING

    def shows(self, kind: SubjectKind, id: str) -> bool:
        """Whether the pages are about this subject, as the roster has it today."""
        subject = self.organisation.subject(kind, id, self.now.astimezone(UTC).date())
        return subject is not None and self.scope.admits(subject)

    def boards_of(self, subject: str) -> tuple[BoardAddress, ...]:
        """The boards that policies ask for, for this subject."""
        return tuple(one for one in self.boards if one.subject == subject)


def gather(loops: Loops, snapshot: Snapshot, now: datetime) -> Facts:
    """Everything that the pages show; Missing with all that is not read yet."""
    organisation = loops.organisation
    settings = organisation.settings
    today = now.astimezone(UTC).date()
    bare = Facts(organisation, now, scope=loops.scope)
    active = [
        one
        for one in organisation.groups.values()
        if one.is_active(today) and bare.shows(SubjectKind.GROUP, one.id)
    ]
    asked = Rounds()
    history = asked.part(lambda: history_of(loops, snapshot, now))
    access = asked.part(lambda: snapshot.access(settings.loops_group))
    boards = asked.part(lambda: tuple(addresses(organisation, snapshot, today)))
    groups = [asked.part(_initiatives(one, organisation, snapshot, now)) for one in active]
    asked.raise_missing()
    return replace(
        bare,
        history=history(),
        groups={group.id: found() for group, found in zip(active, groups, strict=True)},
        boards=boards(),
        complete=settings.default_project in access().projects,
    )


def _initiatives(
    group: Group, organisation: Organisation, snapshot: Snapshot, now: datetime
) -> Callable[[], Initiatives | None]:
    def look() -> Initiatives | None:
        try:
            return initiatives_of(group, organisation.settings, snapshot, now)
        except NotReadable:
            return None

    return look


class Rounds:
    """Thinks several thoughts, so that one round of reading serves all of them."""

    def __init__(self) -> None:
        self._missing: dict[Question, None] = {}

    def part(self, thought: Callable[[], Part]) -> Callable[[], Part]:
        """The thought, whose questions are kept if it cannot be thought yet."""
        try:
            found = thought()
        except Missing as missing:
            self._keep(missing.questions)
            return thought
        return lambda: found

    def _keep(self, questions: Iterable[Question]) -> None:
        self._missing |= dict.fromkeys(questions)

    def raise_missing(self) -> None:
        """Raises Missing with all questions that were kept, if any were."""
        if self._missing:
            raise Missing(*self._missing)

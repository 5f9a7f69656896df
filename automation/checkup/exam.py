"""What every check is given: the configuration, what GitLab says, and the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from automation.identity import Trust
from automation.loops import Loop, Loops
from automation.model.issue import Access
from automation.model.policy import Cadence
from automation.model.snapshot import Snapshot
from automation.model.subject import Subject
from automation.stock import Stock, take_stock
from automation.templates import RenderError

AHEAD = timedelta(days=400)
"""A cadence that opens nothing within so long asks for nothing yet."""


@dataclass(frozen=True)
class Use:
    """The loop that a subject has in a project, or gets there next, and who is assigned."""

    loop: Loop
    assignee: str | None


@dataclass(frozen=True)
class Exam:
    """One examination.

    `loops` are everybody's, `running` those that runs work for: in a pilot, fewer. `clock` is
    this machine's time, None where another one is pretended; `pipelines` is the path of the
    project whose pipelines run Drumbeat, empty where none was named.
    """

    loops: Loops
    running: Loops
    snapshot: Snapshot
    now: datetime
    clock: datetime | None = None
    pipelines: str = ""

    @property
    def today(self) -> date:
        """The date in UTC."""
        return self.now.astimezone(UTC).date()

    @property
    def access(self) -> Access:
        """The projects in which the token's role is proven."""
        return self.snapshot.access(self.loops.organisation.settings.loops_group)

    @cached_property
    def trust(self) -> Trust:
        """Whose issues are Drumbeat's own."""
        settings = self.loops.organisation.settings
        return Trust.of(self.snapshot.identity().user, settings.drumbeat_users)

    @cached_property
    def stock(self) -> Stock:
        """The loops that exist."""
        return take_stock(self.loops, self.snapshot, self.now)

    @cached_property
    def places(self) -> Mapping[str, tuple[Use, ...]]:
        """The projects that cadences use, by path, with what for.

        What cannot be rendered is left out: `drumbeat lint` tells it with file and line.
        """
        found: dict[str, list[Use]] = defaultdict(list)
        for cadence, subject in self.loops.pairs():
            loop = self._current_or_next(cadence, subject)
            with suppress(RenderError):
                if loop is not None:
                    found[loop.project].append(Use(loop, loop.assignee))
        return {path: tuple(found[path]) for path in sorted(found)}

    def _current_or_next(self, cadence: Cadence, subject: Subject) -> Loop | None:
        loop = self.loops.at(cadence, subject, self.now)
        return loop or next(self._coming(cadence, subject), None)

    def _coming(self, cadence: Cadence, subject: Subject) -> Iterator[Loop]:
        for loop in self.loops.coming(cadence, subject, self.now, self.now + AHEAD):
            if loop.subject.is_active(loop.occurrence.day):
                yield loop

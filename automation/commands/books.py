"""Where a run keeps what became of its changes: the file of outcomes, and the audit trail.

Both are opened before anything is done, so that a file which cannot be written stops a run
that has done nothing yet. Of a run that is killed, the trail has what was done until then.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TextIO

from automation.commands.console import tell
from automation.commands.workspace import write
from automation.errors import UsageError
from automation.model.change import Change, Outcome
from automation.plan import Plan
from automation.render.audit import audit_line, job_of
from automation.render.files import outcomes_json


class Books:
    """A run's records; a context for as long as its changes are done.

    `force` is why the run may go past its limits. Raises UsageError where a file cannot be
    written. `gitlab`, the address, is set once it is known; `broken` tells that the trail could
    not be written to its end.
    """

    def __init__(
        self, outcomes: Path | None = None, audit: Path | None = None, force: str = ""
    ) -> None:
        self.gitlab = ""
        self.broken = False
        self._outcomes = outcomes
        self._audit = audit
        self._trail: TextIO | None = None
        self._force = force
        self._job = job_of(os.environ)
        self._changes: dict[str, Change] = {}
        self._kept: set[str] = set()
        if outcomes is not None:
            write(outcomes, "")
        if audit is not None:
            _opened(audit).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._trail is not None:
            with suppress(OSError):  # what was not written was told when it was not
                self._trail.close()

    def begin(self, plan: Plan) -> None:
        """This plan is about to be done."""
        self._changes = {change.id: change for change in plan.changes}
        if self._audit is not None:
            self._trail = _opened(self._audit)

    def keep(self, outcome: Outcome) -> None:
        """Add what became of a change to the trail, at once; nothing where it has it."""
        if self._trail is None or self.broken or outcome.change in self._kept:
            return
        self._kept.add(outcome.change)
        change = self._changes.get(outcome.change)
        line = audit_line(outcome, change, datetime.now(UTC), self._job, self._force)
        try:
            self._trail.write(f"{line}\n")
            self._trail.flush()
        except OSError as error:  # what is under way goes on: to stop half-way mends nothing
            self.broken = True
            tell(f"The audit trail {self._trail.name} cannot be written: {error.strerror}")

    def close(self, plan: Plan, outcomes: tuple[Outcome, ...], *, interrupted: bool) -> None:
        """Write what became of the whole run."""
        for outcome in outcomes:
            self.keep(outcome)
        if self._outcomes is not None:
            record = outcomes_json(
                plan, outcomes, self._force, interrupted=interrupted, gitlab=self.gitlab
            )
            write(self._outcomes, record)


def _opened(file: Path) -> TextIO:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error

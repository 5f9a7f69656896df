"""Gives an open loop to whoever took over its subject since it opened.

Only where the roster tells who had it and who has it now, and only while it is still
assigned to the one who had it: whom a person chose instead stays chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

from automation.inert import inert
from automation.model.change import Assignee
from automation.model.issue import Role
from automation.model.roster import Person
from automation.rules.case import Case, problem
from automation.rules.finding import Finding


def reassigned(case: Case) -> Iterator[Finding]:
    """The change of assignee with a word, or why it cannot be."""
    before, now = case.loop.owner, case.loop.owner_on(case.today)
    if before is None or now is None or before.username == now.username:
        return
    assigned = {user.username.casefold() for user in case.issue.assignees}
    if assigned != {before.username.casefold()} or case.loop.cadence.assignee is not None:
        return
    user = case.snapshot.user(now.username)
    if user is None:
        yield _impossible(case, now, "GitLab knows no such user")
    elif case.snapshot.role(case.issue.ref.project_id, user.id) < Role.GUEST:
        yield _impossible(case, now, f"not a member of {case.issue.project}")
    else:
        text = f"{inert(now.display_name)} takes this over from {inert(before.display_name)}."
        words = case.addressed(f"reassigned-{now.id}", text, also=(user.username,))
        yield from case.give(Assignee(id=user.id, username=user.username), words)


def _impossible(case: Case, now: Person, why: str) -> Finding:
    message = f"@{now.username} has taken over, but cannot be assigned: {why}"
    return problem(case.held, message, "Add them to the project, or assign somebody by hand.")

"""Opens the loops that are due and have no issue yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from automation.carry_over import HEADING, Origin, carried_over
from automation.checklist import read
from automation.identity import marker
from automation.labels import ATTENTION, State
from automation.loops import MAX_DESCRIPTION, Loop
from automation.model.change import CreateIssue, Problem
from automation.model.issue import Access, Project
from automation.model.policy import WhenPreviousOpen
from automation.model.snapshot import Snapshot
from automation.rules.case import Case
from automation.rules.escalating import Told, escalated
from automation.rules.finding import Finding, settle
from automation.rules.gathering import gathered
from automation.stock import Held, Stock
from automation.templates import RenderError


def open_loops(stock: Stock, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """What opens now, once per key; nothing for a loop that calendar or roster skip."""
    for loop in stock.loops.due(now):
        if not (stock.exists(loop.key) or loop.skipped or _superseded(loop, stock)):
            before = tuple(_still_on(loop, stock, snapshot, now))
            yield from settle(str(loop.key), _open(loop, before, stock, snapshot, now))


def _superseded(loop: Loop, stock: Stock) -> bool:
    """Whether a later period's loop is there already: the schedule was changed since."""
    if loop.cadence.backfill:
        return False
    others = (
        stock.loops.for_key(held.key, held.issue.created_at) for held in stock.of_pair(loop.key)
    )
    return any(_before(loop, other) for other in others if other is not None)


def _before(one: Loop, other: Loop) -> bool:
    return one.occurrence.period.start < other.occurrence.period.start


def _still_on(loop: Loop, stock: Stock, snapshot: Snapshot, now: datetime) -> Iterator[Held]:
    """The loops before that outlive this run, unless the new one takes over."""
    for held in stock.others_still_on(loop.key):
        old = stock.loops.for_key(held.key, held.issue.created_at)
        if old is None or not _before(old, loop):
            continue
        if not Case(held, old, stock, snapshot, now, ()).ends_now:
            yield held


def _open(
    loop: Loop, before: tuple[Held, ...], stock: Stock, snapshot: Snapshot, now: datetime
) -> Iterator[Finding]:
    if before and loop.when_previous_open is WhenPreviousOpen.WAIT:
        return
    project = _project(loop, snapshot.access(loop.organisation.settings.loops_group))
    if isinstance(project, Problem):
        yield project
        return
    loop = gathered(loop, snapshot, now)
    if not read(loop.body).items:
        yield Problem(
            key=str(loop.key),
            message="there is nothing to tick in it for now, so it is not opened",
            remedy="Nothing, if the team is empty; otherwise mend the template.",
        )
    else:
        told = None
        if loop.when_previous_open is WhenPreviousOpen.CARRY_OVER:
            told = escalated(loop, before, stock, snapshot)
        yield from _issue(loop, project, before, told, _assignee(loop, now), snapshot)


def _assignee(loop: Loop, now: datetime) -> str | None:
    """Who is assigned: where a loop opens late, whoever took over meanwhile."""
    name, owner = loop.assignee, loop.owner
    if owner is None or loop.cadence.assignee is not None or name != owner.username:
        return name
    today = loop.owner_on(now.astimezone(loop.subject.zone).date())
    return today.username if today else name


def _issue(
    loop: Loop,
    project: Project,
    before: tuple[Held, ...],
    told: Told | None,
    username: str | None,
    snapshot: Snapshot,
) -> Iterator[Finding]:
    assignee = snapshot.user(username) if username else None
    if username and assignee is None:
        yield Problem(
            key=str(loop.key),
            message=f"GitLab knows no user @{username}; the loop opens without an assignee",
            remedy="Mend `username` in the roster, and assign the issue by hand.",
            blocking=True,
        )
    carries_over = loop.when_previous_open is WhenPreviousOpen.CARRY_OVER
    holds_secrets = carries_over and any(held.issue.confidential for held in before)
    yield CreateIssue(
        key=str(loop.key),
        reason=_reason(loop),
        project_id=project.id,
        project=project.path,
        title=loop.title,
        description=_description(loop, before, told.text if told else ""),
        labels=(*loop.labels, State.OPEN.value, *((ATTENTION,) if told else ())),
        assignee_ids=(assignee.id,) if assignee else (),
        assignees=(assignee.username,) if assignee else (),
        due_date=loop.due,
        confidential=loop.confidential or holds_secrets,
        mentions=told.mentions if told else (),
    )


_REMEDY = (
    "Create the project if need be, with issues enabled, and give the token's user the role "
    "Planner or above there."
)


def _project(loop: Loop, access: Access) -> Project | Problem:
    """The project in which the loop opens, or why nothing may be created there."""
    project = access.projects.get(loop.project)
    if project is None:
        refusal = (
            f"the token's role in {loop.project} is not proven to be Planner or above, or there "
            "is no such project: confidential issues may be hidden, so nothing is created there"
        )
    elif project.archived:
        refusal = f"{project.path} is archived: nothing is created there"
    elif not project.issues_enabled:
        refusal = f"issues are switched off in {project.path}: nothing is created there"
    else:
        return project
    return Problem(key=loop.project, message=refusal, remedy=_REMEDY, blocking=True)


def _reason(loop: Loop) -> str:
    opens_at = loop.occurrence.opens_at
    return (
        f"{loop.occurrence.period.label} began on {opens_at:%a %Y-%m-%d %H:%M %Z} and has no loop"
    )


def _description(loop: Loop, before: tuple[Held, ...], told: str) -> str:
    body = loop.body
    parts = [told, body.rstrip("\n")] if told else [body.rstrip("\n")]
    if loop.when_previous_open is WhenPreviousOpen.CARRY_OVER:
        old = [
            (held.issue.description, Origin(held.key.period, held.issue.web_url)) for held in before
        ]
        carried = carried_over(body, old, loop.optional)
        if carried:
            parts.append("\n".join([HEADING, "", *(one.line for one in carried)]))
    parts.append(marker(loop.key))
    text = "\n\n".join(parts) + "\n"
    if len(text) > MAX_DESCRIPTION:
        raise RenderError(f"the description is {len(text)} characters long; GitLab takes 1048576")
    return text

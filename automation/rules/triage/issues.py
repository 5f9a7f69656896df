"""Issues that rules open: one that follows a match, and one that lists all matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from itertools import chain
from typing import Any

from automation.loops import MAX_DESCRIPTION, MAX_TITLE
from automation.model.change import CreateIssue, Problem
from automation.model.issue import Issue, Project, User
from automation.model.period import PeriodKind
from automation.model.triage import FollowUp, Summary, TriagePolicy, TriageRule
from automation.periods import Period, period_of
from automation.rules.triage.deeds import due_day, impossible
from automation.rules.triage.desk import UTC, Desk
from automation.rules.triage.draft import Draft
from automation.rules.triage.made import (
    Carriers,
    before_moves,
    is_made,
    known,
    made,
    made_marker,
    of_match,
    twins,
)
from automation.rules.triage.speech import Said, group_context
from automation.templates import RenderError, render_title

# --- One for each match --------------------------------------------------------------------


def follow_up(said: Said, follow: FollowUp, oldest: datetime) -> CreateIssue | tuple[Issue, ...]:
    """The issue that follows a match, or those that do so already and are open.

    `oldest` is when the oldest match was created: so all matches share one list. Raises
    Impossible where it cannot be opened.
    """
    desk, issue = said.desk, said.draft.issue
    if is_made(issue, desk):
        return ()
    place, in_group = _where_it_is(said, follow)
    listed = made(place, desk.since(oldest), desk, in_group=in_group)
    carriers = of_match(said.what, issue.ref.project_id, issue.project, issue.ref.iid)
    for one in chain((carriers,), before_moves(said.what, issue, desk)):
        found = known(listed, one)
        if found:
            return twins(found, one)
    return _opened(said, follow, carriers)


def _opened(said: Said, follow: FollowUp, carriers: Carriers) -> CreateIssue:
    desk, issue = said.desk, said.draft.issue
    project = desk.writable(follow.project or issue.project)
    if isinstance(project, str):
        remedy = "Give the token's user the role Planner or above there, or mend the policy."
        raise impossible(said.draft, f"no issue follows it: {project}", remedy)
    users = _assignees(said, follow)
    context = follow_context(said)
    return CreateIssue(
        key=f"{said.what}/{issue.reference}",
        reason=said.reason,
        project_id=project.id,
        project=project.path,
        title=titled(follow.title, context, carriers.tail),
        description=_description(follow.template, context, carriers.marker, desk),
        labels=follow.labels,
        assignee_ids=tuple(user.id for user in users),
        assignees=tuple(user.username for user in users),
        due_date=due_day(follow.due, said.draft.group, desk) if follow.due else None,
        confidential=follow.confidential or issue.confidential,
    )


def _where_it_is(said: Said, follow: FollowUp) -> tuple[str, bool]:
    """Where an issue that follows a match lies: in one project, or anywhere in the group."""
    where = said.policy.where
    if follow.project or where.group is None:
        return follow.project or said.draft.issue.project, False
    return where.group, True


def follow_context(said: Said) -> dict[str, Any]:
    """The names that the title and the template of a follow-up may use."""
    return {
        "issue": said.draft.seen,
        "policy": said.policy,
        "rule": said.rule,
        "quiet_days": said.quiet.days if said.quiet else 0,
        **group_context(said.draft.group),
    }


def _assignees(said: Said, follow: FollowUp) -> tuple[User, ...]:
    draft = said.draft
    if follow.assign == "assignees":
        return draft.seen.assignees
    if follow.assign == "author":
        return (draft.seen.author,)
    sponsor = draft.group.owner if follow.assign and draft.group else None
    if sponsor is None:
        return ()
    user = said.desk.snapshot.user(sponsor.username)
    if user is None:
        message = f"GitLab knows no user @{sponsor.username}: no issue follows it"
        raise impossible(draft, message, "Mend `username` in the roster.")
    return (user,)


def titled(expression: str, context: dict[str, Any], tail: str = "") -> str:
    """A title with its tail, cut to what GitLab takes; RenderError where there is none."""
    title = render_title(expression, context)[: MAX_TITLE - len(tail)].rstrip() + tail
    if not title.strip():
        raise RenderError("comes out empty", field="title")
    return title


def _description(template: str, context: dict[str, Any], marker: str, desk: Desk) -> str:
    text = f"{desk.library.get(template).render(context).rstrip()}\n\n{marker}\n"
    if len(text) > MAX_DESCRIPTION:
        raise RenderError(f"the description is {len(text)} characters long; GitLab takes 1048576")
    return text


# --- One for all matches -------------------------------------------------------------------


def period_now(kind: PeriodKind, desk: Desk) -> Period:
    """The period in which a summary counts, by the calendar of UTC."""
    day = desk.now.astimezone(UTC).date()
    return period_of(day, kind, desk.organisation.settings.fiscal_year_start)


def summaries(
    policy: TriagePolicy, rule: TriageRule, wanted: Summary, desk: Desk
) -> tuple[Issue, ...] | None:
    """This period's summaries that are open; None where there was never one.

    Raises NotReadable if nobody knows.
    """
    period = period_now(wanted.period, desk)
    start = datetime.combine(period.start, time.min, UTC)
    listed = made(wanted.project, desk.since(start), desk, in_group=False)
    title = titled(wanted.title, summary_context(policy, rule, period, ()))
    marker = made_marker(f"{policy.name}/{rule.name}", period.label)
    exact = [one for one in listed if marker in one.description or one.title == title]
    carriers = Carriers(marker, title)
    found = known(exact, carriers)
    return twins(found, carriers) if found else None


def summary(
    policy: TriagePolicy, rule: TriageRule, wanted: Summary, matches: list[Draft], desk: Desk
) -> Iterator[CreateIssue | Problem]:
    """The issue that lists all matches of this period."""
    period = period_now(wanted.period, desk)
    what = f"{policy.name}/{rule.name}"
    project = desk.writable(wanted.project)
    if not isinstance(project, Project):
        message = f"the summary is not opened: {project}"
        remedy = "Give the token's user the role Planner or above there, or mend the policy."
        yield Problem(key=what, message=message, remedy=remedy, blocking=True)
        return
    listed = tuple(_shown(draft.seen) for draft in matches)
    context = summary_context(policy, rule, period, listed)
    number = f"{len(listed)} match" if len(listed) == 1 else f"{len(listed)} matches"
    yield CreateIssue(
        key=f"{what}/{period.label}",
        reason=f"{what}: {number} for {rule.when}",
        project_id=project.id,
        project=project.path,
        title=titled(wanted.title, context),
        description=_description(wanted.template, context, made_marker(what, period.label), desk),
        labels=wanted.labels,
        confidential=wanted.confidential,
    )


def summary_context(
    policy: TriagePolicy, rule: TriageRule, period: Period, matches: tuple[Issue, ...]
) -> dict[str, Any]:
    """The names that the title and the template of a summary may use."""
    return {"policy": policy, "rule": rule, "period": period.label, "matches": matches}


def _shown(issue: Issue) -> Issue:
    """What a summary may know of an issue: of a confidential one, its reference alone."""
    if not issue.confidential:
        return issue
    return replace(
        issue, title="(confidential)", description="", labels=frozenset(), assignees=(),
        author=User(0, "", ""), milestone=None, iteration=None,
    )  # fmt: skip

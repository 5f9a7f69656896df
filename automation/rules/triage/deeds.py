"""What a rule does to the issue itself: labels, state, people, milestone, date, place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from automation.model.change import Assignee, MilestoneChoice, Problem
from automation.model.due import DueRule, DueUnit
from automation.model.issue import User
from automation.model.organisation import Subject
from automation.model.triage import TriageAction
from automation.periods import WorkingCalendar
from automation.rules.triage import undone
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft


class Impossible(Exception):
    """What a rule asks for cannot be done to this issue."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def impossible(draft: Draft, message: str, remedy: str) -> Impossible:
    """The reason why a rule cannot be done to the issue."""
    issue = draft.issue
    return Impossible(
        Problem(
            key=issue.reference, message=message, remedy=remedy, url=issue.web_url, blocking=True
        )
    )


Deed = Callable[[TriageAction, Draft, Desk], Draft]


def altered(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    """The draft as the rule leaves it; the same draft where nothing is to be done.

    Raises Impossible where it cannot be done, Missing while something is to be asked.
    """
    for deed in _DEEDS:
        draft = deed(do, draft, desk)
    return draft


def _labels(do: TriageAction, draft: Draft, _desk: Desk) -> Draft:
    labels = frozenset(
        label
        for label in draft.seen.labels
        if not any(fnmatchcase(label, pattern) for pattern in do.unlabel)
    )
    for label in do.label:
        labels = _with(labels, label)
    return draft if labels == draft.seen.labels else draft.showing(labels=labels)


def _with(labels: frozenset[str], label: str) -> frozenset[str]:
    """The labels and one more; of its scope, it is the only one on every tier.

    Source: GitLab's documentation, "Scoped labels": the scope ends at the last `::`.
    """
    scope = label.rpartition("::")[0]
    kept = (one for one in labels if not scope or one.rpartition("::")[0] != scope)
    return frozenset((*kept, label))


def _state(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    opened = draft.seen.opened
    if do.close and opened and not undone.closed_in_vain(desk, draft.issue):
        return draft.showing(opened=False)
    if do.reopen and not opened and not undone.reopened_in_vain(desk, draft.issue):
        return draft.showing(opened=True)
    return draft


def _assignee(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    user = _chosen(do.assign, draft, desk) if do.assign else None
    if user is None or [one.id for one in draft.seen.assignees] == [user.id]:
        return draft
    if undone.was_assigned(desk, draft.issue):
        return draft
    given = Assignee(id=user.id, username=user.username)
    return replace(draft.showing(assignees=(user,)), assign=given)


def _chosen(who: str, draft: Draft, desk: Desk) -> User | None:
    if who == "author":
        return draft.seen.author
    name = who
    if who == "group.sponsor":
        sponsor = draft.group.owner if draft.group else None
        if sponsor is None:
            return None
        name = sponsor.username
    user = desk.snapshot.user(name)
    if user is None:
        remedy = "Mend the user name in the policy, or `username` in the roster."
        raise impossible(draft, f"GitLab knows no user @{name}: it is not assigned", remedy)
    return user


def _milestone(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    title = do.milestone
    if title is None or title == draft.seen.milestone:
        return draft
    found = [one for one in desk.snapshot.milestones(draft.issue.ref.project_id) if one.active]
    milestone = next((one for one in found if one.title == title), None)
    if milestone is None:
        message = f"{draft.issue.project} has no active milestone {title!r}: it gets none"
        raise impossible(draft, message, "Make it in GitLab, or mend the policy.")
    if undone.had_milestone(desk, draft.issue):
        return draft
    choice = MilestoneChoice(id=milestone.id, title=milestone.title)
    return replace(draft.showing(milestone=milestone.title), milestone=choice)


def _due(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    if do.due is None or draft.seen.due_date is not None or undone.had_due_date(desk, draft.issue):
        return draft
    return draft.showing(due_date=due_day(do.due, draft.group, desk))


def due_day(rule: DueRule, group: Subject | None, desk: Desk) -> date:
    """So many days from today; always a working day of the group's sponsor after today."""
    today, calendar = desk.today(group), desk.calendar(group)
    return max(_counted(rule, today, calendar), calendar.add(today, 1))


def _counted(rule: DueRule, today: date, calendar: WorkingCalendar) -> date:
    if rule.unit is DueUnit.WORKING_DAYS:
        return calendar.add(today, rule.count)
    return calendar.on_or_before(date.fromordinal(today.toordinal() + rule.count))


def _place(do: TriageAction, draft: Draft, desk: Desk) -> Draft:
    if do.move is None or draft.seen.project.casefold() == do.move.casefold():
        return draft
    project = desk.writable(do.move)
    if isinstance(project, str):
        remedy = "Give the token's user the role Planner or above there, or mend the policy."
        raise impossible(draft, f"it is not moved: {project}", remedy)
    if undone.was_moved(desk, draft.issue):
        return draft
    return draft.showing(project=project.path)


_DEEDS: tuple[Deed, ...] = (_labels, _state, _assignee, _milestone, _due, _place)

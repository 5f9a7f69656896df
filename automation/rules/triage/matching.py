"""Which issues a policy looks at: as lists that GitLab filters, and on a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from automation.model.issue import Issue, IssueQuery
from automation.model.where import Where, Window


def queries(where: Where, now: datetime) -> tuple[IssueQuery, ...]:
    """The lists that GitLab filters for a policy, one for each choice of labels."""
    return tuple(
        IssueQuery(
            place=where.group or where.project or "",
            in_group=where.group is not None,
            state=where.state,
            labels=labels,
            without=where.unwanted,
            author=where.author,
            not_author=where.excluded.author,
            assignee=where.assignee,
            not_assignee=where.excluded.assignee,
            milestone=where.milestone,
            not_milestone=where.excluded.milestone,
            type=where.type,
            confidential=where.confidential,
            due=where.due,
            created_after=_begin(where.created, now),
            created_before=_end(where.created, now),
            updated_after=_begin(where.updated, now),
            updated_before=_end(where.updated, now),
        )
        for labels in where.label_sets
    )


def _begin(window: Window | None, now: datetime) -> datetime | None:
    return window.after.at(now) if window and window.after else None


def _end(window: Window | None, now: datetime) -> datetime | None:
    return window.before.at(now) if window and window.before else None


_BY_CLOCK = {"upcoming", "started"}


def admits(where: Where, before: Issue, seen: Issue, *, listed: bool, now: datetime) -> bool:
    """Whether an issue that rules changed is still, or now, one of the policy's.

    `listed`: whether GitLab had it in the policy's lists. What no rule changed is then
    as it should be; what only GitLab can tell is not so otherwise.
    """
    if seen is before:
        return listed
    if not listed and not _as_ever(where, seen, now):
        return False
    return all(_as_changed(where, before, seen, listed=listed))


def _as_changed(where: Where, before: Issue, seen: Issue, *, listed: bool) -> Iterator[bool]:
    """What rules may change: place, state, labels, assignees, milestone, due date."""
    names = [user.username.casefold() for user in seen.assignees]
    titles = [seen.milestone.casefold()] if seen.milestone else []
    yield where.state in {"all", "opened" if seen.opened else "closed"}
    yield _lies_in(where, seen)
    yield any(seen.labels.issuperset(labels) for labels in where.label_sets)
    yield seen.labels.isdisjoint(where.unwanted)
    yield _chosen(where.assignee, names)
    yield where.excluded.assignee is None or where.excluded.assignee.casefold() not in names
    if where.milestone in _BY_CLOCK:
        yield listed and seen.milestone == before.milestone
    else:
        yield _chosen(where.milestone, titles)
    yield where.excluded.milestone is None or where.excluded.milestone.casefold() not in titles
    if where.due in {None, "none", "any"}:
        yield _chosen(where.due, [str(seen.due_date)] if seen.due_date else [])
    else:
        yield listed and seen.due_date == before.due_date


def _as_ever(where: Where, seen: Issue, now: datetime) -> bool:
    """What no rule changes. An issue that a rule changes is updated now."""
    author = seen.author.username.casefold()
    updated = where.updated
    return (
        _chosen(where.author, [author])
        and (where.excluded.author is None or where.excluded.author.casefold() != author)
        and where.type in {None, seen.type}
        and where.confidential in {None, seen.confidential}
        and _in_window(where.created, seen.created_at, now)
        and (updated is None or _in_window(updated, now, now))
    )


def _lies_in(where: Where, seen: Issue) -> bool:
    if where.group is not None:
        return seen.project.casefold().startswith(f"{where.group.casefold()}/")
    return seen.project.casefold() == (where.project or "").casefold()


def _chosen(wanted: str | None, found: list[str]) -> bool:
    """Whether a choice by name, or by `none` or `any`, takes what was found."""
    by_word = {None: True, "none": not found, "any": bool(found)}
    return by_word.get(wanted, (wanted or "").casefold() in found)


def _in_window(window: Window | None, moment: datetime, now: datetime) -> bool:
    after, before = _begin(window, now), _end(window, now)
    return (after is None or moment >= after) and (before is None or moment < before)

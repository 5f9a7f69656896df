"""The filters of the issue lists, as conditions on a query.

Which there are, what they take and what they refuse is in GitLab's ``lib/api/issues.rb``,
``lib/api/helpers/issues_helpers.rb`` and their ``ee`` halves. Every function takes parameters
and returns conditions; none of them decides who sees what.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from automation.sandbox.call import Call
from automation.sandbox.errors import grape
from automation.sandbox.params import Params
from automation.sandbox.schema import (
    Issue,
    IssueAssignee,
    IssueLabel,
    Label,
    Milestone,
    User,
)
from automation.sandbox.schema_issues import AwardEmoji

Condition = ColumnElement[bool]
_TIMES = {
    "created_after": ("created_at", False), "created_before": ("created_at", True),
    "updated_after": ("updated_at", False), "updated_before": ("updated_at", True),
}  # fmt: skip
_TYPES = ("issue", "incident", "test_case", "task")
_NONE_ANY = ("none", "any")
_NUMBER = "should be an integer, 'None' or 'Any'"
_TIMEBOXES = ("Any", "None", "Upcoming", "Started")
_EXCLUSIVE = (
    ("milestone_id", "milestone"), ("author_id", "author_username"),
    ("assignee_id", "assignee_username"), ("iteration_id", "iteration_title"),
)  # fmt: skip


def _bears(title: str) -> Condition:
    return Issue.id.in_(
        select(IssueLabel.issue_id)
        .join(Label, Label.id == IssueLabel.label_id)
        .where(Label.title == title)
    )


def _labelled() -> Condition:
    return Issue.id.in_(select(IssueLabel.issue_id))


def _assigned(where: Condition | None = None) -> Condition:
    wanted = select(IssueAssignee.issue_id)
    if where is not None:
        wanted = wanted.join(User, User.id == IssueAssignee.user_id).where(where)
    return Issue.id.in_(wanted)


def _label_conditions(params: Params) -> list[Condition]:
    titles = params.strings("labels")
    words = {title.lower() for title in titles}
    if words & {"none", "no label"}:
        return [not_(_labelled())]
    if "any" in words:
        return [_labelled()]
    return [_bears(title) for title in titles]


def _authors(params: Params) -> list[Condition]:
    conditions: list[Condition] = []
    if (author_id := params.integer("author_id")) is not None:
        conditions.append(Issue.author_id == author_id)
    if author := params.text("author_username"):
        conditions.append(
            Issue.author_id.in_(select(User.id).where(func.lower(User.username) == author.lower()))
        )
    return conditions


def _assignees(params: Params, wanted: int | str | None, *, several: bool) -> list[Condition]:
    names = params.strings("assignee_username")
    if len(names) > 1 and not several:
        raise params.refusal(
            "assignee_username", f"allows one value, but found {len(names)}: {', '.join(names)}"
        )
    conditions = [_assigned(func.lower(User.username) == name.lower()) for name in names]
    if wanted in ("none", 0):
        conditions.append(not_(_assigned()))
    elif wanted == "any":
        conditions.append(_assigned())
    elif wanted is not None:
        conditions.append(_assigned(User.id == wanted))
    return conditions


def _milestone(params: Params, today: str) -> list[Condition]:
    timebox, title = params.choice("milestone_id", _TIMEBOXES), params.text("milestone")
    word = (timebox or title or "").lower()
    if timebox or word in _NONE_ANY:
        return [_timebox(word, today)]
    return [_in_milestone(Milestone.title == title)] if title else []


def _in_milestone(where: Condition) -> Condition:
    return Issue.milestone_id.in_(select(Milestone.id).where(where))


def _timebox(word: str, today: str) -> Condition:
    """None, any, due in the future, or open and begun: so the REST lists mean it."""
    if word == "none":
        return Issue.milestone_id.is_(None)
    if word == "any":
        return Issue.milestone_id.is_not(None)
    if word == "upcoming":
        return _in_milestone(and_(Milestone.state == "active", Milestone.due_date > today))
    return _in_milestone(and_(Milestone.state == "active", Milestone.start_date <= today))


def _reaction(call: Call, params: Params) -> list[Condition]:
    """By what the caller awarded to the issue."""
    name = params.text("my_reaction_emoji")
    if not name or call.user is None:
        return []
    mine = (AwardEmoji.user_id == call.user.id) & AwardEmoji.note_id.is_(None)
    if name.lower() not in _NONE_ANY:
        mine = mine & (AwardEmoji.name == name)
    given = Issue.id.in_(select(AwardEmoji.issue_id).where(mine))
    return [not_(given) if name.lower() == "none" else given]


def _paid(call: Call, params: Params) -> list[Condition]:
    """What only paid tiers have; elsewhere these are read, and that is all."""
    weight = params.number_or("weight", _NONE_ANY, _NUMBER)
    epic = params.number_or("epic_id", _NONE_ANY, _NUMBER)
    timebox = params.number_or(
        "iteration_id",
        ("none", "any", "current"),
        "should be an integer, 'none', 'any' or 'current'",
    )
    if not call.premium:
        return []
    conditions: list[Condition] = []
    if weight in _NONE_ANY:
        conditions.append(Issue.weight.is_(None) if weight == "none" else Issue.weight.is_not(None))
    elif weight is not None:
        conditions.append(Issue.weight == weight)
    if (epic, timebox) != (None, None) or params.text("iteration_title"):
        # No issue here has an epic or an iteration.
        none = epic in (None, "none") and timebox in (None, "none")
        conditions += [] if none and not params.text("iteration_title") else [false()]
    return conditions


def _search(params: Params) -> list[Condition]:
    text = params.text("search")
    if not text:
        return []
    fields = params.strings("in") or ["title", "description"]
    columns: list[Any] = [getattr(Issue, f) for f in fields if f in ("title", "description")]
    return [
        or_(false(), *(column.icontains(word, autoescape=True) for column in columns))
        for word in text.split()
    ]


def _times(params: Params) -> list[Condition]:
    conditions: list[Condition] = []
    for name, (field, upper) in _TIMES.items():
        if moment := params.time(name):
            column = getattr(Issue, field)
            conditions.append(column <= moment if upper else column >= moment)
    return conditions


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _due(params: Params, today: date) -> list[Condition]:
    word = params.text("due_date")
    if not word:
        return []
    due = Issue.due_date
    monday = today - timedelta(days=today.weekday())
    tomorrow = (today + timedelta(days=1)).isoformat()
    month_end = _month_end(today)
    next_month_end = _month_end(month_end + timedelta(days=1))
    known: dict[str, Condition] = {
        "0": due.is_(None), "any": due.is_not(None),
        "today": due == today.isoformat(), "tomorrow": due == tomorrow,
        "overdue": due < today.isoformat(),
        "week": due.between(monday.isoformat(), (monday + timedelta(days=6)).isoformat()),
        "month": due.between(today.replace(day=1).isoformat(), month_end.isoformat()),
        "next_month_and_previous_two_weeks": due.between(
            (today - timedelta(days=14)).isoformat(),
            next_month_end.isoformat(),
        ),
    }  # fmt: skip
    if word not in known:
        raise grape("due_date does not have a valid value")
    return [known[word]]


def _negated(call: Call, params: Params) -> list[Condition]:
    """``not[…]``: each value on its own must not hold."""
    for pair in _EXCLUSIVE:
        params.exclusive(*pair)
    wanted = params.integer("assignee_id")
    conditions = [
        *map(_bears, params.strings("labels")), *_authors(params),
        *_assignees(params, wanted, several=call.premium),
        *_milestone(params, call.today), *_reaction(call, params), *_paid(call, params),
    ]  # fmt: skip
    iids = params.integers("iids")
    if iids:
        conditions.append(Issue.iid.in_(iids))
    # What is null, such as no milestone or no weight, is not the one that is unwanted.
    return [not_(func.coalesce(condition, False)) for condition in conditions]


def _plain(params: Params) -> list[Condition]:
    conditions: list[Condition] = []
    if params.has("iids"):
        conditions.append(Issue.iid.in_(params.integers("iids")))
    if (secret := params.flag("confidential")) is not None:
        conditions.append(Issue.confidential == secret)
    return conditions


def _scope(call: Call, default: str) -> list[Condition]:
    scopes = ("created-by-me", "assigned-to-me", "created_by_me", "assigned_to_me", "all")
    scope = (call.params.choice("scope", scopes, default) or default).replace("-", "_")
    if scope == "all":
        return []
    if call.user is None:
        return [false()]
    if scope == "created_by_me":
        return [Issue.author_id == call.user.id]
    return [_assigned(User.id == call.user.id)]


def counted(call: Call, wanted: Select[Issue], scope: str) -> Select[Issue]:
    """The query narrowed by what statistics take."""
    params = call.params
    for pair in _EXCLUSIVE:
        params.exclusive(*pair)
    assignee = params.number_or("assignee_id", _NONE_ANY, _NUMBER)
    conditions = [
        *_plain(params), *_label_conditions(params), *_authors(params),
        *_assignees(params, assignee, several=call.premium), *_milestone(params, call.today),
        *_reaction(call, params), *_paid(call, params), *_search(params), *_times(params),
        *_negated(call, params.sub("not")), *_scope(call, scope),
    ]  # fmt: skip
    return wanted.where(and_(True, *conditions))


def filtered(call: Call, wanted: Select[Issue], scope: str) -> Select[Issue]:
    """The query narrowed by all that a list takes."""
    params = call.params
    conditions = _due(params, call.store.clock.now().date())
    state = params.choice("state", ("opened", "closed", "all"), "all")
    if state != "all":
        conditions.append(Issue.state == state)
    if kind := params.choice("issue_type", _TYPES):
        conditions.append(Issue.issue_type == kind)
    if (closer := params.integer("closed_by_id")) is not None:
        conditions.append(Issue.closed_by_id == closer)
    return counted(call, wanted.where(and_(True, *conditions)), scope)

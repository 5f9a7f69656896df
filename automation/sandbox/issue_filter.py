"""The filters of the issue lists, as conditions on a query.

Every function takes parameters and returns conditions; none of them decides who sees what.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from automation.sandbox.call import Call
from automation.sandbox.errors import ApiError, grape
from automation.sandbox.params import Params
from automation.sandbox.schema import (
    Issue,
    IssueAssignee,
    IssueLabel,
    Label,
    Milestone,
    User,
)

Condition = ColumnElement[bool]
_TIMES = {
    "created_after": ("created_at", False), "created_before": ("created_at", True),
    "updated_after": ("updated_at", False), "updated_before": ("updated_at", True),
}  # fmt: skip
_TYPES = ("issue", "incident", "test_case", "task")


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


def _user_id(column: Any, params: Params, name: str) -> Condition | None:
    text = params.text(name)
    if not text:
        return None
    word = text.lower()
    if word in ("none", "any"):
        return _assigned() if word == "any" else not_(_assigned())
    if name == "assignee_id" and word == "0":
        return not_(_assigned())
    wanted = params.integer(name)
    return _assigned(User.id == wanted) if name == "assignee_id" else column == wanted


def _label_conditions(params: Params) -> list[Condition]:
    titles = params.strings("labels")
    words = {title.lower() for title in titles}
    if words & {"none", "no label"}:
        return [not_(_labelled())]
    if "any" in words:
        return [_labelled()]
    return [_bears(title) for title in titles]


def _people(params: Params) -> list[Condition]:
    conditions = [
        _user_id(Issue.author_id, params, "author_id"),
        _user_id(None, params, "assignee_id"),
    ]
    if author := params.text("author_username"):
        conditions.append(
            Issue.author_id.in_(select(User.id).where(func.lower(User.username) == author.lower()))
        )
    names = params.strings("assignee_username")
    conditions += [_assigned(func.lower(User.username) == name.lower()) for name in names]
    return [condition for condition in conditions if condition is not None]


def _milestone(params: Params) -> list[Condition]:
    title = params.text("milestone")
    if not title:
        return []
    if title.lower() == "none":
        return [Issue.milestone_id.is_(None)]
    if title.lower() == "any":
        return [Issue.milestone_id.is_not(None)]
    # Said twice, so that its negation holds for issues without a milestone.
    titled = Issue.milestone_id.in_(select(Milestone.id).where(Milestone.title == title))
    return [and_(Issue.milestone_id.is_not(None), titled)]


def _odd(params: Params) -> list[Condition]:
    """Filters by what nobody does here, and by a milestone's id as far as that goes."""
    conditions: list[Condition] = []
    reaction = params.text("my_reaction_emoji")
    if reaction and reaction.lower() != "none":
        conditions.append(false())
    word = (params.text("milestone_id") or "").lower()
    if word and word not in ("none", "any"):
        raise ApiError(400, {"error": "The embedded GitLab knows milestone_id=None and Any only"})
    if word:
        set_ = Issue.milestone_id.is_not(None)
        conditions.append(set_ if word == "any" else not_(set_))
    return conditions


def _weight(call: Call) -> list[Condition]:
    word = (call.params.text("weight") or "").lower() if call.premium else ""
    if not word:
        return []
    if word in ("none", "any"):
        return [Issue.weight.is_not(None) if word == "any" else Issue.weight.is_(None)]
    return [Issue.weight == call.params.integer("weight")]


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
        "0": due.is_(None), "none": due.is_(None), "any": due.is_not(None),
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


def _negated(params: Params) -> list[Condition]:
    """``not[…]``: each value on its own must not hold."""
    conditions = [not_(_bears(title)) for title in params.strings("labels")]
    conditions += [not_(condition) for condition in _people(params)]
    conditions += [not_(condition) for condition in _milestone(params)]
    if iids := params.integers("iids"):
        conditions.append(Issue.iid.not_in(iids))
    return conditions


def _plain(params: Params) -> list[Condition]:
    conditions: list[Condition] = []
    state = params.choice("state", ("opened", "closed", "all"), "all")
    if state != "all":
        conditions.append(Issue.state == state)
    if params.has("iids"):
        conditions.append(Issue.iid.in_(params.integers("iids")))
    if (secret := params.flag("confidential")) is not None:
        conditions.append(Issue.confidential == secret)
    if kind := params.choice("issue_type", _TYPES):
        conditions.append(Issue.issue_type == kind)
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


def filtered(call: Call, wanted: Select[Issue], scope: str) -> Select[Issue]:
    """The query narrowed by all that the request asks for."""
    params = call.params
    today = call.store.clock.now().date()
    conditions = [
        *_plain(params), *_label_conditions(params), *_people(params), *_milestone(params),
        *_odd(params), *_weight(call), *_search(params), *_times(params), *_due(params, today),
        *_negated(params.sub("not")), *_scope(call, scope),
    ]  # fmt: skip
    return wanted.where(and_(True, *conditions))

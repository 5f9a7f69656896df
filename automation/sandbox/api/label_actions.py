"""What labels do beside being labels: rise to the group, and be followed.

Sources: `lib/api/helpers/label_helpers.rb`, `lib/api/subscriptions.rb`,
`app/services/labels/promote_service.rb`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update

from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.api.label_views import Place, present
from automation.sandbox.api.labels import named
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, grape, message
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Event,
    IssueLabel,
    Label,
    LabelPriority,
    LabelSubscription,
    Namespace,
    Project,
)
from automation.sandbox.schema_boards import BoardLabel, BoardList

ROUTES = Router()
_NO_GROUP = "Failed to promote project label to group label"


def _promote(call: Call, name: str) -> Any:
    project = find.project(call)
    group = project.namespace
    if group.kind != "group":
        raise message(400, _NO_GROUP)
    if call.access.group_level(group) < PLANNER:
        raise forbidden()
    label = named(call, project, name, ancestors=False)
    if label.project_id is None:
        raise message(400, _NO_GROUP)
    return present(call, group, [_risen(call, group, label)])[0]


def _risen(call: Call, group: Namespace, label: Label) -> Label:
    """The group's label of that title, after it took in those of the projects below."""
    above = select(Label).where(Label.title == label.title, Label.group_id == group.id)
    new = call.session.scalar(above)
    if new is None:
        new = Label(
            title=label.title, color=label.color, description=label.description,
            archived=label.archived, group_id=group.id, created_at=call.now, updated_at=call.now,
        )  # fmt: skip
        call.session.add(new)
        call.session.flush()
    below = (
        select(Project.id)
        .join(Namespace)
        .where(Namespace.lineage.startswith(group.lineage, autoescape=True))
    )
    same = select(Label.id).where(Label.title == label.title, Label.project_id.in_(below))
    old = list(call.session.scalars(same))
    _hand_over(call, old, new.id)
    return new


def _hand_over(call: Call, old: list[int], new: int) -> None:
    """Let all that points to the old labels point to the new one, then drop them."""
    for column in (
        IssueLabel.label_id, BoardList.label_id, BoardLabel.label_id, LabelPriority.label_id,
        LabelSubscription.label_id, Event.label_id,
    ):  # fmt: skip
        rows = update(column.class_).where(column.in_(old))
        call.session.execute(rows.values({column.key: new}).prefix_with("OR IGNORE"))
    call.session.execute(delete(Label).where(Label.id.in_(old)))


@ROUTES.add("PUT", "/projects/:id/labels/:label_id/promote")
def promote(call: Call) -> Any:
    """Make a project's label one of its group."""
    return _promote(call, call.path["label_id"])


@ROUTES.add("PUT", "/projects/:id/labels/promote")
def promote_by_name(call: Call) -> Any:
    """The old form, which names the label in the parameters."""
    if not call.params.has("name"):
        raise grape("name is missing")
    return _promote(call, call.params.need("name"))


def _place(call: Call, kind: str) -> Place:
    return find.project(call) if kind == "projects" else find.group(call)


def _mine(call: Call, place: Place, label: Label) -> LabelSubscription | None:
    return call.session.scalar(
        select(LabelSubscription).where(
            LabelSubscription.label_id == label.id,
            LabelSubscription.user_id == call.me.id,
            LabelSubscription.project_id == _scope(place),
        )
    )


def _scope(place: Place) -> int | None:
    return place.id if isinstance(place, Project) else None


def _subscribe(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    label = named(call, place, call.path["label_id"])
    if _mine(call, place, label):
        return Reply(304, None)
    call.session.add(
        LabelSubscription(label_id=label.id, user_id=call.me.id, project_id=_scope(place))
    )
    call.session.flush()
    return present(call, place, [label])[0]


def _unsubscribe(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    label = named(call, place, call.path["label_id"])
    held = _mine(call, place, label)
    if held is None:
        return Reply(304, None)
    call.session.delete(held)
    call.session.flush()
    return present(call, place, [label])[0]


def _register(kind: str, verb: str, act: Callable[[Call, str], Any]) -> None:
    ROUTES.add("POST", f"/{kind}/:id/labels/:label_id/{verb}")(lambda call: act(call, kind))


for _kind in ("projects", "groups"):
    _register(_kind, "subscribe", _subscribe)
    _register(_kind, "unsubscribe", _unsubscribe)

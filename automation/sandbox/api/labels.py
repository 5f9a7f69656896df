"""Labels of projects and groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, delete, false, func, or_, select

from automation.sandbox import labelling
from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import forbidden, grape, invalid, message, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import (
    Issue,
    IssueLabel,
    Label,
    LabelPriority,
    Namespace,
    Project,
)
from automation.sandbox.shapes import places

ROUTES = Router()
Place = Project | Namespace
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_NAMED = {"red": "#ff0000", "green": "#008000", "blue": "#0000ff", "yellow": "#ffff00",
          "orange": "#ffa500", "purple": "#800080", "black": "#000000", "white": "#ffffff",
          "gray": "#808080", "grey": "#808080", "pink": "#ffc0cb", "brown": "#a52a2a"}  # fmt: skip


def _place(call: Call, kind: str) -> Place:
    return find.project(call) if kind == "projects" else find.group(call)


def _managed(call: Call, kind: str) -> Place:
    place = _place(call, kind)
    if isinstance(place, Project):
        allowed = call.access.manages_issues(place)
    else:
        allowed = call.access.group_level(place) >= PLANNER
    if not allowed:
        raise forbidden()
    return place


def _present(call: Call, place: Place, rows: list[Label]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    in_project = isinstance(place, Project)
    priorities: dict[int, int] = {}
    if in_project:
        priorities = dict(
            call.session.execute(
                select(LabelPriority.label_id, LabelPriority.priority).where(
                    LabelPriority.project_id == place.id, LabelPriority.label_id.in_(ids)
                )
            ).all()
        )
    counts = _counts(call, place, ids) if call.params.flag("with_counts") else None
    return [
        places.label(
            row,
            priorities.get(row.id),
            None if counts is None else counts.get(row.id, (0, 0)),
            in_project=in_project,
        )
        for row in rows
    ]


def _counts(call: Call, place: Place, ids: list[int]) -> dict[int, tuple[int, int]]:
    wanted = (
        select(IssueLabel.label_id, Issue.state, func.count())
        .join(Issue, Issue.id == IssueLabel.issue_id)
        .where(IssueLabel.label_id.in_(ids))
        .group_by(IssueLabel.label_id, Issue.state)
    )
    if isinstance(place, Project):
        wanted = wanted.where(Issue.project_id == place.id)
    result: dict[int, tuple[int, int]] = {}
    for label_id, state, count in call.session.execute(wanted):
        opened, closed = result.get(label_id, (0, 0))
        result[label_id] = (count, closed) if state == "opened" else (opened, count)
    return result


def _list(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    ancestors = params.flag("include_ancestor_groups", default=kind == "projects")
    where = labelling.known_to(place, ancestors=bool(ancestors))
    if isinstance(place, Namespace) and params.flag("include_descendant_groups"):
        below = select(Namespace.id).where(Namespace.lineage.startswith(place.lineage))
        where = or_(where, Label.group_id.in_(below))
    wanted = select(Label).where(where).order_by(Label.title, Label.id)
    if text := params.text("search"):
        wanted = wanted.where(
            or_(
                Label.title.icontains(text, autoescape=True),
                Label.description.icontains(text, autoescape=True),
            )
        )
    if params.flag("archived"):
        wanted = wanted.where(false())  # no label here is ever archived
    return _present(call, place, paginate(call, wanted, Label.id))


def _one(call: Call, place: Place, *, ancestors: bool = True) -> Label:
    name = call.path["label_id"]
    known: Select[Label] = select(Label).where(labelling.known_to(place, ancestors=ancestors))
    row = call.session.scalar(known.where(Label.id == int(name))) if name.isdigit() else None
    row = row or call.session.scalar(known.where(Label.title == name))
    if row is None:
        raise not_found("Label")
    return row


def _color(text: str) -> str:
    color = _NAMED.get(text.strip().lower(), text.strip())
    if not _COLOR.fullmatch(color):
        raise invalid({"color": ["must be a valid color code"]})
    return color


def _title(text: str) -> str:
    title = text.strip()
    if not title:
        raise invalid({"title": ["can't be blank", "is invalid"]})
    if "," in title:
        raise invalid({"title": ["is invalid"]})
    if len(title) > 255:
        raise invalid({"title": ["is too long (maximum is 255 characters)"]})
    return title


def _create(call: Call, kind: str) -> Any:
    place, params = _managed(call, kind), call.params
    title, color = params.need("name"), params.need("color")
    known = select(Label.id).where(labelling.known_to(place), Label.title == title.strip())
    if call.session.scalar(known):
        raise message(409, "Label already exists")
    title = _title(title)
    where = {"project_id" if kind == "projects" else "group_id": place.id}
    row = Label(
        title=title, color=_color(color), description=params.text("description"),
        created_at=call.now, updated_at=call.now, **where,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    _prioritize(call, place, row)
    return _present(call, place, [row])[0]


def _prioritize(call: Call, place: Place, row: Label) -> None:
    if not isinstance(place, Project) or not call.params.has("priority"):
        return
    priority = call.params.integer("priority")
    call.session.execute(
        delete(LabelPriority).where(
            LabelPriority.project_id == place.id, LabelPriority.label_id == row.id
        )
    )
    if priority is not None:
        call.session.add(LabelPriority(project_id=place.id, label_id=row.id, priority=priority))
        call.session.flush()


def _rename(call: Call, place: Place, row: Label, name: str) -> None:
    title = _title(name)
    taken = select(Label.id).where(
        labelling.known_to(place), Label.title == title, Label.id != row.id
    )
    if call.session.scalar(taken):
        raise invalid({"title": ["has already been taken"]})
    row.title = title


def _update(call: Call, kind: str) -> Any:
    place, params = _managed(call, kind), call.params
    fields = ("new_name", "color", "description", "priority")
    if not params.any_of(fields):
        raise grape(f"{', '.join(fields)} are missing, at least one parameter must be provided")
    row = _one(call, place, ancestors=False)
    if name := params.text("new_name"):
        _rename(call, place, row, name)
    if (color := params.text("color")) is not None:
        row.color = _color(color)
    if params.has("description"):
        row.description = params.text("description")
    row.updated_at = call.now
    _prioritize(call, place, row)
    return _present(call, place, [row])[0]


def _delete(call: Call, kind: str) -> Any:
    place = _managed(call, kind)
    call.session.delete(_one(call, place, ancestors=False))
    return Reply(204, None)


def _by_parameter(act: Callable[[Call, str], Any], kind: str) -> Callable[[Call], Any]:
    """The old form, which names the label by ``name`` or ``label_id`` in the parameters."""

    def handler(call: Call) -> Any:
        name = call.params.text("label_id") or call.params.text("name")
        if name is None:
            raise grape("label_id, name are missing, exactly one parameter must be provided")
        call.path["label_id"] = name
        return act(call, kind)

    return handler


def _register(kind: str) -> None:
    base = f"/{kind}/:id/labels"
    one = f"{base}/:label_id"
    ROUTES.add("GET", base)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _update(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))
    ROUTES.add("PUT", base)(_by_parameter(_update, kind))
    ROUTES.add("DELETE", base)(_by_parameter(_delete, kind))


def _show(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    return _present(call, place, [_one(call, place)])[0]


for _kind in ("projects", "groups"):
    _register(_kind)

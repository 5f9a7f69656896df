"""Labels of projects and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select

from automation.sandbox import labelling
from automation.sandbox.access import PLANNER
from automation.sandbox.api import find
from automation.sandbox.api.label_views import present
from automation.sandbox.call import Call
from automation.sandbox.colors import hexadecimal
from automation.sandbox.errors import forbidden, grape, invalid, message, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.project_filter import visible
from automation.sandbox.routing import Router
from automation.sandbox.schema import Label, LabelPriority, Namespace, Project

ROUTES = Router()
Place = Project | Namespace
_CHANGES = {
    "projects": ("new_name", "color", "description", "priority", "archived"),
    "groups": ("new_name", "color", "description", "archived"),
}


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


def _list(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    wanted = select(Label).where(_asked_for(call, place)).order_by(Label.title, Label.id)
    if text := params.text("search"):
        fields = (Label.title, Label.description)
        wanted = wanted.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    if (archived := params.flag("archived")) is not None:
        wanted = wanted.where(Label.archived == archived)
    return present(call, place, paginate(call, wanted, Label.id))


def _asked_for(call: Call, place: Place) -> ColumnElement[bool]:
    """A condition: the floors that the request wants labels of, upwards unless declined."""
    params = call.params
    ancestors = params.flag("include_ancestor_groups", default=True) is True
    where = labelling.known_to(place, ancestors=ancestors)
    if isinstance(place, Project):
        return where
    groups: ColumnElement[bool] = Namespace.id == place.id
    if params.flag("include_descendant_groups"):
        groups = Namespace.lineage.startswith(place.lineage, autoescape=True)
        where = or_(where, Label.group_id.in_(select(Namespace.id).where(groups)))
    if params.flag("only_group_labels", default=True) is False:
        inside = select(Project.id).join(Namespace).where(groups)
        where = or_(where, Label.project_id.in_(visible(call, inside)))
    return where


def named(call: Call, place: Place, name: str, *, ancestors: bool = True) -> Label:
    """The label of that id, or else of that title.

    Raises:
        ApiError: 404.
    """
    known: Select[Label] = select(Label).where(labelling.known_to(place, ancestors=ancestors))
    row = call.session.scalar(known.where(Label.id == int(name))) if name.isdigit() else None
    row = row or call.session.scalar(known.where(Label.title == name))
    if row is None:
        raise not_found("Label")
    return row


def _color(text: str) -> str:
    color = hexadecimal(text)
    if color is None:
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
        archived=params.flag("archived") is True, created_at=call.now, updated_at=call.now, **where,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    _prioritize(call, place, row)
    return present(call, place, [row])[0]


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


def _own(call: Call, row: Label) -> None:
    """Refuse to let a label of the group above be changed by who may not change it there."""
    group = call.session.get(Namespace, row.group_id) if row.group_id else None
    if group is not None and call.access.group_level(group) < PLANNER:
        raise forbidden()


def _update(call: Call, kind: str) -> Any:
    place, params = _managed(call, kind), call.params
    fields = _CHANGES[kind]
    if not params.any_of(fields):
        raise grape(f"{', '.join(fields)} are missing, at least one parameter must be provided")
    row = named(call, place, call.path["label_id"], ancestors=False)
    if params.any_of([field for field in fields if field != "priority"]):
        _own(call, row)
    if name := params.text("new_name"):
        _rename(call, place, row, name)
    if (color := params.text("color")) is not None:
        row.color = _color(color)
    if params.has("description"):
        row.description = params.text("description")
    row.archived = params.flag("archived", row.archived) is True
    row.updated_at = call.now
    _prioritize(call, place, row)
    return present(call, place, [row])[0]


def _delete(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    row = named(call, place, call.path["label_id"], ancestors=False)
    _managed(call, kind)
    _own(call, row)
    call.unchanged(row.updated_at)
    call.session.delete(row)


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
    ROUTES.add("GET", base, login=True)(lambda call: _list(call, kind))
    ROUTES.add("POST", base)(lambda call: _create(call, kind))
    ROUTES.add("GET", one, login=True)(lambda call: _show(call, kind))
    ROUTES.add("PUT", one)(lambda call: _update(call, kind))
    ROUTES.add("DELETE", one)(lambda call: _delete(call, kind))
    ROUTES.add("PUT", base)(_by_parameter(_update, kind))
    ROUTES.add("DELETE", base)(_by_parameter(_delete, kind))


def _show(call: Call, kind: str) -> Any:
    place = _place(call, kind)
    ancestors = call.params.flag("include_ancestor_groups", default=True) is True
    row = named(call, place, call.path["label_id"], ancestors=ancestors)
    return present(call, place, [row])[0]


for _kind in ("projects", "groups"):
    _register(_kind)

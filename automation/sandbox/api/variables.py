"""CI/CD variables of projects and groups.

Sources: GitLab's documentation, "Project-level CI/CD variables API" and "Group-level
Variables API"; `lib/api/ci/variables.rb`, `lib/api/group_variables.rb`,
`app/models/concerns/ci/maskable.rb` and `hidable_variable.rb`. A group's environment scopes
are paid, so that the free tier leaves that parameter out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, select

from automation.sandbox.access import MAINTAINER, OWNER
from automation.sandbox.api import find
from automation.sandbox.api.pipelines import TYPES, check_key
from automation.sandbox.call import Call
from automation.sandbox.errors import forbidden, invalid, message, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Namespace, Project
from automation.sandbox.schema_pipelines import Variable
from automation.sandbox.shapes import pipelines

ROUTES = Router()
Place = Project | Namespace
_MASKABLE = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
_MASKABLE_RAW = re.compile(r"\S{8,}")
_HIDDEN = "The visibility setting cannot be changed for masked and hidden variables."
_SEVERAL = (
    "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
)


def _place(call: Call, kind: str) -> Place:
    place = find.project(call) if kind == "projects" else find.group(call)
    if isinstance(place, Project):
        allowed = call.access.project_level(place) >= MAINTAINER
    else:
        allowed = call.access.group_level(place) >= OWNER
    if not allowed:
        raise forbidden()
    return place


def _of(place: Place) -> ColumnElement[bool]:
    column = Variable.project_id if isinstance(place, Project) else Variable.group_id
    return column == place.id


def _missing(place: Place) -> Exception:
    return not_found("Variable" if isinstance(place, Project) else "GroupVariable")


def _list(call: Call, kind: str) -> Any:
    wanted = select(Variable).where(_of(_place(call, kind))).order_by(Variable.id)
    return [pipelines.variable(row) for row in paginate(call, wanted, Variable.id)]


def _one(call: Call, place: Place, *, several: bool = False) -> Variable:
    """The variable that the path and the filter name.

    Raises:
        ApiError: 404; 409 where it is one of several, unless the first will do.
    """
    wanted = select(Variable).where(_of(place), Variable.key == call.path["key"])
    if scope := call.params.sub("filter").text("environment_scope"):
        wanted = wanted.where(Variable.environment_scope == scope)
    rows = list(call.session.scalars(wanted.order_by(Variable.id)))
    if len(rows) > 1 and not several:
        raise message(409, _SEVERAL)
    if not rows:
        raise _missing(place)
    return rows[0]


def _show(call: Call, kind: str) -> Any:
    return pipelines.variable(_one(call, _place(call, kind)))


def _scope(call: Call, place: Place, current: str) -> str:
    if isinstance(place, Namespace) and not call.premium:
        return current
    return call.params.text("environment_scope") or current


def _create(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    hidden = params.flag("masked_and_hidden") is True
    row = Variable(
        key=params.need("key"), value=params.need("value"),
        variable_type=params.choice("variable_type", TYPES, "env_var"),
        protected=params.flag("protected") is True, hidden=hidden,
        masked=hidden or params.flag("masked") is True, raw=params.flag("raw") is True,
        environment_scope=_scope(call, place, "*"), description=params.text("description"),
        **{"project_id" if kind == "projects" else "group_id": place.id},
    )  # fmt: skip
    _check(call, place, row)
    call.session.add(row)
    call.session.flush()
    return pipelines.variable(row)


def _edit(call: Call, kind: str) -> Any:
    place, params = _place(call, kind), call.params
    # Groups could not be told the scope once, so there the first of several is changed.
    first = isinstance(place, Namespace) and not params.has("filter")
    row = _one(call, place, several=first)
    if row.hidden and params.flag("masked", default=True) is False:
        raise invalid({"base": [_HIDDEN]})
    with call.session.no_autoflush:
        for flag in ("protected", "masked", "raw"):
            setattr(row, flag, params.flag(flag, getattr(row, flag)))
        row.value = params.text("value", row.value) or ""
        kind_of = params.choice("variable_type", TYPES, row.variable_type)
        row.variable_type = kind_of or row.variable_type
        row.environment_scope = _scope(call, place, row.environment_scope)
        if params.has("description"):
            row.description = params.text("description")
        _check(call, place, row)
    return pipelines.variable(row)


def _check(call: Call, place: Place, row: Variable) -> None:
    check_key(row.key)
    if row.masked and not (_MASKABLE_RAW if row.raw else _MASKABLE).fullmatch(row.value):
        raise invalid({"value": ["is invalid"]})
    same = select(Variable.id).where(
        _of(place),
        Variable.key == row.key,
        Variable.environment_scope == row.environment_scope,
        Variable.id != (row.id or 0),
    )
    if call.session.scalar(same):
        raise invalid({"key": [f"({row.key}) has already been taken"]})


def _remove(call: Call, kind: str) -> Any:
    call.session.delete(_one(call, _place(call, kind)))


def _register(kind: str) -> None:
    def on(method: str, tail: str, act: Callable[[Call, str], Any]) -> None:
        path = f"/{kind}/:id/variables{tail}"
        ROUTES.add(method, path, login=True)(lambda call: act(call, kind))

    on("GET", "", _list)
    on("POST", "", _create)
    on("GET", "/:key", _show)
    on("PUT", "/:key", _edit)
    on("DELETE", "/:key", _remove)


for _kind in ("projects", "groups"):
    _register(_kind)
